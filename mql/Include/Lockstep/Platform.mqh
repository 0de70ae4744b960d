// What the two platform files have in common: what was learned about the account (kept on disk), the broker's clock, the count of requests, deals already told, keys in comments,
// rounding. Nothing here calls a trade function.
#ifndef LOCKSTEP_PLATFORM_MQH
#define LOCKSTEP_PLATFORM_MQH

#include "Types.mqh"
#include "Clock.mqh"
#include "Log.mqh"
#include "Files.mqh"

#define PLAT_FILE "platform.txt"
#define PLAT_DEALS_FILE "deals.txt"
#define PLAT_OVERLAP 172800000      // ms: deals of two days are looked at again, brokers add and change late
#define PLAT_DEALS_MAX 50000        // ids remembered
#define PLAT_SETTLE 10000           // ms after a connection without a tick: the market is closed, waiting longer tells nothing
#define PLAT_AGREE 2000             // ms between the two samples of the clock's offset that must agree
#define PLAT_COMMAND_LIFE 60000     // ms: no command is older than this before it expires
#define PLAT_TRIES 4                // of one request: the first and three more

// Learned and counted
long     gPlatLogin=0;
string   gPlatBare[];              // symbols where stops inside an opening are refused
bool     gPlatFifo=false;          // MT4: learned from 149 or 150
bool     gPlatNoExpiry=false;      // MT4: learned from 147
long     gPlatDay=0;
int      gPlatUsed=0;
bool     gPlatUnsaved=false;        // requests were counted since the last save
long     gPlatSavedAt=0;

// The broker's clock
int      gPlatOffset=0;
bool     gPlatOffsetKnown=false;
int      gPlatSample=0;
long     gPlatSampleAt=-1;         // ClkTick of the sample that waits for a second one, -1 = none
long     gPlatSampleServer=0;
long     gPlatServer=0;            // TimeCurrent at the last look
long     gPlatTickAt=-1;           // ClkTick when it last moved

// The connection
bool     gPlatConnected=false;
long     gPlatConnectedAt=0;
bool     gPlatFresh=false;         // a tick came since

// Deals told: ids sorted, with their times
long     gPlatDealId[];
long     gPlatDealTime[];
long     gPlatOfferId[];           // given, not yet kept
long     gPlatOfferTime[];
long     gPlatMark=0;              // ms, the newest told; 0 = never looked
int      gPlatDealLines=0;

//--- Disk

void PlatLoad()
  {
   string lines[];
   FsRead(PLAT_FILE,lines);
   ArrayResize(gPlatBare,0);
   for(int i=0; i<ArraySize(lines); i++)
     {
      string word[];
      int n=StringSplit(lines[i],(ushort)' ',word);
      if(n<1)
         continue;
      if((n==2) && (word[0]=="offset"))
        {
         gPlatOffset=(int)StringToInteger(word[1]);
         gPlatOffsetKnown=true;
        }
      if(word[0]=="fifo")
         gPlatFifo=true;
      if(word[0]=="noexpiry")
         gPlatNoExpiry=true;
      if((n==3) && (word[0]=="used"))
        {
         gPlatDay=StringToInteger(word[1]);
         gPlatUsed=(int)StringToInteger(word[2]);
        }
      // A symbol's name may have blanks in it.
      if(StringFind(lines[i],"bare ")==0)
         PlatAddText(gPlatBare,StringSubstr(lines[i],5));
     }
  }

void PlatSave()
  {
   string lines[];
   ArrayResize(lines,0);
   if(gPlatOffsetKnown)
      PlatAddText(lines,"offset "+IntegerToString(gPlatOffset));
   if(gPlatFifo)
      PlatAddText(lines,"fifo");
   if(gPlatNoExpiry)
      PlatAddText(lines,"noexpiry");
   PlatAddText(lines,"used "+IntegerToString(gPlatDay)+" "+IntegerToString(gPlatUsed));
   for(int i=0; i<ArraySize(gPlatBare); i++)
      PlatAddText(lines,"bare "+gPlatBare[i]);
   FsWrite(PLAT_FILE,lines,ArraySize(lines));
   gPlatUnsaved=false;
   gPlatSavedAt=ClkTick();
  }

