// linkload: one thread, epoll, thousands of terminals that speak the EA link (contracts/ea/PROTOCOL.md) well enough to be copied from and to.
// Build: g++ -O2 -std=c++20 -o linkload linkload.cpp
//
//   linkload config DIR SLAVES IDLE        writes DIR/lockstep.json and DIR/keys/*: account m, SLAVES targets of it, IDLE accounts without a link
//   linkload pair PORT SLAVES IDLE SECONDS one change at a time: opened or closed at the master; the time to each slave's command. IDLE terminals beat meanwhile
//   linkload sat  PORT SLAVES WINDOW SECONDS WINDOW positions under way at once
//   linkload idle PORT IDLE SECONDS        terminals that only beat
//
// One JSON object on standard output. Only 127.0.0.0/8 is ever connected to.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <algorithm>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

static uint64_t now_ns() { timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1000000000ull + t.tv_nsec; }
static int64_t wall_ms() { timespec t; clock_gettime(CLOCK_REALTIME, &t); return t.tv_sec * 1000ll + t.tv_nsec / 1000000; }
[[noreturn]] static void die(const char* what) { perror(what); exit(1); }

static uint64_t fnv(const std::string& s) { uint64_t h = 14695981039346656037ull; for (unsigned char c : s) h = (h ^ c) * 1099511628211ull; return h; }

// What is measured is a server that has run for a while: its hot paths are compiled in the background first. WARM=seconds.
static uint64_t warm_ns() { const char* w = getenv("WARM"); return (w ? strtoull(w, nullptr, 10) : 12) * 1000000000ull; }

struct Latency {
  std::vector<uint32_t> us10;
  void add(uint64_t ns) { us10.push_back((uint32_t)std::min<uint64_t>(ns / 100, UINT32_MAX)); }
  double q(double p) { if (us10.empty()) return 0; size_t i = std::min(us10.size() - 1, (size_t)(p * (double)us10.size())); std::nth_element(us10.begin(), us10.begin() + (long)i, us10.end()); return us10[i] / 10.0; }
};

struct Position { int64_t id; bool buy; double lots; std::string comment; std::string text; };
struct Deal { int64_t time; std::string text; };

struct Terminal {
  int index = 0;                // 0 = master, then slaves, then idle ones
  int fd = -1;
  bool open = false, live = false;
  std::string in, out;
  long epoch = 0, n = 0;
  int64_t next_id = 1, echo = 0;
  uint64_t echo_at = 0, digest = 0;
  std::map<int64_t, Position> positions;
  std::vector<Deal> deals;
};

static int ep;
static std::vector<Terminal> terms;
static int live_count = 0;
static uint64_t frames_in = 0, frames_out = 0;

static std::string key_of(int i) { char b[64]; snprintf(b, sizeof b, "bench-key-of-terminal-%06d", i); return b; }

static void want_out(Terminal& t, bool on) { epoll_event e{}; e.events = EPOLLIN | (on ? EPOLLOUT : 0u); e.data.u32 = (uint32_t)t.index; epoll_ctl(ep, EPOLL_CTL_MOD, t.fd, &e); }

static void flush(Terminal& t) {
  while (!t.out.empty()) {
    ssize_t w = write(t.fd, t.out.data(), t.out.size());
    if (w < 0) { if (errno == EAGAIN) { want_out(t, true); return; } die("write"); }
    t.out.erase(0, (size_t)w);
  }
}

static void say(Terminal& t, const std::string& text, bool now = true) {
  size_t n = text.size(); frames_out++;
  t.out.push_back((char)0x81);
  if (n < 126) t.out.push_back((char)(0x80 | n));
  else if (n < 65536) { t.out.push_back((char)(0x80 | 126)); t.out.push_back((char)(n >> 8)); t.out.push_back((char)n); }
  else { fprintf(stderr, "a message above 64 KiB\n"); exit(1); }
  t.out.append(4, '\0');        // a mask of zero
  t.out += text;
  if (now) flush(t);
}

