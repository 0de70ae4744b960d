// Account, symbols, positions, orders, history: the terminal's cache; trade calls go to the host.
#include "runtime.hpp"
#include <unistd.h>

#ifdef __MQL5__
struct PositionRow
  {
   long              ticket, id, magic, time, update;
   MqlString         symbol, comment;
   int               type, reason;
   double            volume, open, sl, tp, swap, profit, current;
  };
struct OrderRow
  {
   long              ticket, expiration, magic, position, positionBy, setup, done;
   MqlString         symbol, comment;
   int               type, state, typeTime, filling, reason;
   double            initial, volume, price, stopLimit, sl, tp, current;
  };
struct DealRow
  {
   long              ticket, order, position, magic, time;
   MqlString         symbol, comment;
   int               type, entry, reason;
   double            volume, price, profit, swap, commission, fee;
  };
static std::vector<PositionRow> gPositions;
static std::vector<OrderRow> gOrders, gOldOrders;
static std::vector<DealRow> gDeals;
// What HistorySelect chose: indices.
static std::vector<size_t> gChosenOrders, gChosenDeals;
static PositionRow gPosition;   // selected: a copy, as the terminal's own
static bool gHasPosition = false;
static OrderRow gOrder;
static bool gHasOrder = false;

static OrderRow ReadOrder(Reader &r)
  {
   OrderRow o;
   o.ticket = r.I64();
   o.symbol = r.String();
   o.type = r.I32();
   o.state = r.I32();
   o.typeTime = r.I32();
   o.filling = r.I32();
   o.reason = r.I32();
   o.initial = r.F64();
   o.volume = r.F64();
   o.price = r.F64();
   o.stopLimit = r.F64();
   o.sl = r.F64();
   o.tp = r.F64();
   o.current = r.F64();
   o.expiration = r.I64();
   o.magic = r.I64();
   o.comment = r.String();
   o.position = r.I64();
   o.positionBy = 0;
   o.setup = r.I64();
   o.done = r.I64();
   return o;
  }

bool TradeSection(int section, Reader &r)
  {
   if(section == 5)
     {
      gPositions.clear();
      for(int n = r.I32(); n > 0; n--)
        {
         PositionRow p;
         p.ticket = r.I64();
         p.id = r.I64();
         p.symbol = r.String();
         p.type = r.I32();
         p.reason = r.I32();
         p.volume = r.F64();
         p.open = r.F64();
         p.sl = r.F64();
         p.tp = r.F64();
         p.swap = r.F64();
         p.profit = r.F64();
         p.current = r.F64();
         p.magic = r.I64();
         p.comment = r.String();
         p.time = r.I64();
         p.update = p.time;
         gPositions.push_back(p);
        }
      return true;
     }
   if(section == 6)
     {
      gOrders.clear();
      for(int n = r.I32(); n > 0; n--)
         gOrders.push_back(ReadOrder(r));
      return true;
     }
   if(section == 7)
     {
      for(int n = r.I32(); n > 0; n--)
         gOldOrders.push_back(ReadOrder(r));
      return true;
     }
   if(section == 8)
     {
      for(int n = r.I32(); n > 0; n--)
        {
         DealRow d;
         d.ticket = r.I64();
         d.order = r.I64();
         d.position = r.I64();
         d.symbol = r.String();
         d.type = r.I32();
         d.entry = r.I32();
         d.reason = r.I32();
         d.volume = r.F64();
         d.price = r.F64();
         d.profit = r.F64();
         d.swap = r.F64();
         d.commission = r.F64();
         d.fee = r.F64();
         d.magic = r.I64();
         d.comment = r.String();
         d.time = r.I64();
         gDeals.push_back(d);
        }
      return true;
     }
   return false;
  }

void TradeReset()
  {
   gPositions.clear();
   gOrders.clear();
   gOldOrders.clear();
   gDeals.clear();
   gChosenOrders.clear();
   gChosenDeals.clear();
   gHasPosition = gHasOrder = false;
  }

void ReadTransaction(Reader &r, const MqlHandlers &h)
  {
   MqlTradeTransaction t = {};
   MqlTradeRequest q = {};
   MqlTradeResult s = {};
   t.type = (ENUM_TRADE_TRANSACTION_TYPE)r.U8();
   t.deal = (ulong)r.I64();
   t.order = (ulong)r.I64();
   t.symbol = r.String();
   t.order_type = (ENUM_ORDER_TYPE)r.I32();
   t.order_state = (ENUM_ORDER_STATE)r.I32();
   t.deal_type = (ENUM_DEAL_TYPE)r.I32();
   t.price = r.F64();
   t.price_sl = r.F64();
   t.price_tp = r.F64();
   t.volume = r.F64();
   t.position = (ulong)r.I64();
   if(r.U8() != 0)
     {
      q.action = (ENUM_TRADE_REQUEST_ACTIONS)r.I32();
      q.symbol = r.String();
      q.volume = r.F64();
      q.magic = (ulong)r.I64();
      q.order = (ulong)r.I64();
      q.position = (ulong)r.I64();
      q.type = (ENUM_ORDER_TYPE)r.I32();
      q.comment = r.String();
      s.retcode = (uint)r.I32();
      s.deal = (ulong)r.I64();
      s.order = (ulong)r.I64();
      s.volume = r.F64();
      s.price = r.F64();
      s.bid = r.F64();
      s.ask = r.F64();
      s.comment = r.String();
      s.request_id = (uint)r.I32();
     }
   if(h.transaction != nullptr)
      h.transaction(t, q, s);
  }

