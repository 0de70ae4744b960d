#property strict
#include "language.mqh"

void CheckPlatform()
  {
   string s="  a ";
   Same(StringTrimLeft(s),"a ");
   Same(StringTrimRight(StringTrimLeft(s)),"a");
   Same(s,"  a ");
   Same(StringSubstr("abc",1,0),"bc");
   ResetLastError();
   MarketInfo("NOPE",MODE_BID);
   Check(GetLastError()==4106,"an unknown symbol");
   Check(GetLastError()==0,"GetLastError clears the value");
   Check(!OrderSelect(1,SELECT_BY_TICKET) && GetLastError()==4108,"no such ticket");
   Check(Bid==1.085 && Ask==1.0851 && Digits==5 && Point==0.00001,"Bid, Ask, Digits, Point");
   Check(MarketInfo("EURUSD",MODE_BID)==Bid && MarketInfo("EURUSD",MODE_LOTSIZE)==100000,"MarketInfo");
   Check(PERIOD_H1==60 && OP_SELLSTOP==5,"constants");
   Check(IsConnected() && IsTradeAllowed() && !IsTradeContextBusy() && !IsTesting(),"the terminal's state");
  }

int OnInit()
  {
   CheckAll();
   return(INIT_SUCCEEDED);
  }