// Opened for each batch: a handle kept open would bar the file from a second start of this EA.
bool PlatAppend(string name,string &lines[])
  {
   int n=ArraySize(lines);
   if(n==0)
      return(true);
   int file=FsOpen(name);
   if(file<0)
      return(false);
   bool good=true;
   for(int i=0; (i<n) && good; i++)
      good=(i<n-1 ? FsAddLazy(file,lines[i]) : FsAdd(file,lines[i]));
   FsClose(file);
   return(good);
  }

void PlatAddText(string &list[],string text)
  {
   int n=ArraySize(list);
   ArrayResize(list,n+1,64);
   list[n]=text;
  }

//--- Learned

bool PlatIsBare(string symbol)
  {
   for(int i=0; i<ArraySize(gPlatBare); i++)
     {
      if(gPlatBare[i]==symbol)
         return(true);
     }
   return(false);
  }

void PlatLearnBare(string symbol)
  {
   if(PlatIsBare(symbol))
      return;
   PlatAddText(gPlatBare,symbol);
   PlatSave();
   LogInfo(symbol+": the broker refuses stops inside an opening; from now on they are set after it");
  }

void PlatLearnFifo()
  {
   if(gPlatFifo)
      return;
   gPlatFifo=true;
   PlatSave();
   LogWarn("the broker bars opposite positions or wants the oldest closed first: the account's mode is fifo");
  }

void PlatLearnNoExpiry()
  {
   if(gPlatNoExpiry)
      return;
   gPlatNoExpiry=true;
   PlatSave();
   LogWarn("the broker takes no expiry on pending orders");
  }

//--- Requests

// Counted by the broker's day: that is how brokers and firms count.
int PlatUsed()
  {
   long day=(long)TimeCurrent()/86400;
   if(day!=gPlatDay)
     {
      gPlatDay=day;
      gPlatUsed=0;
     }
   return(gPlatUsed);
  }

// Saved a little later (PlatWatch): a trade does not wait for the disk, and a count that is short by a second's requests does no harm.
void PlatCount()
  {
   gPlatUsed=PlatUsed()+1;
   gPlatUnsaved=true;
  }

//--- Clock and connection

// To be called often. A tick that came while we watched tells what the broker's clock shows now; one that came before (the last of Friday) does not.
void PlatWatch(bool connected)
  {
   if(gPlatUnsaved && (ClkTick()-gPlatSavedAt>=1000))
      PlatSave();
   if(connected && !gPlatConnected)
     {
      gPlatConnectedAt=ClkTick();
      gPlatFresh=false;
     }
   gPlatConnected=connected;
   long server=(long)TimeCurrent();
   bool first=(gPlatServer==0);
   if(server==gPlatServer)
      return;
   gPlatServer=server;
   if(first)
      return;
   gPlatTickAt=ClkTick();
   if(!connected)
      return;
   gPlatFresh=true;
   PlatSampleOffset(server);
  }

void PlatSampleOffset(long server)
  {
   int sample=(int)(MathRound((double)(server-ClkUtc()/1000)/900.0)*900.0);
   if((sample<-43200) || (sample>50400))
      return;
   if(!gPlatOffsetKnown)
     {
      PlatSetOffset(sample);
      return;
     }
   if(sample==gPlatOffset)
     {
      gPlatSampleAt=-1;
      return;
     }
   if((gPlatSampleAt<0) || (sample!=gPlatSample))
     {
      gPlatSample=sample;
      gPlatSampleAt=ClkTick();
      gPlatSampleServer=server;
      return;
     }
   long waited=ClkTick()-gPlatSampleAt;
   if(waited<PLAT_AGREE)
      return;
   // Old quotes that come in after a login do not keep step with our clock.
   if(MathAbs((double)((server-gPlatSampleServer)*1000-waited))<=3000.0)
      PlatSetOffset(sample);
   gPlatSampleAt=-1;
  }

