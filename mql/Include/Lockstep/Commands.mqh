// One command's way: read, looked up in the ledger, checked, written down, carried out, written down again, its change told, answered.
#ifndef LOCKSTEP_COMMANDS_MQH
#define LOCKSTEP_COMMANDS_MQH

#include "Types.mqh"
#include "Text.mqh"
#include "Clock.mqh"
#include "Log.mqh"
#include "Json.mqh"
#include "Objects.mqh"
#include "Ledger.mqh"
#include "Outbox.mqh"
#include "Diff.mqh"
#include "State.mqh"
#include "Net.mqh"

#define CMD_QUEUE 1000
#define CMD_WORK_MS 50
#define CMD_PENDING_MS 30000   // an asynchronous result that has not come by then is unknown
#define CMD_SHOW_MS 300        // so long an answer waits for the change it made to be seen

struct LsCmdWait
  {
   LsCommand         command;
   LsAnswer          answer;
   long              until;
  };

struct LsCmdEntry
  {
   LsCommand         command;
   long              epoch;
  };

LsCmdEntry gCmd[];            // waiting, oldest first
int        gCmdCount=0;
LsCmdWait  gCmdSent[];        // OrderSendAsync under way
int        gCmdSentCount=0;
LsCmdWait  gCmdHeld[];        // result in the ledger, not yet in the outbox
int        gCmdHeldCount=0;
string     gCmdLast="";       // for the panel

//--- Reading

int CmdWhat(string name)
  {
   if(name=="open")
      return(LS_DO_OPEN);
   if(name=="place")
      return(LS_DO_PLACE);
   if(name=="reduce")
      return(LS_DO_REDUCE);
   if(name=="stops")
      return(LS_DO_STOPS);
   if(name=="amend")
      return(LS_DO_AMEND);
   if(name=="cancel")
      return(LS_DO_CANCEL);
   if(name=="closeby")
      return(LS_DO_CLOSEBY);
   return(0);
  }

void CmdClear(LsCommand &c)
  {
   c.id="";
   c.what=0;
   c.expires=0;
   c.symbol="";
   c.side=LS_SIDE_NONE;
   c.type=0;
   c.lots=0.0;
   c.price=0.0;
   c.limit=0.0;
   c.sl=0.0;
   c.tp=0.0;
   c.worst=0.0;
   c.expiry=0;
   c.position=0;
   c.other=0;
   c.order=0;
   c.magic=0;
  }

bool CmdReadSide(LsJson &j,bool need,LsCommand &c)
  {
   string side="";
   if(!JsonText(j,0,"side",need,side))
      return(false);
   if(side=="buy")
      c.side=LS_BUY;
   if(side=="sell")
      c.side=LS_SELL;
   if(c.side==LS_SIDE_NONE && (need || side!=""))
      return(JsonFail(j,"`side` is neither buy nor sell"));
   return(true);
  }

bool CmdReadType(LsJson &j,LsCommand &c)
  {
   string type="";
   if(!JsonText(j,0,"type",true,type))
      return(false);
   if(type=="limit")
      c.type=LS_LIMIT;
   if(type=="stop")
      c.type=LS_STOP;
   if(type=="stoplimit")
      c.type=LS_STOPLIMIT;
   if(c.type==0)
      return(JsonFail(j,"`type` is none of limit, stop, stoplimit"));
   return(JsonLevel(j,0,"limit",c.type==LS_STOPLIMIT,c.limit));
  }

bool CmdReadLots(LsJson &j,LsCommand &c)
  {
   if(!JsonAmount(j,0,"lots",true,c.lots))
      return(false);
   if(c.lots>10000000.0)
      return(JsonFail(j,"`lots` is above 10,000,000"));
   return(true);
  }

bool CmdReadExpiry(LsJson &j,LsCommand &c)
  {
   int i=JsonFind(j,0,"expiry");
   if(i>=0 && j.nodes[i].kind==LS_JSON_NULL)
      return(true);
   return(JsonLong(j,0,"expiry",false,c.expiry));
  }

bool CmdReadId(LsJson &j,string name,long &value)
  {
   if(!JsonLong(j,0,name,true,value))
      return(false);
   if(value<=0)
      return(JsonFail(j,"`"+name+"` is no number of anything"));
   return(true);
  }

