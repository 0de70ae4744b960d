// What the terminal offers: structures and functions.
#pragma once
#include <map>
#include "core.hpp"
#include "mql_tables.hpp"
#include "constants.hpp"

struct MqlDateTime { int year, mon, day, hour, min, sec, day_of_week, day_of_year; };
struct MqlTick { datetime time; double bid, ask, last; ulong volume; long time_msc; uint flags; double volume_real; };
struct MqlRates { datetime time; double open, high, low, close; long tick_volume; int spread; long real_volume; };

#ifdef __MQL5__
struct MqlTradeRequest
  {
   ENUM_TRADE_REQUEST_ACTIONS action;
   ulong             magic, order;
   string            symbol;
   double            volume, price, stoplimit, sl, tp;
   ulong             deviation;
   ENUM_ORDER_TYPE   type;
   ENUM_ORDER_TYPE_FILLING type_filling;
   ENUM_ORDER_TYPE_TIME type_time;
   datetime          expiration;
   string            comment;
   ulong             position, position_by;
  };
struct MqlTradeResult
  {
   uint              retcode;
   ulong             deal, order;
   double            volume, price, bid, ask;
   string            comment;
   uint              request_id;
   int               retcode_external;
  };
struct MqlTradeCheckResult
  {
   uint              retcode;
   double            balance, equity, profit, margin, margin_free, margin_level;
   string            comment;
  };
struct MqlTradeTransaction
  {
   ulong             deal, order;
   string            symbol;
   ENUM_TRADE_TRANSACTION_TYPE type;
   ENUM_ORDER_TYPE   order_type;
   ENUM_ORDER_STATE  order_state;
   ENUM_DEAL_TYPE    deal_type;
   ENUM_ORDER_TYPE_TIME time_type;
   datetime          time_expiration;
   double            price, price_trigger, price_sl, price_tp, volume;
   ulong             position, position_by;
  };
#else
struct MqlTradeTransaction {};
struct MqlTradeRequest {};
struct MqlTradeResult {};
#endif

struct MqlHandlers
  {
   int             (*init)() = nullptr;
   void            (*deinit)(int) = nullptr;
   void            (*tick)() = nullptr;
   void            (*timer)() = nullptr;
   void            (*trade)() = nullptr;
   void            (*start)() = nullptr;
   void            (*transaction)(const MqlTradeTransaction &, const MqlTradeRequest &, const MqlTradeResult &) = nullptr;
   void            (*chart)(int, const long &, const double &, const string &) = nullptr;
  };
void MqlRegisterHandlers(MqlHandlers &h);

// An input: the host may give another value than the source's.
class MqlInput
  {
public:
   template<class T>
   MqlInput(const char *name, T &value) { Register(name, &value, [](void *at, const MqlString &text) { Set(*(T *)at, text); }); }
   static void       Register(const char *name, void *at, void (*set)(void *, const MqlString &));
   static bool       Apply(const std::string &name, const MqlString &text);

private:
   static void       Set(MqlString &to, const MqlString &text) { to = text; }
   static void       Set(bool &to, const MqlString &text) { to = text.Utf8() == "true" || text.Utf8() == "1"; }
   static void       Set(double &to, const MqlString &text) { to = strtod(text.Utf8().c_str(), nullptr); }
   static void       Set(datetime &to, const MqlString &text) { to = datetime(strtol(text.Utf8().c_str(), nullptr, 10)); }
   template<class I> static void Set(I &to, const MqlString &text) { to = (I)strtol(text.Utf8().c_str(), nullptr, 10); }
  };

// ---- text and formatting
struct MqlArg
  {
   enum Kind { Integer, Unsigned, Real, Text } kind;
   long              i = 0;
   double            d = 0;
   MqlString         s;
   int               bytes = 8;
   MqlArg(const MqlString &value) : kind(Text), s(value) {}
   MqlArg(MqlNullType) : kind(Text) {}
   MqlArg(double value) : kind(Real), d(value) {}
   MqlArg(float value) : kind(Real), d(value) {}
   MqlArg(datetime value) : kind(Integer), i(value.v) {}
   MqlArg(bool value) : kind(Integer), i(value), bytes(1) {}
   template<class I, class = std::enable_if_t<std::is_integral_v<I> && !std::is_same_v<I, bool>>>
   MqlArg(I value) : kind(std::is_signed_v<I> ? Integer : Unsigned), i((long)value), bytes((int)sizeof(I)) {}
   template<class E, class = std::enable_if_t<std::is_enum_v<E>>, class = void>
   MqlArg(E value) : kind(Integer), i((long)value), bytes(4) {}
  };