void PlatSetOffset(int offset)
  {
   gPlatOffset=offset;
   gPlatOffsetKnown=true;
   gPlatSampleAt=-1;
   PlatSave();
  }

long PlatTickAge()
  {
   return(gPlatTickAt<0 ? -1 : ClkTick()-gPlatTickAt);
  }

// Positions arrive with the login, before the first tick; where none comes the market is closed, and what is there after a while is all there is.
bool PlatSettled(string &why)
  {
   if(!gPlatConnected)
      why="the terminal is not connected to its broker";
   else if((gPlatLogin==0) || (AccountInfoInteger(ACCOUNT_LOGIN)!=gPlatLogin))
      why="another account is logged in";
   else if((long)TimeCurrent()<=0)
      why="the broker has sent no quote yet";
   else if(!gPlatFresh && (ClkTick()-gPlatConnectedAt<PLAT_SETTLE))
      why="the terminal has just connected";
   else
      return(true);
   return(false);
  }

//--- Deals told

int PlatDealIndex(long id)
  {
   int low=0;
   int high=ArraySize(gPlatDealId);
   while(low<high)
     {
      int mid=(low+high)/2;
      if(gPlatDealId[mid]<id)
         low=mid+1;
      else
         high=mid;
     }
   return(low);
  }

bool PlatDealTold(long id)
  {
   int i=PlatDealIndex(id);
   return((i<ArraySize(gPlatDealId)) && (gPlatDealId[i]==id));
  }

void PlatDealRemember(long id,long time)
  {
   if(time>gPlatMark)
      gPlatMark=time;
   if((id==0) || PlatDealTold(id))
      return;
   int at=PlatDealIndex(id);
   int n=ArraySize(gPlatDealId);
   ArrayResize(gPlatDealId,n+1,1024);
   ArrayResize(gPlatDealTime,n+1,1024);
   for(int i=n; i>at; i--)
     {
      gPlatDealId[i]=gPlatDealId[i-1];
      gPlatDealTime[i]=gPlatDealTime[i-1];
     }
   gPlatDealId[at]=id;
   gPlatDealTime[at]=time;
  }

void PlatDealsLoad()
  {
   string lines[];
   FsRead(PLAT_DEALS_FILE,lines);
   gPlatDealLines=ArraySize(lines);
   for(int i=0; i<gPlatDealLines; i++)
     {
      string word[];
      if(StringSplit(lines[i],(ushort)' ',word)==2)
         PlatDealRemember(StringToInteger(word[0]),StringToInteger(word[1]));
     }
   PlatDealsCompact();
  }

string PlatDealLine(long id,long time)
  {
   return(IntegerToString(id)+" "+IntegerToString(time));
  }

// Only what the overlap looks at again need be known by its number.
void PlatDealsCompact()
  {
   int n=ArraySize(gPlatDealId);
   int kept=0;
   int drop=MathMax(0,n-PLAT_DEALS_MAX);
   for(int i=0; i<n; i++)
     {
      if((i<drop) || (gPlatDealTime[i]<gPlatMark-PLAT_OVERLAP))
         continue;
      gPlatDealId[kept]=gPlatDealId[i];
      gPlatDealTime[kept]=gPlatDealTime[i];
      kept++;
     }
   ArrayResize(gPlatDealId,kept,1024);
   ArrayResize(gPlatDealTime,kept,1024);
   if(gPlatDealLines<2*kept+1000)
      return;
   string lines[];
   ArrayResize(lines,kept+1);
   lines[0]=PlatDealLine(0,gPlatMark);
   for(int i=0; i<kept; i++)
      lines[i+1]=PlatDealLine(gPlatDealId[i],gPlatDealTime[i]);
   FsWrite(PLAT_DEALS_FILE,lines,kept+1);
   gPlatDealLines=kept+1;
  }

void PlatOffer(long id,long time)
  {
   int n=ArraySize(gPlatOfferId);
   ArrayResize(gPlatOfferId,n+1,64);
   ArrayResize(gPlatOfferTime,n+1,64);
   gPlatOfferId[n]=id;
   gPlatOfferTime[n]=time;
  }

