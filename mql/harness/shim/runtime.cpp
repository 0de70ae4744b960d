#include "runtime.hpp"
#include <cstdarg>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

World g;
std::vector<SymbolRow> gSymbols;
AccountRow gAccount;
string _Symbol;
int _Digits = 5, _Period = 1, _UninitReason = 0;
double _Point = 0.00001;
#ifndef __MQL5__
double Bid = 0, Ask = 0, Point = 0.00001;
int Digits = 5;
#endif

static int gHost = -1;

static void Die(const char *why)
  {
   // Without its host the program has no world.
   fprintf(stderr, "%s\n", why);
   _exit(2);
  }

const uint8_t *Reader::Take(size_t n)
  {
   if((size_t)(m_end - m_at) < n)
      Die("a message of the host is too short");
   const uint8_t *at = m_at;
   m_at += n;
   return at;
  }

std::string Reader::Text()
  {
   int n = I32();
   return std::string((const char *)Take((size_t)n), (size_t)n);
  }

static void WriteAll(const void *data, size_t n)
  {
   const char *p = (const char *)data;
   while(n > 0)
     {
      ssize_t sent = ::send(gHost, p, n, MSG_NOSIGNAL);
      if(sent <= 0)
         Die("the host is gone");
      p += sent;
      n -= (size_t)sent;
     }
  }

static void ReadAll(void *data, size_t n)
  {
   char *p = (char *)data;
   while(n > 0)
     {
      ssize_t got = ::recv(gHost, p, n, 0);
      if(got <= 0)
         _exit(0);
      p += got;
      n -= (size_t)got;
     }
  }

void HostSend(const Writer &w)
  {
   if(gHost < 0)
      return;
   uint32_t n = (uint32_t)w.bytes.size();
   WriteAll(&n, 4);
   WriteAll(w.bytes.data(), n);
  }

static std::vector<uint8_t> HostReceive()
  {
   uint32_t n;
   ReadAll(&n, 4);
   std::vector<uint8_t> bytes(n);
   ReadAll(bytes.data(), n);
   return bytes;
  }

void MqlStop(const char *what, const char *file, int line)
  {
   std::string text = std::string(what) + " in " + file + " (" + std::to_string(line) + ")";
   fprintf(stderr, "%s\n", text.c_str());
   HostSend(Writer((uint8_t)ToHost::Critical).Text(text));
   abort();
  }

PlatformCall::PlatformCall()
  {
   g.calls++;
   m_mine = g.killAt > 0 && g.calls == g.killAt;
   if(m_mine && g.killWhen == 0)
      _exit(137);
  }

PlatformCall::~PlatformCall()
  {
   if(m_mine)
      _exit(137);
  }

bool PlatformCall::Half() const { return m_mine && g.killWhen == 2; }

void SetError(int error) { g.lastError = error; }

int GetLastError()
  {
   int error = g.lastError;
#ifndef __MQL5__
   g.lastError = 0;
#endif
   return error;
  }

void ResetLastError() { g.lastError = 0; }
void SetUserError(ushort error) { g.lastError = 65536 + error; }
bool IsStopped() { return g.stopped; }
void ExpertRemove() { HostSend(Writer((uint8_t)ToHost::Remove)); g.stopped = true; }
int UninitializeReason() { return g.reason; }
void MqlLog(MqlLogKind kind, const MqlString &text) { HostSend(Writer((uint8_t)ToHost::Log).U8((uint8_t)kind).Text(text)); }
bool SendNotification(const string &text) { MqlLog(MqlLogNotification, text); return true; }
bool PlaySound(const string &) { return true; }

// ---- time

static long Monotonic()
  {
   timespec t;
   clock_gettime(CLOCK_MONOTONIC, &t);
   return t.tv_sec * 1000000L + t.tv_nsec / 1000;
  }

long NowMicros()
  {
   if(g.real)
      return g.now + (Monotonic() - g.pushedAt);
   // A virtual clock stands still inside a handler; loops that wait for it must end all the same.
   return g.now + ++g.reads;
  }

