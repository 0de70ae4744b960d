// The state machine: idle, opening, hello, live or standby; what each message from the server does; what goes out and in which order.
#ifndef LOCKSTEP_LINK_MQH
#define LOCKSTEP_LINK_MQH

#include "Types.mqh"
#include "Text.mqh"
#include "Clock.mqh"
#include "Log.mqh"
#include "Json.mqh"
#include "Outbox.mqh"
#include "Diff.mqh"
#include "State.mqh"
#include "Keys.mqh"
#include "Net.mqh"
#include "Symbols.mqh"
#include "Report.mqh"
#include "Commands.mqh"

#define LINK_BACKOFF_FIRST 250
#define LINK_BACKOFF_MOST 30000
#define LINK_OPENING_MS 10000
#define LINK_STABLE_MS 10000      // so long it must have lived for the next try to be quick again
#define LINK_MESSAGES 500         // read in one pump
#define LINK_RATE 300             // events a second; the server takes 400
#define LINK_BURST 1500
#define LINK_ALERT_MS 15000

long   gLinkSince=0;          // when the present state began
long   gLinkNext=0;           // when the next try may be made
int    gLinkDelay=LINK_BACKOFF_FIRST;
long   gLinkHeard=0;
long   gLinkWait=0;           // what a `refused` asked for
bool   gLinkRefused=false;
long   gLinkLostAt=0;         // when it was last up; 0 = up now
bool   gLinkAlerted=false;
long   gLinkTokens=LINK_BURST;
long   gLinkTokensAt=0;
bool   gLinkClashTold=false;
uchar  gLinkMessage[];
string gLinkKey="";           // said in this hello
string gLinkTold="";          // the refusal that was alerted last
LsJson gIn;

void LinkState(int state,long now)
  {
   gLink=state;
   gLinkSince=now;
  }

void LinkReset(long now)
  {
   LinkState(LINK_IDLE,now);
   gLinkNext=now;
   gLinkDelay=LINK_BACKOFF_FIRST;
   gLinkWait=0;
   gLinkRefused=false;
   gLinkLostAt=now;
   gLinkAlerted=false;
   gLinkClashTold=false;
   gStandby=false;
   gBeatMs=5000;
   gQuotesMs=1000;
   gServerBudget=0;
   gLinkWhy="not connected yet";
  }

//--- Coming and going

// Between three quarters and five quarters, so that a thousand terminals do not come back in the same moment.
long LinkJitter(long ms)
  {
   return(ms*3/4+(long)(ClkRandom()%(ulong)(ms/2+1)));
  }

void LinkLost(string why,int code,long now)
  {
   bool lived=(StateUp() && now-gLinkSince>=LINK_STABLE_MS);
   if(StateUp())
      gLinkLostAt=now;
   if(lived)
      gLinkDelay=LINK_BACKOFF_FIRST;
   long wait=LinkJitter(gLinkDelay);
   gLinkDelay=gLinkDelay*2;
   if(gLinkDelay>LINK_BACKOFF_MOST)
      gLinkDelay=LINK_BACKOFF_MOST;
   if(code==1008 || code==4000)
      wait=LinkJitter(LINK_BACKOFF_MOST);
   if(code==1013 && wait<5000)
      wait=LinkJitter(5000);
   if(gLinkRefused && gLinkWait>0)
      wait=LinkJitter(gLinkWait);
   if(!gLinkRefused)
      gLinkWhy=why;
   if(code==4000)
      gLinkWhy="another EA with the same files took over: is this account's EA running twice?";
   gLinkNext=now+wait;
   LinkState(LINK_IDLE,now);
   CmdDropQueue();
   ReportReset();
   LogInfo("link down: "+gLinkWhy+"; next try in "+TextLong(wait/1000)+" s");
  }

void LinkDrop(int code,string why,long now)
  {
   NetClose(code,why);
   LinkLost(why,code,now);
  }

void LinkKey(long now)
  {
   gLinkKey=KeysNow();
   if(gLinkKey!="")
      return;
   gLinkWhy="no key: put the account's EA key into MQL's Files\\Lockstep\\key.txt, or once into the input Key";
   LogError(gLinkWhy);
   gLinkNext=now+5000;
  }

void LinkTry(long now)
  {
   if(now<gLinkNext)
      return;
   LinkKey(now);
   if(gLinkKey=="")
      return;
   gLinkRefused=false;
   if(!NetOpen())
     {
      LinkLost(gNetWhy,0,ClkTick());
      return;
     }
   LinkState(LINK_OPENING,ClkTick());
  }