// `target` is a volume that may be 0: close.
bool CmdReadTarget(LsJson &j,LsCommand &c)
  {
   int i=JsonField(j,0,"target",LS_JSON_NUMBER,true);
   if(i<0)
      return(false);
   if(!JsonPlain(j.nodes[i].text))
      return(JsonFail(j,"`target` is not in plain notation, or too long"));
   c.lots=StringToDouble(j.nodes[i].text);
   if(c.lots<0.0 || c.lots>10000000.0)
      return(JsonFail(j,"`target` is no volume"));
   return(true);
  }

bool CmdReadLevels(LsJson &j,LsCommand &c)
  {
   return(JsonLevel(j,0,"sl",true,c.sl) && JsonLevel(j,0,"tp",true,c.tp));
  }

bool CmdReadMagic(LsJson &j,LsCommand &c)
  {
   if(!JsonLong(j,0,"magic",true,c.magic))
      return(false);
   if(c.magic>2147483647)
      return(JsonFail(j,"`magic` does not fit MetaTrader"));
   return(true);
  }

bool CmdReadFields(LsJson &j,LsCommand &c)
  {
   if(!JsonText(j,0,"symbol",true,c.symbol))
      return(false);
   if(c.symbol=="" || StringLen(c.symbol)>64)
      return(JsonFail(j,"`symbol` is no name"));
   switch(c.what)
     {
      case LS_DO_OPEN:
         return(CmdReadSide(j,true,c) && CmdReadLots(j,c) && CmdReadLevels(j,c) && JsonLevel(j,0,"worst",false,c.worst) && CmdReadMagic(j,c));
      case LS_DO_PLACE:
         return(CmdReadSide(j,true,c) && CmdReadType(j,c) && CmdReadLots(j,c) && JsonAmount(j,0,"price",true,c.price) && CmdReadLevels(j,c) &&
                CmdReadExpiry(j,c) && CmdReadMagic(j,c));
      case LS_DO_REDUCE:
         return(CmdReadId(j,"position",c.position) && CmdReadTarget(j,c) && CmdReadSide(j,false,c) && CmdReadMagic(j,c));
      case LS_DO_STOPS:
         return(CmdReadId(j,"position",c.position) && CmdReadLevels(j,c));
      case LS_DO_AMEND:
         return(CmdReadId(j,"order",c.order) && JsonAmount(j,0,"price",true,c.price) && JsonLevel(j,0,"limit",false,c.limit) && CmdReadLevels(j,c) &&
                CmdReadExpiry(j,c));
      case LS_DO_CANCEL:
         return(CmdReadId(j,"order",c.order));
      case LS_DO_CLOSEBY:
         return(CmdReadId(j,"position",c.position) && CmdReadId(j,"by",c.other));
     }
   return(JsonFail(j,"`do` is not known here"));
  }

// It becomes an order's comment and a word in the ledger.
bool CmdIdGood(string id)
  {
   int n=StringLen(id);
   if(n<1 || n>27)
      return(false);
   for(int i=0; i<n; i++)
     {
      ushort c=StringGetCharacter(id,i);
      if(c<=' ' || c>126 || c=='"' || c=='\\')
         return(false);
     }
   return(true);
  }

// A `cmd` has come. A bad one is refused, so that the server need not wait for it to time out.
void CmdRead(LsJson &j)
  {
   LsCmdEntry e;
   CmdClear(e.command);
   e.epoch=0;
   string what="";
   long now=0;
   if(!JsonText(j,0,"id",true,e.command.id) || !CmdIdGood(e.command.id))
     {
      JsonFail(j,"`id` is no order key");
      return;
     }
   bool good=(JsonLong(j,0,"epoch",true,e.epoch) && JsonLong(j,0,"now",true,now) && JsonLong(j,0,"exp",true,e.command.expires) &&
              JsonText(j,0,"do",true,what));
   if(good)
     {
      ClkServer(now);
      e.command.what=CmdWhat(what);
      good=CmdReadFields(j,e.command);
     }
   if(!good)
     {
      LogWarn("a command was refused: "+j.why);
      CmdRefuse(e.command,"invalid",j.why);
      return;
     }
   if(gCmdCount>=CMD_QUEUE)
     {
      CmdRefuse(e.command,"expired","too many commands are waiting in the terminal");
      return;
     }
   ArrayResize(gCmd,gCmdCount+1,64);
   gCmd[gCmdCount]=e;
   gCmdCount++;
  }