datetime TimeCurrent() { return datetime(g.current); }
static long PcSeconds() { return (NowMicros() / 1000 + g.pcError) / 1000; }
datetime TimeGMT() { return datetime(PcSeconds()); }
datetime TimeLocal() { return datetime(PcSeconds()); }
int TimeGMTOffset() { return 0; }
static ulong Ticks() { return (ulong)((NowMicros() - g.boot) / 1000); }
uint GetTickCount() { return (uint)Ticks(); }
ulong GetMicrosecondCount() { return (ulong)(NowMicros() - g.boot); }
#ifdef __MQL5__
ulong GetTickCount64() { return Ticks(); }
datetime TimeTradeServer() { return datetime(PcSeconds() + g.offset); }
datetime TimeCurrent(MqlDateTime &parts) { datetime t = TimeCurrent(); TimeToStruct(t, parts); return t; }
datetime TimeGMT(MqlDateTime &parts) { datetime t = TimeGMT(); TimeToStruct(t, parts); return t; }
datetime TimeLocal(MqlDateTime &parts) { datetime t = TimeLocal(); TimeToStruct(t, parts); return t; }
#endif
void Sleep(int milliseconds) { HostCall(Writer((uint8_t)ToHost::Call).U8((uint8_t)CallOf::Sleep).I32(milliseconds)); }

static bool SetTimer(int milliseconds)
  {
   g.timer = milliseconds;
   HostSend(Writer((uint8_t)ToHost::Timer).I32(milliseconds));
   return true;
  }
bool EventSetTimer(int seconds) { return seconds > 0 && SetTimer(seconds * 1000); }
bool EventSetMillisecondTimer(int milliseconds) { return milliseconds > 0 && SetTimer(milliseconds); }
void EventKillTimer() { SetTimer(0); }

// ---- inputs

struct InputRow { std::string name; void *at; void (*set)(void *, const MqlString &); };
static std::vector<InputRow> &Inputs()
  {
   static std::vector<InputRow> rows;
   return rows;
  }
void MqlInput::Register(const char *name, void *at, void (*set)(void *, const MqlString &)) { Inputs().push_back({name, at, set}); }
bool MqlInput::Apply(const std::string &name, const MqlString &text)
  {
   for(auto &row : Inputs())
      if(row.name == name)
        {
         row.set(row.at, text);
         return true;
        }
   return false;
  }

// ---- what the terminal tells of itself

long TerminalInfoInteger(ENUM_TERMINAL_INFO_INTEGER what)
  {
   switch(what)
     {
      case TERMINAL_BUILD: return g.build;
      case TERMINAL_CONNECTED: return g.connected;
      case TERMINAL_DLLS_ALLOWED: return g.dll;
      case TERMINAL_TRADE_ALLOWED: return g.autoTrading;
      case TERMINAL_CODEPAGE: return 1252;
      case TERMINAL_CPU_CORES: return 2;
      case TERMINAL_NOTIFICATIONS_ENABLED: return 1;
      case TERMINAL_MEMORY_AVAILABLE: return 1024;
#ifdef __MQL5__
      case TERMINAL_PING_LAST: return g.ping;
      case TERMINAL_X64: return 1;
#endif
      default: return 0;
     }
  }

string TerminalInfoString(ENUM_TERMINAL_INFO_STRING what)
  {
   switch(what)
     {
      case TERMINAL_DATA_PATH: case TERMINAL_PATH: return MqlString(g.data);
      case TERMINAL_COMMONDATA_PATH: return MqlString(g.common);
      case TERMINAL_NAME: return MqlString("Simulated Terminal");
      case TERMINAL_COMPANY: return MqlString("Lockstep");
      case TERMINAL_LANGUAGE: return MqlString("English");
     }
   return MqlString("");
  }

long MQLInfoInteger(ENUM_MQL_INFO_INTEGER what)
  {
   switch(what)
     {
      case MQL_TRADE_ALLOWED: return g.autoTrading;
      case MQL_DLLS_ALLOWED: return g.dll;
      case MQL_TESTER: return g.tester;
      case MQL_PROGRAM_TYPE: return PROGRAM_EXPERT;
      default: return 0;
     }
  }