int LinkClash()
  {
   string why="";
   if(!AccWhole(why))
      return(0);
   int clash=AccClash();
   if(clash>0 && !gLinkClashTold)
      LogWarn(TextLong(clash)+" orders carry a magic number of Lockstep's range ("+TextLong(LS_MAGIC_FIRST)+"-"+TextLong(LS_MAGIC_LAST)+
              ") and are not Lockstep's: does another EA use these numbers?");
   gLinkClashTold=(gLinkClashTold || clash>0);
   return(clash);
  }

string LinkPlatform()
  {
#ifdef __MQL5__
   return("mt5");
#else
   return("mt4");
#endif
  }

string LinkHello()
  {
   LsAccount a;
   AccRead(a);
   // Logged out for a moment: what was known at the start holds.
   if(a.login==gAccount.login && a.server==gAccount.server)
      gAccount=a;
   AccHealth(gHealth);
   gHealthAt=ClkTick();
   return("{\"t\":\"hello\",\"v\":"+TextLong(LS_PROTOCOL)+",\"key\":"+TextQuote(gLinkKey)+",\"login\":"+TextLong(gAccount.login)+
          ",\"server\":"+TextQuote(gAccount.server)+",\"platform\":\""+LinkPlatform()+"\",\"role\":\""+StateRole()+"\",\"mode\":"+TextQuote(gAccount.mode)+
          ",\"currency\":"+TextQuote(gAccount.currency)+",\"leverage\":"+TextLong(gAccount.leverage)+",\"build\":"+TextLong(gAccount.build)+
          ",\"ea\":\""+LS_EA_VERSION+"\",\"terminal\":\""+gTerminal+"\",\"epoch\":"+TextLong(gEpoch)+",\"acked\":"+TextLong(gBoxAcked)+
          ",\"first\":"+TextLong(gBoxFirst)+",\"last\":"+TextLong(gBoxLast)+",\"offset\":"+TextLong(gHealth.offset)+",\"demo\":"+TextBool(gAccount.demo)+
          ",\"company\":"+TextQuote(TextCut(gAccount.company,100))+",\"closeby\":"+TextBool(gAccount.closeBy)+",\"stoplimit\":"+TextBool(gAccount.stopLimit)+
          ",\"expiry\":"+TextBool(gAccount.expiry)+",\"clash\":"+TextLong(LinkClash())+",\"keys\":true}");
  }

// Connected: say who we are.
void LinkSayHello(long now)
  {
   ReportReset();
   QuotesReset();
   gLinkHeard=now;
   if(NetPut(LinkHello()))
      LinkState(LINK_HELLO,now);
  }

//--- What the server says

void LinkLive(long epoch,long resume,long now)
  {
   gStandby=false;
   StateEpoch(epoch);
   OutboxResume(resume);
   gSendNext=gBoxFirst;
   gLinkTokens=LINK_BURST;
   gLinkTokensAt=now;
   gDiffNow=true;
   SymLook(true,now);
   LinkState(LINK_LIVE,now);
   LogInfo("connected to the server as the active terminal of this account");
  }

void LinkUp(long now)
  {
   gLinkRefused=false;
   gLinkWait=0;
   gLinkWhy="";
   gLinkTold="";
   KeysWelcome();
   if(gLinkAlerted)
      LogAlert("the link to the server is back.",true);
   gLinkAlerted=false;
   gLinkLostAt=0;
  }

void LinkWelcome(long now)
  {
   long v=0;
   long epoch=0;
   long resume=gBoxAcked+1;
   long server=0;
   long beat=5000;
   long quotes=1000;
   long budget=0;
   bool active=false;
   if(!JsonLong(gIn,0,"v",true,v) || !JsonBool(gIn,0,"active",true,active) || !JsonLong(gIn,0,"epoch",active,epoch) ||
      !JsonLong(gIn,0,"resume",false,resume) || !JsonLong(gIn,0,"now",true,server) || !JsonLong(gIn,0,"beat",false,beat) ||
      !JsonLong(gIn,0,"quotes",false,quotes) || !JsonLong(gIn,0,"budget",false,budget))
      return;
   if(v>LS_PROTOCOL || v<1 || gLink!=LINK_HELLO)
     {
      JsonFail(gIn,"a welcome nobody can follow");
      return;
     }
   ClkServer(server);
   gBeatMs=5000;
   if(beat>=500 && beat<=60000)
      gBeatMs=(int)beat;
   gQuotesMs=0;
   if(quotes>0 && quotes<=3600000)
      gQuotesMs=(int)quotes;
   gServerBudget=budget;
   LinkUp(now);
   if(active)
     {
      LinkLive(epoch,resume,now);
      return;
     }
   gStandby=true;
   LinkState(LINK_STANDBY,now);
   LogInfo("connected to the server; another terminal of this account is active, this one stands by");
  }

