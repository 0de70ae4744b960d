// The Expert Advisor: all parts together, its start, its pump and its end. The main files hold inputs and handlers only.
#ifndef LOCKSTEP_LOCKSTEP_MQH
#define LOCKSTEP_LOCKSTEP_MQH

#include "Types.mqh"
#include "Text.mqh"
#include "Clock.mqh"
#include "Log.mqh"
#include "Files.mqh"
#include "Keys.mqh"
#ifdef __MQL5__
#include "Platform5.mqh"
#else
#include "Platform4.mqh"
#endif
#include "Ledger.mqh"
#include "Outbox.mqh"
#include "Diff.mqh"
#include "State.mqh"
#include "Net.mqh"
#include "Commands.mqh"
#include "Symbols.mqh"
#include "Report.mqh"
#include "Link.mqh"
#include "Panel.mqh"

#define LS_LOOK_MS 1000        // MT5: at least so often the book is compared, hint or not
#define LS_LOOK4_MS 50         // MT4: there are no hints
#define LS_HINT_MS 300         // after a hint the book is looked at again and again for so long: events come before what they tell of
#define LS_HINT_EVERY_MS 20
#define LS_ACCOUNT_MS 1000

bool gLsOn=false;
bool gLsBooted=false;
long gLsHint=0;            // look closely until then
long gLsLooked=0;
long gLsCost=0;            // ms of the last look
long gLsAccountAt=0;
long gLsClashAt=0;
bool gLsClashSeen=false;   // magic numbers were looked through since the start

bool LsIsTester()
  {
#ifdef __MQL5__
   return(MQLInfoInteger(MQL_TESTER)!=0);
#else
   return(IsTesting());
#endif
  }

void LsHelp(string why)
  {
   gLink=LINK_OFF;
   gLinkWhy=why;
   LogError(why);
  }

// The first start, and each OnInit: everything comes from the files. false = must not run.
bool LsStart(const LsSettings &settings)
  {
   string why="";
   gSet=settings;
   gLsBooted=false;
   gLink=LINK_OFF;
   gLinkWhy="waiting for the terminal to log in";
   gLsOn=!LsIsTester();
   if(!gLsOn)
     {
      Print("Lockstep does nothing in the strategy tester.");
      return(true);
     }
   ClkReset();
   ClkSeed(TextFnv(TerminalInfoString(TERMINAL_DATA_PATH)));
   KeysStart(gSet.key);
   gSet.key="";
   if(!NetStart(gSet.address,gSet.pipe,gSet.pin,why))
     {
      gLsOn=false;
      LsHelp(why);
      Alert("Lockstep: ",why);
      PanelShow(ClkTick());
      return(false);
     }
   return(LsBoot(ClkTick()));
  }

// As soon as the account is known: its files, its lock, its platform. false = another EA has them.
bool LsBoot(long now)
  {
   AccRead(gAccount);
   if(gAccount.login<=0 || gAccount.server=="")
      return(true);
   FsStart(gAccount.login,gAccount.server);
   if(!FsLock())
     {
      gLsOn=false;
      LsHelp("another Lockstep EA is running for this account in this terminal: one is enough");
      Alert("Lockstep: ",gLinkWhy);
      return(false);
     }
   StateLoad();
   KeysLoad();
   DiffReset();
   CmdReset();
   ReportReset();
   QuotesReset();
   if(!LedgerOpen() || !OutboxOpen())
     {
      LsHelp("the files of Lockstep cannot be opened: see the Experts log");
      LsRelease();
      return(true);
     }
   AccStart();
   AccHealth(gHealth);
   gLsBooted=true;
   gLsHint=0;
   gLsLooked=0;
   gLsAccountAt=now;
   gLsClashAt=0;
   gLsClashSeen=false;
   LinkReset(now);
   LogInfo("version "+LS_EA_VERSION+", account "+TextLong(gAccount.login)+" on "+gAccount.server+", "+TextLong(OutboxCount())+" events kept");
   return(true);
  }

void LsRelease()
  {
   LedgerClose();
   OutboxClose();
   FsUnlock();
   gLsBooted=false;
  }

// The end of this run. Open positions stay as they are.
void LsStop()
  {
   if(gLsBooted)
     {
      // What waits for its change to be seen is answered now: the number is on disk, even if the line is gone.
      CmdRelease(ClkTick()+CMD_SHOW_MS);
      LinkEvents(ClkTick());
      NetClose(1000,"the EA was taken off");
      LsRelease();
     }
   gLsOn=false;
   PanelClear();
  }

// Another login in the same terminal is another account, with other files. Some builds start the EA anew then, some do not.
bool LsSameAccount(long now)
  {
   if(now-gLsAccountAt<LS_ACCOUNT_MS)
      return(true);
   gLsAccountAt=now;
   LsAccount a;
   AccRead(a);
   if(a.login==gAccount.login && a.server==gAccount.server)
      return(true);
   if(a.login<=0 || a.server=="")
      return(true);
   NetClose(1000,"another account was logged in");
   LsRelease();
   gLink=LINK_OFF;
   gLinkWhy="another account was logged in";
   return(false);
  }

// The platform says that something happened.
void LsHint()
  {
   gLsHint=ClkTick()+LS_HINT_MS;
  }

bool LsLookDue(long now)
  {
   if(gDiffNow)
      return(true);
   long since=now-gLsLooked;
#ifdef __MQL5__
   if(now<gLsHint && since>=LS_HINT_EVERY_MS)
      return(true);
   return(since>=LS_LOOK_MS);
#else
   // Never more than a fifth of the time.
   return(since>=LS_LOOK4_MS && since>=5*gLsCost);
#endif
  }

// Compares the book and writes down what changed, linked or not. Not while the terminal itself does not know the account's state.
void LsLook(long now)
  {
   string why="";
   if(!StateRecords() || !LsLookDue(now) || !AccWhole(why))
      return;
   gDiffNow=!DiffLook();
   gLsLooked=now;
   gLsCost=ClkTick()-now;
  }

// Once after the start, as soon as the orders are known: does somebody else use our magic numbers?
void LsClash(long now)
  {
   string why="";
   if(gLsClashSeen || now-gLsClashAt<LS_ACCOUNT_MS)
      return;
   gLsClashAt=now;
   gLsClashSeen=AccWhole(why);
   if(gLsClashSeen)
      LinkClash();
  }

// All the work. Called from every handler; returns soon, never sleeps.
void LsPump()
  {
   long now=ClkTick();
   if(!gLsOn)
      return;
   if(!gLsBooted || !LsSameAccount(now))
     {
      if(now-gLsAccountAt>=LS_ACCOUNT_MS || gLsAccountAt==0)
        {
         gLsAccountAt=now;
         LsBoot(now);
        }
      PanelShow(now);
      return;
     }
   LinkRun(now);
   LsClash(now);
   CmdRun();
   CmdTaken();
   LsLook(ClkTick());
   CmdRelease(ClkTick());
   LinkSend(ClkTick());
   NetFlush();
   PanelShow(now);
  }

#endif
