// Lockstep's Expert Advisor for MetaTrader 4: inputs and handlers; the work is in Include/Lockstep.
#property copyright "Lockstep"
#property version   "1.10"
#property description "Connects this terminal to your Lockstep server through the relay on this PC. One chart of any symbol is enough."
#property strict

#include <Lockstep/Lockstep.mqh>

input string LsPipe="lockstep";        // Name of the relay's pipe on this PC
input string LsKey="";                 // Account key (it is stored; clear this afterwards)
input LsRole LsUse=LS_ROLE_BOTH;       // What this terminal does
input string LsSymbols="";             // Symbols, with commas between (empty: all of Market Watch)
input int    LsBudget=0;               // Most trade requests a day (0: as the server says)
input string LsServer="";              // Leave empty (only for builds with ws2_32: ws://127.0.0.1:port/ea)

int OnInit()
  {
   LsSettings s;
   s.address=LsServer;
   s.key=LsKey;
   s.role=(int)LsUse;
   s.symbols=LsSymbols;
   s.budget=LsBudget;
   s.pipe=LsPipe;
   s.pin="";
   if(!LsStart(s))
      return(INIT_FAILED);
   EventSetMillisecondTimer(15);
   return(INIT_SUCCEEDED);
  }

void OnDeinit(const int reason)
  {
   EventKillTimer();
   LsStop();
  }

void OnTimer()
  {
   LsPump();
  }

void OnTick()
  {
   LsPump();
  }

void OnChartEvent(const int id,const long &lparam,const double &dparam,const string &sparam)
  {
   LsPump();
  }