static int64_t number(const std::string& s, const char* name, int64_t otherwise = 0) { size_t p = s.find(name); return p == std::string::npos ? otherwise : atoll(s.c_str() + p + strlen(name)); }
static double real(const std::string& s, const char* name) { size_t p = s.find(name); return p == std::string::npos ? 0 : atof(s.c_str() + p + strlen(name)); }
static std::string text_of(const std::string& s, const char* name) { size_t p = s.find(name); if (p == std::string::npos) return ""; p += strlen(name); return s.substr(p, s.find('"', p) - p); }

static std::string plain(double v) { char b[64]; snprintf(b, sizeof b, "%.8f", v); std::string s = b; while (s.back() == '0') s.pop_back(); if (s.back() == '.') s.pop_back(); return s; }

static std::string position_text(int64_t id, bool buy, double lots, int64_t time, const std::string& comment, long magic) {
  return "{\"id\":" + std::to_string(id) + ",\"ticket\":" + std::to_string(id) + ",\"symbol\":\"EURUSD\",\"side\":\"" + (buy ? "buy" : "sell") + "\",\"lots\":" + plain(lots) +
         ",\"price\":1.1001,\"time\":" + std::to_string(time) + ",\"order\":" + std::to_string(id) + ",\"magic\":" + std::to_string(magic) + ",\"comment\":\"" + comment + "\"}";
}

static std::string deal_text(int64_t id, int64_t position, bool buy, double lots, bool in, int64_t time, const std::string& comment, long magic) {
  return "{\"id\":" + std::to_string(id) + ",\"position\":" + std::to_string(position) + ",\"order\":" + std::to_string(id) + ",\"symbol\":\"EURUSD\",\"side\":\"" + (buy ? "buy" : "sell") +
         "\",\"lots\":" + plain(lots) + ",\"price\":1.1001,\"entry\":\"" + (in ? "in" : "out") + "\",\"reason\":\"request\",\"time\":" + std::to_string(time) + ",\"magic\":" + std::to_string(magic) +
         ",\"comment\":\"" + comment + "\",\"profit\":0,\"swap\":0,\"commission\":0}";
}

// Opens or closes on a terminal and gives the change message.
static std::string open_on(Terminal& t, bool buy, double lots, const std::string& comment, long magic, int64_t& id) {
  id = t.next_id++; int64_t time = wall_ms();
  Position p{id, buy, lots, comment, position_text(id, buy, lots, time, comment, magic)};
  std::string d = deal_text(id * 2, id, buy, lots, true, time, comment, magic);
  t.digest += fnv(p.text);
  std::string s = "{\"t\":\"change\",\"n\":" + std::to_string(++t.n) + ",\"positions\":[" + p.text + "],\"deals\":[" + d + "],\"quotes\":[[\"EURUSD\",1.1,1.1001," + std::to_string(time) + "]]}";
  t.positions.emplace(id, std::move(p)); t.deals.push_back({time, std::move(d)});
  return s;
}

static std::string close_on(Terminal& t, int64_t id, const std::string& comment, long magic) {
  auto it = t.positions.find(id); int64_t time = wall_ms();
  std::string d = deal_text(id * 2 + 1, id, !it->second.buy, it->second.lots, false, time, comment, magic);
  t.digest -= fnv(it->second.text); t.positions.erase(it);
  std::string s = "{\"t\":\"change\",\"n\":" + std::to_string(++t.n) + ",\"closed\":[" + std::to_string(id) + "],\"deals\":[" + d + "],\"quotes\":[[\"EURUSD\",1.1,1.1001," + std::to_string(time) + "]]}";
  t.deals.push_back({time, std::move(d)});
  return s;
}