string MqlFormat(const string &format, const std::vector<MqlArg> &args);
template<class... A> inline string StringFormat(const string &format, const A &...args) { return MqlFormat(format, {MqlArg(args)...}); }

inline MqlString MqlShow(const MqlString &s) { return s; }
inline MqlString MqlShow(MqlNullType) { return MqlString("NULL"); }
template<class T> inline MqlString MqlShow(const T &value) { return MqlString(value); }
enum MqlLogKind { MqlLogPrint = 0, MqlLogAlert = 1, MqlLogComment = 2, MqlLogNotification = 3, MqlLogObject = 4, MqlLogMail = 5 };
void MqlLog(MqlLogKind kind, const MqlString &text);
template<class... A> inline void Print(const A &...args) { MqlLog(MqlLogPrint, (MqlString(u"", 0) + ... + MqlShow(args))); }
template<class... A> inline void Alert(const A &...args) { MqlLog(MqlLogAlert, (MqlString(u"", 0) + ... + MqlShow(args))); }
template<class... A> inline void Comment(const A &...args) { MqlLog(MqlLogComment, (MqlString(u"", 0) + ... + MqlShow(args))); }
template<class... A> inline void PrintFormat(const string &format, const A &...args) { MqlLog(MqlLogPrint, MqlFormat(format, {MqlArg(args)...})); }
template<class... A> inline int printf(const string &format, const A &...args) { PrintFormat(format, args...); return 0; }
bool SendNotification(const string &text);
bool PlaySound(const string &file);

int StringLen(const string &s);
string StringSubstr(const string &s, int start, int length = -1);
int StringFind(const string &s, const string &what, int start = 0);
int StringReplace(string &s, const string &what, const string &by);
int StringSplit(const string &s, ushort separator, MqlArrRef<string> parts);
int StringCompare(const string &a, const string &b, bool caseSensitive = true);
bool StringAdd(string &s, const string &more);
bool StringSetCharacter(string &s, int at, ushort c);
bool StringFill(string &s, ushort c);
bool StringInit(string &s, int length = 0, ushort c = 0);
#ifdef __MQL5__
ushort StringGetCharacter(const string &s, int at);
int StringTrimLeft(string &s);
int StringTrimRight(string &s);
bool StringToLower(string &s);
bool StringToUpper(string &s);
bool StringSetLength(string &s, uint length);
bool StringReserve(string &s, uint capacity);
#else
ushort StringGetCharacter(const string &s, int at);
ushort StringGetChar(const string &s, int at);
string StringTrimLeft(const string &s);
string StringTrimRight(const string &s);
bool StringToLower(string &s);
bool StringToUpper(string &s);
#endif
int StringBufferLen(const string &s);
string IntegerToString(long value, int length = 0, ushort fill = u' ');
string DoubleToString(double value, int digits = 8);
string CharToString(uchar c);
string ShortToString(ushort c);
long StringToInteger(const string &s);
double StringToDouble(const string &s);
datetime StringToTime(const string &s);
string TimeToString(datetime t, int mode = TIME_DATE | TIME_MINUTES);
string ColorToString(color c, bool names = false);
string CharArrayToString(MqlArrRef<const uchar> a, int start = 0, int count = -1, uint codepage = CP_ACP);
int StringToCharArray(const string &s, MqlArrRef<uchar> a, int start = 0, int count = -1, uint codepage = CP_ACP);
string ShortArrayToString(MqlArrRef<const ushort> a, int start = 0, int count = -1);
int StringToShortArray(const string &s, MqlArrRef<ushort> a, int start = 0, int count = -1);
template<class E> inline string EnumToString(E value) { return MqlString((long)value); }
#ifndef __MQL5__
inline string DoubleToStr(double value, int digits) { return DoubleToString(value, digits); }
inline string TimeToStr(datetime t, int mode = TIME_DATE | TIME_MINUTES) { return TimeToString(t, mode); }
inline int StrToInteger(const string &s) { return (int)StringToInteger(s); }
inline double StrToDouble(const string &s) { return StringToDouble(s); }
inline datetime StrToTime(const string &s) { return StringToTime(s); }
inline string CharToStr(uchar c) { return CharToString(c); }
#endif

