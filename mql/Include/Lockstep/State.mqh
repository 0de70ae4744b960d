// What the parts of the link share: the inputs, the state of the link, and the little file that outlives a restart.
#ifndef LOCKSTEP_STATE_MQH
#define LOCKSTEP_STATE_MQH

#include "Types.mqh"
#include "Text.mqh"
#include "Clock.mqh"
#include "Log.mqh"
#include "Files.mqh"

#define STATE_FILE "state.txt"

enum LsRole
  {
   LS_ROLE_BOTH=0,       // both: report and trade
   LS_ROLE_MONITOR=1,    // monitor: report only, refuse every command
   LS_ROLE_EXECUTOR=2    // executor: trade (and report)
  };

enum LsLinkState
  {
   LINK_OFF=0,           // not started: tester, no account yet, a second EA
   LINK_IDLE=1,          // waits for the next try
   LINK_OPENING=2,
   LINK_HELLO=3,         // hello said
   LINK_LIVE=4,          // the active one
   LINK_STANDBY=5
  };

struct LsSettings
  {
   string            address;
   string            key;
   int               role;     // LsRole
   string            symbols;  // names with commas between, "" = Market Watch
   int               budget;   // 0 = as the server says
   string            pipe;
   string            pin;
  };

LsSettings gSet;
LsAccount  gAccount;
LsHealth   gHealth;

int    gLink=LINK_OFF;
string gLinkWhy="";          // why there is no link, for people
string gTerminal="";         // 16 hex digits
long   gEpoch=0;             // of the last activity, kept on disk
bool   gStandby=false;       // another terminal tells this account's story; false also while nobody knows
bool   gDuty=false;          // part of a hedge
int    gBeatMs=5000;
int    gQuotesMs=1000;
long   gServerBudget=0;
long   gSendNext=1;          // the next event to go out on this connection
bool   gDiffNow=false;
int    gUnknownTypes=0;

string StateRole()
  {
   if(gSet.role==LS_ROLE_MONITOR)
      return("monitor");
   if(gSet.role==LS_ROLE_EXECUTOR)
      return("executor");
   return("both");
  }

bool StateUp()
  {
   return(gLink==LINK_LIVE || gLink==LINK_STANDBY);
  }

// Does this terminal write down what happens? Not before it was active for the first time, and not while another one is.
bool StateRecords()
  {
   return(gEpoch>0 && !gStandby);
  }

bool StateSave()
  {
   string lines[3];
   lines[0]="terminal "+gTerminal;
   lines[1]="epoch "+TextLong(gEpoch);
   lines[2]="duty "+TextBool(gDuty);
   return(FsWrite(STATE_FILE,lines,3));
  }

void StateLoad()
  {
   string lines[];
   int count=FsRead(STATE_FILE,lines);
   gTerminal="";
   gEpoch=0;
   gDuty=false;
   for(int i=0; i<count; i++)
     {
      string value="";
      string name=TextWord(lines[i],value);
      if(name=="terminal")
         gTerminal=value;
      if(name=="epoch" && TextToLong(value)>0)
         gEpoch=TextToLong(value);
      if(name=="duty")
         gDuty=(value=="true");
     }
   if(StringLen(gTerminal)==16)
      return;
   gTerminal=TextHex(ClkRandom(),16);
   gEpoch=0;
   StateSave();
  }

void StateEpoch(long epoch)
  {
   if(epoch==gEpoch)
      return;
   gEpoch=epoch;
   StateSave();
  }

void StateDuty(bool duty)
  {
   if(duty==gDuty)
      return;
   gDuty=duty;
   StateSave();
  }

// The smaller of the two budgets that are set; 0 = none.
long StateBudget()
  {
   long mine=(long)gSet.budget;
   if(mine>0 && (gServerBudget<=0 || mine<gServerBudget))
      return(mine);
   return(gServerBudget);
  }

#endif