string MQLInfoString(ENUM_MQL_INFO_STRING) { return MqlString(g.program); }
string Symbol() { return _Symbol; }
int Period() { return _Period; }
#ifdef __MQL5__
int Digits() { return _Digits; }
double Point() { return _Point; }
#endif

SymbolRow *FindSymbol(const MqlString &name)
  {
   const MqlString &wanted = name.IsNull() ? _Symbol : name;
   for(auto &row : gSymbols)
      if(row.name.Text() == wanted.Text())
         return &row;
   return nullptr;
  }

// ---- global variables: kept by the terminal, not by the program

struct Global { double value; long time; };
static std::map<std::string, Global> gGlobals;

static std::string GlobalsFile() { return g.data + "/gvariables.dat"; }

static void SaveGlobals()
  {
   std::string temp = GlobalsFile() + ".tmp";
   if(FILE *f = fopen(temp.c_str(), "w"))
     {
      for(auto &[name, v] : gGlobals)
         fprintf(f, "%.17g\t%ld\t%s\n", v.value, v.time, name.c_str());
      fclose(f);
      rename(temp.c_str(), GlobalsFile().c_str());
     }
  }

static void LoadGlobals()
  {
   if(FILE *f = fopen(GlobalsFile().c_str(), "r"))
     {
      double value;
      long time;
      char name[128];
      while(fscanf(f, "%lg\t%ld\t%127[^\n]\n", &value, &time, name) == 3)
         gGlobals[name] = {value, time};
      fclose(f);
     }
  }

constexpr int GlobalMissing =
#ifdef __MQL5__
   4501;
#else
   4058;
#endif

datetime GlobalVariableSet(const string &name, double value)
  {
   if(StringLen(name) > 63)
      return 0;
   gGlobals[name.Utf8()] = {value, TimeLocal().v};
   SaveGlobals();
   return TimeLocal();
  }
bool GlobalVariableGet(const string &name, double &value)
  {
   auto at = gGlobals.find(name.Utf8());
   if(at == gGlobals.end())
     {
      SetError(GlobalMissing);
      return false;
     }
   value = at->second.value;
   return true;
  }
double GlobalVariableGet(const string &name) { double v = 0; GlobalVariableGet(name, v); return v; }
bool GlobalVariableCheck(const string &name) { return gGlobals.count(name.Utf8()) > 0; }
bool GlobalVariableDel(const string &name) { bool there = gGlobals.erase(name.Utf8()) > 0; SaveGlobals(); return there; }
bool GlobalVariableTemp(const string &name) { gGlobals[name.Utf8()] = {0, TimeLocal().v}; return true; }
bool GlobalVariableSetOnCondition(const string &name, double value, double check)
  {
   double now;
   return GlobalVariableGet(name, now) && now == check && GlobalVariableSet(name, value).v > 0;
  }
datetime GlobalVariableTime(const string &name) { auto at = gGlobals.find(name.Utf8()); return at == gGlobals.end() ? datetime(0) : datetime(at->second.time); }
int GlobalVariablesTotal() { return (int)gGlobals.size(); }
void GlobalVariablesFlush() { SaveGlobals(); }

// ---- chart: told, not drawn

static std::map<std::string, std::map<int, long>> gObjects;
long ChartID() { return 1; }
void ChartRedraw(long) {}
string ChartSymbol(long) { return _Symbol; }
bool EventChartCustom(long, ushort, long, double, const string &) { return true; }
bool ObjectCreate(long, const string &name, ENUM_OBJECT type, int, datetime, double)
  {
   if(gObjects.count(name.Utf8()) > 0)
      return false;
   gObjects[name.Utf8()][-1] = type;
   return true;
  }
bool ObjectDelete(long, const string &name)
  {
   if(gObjects.erase(name.Utf8()) == 0)
      return false;
   MqlLog(MqlLogObject, name);
   return true;
  }
int ObjectsDeleteAll(long, const string &prefix, int, int)
  {
   int n = 0;
   std::string start = prefix.Utf8();
   for(auto at = gObjects.begin(); at != gObjects.end();)
      if(at->first.compare(0, start.size(), start) == 0)
        {
         MqlLog(MqlLogObject, MqlString(at->first));
         at = gObjects.erase(at);
         n++;
        }
      else
         ++at;
   return n;
  }
