// The platform half on MetaTrader 5: account, symbols, books, deals, trade calls. POSITION_IDENTIFIER is the identity of a position; POSITION_TICKET, what requests take, is looked up
// right before each call, because a swap or a netting reversal changes it.
#ifndef LOCKSTEP_PLATFORM5_MQH
#define LOCKSTEP_PLATFORM5_MQH

#include "Types.mqh"
#include "Platform.mqh"
#include "Codes5.mqh"

#define TR_SLOTS 64
#define TR_RESULT_WAIT 30000        // ms until a request without a result is unknown
#define TR_PARTS 200                // requests of one reduce at most
#define TR_DEAL_WAIT 2000           // ms until a done request is answered without its deal

// A request whose end is still to come: sent with OrderSendAsync, or done before its deal could be seen.
struct TrSlot
  {
   bool              used;
   bool              resulted;
   uint              request;
   long              started;     // ClkTick when the command came
   long              resultAt;    // ClkTick when the result came
   bool              bare;        // stops are still to be set
   LsCommand         c;
   int               code;
   ulong             order;
   ulong             deal;
   double            lots;
   double            price;
   string            text;
  };

// What came of one call.
struct TrSent
  {
   int               code;
   ulong             order;
   ulong             deal;
   double            lots;
   double            price;
   string            text;
   uint              request;
  };

TrSlot   gTrSlots[TR_SLOTS];
bool     gDealHint=true;            // something happened: look for deals now
long     gDealLookAt=0;
int      gDealBooks=-1;             // positions and orders at the last look

//--- Account

void AccStart()
  {
   PlatLoad();
   PlatDealsLoad();
   gPlatLogin=AccountInfoInteger(ACCOUNT_LOGIN);
   for(int i=0; i<TR_SLOTS; i++)
      gTrSlots[i].used=false;
   gDealHint=true;
   AccWatch();
  }

void AccWatch()
  {
   PlatWatch(TerminalInfoInteger(TERMINAL_CONNECTED)!=0);
  }

bool AccIsHedging()
  {
   return(AccountInfoInteger(ACCOUNT_MARGIN_MODE)==ACCOUNT_MARGIN_MODE_RETAIL_HEDGING);
  }

string AccMode()
  {
   if(!AccIsHedging())
      return("netting");
   return(AccountInfoInteger(ACCOUNT_FIFO_CLOSE)!=0 ? "fifo" : "hedging");
  }

void AccRead(LsAccount &a)
  {
   a.login=AccountInfoInteger(ACCOUNT_LOGIN);
   a.server=AccountInfoString(ACCOUNT_SERVER);
   a.company=AccountInfoString(ACCOUNT_COMPANY);
   a.currency=AccountInfoString(ACCOUNT_CURRENCY);
   a.mode=AccMode();
   a.leverage=AccountInfoInteger(ACCOUNT_LEVERAGE);
   a.build=TerminalInfoInteger(TERMINAL_BUILD);
   a.demo=(AccountInfoInteger(ACCOUNT_TRADE_MODE)!=ACCOUNT_TRADE_MODE_REAL);
   a.closeBy=(AccMode()=="hedging");
   a.stopLimit=true;
   a.expiry=AccTakesExpiry();
  }

// Only what every symbol takes is said of the account; one that does not is refused by its own code.
bool AccTakesExpiry()
  {
   int n=SymbolsTotal(true);
   for(int i=0; i<n; i++)
     {
      if((SymbolInfoInteger(SymbolName(i,true),SYMBOL_EXPIRATION_MODE)&SYMBOL_EXPIRATION_SPECIFIED)==0)
         return(false);
     }
   return(true);
  }

void AccFunds(LsFunds &f)
  {
   f.balance=AccountInfoDouble(ACCOUNT_BALANCE);
   f.equity=AccountInfoDouble(ACCOUNT_EQUITY);
   f.margin=AccountInfoDouble(ACCOUNT_MARGIN);
   f.free=AccountInfoDouble(ACCOUNT_MARGIN_FREE);
   f.credit=AccountInfoDouble(ACCOUNT_CREDIT);
  }

// What the trader has to press, "" = nothing.
string AccObstacle()
  {
   if(TerminalInfoInteger(TERMINAL_CONNECTED)==0)
      return("the terminal is not connected to the broker: look at the lower right corner, log in again if need be");
   if(TerminalInfoInteger(TERMINAL_TRADE_ALLOWED)==0)
      return("press Algo Trading in the toolbar");
   if(MQLInfoInteger(MQL_TRADE_ALLOWED)==0)
      return("switch on Allow Algo Trading in the settings of this EA (F7, Common)");
   if(AccountInfoInteger(ACCOUNT_TRADE_ALLOWED)==0)
      return("this login may not trade: log in with the master password, not the investor's; if that is so, the broker has disabled trading on the account");
   if(AccountInfoInteger(ACCOUNT_TRADE_EXPERT)==0)
      return("the broker does not allow Expert Advisors on this account: ask the broker");
   return("");
  }

void AccHealth(LsHealth &h)
  {
   AccWatch();
   long ping=TerminalInfoInteger(TERMINAL_PING_LAST);
   h.connected=(TerminalInfoInteger(TERMINAL_CONNECTED)!=0);
   h.ping=(ping>0 ? (int)((ping+500)/1000) : -1);
   h.why=AccObstacle();
   h.trade=(h.why=="");
   h.tickAge=PlatTickAge();
   h.offset=gPlatOffset;
  }

bool AccWhole(string &why)
  {
   AccWatch();
   if(!PlatSettled(why))
      return(false);
   if(HistorySelect(TimeCurrent()-86400,TimeCurrent()+86400))
      return(true);
   why="the account history is not loaded yet";
   return(false);
  }

int AccClash()
  {
   int n=0;
   for(int i=PositionsTotal()-1; i>=0; i--)
     {
      if((PositionGetTicket(i)!=0) && PlatIsOurs(PositionGetInteger(POSITION_MAGIC)) && !PlatHasKey(PositionGetString(POSITION_COMMENT)))
         n++;
     }
   for(int i=OrdersTotal()-1; i>=0; i--)
     {
      if((OrderGetTicket(i)!=0) && PlatIsOurs(OrderGetInteger(ORDER_MAGIC)) && !PlatHasKey(OrderGetString(ORDER_COMMENT)))
         n++;
     }
   return(n);
  }

//--- Symbols

int SymAll(LsSymbol &list[])
  {
   int n=SymbolsTotal(true);
   int found=0;
   ArrayResize(list,n);
   for(int i=0; i<n; i++)
     {
      if(SymRead(SymbolName(i,true),list[found]))
         found++;
     }
   ArrayResize(list,found);
   return(found);
  }

bool SymRead(string name,LsSymbol &s)
  {
   s.name=name;
   s.size=SymbolInfoDouble(name,SYMBOL_TRADE_CONTRACT_SIZE);
   s.digits=SymDigits(name);
   s.tick=PlatTickSize(name);
   s.lotsMin=SymbolInfoDouble(name,SYMBOL_VOLUME_MIN);
   s.lotsStep=SymbolInfoDouble(name,SYMBOL_VOLUME_STEP);
   s.lotsMax=SymbolInfoDouble(name,SYMBOL_VOLUME_MAX);
   s.lotsLimit=SymbolInfoDouble(name,SYMBOL_VOLUME_LIMIT);
   s.stops=(int)SymbolInfoInteger(name,SYMBOL_TRADE_STOPS_LEVEL);
   s.freeze=(int)SymbolInfoInteger(name,SYMBOL_TRADE_FREEZE_LEVEL);
   s.base=SymbolInfoString(name,SYMBOL_CURRENCY_BASE);
   s.profit=SymbolInfoString(name,SYMBOL_CURRENCY_PROFIT);
   s.fill=(int)SymbolInfoInteger(name,SYMBOL_FILLING_MODE);
   s.exec=SymExec(name);
   s.trade=SymTrade(name);
   s.value=SymbolInfoDouble(name,SYMBOL_TRADE_TICK_VALUE);
   s.swapLong=SymbolInfoDouble(name,SYMBOL_SWAP_LONG);
   s.swapShort=SymbolInfoDouble(name,SYMBOL_SWAP_SHORT);
   return((s.tick>0) && (s.size>0) && (s.lotsStep>0));
  }