// ---- positions

int PositionsTotal() { return (int)gPositions.size(); }

static bool TakePosition(const PositionRow *p)
  {
   gHasPosition = p != nullptr;
   if(p != nullptr)
      gPosition = *p;
   else
      SetError(4753);
   return p != nullptr;
  }

ulong PositionGetTicket(int index)
  {
   bool there = index >= 0 && index < (int)gPositions.size();
   return TakePosition(there ? &gPositions[(size_t)index] : nullptr) ? (ulong)gPosition.ticket : 0;
  }
string PositionGetSymbol(int index) { return PositionGetTicket(index) != 0 ? gPosition.symbol : MqlString("") ; }
bool PositionSelect(const string &symbol)
  {
   for(auto &p : gPositions)
      if(p.symbol.Text() == symbol.Text())
         return TakePosition(&p);
   return TakePosition(nullptr);
  }
bool PositionSelectByTicket(ulong ticket)
  {
   for(auto &p : gPositions)
      if(p.ticket == (long)ticket)
         return TakePosition(&p);
   return TakePosition(nullptr);
  }

bool PositionGetInteger(ENUM_POSITION_PROPERTY_INTEGER what, long &value)
  {
   value = 0;
   if(!gHasPosition)
     {
      SetError(4753);
      return false;
     }
   const PositionRow &p = gPosition;
   switch(what)
     {
      case POSITION_TICKET: value = p.ticket; break;
      case POSITION_IDENTIFIER: value = p.id; break;
      case POSITION_TYPE: value = p.type; break;
      case POSITION_MAGIC: value = p.magic; break;
      case POSITION_REASON: value = p.reason; break;
      case POSITION_TIME: value = p.time / 1000; break;
      case POSITION_TIME_MSC: value = p.time; break;
      case POSITION_TIME_UPDATE: value = p.update / 1000; break;
      case POSITION_TIME_UPDATE_MSC: value = p.update; break;
     }
   return true;
  }
bool PositionGetDouble(ENUM_POSITION_PROPERTY_DOUBLE what, double &value)
  {
   value = 0;
   if(!gHasPosition)
     {
      SetError(4753);
      return false;
     }
   const PositionRow &p = gPosition;
   switch(what)
     {
      case POSITION_VOLUME: value = p.volume; break;
      case POSITION_PRICE_OPEN: value = p.open; break;
      case POSITION_SL: value = p.sl; break;
      case POSITION_TP: value = p.tp; break;
      case POSITION_PRICE_CURRENT: value = p.current; break;
      case POSITION_SWAP: value = p.swap; break;
      case POSITION_PROFIT: value = p.profit; break;
     }
   return true;
  }
bool PositionGetString(ENUM_POSITION_PROPERTY_STRING what, string &value)
  {
   value = what == POSITION_SYMBOL ? gPosition.symbol : what == POSITION_COMMENT ? gPosition.comment : MqlString("");
   if(!gHasPosition)
      SetError(4753);
   return gHasPosition;
  }
long PositionGetInteger(ENUM_POSITION_PROPERTY_INTEGER what) { long v; PositionGetInteger(what, v); return v; }
double PositionGetDouble(ENUM_POSITION_PROPERTY_DOUBLE what) { double v; PositionGetDouble(what, v); return v; }
string PositionGetString(ENUM_POSITION_PROPERTY_STRING what) { string v; PositionGetString(what, v); return v; }

// ---- orders

int OrdersTotal() { return (int)gOrders.size(); }

static bool TakeOrder(const OrderRow *o)
  {
   gHasOrder = o != nullptr;
   if(o != nullptr)
      gOrder = *o;
   else
      SetError(4754);
   return o != nullptr;
  }
ulong OrderGetTicket(int index)
  {
   bool there = index >= 0 && index < (int)gOrders.size();
   return TakeOrder(there ? &gOrders[(size_t)index] : nullptr) ? (ulong)gOrder.ticket : 0;
  }
bool OrderSelect(ulong ticket)
  {
   for(auto &o : gOrders)
      if(o.ticket == (long)ticket)
         return TakeOrder(&o);
   return TakeOrder(nullptr);
  }

static long OrderInteger(const OrderRow &o, ENUM_ORDER_PROPERTY_INTEGER what)
  {
   switch(what)
     {
      case ORDER_TICKET: return o.ticket;
      case ORDER_TYPE: return o.type;
      case ORDER_STATE: return o.state;
      case ORDER_TYPE_TIME: return o.typeTime;
      case ORDER_TYPE_FILLING: return o.filling;
      case ORDER_REASON: return o.reason;
      case ORDER_TIME_EXPIRATION: return o.expiration;
      case ORDER_MAGIC: return o.magic;
      case ORDER_POSITION_ID: return o.position;
      case ORDER_POSITION_BY_ID: return o.positionBy;
      case ORDER_TIME_SETUP: return o.setup / 1000;
      case ORDER_TIME_SETUP_MSC: return o.setup;
      case ORDER_TIME_DONE: return o.done / 1000;
      case ORDER_TIME_DONE_MSC: return o.done;
     }
   return 0;
  }
