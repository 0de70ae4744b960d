// What is told on demand or by the clock: the beat, the funds, the whole truth (snapshot), history, lines for the server's log.
#ifndef LOCKSTEP_REPORT_MQH
#define LOCKSTEP_REPORT_MQH

#include "Types.mqh"
#include "Text.mqh"
#include "Clock.mqh"
#include "Log.mqh"
#include "Json.mqh"
#include "Objects.mqh"
#include "Outbox.mqh"
#include "Diff.mqh"
#include "State.mqh"
#include "Net.mqh"

#define FUNDS_MS 1000
#define FLOATING_MOST 1000
#define ASK_PATIENCE_MS 3000
#define GET_QUEUE 16
#define GET_PATIENCE_MS 10000
#define GET_ROWS 20000
#define GET_BUSY 65536
#define HEALTH_MS 250

struct LsGet
  {
   long              id;
   string            what;
   string            symbol;
   int               frame;
   long              from;
   long              to;
   int               limit;
   long              until;
  };

long   gBeatAt=0;
long   gBeatEcho=0;           // `now` of the server's last beat
long   gBeatEchoTick=0;
long   gHealthAt=0;
bool   gToldConnected=false;
bool   gToldTrade=false;
int    gToldOffset=0;

long   gFundsAt=0;
string gFundsTold="";

bool   gAsked=false;
long   gAskId=0;
long   gAskFrom=0;
long   gAskUntil=0;
string gParts[];              // parts that wait; no event goes between them
int    gPartsCount=0;
int    gPartsAt=0;

LsGet  gGet[];
int    gGetCount=0;
string gRows[];               // data messages that wait
int    gRowsCount=0;
int    gRowsAt=0;

long   gLogMinute=0;
int    gLogSent=0;

void ReportReset()
  {
   gBeatAt=0;
   gBeatEcho=0;
   gFundsAt=0;
   gFundsTold="";
   gAsked=false;
   gPartsCount=0;
   gPartsAt=0;
   gGetCount=0;
   gRowsCount=0;
   gRowsAt=0;
  }

//--- Alive

string BeatText(long now)
  {
   string r="{\"t\":\"beat\",\"n\":"+TextLong(gBoxLast)+",\"digest\":\""+TextHex(DiffDigest(),16)+"\",\"conn\":"+TextBool(gHealth.connected);
   if(gHealth.ping>=0)
      r+=",\"ping\":"+TextLong(gHealth.ping);
   r+=",\"trade\":"+TextBool(gHealth.trade)+",\"why\":"+TextQuote(TextCut(gHealth.why,200));
   if(gHealth.tickAge>=0)
      r+=",\"tick\":"+TextLong(gHealth.tickAge);
   r+=",\"offset\":"+TextLong(gHealth.offset)+",\"used\":"+TextLong(TrUsed())+",\"queue\":"+TextLong(OutboxCount());
   if(gBeatEcho>0)
      r+=",\"echo\":"+TextLong(gBeatEcho)+",\"held\":"+TextLong(now-gBeatEchoTick);
   return(r+"}");
  }

// Each five seconds; at once when the broker's connection, the permission to trade or the broker's clock changes. The clock before any time by it: a snapshot or an event with the
// offset of before would be an hour, or all of it, wrong.
void BeatRun(long now)
  {
   if(now-gHealthAt>=HEALTH_MS || gAsked || gSendNext<=gBoxLast)
     {
      gHealthAt=now;
      AccHealth(gHealth);
     }
   bool changed=(gHealth.connected!=gToldConnected || gHealth.trade!=gToldTrade || gHealth.offset!=gToldOffset);
   if(!changed && gBeatAt>0 && now-gBeatAt<gBeatMs)
      return;
   gBeatAt=now;
   gToldConnected=gHealth.connected;
   gToldTrade=gHealth.trade;
   gToldOffset=gHealth.offset;
   NetPut(BeatText(now));
  }

//--- Funds

string FundsFloating()
  {
   string list="";
   int n=ArraySize(gBookP);
   for(int i=0; i<n && i<FLOATING_MOST; i++)
     {
      if(i>0)
         list+=",";
      list+="["+TextLong(gBookP[i].id)+","+ObjMoney(gBookP[i].profit)+","+ObjMoney(gBookP[i].swap)+"]";
     }
   return(list);
  }

void FundsRun(long now)
  {
   if(now-gFundsAt<FUNDS_MS || NetWaiting()>GET_BUSY)
      return;
   gFundsAt=now;
   LsFunds f;
   AccFunds(f);
   string text="{\"t\":\"funds\","+ObjFunds(f);
   if(gBookKnown)
      text+=",\"floating\":["+FundsFloating()+"]";
   text+="}";
   if(text!=gFundsTold && NetPut(text))
      gFundsTold=text;
  }

