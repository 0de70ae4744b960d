// The platform half on MetaTrader 4: account, symbols, books, deals, trade calls. A position is a market order, known by the first ticket of its lineage; deals are made up from the
// openings and closings of tickets. One trade thread serves the whole terminal, every call blocks until the server has answered.
#ifndef LOCKSTEP_PLATFORM4_MQH
#define LOCKSTEP_PLATFORM4_MQH

#include "Types.mqh"
#include "Platform.mqh"
#include "Lineage4.mqh"
#include "Codes4.mqh"

#define TR_SLIPPAGE 1000000         // points: a close takes any price
#define TR_PARTS 200                // requests of one reduce at most

bool gDealHint=true;                // deals were given and not kept, or the table was never looked through
bool gDealShort=false;              // said that the history pool may be too short

//--- Account

void AccStart()
  {
   PlatLoad();
   PlatDealsLoad();
   LinLoad();
   gPlatLogin=AccountInfoInteger(ACCOUNT_LOGIN);
   gDealHint=true;
   gDealShort=false;
   AccWatch();
  }

void AccWatch()
  {
   PlatWatch(IsConnected());
  }

void AccRead(LsAccount &a)
  {
   a.login=AccountInfoInteger(ACCOUNT_LOGIN);
   a.server=AccountInfoString(ACCOUNT_SERVER);
   a.company=AccountInfoString(ACCOUNT_COMPANY);
   a.currency=AccountInfoString(ACCOUNT_CURRENCY);
   a.mode=(gPlatFifo ? "fifo" : "hedging");
   a.leverage=AccountInfoInteger(ACCOUNT_LEVERAGE);
   a.build=TerminalInfoInteger(TERMINAL_BUILD);
   a.demo=(AccountInfoInteger(ACCOUNT_TRADE_MODE)!=ACCOUNT_TRADE_MODE_REAL);
   a.closeBy=(!gPlatFifo && AccTakesCloseBy());
   a.stopLimit=false;
   a.expiry=!gPlatNoExpiry;
  }

bool AccTakesCloseBy()
  {
   int n=SymbolsTotal(true);
   for(int i=0; i<n; i++)
     {
      if(MarketInfo(SymbolName(i,true),MODE_CLOSEBY_ALLOWED)>0)
         return(true);
     }
   return(false);
  }

void AccFunds(LsFunds &f)
  {
   f.balance=AccountInfoDouble(ACCOUNT_BALANCE);
   f.equity=AccountInfoDouble(ACCOUNT_EQUITY);
   f.margin=AccountInfoDouble(ACCOUNT_MARGIN);
   f.free=AccountInfoDouble(ACCOUNT_MARGIN_FREE);
   f.credit=AccountInfoDouble(ACCOUNT_CREDIT);
  }

// What the trader has to press, "" = nothing. A trade context that is busy for a moment is no obstacle.
string AccObstacle()
  {
   if(!IsConnected())
      return("the terminal is not connected to the broker: look at the lower right corner, log in again if need be");
   if(!IsExpertEnabled())
      return("press AutoTrading in the toolbar");
   if(MQLInfoInteger(MQL_TRADE_ALLOWED)==0)
      return("switch on Allow live trading in the settings of this EA (F7, Common)");
   if(AccountInfoInteger(ACCOUNT_TRADE_ALLOWED)==0)
      return("this login may not trade: log in with the master password, not the investor's; if that is so, the broker has disabled trading on the account");
   if(AccountInfoInteger(ACCOUNT_TRADE_EXPERT)==0)
      return("the broker does not allow Expert Advisors on this account: ask the broker");
   return("");
  }

void AccHealth(LsHealth &h)
  {
   AccWatch();
   h.connected=IsConnected();
   h.ping=-1;
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
   if(LinLook())
      return(true);
   why="the orders are changing";
   return(false);
  }