string SymExec(string name)
  {
   long mode=SymbolInfoInteger(name,SYMBOL_TRADE_EXEMODE);
   if(mode==SYMBOL_TRADE_EXECUTION_REQUEST)
      return("request");
   if(mode==SYMBOL_TRADE_EXECUTION_INSTANT)
      return("instant");
   return(mode==SYMBOL_TRADE_EXECUTION_EXCHANGE ? "exchange" : "market");
  }

string SymTrade(string name)
  {
   long mode=SymbolInfoInteger(name,SYMBOL_TRADE_MODE);
   if(mode==SYMBOL_TRADE_MODE_FULL)
      return("full");
   if(mode==SYMBOL_TRADE_MODE_LONGONLY)
      return("long");
   if(mode==SYMBOL_TRADE_MODE_SHORTONLY)
      return("short");
   return(mode==SYMBOL_TRADE_MODE_CLOSEONLY ? "close" : "none");
  }

bool SymQuote(string name,double &bid,double &ask,long &time)
  {
   MqlTick tick;
   if(!SymbolInfoTick(name,tick) || (tick.bid<=0) || (tick.ask<=0))
      return(false);
   bid=tick.bid;
   ask=tick.ask;
   time=tick.time_msc;
   return(true);
  }

int SymDigits(string name)
  {
   return((int)SymbolInfoInteger(name,SYMBOL_DIGITS));
  }

int SymStops(string name)
  {
   return((int)SymbolInfoInteger(name,SYMBOL_TRADE_STOPS_LEVEL));
  }

int SymFreeze(string name)
  {
   return((int)SymbolInfoInteger(name,SYMBOL_TRADE_FREEZE_LEVEL));
  }

//--- Books

bool BookRead(LsPosition &p[],LsOrder &o[])
  {
   for(int i=0; i<2; i++)
     {
      if(BookTry(p,o))
         return(true);
     }
   return(false);
  }

// Downwards: what goes away while we read moves only what we have read already. Totals that differ afterwards, or an id twice, say that the picture is not one of one moment.
bool BookTry(LsPosition &p[],LsOrder &o[])
  {
   int positions=PositionsTotal();
   int orders=OrdersTotal();
   int waiting=0;
   ArrayResize(p,positions);
   ArrayResize(o,orders);
   for(int i=positions-1; i>=0; i--)
     {
      if(PositionGetTicket(i)==0)
         return(false);
      BookPosition(p[i]);
     }
   for(int i=orders-1; i>=0; i--)
     {
      if(OrderGetTicket(i)==0)
         return(false);
      if(BookPending((int)OrderGetInteger(ORDER_TYPE))==0)
         continue;
      BookOrder(o[waiting]);
      waiting++;
     }
   ArrayResize(o,waiting);
   if((PositionsTotal()!=positions) || (OrdersTotal()!=orders))
      return(false);
   PlatSortPositions(p);
   PlatSortOrders(o);
   return(BookOnce(p,o));
  }

bool BookOnce(LsPosition &p[],LsOrder &o[])
  {
   for(int i=1; i<ArraySize(p); i++)
     {
      if(p[i].id==p[i-1].id)
         return(false);
     }
   for(int i=1; i<ArraySize(o); i++)
     {
      if(o[i].id==o[i-1].id)
         return(false);
     }
   return(true);
  }

// The position selected.
void BookPosition(LsPosition &p)
  {
   p.id=PositionGetInteger(POSITION_IDENTIFIER);
   p.ticket=PositionGetInteger(POSITION_TICKET);
   p.symbol=PositionGetString(POSITION_SYMBOL);
   p.side=(PositionGetInteger(POSITION_TYPE)==POSITION_TYPE_BUY ? LS_BUY : LS_SELL);
   p.lots=PlatLots(PositionGetDouble(POSITION_VOLUME));
   p.price=PositionGetDouble(POSITION_PRICE_OPEN);
   p.digits=SymDigits(p.symbol);
   p.time=PositionGetInteger(POSITION_TIME_MSC);
   p.sl=PositionGetDouble(POSITION_SL);
   p.tp=PositionGetDouble(POSITION_TP);
   p.order=p.id;
   p.magic=PositionGetInteger(POSITION_MAGIC);
   p.comment=PositionGetString(POSITION_COMMENT);
   p.profit=PositionGetDouble(POSITION_PROFIT);
   p.swap=PositionGetDouble(POSITION_SWAP);
  }

// 0 = not a pending order: market orders under way and close-by orders stand in the same list.
int BookPending(int type)
  {
   if((type==ORDER_TYPE_BUY_LIMIT) || (type==ORDER_TYPE_SELL_LIMIT))
      return(LS_LIMIT);
   if((type==ORDER_TYPE_BUY_STOP) || (type==ORDER_TYPE_SELL_STOP))
      return(LS_STOP);
   if((type==ORDER_TYPE_BUY_STOP_LIMIT) || (type==ORDER_TYPE_SELL_STOP_LIMIT))
      return(LS_STOPLIMIT);
   return(0);
  }

int BookSide(int type)
  {
   return((type==ORDER_TYPE_BUY) || (type==ORDER_TYPE_BUY_LIMIT) || (type==ORDER_TYPE_BUY_STOP) || (type==ORDER_TYPE_BUY_STOP_LIMIT) ? LS_BUY : LS_SELL);
  }

// The order selected.
void BookOrder(LsOrder &o)
  {
   int type=(int)OrderGetInteger(ORDER_TYPE);
   o.id=OrderGetInteger(ORDER_TICKET);
   o.symbol=OrderGetString(ORDER_SYMBOL);
   o.side=BookSide(type);
   o.type=BookPending(type);
   o.lots=PlatLots(OrderGetDouble(ORDER_VOLUME_CURRENT));
   o.price=OrderGetDouble(ORDER_PRICE_OPEN);
   o.limit=OrderGetDouble(ORDER_PRICE_STOPLIMIT);
   o.digits=SymDigits(o.symbol);
   o.sl=OrderGetDouble(ORDER_SL);
   o.tp=OrderGetDouble(ORDER_TP);
   o.expiry=OrderGetInteger(ORDER_TIME_EXPIRATION)*1000;
   o.time=OrderGetInteger(ORDER_TIME_SETUP_MSC);
   o.magic=OrderGetInteger(ORDER_MAGIC);
   o.comment=OrderGetString(ORDER_COMMENT);
  }

// Selects the position with this identifier; p is it.
bool BookFind(long id,LsPosition &p)
  {
   for(int i=PositionsTotal()-1; i>=0; i--)
     {
      if((PositionGetTicket(i)==0) || (PositionGetInteger(POSITION_IDENTIFIER)!=id))
         continue;
      BookPosition(p);
      return(true);
     }
   return(false);
  }

// Do the deals that can be seen add up to this volume? Asked where positions are netted; a position of its own says by its comment whose it is.
bool BookDealt(long id,int side,double lots)
  {
   if(AccIsHedging())
      return(true);
   if(!HistorySelectByPosition(id))
      return(false);
   double net=0;
   for(int i=HistoryDealsTotal()-1; i>=0; i--)
     {
      ulong ticket=HistoryDealGetTicket(i);
      if((ticket==0) || !DealsIsTrade(ticket))
         continue;
      net+=(HistoryDealGetInteger(ticket,DEAL_TYPE)==DEAL_TYPE_BUY ? 1.0 : -1.0)*HistoryDealGetDouble(ticket,DEAL_VOLUME);
     }
   return(PlatSameLots(net,PlatSign(side)*lots));
  }

