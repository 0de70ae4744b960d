#property copyright "Lockstep"
input int InpPort=0;
int gTimers=0;
int gSocket=INVALID_HANDLE;

int OnInit()
  {
   EventSetMillisecondTimer(20);
   return(INIT_SUCCEEDED);
  }

void OnTimer()
  {
   gTimers++;
   Comment("timers ",gTimers);
  }

void OnTradeTransaction(const MqlTradeTransaction &trans,const MqlTradeRequest &request,const MqlTradeResult &result)
  {
   Print("transaction ",(int)trans.type);
   if(trans.type==TRADE_TRANSACTION_REQUEST && result.request_id>0 && request.comment=="async")
      Print("answer ",result.retcode," id ",result.request_id);
  }

void OnTrade()
  {
   Print("trade");
  }

void OnDeinit(const int reason)
  {
   Print("deinit ",reason);
  }

void Buy(bool async)
  {
   MqlTradeRequest q;
   MqlTradeResult r;
   ZeroMemory(q);
   ZeroMemory(r);
   q.action=TRADE_ACTION_DEAL;
   q.symbol=_Symbol;
   q.volume=0.2;
   q.type=ORDER_TYPE_BUY;
   q.type_filling=ORDER_FILLING_IOC;
   q.magic=900001;
   q.price=SymbolInfoDouble(_Symbol,SYMBOL_ASK);
   if(async)
     {
      q.comment="async";
      bool sent=OrderSendAsync(q,r);
      Print("sent ",(int)sent," ",r.retcode," id ",r.request_id);
      return;
     }
   bool good=OrderSend(q,r);
   Print("sent ",(int)good," ",r.retcode);
   Print("sees ",PositionsTotal()," positions");
  }

void Write()
  {
   uchar bytes[];
   int n=StringToCharArray("123456",bytes,0,6);
   int f=FileOpen("journal.txt",FILE_WRITE|FILE_BIN);
   FileWriteArray(f,bytes,0,n);
   FileFlush(f);
   FileClose(f);
  }

void History()
  {
   MqlRates rates[];
   int n=CopyRates(_Symbol,PERIOD_M1,0,100,rates);
   long count=0;
   for(int i=0; i<n; i++)
      count+=rates[i].tick_volume;
   Print("candles ",n," ",count," ",DoubleToString(rates[1].low,5)," ",DoubleToString(rates[1].high,5));
   MqlTick ticks[];
   Print("ticks ",CopyTicks(_Symbol,ticks,COPY_TICKS_INFO,0,1000));
  }

void Connect(string host)
  {
   ResetLastError();
   if(gSocket==INVALID_HANDLE)
      gSocket=SocketCreate();
   bool good=SocketConnect(gSocket,host,(uint)InpPort,1000);
   Print("connect ",good," ",GetLastError());
  }

void Tls()
  {
   ResetLastError();
   bool good=SocketTlsHandshake(gSocket,"localhost");
   Print("tls ",good," ",GetLastError());
   string subject="";
   string issuer="";
   string serial="";
   string thumb="";
   datetime expires=0;
   if(good && SocketTlsCertificate(gSocket,subject,issuer,serial,thumb,expires)>0)
      Print("certificate ",subject," ",thumb);
  }

void OnChartEvent(const int id,const long &lparam,const double &dparam,const string &sparam)
  {
   uchar bytes[];
   if(sparam=="buy")
      Buy(false);
   if(sparam=="async")
      Buy(true);
   if(sparam=="write")
      Write();
   if(sparam=="history")
      History();
   if(sparam=="count")
      Print("event ",id);
   if(sparam=="account")
      Print("account ",AccountInfoInteger(ACCOUNT_LOGIN)," ",AccountInfoString(ACCOUNT_SERVER));
   if(sparam=="refused")
      Connect("example.org");
   if(sparam=="connect")
      Connect("127.0.0.1");
   if(sparam=="readable")
      Print("readable ",SocketIsReadable(gSocket));
   if(sparam=="read")
      Print("read ",SocketRead(gSocket,bytes,5,50));
   if(sparam=="alive")
      Print("alive ",SocketIsConnected(gSocket));
   if(sparam=="tls")
      Tls();
   if(sparam=="tlsread")
      Print("tlsread ",SocketTlsReadAvailable(gSocket,bytes,100));
   if(sparam=="tlssend")
     {
      StringToCharArray("12345",bytes,0,5);
      Print("tlssend ",SocketTlsSend(gSocket,bytes,5));
     }
   if(sparam=="send")
     {
      StringToCharArray("12345",bytes,0,5);
      Print("send ",SocketSend(gSocket,bytes,5));
     }
  }