static void hello(Terminal& t) {
  char id[32]; snprintf(id, sizeof id, "%016x", t.index + 1);
  say(t, "{\"t\":\"hello\",\"v\":1,\"key\":\"" + key_of(t.index) + "\",\"login\":" + std::to_string(t.index + 1) + ",\"server\":\"Bench\",\"platform\":\"mt5\",\"role\":\"both\",\"mode\":\"hedging\",\"currency\":\"USD\","
         "\"leverage\":100,\"build\":4410,\"ea\":\"bench\",\"terminal\":\"" + id + "\",\"epoch\":0,\"acked\":0,\"first\":1,\"last\":0,\"offset\":0,\"demo\":true,\"company\":\"Bench\",\"closeby\":true,\"stoplimit\":true,\"expiry\":true,\"clash\":0}");
}

static void symbols(Terminal& t) {
  say(t, "{\"t\":\"symbols\",\"more\":false,\"list\":[{\"name\":\"EURUSD\",\"size\":100000,\"digits\":5,\"tick\":0.00001,\"min\":0.01,\"step\":0.01,\"max\":1000,\"limit\":0,\"stops\":0,\"freeze\":0,\"base\":\"EUR\",\"profit\":\"USD\","
         "\"fill\":3,\"exec\":\"market\",\"trade\":\"full\",\"value\":1,\"swapl\":0,\"swaps\":0}]}", false);
  say(t, "{\"t\":\"quotes\",\"list\":[[\"EURUSD\",1.1,1.1001," + std::to_string(wall_ms()) + "]]}", false);
  say(t, "{\"t\":\"funds\",\"balance\":100000,\"equity\":100000,\"margin\":0,\"free\":100000,\"credit\":0,\"floating\":[]}");
}

static void beat(Terminal& t) {
  char d[32]; snprintf(d, sizeof d, "%016llx", (unsigned long long)t.digest);
  say(t, "{\"t\":\"beat\",\"n\":" + std::to_string(t.n) + ",\"digest\":\"" + d + "\",\"conn\":true,\"ping\":20,\"trade\":true,\"why\":\"\",\"tick\":100,\"offset\":0,\"used\":0,\"queue\":0,\"echo\":" + std::to_string(t.echo) +
         ",\"held\":" + std::to_string(t.echo ? (now_ns() - t.echo_at) / 1000000 : 0) + "}");
}

static void snapshot(Terminal& t, const std::string& ask) {
  int64_t from = number(ask, "\"from\":"); std::string p, d;
  for (auto& [id, x] : t.positions) { if (!p.empty()) p += ','; p += x.text; }
  for (auto it = t.deals.rbegin(); it != t.deals.rend() && it->time >= from && d.size() < 20000; ++it) d = it->text + (d.empty() ? "" : ",") + d;
  say(t, "{\"t\":\"snapshot\",\"id\":" + std::to_string(number(ask, "\"id\":")) + ",\"part\":1,\"of\":1,\"n\":" + std::to_string(t.n) +
         ",\"funds\":{\"balance\":100000,\"equity\":100000,\"margin\":0,\"free\":100000,\"credit\":0},\"positions\":[" + p + "],\"orders\":[],\"deals\":[" + d + "],\"ended\":[]}");
  if (!t.live) { t.live = true; live_count++; }
}

// What a run is told of: a command that came.
struct Run { virtual void command(Terminal& t, bool opens) = 0; virtual ~Run() = default; };
static Run* run = nullptr;

static void command(Terminal& t, const std::string& m) {
  std::string id = text_of(m, "\"id\":\""), what = text_of(m, "\"do\":\""); long magic = number(m, "\"magic\":"); uint64_t at = now_ns(); (void)at;
  std::string tail; int64_t pos = 0;
  if (what == "open") {
    if (run) run->command(t, true);
    double lots = real(m, "\"lots\":");
    say(t, open_on(t, text_of(m, "\"side\":\"") == "buy", lots, id, magic, pos), false);
    tail = ",\"code\":10009,\"position\":" + std::to_string(pos) + ",\"order\":" + std::to_string(pos) + ",\"lots\":" + plain(lots) + ",\"price\":1.1001,\"took\":1}";
  } else if (what == "reduce") {
    if (run) run->command(t, false);
    pos = number(m, "\"position\":"); auto it = t.positions.find(pos); double lots = it == t.positions.end() ? 0 : it->second.lots;
    if (it != t.positions.end()) say(t, close_on(t, pos, id, magic), false);
    tail = ",\"code\":10009,\"position\":" + std::to_string(pos) + ",\"lots\":" + plain(lots) + ",\"price\":1.1001,\"took\":1}";
  } else tail = ",\"code\":10009,\"took\":1}";
  say(t, "{\"t\":\"answer\",\"n\":" + std::to_string(++t.n) + ",\"id\":\"" + id + "\",\"out\":\"done\"" + tail);
}