// ---- numbers
double NormalizeDouble(double value, int digits);
inline double MathRound(double x) { return std::round(x); }
inline double MathFloor(double x) { return std::floor(x); }
inline double MathCeil(double x) { return std::ceil(x); }
inline double MathSqrt(double x) { return std::sqrt(x); }
inline double MathPow(double x, double y) { return std::pow(x, y); }
inline double MathExp(double x) { return std::exp(x); }
inline double MathLog(double x) { return std::log(x); }
inline double MathLog10(double x) { return std::log10(x); }
inline double MathMod(double x, double y) { return std::fmod(x, y); }
inline bool MathIsValidNumber(double x) { return std::isfinite(x); }
template<class T> inline T MathAbs(T x) { return x < 0 ? (T)-x : x; }
template<class A, class B> inline std::common_type_t<A, B> MathMax(A a, B b) { using C = std::common_type_t<A, B>; return (C)a < (C)b ? (C)b : (C)a; }
template<class A, class B> inline std::common_type_t<A, B> MathMin(A a, B b) { using C = std::common_type_t<A, B>; return (C)b < (C)a ? (C)b : (C)a; }
int MathRand();
void MathSrand(int seed);

// ---- time
datetime TimeCurrent();
datetime TimeGMT();
datetime TimeLocal();
int TimeGMTOffset();
uint GetTickCount();
ulong GetMicrosecondCount();
void Sleep(int milliseconds);
bool TimeToStruct(datetime t, MqlDateTime &parts);
datetime StructToTime(MqlDateTime &parts);
#ifdef __MQL5__
ulong GetTickCount64();
datetime TimeTradeServer();
datetime TimeCurrent(MqlDateTime &parts);
datetime TimeGMT(MqlDateTime &parts);
datetime TimeLocal(MqlDateTime &parts);
#else
int TimeYear(datetime t);
int TimeMonth(datetime t);
int TimeDay(datetime t);
int TimeHour(datetime t);
int TimeMinute(datetime t);
int TimeSeconds(datetime t);
int TimeDayOfWeek(datetime t);
#endif
bool EventSetTimer(int seconds);
bool EventSetMillisecondTimer(int milliseconds);
void EventKillTimer();

// ---- the program
int GetLastError();
void ResetLastError();
void SetUserError(ushort error);
bool IsStopped();
void ExpertRemove();
int UninitializeReason();
long TerminalInfoInteger(ENUM_TERMINAL_INFO_INTEGER what);
string TerminalInfoString(ENUM_TERMINAL_INFO_STRING what);
long MQLInfoInteger(ENUM_MQL_INFO_INTEGER what);
string MQLInfoString(ENUM_MQL_INFO_STRING what);
string Symbol();
int Period();
extern string _Symbol;
extern int _Digits;
extern double _Point;
extern int _Period;
extern int _UninitReason;
#ifdef __MQL5__
int Digits();
double Point();
#else
extern double Bid, Ask, Point;
extern int Digits;
bool RefreshRates();
bool IsConnected();
bool IsExpertEnabled();
bool IsTradeAllowed();
bool IsTradeAllowed(const string &symbol, datetime t);
bool IsTradeContextBusy();
bool IsDllsAllowed();
bool IsTesting();
bool IsOptimization();
bool IsDemo();
bool IsVisualMode();
double AccountBalance();
double AccountEquity();
double AccountMargin();
double AccountFreeMargin();
double AccountCredit();
double AccountProfit();
int AccountNumber();
int AccountLeverage();
string AccountServer();
string AccountCompany();
string AccountCurrency();
string AccountName();
#endif
datetime GlobalVariableSet(const string &name, double value);
double GlobalVariableGet(const string &name);
bool GlobalVariableGet(const string &name, double &value);
bool GlobalVariableCheck(const string &name);
bool GlobalVariableDel(const string &name);
bool GlobalVariableTemp(const string &name);
bool GlobalVariableSetOnCondition(const string &name, double value, double check);
datetime GlobalVariableTime(const string &name);
int GlobalVariablesTotal();
void GlobalVariablesFlush();