int AccClash()
  {
   int n=0;
   LinLook();
   for(int i=0; i<ArraySize(gLinOpen); i++)
     {
      // Of a rest the comment is gone; its first ticket had it.
      int k=LinAt((int)gLinOpen[i].id);
      if(PlatIsOurs(gLinOpen[i].magic) && !PlatHasKey(gLinOpen[i].comment) && ((k<0) || !PlatHasKey(gLin[k].first)))
         n++;
     }
   for(int i=0; i<ArraySize(gLinWait); i++)
     {
      if(PlatIsOurs(gLinWait[i].magic) && !PlatHasKey(gLinWait[i].comment))
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
   s.size=MarketInfo(name,MODE_LOTSIZE);
   s.digits=SymDigits(name);
   s.tick=PlatTickSize(name);
   s.lotsMin=MarketInfo(name,MODE_MINLOT);
   s.lotsStep=MarketInfo(name,MODE_LOTSTEP);
   s.lotsMax=MarketInfo(name,MODE_MAXLOT);
   s.lotsLimit=0;
   s.stops=SymStops(name);
   s.freeze=SymFreeze(name);
   s.base=SymbolInfoString(name,SYMBOL_CURRENCY_BASE);
   s.profit=SymbolInfoString(name,SYMBOL_CURRENCY_PROFIT);
   s.fill=0;
   s.exec=SymExec(name);
   s.trade=SymTrade(name);
   s.value=MarketInfo(name,MODE_TICKVALUE);
   s.swapLong=MarketInfo(name,MODE_SWAPLONG);
   s.swapShort=MarketInfo(name,MODE_SWAPSHORT);
   return((s.tick>0) && (s.size>0) && (s.lotsStep>0));
  }

string SymExec(string name)
  {
   long mode=SymbolInfoInteger(name,SYMBOL_TRADE_EXEMODE);
   if(mode==SYMBOL_TRADE_EXECUTION_REQUEST)
      return("request");
   return(mode==SYMBOL_TRADE_EXECUTION_INSTANT ? "instant" : "market");
  }

// MODE_TRADEALLOWED is what the terminal itself goes by.
string SymTrade(string name)
  {
   if(SymbolInfoInteger(name,SYMBOL_TRADE_MODE)==SYMBOL_TRADE_MODE_CLOSEONLY)
      return("close");
   return(MarketInfo(name,MODE_TRADEALLOWED)>0 ? "full" : "none");
  }

bool SymQuote(string name,double &bid,double &ask,long &time)
  {
   MqlTick tick;
   if(!SymbolInfoTick(name,tick) || (tick.bid<=0) || (tick.ask<=0))
      return(false);
   bid=tick.bid;
   ask=tick.ask;
   time=(long)tick.time*1000;
   return(true);
  }

int SymDigits(string name)
  {
   return((int)SymbolInfoInteger(name,SYMBOL_DIGITS));
  }

int SymStops(string name)
  {
   return((int)MarketInfo(name,MODE_STOPLEVEL));
  }

int SymFreeze(string name)
  {
   return((int)MarketInfo(name,MODE_FREEZELEVEL));
  }

//--- Books

bool BookRead(LsPosition &p[],LsOrder &o[])
  {
   if(!LinLook())
      return(false);
   int n=ArraySize(gLinOpen);
   ArrayResize(p,n);
   for(int i=0; i<n; i++)
      p[i]=gLinOpen[i];
   n=ArraySize(gLinWait);
   ArrayResize(o,n);
   for(int i=0; i<n; i++)
      o[i]=gLinWait[i];
   return(true);
  }

// The position under the ticket that it has now. `seen` = the pools could be read.
bool BookFind(long id,LsPosition &p,bool &seen)
  {
   seen=LinLook();
   if(!seen)
      return(false);
   for(int i=0; i<ArraySize(gLinOpen); i++)
     {
      if(gLinOpen[i].id!=id)
         continue;
      p=gLinOpen[i];
      return(true);
     }
   return(false);
  }

// Deals are made of the tickets themselves here.
bool BookDealt(long id,int side,double lots)
  {
   return(true);
  }

bool BookFindOrder(long id,LsOrder &o)
  {
   if(!OrderSelect((int)id,SELECT_BY_TICKET) || (OrderCloseTime()!=0) || (OrderType()<=OP_SELL))
      return(false);
   LinOrder(o);
   return(true);
  }

//--- Deals

// The openings and closings that were not told, of the overlap.
int DealsNew(LsDeal &d[])
  {
   ArrayResize(d,0);
   AccWatch();
   string why="";
   if(!PlatSettled(why) || !LinLook())
      return(0);
   if(!gLinChanged && !gDealHint)
      return(0);
   gLinChanged=false;
   gDealHint=false;
   bool first=(gPlatMark==0);
   DealsTake(d,(first ? (long)TimeCurrent()*1000 : gPlatMark)-PLAT_OVERLAP,true);
   if(first)
     {
      PlatDealsBaseline(d);
      ArrayResize(d,0);
     }
   PlatDealsForgetOffer();
   for(int i=0; i<ArraySize(d); i++)
      PlatOffer(d[i].id,d[i].time);
   // Until they are kept they are given again.
   gDealHint=(ArraySize(d)>0);
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
   gDealHint=false;
  }

// Grows with time and is the same whenever it is worked out.
long DealsNumber(long time,int ticket,bool closing)
  {
   return((time<<22)|(((long)ticket&0x1FFFFF)<<1)|(closing ? 1 : 0));
  }

void DealsTake(LsDeal &d[],long from,bool untold)
  {
   int n=0;
   ArrayResize(d,0);
   for(int i=0; i<ArraySize(gLin); i++)
     {
      if(!gLin[i].known)
         continue;
      if((gLin[i].root==gLin[i].ticket) && DealsWanted(gLin[i].openTime,gLin[i].ticket,false,from,untold))
        {
         ArrayResize(d,n+1,256);
         DealsOpening(i,d[n]);
         n++;
        }
      if((gLin[i].closeTime>0) && DealsWanted(gLin[i].closeTime,gLin[i].ticket,true,from,untold))
        {
         ArrayResize(d,n+1,256);
         DealsClosing(i,d[n]);
         n++;
        }
     }
   PlatSortDeals(d);
  }

bool DealsWanted(long time,int ticket,bool closing,long from,bool untold)
  {
   return((time*1000>=from) && !(untold && PlatDealTold(DealsNumber(time,ticket,closing))));
  }

void DealsSame(int i,LsDeal &d)
  {
   d.position=gLin[i].root;
   d.symbol=gLin[i].symbol;
   d.digits=SymDigits(d.symbol);
   d.magic=gLin[i].magic;
   d.reason=LS_REQUEST;
  }

void DealsOpening(int i,LsDeal &d)
  {
   DealsSame(i,d);
   d.id=DealsNumber(gLin[i].openTime,gLin[i].ticket,false);
   d.order=gLin[i].ticket;
   d.side=gLin[i].side;
   d.lots=(gLin[i].opened>0 ? gLin[i].opened : LinLots(i));
   d.price=gLin[i].price;
   d.entry=LS_IN;
   d.time=gLin[i].openTime*1000;
   d.comment=gLin[i].first;
   d.profit=0;
   d.swap=0;
   d.commission=0;
  }

// MT4 books the whole result, and the commission of both ways, when a ticket is closed.
void DealsClosing(int i,LsDeal &d)
  {
   DealsSame(i,d);
   d.id=DealsNumber(gLin[i].closeTime,gLin[i].ticket,true);
   d.order=0;
   d.side=(gLin[i].side==LS_BUY ? LS_SELL : LS_BUY);
   d.lots=LinLots(i);
   d.price=gLin[i].closePrice;
   d.entry=LS_OUT;
   d.reason=DealsReason(gLin[i].comment);
   d.time=gLin[i].closeTime*1000;
   d.comment=gLin[i].comment;
   d.profit=gLin[i].profit;
   d.swap=gLin[i].swap;
   d.commission=gLin[i].commission;
  }

// The platform gives no reason; the broker's mark in the comment is all there is.
int DealsReason(string comment)
  {
   if(StringFind(comment,"[sl]")>=0)
      return(LS_SL);
   if(StringFind(comment,"[tp]")>=0)
      return(LS_TP);
   return(StringFind(comment,"so:")==0 ? LS_SO : LS_REQUEST);
  }

bool DealsSince(long from,LsDeal &d[],LsOrder &ended[],string &why)
  {
   // The platform knows whole seconds: what happened within the asked one belongs to the answer.
   long second=from-from%1000;
   ArrayResize(d,0);
   ArrayResize(ended,0);
   if(!AccWhole(why))
      return(false);
   long oldest=0;
   if(!DealsEnded(ended,second,oldest))
     {
      why="the account history is changing";
      return(false);
     }
   if(!gDealShort && ((oldest==0) || (oldest*1000>from)))
     {
      gDealShort=true;
      LogWarn("the Account History tab may show less than is asked for: choose All History there");
     }
   DealsTake(d,second,false);
   return(true);
  }

// Pending orders that ended without becoming a position, and the oldest moment in the pool.
bool DealsEnded(LsOrder &o[],long from,long &oldest)
  {
   int n=0;
   for(int i=OrdersHistoryTotal()-1; i>=0; i--)
     {
      if(!OrderSelect(i,SELECT_BY_POS,MODE_HISTORY))
         return(false);
      long closed=(long)OrderCloseTime();
      if((closed>0) && ((oldest==0) || (closed<oldest)))
         oldest=closed;
      if((OrderType()<=OP_SELL) || (OrderType()>OP_SELLSTOP) || (closed*1000<from))
         continue;
      ArrayResize(o,n+1,64);
      LinOrder(o[n]);
      n++;
     }
   PlatSortOrders(o);
   return(true);
  }

//--- Trade: the call

int TrUsed()
  {
   return(PlatUsed());
  }

// MT4 has neither asynchronous calls nor trade events.
bool TrTaken(LsAnswer &a)
  {
   a.outcome=LS_PENDING;
   return(false);
  }

void TrExecute(LsCommand &c,bool more,LsAnswer &a)
  {
   long started=ClkTick();
   PlatBlank(c,a);
   if(TrReady(c,a))
      TrCarry(c,a);
   a.took=(int)(ClkTick()-started);
  }

void TrCarry(LsCommand &c,LsAnswer &a)
  {
   switch(c.what)
     {
      case LS_DO_OPEN:
         TrOpen(c,a);
         break;
      case LS_DO_PLACE:
         TrPlace(c,a);
         break;
      case LS_DO_REDUCE:
         TrReduce(c,a);
         break;
      case LS_DO_STOPS:
         TrStops(c,a);
         break;
      case LS_DO_AMEND:
         TrAmend(c,a);
         break;
      case LS_DO_CANCEL:
         TrCancel(c,a);
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
   if(!IsConnected())
      PlatDecide(a,LS_REFUSED,"offline",obstacle);
   else if(obstacle!="")
      PlatDecide(a,LS_REFUSED,"not-allowed",obstacle);
   else if(AccountInfoInteger(ACCOUNT_LOGIN)!=gPlatLogin)
      PlatDecide(a,LS_REFUSED,"not-allowed","another account is logged in");
   else if(!SymbolSelect(c.symbol,true))
      PlatSpare(a,4106,c.symbol+" is not a symbol of this broker");
   else
      return(TrFree(a));
   return(false);
  }

// Right before each call: another program or the trader's hand may hold the one trade thread.
bool TrFree(LsAnswer &a)
  {
   if(IsTradeContextBusy())
      PlatSpare(a,146,"the terminal is busy with another trade");
   else if(!IsTradeAllowed())
      PlatDecide(a,LS_REFUSED,"not-allowed","trading by this EA is switched off in the terminal");
   else
      return(true);
   return(false);
  }

void TrBegin()
  {
   PlatCount();
   RefreshRates();
   ResetLastError();
  }

// The end of a call that failed. GetLastError is read once, it forgets.
int TrEnd()
  {
   int code=GetLastError();
   if((code==149) || (code==150))
      PlatLearnFifo();
   if(code==147)
      PlatLearnNoExpiry();
   // Failed without saying why: no result.
   return(code==0 ? 1 : code);
  }

void TrPut(LsAnswer &a,int code)
  {
   a.outcome=Code4Outcome(code);
   a.code=code;
   a.text=Code4Text(code);
  }

// Off quotes on a close or delete can mean that the order is being processed.
void TrPutClose(LsAnswer &a,int code)
  {
   TrPut(a,code);
   if(code==136)
      a.outcome=LS_UNKNOWN;
  }

void TrDone(LsAnswer &a)
  {
   a.outcome=LS_DONE;
   a.code=0;
   a.text="";
  }

// A requote is a certain refusal: asking again at the new price, while that is inside the budget, doubles nothing.
bool TrRequoted(LsCommand &c,int code)
  {
   return(((code==135) || (code==138)) && !PlatExpired(c));
  }

bool TrIsGone(int code)
  {
   return((code==4108) || (code==3));
  }

//--- Trade: open

void TrOpen(LsCommand &c,LsAnswer &a)
  {
   bool bare=(PlatHasStops(c) && PlatIsBare(c.symbol));
   for(int i=0; i<PLAT_TRIES; i++)
     {
      int code=0;
      int ticket=TrOpenSend(c,bare,code,a);
      if(ticket==-2)
         return;
      if(ticket>=0)
        {
         TrOpened(c,ticket,bare,a);
         return;
        }
      TrPut(a,code);
      if(TrMustBeBare(c,code,bare))
         bare=true;
      else if(!TrRequoted(c,code))
         return;
      if((i<PLAT_TRIES-1) && !TrFree(a))
         return;
     }
  }

// The ticket, -1 = refused with a code, -2 = not sent, the answer says why.
int TrOpenSend(LsCommand &c,bool bare,int &code,LsAnswer &a)
  {
   double bid=0;
   double ask=0;
   long time=0;
   if(!SymQuote(c.symbol,bid,ask,time))
     {
      PlatSpare(a,136,c.symbol+" has no quote yet");
      return(-2);
     }
   double price=PlatOpenPrice(c.side,bid,ask);
   if(PlatIsWorse(c.symbol,c.side,price,c.worst))
     {
      PlatDecide(a,LS_REFUSED,"price-guard","the price is "+DoubleToString(price,a.digits)+", worse than "+DoubleToString(c.worst,a.digits));
      return(-2);
     }
   double sl=PlatPrice(c.symbol,c.sl);
   double tp=PlatPrice(c.symbol,c.tp);
   string bad=PlatBadLevels(c.symbol,c.side,PlatClosePrice(c.side,bid,ask),sl,tp,SymStops(c.symbol));
   if(bad!="")
     {
      PlatSpare(a,130,bad);
      return(-2);
     }
   TrBegin();
   int ticket=OrderSend(c.symbol,(c.side==LS_BUY ? OP_BUY : OP_SELL),PlatLots(c.lots),PlatPrice(c.symbol,price),PlatAllowance(c.symbol,c.side,price,c.worst),
      (bare ? 0 : sl),(bare ? 0 : tp),c.id,(int)c.magic,0);
   if(ticket<0)
     {
      code=TrEnd();
      return(-1);
     }
   return(ticket);
  }

// The levels were sound (else nothing was sent), and yet they are refused: the broker takes none inside an opening. The refusal is certain.
bool TrMustBeBare(LsCommand &c,int code,bool bare)
  {
   if((code!=130) || bare || !PlatHasStops(c) || PlatExpired(c))
      return(false);
   double bid=0;
   double ask=0;
   long time=0;
   if(!SymQuote(c.symbol,bid,ask,time) || (PlatBadLevels(c.symbol,c.side,PlatClosePrice(c.side,bid,ask),c.sl,c.tp,SymStops(c.symbol))!=""))
      return(false);
   PlatLearnBare(c.symbol);
   return(true);
  }

// The ticket tells the real price; the call does not.
void TrOpened(LsCommand &c,int ticket,bool bare,LsAnswer &a)
  {
   TrDone(a);
   a.position=ticket;
   a.order=ticket;
   a.lots=PlatLots(c.lots);
   if(OrderSelect(ticket,SELECT_BY_TICKET))
     {
      a.price=OrderOpenPrice();
      a.lots=PlatLots(OrderLots());
      if(OrderCloseTime()==0)
         LinOpened(ticket,c.id);
     }
   if(bare)
      TrAfterOpen(c,a);
  }

// Second step where stops may not come with the opening. The opening is done, whatever becomes of them; the report shows the levels that are there.
void TrAfterOpen(LsCommand &c,LsAnswer &a)
  {
   LsCommand stops=c;
   LsAnswer second;
   stops.what=LS_DO_STOPS;
   stops.position=a.position;
   PlatBlank(stops,second);
   if(TrFree(second))
      TrStops(stops,second);
   if(second.outcome!=LS_DONE)
     {
      a.text="opened, but its stops were not set: "+IntegerToString(second.code)+" "+second.text;
      LogWarn(c.symbol+": "+a.text);
     }
  }

//--- Trade: place

void TrPlace(LsCommand &c,LsAnswer &a)
  {
   if(c.type==LS_STOPLIMIT)
     {
      PlatDecide(a,LS_REFUSED,"invalid","MT4 has no stop-limit orders");
      return;
     }
   double price=PlatPrice(c.symbol,c.price);
   double sl=PlatPrice(c.symbol,c.sl);
   double tp=PlatPrice(c.symbol,c.tp);
   string bad=PlatBadLevels(c.symbol,c.side,price,sl,tp,SymStops(c.symbol));
   if(bad!="")
     {
      PlatSpare(a,130,bad);
      return;
     }
   TrBegin();
   int ticket=OrderSend(c.symbol,TrPendingType(c.side,c.type),PlatLots(c.lots),price,0,sl,tp,c.id,(int)c.magic,(datetime)(c.expiry/1000));
   if(ticket<0)
     {
      TrPut(a,TrEnd());
      return;
     }
   TrDone(a);
   a.order=ticket;
   a.price=price;
   if(OrderSelect(ticket,SELECT_BY_TICKET))
      a.price=OrderOpenPrice();
  }

int TrPendingType(int side,int type)
  {
   if(type==LS_LIMIT)
      return(side==LS_BUY ? OP_BUYLIMIT : OP_SELLLIMIT);
   return(side==LS_BUY ? OP_BUYSTOP : OP_SELLSTOP);
  }

//--- Trade: reduce

// The present volume is read before each part, under the ticket that the lineage has now, and only the difference closed. `rest` is what must be left after our own parts: where the
// terminal's picture lags behind them, the smaller of the two counts.
void TrReduce(LsCommand &c,LsAnswer &a)
  {
   double sum=0;
   double rest=-1;
   int again=0;
   LsPosition p;
   bool seen=false;
   a.position=c.position;
   for(int step=0; step<TR_PARTS; step++)
     {
      if(!BookFind(c.position,p,seen))
         break;
      if((sum==0) && !TrIsSide(c,p,a))
         return;
      double held=(rest<0 ? p.lots : MathMin(rest,p.lots));
      double lots=TrPart(p,held,c.lots);
      if((lots<=0) || ((sum>0) && (PlatExpired(c) || !TrFree(a))))
         break;
      int code=TrClose(p,lots);
      if(code==0)
        {
         sum=PlatLots(sum+lots);
         rest=PlatLots(held-lots);
         a.price=TrClosePrice(p);
         continue;
        }
      if((again<PLAT_TRIES-1) && (TrRequoted(c,code) || (TrIsGone(code) && TrIsElsewhere(c,p))) && TrFree(a))
        {
         again++;
         continue;
        }
      if(TrReduceEnd(c,code,sum,a))
         return;
      break;
     }
   TrReduced(a,sum,seen);
  }

// 0 = done, else the code.
int TrClose(LsPosition &p,double lots)
  {
   double bid=0;
   double ask=0;
   long time=0;
   TrBegin();
   SymQuote(p.symbol,bid,ask,time);
   if(OrderClose((int)p.ticket,lots,PlatPrice(p.symbol,PlatClosePrice(p.side,bid,ask)),TR_SLIPPAGE))
      return(0);
   return(TrEnd());
  }

double TrClosePrice(LsPosition &p)
  {
   return(OrderSelect((int)p.ticket,SELECT_BY_TICKET) ? OrderClosePrice() : 0);
  }

// true = the answer is complete; false = the position is gone or small enough, which is what was wanted.
bool TrReduceEnd(LsCommand &c,int code,double sum,LsAnswer &a)
  {
   LsPosition now;
   bool seen=false;
   a.lots=sum;
   TrPutClose(a,code);
   if(TrIsGone(code) && !BookFind(c.position,now,seen) && seen)
      return(false);
   if((a.outcome==LS_REFUSED) && (sum>0))
     {
      // What was closed before is closed; what is left shows in the reports.
      string text=a.text;
      TrDone(a);
      a.text="closed in part, then "+IntegerToString(code)+": "+text;
     }
   return(true);
  }

void TrReduced(LsAnswer &a,double sum,bool seen)
  {
   a.lots=sum;
   if(sum>0)
      TrDone(a);
   else if(seen)
      PlatDecide(a,LS_DONE,"already","the position is gone or small enough");
   else
      PlatSpare(a,146,"the orders are changing");
  }

bool TrIsSide(LsCommand &c,LsPosition &p,LsAnswer &a)
  {
   if((c.side==LS_SIDE_NONE) || (c.side==p.side))
      return(true);
   PlatDecide(a,LS_REFUSED,"not-found","the position has the other side");
   return(false);
  }

// Lots of the next request.
double TrPart(LsPosition &p,double held,double target)
  {
   double most=MarketInfo(p.symbol,MODE_MAXLOT);
   double lots=PlatLots(held-target);
   if(lots<0.0000001)
      return(0);
   return((most>0) && (lots>most) ? most : lots);
  }

// Not the position is gone but its ticket: a part was closed meanwhile. The refusal is certain, so asking again is safe.
bool TrIsElsewhere(LsCommand &c,LsPosition &before)
  {
   LsPosition now;
   bool seen=false;
   return(!PlatExpired(c) && BookFind(c.position,now,seen) && (now.ticket!=before.ticket));
  }

//--- Trade: stops, amend, cancel, close-by

void TrStops(LsCommand &c,LsAnswer &a)
  {
   a.position=c.position;
   for(int i=0; i<PLAT_TRIES; i++)
     {
      LsPosition p;
      bool seen=false;
      if(!BookFind(c.position,p,seen))
        {
         if(seen)
            PlatDecide(a,LS_REFUSED,"not-found","the position is gone");
         else
            PlatSpare(a,146,"the orders are changing");
         return;
        }
      double sl=PlatPrice(p.symbol,c.sl);
      double tp=PlatPrice(p.symbol,c.tp);
      if(TrHasLevels(p,sl,tp,a) || !TrLevelsFree(p,sl,tp,a) || !TrFree(a))
         return;
      TrBegin();
      if(OrderModify((int)p.ticket,p.price,sl,tp,0))
        {
         TrDone(a);
         return;
        }
      int code=TrEnd();
      if(TrIsGone(code) && TrIsElsewhere(c,p))
         continue;
      TrPut(a,code);
      if(code==1)
         TrStopsSo(c,sl,tp,a);
      return;
     }
   PlatDecide(a,LS_REFUSED,"not-found","the position's ticket keeps changing");
  }

bool TrHasLevels(LsPosition &p,double sl,double tp,LsAnswer &a)
  {
   if(!PlatSamePrice(p.symbol,sl,p.sl) || !PlatSamePrice(p.symbol,tp,p.tp))
      return(false);
   PlatDecide(a,LS_DONE,"already","");
   return(true);
  }

// Error 1 usually means "already so". If it is so, it is done; the code alone would say unknown.
void TrStopsSo(LsCommand &c,double sl,double tp,LsAnswer &a)
  {
   LsPosition p;
   bool seen=false;
   if(BookFind(c.position,p,seen))
      TrHasLevels(p,sl,tp,a);
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
      PlatSpare(a,145,"a level is inside the freeze distance of the market");
      return(false);
     }
   string bad=PlatBadLevels(p.symbol,p.side,market,(PlatSamePrice(p.symbol,sl,p.sl) ? 0 : sl),(PlatSamePrice(p.symbol,tp,p.tp) ? 0 : tp),SymStops(p.symbol));
   if(bad=="")
      return(true);
   PlatSpare(a,130,bad);
   return(false);
  }

void TrAmend(LsCommand &c,LsAnswer &a)
  {
   LsOrder o;
   a.order=c.order;
   if(!BookFindOrder(c.order,o))
     {
      PlatDecide(a,LS_REFUSED,"not-found","the order is gone");
      return;
     }
   double price=PlatPrice(o.symbol,c.price);
   double sl=PlatPrice(o.symbol,c.sl);
   double tp=PlatPrice(o.symbol,c.tp);
   if(TrIsAmended(o,price,sl,tp,c.expiry))
     {
      PlatDecide(a,LS_DONE,"already","");
      return;
     }
   TrBegin();
   if(OrderModify((int)o.id,price,sl,tp,(datetime)(c.expiry/1000)))
     {
      TrDone(a);
      return;
     }
   int code=TrEnd();
   TrPut(a,code);
   if((code==1) && BookFindOrder(c.order,o) && TrIsAmended(o,price,sl,tp,c.expiry))
      PlatDecide(a,LS_DONE,"already","");
  }

bool TrIsAmended(LsOrder &o,double price,double sl,double tp,long expiry)
  {
   return(PlatSamePrice(o.symbol,o.price,price) && PlatSamePrice(o.symbol,o.sl,sl) && PlatSamePrice(o.symbol,o.tp,tp) && (o.expiry/1000==expiry/1000));
  }

void TrCancel(LsCommand &c,LsAnswer &a)
  {
   LsOrder o;
   a.order=c.order;
   if(!BookFindOrder(c.order,o))
     {
      TrCancelGone(c,a);
      return;
     }
   TrBegin();
   if(OrderDelete((int)c.order))
     {
      TrDone(a);
      return;
     }
   int code=TrEnd();
   TrPutClose(a,code);
   if(TrIsGone(code) && !BookFindOrder(c.order,o))
      TrCancelGone(c,a);
  }

// What was filled cannot be cancelled; what ended otherwise is what was wanted.
void TrCancelGone(LsCommand &c,LsAnswer &a)
  {
   if(OrderSelect((int)c.order,SELECT_BY_TICKET) && (OrderType()>OP_SELL) && (OrderCloseTime()!=0))
      PlatDecide(a,LS_DONE,"already","");
   else
      PlatDecide(a,LS_REFUSED,"not-found","the order is gone");
  }

// The smaller by the larger: only then does the rest say where it came from.
void TrCloseBy(LsCommand &c,LsAnswer &a)
  {
   LsPosition first;
   LsPosition second;
   bool seen=false;
   a.position=c.position;
   if(!BookFind(c.position,first,seen) || !BookFind(c.other,second,seen))
     {
      PlatDecide(a,LS_REFUSED,"not-found","one of the two positions is gone");
      return;
     }
   if((first.symbol!=second.symbol) || (first.side==second.side) || (MarketInfo(first.symbol,MODE_CLOSEBY_ALLOWED)<=0))
     {
      PlatDecide(a,LS_REFUSED,"invalid","these two cannot be closed by each other here");
      return;
     }
   bool asked=(first.lots<=second.lots);
   TrBegin();
   if(!OrderCloseBy((int)(asked ? first.ticket : second.ticket),(int)(asked ? second.ticket : first.ticket)))
     {
      TrPutClose(a,TrEnd());
      return;
     }
   TrDone(a);
   a.lots=MathMin(first.lots,second.lots);
   a.price=(asked ? second.price : first.price);
  }

//--- Trade: found

// By the key that a ticket carried when it was first seen, so that a part closed since does not hide it.
bool TrFind(LsCommand &c,LsAnswer &a)
  {
   PlatBlank(c,a);
   if(!LinLook())
      return(false);
   PlatDecide(a,LS_DONE,"found","");
   return(TrFindKey(c,a) || TrFindWaiting(c,a) || TrFindEnded(c,a) || TrFindLikely(c,a));
  }

bool TrFindKey(LsCommand &c,LsAnswer &a)
  {
   for(int i=ArraySize(gLin)-1; i>=0; i--)
     {
      if(!PlatKeyIs(gLin[i].first,c.id) && !PlatKeyIs(gLin[i].comment,c.id))
         continue;
      TrFoundRoot(gLin[i].root,a);
      return(true);
     }
   return(false);
  }

void TrFoundRoot(int root,LsAnswer &a)
  {
   int k=LinAt(root);
   a.position=root;
   a.order=root;
   if(k<0)
      return;
   a.lots=(gLin[k].opened>0 ? gLin[k].opened : LinLots(k));
   a.price=gLin[k].price;
  }

bool TrFindWaiting(LsCommand &c,LsAnswer &a)
  {
   for(int i=0; i<ArraySize(gLinWait); i++)
     {
      if(!PlatKeyIs(gLinWait[i].comment,c.id))
         continue;
      a.order=gLinWait[i].id;
      a.price=gLinWait[i].price;
      return(true);
     }
   return(false);
  }

// A pending order that ended in the last two days.
bool TrFindEnded(LsCommand &c,LsAnswer &a)
  {
   if(c.what!=LS_DO_PLACE)
      return(false);
   long from=(long)TimeCurrent()-PLAT_OVERLAP/1000;
   for(int i=OrdersHistoryTotal()-1; i>=0; i--)
     {
      if(!OrderSelect(i,SELECT_BY_POS,MODE_HISTORY) || ((long)OrderCloseTime()<from) || (OrderType()<=OP_SELL) || !PlatKeyIs(OrderComment(),c.id))
         continue;
      a.order=OrderTicket();
      a.price=OrderOpenPrice();
      return(true);
     }
   return(false);
  }

// Comments may be rewritten. The magic number is worked out from the key, so one position or order, and only one, that has magic, symbol, side and volume of the command and is no
// older than it, must be its work: taking it for another's would open a second one.
bool TrFindLikely(LsCommand &c,LsAnswer &a)
  {
   int found=0;
   for(int i=0; (i<ArraySize(gLinOpen)) && (c.what==LS_DO_OPEN); i++)
     {
      LsPosition p=gLinOpen[i];
      if(!PlatMayBe(c,p.symbol,p.side,p.lots,p.magic,p.comment,p.time))
         continue;
      found++;
      TrFoundRoot((int)p.id,a);
     }
   for(int i=0; (i<ArraySize(gLinWait)) && (c.what==LS_DO_PLACE); i++)
     {
      LsOrder o=gLinWait[i];
      if((o.type!=c.type) || !PlatMayBe(c,o.symbol,o.side,o.lots,o.magic,o.comment,o.time))
         continue;
      found++;
      a.order=o.id;
      a.price=o.price;
     }
   return(found==1);
  }

//--- History

bool HistIsFrame(int minutes)
  {
   return((minutes==1) || (minutes==5) || (minutes==15) || (minutes==30) || (minutes==60) || (minutes==240) || (minutes==1440) || (minutes==10080) || (minutes==43200));
  }

// The first `limit` bars of the span. A series that is not there yet is asked for by the call itself; on MT4 it does not wait.
int HistCandles(string symbol,int minutes,long from,long to,int limit,LsBar &rows[],string &why)
  {
   MqlRates rates[];
   ArrayResize(rows,0);
   if(!HistIsFrame(minutes) || !SymbolSelect(symbol,true))
     {
      why=(HistIsFrame(minutes) ? "no such symbol" : "no such time frame");
      return(-1);
     }
   // The numbers of the time frames are minutes here.
   int n=CopyRates(symbol,(ENUM_TIMEFRAMES)minutes,(datetime)(from/1000),(datetime)(to/1000),rates);
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

int HistTicks(string symbol,long from,long to,int limit,LsTick &rows[],string &why)
  {
   ArrayResize(rows,0);
   why="MT4 keeps no ticks";
   return(-1);
  }

#endif