void LinkRefused(long now)
  {
   string code="";
   string why="";
   gLinkWait=30000;
   if(!JsonText(gIn,0,"code",true,code) || !JsonText(gIn,0,"why",false,why) || !JsonLong(gIn,0,"wait",false,gLinkWait))
      return;
   if(gLinkWait<1000)
      gLinkWait=1000;
   if(gLinkWait>3600000)
      gLinkWait=3600000;
   gLinkRefused=true;
   string text="the server refuses this terminal: "+TextCut(TextAscii(why),300)+" ("+TextCut(TextAscii(code),40)+")";
   if((code=="wrong-key" || code=="expired-key") && KeysNext())
     {
      gLinkWait=1000;
      text+="; another key is tried";
     }
   else
      if(text!=gLinkTold && code!="rate")
        {
         gLinkTold=text;
         LogAlert(text,false);
        }
   gLinkWhy=text;
   LogWarn(text);
   LinkDrop(1000,text,now);
  }

void LinkActive(long now)
  {
   long epoch=0;
   long resume=gBoxAcked+1;
   if(!JsonLong(gIn,0,"epoch",true,epoch) || !JsonLong(gIn,0,"resume",false,resume))
      return;
   if(gLink==LINK_STANDBY)
     {
      LinkLive(epoch,resume,now);
      return;
     }
   if(gLink!=LINK_LIVE || epoch<=gEpoch)
      return;
   OutboxResume(resume);
   StateEpoch(epoch);
  }

void LinkBeat(long now)
  {
   long server=0;
   long ack=0;
   if(!JsonLong(gIn,0,"now",true,server) || !JsonLong(gIn,0,"ack",false,ack))
      return;
   ClkServer(server);
   gBeatEcho=server;
   gBeatEchoTick=now;
   OutboxAck(ack);
  }

void LinkAck()
  {
   long n=0;
   if(JsonLong(gIn,0,"n",true,n))
      OutboxAck(n);
  }

// The next key is used from the next connection on; until then the one in use goes on.
void LinkNextKey()
  {
   string id="";
   string key="";
   if(!JsonText(gIn,0,"id",true,id) || !JsonText(gIn,0,"key",true,key))
      return;
   if(!KeysPlain(id) || !KeysPlain(key))
     {
      JsonFail(gIn,"a key nobody can keep");
      return;
     }
   string reply="{\"t\":\"kept\",\"id\":"+TextQuote(id);
   if(KeysAdd(id,key))
      LogInfo("the server gave this terminal its next key; it is kept and will be used from the next connection on");
   else
      reply+=",\"why\":\"it could not be written to the terminal's disk\"";
   NetPut(reply+"}");
  }

void LinkAlert()
  {
   string text="";
   bool push=false;
   if(JsonText(gIn,0,"text",true,text) && JsonBool(gIn,0,"push",false,push))
      LogAlert(TextCut(text,500),push);
  }

void LinkDuty()
  {
   bool hedge=false;
   if(JsonBool(gIn,0,"hedge",true,hedge))
      StateDuty(hedge);
  }

void LinkComplaint()
  {
   string why="";
   if(JsonText(gIn,0,"why",true,why))
      LogInfo("the server refused a message of ours: "+TextCut(TextAscii(why),300));
  }

// The relay's own word: its connection to the server is gone.
void LinkRelayClosed()
  {
   string why="the relay is not connected to the server";
   JsonText(gIn,0,"why",false,why);
   if(gNetPipe)
      NetDrop(TextCut(TextAscii(why),200),0);
  }