bool BookFindOrder(long id,LsOrder &o)
  {
   if(!OrderSelect((ulong)id) || (BookPending((int)OrderGetInteger(ORDER_TYPE))==0))
      return(false);
   BookOrder(o);
   return(true);
  }

//--- Deals

// Deals of the overlap that were not told. The history is looked at when something happened, and each second in case an event was lost.
int DealsNew(LsDeal &d[])
  {
   ArrayResize(d,0);
   int books=PositionsTotal()*65536+OrdersTotal();
   if(!gDealHint && (books==gDealBooks) && (ClkTick()-gDealLookAt<1000))
      return(0);
   AccWatch();
   string why="";
   if(!PlatSettled(why))
      return(0);
   bool first=(gPlatMark==0);
   long from=(first ? (long)TimeCurrent()*1000 : gPlatMark)-PLAT_OVERLAP;
   if(!HistorySelect((datetime)(from/1000),TimeCurrent()+86400))
      return(0);
   gDealLookAt=ClkTick();
   gDealBooks=books;
   gDealHint=false;
   DealsTake(d,0,true);
   if(first)
     {
      PlatDealsBaseline(d);
      ArrayResize(d,0);
     }
   PlatDealsForgetOffer();
   for(int i=0; i<ArraySize(d); i++)
      PlatOffer(d[i].id,d[i].time);
   // Until they are kept they are given again.
   if(ArraySize(d)>0)
      gDealHint=true;
   return(ArraySize(d));
  }

// The next look for deals is a real one.
void DealsAgain()
  {
   gDealHint=true;
  }

void DealsKeep()
  {
   PlatDealsKeep();
  }

// Of the history selected: trades only, from a moment, sorted by id.
void DealsTake(LsDeal &d[],long from,bool untold)
  {
   int total=HistoryDealsTotal();
   int n=0;
   ArrayResize(d,0);
   for(int i=0; i<total; i++)
     {
      ulong ticket=HistoryDealGetTicket(i);
      if((ticket==0) || (HistoryDealGetInteger(ticket,DEAL_TIME_MSC)<from) || !DealsIsTrade(ticket) || (untold && PlatDealTold((long)ticket)))
         continue;
      ArrayResize(d,n+1,256);
      DealsOne(ticket,d[n]);
      n++;
     }
   PlatSortDeals(d);
  }

// Deposits, credits, commissions booked apart, dividends are no deals of a position.
bool DealsIsTrade(ulong ticket)
  {
   long type=HistoryDealGetInteger(ticket,DEAL_TYPE);
   return((type==DEAL_TYPE_BUY) || (type==DEAL_TYPE_SELL));
  }

void DealsOne(ulong ticket,LsDeal &d)
  {
   long entry=HistoryDealGetInteger(ticket,DEAL_ENTRY);
   d.id=(long)ticket;
   d.position=HistoryDealGetInteger(ticket,DEAL_POSITION_ID);
   d.order=HistoryDealGetInteger(ticket,DEAL_ORDER);
   d.symbol=HistoryDealGetString(ticket,DEAL_SYMBOL);
   d.side=(HistoryDealGetInteger(ticket,DEAL_TYPE)==DEAL_TYPE_BUY ? LS_BUY : LS_SELL);
   d.lots=PlatLots(HistoryDealGetDouble(ticket,DEAL_VOLUME));
   d.price=HistoryDealGetDouble(ticket,DEAL_PRICE);
   d.digits=SymDigits(d.symbol);
   d.entry=(entry==DEAL_ENTRY_IN ? LS_IN : (entry==DEAL_ENTRY_INOUT ? LS_INOUT : LS_OUT));
   d.reason=DealsReason(HistoryDealGetInteger(ticket,DEAL_REASON));
   d.time=HistoryDealGetInteger(ticket,DEAL_TIME_MSC);
   d.magic=HistoryDealGetInteger(ticket,DEAL_MAGIC);
   d.comment=HistoryDealGetString(ticket,DEAL_COMMENT);
   d.profit=HistoryDealGetDouble(ticket,DEAL_PROFIT);
   d.swap=HistoryDealGetDouble(ticket,DEAL_SWAP);
   d.commission=HistoryDealGetDouble(ticket,DEAL_COMMISSION)+HistoryDealGetDouble(ticket,DEAL_FEE);
  }

int DealsReason(long reason)
  {
   if(reason==DEAL_REASON_SL)
      return(LS_SL);
   if(reason==DEAL_REASON_TP)
      return(LS_TP);
   if(reason==DEAL_REASON_SO)
      return(LS_SO);
   // Rollover and what comes after it is the broker's doing.
   return(reason>=DEAL_REASON_ROLLOVER ? LS_OTHER : LS_REQUEST);
  }

bool DealsSince(long from,LsDeal &d[],LsOrder &ended[],string &why)
  {
   ArrayResize(d,0);
   ArrayResize(ended,0);
   if(!AccWhole(why))
      return(false);
   // An order set long ago and cancelled now has to be in the selection, whichever of its times the terminal goes by.
   if(!HistorySelect(0,TimeCurrent()+86400))
     {
      why="the account history is not loaded yet";
      return(false);
     }
   DealsTake(d,from,false);
   DealsEnded(ended,from);
   return(true);
  }

// Pending orders that ended without a deal.
void DealsEnded(LsOrder &o[],long from)
  {
   int n=0;
   for(int i=0; i<HistoryOrdersTotal(); i++)
     {
      ulong ticket=HistoryOrderGetTicket(i);
      if((ticket==0) || (HistoryOrderGetInteger(ticket,ORDER_TIME_DONE_MSC)<from) || (HistoryOrderGetInteger(ticket,ORDER_POSITION_ID)!=0))
         continue;
      if((BookPending((int)HistoryOrderGetInteger(ticket,ORDER_TYPE))==0) || !TrEndedUnfilled(ticket))
         continue;
      ArrayResize(o,n+1,64);
      DealsEndedOne(ticket,o[n]);
      n++;
     }
   PlatSortOrders(o);
  }

void DealsEndedOne(ulong ticket,LsOrder &o)
  {
   int type=(int)HistoryOrderGetInteger(ticket,ORDER_TYPE);
   o.id=(long)ticket;
   o.symbol=HistoryOrderGetString(ticket,ORDER_SYMBOL);
   o.side=BookSide(type);
   o.type=BookPending(type);
   o.lots=PlatLots(HistoryOrderGetDouble(ticket,ORDER_VOLUME_INITIAL));
   o.price=HistoryOrderGetDouble(ticket,ORDER_PRICE_OPEN);
   o.limit=HistoryOrderGetDouble(ticket,ORDER_PRICE_STOPLIMIT);
   o.digits=SymDigits(o.symbol);
   o.sl=HistoryOrderGetDouble(ticket,ORDER_SL);
   o.tp=HistoryOrderGetDouble(ticket,ORDER_TP);
   o.expiry=HistoryOrderGetInteger(ticket,ORDER_TIME_EXPIRATION)*1000;
   o.time=HistoryOrderGetInteger(ticket,ORDER_TIME_SETUP_MSC);
   o.magic=HistoryOrderGetInteger(ticket,ORDER_MAGIC);
   o.comment=HistoryOrderGetString(ticket,ORDER_COMMENT);
  }

//--- Trade: the call

int TrUsed()
  {
   return(PlatUsed());
  }

void TrExecute(LsCommand &c,bool more,LsAnswer &a)
  {
   long started=ClkTick();
   PlatBlank(c,a);
   if(TrReady(c,a))
      TrCarry(c,more,started,a);
   a.took=(int)(ClkTick()-started);
  }

