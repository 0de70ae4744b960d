// Which ticket belongs to which position on MetaTrader 4. A partial close gives the rest a new ticket and takes its comment away; the pieces are joined by `from #`, `to #`,
// `close hedge by #`, and where the server rewrote those, by symbol, side, magic, open time, open price and the order in which numbers were given. The first ticket is the
// position's identity. What was understood once stays so, and is kept on disk, because comments and history may be gone at the next start.
#ifndef LOCKSTEP_LINEAGE4_MQH
#define LOCKSTEP_LINEAGE4_MQH

#include "Types.mqh"
#include "Platform.mqh"

#define LIN_FILE "lineage.txt"
#define LIN_LINES_MAX 20000
#define LIN_PATIENCE 5000           // ms for a ticket that left the trades to be seen in the history

// A market order, open or closed. Times in seconds.
struct LinTicket
  {
   int               ticket;
   int               root;         // 0 = not understood yet
   int               parent;       // 0 = none
   int               child;        // 0 = none known
   bool              known;        // read from the pools; false = remembered from disk only
   bool              open;
   bool              counted;      // it, or one it came from, was open when first seen: the lots of all that comes out of it are counted
   bool              waited;       // was seen as a pending order: its number is older than its open time
   string            symbol;
   int               side;
   long              magic;
   double            lots;         // as the pool shows them now
   double            whole;        // while it was open; 0 = not seen open
   double            opened;       // of a root: what the position was opened with
   double            price;
   long              openTime;
   long              closeTime;    // 0 = open
   double            closePrice;
   double            profit;
   double            swap;
   double            commission;
   string            comment;      // as the pool shows it now
   string            first;        // when first seen
  };

LinTicket  gLin[];                 // by ticket
LsPosition gLinOpen[];             // the trades pool at the last look, id = root
LsOrder    gLinWait[];
int        gLinChild[];            // `to #child`, sorted, and the ticket that says it
int        gLinSays[];
int        gLinFresh=0;            // entries not understood yet
int        gLinHistory=-1;         // size of the history pool at the last scan
long       gLinLostAt=-1;          // ClkTick since a ticket is in neither pool
bool       gLinChanged=false;      // something opened or closed: there may be deals
string     gLinLines[];            // to be written

//--- The table

int LinIndex(int ticket)
  {
   int low=0;
   int high=ArraySize(gLin);
   while(low<high)
     {
      int mid=(low+high)/2;
      if(gLin[mid].ticket<ticket)
         low=mid+1;
      else
         high=mid;
     }
   return(low);
  }

// -1 = not in the table.
int LinAt(int ticket)
  {
   int i=LinIndex(ticket);
   return((i<ArraySize(gLin)) && (gLin[i].ticket==ticket) ? i : -1);
  }

int LinInsert(int ticket)
  {
   int at=LinIndex(ticket);
   int n=ArraySize(gLin);
   ArrayResize(gLin,n+1,1024);
   for(int i=n; i>at; i--)
      gLin[i]=gLin[i-1];
   LinClear(gLin[at],ticket);
   return(at);
  }

void LinClear(LinTicket &t,int ticket)
  {
   t.ticket=ticket;
   t.root=0;
   t.parent=0;
   t.child=0;
   t.known=false;
   t.open=false;
   t.counted=false;
   t.waited=false;
   t.symbol="";
   t.side=LS_SIDE_NONE;
   t.magic=0;
   t.lots=0;
   t.whole=0;
   t.opened=0;
   t.price=0;
   t.openTime=0;
   t.closeTime=0;
   t.closePrice=0;
   t.profit=0;
   t.swap=0;
   t.commission=0;
   t.comment="";
   t.first="";
  }

int LinRoot(int ticket)
  {
   int i=LinAt(ticket);
   return((i>=0) && (gLin[i].root!=0) ? gLin[i].root : ticket);
  }

//--- Disk

void LinLoad()
  {
   string lines[];
   int n=FsRead(LIN_FILE,lines);
   ArrayResize(gLin,0);
   ArrayResize(gLinChild,0);
   ArrayResize(gLinSays,0);
   ArrayResize(gLinOpen,0);
   ArrayResize(gLinWait,0);
   ArrayResize(gLinLines,0);
   gLinHistory=-1;
   gLinFresh=0;
   gLinLostAt=-1;
   for(int i=0; i<n; i++)
      LinLoadLine(lines[i]);
   if(n>LIN_LINES_MAX)
      LinCompact();
  }