static double OrderDouble(const OrderRow &o, ENUM_ORDER_PROPERTY_DOUBLE what)
  {
   switch(what)
     {
      case ORDER_VOLUME_INITIAL: return o.initial;
      case ORDER_VOLUME_CURRENT: return o.volume;
      case ORDER_PRICE_OPEN: return o.price;
      case ORDER_PRICE_STOPLIMIT: return o.stopLimit;
      case ORDER_SL: return o.sl;
      case ORDER_TP: return o.tp;
      case ORDER_PRICE_CURRENT: return o.current;
     }
   return 0;
  }
static MqlString OrderText(const OrderRow &o, ENUM_ORDER_PROPERTY_STRING what)
  {
   return what == ORDER_SYMBOL ? o.symbol : what == ORDER_COMMENT ? o.comment : MqlString("");
  }
static bool NeedOrder()
  {
   if(!gHasOrder)
      SetError(4754);
   return gHasOrder;
  }
bool OrderGetInteger(ENUM_ORDER_PROPERTY_INTEGER what, long &value) { value = gHasOrder ? OrderInteger(gOrder, what) : 0; return NeedOrder(); }
bool OrderGetDouble(ENUM_ORDER_PROPERTY_DOUBLE what, double &value) { value = gHasOrder ? OrderDouble(gOrder, what) : 0; return NeedOrder(); }
bool OrderGetString(ENUM_ORDER_PROPERTY_STRING what, string &value) { value = gHasOrder ? OrderText(gOrder, what) : MqlString(""); return NeedOrder(); }
long OrderGetInteger(ENUM_ORDER_PROPERTY_INTEGER what) { long v; OrderGetInteger(what, v); return v; }
double OrderGetDouble(ENUM_ORDER_PROPERTY_DOUBLE what) { double v; OrderGetDouble(what, v); return v; }
string OrderGetString(ENUM_ORDER_PROPERTY_STRING what) { string v; OrderGetString(what, v); return v; }

// ---- history: only what was selected can be read

bool HistorySelect(datetime from, datetime to)
  {
   gChosenOrders.clear();
   gChosenDeals.clear();
   for(size_t i = 0; i < gOldOrders.size(); i++)
      if(gOldOrders[i].done / 1000 >= from.v && gOldOrders[i].done / 1000 <= to.v)
         gChosenOrders.push_back(i);
   for(size_t i = 0; i < gDeals.size(); i++)
      if(gDeals[i].time / 1000 >= from.v && gDeals[i].time / 1000 <= to.v)
         gChosenDeals.push_back(i);
   return true;
  }
bool HistorySelectByPosition(long position)
  {
   gChosenOrders.clear();
   gChosenDeals.clear();
   for(size_t i = 0; i < gOldOrders.size(); i++)
      if(gOldOrders[i].position == position)
         gChosenOrders.push_back(i);
   for(size_t i = 0; i < gDeals.size(); i++)
      if(gDeals[i].position == position)
         gChosenDeals.push_back(i);
   return true;
  }

template<class Row>
static bool Choose(const std::vector<Row> &all, std::vector<size_t> &chosen, ulong ticket, int error)
  {
   for(size_t i = 0; i < all.size(); i++)
      if(all[i].ticket == (long)ticket)
        {
         chosen = {i};
         return true;
        }
   SetError(error);
   return false;
  }
template<class Row>
static const Row *Chosen(const std::vector<Row> &all, const std::vector<size_t> &chosen, ulong ticket, int error)
  {
   for(size_t i : chosen)
      if(all[i].ticket == (long)ticket)
         return &all[i];
   SetError(error);
   return nullptr;
  }
bool HistoryOrderSelect(ulong ticket) { return Choose(gOldOrders, gChosenOrders, ticket, 4754); }
bool HistoryDealSelect(ulong ticket) { return Choose(gDeals, gChosenDeals, ticket, 4755); }
int HistoryOrdersTotal() { return (int)gChosenOrders.size(); }
int HistoryDealsTotal() { return (int)gChosenDeals.size(); }
ulong HistoryOrderGetTicket(int i) { return i >= 0 && i < HistoryOrdersTotal() ? (ulong)gOldOrders[gChosenOrders[(size_t)i]].ticket : 0; }
ulong HistoryDealGetTicket(int i) { return i >= 0 && i < HistoryDealsTotal() ? (ulong)gDeals[gChosenDeals[(size_t)i]].ticket : 0; }

bool HistoryOrderGetInteger(ulong ticket, ENUM_ORDER_PROPERTY_INTEGER what, long &value)
  {
   const OrderRow *o = Chosen(gOldOrders, gChosenOrders, ticket, 4754);
   value = o != nullptr ? OrderInteger(*o, what) : 0;
   return o != nullptr;
  }
bool HistoryOrderGetDouble(ulong ticket, ENUM_ORDER_PROPERTY_DOUBLE what, double &value)
  {
   const OrderRow *o = Chosen(gOldOrders, gChosenOrders, ticket, 4754);
   value = o != nullptr ? OrderDouble(*o, what) : 0;
   return o != nullptr;
  }