static void message(Terminal& t, const std::string& m) {
  frames_in++;
  std::string type = text_of(m, "\"t\":\"");
  if (type == "welcome" || type == "active") { t.epoch = number(m, "\"epoch\":"); if (number(m, "\"now\":")) { t.echo = number(m, "\"now\":"); t.echo_at = now_ns(); } symbols(t); }
  else if (type == "ask") snapshot(t, m);
  else if (type == "cmd") command(t, m);
  else if (type == "beat") { t.echo = number(m, "\"now\":"); t.echo_at = now_ns(); }
  else if (type == "refused" || type == "bad") { fprintf(stderr, "terminal %d: %s\n", t.index, m.c_str()); exit(1); }
}

static void received(Terminal& t) {
  char buf[65536];
  for (;;) {
    ssize_t r = read(t.fd, buf, sizeof buf);
    if (r == 0) { fprintf(stderr, "terminal %d: closed by the server\n", t.index); exit(1); }
    if (r < 0) { if (errno == EAGAIN) break; die("read"); }
    t.in.append(buf, (size_t)r);
    if (r < (ssize_t)sizeof buf) break;
  }
  size_t at = 0;
  if (!t.open) {
    size_t end = t.in.find("\r\n\r\n"); if (end == std::string::npos) return;
    if (t.in.compare(0, 12, "HTTP/1.1 101")) { fprintf(stderr, "no upgrade: %s\n", t.in.c_str()); exit(1); }
    t.open = true; at = end + 4; hello(t);
  }
  for (;;) {
    if (t.in.size() - at < 2) break;
    unsigned char op = (unsigned char)t.in[at] & 15, l = (unsigned char)t.in[at + 1] & 127; size_t h = 2, n = l;
    if (l == 126) { if (t.in.size() - at < 4) break; n = (size_t)(unsigned char)t.in[at + 2] << 8 | (unsigned char)t.in[at + 3]; h = 4; }
    else if (l == 127) { fprintf(stderr, "a frame above 64 KiB\n"); exit(1); }
    if (t.in.size() - at < h + n) break;
    if (op == 1) message(t, t.in.substr(at + h, n));
    else if (op == 8) { fprintf(stderr, "terminal %d: close %s\n", t.index, t.in.substr(at + h + 2, n - 2).c_str()); exit(1); }
    at += h + n;
  }
  t.in.erase(0, at);
}

static void join(int index, int port) {
  Terminal& t = terms[(size_t)index]; t.index = index;
  t.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); if (t.fd < 0) die("socket");
  int one = 1; setsockopt(t.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one); setsockopt(t.fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
  sockaddr_in s{}; s.sin_family = AF_INET; s.sin_addr.s_addr = htonl(0x7f000001u + (unsigned)(index % 200)); if (bind(t.fd, (sockaddr*)&s, sizeof s)) die("bind");
  sockaddr_in d{}; d.sin_family = AF_INET; d.sin_port = htons((uint16_t)port); d.sin_addr.s_addr = htonl(0x7f000001u); if (connect(t.fd, (sockaddr*)&d, sizeof d)) die("connect");
  fcntl(t.fd, F_SETFL, O_NONBLOCK);
  epoll_event e{}; e.events = EPOLLIN; e.data.u32 = (uint32_t)index; epoll_ctl(ep, EPOLL_CTL_ADD, t.fd, &e);
  t.out = "GET /ea HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: lockstep.ea.1\r\n\r\n";
  flush(t);
}