void LinkDispatch(string type,long now)
  {
   if(type=="")
      JsonFail(gIn,"`t` is empty");
   else if(type=="welcome")
      LinkWelcome(now);
   else if(type=="refused")
      LinkRefused(now);
   else if(type=="closed")
      LinkRelayClosed();
   else if(!StateUp())
      JsonFail(gIn,"`"+TextCut(type,20)+"` before welcome");
   else if(type=="cmd")
      CmdRead(gIn);
   else if(type=="ack")
      LinkAck();
   else if(type=="beat")
      LinkBeat(now);
   else if(type=="ask")
      AskRead(gIn,now);
   else if(type=="watch")
      QuotesWatch(gIn);
   else if(type=="get")
      GetRead(gIn,now);
   else if(type=="active")
      LinkActive(now);
   else if(type=="duty")
      LinkDuty();
   else if(type=="alert")
      LinkAlert();
   else if(type=="bad")
      LinkComplaint();
   else if(type=="key")
      LinkNextKey();
   else
      gUnknownTypes++;
  }

void LinkMessage(const uchar &message[],int count,long now)
  {
   string type="";
   gLinkHeard=now;
   if(JsonParse(gIn,message,0,count) && JsonText(gIn,0,"t",true,type))
      LinkDispatch(type,now);
   if(gIn.why!="")
      LogWarn("a message from the server was not used: "+TextCut(TextAscii(gIn.why),150));
  }

//--- What goes out

void LinkTokens(long now)
  {
   gLinkTokens+=(now-gLinkTokensAt)*LINK_RATE/1000;
   if(now-gLinkTokensAt>=1000/LINK_RATE+1)
      gLinkTokensAt=now;
   if(gLinkTokens>LINK_BURST)
      gLinkTokens=LINK_BURST;
  }

// Events in the order of their numbers; false = not all are out.
bool LinkEvents(long now)
  {
   LinkTokens(now);
   if(gSendNext<gBoxFirst)
      gSendNext=gBoxFirst;
   while(gSendNext<=gBoxLast && gLinkTokens>0 && NetWaiting()<NET_BUSY)
     {
      if(!NetPut(OutboxText(gSendNext)))
         return(false);
      gSendNext++;
      gLinkTokens--;
     }
   return(gSendNext>gBoxLast);
  }

void LinkSend(long now)
  {
   if(!StateUp())
      return;
   BeatRun(now);
   LogRun(now);
   if(gLink!=LINK_LIVE)
      return;
   if(now>=gSymNext)
      SymLook(false,now);
   // The order of PROTOCOL.md §3: symbols, kept events, the rest. A snapshot's parts keep together.
   if(!SymSend() || !AskSend() || !LinkEvents(now))
      return;
   if(gAsked)
     {
      AskRun(now);
      if(!LinkEvents(now) || !AskSend())
         return;
     }
   QuotesRun(now);
   FundsRun(now);
   GetRun(now);
  }

//--- The clock's part

// A lost link with open positions of a hedge is the trader's business. Said once, and again when it is back.
void LinkDutyAlert(long now)
  {
   if(!gDuty || gLinkAlerted || gLinkLostAt==0 || StateUp() || now-gLinkLostAt<LINK_ALERT_MS || ArraySize(gBookP)==0)
      return;
   gLinkAlerted=true;
   LogAlert("NO CONNECTION to the Lockstep server, and account "+TextLong(gAccount.login)+" has open positions of a hedge. They stay open and are not looked after until the link is back. "+
            gLinkWhy,true);
  }

void LinkWatch(long now)
  {
   if(gLink==LINK_OPENING && !gNetPipe && now-gLinkSince>LINK_OPENING_MS)
      LinkDrop(1000,"the server does not answer",now);
   if(gLink==LINK_HELLO && now-gLinkSince>LINK_OPENING_MS)
      LinkDrop(4001,"the server does not answer the hello",now);
   if(StateUp() && now-gLinkHeard>3*(long)gBeatMs)
      LinkDrop(4001,"nothing heard from the server for "+TextLong((now-gLinkHeard)/1000)+" s",now);
   LinkDutyAlert(now);
  }

void LinkReceive(long now)
  {
   int count=0;
   NetPump();
   if(gLink==LINK_OPENING && gNetState==NET_OPEN)
      LinkSayHello(now);
   for(int i=0; i<LINK_MESSAGES && NetTake(gLinkMessage,count); i++)
      LinkMessage(gLinkMessage,count,now);
   if(gLink>LINK_IDLE && gNetState==NET_CLOSED)
      LinkLost(gNetWhy,gNetCode,now);
  }

void LinkRun(long now)
  {
   if(gLink==LINK_IDLE)
      LinkTry(now);
   if(gLink>LINK_IDLE)
      LinkReceive(now);
   LinkWatch(now);
  }

#endif