bool HistoryOrderGetString(ulong ticket, ENUM_ORDER_PROPERTY_STRING what, string &value)
  {
   const OrderRow *o = Chosen(gOldOrders, gChosenOrders, ticket, 4754);
   value = o != nullptr ? OrderText(*o, what) : MqlString("");
   return o != nullptr;
  }
long HistoryOrderGetInteger(ulong ticket, ENUM_ORDER_PROPERTY_INTEGER what) { long v; HistoryOrderGetInteger(ticket, what, v); return v; }
double HistoryOrderGetDouble(ulong ticket, ENUM_ORDER_PROPERTY_DOUBLE what) { double v; HistoryOrderGetDouble(ticket, what, v); return v; }
string HistoryOrderGetString(ulong ticket, ENUM_ORDER_PROPERTY_STRING what) { string v; HistoryOrderGetString(ticket, what, v); return v; }

bool HistoryDealGetInteger(ulong ticket, ENUM_DEAL_PROPERTY_INTEGER what, long &value)
  {
   value = 0;
   const DealRow *d = Chosen(gDeals, gChosenDeals, ticket, 4755);
   if(d == nullptr)
      return false;
   switch(what)
     {
      case DEAL_TICKET: value = d->ticket; break;
      case DEAL_ORDER: value = d->order; break;
      case DEAL_POSITION_ID: value = d->position; break;
      case DEAL_TYPE: value = d->type; break;
      case DEAL_ENTRY: value = d->entry; break;
      case DEAL_REASON: value = d->reason; break;
      case DEAL_MAGIC: value = d->magic; break;
      case DEAL_TIME: value = d->time / 1000; break;
      case DEAL_TIME_MSC: value = d->time; break;
     }
   return true;
  }
bool HistoryDealGetDouble(ulong ticket, ENUM_DEAL_PROPERTY_DOUBLE what, double &value)
  {
   value = 0;
   const DealRow *d = Chosen(gDeals, gChosenDeals, ticket, 4755);
   if(d == nullptr)
      return false;
   switch(what)
     {
      case DEAL_VOLUME: value = d->volume; break;
      case DEAL_PRICE: value = d->price; break;
      case DEAL_PROFIT: value = d->profit; break;
      case DEAL_SWAP: value = d->swap; break;
      case DEAL_COMMISSION: value = d->commission; break;
      case DEAL_FEE: value = d->fee; break;
      case DEAL_SL: case DEAL_TP: break;
     }
   return true;
  }
bool HistoryDealGetString(ulong ticket, ENUM_DEAL_PROPERTY_STRING what, string &value)
  {
   const DealRow *d = Chosen(gDeals, gChosenDeals, ticket, 4755);
   value = d == nullptr ? MqlString("") : what == DEAL_SYMBOL ? d->symbol : what == DEAL_COMMENT ? d->comment : MqlString("");
   return d != nullptr;
  }
long HistoryDealGetInteger(ulong ticket, ENUM_DEAL_PROPERTY_INTEGER what) { long v; HistoryDealGetInteger(ticket, what, v); return v; }
double HistoryDealGetDouble(ulong ticket, ENUM_DEAL_PROPERTY_DOUBLE what) { double v; HistoryDealGetDouble(ticket, what, v); return v; }
string HistoryDealGetString(ulong ticket, ENUM_DEAL_PROPERTY_STRING what) { string v; HistoryDealGetString(ticket, what, v); return v; }

// ---- requests

static Writer &PutRequest(Writer &w, const MqlTradeRequest &q)
  {
   return w.I32(q.action).I64((long)q.magic).I64((long)q.order).Text(q.symbol).F64(q.volume).F64(q.price).F64(q.stoplimit).F64(q.sl).F64(q.tp).I64((long)q.deviation).I32(q.type)
          .I32(q.type_filling).I32(q.type_time).I64(q.expiration.v).Text(q.comment).I64((long)q.position).I64((long)q.position_by);
  }

static bool Trade(const MqlTradeRequest &q, MqlTradeResult &s, bool async)
  {
   PlatformCall call;
   Writer w((uint8_t)ToHost::Call);
   w.U8((uint8_t)CallOf::Trade5).U8(async);
   if(call.Half())
     {
      // Killed while the request is on its way: the broker has it, nobody hears the answer.
      HostSend(PutRequest(w, q));
      _exit(137);
     }
   std::vector<uint8_t> answer = HostCall(PutRequest(w, q));
   Reader r(answer.data(), answer.size());
   s = MqlTradeResult();
   bool ok = r.U8() != 0;
   int error = r.I32();
   s.retcode = (uint)r.I32();
   s.deal = (ulong)r.I64();
   s.order = (ulong)r.I64();
   s.volume = r.F64();
   s.price = r.F64();
   s.bid = r.F64();
   s.ask = r.F64();
   s.comment = r.String();
   s.request_id = (uint)r.I32();
   if(error != 0)
      SetError(error);
   return ok;
  }
bool OrderSend(const MqlTradeRequest &request, MqlTradeResult &result) { return Trade(request, result, false); }
bool OrderSendAsync(const MqlTradeRequest &request, MqlTradeResult &result) { return Trade(request, result, true); }