// ---- account, symbols, quotes
long AccountInfoInteger(ENUM_ACCOUNT_INFO_INTEGER what);
double AccountInfoDouble(ENUM_ACCOUNT_INFO_DOUBLE what);
string AccountInfoString(ENUM_ACCOUNT_INFO_STRING what);
int SymbolsTotal(bool selected);
string SymbolName(int index, bool selected);
bool SymbolSelect(const string &name, bool select);
long SymbolInfoInteger(const string &name, ENUM_SYMBOL_INFO_INTEGER what);
bool SymbolInfoInteger(const string &name, ENUM_SYMBOL_INFO_INTEGER what, long &value);
double SymbolInfoDouble(const string &name, ENUM_SYMBOL_INFO_DOUBLE what);
bool SymbolInfoDouble(const string &name, ENUM_SYMBOL_INFO_DOUBLE what, double &value);
string SymbolInfoString(const string &name, ENUM_SYMBOL_INFO_STRING what);
bool SymbolInfoString(const string &name, ENUM_SYMBOL_INFO_STRING what, string &value);
bool SymbolInfoTick(const string &name, MqlTick &tick);
int CopyRates(const string &symbol, ENUM_TIMEFRAMES frame, int start, int count, MqlArrRef<MqlRates> rates);
int CopyRates(const string &symbol, ENUM_TIMEFRAMES frame, datetime start, int count, MqlArrRef<MqlRates> rates);
int CopyRates(const string &symbol, ENUM_TIMEFRAMES frame, datetime start, datetime stop, MqlArrRef<MqlRates> rates);
#ifdef __MQL5__
bool SymbolIsSynchronized(const string &name);
bool SymbolExist(const string &name, bool &custom);
int CopyTicks(const string &symbol, MqlArrRef<MqlTick> ticks, uint flags = (uint)COPY_TICKS_ALL, ulong from = 0, uint count = 0);
int CopyTicksRange(const string &symbol, MqlArrRef<MqlTick> ticks, uint flags = (uint)COPY_TICKS_ALL, ulong from = 0, ulong to = 0);
long SeriesInfoInteger(const string &symbol, ENUM_TIMEFRAMES frame, ENUM_SERIES_INFO_INTEGER what);
bool SeriesInfoInteger(const string &symbol, ENUM_TIMEFRAMES frame, ENUM_SERIES_INFO_INTEGER what, long &value);
#else
double MarketInfo(const string &symbol, int what);
int iBars(const string &symbol, int frame);
#endif

// ---- trading
int OrdersTotal();
#ifdef __MQL5__
bool OrderSend(const MqlTradeRequest &request, MqlTradeResult &result);
bool OrderSendAsync(const MqlTradeRequest &request, MqlTradeResult &result);
bool OrderCheck(const MqlTradeRequest &request, MqlTradeCheckResult &result);
bool OrderCalcMargin(ENUM_ORDER_TYPE action, const string &symbol, double volume, double price, double &margin);
bool OrderCalcProfit(ENUM_ORDER_TYPE action, const string &symbol, double volume, double open, double close, double &profit);
int PositionsTotal();
ulong PositionGetTicket(int index);
string PositionGetSymbol(int index);
bool PositionSelect(const string &symbol);
bool PositionSelectByTicket(ulong ticket);
long PositionGetInteger(ENUM_POSITION_PROPERTY_INTEGER what);
bool PositionGetInteger(ENUM_POSITION_PROPERTY_INTEGER what, long &value);
double PositionGetDouble(ENUM_POSITION_PROPERTY_DOUBLE what);
bool PositionGetDouble(ENUM_POSITION_PROPERTY_DOUBLE what, double &value);
string PositionGetString(ENUM_POSITION_PROPERTY_STRING what);
bool PositionGetString(ENUM_POSITION_PROPERTY_STRING what, string &value);
ulong OrderGetTicket(int index);
bool OrderSelect(ulong ticket);
long OrderGetInteger(ENUM_ORDER_PROPERTY_INTEGER what);
bool OrderGetInteger(ENUM_ORDER_PROPERTY_INTEGER what, long &value);
double OrderGetDouble(ENUM_ORDER_PROPERTY_DOUBLE what);
bool OrderGetDouble(ENUM_ORDER_PROPERTY_DOUBLE what, double &value);
string OrderGetString(ENUM_ORDER_PROPERTY_STRING what);
bool OrderGetString(ENUM_ORDER_PROPERTY_STRING what, string &value);
bool HistorySelect(datetime from, datetime to);
bool HistorySelectByPosition(long position);
bool HistoryOrderSelect(ulong ticket);
int HistoryOrdersTotal();
ulong HistoryOrderGetTicket(int index);
long HistoryOrderGetInteger(ulong ticket, ENUM_ORDER_PROPERTY_INTEGER what);
bool HistoryOrderGetInteger(ulong ticket, ENUM_ORDER_PROPERTY_INTEGER what, long &value);
double HistoryOrderGetDouble(ulong ticket, ENUM_ORDER_PROPERTY_DOUBLE what);
bool HistoryOrderGetDouble(ulong ticket, ENUM_ORDER_PROPERTY_DOUBLE what, double &value);
string HistoryOrderGetString(ulong ticket, ENUM_ORDER_PROPERTY_STRING what);
bool HistoryOrderGetString(ulong ticket, ENUM_ORDER_PROPERTY_STRING what, string &value);
bool HistoryDealSelect(ulong ticket);
int HistoryDealsTotal();
ulong HistoryDealGetTicket(int index);
long HistoryDealGetInteger(ulong ticket, ENUM_DEAL_PROPERTY_INTEGER what);
bool HistoryDealGetInteger(ulong ticket, ENUM_DEAL_PROPERTY_INTEGER what, long &value);
double HistoryDealGetDouble(ulong ticket, ENUM_DEAL_PROPERTY_DOUBLE what);
bool HistoryDealGetDouble(ulong ticket, ENUM_DEAL_PROPERTY_DOUBLE what, double &value);
string HistoryDealGetString(ulong ticket, ENUM_DEAL_PROPERTY_STRING what);
bool HistoryDealGetString(ulong ticket, ENUM_DEAL_PROPERTY_STRING what, string &value);
#else
int OrdersHistoryTotal();
bool OrderSelect(int index, int select, int pool = MODE_TRADES);
int OrderSend(const string &symbol, int cmd, double volume, double price, int slippage, double stoploss, double takeprofit, const string &comment = MqlNull, int magic = 0,
              datetime expiration = 0, color arrow = clrNONE);