void TrCarry(LsCommand &c,bool more,long started,LsAnswer &a)
  {
   switch(c.what)
     {
      case LS_DO_OPEN:
         TrOpen(c,more,started,a);
         break;
      case LS_DO_PLACE:
         TrPlace(c,more,started,a);
         break;
      case LS_DO_REDUCE:
         TrReduce(c,more,started,a);
         break;
      case LS_DO_STOPS:
         TrStops(c,a);
         break;
      case LS_DO_AMEND:
         TrAmend(c,a);
         break;
      case LS_DO_CANCEL:
         TrCancel(c,more,started,a);
         break;
      case LS_DO_CLOSEBY:
         TrCloseBy(c,a);
         break;
      default:
         PlatDecide(a,LS_REFUSED,"invalid","unknown command");
     }
  }

// Certainly not sent: what can be known before the call.
bool TrReady(LsCommand &c,LsAnswer &a)
  {
   string obstacle=AccObstacle();
   if(TerminalInfoInteger(TERMINAL_CONNECTED)==0)
      PlatDecide(a,LS_REFUSED,"offline",obstacle);
   else if(obstacle!="")
      PlatDecide(a,LS_REFUSED,"not-allowed",obstacle);
   else if(AccountInfoInteger(ACCOUNT_LOGIN)!=gPlatLogin)
      PlatDecide(a,LS_REFUSED,"not-allowed","another account is logged in");
   else if(!SymbolSelect(c.symbol,true))
      PlatSpare(a,4301,c.symbol+" is not a symbol of this broker");
   else
      return(true);
   return(false);
  }

void TrRequest(LsCommand &c,ENUM_TRADE_REQUEST_ACTIONS action,MqlTradeRequest &r)
  {
   ZeroMemory(r);
   r.action=action;
   r.symbol=c.symbol;
   r.magic=(ulong)c.magic;
   r.comment=c.id;
  }

void TrCall(MqlTradeRequest &r,bool async,TrSent &s)
  {
   MqlTradeResult result;
   ZeroMemory(result);
   PlatCount();
   gDealHint=true;
   ResetLastError();
   bool good=(async ? OrderSendAsync(r,result) : OrderSend(r,result));
   int error=GetLastError();
   s.code=TrCode((int)result.retcode,error,good);
   s.order=result.order;
   s.deal=result.deal;
   s.lots=result.volume;
   s.price=result.price;
   s.request=result.request_id;
   s.text=Code5Text(s.code)+(StringLen(result.comment)==0 ? "" : " ("+result.comment+")");
  }

// Some refusals have only an error; a failure without either says nothing.
int TrCode(int retcode,int error,bool good)
  {
   if(!good && ((error==4301) || (error==4302) || (error==4752) || (error==4753) || (error==4754)))
      return(error);
   if(retcode!=0)
      return(retcode);
   return(good ? 10008 : 10011);
  }

void TrPut(LsAnswer &a,TrSent &s)
  {
   a.outcome=Code5Outcome(s.code);
   a.code=s.code;
   a.text=(a.outcome==LS_DONE ? "" : s.text);
  }

bool TrIsInstant(string symbol)
  {
   long mode=SymbolInfoInteger(symbol,SYMBOL_TRADE_EXEMODE);
   return((mode==SYMBOL_TRADE_EXECUTION_INSTANT) || (mode==SYMBOL_TRADE_EXECUTION_REQUEST));
  }

// A requote is a certain refusal: asking again at the new price, while that is inside the budget, doubles nothing.
bool TrRequoted(LsCommand &c,int code)
  {
   return(((code==10004) || (code==10020)) && TrIsInstant(c.symbol) && !PlatExpired(c));
  }

bool TrIsGone(int code)
  {
   return((code==10036) || (code==4753));
  }

// Of market deals: all or nothing where the symbol takes it, else what can be had. RETURN leaves a rest behind, and market execution refuses it.
ENUM_ORDER_TYPE_FILLING TrFilling(string symbol)
  {
   long flags=SymbolInfoInteger(symbol,SYMBOL_FILLING_MODE);
   if((flags&SYMBOL_FILLING_FOK)!=0)
      return(ORDER_FILLING_FOK);
   if((flags&SYMBOL_FILLING_IOC)!=0)
      return(ORDER_FILLING_IOC);
   return(SymbolInfoInteger(symbol,SYMBOL_TRADE_EXEMODE)==SYMBOL_TRADE_EXECUTION_MARKET ? ORDER_FILLING_FOK : ORDER_FILLING_RETURN);
  }

//--- Trade: open

void TrOpen(LsCommand &c,bool more,long started,LsAnswer &a)
  {
   bool bare=(PlatHasStops(c) && PlatIsBare(c.symbol));
   for(int i=0; i<PLAT_TRIES; i++)
     {
      MqlTradeRequest r;
      ZeroMemory(r);
      if(!TrOpenRequest(c,bare,r,a))
         return;
      TrSent s;
      bool async=(more && (i==0) && (TrSlotFree()>=0));
      TrCall(r,async,s);
      if(async && (s.code==10008))
        {
         TrSlotTake(c,s,bare,started,a);
         return;
        }
      if(TrRequoted(c,s.code) && (i<PLAT_TRIES-1))
         continue;
      if(TrMustBeBare(c,s.code,bare) && (i<PLAT_TRIES-1))
        {
         bare=true;
         continue;
        }
      TrOpened(c,s,bare,started,a);
      return;
     }
  }

bool TrOpenRequest(LsCommand &c,bool bare,MqlTradeRequest &r,LsAnswer &a)
  {
   double bid=0;
   double ask=0;
   long time=0;
   if(!SymQuote(c.symbol,bid,ask,time))
     {
      PlatSpare(a,10021,c.symbol+" has no quote yet");
      return(false);
     }
   double price=PlatOpenPrice(c.side,bid,ask);
   if(PlatIsWorse(c.symbol,c.side,price,c.worst))
     {
      PlatDecide(a,LS_REFUSED,"price-guard","the price is "+DoubleToString(price,a.digits)+", worse than "+DoubleToString(c.worst,a.digits));
      return(false);
     }
   TrRequest(c,TRADE_ACTION_DEAL,r);
   r.type=(c.side==LS_BUY ? ORDER_TYPE_BUY : ORDER_TYPE_SELL);
   r.volume=PlatLots(c.lots);
   r.price=PlatPrice(c.symbol,price);
   r.deviation=(ulong)PlatAllowance(c.symbol,c.side,price,c.worst);
   r.type_filling=TrFilling(c.symbol);
   r.sl=(bare ? 0 : PlatPrice(c.symbol,c.sl));
   r.tp=(bare ? 0 : PlatPrice(c.symbol,c.tp));
   string bad=PlatBadLevels(c.symbol,c.side,PlatClosePrice(c.side,bid,ask),PlatPrice(c.symbol,c.sl),PlatPrice(c.symbol,c.tp),SymStops(c.symbol));
   if(bad=="")
      return(true);
   PlatSpare(a,10016,bad);
   return(false);
  }

// The levels were sound (else nothing was sent), and yet they are refused: the broker takes none inside an opening. The refusal is certain.
bool TrMustBeBare(LsCommand &c,int code,bool bare)
  {
   if((code!=10016) || bare || !PlatHasStops(c) || PlatExpired(c))
      return(false);
   double bid=0;
   double ask=0;
   long time=0;
   if(!SymQuote(c.symbol,bid,ask,time) || (PlatBadLevels(c.symbol,c.side,PlatClosePrice(c.side,bid,ask),c.sl,c.tp,SymStops(c.symbol))!=""))
      return(false);
   PlatLearnBare(c.symbol);
   return(true);
  }

void TrOpened(LsCommand &c,TrSent &s,bool bare,long started,LsAnswer &a)
  {
   TrPut(a,s);
   a.order=(long)s.order;
   if((a.outcome!=LS_DONE) && (s.code!=10008))
      return;
   if(TrOpenedSeen(c,s,a))
     {
      TrAfterOpen(c,bare,a);
      return;
     }
   TrSlotWait(c,s,bare,started,a);
  }