// ticket root parent lots opened o|c first-comment
void LinLoadLine(string line)
  {
   string word[];
   int n=StringSplit(line,(ushort)' ',word);
   if(n<6)
      return;
   int ticket=(int)StringToInteger(word[0]);
   int i=LinAt(ticket);
   if(i<0)
      i=LinInsert(ticket);
   gLin[i].root=(int)StringToInteger(word[1]);
   gLin[i].parent=(int)StringToInteger(word[2]);
   gLin[i].whole=StringToDouble(word[3]);
   gLin[i].opened=StringToDouble(word[4]);
   gLin[i].counted=(word[5]=="o");
   // A comment may have blanks in it.
   int head=0;
   for(int k=0; k<6; k++)
      head+=StringLen(word[k])+1;
   gLin[i].first=(StringLen(line)>head ? StringSubstr(line,head) : "");
   int parent=LinAt(gLin[i].parent);
   if(parent>=0)
      gLin[parent].child=ticket;
  }

string LinLine(const LinTicket &t)
  {
   return(IntegerToString(t.ticket)+" "+IntegerToString(t.root)+" "+IntegerToString(t.parent)+" "+DoubleToString(t.whole,8)+" "+DoubleToString(t.opened,8)
      +(t.counted ? " o " : " c ")+t.first);
  }

void LinKeep(int i)
  {
   PlatAddText(gLinLines,LinLine(gLin[i]));
  }

void LinFlush()
  {
   PlatAppend(LIN_FILE,gLinLines);
   ArrayResize(gLinLines,0);
  }

void LinCompact()
  {
   int n=ArraySize(gLin);
   int from=MathMax(0,n-LIN_LINES_MAX/2);
   string lines[];
   ArrayResize(lines,n-from);
   for(int i=from; i<n; i++)
      lines[i-from]=LinLine(gLin[i]);
   FsWrite(LIN_FILE,lines,n-from);
  }

//--- Looking at the pools

// false = the pools changed under our eyes, or a ticket is in neither of them: try again.
bool LinLook()
  {
   for(int i=0; i<2; i++)
     {
      if(LinTry())
         return(true);
     }
   return(false);
  }

bool LinTry()
  {
   LsPosition p[];
   LsOrder o[];
   if(!LinReadTrades(p,o))
      return(false);
   int total=OrdersTotal();
   bool left=LinMarkOpen(p);
   if(left && !LinReadLeft(p))
      return(LinPatience());
   if(left || LinIsNews(p) || (OrdersHistoryTotal()!=gLinHistory))
     {
      if(!LinReadHistory(p))
         return(false);
     }
   if(OrdersTotal()!=total)
      return(false);
   gLinLostAt=-1;
   for(int i=0; i<ArraySize(p); i++)
      LinTakeOpen(p[i]);
   if(gLinFresh>0)
      LinUnderstand(p);
   LinShow(p,o);
   return(true);
  }

// A ticket that is in neither pool is on its way from one to the other. After a while it is taken for closed without anybody saying how.
bool LinPatience()
  {
   if(gLinLostAt<0)
      gLinLostAt=ClkTick();
   if(ClkTick()-gLinLostAt<LIN_PATIENCE)
      return(false);
   for(int i=0; i<ArraySize(gLinOpen); i++)
     {
      int k=LinAt((int)gLinOpen[i].ticket);
      if((k>=0) && gLin[k].open && !OrderSelect((int)gLinOpen[i].ticket,SELECT_BY_TICKET))
        {
         LogWarn("ticket "+IntegerToString(gLinOpen[i].ticket)+" is neither open nor in the account history");
         gLin[k].open=false;
         gLin[k].known=false;
        }
     }
   gLinLostAt=-1;
   return(false);
  }