bool OrderClose(int ticket, double lots, double price, int slippage, color arrow = clrNONE);
bool OrderCloseBy(int ticket, int opposite, color arrow = clrNONE);
bool OrderModify(int ticket, double price, double stoploss, double takeprofit, datetime expiration, color arrow = clrNONE);
bool OrderDelete(int ticket, color arrow = clrNONE);
int OrderTicket();
int OrderType();
string OrderSymbol();
double OrderLots();
double OrderOpenPrice();
datetime OrderOpenTime();
double OrderStopLoss();
double OrderTakeProfit();
datetime OrderExpiration();
int OrderMagicNumber();
string OrderComment();
double OrderCommission();
double OrderSwap();
double OrderProfit();
double OrderClosePrice();
datetime OrderCloseTime();
void OrderPrint();
#endif

// ---- files
int FileOpen(const string &name, int flags, short delimiter = '\t', uint codepage = CP_ACP);
int FileOpen(const string &name, int flags, const string &delimiter, uint codepage = CP_ACP);
void FileClose(int handle);
void FileFlush(int handle);
bool FileIsEnding(int handle);
bool FileIsLineEnding(int handle);
ulong FileSize(int handle);
ulong FileTell(int handle);
bool FileSeek(int handle, long offset, ENUM_FILE_POSITION origin);
bool FileIsExist(const string &name, int common = 0);
bool FileDelete(const string &name, int common = 0);
bool FileCopy(const string &from, int common, const string &to, int mode);
bool FileMove(const string &from, int common, const string &to, int mode);
bool FolderCreate(const string &name, int common = 0);
bool FolderDelete(const string &name, int common = 0);
bool FolderClean(const string &name, int common = 0);
long FileFindFirst(const string &filter, string &name, int common = 0);
bool FileFindNext(long handle, string &name);
void FileFindClose(long handle);
long FileGetInteger(int handle, ENUM_FILE_PROPERTY_INTEGER what);
long FileGetInteger(const string &name, ENUM_FILE_PROPERTY_INTEGER what, bool common = false);
uint FileWriteInteger(int handle, int value, int size = 4);
uint FileWriteLong(int handle, long value);
uint FileWriteDouble(int handle, double value);
uint FileWriteFloat(int handle, float value);
uint FileWriteString(int handle, const string &text, int length = -1);
int FileReadInteger(int handle, int size = 4);
long FileReadLong(int handle);
double FileReadDouble(int handle);
float FileReadFloat(int handle);
string FileReadString(int handle, int length = -1);
uint MqlFileWriteBytes(int handle, const void *bytes, ulong count);
uint MqlFileReadBytes(int handle, void *bytes, ulong count);
ulong MqlFileLeft(int handle);
uint MqlFileWriteFields(int handle, const std::vector<MqlString> &fields);
template<class... A> inline uint FileWrite(int handle, const A &...args) { return MqlFileWriteFields(handle, {MqlShow(args)...}); }

