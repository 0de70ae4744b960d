#property strict

#import "ws2_32.dll"
int  WSAStartup(int version,uchar &data[]);
uint socket(int family,int type,int protocol);
int  ioctlsocket(uint s,uint command,uint &argument[]);
int  connect(uint s,uchar &address[],int length);
int  send(uint s,uchar &data[],int length,int flags);
int  recv(uint s,uchar &data[],int length,int flags);
int  closesocket(uint s);
int  WSAGetLastError();
#import

input int InpPort=0;

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

void Winsock()
  {
   uchar data[512];
   uchar address[16];
   ArrayInitialize(address,0);
   address[0]=2;
   address[2]=(uchar)(InpPort>>8);
   address[3]=(uchar)(InpPort&255);
   address[4]=127;
   address[7]=1;
   int started=WSAStartup(0x0202,data);
   uint s=socket(2,1,6);
   uint on[1];
   on[0]=1;
   int mode=ioctlsocket(s,0x8004667E,on);
   int tried=connect(s,address,16);
   int why=WSAGetLastError();
   int nothing=recv(s,data,10,0);
   Print("winsock ",started," ",mode," ",(tried==0 || why==10035)," ",nothing," ",WSAGetLastError());
   data[0]='x';
   int sent=send(s,data,1,0);
   int closed=closesocket(s);
   int again=closesocket(s);
   Print("sent ",sent," closed ",closed," ",again," ",WSAGetLastError());
  }

void OnChartEvent(const int id,const long &lparam,const double &dparam,const string &sparam)
  {
   if(sparam=="buy")
      Buy();
   if(sparam=="half")
      Half();
   if(sparam=="winsock")
      Winsock();
   if(sparam=="pipe")
      Pipe();
  }