// Fills the answer from the deals of the order; false = they cannot be seen yet.
bool TrOpenedSeen(LsCommand &c,TrSent &s,LsAnswer &a)
  {
   long position=0;
   double lots=0;
   double price=0;
   if(!TrDealsOf(s.order,s.deal,position,lots,price))
      return(false);
   LsPosition p;
   // The change is told before the answer: a position that is not there yet may still come, one that is gone has its closing deal.
   a.position=position;
   a.lots=lots;
   a.price=price;
   if(s.code==10008)
      PlatDecide(a,LS_DONE,"found","");
   return(BookFind(position,p) || TrHasClosed(position));
  }

bool TrHasClosed(long position)
  {
   if(!HistorySelectByPosition(position))
      return(false);
   for(int i=HistoryDealsTotal()-1; i>=0; i--)
     {
      ulong ticket=HistoryDealGetTicket(i);
      if((ticket!=0) && (HistoryDealGetInteger(ticket,DEAL_ENTRY)!=DEAL_ENTRY_IN))
         return(true);
     }
   return(false);
  }

// All deals of an order: the position they belong to, their volume, their average price.
bool TrDealsOf(ulong order,ulong deal,long &position,double &lots,double &price)
  {
   double value=0;
   lots=0;
   if((order==0) && (deal==0))
      return(false);
   if(!HistorySelect(TimeCurrent()-172800,TimeCurrent()+86400))
      return(false);
   for(int i=HistoryDealsTotal()-1; i>=0; i--)
     {
      ulong ticket=HistoryDealGetTicket(i);
      if((ticket==0) || !DealsIsTrade(ticket))
         continue;
      if((ticket!=deal) && ((order==0) || (HistoryDealGetInteger(ticket,DEAL_ORDER)!=(long)order)))
         continue;
      position=HistoryDealGetInteger(ticket,DEAL_POSITION_ID);
      lots+=HistoryDealGetDouble(ticket,DEAL_VOLUME);
      value+=HistoryDealGetDouble(ticket,DEAL_VOLUME)*HistoryDealGetDouble(ticket,DEAL_PRICE);
     }
   lots=PlatLots(lots);
   if(lots<=0)
      return(false);
   price=value/lots;
   return(true);
  }

// Second step where stops may not come with the opening. The opening is done, whatever becomes of them; the report shows the levels that are there.
void TrAfterOpen(LsCommand &c,bool bare,LsAnswer &a)
  {
   if(!bare || (a.position==0))
      return;
   LsCommand stops=c;
   LsAnswer second;
   stops.what=LS_DO_STOPS;
   stops.position=a.position;
   PlatBlank(stops,second);
   TrStops(stops,second);
   if(second.outcome!=LS_DONE)
     {
      a.text="opened, but its stops were not set: "+IntegerToString(second.code)+" "+second.text;
      LogWarn(c.symbol+": "+a.text);
     }
  }

//--- Trade: place

void TrPlace(LsCommand &c,bool more,long started,LsAnswer &a)
  {
   MqlTradeRequest r;
   ZeroMemory(r);
   if(!TrPlaceRequest(c,r,a))
      return;
   TrSent s;
   bool async=(more && (TrSlotFree()>=0));
   TrCall(r,async,s);
   if(async && (s.code==10008))
     {
      TrSlotTake(c,s,false,started,a);
      return;
     }
   TrPlaced(c,s,started,a);
  }

bool TrPlaceRequest(LsCommand &c,MqlTradeRequest &r,LsAnswer &a)
  {
   TrRequest(c,TRADE_ACTION_PENDING,r);
   r.type=TrPendingType(c.side,c.type);
   r.volume=PlatLots(c.lots);
   r.price=PlatPrice(c.symbol,c.price);
   r.stoplimit=(c.type==LS_STOPLIMIT ? PlatPrice(c.symbol,c.limit) : 0);
   r.sl=PlatPrice(c.symbol,c.sl);
   r.tp=PlatPrice(c.symbol,c.tp);
   r.type_filling=ORDER_FILLING_RETURN;
   if(!TrExpiry(c,r,a))
      return(false);
   string bad=PlatBadLevels(c.symbol,c.side,(c.type==LS_STOPLIMIT ? r.stoplimit : r.price),r.sl,r.tp,SymStops(c.symbol));
   if(bad=="")
      return(true);
   PlatSpare(a,10016,bad);
   return(false);
  }

ENUM_ORDER_TYPE TrPendingType(int side,int type)
  {
   if(type==LS_LIMIT)
      return(side==LS_BUY ? ORDER_TYPE_BUY_LIMIT : ORDER_TYPE_SELL_LIMIT);
   if(type==LS_STOP)
      return(side==LS_BUY ? ORDER_TYPE_BUY_STOP : ORDER_TYPE_SELL_STOP);
   return(side==LS_BUY ? ORDER_TYPE_BUY_STOP_LIMIT : ORDER_TYPE_SELL_STOP_LIMIT);
  }

// An expiry is kept to the second or refused: an order that lives longer than it was meant to is worse than none.
bool TrExpiry(LsCommand &c,MqlTradeRequest &r,LsAnswer &a)
  {
   long modes=SymbolInfoInteger(c.symbol,SYMBOL_EXPIRATION_MODE);
   if(c.expiry==0)
     {
      r.type_time=(((modes&SYMBOL_EXPIRATION_GTC)==0) && ((modes&SYMBOL_EXPIRATION_DAY)!=0) ? ORDER_TIME_DAY : ORDER_TIME_GTC);
      return(true);
     }
   if((modes&SYMBOL_EXPIRATION_SPECIFIED)==0)
     {
      PlatSpare(a,10022,c.symbol+" takes no expiry");
      return(false);
     }
   r.type_time=ORDER_TIME_SPECIFIED;
   r.expiration=(datetime)(c.expiry/1000);
   return(true);
  }

void TrPlaced(LsCommand &c,TrSent &s,long started,LsAnswer &a)
  {
   TrPut(a,s);
   a.order=(long)s.order;
   a.price=c.price;
   if((a.outcome!=LS_DONE) && (s.code!=10008))
      return;
   if(!TrPlacedSeen(s,a))
      TrSlotWait(c,s,false,started,a);
  }

bool TrPlacedSeen(TrSent &s,LsAnswer &a)
  {
   if((s.order==0) || (!OrderSelect(s.order) && !HistoryOrderSelect(s.order)))
      return(false);
   if(s.code==10008)
      PlatDecide(a,LS_DONE,"found","");
   return(true);
  }

//--- Trade: reduce

// The present volume is read before each part and only the difference sent, with the position's ticket, so that nothing is enlarged or turned. `rest` is what must be left after
// our own parts: where the terminal's picture lags behind them, the smaller of the two counts.
void TrReduce(LsCommand &c,bool more,long started,LsAnswer &a)
  {
   double sum=0;
   double rest=-1;
   int code=0;
   int again=0;
   LsPosition p;
   a.position=c.position;
   for(int step=0; step<TR_PARTS; step++)
     {
      if(!BookFind(c.position,p))
         break;
      if((sum==0) && !TrIsSide(c,p,a))
         return;
      double held=(rest<0 ? p.lots : MathMin(rest,p.lots));
      double lots=TrPart(c,held);
      if((lots<=0) || ((sum>0) && PlatExpired(c)))
         break;
      MqlTradeRequest r;
      ZeroMemory(r);
      TrSent s;
      TrReduceRequest(c,p,lots,r);
      bool async=(more && (sum==0) && (again==0) && PlatSameLots(held-lots,c.lots) && (TrSlotFree()>=0));
      TrCall(r,async,s);
      if(async && (s.code==10008))
        {
         TrSlotTake(c,s,false,started,a);
         return;
        }
      if((again<PLAT_TRIES-1) && (TrRequoted(c,s.code) || (TrIsGone(s.code) && TrIsElsewhere(c,p))))
        {
         again++;
         continue;
        }
      if(TrIsGone(s.code))
         break;
      if(!TrReducePart(s,lots,sum,a))
         return;
      code=s.code;
      rest=PlatLots(held-lots);
      if(code==10010)
         break;
     }
   TrReduced(a,sum,code);
  }