bool OrderCheck(const MqlTradeRequest &request, MqlTradeCheckResult &result)
  {
   Writer w((uint8_t)ToHost::Call);
   w.U8((uint8_t)CallOf::Check5);
   std::vector<uint8_t> answer = HostCall(PutRequest(w, request));
   Reader r(answer.data(), answer.size());
   result = MqlTradeCheckResult();
   result.retcode = (uint)r.I32();
   result.balance = gAccount.balance;
   result.equity = gAccount.equity;
   result.margin = gAccount.margin;
   result.margin_free = gAccount.free;
   return result.retcode == 0;
  }

bool OrderCalcMargin(ENUM_ORDER_TYPE, const string &symbol, double volume, double, double &margin)
  {
   SymbolRow *row = FindSymbol(symbol);
   margin = row != nullptr ? volume * row->marginRequired : 0;
   if(row == nullptr)
      SetError(4301);
   return row != nullptr;
  }
bool OrderCalcProfit(ENUM_ORDER_TYPE action, const string &symbol, double volume, double open, double close, double &profit)
  {
   SymbolRow *row = FindSymbol(symbol);
   profit = row != nullptr ? (close - open) / row->tick * row->value * volume * (action == ORDER_TYPE_BUY ? 1 : -1) : 0;
   if(row == nullptr)
      SetError(4301);
   return row != nullptr;
  }
#else
struct Order4
  {
   int               ticket, op, magic;
   MqlString         symbol, comment;
   double            lots, open, sl, tp, commission, swap, profit, close;
   long              openTime, closeTime, expiration;
  };
static std::vector<Order4> gTrades, gHistory;
static Order4 gOrder;
static bool gHasOrder = false;

bool TradeSection(int section, Reader &r)
  {
   if(section != 9 && section != 10)
      return false;
   std::vector<Order4> &pool = section == 9 ? gTrades : gHistory;
   if(section == 9)
      pool.clear();
   for(int n = r.I32(); n > 0; n--)
     {
      Order4 o;
      o.ticket = r.I32();
      o.op = r.I32();
      o.symbol = r.String();
      o.lots = r.F64();
      o.open = r.F64();
      o.sl = r.F64();
      o.tp = r.F64();
      o.commission = r.F64();
      o.swap = r.F64();
      o.profit = r.F64();
      o.close = r.F64();
      o.openTime = r.I64();
      o.closeTime = r.I64();
      o.expiration = r.I64();
      o.magic = r.I32();
      o.comment = r.String();
      pool.push_back(o);
     }
   return true;
  }

void TradeReset()
  {
   gTrades.clear();
   gHistory.clear();
   gHasOrder = false;
  }

void ReadTransaction(Reader &, const MqlHandlers &) {}

int OrdersTotal() { return (int)gTrades.size(); }
int OrdersHistoryTotal() { return (int)gHistory.size(); }

bool OrderSelect(int index, int select, int pool)
  {
   const Order4 *found = nullptr;
   if(select == SELECT_BY_TICKET)
     {
      // The pool is not looked at: open orders first, then history.
      for(auto &o : gTrades)
         if(o.ticket == index)
            found = &o;
      for(auto &o : gHistory)
         if(found == nullptr && o.ticket == index)
            found = &o;
      if(found == nullptr)
         SetError(4108);
     }
   else
     {
      const std::vector<Order4> &list = pool == MODE_HISTORY ? gHistory : gTrades;
      if(index >= 0 && index < (int)list.size())
         found = &list[(size_t)index];
      else
         SetError(4105);
     }
   gHasOrder = found != nullptr;
   if(found != nullptr)
      gOrder = *found;
   return gHasOrder;
  }

static const Order4 &Selected()
  {
   static const Order4 none = {};
   if(!gHasOrder)
      SetError(4105);
   return gHasOrder ? gOrder : none;
  }
int OrderTicket() { return Selected().ticket; }
int OrderType() { return Selected().op; }
string OrderSymbol() { return Selected().symbol; }
double OrderLots() { return Selected().lots; }
double OrderOpenPrice() { return Selected().open; }
datetime OrderOpenTime() { return datetime(Selected().openTime); }
double OrderStopLoss() { return Selected().sl; }
double OrderTakeProfit() { return Selected().tp; }
datetime OrderExpiration() { return datetime(Selected().expiration); }
int OrderMagicNumber() { return Selected().magic; }
string OrderComment() { return Selected().comment; }
double OrderCommission() { return Selected().commission; }
double OrderSwap() { return Selected().swap; }
double OrderProfit() { return Selected().profit; }
double OrderClosePrice() { return Selected().close; }
datetime OrderCloseTime() { return datetime(Selected().closeTime); }
void OrderPrint() { Print(u"#"_s, OrderTicket()); }

static int Trade(Writer w)
  {
   PlatformCall call;
   if(call.Half())
     {
      HostSend(w);
      _exit(137);
     }
   std::vector<uint8_t> answer = HostCall(w);
   Reader r(answer.data(), answer.size());
   int ticket = r.I32();
   int error = r.I32();
   if(error != 0)
      SetError(error);
   return ticket;
  }
static Writer TradeCall(int kind)
  {
   Writer w((uint8_t)ToHost::Call);
   w.U8((uint8_t)CallOf::Trade4).U8((uint8_t)kind);
   return w;
  }