int ObjectFind(long, const string &name) { return gObjects.count(name.Utf8()) > 0 ? 0 : -1; }
bool ObjectSetInteger(long, const string &name, ENUM_OBJECT_PROPERTY_INTEGER what, long value)
  {
   auto at = gObjects.find(name.Utf8());
   if(at == gObjects.end())
      return false;
   at->second[what] = value;
   return true;
  }
long ObjectGetInteger(long, const string &name, ENUM_OBJECT_PROPERTY_INTEGER what)
  {
   auto at = gObjects.find(name.Utf8());
   return at == gObjects.end() ? 0 : at->second[what];
  }
bool ObjectSetString(long, const string &name, ENUM_OBJECT_PROPERTY_STRING what, const string &value)
  {
   if(gObjects.count(name.Utf8()) == 0)
      return false;
   if(what == OBJPROP_TEXT)
      MqlLog(MqlLogObject, name + u"\t"_s + value);
   return true;
  }

// ---- pushes and events

static void ReadState(Reader &r)
  {
   for(int section = r.U8(); section != 0; section = r.U8())
      switch(section)
        {
         case 1:
           {
            long before = g.real ? 0 : g.now + g.reads;
            g.now = r.I64();
            g.offset = r.I32();
            g.current = r.I64();
            g.pcError = r.I64();
            g.pushedAt = Monotonic();
            // Time never goes back, whatever was read ahead.
            g.reads = before > g.now ? before - g.now : 0;
            break;
           }
         case 2:
            gAccount.login = r.I64();
            gAccount.server = r.String();
            gAccount.company = r.String();
            gAccount.currency = r.String();
            gAccount.name = r.String();
            gAccount.leverage = r.I32();
            gAccount.tradeMode = r.I32();
            gAccount.marginMode = r.I32();
            gAccount.balance = r.F64();
            gAccount.equity = r.F64();
            gAccount.margin = r.F64();
            gAccount.free = r.F64();
            gAccount.credit = r.F64();
            gAccount.profit = r.F64();
            gAccount.fifo = r.U8() != 0;
            gAccount.hedge = r.U8() != 0;
            gAccount.trade = r.U8() != 0;
            gAccount.expert = r.U8() != 0;
            gAccount.limitOrders = r.I32();
            gAccount.digits = r.I32();
            gAccount.soSo = r.F64();
            break;
         case 3:
           {
            int n = r.I32();
            for(int i = 0; i < n; i++)
              {
               SymbolRow row;
               row.name = r.String();
               row.base = r.String();
               row.profit = r.String();
               row.margin = row.base;
               row.digits = r.I32();
               row.stops = r.I32();
               row.freeze = r.I32();
               row.filling = r.I32();
               row.exec = r.I32();
               row.mode = r.I32();
               row.swapMode = r.I32();
               row.expiration = r.I32();
               row.orders = r.I32();
               row.calc = r.I32();
               row.point = r.F64();
               row.tick = r.F64();
               row.size = r.F64();
               row.min = r.F64();
               row.max = r.F64();
               row.step = r.F64();
               row.limit = r.F64();
               row.swapLong = r.F64();
               row.swapShort = r.F64();
               row.value = r.F64();
               row.marginRequired = r.F64();
               row.selected = r.U8() != 0;
               if(SymbolRow *known = FindSymbol(row.name))
                 {
                  row.bid = known->bid;
                  row.ask = known->ask;
                  row.time = known->time;
                  *known = row;
                 }
               else
                  gSymbols.push_back(row);
              }
            break;
           }
         case 4:
           {
            int n = r.I32();
            for(int i = 0; i < n; i++)
              {
               MqlString name = r.String();
               double bid = r.F64(), ask = r.F64(), value = r.F64();
               long time = r.I64();
               if(SymbolRow *row = FindSymbol(name))
                 {
                  row->bid = bid;
                  row->ask = ask;
                  row->time = time;
                  row->value = value;
                 }
              }
            break;
           }
         case 11:
            g.connected = r.U8() != 0;
            g.autoTrading = r.U8() != 0;
            g.busy = r.U8() != 0;
            g.dll = r.U8() != 0;
            g.tester = r.U8() != 0;
            g.diskFull = r.U8() != 0;
            g.readableLies = r.U8() != 0;
            g.ping = r.I64();
            g.build = r.I32();
            g.shortRead = r.I32();
            g.shortWrite = r.I32();
            g.killAt = r.I64();
            g.killWhen = r.U8();
            g.netExpected = r.I64();
            break;
         case 12:
            gSymbols.clear();
            TradeReset();
            break;
         default:
            if(!TradeSection(section, r))
               Die("an unknown section");
        }
   if(SymbolRow *row = FindSymbol(_Symbol))
     {
      _Digits = row->digits;
      _Point = row->point;
#ifndef __MQL5__
      Digits = _Digits;
      Point = _Point;
      Bid = row->bid;
      Ask = row->ask;
#endif
     }
  }