// Adds a part that was done; false = it was not, and the answer is complete.
bool TrReducePart(TrSent &s,double lots,double &sum,LsAnswer &a)
  {
   int outcome=Code5Outcome(s.code);
   if(outcome==LS_DONE)
     {
      long position=0;
      double done=0;
      double price=s.price;
      if(!TrDealsOf(s.order,s.deal,position,done,price))
         done=(s.lots>0 ? s.lots : lots);
      sum=PlatLots(sum+done);
      a.order=(long)s.order;
      a.price=price;
      return(true);
     }
   a.lots=sum;
   a.text=s.text;
   if((outcome==LS_REFUSED) && (sum>0))
     {
      // What was closed before is closed; what is left shows in the reports.
      a.outcome=LS_DONE;
      a.code=10010;
      a.text="closed in part, then "+IntegerToString(s.code)+": "+s.text;
      return(false);
     }
   a.outcome=outcome;
   a.code=s.code;
   return(false);
  }

void TrReduced(LsAnswer &a,double sum,int code)
  {
   a.lots=sum;
   if(sum>0)
     {
      a.outcome=LS_DONE;
      a.code=code;
      a.text="";
      return;
     }
   PlatDecide(a,LS_DONE,"already","the position is gone or small enough");
  }

bool TrIsSide(LsCommand &c,LsPosition &p,LsAnswer &a)
  {
   if((c.side==LS_SIDE_NONE) || (c.side==p.side))
      return(true);
   PlatDecide(a,LS_REFUSED,"not-found","the position has the other side now");
   return(false);
  }

// Lots of the next request.
double TrPart(LsCommand &c,double held)
  {
   double most=SymbolInfoDouble(c.symbol,SYMBOL_VOLUME_MAX);
   double lots=PlatLots(held-c.lots);
   if(lots<0.0000001)
      return(0);
   return((most>0) && (lots>most) ? most : lots);
  }

void TrReduceRequest(LsCommand &c,LsPosition &p,double lots,MqlTradeRequest &r)
  {
   double bid=0;
   double ask=0;
   long time=0;
   SymQuote(p.symbol,bid,ask,time);
   TrRequest(c,TRADE_ACTION_DEAL,r);
   r.symbol=p.symbol;
   r.position=(ulong)p.ticket;
   r.type=(p.side==LS_BUY ? ORDER_TYPE_SELL : ORDER_TYPE_BUY);
   r.volume=lots;
   r.price=PlatPrice(p.symbol,PlatClosePrice(p.side,bid,ask));
   r.deviation=1000000;
   r.type_filling=TrFilling(p.symbol);
  }

// Not the position is gone but its ticket. The refusal is certain, so asking again is safe.
bool TrIsElsewhere(LsCommand &c,LsPosition &before)
  {
   LsPosition now;
   return(!PlatExpired(c) && BookFind(c.position,now) && (now.ticket!=before.ticket));
  }

//--- Trade: stops, amend, cancel, close-by

void TrStops(LsCommand &c,LsAnswer &a)
  {
   a.position=c.position;
   for(int i=0; i<PLAT_TRIES; i++)
     {
      LsPosition p;
      MqlTradeRequest r;
      ZeroMemory(r);
      TrSent s;
      if(!TrStopsRequest(c,p,r,a))
         return;
      TrCall(r,false,s);
      if(TrIsGone(s.code) && TrIsElsewhere(c,p))
         continue;
      TrPut(a,s);
      if(s.code==10025)
         a.why="already";
      return;
     }
   PlatDecide(a,LS_REFUSED,"not-found","the position's ticket keeps changing");
  }

bool TrStopsRequest(LsCommand &c,LsPosition &p,MqlTradeRequest &r,LsAnswer &a)
  {
   if(!BookFind(c.position,p))
     {
      PlatDecide(a,LS_REFUSED,"not-found","the position is gone");
      return(false);
     }
   double sl=PlatPrice(p.symbol,c.sl);
   double tp=PlatPrice(p.symbol,c.tp);
   if(PlatSamePrice(p.symbol,sl,p.sl) && PlatSamePrice(p.symbol,tp,p.tp))
     {
      PlatDecide(a,LS_DONE,"already","");
      return(false);
     }
   TrRequest(c,TRADE_ACTION_SLTP,r);
   r.symbol=p.symbol;
   r.position=(ulong)p.ticket;
   r.sl=sl;
   r.tp=tp;
   return(TrLevelsFree(p,sl,tp,a));
  }

// false = too near the market to be set or moved now. Levels that stay are not measured again.
bool TrLevelsFree(LsPosition &p,double sl,double tp,LsAnswer &a)
  {
   double bid=0;
   double ask=0;
   long time=0;
   if(!SymQuote(p.symbol,bid,ask,time))
      return(true);
   double market=PlatClosePrice(p.side,bid,ask);
   int freeze=SymFreeze(p.symbol);
   if(PlatIsFrozen(p.symbol,p.sl,market,freeze) || PlatIsFrozen(p.symbol,p.tp,market,freeze))
     {
      PlatSpare(a,10029,"a level is inside the freeze distance of the market");
      return(false);
     }
   string bad=PlatBadLevels(p.symbol,p.side,market,(PlatSamePrice(p.symbol,sl,p.sl) ? 0 : sl),(PlatSamePrice(p.symbol,tp,p.tp) ? 0 : tp),SymStops(p.symbol));
   if(bad=="")
      return(true);
   PlatSpare(a,10016,bad);
   return(false);
  }

void TrAmend(LsCommand &c,LsAnswer &a)
  {
   LsOrder o;
   MqlTradeRequest r;
   ZeroMemory(r);
   TrSent s;
   a.order=c.order;
   if(!BookFindOrder(c.order,o))
     {
      PlatDecide(a,LS_REFUSED,"not-found","the order is gone");
      return;
     }
   if(!TrAmendRequest(c,o,r,a))
      return;
   TrCall(r,false,s);
   TrPut(a,s);
   if(s.code==10025)
      a.why="already";
  }

bool TrAmendRequest(LsCommand &c,LsOrder &o,MqlTradeRequest &r,LsAnswer &a)
  {
   TrRequest(c,TRADE_ACTION_MODIFY,r);
   r.symbol=o.symbol;
   r.order=(ulong)o.id;
   r.price=PlatPrice(o.symbol,c.price);
   r.sl=PlatPrice(o.symbol,c.sl);
   r.tp=PlatPrice(o.symbol,c.tp);
   if(o.type==LS_STOPLIMIT)
      r.stoplimit=PlatPrice(o.symbol,c.limit);
   else if(c.limit>0)
      r.price=PlatPrice(o.symbol,c.limit);   // its stop was reached meanwhile: it waits at its limit now
   if(!TrExpiry(c,r,a))
      return(false);
   if(TrIsAmended(o,r,c.expiry))
     {
      PlatDecide(a,LS_DONE,"already","");
      return(false);
     }
   return(true);
  }

bool TrIsAmended(LsOrder &o,MqlTradeRequest &r,long expiry)
  {
   return(PlatSamePrice(o.symbol,o.price,r.price) && PlatSamePrice(o.symbol,o.limit,r.stoplimit) && PlatSamePrice(o.symbol,o.sl,r.sl)
      && PlatSamePrice(o.symbol,o.tp,r.tp) && (o.expiry/1000==expiry/1000));
  }

