// Lockstep's Expert Advisor for MetaTrader 5: inputs and handlers; the work is in Include/Lockstep.
#property copyright "Lockstep"
#property version   "1.10"
#property description "Connects this terminal to your Lockstep server. One chart of any symbol is enough."

#include <Lockstep/Lockstep.mqh>

input string LsServer="wss://your-server:8443/ea";   // Server address (also add the host to Options > Expert Advisors > Allow WebRequest)
input string LsKey="";                               // Account key (it is stored; clear this afterwards)
input LsRole LsUse=LS_ROLE_BOTH;                     // What this terminal does
input string LsSymbols="";                           // Symbols, with commas between (empty: all of Market Watch)
input int    LsBudget=0;                             // Most trade requests a day (0: as the server says)
input string LsPin="";                               // Server's certificate thumbprint (empty: any trusted certificate)
input string LsPipe="lockstep";                      // Name of the relay's pipe, if Server address is empty

int OnInit()
  {
   LsSettings s;
   s.address=LsServer;
   s.key=LsKey;
   s.role=(int)LsUse;
   s.symbols=LsSymbols;
   s.budget=LsBudget;
   s.pipe=LsPipe;
   s.pin=LsPin;
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

void OnTrade()
  {
   LsHint();
   LsPump();
  }

void OnTradeTransaction(const MqlTradeTransaction &trans,const MqlTradeRequest &request,const MqlTradeResult &result)
  {
   TrEvent(trans,request,result);
   LsHint();
   LsPump();
  }

void OnChartEvent(const int id,const long &lparam,const double &dparam,const string &sparam)
  {
   LsPump();
  }