//--- Answering

// The result is in the ledger before anything is told of it.
void CmdEnded(const LsCommand &c,const LsAnswer &a,long until)
  {
   LedgerEnd(c.id,ObjAnswer(a));
   gCmdLast=c.id+" "+ObjOutcome(a.outcome);
   if(a.why!="" || a.text!="")
      gCmdLast+=" ("+TextCut(a.why+" "+a.text,80)+")";
   ArrayResize(gCmdHeld,gCmdHeldCount+1,64);
   gCmdHeld[gCmdHeldCount].command=c;
   gCmdHeld[gCmdHeldCount].answer=a;
   gCmdHeld[gCmdHeldCount].until=until;
   gCmdHeldCount++;
  }

// Certainly not sent. A command with that id that is in the ledger already keeps its own answer.
void CmdRefuse(const LsCommand &c,string why,string text)
  {
   if(LedgerFind(c.id)>=0)
     {
      CmdRepeat(c.id);
      return;
     }
   LsAnswer a;
   ObjAnswerClear(a,c.id);
   a.outcome=LS_REFUSED;
   a.why=why;
   a.text=text;
   CmdEnded(c,a,0);
  }

// Has what the order did been told? Then its answer may follow.
bool CmdShown(const LsCommand &c,const LsAnswer &a)
  {
   int i=-1;
   if(a.outcome!=LS_DONE)
      return(true);
   if(c.what==LS_DO_OPEN && a.position>0)
      return(DiffToldP(a.position)>=0);
   if(c.what==LS_DO_PLACE && a.order>0)
      return(DiffToldO(a.order)>=0 || (a.position>0 && DiffToldP(a.position)>=0));
   if(c.what==LS_DO_CANCEL)
      return(DiffToldO(c.order)<0);
   if(c.what!=LS_DO_REDUCE)
      return(true);
   i=DiffToldP(c.position);
   return(i<0 || gToldP[i].lots<=c.lots+0.0000001);
  }

// Answers whose change was told, or has had time enough, become events.
void CmdRelease(long now)
  {
   int kept=0;
   for(int i=0; i<gCmdHeldCount; i++)
     {
      bool due=((now>=gCmdHeld[i].until && gDiffLateSince==0) || CmdShown(gCmdHeld[i].command,gCmdHeld[i].answer));
      if(due && OutboxAdd("answer",ObjAnswer(gCmdHeld[i].answer))>0)
         continue;
      if(kept<i)
         gCmdHeld[kept]=gCmdHeld[i];
      kept++;
     }
   gCmdHeldCount=kept;
  }

int CmdFindSent(string id)
  {
   for(int i=0; i<gCmdSentCount; i++)
      if(gCmdSent[i].command.id==id)
         return(i);
   return(-1);
  }

void CmdForgetSent(int i)
  {
   for(int k=i+1; k<gCmdSentCount; k++)
      gCmdSent[k-1]=gCmdSent[k];
   gCmdSentCount--;
  }

bool CmdIsHeld(string id)
  {
   for(int i=0; i<gCmdHeldCount; i++)
      if(gCmdHeld[i].answer.id==id)
         return(true);
   return(false);
  }

// A known id: the answer from the ledger, never an execution.
void CmdRepeat(string id)
  {
   int i=LedgerFind(id);
   if(i<0 || CmdIsHeld(id) || CmdFindSent(id)>=0)
      return;
   if(gLedger[i].answer=="")
     {
      LsAnswer a;
      ObjAnswerClear(a,id);
      a.why="killed";
      a.text="the terminal was closed while this was under way";
      LedgerEnd(id,ObjAnswer(a));
      OutboxAdd("answer",ObjAnswer(a));
      return;
     }
   long n=OutboxAnswer(id);
   if(n==0)
      OutboxAdd("answer",gLedger[i].answer);
   else
      if(n<gSendNext)
         NetPut(OutboxText(n));
  }

//--- Carrying out

