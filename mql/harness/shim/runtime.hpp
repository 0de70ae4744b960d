// What the parts of the runtime know of each other.
#pragma once
#include <string>
#include <vector>
#include "builtins.hpp"

// Bytes to and from the host, little endian.
class Reader
  {
   const uint8_t    *m_at, *m_end;
   const uint8_t    *Take(size_t n);

public:
   Reader(const uint8_t *at, size_t n) : m_at(at), m_end(at + n) {}
   uint8_t           U8() { return *Take(1); }
   int               I32() { int v; memcpy(&v, Take(4), 4); return v; }
   long              I64() { long v; memcpy(&v, Take(8), 8); return v; }
   double            F64() { double v; memcpy(&v, Take(8), 8); return v; }
   std::string       Text();
   MqlString         String() { return MqlString(Text()); }
  };

class Writer
  {
public:
   std::vector<uint8_t> bytes;
   explicit Writer(uint8_t type) { U8(type); }
   Writer           &Raw(const void *p, size_t n) { bytes.insert(bytes.end(), (const uint8_t *)p, (const uint8_t *)p + n); return *this; }
   Writer           &U8(uint8_t v) { return Raw(&v, 1); }
   Writer           &I32(int v) { return Raw(&v, 4); }
   Writer           &I64(long v) { return Raw(&v, 8); }
   Writer           &F64(double v) { return Raw(&v, 8); }
   Writer           &Text(const std::string &s) { return I32((int)s.size()).Raw(s.data(), s.size()); }
   Writer           &Text(const MqlString &s) { return Text(s.Utf8()); }
  };

enum class ToHost : uint8_t { Hello = 1, Done = 2, Log = 3, Call = 4, Timer = 5, Remove = 6, Critical = 7 };
enum class CallOf : uint8_t { Trade5 = 1, Trade4 = 2, Sleep = 3, Rates = 4, Ticks = 5, Check5 = 6, Profit5 = 7 };

void HostSend(const Writer &w);
// A call: the host answers when it is done, and the terminal's cache is as new as the answer.
std::vector<uint8_t> HostCall(const Writer &w);

// A call that touches disk, broker or network: the host may kill the program before it, after it, or half way.
class PlatformCall
  {
   bool              m_mine;

public:
   PlatformCall();
   ~PlatformCall();
   bool              Half() const;
  };

void SetError(int error);

struct World
  {
   std::string       files, common, data, pipes, program, caFile;
   std::vector<std::string> allowed;
   bool              real = false;
   long              now = 0, boot = 0, pushedAt = 0, reads = 0;   // us; reads: each look at the clock moves a virtual one a little
   int               offset = 0;
   long              current = 0, pcError = 0;                     // s of the broker; ms
   bool              connected = true, autoTrading = true, busy = false, dll = true, tester = false, diskFull = false, readableLies = false;
   long              ping = -1;
   int               build = 0, shortRead = 0, shortWrite = 0;
   long              calls = 0, killAt = 0;
   int               killWhen = 0;
   bool              stopped = false;
   int               reason = 0, lastError = 0, timer = 0;
   long              netSent = 0, netReceived = 0, netExpected = 0;   // bytes over sockets; expected: written by the other side so far
  };
extern World g;
long NowMicros();

struct SymbolRow
  {
   MqlString         name, base, profit, margin;
   int               digits, stops, freeze, filling, exec, mode, swapMode, expiration, orders, calc;
   double            point, tick, size, min, max, step, limit, swapLong, swapShort, value, marginRequired;
   bool              selected;
   double            bid = 0, ask = 0;
   long              time = 0;
  };
extern std::vector<SymbolRow> gSymbols;
SymbolRow *FindSymbol(const MqlString &name);

struct AccountRow
  {
   long              login = 0;
   MqlString         server, company, currency, name;
   int               leverage = 0, tradeMode = 0, marginMode = 0, limitOrders = 0, digits = 2;
   double            balance = 0, equity = 0, margin = 0, free = 0, credit = 0, profit = 0, soCall = 0, soSo = 0;
   bool              fifo = false, hedge = true, trade = true, expert = true;
  };
extern AccountRow gAccount;

// The sections of a push that belong to the trading part.
bool TradeSection(int section, Reader &r);
void TradeReset();
void ReadTransaction(Reader &r, const MqlHandlers &h);