static size_t beat_next = 0; static uint64_t beat_due = 0;

static void poll_once(int ms) {
  epoll_event ev[256]; int n = epoll_wait(ep, ev, 256, ms);
  for (int i = 0; i < n; i++) { Terminal& t = terms[ev[i].data.u32]; if (ev[i].events & EPOLLOUT) { want_out(t, false); flush(t); } if (ev[i].events & (EPOLLIN | EPOLLHUP)) received(t); }
  // Beats are spread evenly over five seconds.
  uint64_t gap = 5000000000ull / terms.size();
  for (uint64_t now = now_ns(); beat_due <= now && live_count > 0; beat_due += gap) { Terminal& t = terms[beat_next]; if (t.live) beat(t); beat_next = (beat_next + 1) % terms.size(); }
}

static void join_all(int port) {
  uint64_t began = now_ns(); beat_due = began;
  int total = (int)terms.size();
  for (int i = 0; i < total; i++) { join(i, port); while (i + 1 - live_count > 64) poll_once(1); }
  while (live_count < total) { poll_once(10); if (now_ns() - began > 300000000000ull) { fprintf(stderr, "only %d of %d came in\n", live_count, total); exit(1); } }
  fprintf(stderr, "%d terminals live after %.1f s\n", total, (double)(now_ns() - began) / 1e9);
}

struct Pair : Run {
  int slaves, waiting = 0; bool opening = true, warm = false; uint64_t sent = 0, done_at = 0; Latency each, last; int64_t id = 0; uint64_t changes = 0;
  explicit Pair(int k) : slaves(k) {}
  void command(Terminal& t, bool opens) override {
    if (t.index == 0 || opens != opening || waiting == 0) return;
    uint64_t ns = now_ns() - sent; if (warm) each.add(ns);
    if (--waiting == 0) { if (warm) last.add(ns); done_at = now_ns(); }
  }
  void next() {
    Terminal& m = terms[0]; waiting = slaves; changes++;
    if (opening) { std::string s = open_on(m, true, 0.1, "", 0, id); sent = now_ns(); say(m, s); }
    else { std::string s = close_on(m, id, "", 0); sent = now_ns(); say(m, s); }
  }
};

struct Sat : Run {
  int slaves, window; std::unordered_map<int64_t, int> unused; std::vector<std::pair<int64_t, bool>> ready; uint64_t deliveries = 0, settled = 0; bool counting = false;
  Sat(int k, int w) : slaves(k), window(w) {}
  void command(Terminal&, bool) override { if (counting) deliveries++; settled++; }
};

static void write_file(const std::string& path, const std::string& text) { FILE* f = fopen(path.c_str(), "w"); if (!f) die(path.c_str()); fwrite(text.data(), 1, text.size(), f); fclose(f); }

static int config(const std::string& dir, int slaves, int idle) {
  mkdir(dir.c_str(), 0755); mkdir((dir + "/keys").c_str(), 0755);
  std::string s = "{\n  \"server\": { \"port\": 0, \"bind\": \"127.0.0.1\", \"auth\": \"none\", \"ea\": { \"maxTerminals\": 20000, \"messagesPerSecond\": 100000 } },\n  \"data\": \"data\",\n  \"accounts\": {\n";
  int n = 1 + slaves + idle;
  for (int i = 0; i < n; i++) {
    std::string name = i == 0 ? "m" : (i <= slaves ? "s" : "i") + std::to_string(i);
    write_file(dir + "/keys/" + name, key_of(i));
    s += "    \"" + name + "\": { \"platform\": \"mt5\", \"login\": " + std::to_string(i + 1) + ", \"server\": \"Bench\", \"key\": { \"file\": \"keys/" + name + "\" } }" + (i + 1 < n ? ",\n" : "\n");
  }
  s += "  },\n  \"links\": [\n";
  for (int i = 1; i <= slaves; i++) s += "    { \"name\": \"to-" + std::to_string(i) + "\", \"source\": \"m\", \"target\": \"s" + std::to_string(i) + "\" }" + (i < slaves ? ",\n" : "\n");
  write_file(dir + "/lockstep.json", s + "  ]\n}\n");
  return 0;
}