// Why it must not be sent now; "" = go.
string CmdBar(const LsCmdEntry &e,string &text)
  {
   text="";
   if(e.epoch!=gEpoch || gLink!=LINK_LIVE)
     {
      text="the command is of epoch "+TextLong(e.epoch)+", the terminal in "+TextLong(gEpoch);
      return("epoch");
     }
   if(ClkServerNow()>e.command.expires)
     {
      text="the command came too late";
      return("expired");
     }
   if(gSet.role==LS_ROLE_MONITOR)
     {
      text="this EA is set to monitor: it reports and does not trade";
      return("not-allowed");
     }
   AccHealth(gHealth);
   if(!gHealth.connected)
     {
      text="the terminal is not connected to its broker";
      return("offline");
     }
   if(!gHealth.trade)
     {
      text=gHealth.why;
      return("not-allowed");
     }
   long budget=StateBudget();
   // A budget never holds back what lowers exposure.
   bool lowers=(e.command.what==LS_DO_REDUCE || e.command.what==LS_DO_CANCEL || e.command.what==LS_DO_CLOSEBY);
   if(budget>0 && !lowers && (long)TrUsed()>=budget)
     {
      text="today's "+TextLong(budget)+" trade requests are used up";
      return("budget");
     }
   return("");
  }

// true = the broker was called and its answer waited for.
bool CmdOne(const LsCmdEntry &e,bool more)
  {
   LsCommand c=e.command;
   LsAnswer a;
   ObjAnswerClear(a,c.id);
   if(LedgerFind(c.id)>=0)
     {
      CmdRepeat(c.id);
      return(false);
     }
   string text="";
   string why=CmdBar(e,text);
   if(why!="")
     {
      CmdRefuse(c,why,text);
      return(false);
     }
   if((c.what==LS_DO_OPEN || c.what==LS_DO_PLACE) && TrFind(c,a))
     {
      a.id=c.id;
      CmdEnded(c,a,0);
      return(false);
     }
   if(!LedgerBegin(c))
     {
      CmdRefuse(c,"not-allowed","the terminal's disk takes no writing: see the Experts log");
      return(false);
     }
   long start=ClkTick();
   ObjAnswerClear(a,c.id);
   TrExecute(c,more,a);
   a.id=c.id;
   long now=ClkTick();
   if(a.took==0)
      a.took=(int)(now-start);
   gDiffNow=true;
   if(a.outcome!=LS_PENDING)
     {
      CmdEnded(c,a,now+CMD_SHOW_MS);
      return(a.code!=0);
     }
   ArrayResize(gCmdSent,gCmdSentCount+1,64);
   gCmdSent[gCmdSentCount].command=c;
   gCmdSent[gCmdSentCount].answer=a;
   gCmdSent[gCmdSentCount].until=now+CMD_PENDING_MS;
   gCmdSentCount++;
   return(false);
  }

// One waited-for trade call a pump, or 50 ms of work.
void CmdRun()
  {
   long start=ClkTick();
   while(gCmdCount>0)
     {
      LsCmdEntry e=gCmd[0];
      gCmdCount--;
      for(int i=0; i<gCmdCount; i++)
         gCmd[i]=gCmd[i+1];
      if(CmdOne(e,gCmdCount>0) || ClkTick()-start>=CMD_WORK_MS)
         return;
     }
  }

// Results of OrderSendAsync. One that comes after it was called unknown is told as well: it is the truth, and the ledger keeps the last word.
void CmdTaken()
  {
   LsAnswer a;
   ObjAnswerClear(a,"");
   while(TrTaken(a))
     {
      LsCommand c;
      CmdClear(c);
      c.id=a.id;
      int i=CmdFindSent(a.id);
      long now=ClkTick();
      if(i>=0)
        {
         c=gCmdSent[i].command;
         if(a.took==0)
            a.took=(int)(now-(gCmdSent[i].until-CMD_PENDING_MS));
         CmdForgetSent(i);
        }
      gDiffNow=true;
      if(c.id!="")
         CmdEnded(c,a,now+CMD_SHOW_MS);
      ObjAnswerClear(a,"");
     }
   long late=ClkTick();
   while(gCmdSentCount>0 && late>=gCmdSent[0].until)
     {
      LsAnswer lost=gCmdSent[0].answer;
      LsCommand c=gCmdSent[0].command;
      lost.outcome=LS_UNKNOWN;
      lost.text="the broker has not answered";
      CmdForgetSent(0);
      CmdEnded(c,lost,0);
     }
  }

// The link is gone: what was not begun is not carried out; the server calls it unknown and asks.
void CmdDropQueue()
  {
   gCmdCount=0;
  }

void CmdReset()
  {
   gCmdCount=0;
   gCmdSentCount=0;
   gCmdHeldCount=0;
   gCmdLast="";
  }

#endif
