#property strict

int OnInit()
  {
   return(INIT_SUCCEEDED);
  }

void Buy()
  {
   ResetLastError();
   int ticket=OrderSend(_Symbol,OP_BUY,0.2,Ask,10,0,0,"x",900001);
   Print("sent ",ticket," error ",GetLastError());
  }

void Half()
  {
   if(!OrderSelect(0,SELECT_BY_POS,MODE_TRADES))
      return;
   bool good=OrderClose(OrderTicket(),0.1,Bid,10);
   Print("half ",good);
   if(OrderSelect(0,SELECT_BY_POS,MODE_TRADES))
      Print("trades ",OrdersTotal()," lots ",DoubleToString(OrderLots(),2)," ",OrderComment());
   if(OrderSelect(0,SELECT_BY_POS,MODE_HISTORY))
      Print("history ",OrdersHistoryTotal()," lots ",DoubleToString(OrderLots(),2)," ",OrderComment());
  }

void Pipe()
  {
   uchar out[4]={1,2,3,4};
   uchar in[];
   int f=FileOpen("\\\\.\\pipe\\relay",FILE_READ|FILE_WRITE|FILE_BIN);
   uint n=FileWriteArray(f,out,0,4);
   FileFlush(f);
   FileReadArray(f,in,0,2);
   FileClose(f);
   Print("pipe ",n," ",CharArrayToString(in));
  }

void OnChartEvent(const int id,const long &lparam,const double &dparam,const string &sparam)
  {
   if(sparam=="buy")
      Buy();
   if(sparam=="half")
      Half();
   if(sparam=="pipe")
      Pipe();
  }
