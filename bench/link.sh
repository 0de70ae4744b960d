#!/usr/bin/env bash
# The EA link under load, beside bare relays in the same run. One JSON object a line:
#   {"case":"a","ours":{"p50_us":…,"p99_us":…,"per_s":…},"kestrel_fdatasync":{…},"node_redis_always":{…},"node":{…},"ratio_p50":…}
#
#   a       one master, one slave: change in -> command out, durable journal
#   b1000   the same while 1,000 terminals beat;  b10000  while 10,000 do
#   c100    one change to 100 slaves: time to each command, and to the last;  c1000  to 1,000
#   d       saturation: one master, one slave, 64 changes under way; messages a second
#   e       memory of a connected terminal, KiB (ours beside the bare relay on Kestrel)
#
# usage: bench/link.sh [a b1000 …]      SECS=5 RUNS=1 BASELINES=<folder of the baseline programs> WORK=<scratch folder>
# needs: .NET 10 SDK, g++, node + npm, redis-server. The server runs on one core, the load on another.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
BASELINES=${BASELINES:-$root/../shared/baselines}
WORK=${WORK:-$(mktemp -d)}
SECS=${SECS:-5} RUNS=${RUNS:-1}
PORT=${PORT:-46101} REDIS_PORT=${REDIS_PORT:-46391}
cases=("$@"); [ ${#cases[@]} -gt 0 ] || cases=(a b1000 b10000 c100 c1000 d e)
mkdir -p "$WORK"
ulimit -n "$(ulimit -Hn)"

have() { command -v "$1" >/dev/null || { echo "link.sh: $1 is needed" >&2; exit 2; }; }
have dotnet; have g++; have node; have redis-server
[ -d "$BASELINES" ] || { echo "link.sh: there are no baseline programs in $BASELINES (set BASELINES)" >&2; exit 2; }

build() {
  [ -x "$WORK/linkload" ] || g++ -O2 -std=c++20 -o "$WORK/linkload" bench/linkload/linkload.cpp
  [ -x "$WORK/wsload" ] || g++ -O2 -std=c++20 -o "$WORK/wsload" "$BASELINES/wsload/wsload.cpp"
  [ -f "$WORK/relay/relay.dll" ] || dotnet publish "$BASELINES/dotnet-relay" -c Release -o "$WORK/relay" --artifacts-path "$WORK/relay-obj" -v q -nologo >&2
  [ -d "$WORK/npm/node_modules" ] || { mkdir -p "$WORK/npm" && cp "$BASELINES"/node-relay/* "$WORK/npm" && (cd "$WORK/npm" && npm i --silent >&2); }
  dotnet build src/Lockstep.Server -c Release -v q -nologo >&2
}

server= redis=
stop() { [ -z "$server" ] || { kill "$server" 2>/dev/null; wait "$server" 2>/dev/null || true; server=; }; }
trap 'stop; [ -z "$redis" ] || kill "$redis" 2>/dev/null' EXIT

# start WORDS-IN-LOG command…
start() {
  local words=$1; shift
  : > "$WORK/server.log"
  taskset -c 0 "$@" > "$WORK/server.log" 2>&1 &
  server=$!
  for _ in $(seq 600); do grep -q "$words" "$WORK/server.log" && return; kill -0 "$server" 2>/dev/null || break; sleep 0.1; done
  echo "link.sh: did not start: $*" >&2; tail -5 "$WORK/server.log" >&2; exit 1
}

ours_start() { # SLAVES IDLE
  rm -rf "$WORK/ours"
  "$WORK/linkload" config "$WORK/ours" "$1" "$2"
  start '"Now listening\|listening' dotnet src/Lockstep.Server/bin/Release/net10.0/lockstep.dll serve --config "$WORK/ours/lockstep.json" --port "$PORT" --data "$WORK/ours/data"
}

redis_start() {
  [ -n "$redis" ] && return
  mkdir -p "$WORK/redis"
  redis-server --port "$REDIS_PORT" --bind 127.0.0.1 --appendonly yes --appendfsync always --save "" --dir "$WORK/redis" > "$WORK/redis.log" 2>&1 &
  redis=$!
  sleep 0.5
}

relay_start() { # kestrel_fdatasync | node_redis_always | node | kestrel
  case $1 in
    kestrel_fdatasync) start listening dotnet "$WORK/relay/relay.dll" "$PORT" pipe fdatasync "$WORK/journal.bin" ;;
    kestrel) start listening dotnet "$WORK/relay/relay.dll" "$PORT" pipe none ;;
    node_redis_always) redis_start; start listening node "$WORK/npm/relay.js" "$PORT" redis "$REDIS_PORT" ;;
    node) start listening node "$WORK/npm/relay.js" "$PORT" none ;;
  esac
  sleep 1   # the relay on Kestrel says so a moment before it does
}

load() { taskset -c 1 "$@"; }
rss_kib() { awk '/^VmRSS/ { print $2 }' "/proc/$server/status"; }

# "sat n=.. rate=../s p50=.. p99=.." of wsload -> JSON
as_json() { sed -n 's/^sat n=[0-9]* rate=\([0-9]*\)\/s p50=\([0-9.]*\) .* p99=\([0-9.]*\) p99.9.*/{"p50_us":\2,"p99_us":\3,"per_s":\1}/p'; }

median() { node -e '
const rows = require("fs").readFileSync(0, "utf8").trim().split("\n").filter(Boolean).map(JSON.parse), out = {};
for (const k of Object.keys(rows[0] ?? {})) { const v = rows.map(r => r[k]).sort((a, b) => a - b); out[k] = v[v.length >> 1]; }
console.log(JSON.stringify(out));'; }

relays() { # K WINDOW IDLE
  local name out
  for name in kestrel_fdatasync node_redis_always node; do
    out=$(for _ in $(seq "$RUNS"); do
      relay_start "$name"
      if [ "$3" -gt 0 ]; then load "$WORK/wsload" idle "$PORT" "$3" $((SECS + 6)) > /dev/null & idle=$!; sleep 3; fi
      load "$WORK/wsload" sat "$PORT" "$1" "$2" "$SECS" | as_json
      if [ "$3" -gt 0 ]; then wait "$idle" || true; fi
      stop
    done | median)
    printf ',"%s":%s' "$name" "$out"
  done
}

row() { # CASE OURS RELAYS
  node -e '
const [name, ours, relays] = process.argv.slice(1), row = JSON.parse(`{"case":"${name}","ours":${ours}${relays}}`);
const base = row.kestrel_fdatasync ?? row.kestrel;
if (base?.p50_us) row.ratio_p50 = +(row.ours.p50_us / base.p50_us).toFixed(2);
if (row.node?.p50_us) row.ratio_p50_node = +(row.ours.p50_us / row.node.p50_us).toFixed(2);
console.log(JSON.stringify(row));' "$1" "$2" "$3"
}

pair() { # CASE SLAVES IDLE
  local out
  out=$(for _ in $(seq "$RUNS"); do ours_start "$2" "$3"; load "$WORK/linkload" pair "$PORT" "$2" "$3" "$SECS"; stop; done | median)
  row "$1" "$out" "$(relays "$2" 1 "$3")"
}

build
for name in "${cases[@]}"; do
  case $name in
    a) pair a 1 0 ;;
    b1000) pair b1000 1 1000 ;;
    b10000) pair b10000 1 10000 ;;
    c100) pair c100 100 0 ;;
    c1000) pair c1000 1000 0 ;;
    d)
      out=$(for _ in $(seq "$RUNS"); do ours_start 1 0; load "$WORK/linkload" sat "$PORT" 1 64 "$SECS"; stop; done | median)
      row d "$out" "$(relays 1 64 0)" ;;
    e)
      n=10000
      ours_start 0 "$n"; before=$(rss_kib)
      load "$WORK/linkload" idle "$PORT" "$n" 12 > "$WORK/idle.json" & load_pid=$!
      sleep 5; while [ "$(grep -c . "$WORK/idle.json")" = 0 ] && kill -0 "$load_pid" 2>/dev/null; do after=$(rss_kib); sleep 0.5; done
      wait "$load_pid"; stop
      ours="{\"terminals\":$n,\"kib_each\":$(node -p "((${after:-0} - $before) / $n).toFixed(1)"),\"rss_before_kib\":$before,\"rss_kib\":${after:-0}}"
      relay_start kestrel; before=$(rss_kib)
      load "$WORK/wsload" idle "$PORT" "$n" 8 > /dev/null & load_pid=$!
      sleep 8; after=$(rss_kib); wait "$load_pid"; stop
      row e "$ours" ",\"kestrel\":{\"kib_each\":$(node -p "(($after - $before) / $n).toFixed(1)")}" ;;
    *) echo "link.sh: no case $name" >&2; exit 2 ;;
  esac
done