// Downwards; a selection that fails (4105) or a total that moved says that the pool changed.
bool LinReadTrades(LsPosition &p[],LsOrder &o[])
  {
   int total=OrdersTotal();
   int open=0;
   int waiting=0;
   ArrayResize(p,total);
   ArrayResize(o,total);
   for(int i=total-1; i>=0; i--)
     {
      if(!OrderSelect(i,SELECT_BY_POS,MODE_TRADES))
         return(false);
      if(OrderType()<=OP_SELL)
        {
         LinPosition(p[open]);
         open++;
        }
      else if(OrderType()<=OP_SELLSTOP)
        {
         LinOrder(o[waiting]);
         waiting++;
        }
     }
   ArrayResize(p,open);
   ArrayResize(o,waiting);
   return(OrdersTotal()==total);
  }

// The order selected, as a position; its id is found out later.
void LinPosition(LsPosition &p)
  {
   p.ticket=OrderTicket();
   p.id=p.ticket;
   p.symbol=OrderSymbol();
   p.side=(OrderType()==OP_BUY ? LS_BUY : LS_SELL);
   p.lots=PlatLots(OrderLots());
   p.price=OrderOpenPrice();
   p.digits=SymDigits(p.symbol);
   p.time=(long)OrderOpenTime()*1000;
   p.sl=OrderStopLoss();
   p.tp=OrderTakeProfit();
   p.order=p.ticket;
   p.magic=OrderMagicNumber();
   p.comment=OrderComment();
   p.profit=OrderProfit();
   p.swap=OrderSwap();
  }

void LinOrder(LsOrder &o)
  {
   int type=OrderType();
   o.id=OrderTicket();
   o.symbol=OrderSymbol();
   o.side=((type==OP_BUYLIMIT) || (type==OP_BUYSTOP) ? LS_BUY : LS_SELL);
   o.type=((type==OP_BUYLIMIT) || (type==OP_SELLLIMIT) ? LS_LIMIT : LS_STOP);
   o.lots=PlatLots(OrderLots());
   o.price=OrderOpenPrice();
   o.limit=0;
   o.digits=SymDigits(o.symbol);
   o.sl=OrderStopLoss();
   o.tp=OrderTakeProfit();
   o.expiry=(long)OrderExpiration()*1000;
   o.time=(long)OrderOpenTime()*1000;
   o.magic=OrderMagicNumber();
   o.comment=OrderComment();
  }

bool LinIsIn(LsPosition &p[],long ticket)
  {
   for(int i=0; i<ArraySize(p); i++)
     {
      if(p[i].ticket==ticket)
         return(true);
     }
   return(false);
  }

// true = a ticket that was open at the last look is open no more.
bool LinMarkOpen(LsPosition &p[])
  {
   for(int i=0; i<ArraySize(gLinOpen); i++)
     {
      if(!LinIsIn(p,gLinOpen[i].ticket))
         return(true);
     }
   return(false);
  }

// A ticket not seen before may be the rest of one that opened and closed in the meantime; a pool that drops its oldest as it grows keeps its size.
bool LinIsNews(LsPosition &p[])
  {
   for(int i=0; i<ArraySize(p); i++)
     {
      if(LinAt((int)p[i].ticket)<0)
         return(true);
     }
   return(false);
  }

// Those that left are read by their number: the history pool may be shorter than the account's history. false = one is in neither pool.
bool LinReadLeft(LsPosition &p[])
  {
   for(int i=0; i<ArraySize(gLinOpen); i++)
     {
      int ticket=(int)gLinOpen[i].ticket;
      int k=LinAt(ticket);
      if((k<0) || !gLin[k].open || LinIsIn(p,ticket))
         continue;
      if(!OrderSelect(ticket,SELECT_BY_TICKET) || (OrderCloseTime()==0))
         return(false);
      LinTakeClosed(k);
     }
   return(true);
  }

// All that the history pool shows and the table does not have; also what opened and closed between two looks. Upwards: then numbers come nearly in their order, and the table
// grows at its end. A pool that shrank fails the selection, one that grew the total.
bool LinReadHistory(LsPosition &p[])
  {
   int total=OrdersHistoryTotal();
   for(int i=0; i<total; i++)
     {
      if(!OrderSelect(i,SELECT_BY_POS,MODE_HISTORY))
         return(false);
      if(OrderType()>OP_SELL)
         continue;
      int ticket=OrderTicket();
      int k=LinAt(ticket);
      if((k>=0) && gLin[k].known && (gLin[k].closeTime>0))
         continue;
      // Closed after we read the trades.
      if(LinIsIn(p,ticket))
         return(false);
      if(k<0)
        {
         k=LinInsert(ticket);
         gLinFresh++;
        }
      LinTakeClosed(k);
     }
   if(OrdersHistoryTotal()!=total)
      return(false);
   gLinHistory=total;
   return(true);
  }