void TrCancel(LsCommand &c,bool more,long started,LsAnswer &a)
  {
   LsOrder o;
   MqlTradeRequest r;
   ZeroMemory(r);
   TrSent s;
   a.order=c.order;
   if(!BookFindOrder(c.order,o))
     {
      TrCancelGone(c,a);
      return;
     }
   TrRequest(c,TRADE_ACTION_REMOVE,r);
   r.symbol=o.symbol;
   r.order=(ulong)c.order;
   bool async=(more && (TrSlotFree()>=0));
   TrCall(r,async,s);
   if(async && (s.code==10008))
     {
      TrSlotTake(c,s,false,started,a);
      return;
     }
   TrCancelled(c,s,started,a);
  }

void TrCancelled(LsCommand &c,TrSent &s,long started,LsAnswer &a)
  {
   TrPut(a,s);
   if(s.code==10008)
      TrSlotWait(c,s,false,started,a);
  }

// What was filled cannot be cancelled; what ended otherwise is what was wanted.
void TrCancelGone(LsCommand &c,LsAnswer &a)
  {
   if(HistoryOrderSelect((ulong)c.order) && TrEndedUnfilled((ulong)c.order))
      PlatDecide(a,LS_DONE,"already","");
   else
      PlatDecide(a,LS_REFUSED,"not-found","the order is gone");
  }

bool TrEndedUnfilled(ulong order)
  {
   long state=HistoryOrderGetInteger(order,ORDER_STATE);
   return((state==ORDER_STATE_CANCELED) || (state==ORDER_STATE_EXPIRED) || (state==ORDER_STATE_REJECTED));
  }

void TrCloseBy(LsCommand &c,LsAnswer &a)
  {
   LsPosition first;
   LsPosition second;
   a.position=c.position;
   if(!BookFind(c.position,first) || !BookFind(c.other,second))
     {
      PlatDecide(a,LS_REFUSED,"not-found","one of the two positions is gone");
      return;
     }
   if(!AccIsHedging() || (first.symbol!=second.symbol) || (first.side==second.side) || ((SymbolInfoInteger(first.symbol,SYMBOL_ORDER_MODE)&SYMBOL_ORDER_CLOSEBY)==0))
     {
      PlatDecide(a,LS_REFUSED,"invalid","these two cannot be closed by each other here");
      return;
     }
   MqlTradeRequest r;
   ZeroMemory(r);
   TrSent s;
   TrRequest(c,TRADE_ACTION_CLOSE_BY,r);
   r.symbol=first.symbol;
   r.position=(ulong)first.ticket;
   r.position_by=(ulong)second.ticket;
   TrCall(r,false,s);
   TrPut(a,s);
   a.order=(long)s.order;
   if(a.outcome!=LS_DONE)
      return;
   a.lots=MathMin(first.lots,second.lots);
   a.price=second.price;
  }

//--- Trade: answers that come later

int TrSlotFree()
  {
   for(int i=0; i<TR_SLOTS; i++)
     {
      if(!gTrSlots[i].used)
         return(i);
     }
   return(-1);
  }

// Sent with OrderSendAsync: the result comes as an event.
void TrSlotTake(LsCommand &c,TrSent &s,bool bare,long started,LsAnswer &a)
  {
   int i=TrSlotFree();
   gTrSlots[i].used=true;
   gTrSlots[i].resulted=false;
   gTrSlots[i].request=s.request;
   gTrSlots[i].started=started;
   gTrSlots[i].resultAt=0;
   gTrSlots[i].bare=bare;
   gTrSlots[i].c=c;
   a.outcome=LS_PENDING;
   a.code=0;
   a.text="";
   a.request=s.request;
  }

// The result is known, what it made is not to be seen yet.
void TrSlotWait(LsCommand &c,TrSent &s,bool bare,long started,LsAnswer &a)
  {
   int i=TrSlotFree();
   if(i<0)
     {
      TrUnseen(s,a);
      return;
     }
   TrSlotTake(c,s,bare,started,a);
   TrSlotResult(i,s);
  }

void TrSlotResult(int i,TrSent &s)
  {
   gTrSlots[i].resulted=true;
   gTrSlots[i].resultAt=ClkTick();
   gTrSlots[i].code=s.code;
   gTrSlots[i].order=s.order;
   gTrSlots[i].deal=s.deal;
   gTrSlots[i].lots=s.lots;
   gTrSlots[i].price=s.price;
   gTrSlots[i].text=s.text;
  }

// Answered with what the result said.
void TrUnseen(TrSent &s,LsAnswer &a)
  {
   TrPut(a,s);
   a.order=(long)s.order;
   if(a.outcome!=LS_DONE)
      return;
   a.lots=PlatLots(s.lots);
   a.price=s.price;
   // On a hedging account an opening's position has the number of its order.
   if(AccIsHedging() && (a.position==0))
      a.position=(long)s.order;
  }

void TrEvent(const MqlTradeTransaction &t,const MqlTradeRequest &request,const MqlTradeResult &result)
  {
   gDealHint=true;
   if(t.type!=TRADE_TRANSACTION_REQUEST)
      return;
   for(int i=0; i<TR_SLOTS; i++)
     {
      if(!gTrSlots[i].used || gTrSlots[i].resulted || (gTrSlots[i].request==0) || (gTrSlots[i].request!=result.request_id))
         continue;
      TrSent s;
      s.code=(int)result.retcode;
      s.order=result.order;
      s.deal=result.deal;
      s.lots=result.volume;
      s.price=result.price;
      s.request=result.request_id;
      s.text=Code5Text(s.code)+(StringLen(result.comment)==0 ? "" : " ("+result.comment+")");
      TrSlotResult(i,s);
      return;
     }
  }

bool TrTaken(LsAnswer &a)
  {
   for(int i=0; i<TR_SLOTS; i++)
     {
      if(!gTrSlots[i].used || !TrSlotEnd(i,a))
         continue;
      a.took=(int)(ClkTick()-gTrSlots[i].started);
      a.request=gTrSlots[i].request;
      gTrSlots[i].used=false;
      return(true);
     }
   return(false);
  }

// true = the slot's command has its answer.
bool TrSlotEnd(int i,LsAnswer &a)
  {
   LsCommand c=gTrSlots[i].c;
   PlatBlank(c,a);
   a.position=(c.what==LS_DO_OPEN ? 0 : c.position);
   a.order=c.order;
   if(!gTrSlots[i].resulted)
     {
      if(ClkTick()-gTrSlots[i].started<TR_RESULT_WAIT)
         return(false);
      a.outcome=LS_UNKNOWN;
      a.code=10012;
      a.text="no result for 30 s";
      return(true);
     }
   TrSent s;
   s.code=gTrSlots[i].code;
   s.order=gTrSlots[i].order;
   s.deal=gTrSlots[i].deal;
   s.lots=gTrSlots[i].lots;
   s.price=gTrSlots[i].price;
   s.text=gTrSlots[i].text;
   s.request=gTrSlots[i].request;
   return(TrSlotSettle(i,c,s,a));
  }

bool TrSlotSettle(int i,LsCommand &c,TrSent &s,LsAnswer &a)
  {
   if(TrSlotAgain(i,c,s,a))
      return(a.outcome!=LS_PENDING);
   TrPut(a,s);
   if(s.order!=0)
      a.order=(long)s.order;
   bool placed=(s.code==10008);
   if((a.outcome!=LS_DONE) && !placed)
      return(true);
   if(TrSlotSeen(i,c,s,a))
     {
      if(c.what==LS_DO_OPEN)
         TrAfterOpen(c,gTrSlots[i].bare,a);
      return(true);
     }
   if(ClkTick()-gTrSlots[i].resultAt<(placed ? TR_RESULT_WAIT : TR_DEAL_WAIT))
      return(false);
   TrUnseen(s,a);
   return(true);
  }