int OrderSend(const string &symbol, int cmd, double volume, double price, int slippage, double stoploss, double takeprofit, const string &comment, int magic, datetime expiration, color)
  {
   return Trade(TradeCall(0).Text(symbol.IsNull() ? _Symbol : symbol).I32(cmd).F64(volume).F64(price).I32(slippage).F64(stoploss).F64(takeprofit).Text(comment).I32(magic).I64(expiration.v));
  }
bool OrderClose(int ticket, double lots, double price, int slippage, color) { return Trade(TradeCall(1).I32(ticket).F64(lots).F64(price).I32(slippage)) >= 0; }
bool OrderModify(int ticket, double price, double stoploss, double takeprofit, datetime expiration, color)
  {
   return Trade(TradeCall(2).I32(ticket).F64(price).F64(stoploss).F64(takeprofit).I64(expiration.v)) >= 0;
  }
bool OrderDelete(int ticket, color) { return Trade(TradeCall(3).I32(ticket)) >= 0; }
bool OrderCloseBy(int ticket, int opposite, color) { return Trade(TradeCall(4).I32(ticket).I32(opposite)) >= 0; }

bool RefreshRates() { return true; }
bool IsConnected() { return g.connected; }
bool IsExpertEnabled() { return g.autoTrading; }
bool IsTradeAllowed() { return g.autoTrading && !g.busy; }
bool IsTradeAllowed(const string &symbol, datetime)
  {
   SymbolRow *row = FindSymbol(symbol);
   return IsTradeAllowed() && row != nullptr && row->mode != 0;
  }
bool IsTradeContextBusy() { return g.busy; }
bool IsDllsAllowed() { return g.dll; }
bool IsTesting() { return g.tester; }
bool IsOptimization() { return false; }
bool IsVisualMode() { return false; }
bool IsDemo() { return gAccount.tradeMode == 0; }
double AccountBalance() { return gAccount.balance; }
double AccountEquity() { return gAccount.equity; }
double AccountMargin() { return gAccount.margin; }
double AccountFreeMargin() { return gAccount.free; }
double AccountCredit() { return gAccount.credit; }
double AccountProfit() { return gAccount.profit; }
int AccountNumber() { return (int)gAccount.login; }
int AccountLeverage() { return gAccount.leverage; }
string AccountServer() { return gAccount.server; }
string AccountCompany() { return gAccount.company; }
string AccountCurrency() { return gAccount.currency; }
string AccountName() { return gAccount.name; }

double MarketInfo(const string &symbol, int what)
  {
   SymbolRow *row = FindSymbol(symbol);
   if(row == nullptr)
     {
      SetError(4106);
      return 0;
     }
   switch(what)
     {
      case MODE_BID: return row->bid;
      case MODE_ASK: return row->ask;
      case MODE_TIME: return (double)(row->time / 1000);
      case MODE_POINT: return row->point;
      case MODE_DIGITS: return row->digits;
      case MODE_SPREAD: return std::round((row->ask - row->bid) / row->point);
      case MODE_STOPLEVEL: return row->stops;
      case MODE_FREEZELEVEL: return row->freeze;
      case MODE_LOTSIZE: return row->size;
      case MODE_TICKVALUE: return row->value;
      case MODE_TICKSIZE: return row->tick;
      case MODE_SWAPLONG: return row->swapLong;
      case MODE_SWAPSHORT: return row->swapShort;
      case MODE_TRADEALLOWED: return row->mode != 0;
      case MODE_MINLOT: return row->min;
      case MODE_MAXLOT: return row->max;
      case MODE_LOTSTEP: return row->step;
      case MODE_MARGINREQUIRED: return row->marginRequired;
      case MODE_CLOSEBY_ALLOWED: return gAccount.hedge && !gAccount.fifo;
      default: return 0;
     }
  }
int iBars(const string &, int) { return 0; }
#endif

// ---- account and symbols

long AccountInfoInteger(ENUM_ACCOUNT_INFO_INTEGER what)
  {
   switch(what)
     {
      case ACCOUNT_LOGIN: return gAccount.login;
      case ACCOUNT_TRADE_MODE: return gAccount.tradeMode;
      case ACCOUNT_LEVERAGE: return gAccount.leverage;
      case ACCOUNT_LIMIT_ORDERS: return gAccount.limitOrders;
      case ACCOUNT_TRADE_ALLOWED: return gAccount.trade && g.connected;
      case ACCOUNT_TRADE_EXPERT: return gAccount.expert;
#ifdef __MQL5__
      case ACCOUNT_MARGIN_MODE: return gAccount.marginMode;
      case ACCOUNT_CURRENCY_DIGITS: return gAccount.digits;
      case ACCOUNT_FIFO_CLOSE: return gAccount.fifo;
      case ACCOUNT_HEDGE_ALLOWED: return gAccount.hedge;
#endif
      default: return 0;
     }
  }