void PlatDealsKeep()
  {
   int n=ArraySize(gPlatOfferId);
   string lines[];
   ArrayResize(lines,n);
   for(int i=0; i<n; i++)
     {
      PlatDealRemember(gPlatOfferId[i],gPlatOfferTime[i]);
      lines[i]=PlatDealLine(gPlatOfferId[i],gPlatOfferTime[i]);
     }
   PlatAppend(PLAT_DEALS_FILE,lines);
   gPlatDealLines+=n;
   PlatDealsForgetOffer();
   if(gPlatDealLines>2*ArraySize(gPlatDealId)+2000)
      PlatDealsCompact();
  }

void PlatDealsForgetOffer()
  {
   ArrayResize(gPlatOfferId,0);
   ArrayResize(gPlatOfferTime,0);
  }

// The first look at an account: what happened before us is history, not news. The snapshot tells it where it is wanted.
void PlatDealsBaseline(LsDeal &d[])
  {
   PlatDealsForgetOffer();
   for(int i=0; i<ArraySize(d); i++)
      PlatOffer(d[i].id,d[i].time);
   PlatOffer(0,(long)TimeCurrent()*1000);
   PlatDealsKeep();
  }

//--- Lists

void PlatSortPositions(LsPosition &p[])
  {
   for(int i=1; i<ArraySize(p); i++)
     {
      if(p[i-1].id<=p[i].id)
         continue;
      LsPosition one=p[i];
      int j=i;
      while((j>0) && (p[j-1].id>one.id))
        {
         p[j]=p[j-1];
         j--;
        }
      p[j]=one;
     }
  }

void PlatSortOrders(LsOrder &o[])
  {
   for(int i=1; i<ArraySize(o); i++)
     {
      if(o[i-1].id<=o[i].id)
         continue;
      LsOrder one=o[i];
      int j=i;
      while((j>0) && (o[j-1].id>one.id))
        {
         o[j]=o[j-1];
         j--;
        }
      o[j]=one;
     }
  }

void PlatSortDeals(LsDeal &d[])
  {
   for(int i=1; i<ArraySize(d); i++)
     {
      if(d[i-1].id<=d[i].id)
         continue;
      LsDeal one=d[i];
      int j=i;
      while((j>0) && (d[j-1].id>one.id))
        {
         d[j]=d[j-1];
         j--;
        }
      d[j]=one;
     }
  }

//--- Keys

// Is there a key of ours at the start, with its check character right? What a broker appended does not matter.
bool PlatHasKey(string comment)
  {
   string alphabet="0123456789ABCDEFGHJKMNPQRSTVWXYZ";
   if((StringLen(comment)<16) || (StringSubstr(comment,0,2)!="LS"))
      return(false);
   ulong value=0;
   for(int i=2; i<15; i++)
     {
      int digit=StringFind(alphabet,StringSubstr(comment,i,1));
      if((digit<0) || ((i==2) && (digit>15)))
         return(false);
      value=value*32+(ulong)digit;
     }
   return((value!=0) && (StringFind(alphabet,StringSubstr(comment,15,1))==(int)(value%31)));
  }

bool PlatIsOurs(long magic)
  {
   return((magic>=LS_MAGIC_FIRST) && (magic<=LS_MAGIC_LAST));
  }

bool PlatKeyIs(string comment,string key)
  {
   return((StringLen(key)>0) && (StringFind(comment,key)==0));
  }

// The magic number comes from the key, so where a broker rewrote the comment, the same magic, symbol, side and volume within the life of the command point to it; an order
// older than the command cannot be its work, and one that carries another key is another's.
bool PlatMayBe(LsCommand &c,string symbol,int side,double lots,long magic,string comment,long time)
  {
   if((magic!=c.magic) || (magic==0) || (symbol!=c.symbol) || (side!=c.side) || !PlatSameLots(lots,c.lots) || PlatHasKey(comment))
      return(false);
   // Broker's times may be whole seconds.
   return(time-(long)gPlatOffset*1000+1000>c.expires-PLAT_COMMAND_LIFE);
  }

//--- Numbers