// In elements, not bytes, as the terminal counts.
template<class A>
inline uint FileWriteArray(int handle, const A &a, int start = 0, int count = WHOLE_ARRAY)
  {
   using T = typename A::Element;
   static_assert(std::is_trivially_copyable_v<T>, "FileWriteArray takes arrays of plain types");
   int n = a.Size() - start;
   if(count >= 0 && count < n)
      n = count;
   return n <= 0 ? 0 : MqlFileWriteBytes(handle, a.Data() + start, (ulong)n * sizeof(T)) / (uint)sizeof(T);
  }
template<class A>
inline uint FileReadArray(int handle, A &&a, int start = 0, int count = WHOLE_ARRAY)
  {
   using T = typename std::decay_t<A>::Element;
   static_assert(std::is_trivially_copyable_v<T>, "FileReadArray takes arrays of plain types");
   ulong left = MqlFileLeft(handle) / sizeof(T);
   if(count >= 0 && (ulong)count < left)
      left = (ulong)count;
   if((ulong)a.Size() < (ulong)start + left && a.Resize(start + (int)left, 0) < 0)
      left = a.Size() > start ? (ulong)(a.Size() - start) : 0;
   return left == 0 ? 0 : MqlFileReadBytes(handle, a.Data() + start, left * sizeof(T)) / (uint)sizeof(T);
  }
template<class T>
inline uint FileWriteStruct(int handle, const T &value, int size = -1)
  {
   static_assert(std::is_trivially_copyable_v<T>, "FileWriteStruct takes plain structures");
   return MqlFileWriteBytes(handle, &value, size < 0 ? sizeof(T) : (ulong)size);
  }
template<class T>
inline uint FileReadStruct(int handle, T &value, int size = -1)
  {
   static_assert(std::is_trivially_copyable_v<T>, "FileReadStruct takes plain structures");
   return MqlFileReadBytes(handle, &value, size < 0 ? sizeof(T) : (ulong)size);
  }

// ---- network
int CryptEncode(ENUM_CRYPT_METHOD method, MqlArrRef<const uchar> data, MqlArrRef<const uchar> key, MqlArrRef<uchar> result);
int CryptDecode(ENUM_CRYPT_METHOD method, MqlArrRef<const uchar> data, MqlArrRef<const uchar> key, MqlArrRef<uchar> result);
#ifdef __MQL5__
int SocketCreate(uint flags = SOCKET_DEFAULT);
bool SocketClose(int socket);
bool SocketConnect(int socket, const string &server, uint port, uint timeout);
bool SocketIsConnected(int socket);
uint SocketIsReadable(int socket);
bool SocketIsWritable(int socket);
bool SocketTimeouts(int socket, uint send, uint receive);
int SocketRead(int socket, MqlArrRef<uchar> buffer, uint length, uint timeout);
int SocketSend(int socket, MqlArrRef<const uchar> buffer, uint length);
bool SocketTlsHandshake(int socket, const string &host);
int SocketTlsCertificate(int socket, string &subject, string &issuer, string &serial, string &thumbprint, datetime &expiry);
int SocketTlsRead(int socket, MqlArrRef<uchar> buffer, uint length);
int SocketTlsReadAvailable(int socket, MqlArrRef<uchar> buffer, uint length);
int SocketTlsSend(int socket, MqlArrRef<const uchar> buffer, uint length);
#endif

// ---- charts: only what a panel needs; everything goes to the host's log
long ChartID();
void ChartRedraw(long chart = 0);
string ChartSymbol(long chart = 0);
bool EventChartCustom(long chart, ushort id, long lparam, double dparam, const string &sparam);
bool ObjectCreate(long chart, const string &name, ENUM_OBJECT type, int window, datetime time, double price);
bool ObjectDelete(long chart, const string &name);
int ObjectsDeleteAll(long chart, const string &prefix, int window = -1, int type = -1);
int ObjectFind(long chart, const string &name);
bool ObjectSetInteger(long chart, const string &name, ENUM_OBJECT_PROPERTY_INTEGER what, long value);
bool ObjectSetString(long chart, const string &name, ENUM_OBJECT_PROPERTY_STRING what, const string &value);
long ObjectGetInteger(long chart, const string &name, ENUM_OBJECT_PROPERTY_INTEGER what);