// The order selected, which is closed.
void LinTakeClosed(int k)
  {
   LinTakeSame(k);
   gLin[k].open=false;
   gLin[k].closeTime=(long)OrderCloseTime();
   gLin[k].closePrice=OrderClosePrice();
   gLin[k].profit=OrderProfit();
   gLin[k].swap=OrderSwap();
   gLin[k].commission=OrderCommission();
   gLinChanged=true;
   int child=LinNumber(gLin[k].comment,"to #");
   if(child>0)
      LinSay(child,gLin[k].ticket);
  }

void LinTakeSame(int k)
  {
   if(!gLin[k].known && (gLin[k].root==0))
      gLin[k].first=OrderComment();
   gLin[k].known=true;
   gLin[k].symbol=OrderSymbol();
   gLin[k].side=(OrderType()==OP_BUY ? LS_BUY : LS_SELL);
   gLin[k].magic=OrderMagicNumber();
   gLin[k].lots=PlatLots(OrderLots());
   gLin[k].price=OrderOpenPrice();
   gLin[k].openTime=(long)OrderOpenTime();
   gLin[k].comment=OrderComment();
  }

void LinTakeOpen(LsPosition &p)
  {
   int k=LinAt((int)p.ticket);
   bool fresh=(k<0);
   if(fresh)
     {
      k=LinInsert((int)p.ticket);
      gLinFresh++;
      gLinChanged=true;
      gLin[k].first=p.comment;
      gLin[k].counted=true;
      gLin[k].waited=LinWaited(p.ticket);
     }
   gLin[k].known=true;
   gLin[k].open=true;
   gLin[k].symbol=p.symbol;
   gLin[k].side=p.side;
   gLin[k].magic=p.magic;
   gLin[k].lots=p.lots;
   gLin[k].whole=p.lots;
   gLin[k].price=p.price;
   gLin[k].openTime=p.time/1000;
   gLin[k].comment=p.comment;
  }

bool LinWaited(long ticket)
  {
   for(int i=0; i<ArraySize(gLinWait); i++)
     {
      if(gLinWait[i].id==ticket)
         return(true);
     }
   return(false);
  }

// What the books show now.
void LinShow(LsPosition &p[],LsOrder &o[])
  {
   int n=ArraySize(p);
   ArrayResize(gLinOpen,n);
   for(int i=0; i<n; i++)
     {
      gLinOpen[i]=p[i];
      gLinOpen[i].id=LinRoot((int)p[i].ticket);
      gLinOpen[i].order=gLinOpen[i].id;
     }
   n=ArraySize(o);
   ArrayResize(gLinWait,n);
   for(int i=0; i<n; i++)
      gLinWait[i]=o[i];
   PlatSortPositions(gLinOpen);
   PlatSortOrders(gLinWait);
  }

//--- Understanding

// A number after a word at the start of a comment; 0 = none.
int LinNumber(string comment,string word)
  {
   int from=StringLen(word);
   if(StringFind(comment,word)!=0)
      return(0);
   int to=from;
   while((to<StringLen(comment)) && (to<from+10) && (StringGetCharacter(comment,to)>='0') && (StringGetCharacter(comment,to)<='9'))
      to++;
   return(to==from ? 0 : (int)StringToInteger(StringSubstr(comment,from,to-from)));
  }

int LinSayIndex(int child)
  {
   int low=0;
   int high=ArraySize(gLinChild);
   while(low<high)
     {
      int mid=(low+high)/2;
      if(gLinChild[mid]<child)
         low=mid+1;
      else
         high=mid;
     }
   return(low);
  }

