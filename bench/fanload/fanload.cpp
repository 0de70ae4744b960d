// fanload: many readers of /v1/stream, and HTTP requests beside them, on one thread (epoll).
// Build: g++ -O2 -std=c++20 -o fanload fanload.cpp
//
//   fanload fan  PORT N SECONDS SUBSCRIBE [FILE]  N readers, each sends SUBSCRIBE ("%S" in it: one of the symbols of FILE, in turn); what arrives is counted
//   fanload http PORT N SECONDS PATH              N connections, each asks for PATH again as soon as it has the answer
//
// fan: deliveries = prices that arrived, all readers together; age = from the moment a price says it was made to its arrival, on every 50th reader; conflated = values the server says it passed over.
// Only 127.0.0.0/8 is ever connected to. Source addresses rotate over 127.0.0.1..127.0.0.16.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

static double now(clockid_t clock) { timespec t; clock_gettime(clock, &t); return (double)t.tv_sec + (double)t.tv_nsec / 1e9; }
[[noreturn]] static void die(const char* what) { perror(what); exit(1); }

static int dial(int port, int i) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) die("socket");
  int one = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  setsockopt(fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
  sockaddr_in own{}, to{};
  own.sin_family = to.sin_family = AF_INET;
  own.sin_addr.s_addr = htonl(0x7f000001u + (unsigned)(i % 16));
  to.sin_addr.s_addr = htonl(0x7f000001u);
  to.sin_port = htons((uint16_t)port);
  if (bind(fd, (sockaddr*)&own, sizeof own)) die("bind");
  if (connect(fd, (sockaddr*)&to, sizeof to)) die("connect");
  return fd;
}

static void put(int fd, const std::string& bytes) { if (write(fd, bytes.data(), bytes.size()) != (ssize_t)bytes.size()) die("write"); }

// A client's frame with mask key 0, which is legal and leaves the bytes as they are.
static std::string frame(unsigned char first, const std::string& text) {
  std::string f(1, (char)first);
  if (text.size() < 126) f.push_back((char)(0x80 | text.size()));
  else { f.push_back((char)(0x80 | 126)); f.push_back((char)(text.size() >> 8)); f.push_back((char)text.size()); }
  f.append(4, '\0');
  return f + text;
}

static size_t count(const char* p, size_t n, const char* word) {
  size_t length = strlen(word), found = 0;
  for (const char *end = p + n, *at = p; (at = (const char*)memmem(at, (size_t)(end - at), word, length)); at += length) found++;
  return found;
}

static double quantile(std::vector<float>& v, double q) {
  if (v.empty()) return 0;
  size_t i = std::min(v.size() - 1, (size_t)(q * (double)v.size()));
  std::nth_element(v.begin(), v.begin() + (ptrdiff_t)i, v.end());
  return v[i];
}

// "at":"2026-03-02T09:00:00.123Z"
static double moment(const char* p) {
  tm t{};
  int ms = 0;
  if (sscanf(p, "%d-%d-%dT%d:%d:%d.%dZ", &t.tm_year, &t.tm_mon, &t.tm_mday, &t.tm_hour, &t.tm_min, &t.tm_sec, &ms) != 7) return 0;
  t.tm_year -= 1900;
  t.tm_mon -= 1;
  return (double)timegm(&t) + ms / 1e3;
}

struct Conn { int fd = -1; std::string in; double asked = 0; };

