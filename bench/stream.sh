#!/usr/bin/env bash
# Streams under load, beside bare relays in the same run. One JSON object a line.
#
#   all       1,000 readers of /v1/stream, each of all 10,000 price updates a second
#   one       1,000 readers, each of one symbol of 15 (40 accounts: 670 updates a second)
#   relay     what a bare relay delivers to 1,000 WebSockets, one encoding each: Node + ws, Kestrel with framing on the pipe
#   idle      5,000 WebSockets that say nothing: CPU and memory
#   price     GET …/price, 32 connections;  positions  GET …/positions, likewise
#
# usage: bench/stream.sh [all one …]      SECS=5 READERS=1000 BASELINES=<folder of the baseline programs> WORK=<scratch folder>
# needs: .NET 10 SDK, g++; for relay node + npm. The server runs on one core, the load on another.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
BASELINES=${BASELINES:-$PWD/../shared/baselines}
WORK=${WORK:-$(mktemp -d)}
SECS=${SECS:-5} READERS=${READERS:-1000} PORT=${PORT:-46201}
cases=("$@"); [ ${#cases[@]} -gt 0 ] || cases=(relay all one idle price positions)
mkdir -p "$WORK"
ulimit -n "$(ulimit -Hn)"
[ -x "$WORK/fanload" ] || g++ -O2 -std=c++20 -o "$WORK/fanload" bench/fanload/fanload.cpp
[ -n "${LOCKSTEP:-}" ] || { dotnet build src/Lockstep.Server -c Release -v q -nologo >&2; LOCKSTEP=src/Lockstep.Server/bin/Release/net10.0/lockstep.dll; }

server=
stop() { [ -z "$server" ] || { kill "$server" 2>/dev/null; wait "$server" 2>/dev/null || true; server=; }; }
trap stop EXIT

# start WORDS-IN-LOG command…
start() {
  local words=$1; shift
  taskset -c 0 "$@" > "$WORK/server.log" 2>&1 &
  server=$!
  for _ in $(seq 600); do grep -q "$words" "$WORK/server.log" && return; kill -0 "$server" 2>/dev/null || break; sleep 0.1; done
  echo "stream.sh: did not start: $*" >&2; tail -5 "$WORK/server.log" >&2; exit 1
}

ours() {
  rm -rf "$WORK/data"
  { echo '{ "server": { "auth": "none" }, "quotes": { "interval": "10ms" }, "links": [], "accounts": {'
    for i in $(seq 40); do [ "$i" = 1 ] || echo ,; echo "\"a$i\": { \"platform\": \"paper\", \"broker\": { \"kind\": \"mt5-hedging\" } }"; done
    echo '} }'; } > "$WORK/lockstep.json"
  start listening dotnet "$LOCKSTEP" serve --config "$WORK/lockstep.json" --port "$PORT" --data "$WORK/data"
  sleep 3
  curl -s "http://127.0.0.1:$PORT/v1/accounts/a1/symbols" | grep -o '"symbol":"[^"]*"' | cut -d'"' -f4 > "$WORK/symbols"
}

# load CASE fanload-arguments…: its line, with the share of one core that the server used
load() {
  local case=$1; shift
  local before after ticks; ticks=$(getconf CLK_TCK)
  before=$(awk '{print $14+$15}' "/proc/$server/stat")
  line=$(taskset -c 1 "$WORK/fanload" "$@")
  after=$(awk '{print $14+$15}' "/proc/$server/stat")
  echo "{\"case\":\"$case\",\"server_cpu_s\":$(awk -v a="$after" -v b="$before" -v t="$ticks" 'BEGIN{printf "%.1f",(a-b)/t}'),\"rss_mb\":$(awk '/VmRSS/{printf "%.0f",$2/1024}' "/proc/$server/status"),\"result\":$line}"
}

# relay NAME: what the relay that runs delivers, as its load client says it
relay() {
  sleep 2
  echo "{\"case\":\"relay, $1\",\"result\":\"$(taskset -c 1 "$WORK/wsload" sat "$PORT" "$READERS" 2 "$SECS" | grep -m1 rate=)\"}"
  stop
}

for case in "${cases[@]}"; do
  case $case in
    all) ours; load all fan "$PORT" "$READERS" "$SECS" '{"type":"subscribe","topics":["prices"]}'; stop;;
    one) ours; load one fan "$PORT" "$READERS" "$SECS" '{"type":"subscribe","topics":["prices"],"symbols":["%S"]}' "$WORK/symbols"; stop;;
    idle) ours; load idle fan "$PORT" 5000 "$SECS" '{"type":"ping"}'; stop;;
    price) ours; load price http "$PORT" 32 "$SECS" "/v1/accounts/a1/price?symbol=$(head -1 "$WORK/symbols")"; stop;;
    positions) ours; load positions http "$PORT" 32 "$SECS" /v1/accounts/a1/positions; stop;;
    relay)
      [ -d "$BASELINES" ] || { echo "stream.sh: there are no baseline programs in $BASELINES (set BASELINES)" >&2; continue; }
      [ -x "$WORK/wsload" ] || g++ -O2 -std=c++20 -o "$WORK/wsload" "$BASELINES/wsload/wsload.cpp"
      [ -f "$WORK/relay/relay.dll" ] || dotnet publish "$BASELINES/dotnet-relay" -c Release -o "$WORK/relay" --artifacts-path "$WORK/relay-obj" -v q -nologo >&2
      [ -d "$WORK/npm/node_modules" ] || { mkdir -p "$WORK/npm" && cp "$BASELINES"/node-relay/* "$WORK/npm" && (cd "$WORK/npm" && npm i --silent >&2); }
      start listening dotnet "$WORK/relay/relay.dll" "$PORT" pipe none; relay "kestrel, own framing"
      start listening node "$WORK/npm/relay.js" "$PORT" none; relay "node ws";;
    *) echo "stream.sh: no case '$case'" >&2; exit 2;;
  esac
done