void LinSay(int child,int ticket)
  {
   int at=LinSayIndex(child);
   int n=ArraySize(gLinChild);
   if((at<n) && (gLinChild[at]==child))
      return;
   ArrayResize(gLinChild,n+1,256);
   ArrayResize(gLinSays,n+1,256);
   for(int i=n; i>at; i--)
     {
      gLinChild[i]=gLinChild[i-1];
      gLinSays[i]=gLinSays[i-1];
     }
   gLinChild[at]=child;
   gLinSays[at]=ticket;
  }

// Upwards, so that parents come before their children.
void LinUnderstand(LsPosition &p[])
  {
   for(int i=0; (i<ArraySize(gLin)) && (gLinFresh>0); i++)
     {
      if(gLin[i].root!=0)
         continue;
      gLinFresh--;
      int parent=LinParent(i,p);
      if(parent>=0)
         LinJoin(i,parent);
      else
         LinOwn(i);
      LinKeep(i);
     }
   gLinFresh=0;
   LinFlush();
  }

void LinOwn(int i)
  {
   gLin[i].root=gLin[i].ticket;
   gLin[i].opened=LinLots(i);
  }

void LinJoin(int i,int parent)
  {
   gLin[i].root=gLin[parent].root;
   gLin[i].parent=gLin[parent].ticket;
   gLin[parent].child=gLin[i].ticket;
   // Where the parent was first seen closed, only the closed part of it has been counted.
   int root=LinAt(gLin[i].root);
   if(gLin[parent].counted)
      gLin[i].counted=true;
   else if(root>=0)
     {
      gLin[root].opened=PlatLots(gLin[root].opened+LinLots(i));
      LinKeep(root);
     }
  }

// What was closed with a ticket, or is open with it. A close-by shows 0.00 lots on the second ticket and the truth on the first.
double LinLots(int i)
  {
   int partner=LinNumber(gLin[i].comment,"close hedge by #");
   if((gLin[i].lots>0) || (partner==0))
      return(gLin[i].lots);
   int k=LinAt(partner);
   return(k>=0 ? gLin[k].lots : gLin[i].whole);
  }

// Index of the ticket whose rest this is, -1 = it was opened as it stands.
int LinParent(int i,LsPosition &p[])
  {
   if(gLin[i].waited)
      return(-1);
   int parent=LinNamed(i);
   if(parent<0)
      parent=LinSaid(i);
   if((parent<0) && LinMayBeRest(gLin[i].comment))
      parent=LinLikely(i);
   if((parent<0) || LinHasPresent(gLin[parent].root,gLin[i].ticket,p) || (gLin[parent].root==0))
      return(-1);
   return(parent);
  }

// `from #`: the parent, or of a close-by the smaller one; then the rest belongs to the larger, which closed "by" it.
int LinNamed(int i)
  {
   int from=LinNumber(gLin[i].comment,"from #");
   int k=(from>0 ? LinAt(from) : -1);
   if((k<0) || !gLin[k].known || (gLin[k].closeTime==0))
      return(-1);
   if(LinIsSame(i,k) && (gLin[i].openTime==gLin[k].openTime))
      return(LinIsWhole(k) ? -1 : k);
   for(int n=0; n<ArraySize(gLin); n++)
     {
      if((n!=i) && (gLin[n].closeTime>0) && LinIsSame(i,n) && (LinNumber(gLin[n].comment,"close hedge by #")==from))
         return(n);
     }
   return(-1);
  }

int LinSaid(int i)
  {
   int at=LinSayIndex(gLin[i].ticket);
   if((at>=ArraySize(gLinChild)) || (gLinChild[at]!=gLin[i].ticket))
      return(-1);
   int k=LinAt(gLinSays[at]);
   return((k>=0) && LinIsSame(i,k) && !LinIsWhole(k) ? k : -1);
  }

// A rest never carries a key of ours, and its comment is not empty: the server writes one.
bool LinMayBeRest(string comment)
  {
   return((StringLen(comment)>0) && !PlatHasKey(comment));
  }