double PlatLots(double lots)
  {
   return(NormalizeDouble(lots,8));
  }

bool PlatSameLots(double a,double b)
  {
   return(MathAbs(a-b)<0.0000001);
  }

double PlatTickSize(string symbol)
  {
   double tick=SymbolInfoDouble(symbol,SYMBOL_TRADE_TICK_SIZE);
   return(tick>0 ? tick : SymbolInfoDouble(symbol,SYMBOL_POINT));
  }

// To the symbol's tick: digits alone are not enough where the tick is 0.05 or 0.25.
double PlatPrice(string symbol,double price)
  {
   double tick=PlatTickSize(symbol);
   if((price<=0) || (tick<=0))
      return(price);
   return(NormalizeDouble(MathRound(price/tick)*tick,SymDigits(symbol)));
  }

bool PlatSamePrice(string symbol,double a,double b)
  {
   return(MathAbs(a-b)<SymbolInfoDouble(symbol,SYMBOL_POINT)/10.0);
  }

double PlatSign(int side)
  {
   return(side==LS_BUY ? 1.0 : -1.0);
  }

// The price that opens on a side; the other one closes it.
double PlatOpenPrice(int side,double bid,double ask)
  {
   return(side==LS_BUY ? ask : bid);
  }

double PlatClosePrice(int side,double bid,double ask)
  {
   return(side==LS_BUY ? bid : ask);
  }

bool PlatIsWorse(string symbol,int side,double price,double worst)
  {
   return((worst>0) && (PlatSign(side)*(price-worst)>SymbolInfoDouble(symbol,SYMBOL_POINT)/10.0));
  }

// Points that the price may still move before it is worse than `worst`.
int PlatAllowance(string symbol,int side,double price,double worst)
  {
   double point=SymbolInfoDouble(symbol,SYMBOL_POINT);
   if((worst<=0) || (point<=0))
      return(1000000);
   return((int)MathMin(1000000.0,MathMax(0.0,MathFloor(PlatSign(side)*(worst-price)/point+0.001))));
  }

// What is wrong with the levels of an order or position, "" = nothing. `price`: what they are measured from, the closing side of the market or the price of a pending order.
string PlatBadLevels(string symbol,int side,double price,double sl,double tp,int stops)
  {
   double point=SymbolInfoDouble(symbol,SYMBOL_POINT);
   double least=MathMax((double)stops,0.1)*point*0.999;
   if((sl>0) && (PlatSign(side)*(price-sl)<least))
      return("stop loss nearer to the price than "+IntegerToString(stops)+" points, or on the wrong side");
   if((tp>0) && (PlatSign(side)*(tp-price)<least))
      return("take profit nearer to the price than "+IntegerToString(stops)+" points, or on the wrong side");
   return("");
  }

bool PlatIsFrozen(string symbol,double level,double market,int freeze)
  {
   return((level>0) && (freeze>0) && (MathAbs(level-market)<=(double)freeze*SymbolInfoDouble(symbol,SYMBOL_POINT)*1.001));
  }

//--- Answers

void PlatBlank(LsCommand &c,LsAnswer &a)
  {
   a.id=c.id;
   a.outcome=LS_UNKNOWN;
   a.code=0;
   a.why="";
   a.text="";
   a.position=0;
   a.order=0;
   a.lots=0;
   a.price=0;
   a.digits=SymDigits(c.symbol);
   a.took=0;
   a.request=0;
  }

// The EA itself decided: nothing was sent.
void PlatDecide(LsAnswer &a,int outcome,string why,string text)
  {
   a.outcome=outcome;
   a.code=0;
   a.why=why;
   a.text=text;
  }

// Refused with the code that the server would have given: nothing was sent.
void PlatSpare(LsAnswer &a,int code,string text)
  {
   a.outcome=LS_REFUSED;
   a.code=code;
   a.text="not sent: "+text;
  }

bool PlatExpired(LsCommand &c)
  {
   return((c.expires>0) && (ClkServerNow()>c.expires));
  }

bool PlatHasStops(LsCommand &c)
  {
   return((c.sl>0) || (c.tp>0));
  }

#endif
