// Bytes over Windows' own sockets, for MetaTrader 4 with "Allow DLL imports": only to this PC (127.0.0.1), as it has no TLS. Left out unless
// LS_WITH_WS2 is defined in Lockstep.mq4, so that the usual EA imports nothing.
#ifndef LOCKSTEP_NETWS2_MQH
#define LOCKSTEP_NETWS2_MQH

#include "Types.mqh"
#include "Text.mqh"

#ifdef LS_WITH_WS2

#import "ws2_32.dll"
int  WSAStartup(int version,uchar &data[]);
int  socket(int family,int type,int protocol);
int  ioctlsocket(int s,int command,uint &argument);
int  connect(int s,uchar &address[],int length);
int  send(int s,uchar &data[],int length,int flags);
int  recv(int s,uchar &data[],int length,int flags);
int  closesocket(int s);
int  WSAGetLastError();
#import

#define WS2_NONE -1
#define WS2_FIONBIO -2147195266   // 0x8004667E
#define WS2_WOULDBLOCK 10035
#define WS2_NOTCONNECTED 10057

int  gWs2=WS2_NONE;
bool gWs2Started=false;

void NetWs2Close()
  {
   if(gWs2!=WS2_NONE)
      closesocket(gWs2);
   gWs2=WS2_NONE;
  }

bool NetWs2Fail(string &why,string text)
  {
   why=text+" (error "+TextLong(WSAGetLastError())+")";
   NetWs2Close();
   return(false);
  }

bool NetWs2Start(string &why)
  {
   if(!IsDllsAllowed())
     {
      why="switch on \"Allow DLL imports\" in the EA's settings, or use the named pipe";
      return(false);
     }
   uchar data[512];
   if(!gWs2Started && WSAStartup(0x0202,data)!=0)
      return(NetWs2Fail(why,"Windows gives no sockets"));
   gWs2Started=true;
   return(true);
  }

bool NetWs2Open(int port,string &why)
  {
   NetWs2Close();
   if(!NetWs2Start(why))
      return(false);
   gWs2=socket(2,1,6);
   if(gWs2==WS2_NONE)
      return(NetWs2Fail(why,"no socket"));
   uint on=1;
   if(ioctlsocket(gWs2,WS2_FIONBIO,on)!=0)
      return(NetWs2Fail(why,"no socket that does not wait"));
   uchar address[16];
   for(int i=0; i<16; i++)
      address[i]=0;
   address[0]=2;
   address[2]=(uchar)(port>>8);
   address[3]=(uchar)(port&255);
   address[4]=127;
   address[7]=1;
   if(connect(gWs2,address,16)!=0 && WSAGetLastError()!=WS2_WOULDBLOCK)
      return(NetWs2Fail(why,"cannot connect to 127.0.0.1:"+TextLong(port)));
   return(true);
  }

// Not connected yet looks like nothing there; the link gives the handshake its own time.
int NetWs2Result(int n)
  {
   if(n>=0)
      return(n);
   int error=WSAGetLastError();
   if(error==WS2_WOULDBLOCK || error==WS2_NOTCONNECTED)
      return(0);
   return(-1);
  }

int NetWs2Read(uchar &buffer[],int most)
  {
   if(gWs2==WS2_NONE)
      return(-1);
   if(ArraySize(buffer)<most)
      ArrayResize(buffer,most);
   int n=recv(gWs2,buffer,most,0);
   if(n==0)
      return(-1);   // the other side has closed
   return(NetWs2Result(n));
  }

int NetWs2Send(const uchar &data[],int from,int count)
  {
   if(gWs2==WS2_NONE)
      return(-1);
   int n=count;
   if(n>16384)
      n=16384;
   uchar part[];
   ArrayResize(part,n);
   for(int i=0; i<n; i++)
      part[i]=data[from+i];
   return(NetWs2Result(send(gWs2,part,n,0)));
  }

#endif
#endif