// The comments were rewritten: the same trade, closed, not whole, whose rest nobody else is, and after whose close this number was the next one given. Of several, the one closed first.
int LinLikely(int i)
  {
   int best=-1;
   for(int k=0; k<i; k++)
     {
      if(!gLin[k].known || (gLin[k].closeTime==0) || (gLin[k].child!=0))
         continue;
      if((gLin[k].openTime!=gLin[i].openTime) && !((gLin[k].closeTime==gLin[i].openTime) && (LinIsHedge(k) || (StringFind(gLin[i].comment,"partial close")==0))))
         continue;
      if(!LinIsSame(i,k) || LinIsWhole(k) || PlatHasKey(gLin[k].comment) || LinSaysOther(k,gLin[i].ticket) || LinIsClaimed(k,i) || !LinIsNext(i,k))
         continue;
      if((best<0) || (gLin[k].closeTime<gLin[best].closeTime))
         best=k;
     }
   return(best);
  }

// The rest of a close-by may be opened when that happened. Its own comment is lost as soon as a part of it is closed again, but not what its parent says.
bool LinIsHedge(int k)
  {
   return((StringFind(gLin[k].comment,"partial close")==0) || (StringFind(gLin[k].comment,"close hedge by #")==0));
  }

bool LinIsSame(int a,int b)
  {
   return((gLin[a].symbol==gLin[b].symbol) && (gLin[a].side==gLin[b].side) && (gLin[a].magic==gLin[b].magic) && PlatSamePrice(gLin[a].symbol,gLin[a].price,gLin[b].price));
  }

// A level or the broker closes a ticket whole, and so did whoever closed all the lots that we saw: nothing remains of it.
bool LinIsWhole(int k)
  {
   string comment=gLin[k].comment;
   if((StringFind(comment,"[sl]")>=0) || (StringFind(comment,"[tp]")>=0) || (StringFind(comment,"so:")==0))
      return(true);
   return((gLin[k].whole>0) && PlatSameLots(LinLots(k),gLin[k].whole));
  }

bool LinSaysOther(int k,int ticket)
  {
   int child=LinNumber(gLin[k].comment,"to #");
   return((child>0) && (child!=ticket) && (LinAt(child)>=0));
  }

// Another ticket names it, or the smaller one of its close-by.
bool LinIsClaimed(int k,int i)
  {
   int by=LinNumber(gLin[k].comment,"close hedge by #");
   for(int t=k+1; t<ArraySize(gLin); t++)
     {
      int from=(t==i ? 0 : LinNumber(gLin[t].comment,"from #"));
      if((from>0) && ((from==gLin[k].ticket) || (from==by)))
         return(true);
     }
   return(false);
  }

// Second at which a number was given: of a rest, when its parent was closed. 0 = not known.
long LinGiven(int t)
  {
   if((gLin[t].root==0) || !gLin[t].known || gLin[t].waited)
      return(0);
   if(gLin[t].parent==0)
      return(gLin[t].openTime);
   int k=LinAt(gLin[t].parent);
   return(k>=0 ? gLin[k].closeTime : 0);
  }

// Numbers are given in order: a lower one given after the parent's close, or a higher one given before it, says that i was not given then.
bool LinIsNext(int i,int parent)
  {
   long closed=gLin[parent].closeTime;
   for(int t=parent+1; t<ArraySize(gLin); t++)
     {
      long given=LinGiven(t);
      if((t==i) || (given==0))
         continue;
      if(((t<i) && (given>closed)) || ((t>i) && (given<closed)))
         return(false);
     }
   return(true);
  }

// Two tickets that are open at once are two positions.
bool LinHasPresent(int root,int ticket,LsPosition &p[])
  {
   int i=LinAt(ticket);
   if(!gLin[i].open)
      return(false);
   for(int k=0; k<ArraySize(p); k++)
     {
      if((p[k].ticket!=ticket) && (LinKnownRoot((int)p[k].ticket)==root))
         return(true);
     }
   return(false);
  }

int LinKnownRoot(int ticket)
  {
   int i=LinAt(ticket);
   return(i>=0 ? gLin[i].root : 0);
  }

// Our own opening: there is nothing to find out, and its key is kept even where the broker rewrote the comment. The order is selected.
void LinOpened(int ticket,string key)
  {
   int k=LinAt(ticket);
   if(k>=0)
      return;
   LsPosition p;
   LinPosition(p);
   LinTakeOpen(p);
   gLinFresh--;
   k=LinAt(ticket);
   gLin[k].first=key;
   LinOwn(k);
   LinKeep(k);
   LinFlush();
  }

#endif