bool TrSlotSeen(int i,LsCommand &c,TrSent &s,LsAnswer &a)
  {
   if(c.what==LS_DO_OPEN)
      return(TrOpenedSeen(c,s,a));
   if(c.what==LS_DO_PLACE)
      return(TrPlacedSeen(s,a));
   if(c.what==LS_DO_CANCEL)
     {
      if(OrderSelect((ulong)c.order))
         return(false);
      if(s.code==10008)
         TrCancelGone(c,a);
      return(true);
     }
   long position=0;
   if(!TrDealsOf(s.order,s.deal,position,a.lots,a.price))
      return(false);
   if(s.code==10008)
      PlatDecide(a,LS_DONE,"found","");
   return(true);
  }

// A refusal after which the synchronous way would have tried again goes that way now. The slot is let go first; a new wait takes its own.
bool TrSlotAgain(int i,LsCommand &c,TrSent &s,LsAnswer &a)
  {
   bool again=false;
   if(c.what==LS_DO_OPEN)
      again=(TrRequoted(c,s.code) || TrMustBeBare(c,s.code,gTrSlots[i].bare));
   if(c.what==LS_DO_REDUCE)
      again=(TrRequoted(c,s.code) || TrIsGone(s.code));
   if(!again)
      return(false);
   long started=gTrSlots[i].started;
   gTrSlots[i].used=false;
   if(TrReady(c,a))
      TrCarry(c,false,started,a);
   return(true);
  }

//--- Trade: found

bool TrFind(LsCommand &c,LsAnswer &a)
  {
   PlatBlank(c,a);
   PlatDecide(a,LS_DONE,"found","");
   // The history first: it has the executed volume, where a netting position has that of many orders.
   return(TrFindHistory(c,a) || TrFindOpen(c,a) || TrFindLikely(c,a));
  }

bool TrFindOpen(LsCommand &c,LsAnswer &a)
  {
   for(int i=PositionsTotal()-1; i>=0; i--)
     {
      if((PositionGetTicket(i)==0) || !PlatKeyIs(PositionGetString(POSITION_COMMENT),c.id))
         continue;
      LsPosition p;
      BookPosition(p);
      TrFoundPosition(p,a);
      return(true);
     }
   for(int i=OrdersTotal()-1; i>=0; i--)
     {
      if((OrderGetTicket(i)==0) || !PlatKeyIs(OrderGetString(ORDER_COMMENT),c.id))
         continue;
      a.order=OrderGetInteger(ORDER_TICKET);
      // A market order in this list is on its way; nobody knows yet what becomes of it.
      if(BookPending((int)OrderGetInteger(ORDER_TYPE))==0)
         PlatDecide(a,LS_UNKNOWN,"","the order is on its way");
      return(true);
     }
   return(false);
  }

void TrFoundPosition(LsPosition &p,LsAnswer &a)
  {
   a.position=p.id;
   a.order=p.order;
   a.lots=p.lots;
   a.price=p.price;
  }

// Of the last two days, newest first: the opening deals of the order, or an order that ended without any.
bool TrFindHistory(LsCommand &c,LsAnswer &a)
  {
   if(!HistorySelect(TimeCurrent()-172800,TimeCurrent()+86400))
      return(false);
   for(int i=HistoryOrdersTotal()-1; i>=0; i--)
     {
      ulong ticket=HistoryOrderGetTicket(i);
      if((ticket==0) || !PlatKeyIs(HistoryOrderGetString(ticket,ORDER_COMMENT),c.id))
         continue;
      a.order=(long)ticket;
      if(!TrEndedUnfilled(ticket) || (c.what==LS_DO_PLACE))
        {
         TrDealsOf(ticket,0,a.position,a.lots,a.price);
         return(true);
        }
      if(TrDealsOf(ticket,0,a.position,a.lots,a.price))
         return(true);
      a.outcome=LS_REFUSED;
      a.code=10006;
      a.why="";
      a.text="the order is in the account history, not filled";
      return(true);
     }
   return(false);
  }

// Comments may be rewritten. The magic number is worked out from the key, so one position or order, and only one, that has magic, symbol, side and volume of the command and is no
// older than it, must be its work: taking it for another's would open a second one.
bool TrFindLikely(LsCommand &c,LsAnswer &a)
  {
   int found=0;
   LsPosition p;
   LsOrder o;
   for(int i=PositionsTotal()-1; (i>=0) && (c.what==LS_DO_OPEN); i--)
     {
      if(PositionGetTicket(i)==0)
         continue;
      BookPosition(p);
      if(!PlatMayBe(c,p.symbol,p.side,p.lots,p.magic,p.comment,p.time))
         continue;
      found++;
      TrFoundPosition(p,a);
     }
   for(int i=OrdersTotal()-1; (i>=0) && (c.what==LS_DO_PLACE); i--)
     {
      if(OrderGetTicket(i)==0)
         continue;
      BookOrder(o);
      if((o.type!=c.type) || !PlatMayBe(c,o.symbol,o.side,o.lots,o.magic,o.comment,o.time))
         continue;
      found++;
      a.order=o.id;
     }
   return(found==1);
  }

//--- History

ENUM_TIMEFRAMES HistFrame(int minutes)
  {
   switch(minutes)
     {
      case 1:
         return(PERIOD_M1);
      case 5:
         return(PERIOD_M5);
      case 15:
         return(PERIOD_M15);
      case 30:
         return(PERIOD_M30);
      case 60:
         return(PERIOD_H1);
      case 240:
         return(PERIOD_H4);
      case 1440:
         return(PERIOD_D1);
      case 10080:
         return(PERIOD_W1);
      case 43200:
         return(PERIOD_MN1);
     }
   return(PERIOD_CURRENT);
  }

// The first `limit` bars of the span. A series that is not in step with the server yet is asked for and left: CopyRates would wait for it.
int HistCandles(string symbol,int minutes,long from,long to,int limit,LsBar &rows[],string &why)
  {
   MqlRates rates[];
   ENUM_TIMEFRAMES frame=HistFrame(minutes);
   ArrayResize(rows,0);
   if((frame==PERIOD_CURRENT) || !SymbolSelect(symbol,true))
     {
      why=(frame==PERIOD_CURRENT ? "no such time frame" : "no such symbol");
      return(-1);
     }
   if(SeriesInfoInteger(symbol,frame,SERIES_SYNCHRONIZED)==0)
     {
      CopyRates(symbol,frame,0,1,rates);
      return(-2);
     }
   int n=CopyRates(symbol,frame,(datetime)(from/1000),(datetime)(to/1000),rates);
   if(n<0)
      return(-2);
   n=MathMin(n,limit);
   ArrayResize(rows,n);
   for(int i=0; i<n; i++)
     {
      rows[i].time=(long)rates[i].time*1000;
      rows[i].open=rates[i].open;
      rows[i].high=rates[i].high;
      rows[i].low=rates[i].low;
      rows[i].close=rates[i].close;
      rows[i].ticks=rates[i].tick_volume;
     }
   return(n);
  }

// The first `limit` ticks of the span.
int HistTicks(string symbol,long from,long to,int limit,LsTick &rows[],string &why)
  {
   MqlTick ticks[];
   ArrayResize(rows,0);
   if(!SymbolSelect(symbol,true))
     {
      why="no such symbol";
      return(-1);
     }
   if(!SymbolIsSynchronized(symbol))
      return(-2);
   // By count, not by range: a range of a busy day may be millions.
   int n=CopyTicks(symbol,ticks,COPY_TICKS_INFO,(ulong)from,(uint)limit);
   if(n<0)
      return(-2);
   int found=0;
   ArrayResize(rows,n);
   for(int i=0; (i<n) && (ticks[i].time_msc<=to); i++)
     {
      rows[found].time=ticks[i].time_msc;
      rows[found].bid=ticks[i].bid;
      rows[found].ask=ticks[i].ask;
      found++;
     }
   ArrayResize(rows,found);
   return(found);
  }

#endif