double AccountInfoDouble(ENUM_ACCOUNT_INFO_DOUBLE what)
  {
   switch(what)
     {
      case ACCOUNT_BALANCE: return gAccount.balance;
      case ACCOUNT_CREDIT: return gAccount.credit;
      case ACCOUNT_PROFIT: return gAccount.profit;
      case ACCOUNT_EQUITY: return gAccount.equity;
      case ACCOUNT_MARGIN: return gAccount.margin;
      case ACCOUNT_MARGIN_FREE: return gAccount.free;
      case ACCOUNT_MARGIN_LEVEL: return gAccount.margin > 0 ? gAccount.equity / gAccount.margin * 100 : 0;
      case ACCOUNT_MARGIN_SO_SO: return gAccount.soSo;
      default: return 0;
     }
  }
string AccountInfoString(ENUM_ACCOUNT_INFO_STRING what)
  {
   switch(what)
     {
      case ACCOUNT_NAME: return gAccount.name;
      case ACCOUNT_SERVER: return gAccount.server;
      case ACCOUNT_CURRENCY: return gAccount.currency;
      case ACCOUNT_COMPANY: return gAccount.company;
     }
   return MqlString("");
  }

constexpr int UnknownSymbol =
#ifdef __MQL5__
   4301;
#else
   4106;
#endif

static SymbolRow *NeedSymbol(const string &name)
  {
   SymbolRow *row = FindSymbol(name);
   if(row == nullptr)
      SetError(UnknownSymbol);
   return row;
  }
int SymbolsTotal(bool selected)
  {
   int n = 0;
   for(auto &row : gSymbols)
      n += !selected || row.selected;
   return n;
  }
string SymbolName(int index, bool selected)
  {
   for(auto &row : gSymbols)
      if((!selected || row.selected) && index-- == 0)
         return row.name;
   return MqlString("");
  }
bool SymbolSelect(const string &name, bool select)
  {
   SymbolRow *row = NeedSymbol(name);
   if(row != nullptr)
      row->selected = select;
   return row != nullptr;
  }
bool SymbolInfoInteger(const string &name, ENUM_SYMBOL_INFO_INTEGER what, long &value)
  {
   value = 0;
   SymbolRow *row = NeedSymbol(name);
   if(row == nullptr)
      return false;
   switch(what)
     {
      case SYMBOL_SELECT: case SYMBOL_VISIBLE: value = row->selected; break;
      case SYMBOL_TIME: value = row->time / 1000; break;
      case SYMBOL_DIGITS: value = row->digits; break;
      case SYMBOL_SPREAD: value = (long)std::round((row->ask - row->bid) / row->point); break;
      case SYMBOL_SPREAD_FLOAT: value = 1; break;
      case SYMBOL_TRADE_CALC_MODE: value = row->calc; break;
      case SYMBOL_TRADE_MODE: value = row->mode; break;
      case SYMBOL_TRADE_STOPS_LEVEL: value = row->stops; break;
      case SYMBOL_TRADE_FREEZE_LEVEL: value = row->freeze; break;
      case SYMBOL_TRADE_EXEMODE: value = row->exec; break;
      case SYMBOL_SWAP_MODE: value = row->swapMode; break;
#ifdef __MQL5__
      case SYMBOL_EXIST: value = 1; break;
      case SYMBOL_TIME_MSC: value = row->time; break;
      case SYMBOL_EXPIRATION_MODE: value = row->expiration; break;
      case SYMBOL_FILLING_MODE: value = row->filling; break;
      case SYMBOL_ORDER_MODE: value = row->orders; break;
#endif
      default: break;
     }
   return true;
  }
bool SymbolInfoDouble(const string &name, ENUM_SYMBOL_INFO_DOUBLE what, double &value)
  {
   value = 0;
   SymbolRow *row = NeedSymbol(name);
   if(row == nullptr)
      return false;
   switch(what)
     {
      case SYMBOL_BID: value = row->bid; break;
      case SYMBOL_ASK: value = row->ask; break;
      case SYMBOL_POINT: value = row->point; break;
      case SYMBOL_TRADE_TICK_VALUE: value = row->value; break;
      case SYMBOL_TRADE_TICK_SIZE: value = row->tick; break;
      case SYMBOL_TRADE_CONTRACT_SIZE: value = row->size; break;
      case SYMBOL_VOLUME_MIN: value = row->min; break;
      case SYMBOL_VOLUME_MAX: value = row->max; break;
      case SYMBOL_VOLUME_STEP: value = row->step; break;
      case SYMBOL_SWAP_LONG: value = row->swapLong; break;
      case SYMBOL_SWAP_SHORT: value = row->swapShort; break;
#ifdef __MQL5__
      case SYMBOL_VOLUME_LIMIT: value = row->limit; break;
      case SYMBOL_TRADE_TICK_VALUE_PROFIT: case SYMBOL_TRADE_TICK_VALUE_LOSS: value = row->value; break;
#endif
      default: break;
     }
   return true;
  }
bool SymbolInfoString(const string &name, ENUM_SYMBOL_INFO_STRING what, string &value)
  {
   SymbolRow *row = NeedSymbol(name);
   if(row == nullptr)
     {
      value = MqlString("");
      return false;
     }
   switch(what)
     {
      case SYMBOL_CURRENCY_BASE: value = row->base; break;
      case SYMBOL_CURRENCY_PROFIT: value = row->profit; break;
      case SYMBOL_CURRENCY_MARGIN: value = row->margin; break;
      case SYMBOL_DESCRIPTION: value = row->name; break;
      case SYMBOL_PATH: value = u"Market\\"_s + row->name; break;
     }
   return true;
  }
