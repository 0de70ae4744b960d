#property copyright "Lockstep"
#include "language.mqh"

void CheckPlatform()
  {
   string s="  a ";
   Check(StringTrimLeft(s)==2 && s=="a ","StringTrimLeft changes its argument and counts");
   Check(StringTrimRight(s)==1 && s=="a","StringTrimRight changes its argument and counts");
   Same(StringSubstr("abc",1,0),"");
   ResetLastError();
   SymbolInfoDouble("NOPE",SYMBOL_BID);
   Check(GetLastError()==ERR_MARKET_UNKNOWN_SYMBOL,"an unknown symbol");
   Check(GetLastError()==ERR_MARKET_UNKNOWN_SYMBOL,"GetLastError keeps the value");
   ResetLastError();
   Check(GetLastError()==0,"ResetLastError");
   Check(!PositionSelectByTicket(1) && GetLastError()==4753,"no such position");
   uchar data[3]={'a','b','c'};
   uchar key[];
   uchar result[];
   Check(CryptEncode(CRYPT_BASE64,data,key,result)==4 && CharArrayToString(result)=="YWJj","Base64");
   Check(PERIOD_H1==16385 && TRADE_RETCODE_DONE==10009 && POSITION_TYPE_SELL==1,"constants");
   Check(GetTickCount64()>0 && TimeTradeServer()>0,"clocks");
  }

int OnInit()
  {
   CheckAll();
   return(INIT_SUCCEEDED);
  }