int main(int argc, char** argv) {
  if (argc >= 5 && !strcmp(argv[1], "config")) return config(argv[2], atoi(argv[3]), atoi(argv[4]));
  if (argc < 5) { fprintf(stderr, "usage: see the head of linkload.cpp\n"); return 2; }
  std::string mode = argv[1]; int port = atoi(argv[2]); ep = epoll_create1(0);
  if (mode == "idle") {
    int idle = atoi(argv[3]), seconds = atoi(argv[4]); terms.resize((size_t)idle); join_all(port);
    uint64_t in0 = frames_in, end = now_ns() + (uint64_t)seconds * 1000000000ull; while (now_ns() < end) poll_once(50);
    printf("{\"terminals\":%d,\"frames_in_per_s\":%.0f}\n", idle, (double)(frames_in - in0) / seconds);
    return 0;
  }
  int slaves = atoi(argv[3]), x = atoi(argv[4]), seconds = atoi(argv[5]);
  terms.resize((size_t)(1 + slaves + (mode == "pair" ? x : 0)));
  join_all(port);
  for (uint64_t settle = now_ns() + 1500000000ull; now_ns() < settle;) poll_once(5);
  if (mode == "pair") {
    Pair p(slaves); run = &p;
    uint64_t begin = now_ns(), warm_at = begin + warm_ns(), end = warm_at + (uint64_t)seconds * 1000000000ull, counted = 0;
    // The answers have their time before the next change comes: what is measured is a change that meets a quiet server.
    uint64_t quiet = 3000000ull + 100000ull * (uint64_t)slaves;
    p.next();
    while (now_ns() < end) {
      poll_once(1);   // asleep while nothing comes: who spins on a shared core is put off it just when something does
      if (p.waiting == 0 && now_ns() - p.done_at > quiet) {
        if (!p.warm && now_ns() > warm_at) { p.warm = true; counted = p.changes; }
        p.opening = !p.opening; p.next();
      }
      if (p.waiting > 0 && now_ns() - p.sent > 20000000000ull) { fprintf(stderr, "%d commands never came\n", p.waiting); return 1; }
    }
    printf("{\"slaves\":%d,\"idle\":%d,\"changes\":%llu,\"p50_us\":%.1f,\"p99_us\":%.1f,\"last_p50_us\":%.1f,\"last_p99_us\":%.1f,\"per_s\":%.0f}\n", slaves, x, (unsigned long long)(p.changes - counted), p.each.q(0.5), p.each.q(0.99),
           p.last.q(0.5), p.last.q(0.99), (double)p.each.us10.size() / seconds);
    return 0;
  }
  Sat s(slaves, x); run = &s; Terminal& m = terms[0];
  uint64_t begin = now_ns(), warm_at = begin + warm_ns(), end = warm_at + (uint64_t)seconds * 1000000000ull, f0 = 0;
  std::vector<int64_t> held; uint64_t asked = 0; size_t close_from = 0;
  while (now_ns() < end) {
    poll_once(1);
    if (!s.counting && now_ns() > warm_at) { s.counting = true; f0 = frames_in + frames_out; }
    // Half of the window opens, the other half closes what stands longest.
    while (asked - s.settled / (uint64_t)slaves < (uint64_t)x) {
      int64_t id; if (held.size() - close_from < (size_t)x) { say(m, open_on(m, true, 0.1, "", 0, id), false); held.push_back(id); } else say(m, close_on(m, held[close_from++], "", 0), false);
      asked++;
    }
    flush(m);
  }
  printf("{\"slaves\":%d,\"window\":%d,\"deliveries_per_s\":%.0f,\"frames_per_s\":%.0f}\n", slaves, x, (double)s.deliveries / seconds, (double)(frames_in + frames_out - f0) / seconds);
  return 0;
}