long SymbolInfoInteger(const string &name, ENUM_SYMBOL_INFO_INTEGER what) { long v; SymbolInfoInteger(name, what, v); return v; }
double SymbolInfoDouble(const string &name, ENUM_SYMBOL_INFO_DOUBLE what) { double v; SymbolInfoDouble(name, what, v); return v; }
string SymbolInfoString(const string &name, ENUM_SYMBOL_INFO_STRING what) { string v; SymbolInfoString(name, what, v); return v; }
bool SymbolInfoTick(const string &name, MqlTick &tick)
  {
   SymbolRow *row = NeedSymbol(name);
   // No quote yet: the terminal has nothing to give.
   if(row == nullptr || row->time == 0)
      return false;
   tick = MqlTick();
   tick.time = datetime(row->time / 1000);
   tick.time_msc = row->time;
   tick.bid = row->bid;
   tick.ask = row->ask;
   tick.flags = 6;
   return true;
  }

// ---- prices of the past

static int Rates(const string &symbol, ENUM_TIMEFRAMES frame, int mode, long from, long to, MqlArrRef<MqlRates> rates)
  {
   Writer w((uint8_t)ToHost::Call);
   w.U8((uint8_t)CallOf::Rates).Text(symbol.IsNull() ? _Symbol : symbol);
   int minutes = frame >= 49153 ? 43200 : frame >= 32769 ? (frame - 32768) * 10080 : frame >= 16385 ? (frame - 16384) * 60 : frame;
   std::vector<uint8_t> answer = HostCall(w.I32(minutes).U8((uint8_t)mode).I64(from).I64(to));
   Reader r(answer.data(), answer.size());
   int n = r.I32();
   if(n < 0)
     {
      SetError(-n);
      return -1;
     }
   if(rates.Size() < n && rates.Resize(n, 0) < 0)
      n = rates.Size();
   else if(rates.IsDynamic())
      rates.Resize(n, 0);
   for(int i = 0; i < n; i++)
     {
      MqlRates &row = rates.Data()[i];
      row = MqlRates();
      row.time = datetime(r.I64());
      row.open = r.F64();
      row.high = r.F64();
      row.low = r.F64();
      row.close = r.F64();
      row.tick_volume = r.I64();
     }
   return n;
  }
int CopyRates(const string &symbol, ENUM_TIMEFRAMES frame, int start, int count, MqlArrRef<MqlRates> rates) { return Rates(symbol, frame, 0, start, count, rates); }
int CopyRates(const string &symbol, ENUM_TIMEFRAMES frame, datetime start, int count, MqlArrRef<MqlRates> rates) { return Rates(symbol, frame, 1, start.v, count, rates); }
int CopyRates(const string &symbol, ENUM_TIMEFRAMES frame, datetime start, datetime stop, MqlArrRef<MqlRates> rates) { return Rates(symbol, frame, 2, start.v, stop.v, rates); }

#ifdef __MQL5__
bool SymbolIsSynchronized(const string &name) { return g.connected && FindSymbol(name) != nullptr; }
bool SymbolExist(const string &name, bool &custom)
  {
   custom = false;
   return FindSymbol(name) != nullptr;
  }
static int PastTicks(const string &symbol, MqlArrRef<MqlTick> ticks, ulong from, ulong to, uint count)
  {
   Writer w((uint8_t)ToHost::Call);
   std::vector<uint8_t> answer = HostCall(w.U8((uint8_t)CallOf::Ticks).Text(symbol.IsNull() ? _Symbol : symbol).I64((long)from).I64((long)to).I32((int)count));
   Reader r(answer.data(), answer.size());
   int n = r.I32();
   if(n < 0)
     {
      SetError(-n);
      return -1;
     }
   if(ticks.Resize(n, 0) < 0)
      n = MathMin(n, ticks.Size());
   for(int i = 0; i < n; i++)
     {
      MqlTick &row = ticks.Data()[i];
      row = MqlTick();
      row.time_msc = r.I64();
      row.time = datetime(row.time_msc / 1000);
      row.bid = r.F64();
      row.ask = r.F64();
      row.flags = 6;
     }
   return n;
  }
int CopyTicks(const string &symbol, MqlArrRef<MqlTick> ticks, uint, ulong from, uint count) { return PastTicks(symbol, ticks, from, 0, count == 0 ? 2000 : count); }
int CopyTicksRange(const string &symbol, MqlArrRef<MqlTick> ticks, uint, ulong from, ulong to) { return PastTicks(symbol, ticks, from, to, 0); }
bool SeriesInfoInteger(const string &symbol, ENUM_TIMEFRAMES, ENUM_SERIES_INFO_INTEGER what, long &value)
  {
   value = what == SERIES_SYNCHRONIZED ? SymbolIsSynchronized(symbol) : 0;
   return FindSymbol(symbol) != nullptr;
  }
long SeriesInfoInteger(const string &symbol, ENUM_TIMEFRAMES frame, ENUM_SERIES_INFO_INTEGER what) { long v; SeriesInfoInteger(symbol, frame, what, v); return v; }
#endif