//--- The whole truth

void AskFail(long id,string why)
  {
   NetPut("{\"t\":\"askfailed\",\"id\":"+TextLong(id)+",\"why\":"+TextQuote(TextCut(why,200))+"}");
  }

void AskRead(LsJson &j,long now)
  {
   long id=0;
   long from=0;
   if(!JsonLong(j,0,"id",true,id) || !JsonLong(j,0,"from",true,from))
      return;
   if(gAsked)
      AskFail(gAskId,"asked again before this was answered");
   gAsked=true;
   gAskId=id;
   gAskFrom=from;
   gAskUntil=now+ASK_PATIENCE_MS;
  }

void AskPiece(string &lists[],int kind,string text,string &bodies[])
  {
   int size=0;
   for(int i=0; i<4; i++)
      size+=StringLen(lists[i]);
   if(size+StringLen(text)>DIFF_FRAME)
      AskBody(lists,bodies);
   if(lists[kind]!="")
      lists[kind]+=",";
   lists[kind]+=text;
  }

void AskBody(string &lists[],string &bodies[])
  {
   int n=ArraySize(bodies);
   ArrayResize(bodies,n+1,16);
   bodies[n]="\"positions\":["+lists[0]+"],\"orders\":["+lists[1]+"],\"deals\":["+lists[2]+"],\"ended\":["+lists[3]+"]}";
   for(int i=0; i<4; i++)
      lists[i]="";
  }

// Positions and orders are those told with event n, just now compared with the platform: so the digest fits.
void AskParts(const LsDeal &deals[],const LsOrder &ended[])
  {
   string lists[4];
   string bodies[];
   for(int i=0; i<4; i++)
      lists[i]="";
   for(int i=0; i<ArraySize(gToldP); i++)
      AskPiece(lists,0,ObjPosition(gToldP[i]),bodies);
   for(int i=0; i<ArraySize(gToldO); i++)
      AskPiece(lists,1,ObjOrder(gToldO[i]),bodies);
   for(int i=0; i<ArraySize(deals); i++)
      AskPiece(lists,2,ObjDeal(deals[i]),bodies);
   for(int i=0; i<ArraySize(ended); i++)
      AskPiece(lists,3,ObjOrder(ended[i]),bodies);
   AskBody(lists,bodies);
   LsFunds f;
   AccFunds(f);
   gPartsCount=ArraySize(bodies);
   gPartsAt=0;
   ArrayResize(gParts,gPartsCount);
   for(int i=0; i<gPartsCount; i++)
      gParts[i]="{\"t\":\"snapshot\",\"id\":"+TextLong(gAskId)+",\"part\":"+TextLong(i+1)+",\"of\":"+TextLong(gPartsCount)+
                ",\"n\":"+TextLong(gBoxLast)+",\"funds\":{"+ObjFunds(f)+"},"+bodies[i];
  }

// Called when all events are out. Whole or not at all.
void AskRun(long now)
  {
   string why="";
   LsDeal deals[];
   LsOrder ended[];
   if(!AccWhole(why))
     {
      gAsked=false;
      AskFail(gAskId,why);
      return;
     }
   bool good=DiffLook();
   if(good && gSendNext<=gBoxLast)
      return;
   if(good && DealsSince(gAskFrom,deals,ended,why))
     {
      gAsked=false;
      AccHealth(gHealth);
      BeatRun(now);
      AskParts(deals,ended);
      return;
     }
   if(now<gAskUntil)
      return;
   gAsked=false;
   if(why=="")
      why="the account changes too fast to be read whole";
   AskFail(gAskId,why);
  }

// false = parts still wait.
bool AskSend()
  {
   while(gPartsAt<gPartsCount)
     {
      if(NetWaiting()>=NET_BUSY || !NetPut(gParts[gPartsAt]))
         return(false);
      gPartsAt++;
     }
   gPartsAt=0;
   gPartsCount=0;
   ArrayResize(gParts,0);
   return(true);
  }

//--- History

void GetFail(long id,string why)
  {
   NetPut("{\"t\":\"data\",\"id\":"+TextLong(id)+",\"why\":"+TextQuote(TextCut(why,200))+"}");
  }