int main(int argc, char** argv) {
  if (argc < 6) { fprintf(stderr, "see the head of fanload.cpp\n"); return 2; }
  bool fan = !strcmp(argv[1], "fan");
  int port = atoi(argv[2]), n = atoi(argv[3]), secs = atoi(argv[4]);
  std::string what = argv[5];
  std::vector<std::string> symbols;
  if (argc > 6) { std::ifstream file(argv[6]); for (std::string line; std::getline(file, line);) if (!line.empty()) symbols.push_back(line); }
  std::string request = "GET " + what + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
  std::vector<Conn> all((size_t)n);
  int ep = epoll_create1(0);
  for (int i = 0; i < n; i++) {
    Conn& c = all[(size_t)i];
    c.fd = dial(port, i);
    if (fan) {
      put(c.fd, "GET /v1/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
      std::string head;
      for (char b; head.size() < 4096 && (head.size() < 4 || head.compare(head.size() - 4, 4, "\r\n\r\n"));) { if (read(c.fd, &b, 1) != 1) die("handshake"); head.push_back(b); }
      if (head.compare(0, 12, "HTTP/1.1 101")) { fprintf(stderr, "no upgrade: %s\n", head.c_str()); return 1; }
      std::string subscribe = what;
      if (size_t at = subscribe.find("%S"); at != std::string::npos && !symbols.empty()) subscribe.replace(at, 2, symbols[(size_t)i % symbols.size()]);
      put(c.fd, frame(0x81, subscribe));
    } else {
      c.asked = now(CLOCK_MONOTONIC);
      put(c.fd, request);
    }
    fcntl(c.fd, F_SETFL, O_NONBLOCK);
    epoll_event e{};
    e.events = EPOLLIN;
    e.data.u32 = (uint32_t)i;
    epoll_ctl(ep, EPOLL_CTL_ADD, c.fd, &e);
  }

  double warm = now(CLOCK_MONOTONIC) + 2, end = warm + secs;
  uint64_t prices = 0, ticks = 0, frames = 0, bytes = 0, conflated = 0, answers = 0, errors = 0, closed = 0;
  std::vector<float> age, took;
  static char buffer[1 << 20];
  epoll_event events[256];
  for (double t; (t = now(CLOCK_MONOTONIC)) < end;) {
    int ready = epoll_wait(ep, events, 256, 100);
    bool counts = t >= warm;
    for (int r = 0; r < ready; r++) {
      uint32_t id = events[r].data.u32;
      Conn& c = all[id];
      ssize_t k = read(c.fd, buffer, sizeof buffer);
      if (k < 0 && errno == EAGAIN) continue;
      if (k <= 0) { closed++; close(c.fd); c.fd = -1; continue; }
      c.in.append(buffer, (size_t)k);
      const std::string& s = c.in;
      size_t o = 0;
      if (fan) {
        while (s.size() - o >= 2) {
          size_t length = (unsigned char)s[o + 1] & 127, head = 2;
          if (length == 126) { if (s.size() - o < 4) break; length = ((unsigned char)s[o + 2] << 8) | (unsigned char)s[o + 3]; head = 4; }
          if (length == 127) { fprintf(stderr, "a message over 64 KiB\n"); return 1; }
          if (s.size() - o < head + length) break;
          const char* p = s.data() + o + head;
          int op = s[o] & 15;
          o += head + length;
          if (op == 9) put(c.fd, frame(0x8a, std::string(p, length)));
          if (op == 8) closed++;
          if (op != 1 || !counts) continue;
          frames++;
          bytes += head + length;
          if (length > 20 && !memcmp(p, "{\"type\":\"conflated\"", 19)) { const char* f = (const char*)memmem(p, length, "\"count\":", 8); conflated += f ? strtoull(f + 8, nullptr, 10) : 0; continue; }
          prices += count(p, length, "\"bid\":");
          if (id % 50) continue;
          double wall = now(CLOCK_REALTIME);
          for (const char *last = p + length, *at = p; (at = (const char*)memmem(at, (size_t)(last - at), "\"at\":\"", 6)); at += 6) if (double m = moment(at + 6)) age.push_back((float)((wall - m) * 1e3));
          for (const char *last = p + length, *at = p; (at = (const char*)memmem(at, (size_t)(last - at), "\"ticks\":", 8)); at += 8) ticks += strtoull(at + 8, nullptr, 10) - 1;
        }
      } else {
        size_t head = s.find("\r\n\r\n");
        if (head == std::string::npos) continue;
        size_t at = s.find("Content-Length: "), body;
        if (at != std::string::npos && at < head) body = head + 4 + strtoull(s.c_str() + at + 16, nullptr, 10);
        else { size_t last = s.find("\r\n0\r\n\r\n", head); if (last == std::string::npos) continue; body = last + 7; }
        if (s.size() < body) continue;
        if (counts) { answers++; errors += s.compare(9, 3, "200") != 0; took.push_back((float)((now(CLOCK_MONOTONIC) - c.asked) * 1e3)); }
        o = body;
        c.asked = now(CLOCK_MONOTONIC);
        put(c.fd, request);
      }
      c.in.erase(0, o);
    }
  }

  if (fan) {
    uint64_t readers = ((uint64_t)n + 49) / 50;
    printf("{\"readers\":%d,\"deliveries_per_s\":%.0f,\"frames_per_s\":%.0f,\"mb_per_s\":%.1f,\"age_p50_ms\":%.1f,\"age_p99_ms\":%.1f,\"merged_share\":%.3f,\"conflated_share\":%.3f,\"updates_per_reader_per_s\":%.0f,\"closed\":%llu}\n", n,
           (double)prices / secs, (double)frames / secs, (double)bytes / 1e6 / secs, quantile(age, .5), quantile(age, .99), age.empty() ? 0 : (double)ticks / (double)(ticks + age.size()),
           prices + conflated ? (double)conflated / (double)(prices + conflated) : 0, (double)(ticks + age.size()) / (double)readers / secs, (unsigned long long)closed);
  } else {
    printf("{\"connections\":%d,\"requests_per_s\":%.0f,\"p50_ms\":%.2f,\"p99_ms\":%.2f,\"errors\":%llu,\"closed\":%llu}\n", n, (double)answers / secs, quantile(took, .5), quantile(took, .99), (unsigned long long)errors, (unsigned long long)closed);
  }

  return 0;
}