std::vector<uint8_t> HostCall(const Writer &w)
  {
   HostSend(w);
   std::vector<uint8_t> answer = HostReceive();
   Reader r(answer.data(), answer.size());
   if(r.U8() != 3)
      Die("an answer was expected");
   std::vector<uint8_t> rest(answer.begin() + 1 + 4, answer.begin() + 1 + 4 + r.I32());
   Reader state(answer.data() + 5 + rest.size(), answer.size() - 5 - rest.size());
   ReadState(state);
   return rest;
  }

static int RunEvent(int kind, Reader &r, const MqlHandlers &h)
  {
   switch(kind)
     {
      case 0:
         return h.init != nullptr ? h.init() : 0;
      case 1:
         g.reason = r.I32();
         _UninitReason = g.reason;
         g.stopped = true;
         if(h.deinit != nullptr)
            h.deinit(g.reason);
         g.stopped = false;
         gObjects.clear();
         return 0;
      case 2:
         if(h.tick != nullptr)
            h.tick();
         return 0;
      case 3:
         if(h.timer != nullptr)
            h.timer();
         return 0;
      case 4:
         if(h.trade != nullptr)
            h.trade();
         return 0;
      case 5:
         ReadTransaction(r, h);
         return 0;
      case 6:
        {
         int id = r.I32();
         long l = r.I64();
         double d = r.F64();
         MqlString s = r.String();
         if(h.chart != nullptr)
            h.chart(id, l, d, s);
         return 0;
        }
      case 7:
         if(h.start != nullptr)
            h.start();
         return 0;
     }
   Die("an unknown event");
   return 0;
  }

int main(int argc, char **argv)
  {
   if(argc != 2)
      Die("usage: program <socket of the host>");
   // Ctrl-C goes to the host as well, and the host ends this in order.
   signal(SIGINT, SIG_IGN);
   sockaddr_un address = {};
   address.sun_family = AF_UNIX;
   strncpy(address.sun_path, argv[1], sizeof(address.sun_path) - 1);
   gHost = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
   if(::connect(gHost, (sockaddr *)&address, sizeof(address)) != 0)
      Die("the host does not listen");
   MqlHandlers handlers;
   MqlRegisterHandlers(handlers);
   while(true)
     {
      std::vector<uint8_t> message = HostReceive();
      Reader r(message.data(), message.size());
      int type = r.U8();
      int result = 0;
      if(type == 1)
        {
         g.files = r.Text();
         g.common = r.Text();
         g.data = r.Text();
         g.pipes = r.Text();
         g.program = r.Text();
         g.caFile = r.Text();
         _Symbol = r.String();
         _Period = r.I32();
         g.real = r.U8() != 0;
         g.boot = r.I64();
         for(int n = r.I32(); n > 0; n--)
            g.allowed.push_back(r.Text());
         for(int n = r.I32(); n > 0; n--)
           {
            std::string name = r.Text();
            if(!MqlInput::Apply(name, r.String()))
               Die(("there is no input " + name).c_str());
           }
         ReadState(r);
         LoadGlobals();
        }
      else
        {
         int kind = r.U8();
         ReadState(r);
         result = RunEvent(kind, r, handlers);
        }
      HostSend(Writer((uint8_t)ToHost::Done).I32(result).I64(g.calls).I64(g.netSent).I64(g.netReceived));
     }
  }