void GetRead(LsJson &j,long now)
  {
   LsGet g;
   long frame=0;
   long limit=1000;
   g.id=0;
   g.what="";
   g.symbol="";
   g.from=0;
   g.to=0;
   if(!JsonLong(j,0,"id",true,g.id) || !JsonText(j,0,"what",true,g.what) || !JsonText(j,0,"symbol",false,g.symbol) ||
      !JsonLong(j,0,"frame",false,frame) || !JsonLong(j,0,"from",true,g.from) || !JsonLong(j,0,"to",false,g.to) ||
      !JsonLong(j,0,"limit",false,limit))
      return;
   if(limit<1 || limit>GET_ROWS)
      limit=GET_ROWS;
   if(frame<0 || frame>43200)
      frame=0;
   g.frame=(int)frame;
   g.limit=(int)limit;
   g.until=now+GET_PATIENCE_MS;
   if(gGetCount>=GET_QUEUE)
     {
      GetFail(g.id,"too many questions at once");
      return;
     }
   ArrayResize(gGet,gGetCount+1,GET_QUEUE);
   gGet[gGetCount]=g;
   gGetCount++;
  }

void GetAdd(string &bodies[],string row)
  {
   int n=ArraySize(bodies)-1;
   if(n<0 || StringLen(bodies[n])+StringLen(row)>DIFF_FRAME)
     {
      n++;
      ArrayResize(bodies,n+1,16);
      bodies[n]="";
     }
   if(bodies[n]!="")
      bodies[n]+=",";
   bodies[n]+=row;
  }

int GetCandles(const LsGet &g,string &bodies[],string &why)
  {
   LsBar rows[];
   int digits=SymDigits(g.symbol);
   int n=HistCandles(g.symbol,g.frame,g.from,g.to,g.limit,rows,why);
   for(int i=0; i<n; i++)
      GetAdd(bodies,"["+TextLong(rows[i].time)+","+TextNumber(rows[i].open,digits)+","+TextNumber(rows[i].high,digits)+","+
             TextNumber(rows[i].low,digits)+","+TextNumber(rows[i].close,digits)+","+TextLong(rows[i].ticks)+"]");
   return(n);
  }

int GetTicks(const LsGet &g,string &bodies[],string &why)
  {
   LsTick rows[];
   int digits=SymDigits(g.symbol);
   int n=HistTicks(g.symbol,g.from,g.to,g.limit,rows,why);
   for(int i=0; i<n; i++)
      GetAdd(bodies,"["+TextLong(rows[i].time)+","+TextNumber(rows[i].bid,digits)+","+TextNumber(rows[i].ask,digits)+"]");
   return(n);
  }

int GetDeals(const LsGet &g,string &bodies[],string &why)
  {
   LsDeal rows[];
   LsOrder ended[];
   if(!DealsSince(g.from,rows,ended,why))
      return(-1);
   int found=0;
   for(int i=0; i<ArraySize(rows) && found<g.limit; i++)
     {
      // DealsSince may begin earlier than asked.
      if(rows[i].time<g.from || (g.to>0 && rows[i].time>g.to))
         continue;
      GetAdd(bodies,ObjDeal(rows[i]));
      found++;
     }
   return(found);
  }

void GetDone()
  {
   gGetCount--;
   for(int i=0; i<gGetCount; i++)
      gGet[i]=gGet[i+1];
  }

void GetWork(long now)
  {
   LsGet g=gGet[0];
   string bodies[];
   string why="";
   int n=-1;
   if(g.what=="candles")
      n=GetCandles(g,bodies,why);
   else
      if(g.what=="ticks")
         n=GetTicks(g,bodies,why);
      else
         if(g.what=="deals")
            n=GetDeals(g,bodies,why);
         else
            why="`what` is not known here";
   if(n==-2 && now<g.until)
      return;
   GetDone();
   if(n<0)
     {
      if(why=="")
         why="the terminal has not loaded this history";
      GetFail(g.id,why);
      return;
     }
   if(n==0)
      GetAdd(bodies,"");
   gRowsCount=ArraySize(bodies);
   gRowsAt=0;
   ArrayResize(gRows,gRowsCount);
   for(int i=0; i<gRowsCount; i++)
      gRows[i]="{\"t\":\"data\",\"id\":"+TextLong(g.id)+",\"part\":"+TextLong(i+1)+",\"of\":"+TextLong(gRowsCount)+",\"rows\":["+bodies[i]+"]}";
  }

// One part a pump, and only while the line is free: history never delays a trade.
void GetRun(long now)
  {
   if(NetWaiting()>GET_BUSY)
      return;
   if(gRowsAt<gRowsCount)
     {
      if(NetPut(gRows[gRowsAt]))
         gRowsAt++;
      return;
     }
   if(gGetCount>0)
      GetWork(now);
  }

//--- Log

void LogRun(long now)
  {
   if(now-gLogMinute>=60000)
     {
      gLogMinute=now;
      gLogSent=0;
     }
   string level="";
   string text="";
   while(gLogSent<LOG_QUEUE && LogTake(level,text))
     {
      gLogSent++;
      NetPut("{\"t\":\"log\",\"level\":\""+level+"\",\"text\":"+TextQuote(text)+"}");
     }
  }

#endif
