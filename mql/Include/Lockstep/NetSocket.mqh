// Bytes over MetaTrader 5's own sockets, with TLS. The host must stand in Tools > Options > Expert Advisors > "Allow WebRequest for listed URL".
#ifndef LOCKSTEP_NETSOCKET_MQH
#define LOCKSTEP_NETSOCKET_MQH

#include "Types.mqh"
#include "Text.mqh"
#include "Clock.mqh"
#include "Log.mqh"

#define NET_CONNECT_MS 3000
#define NET_IO_MS 3000
#define NET_ALIVE_MS 250

int  gSocket=INVALID_HANDLE;
bool gSocketTls=false;
long gSocketAsked=0;      // when the system was last asked whether the connection stands

void NetSocketClose()
  {
   if(gSocket!=INVALID_HANDLE)
      SocketClose(gSocket);
   gSocket=INVALID_HANDLE;
  }

bool NetSocketFail(string &why,string text)
  {
   why=text;
   NetSocketClose();
   return(false);
  }

string NetSocketThumb(string s)
  {
   string r=s;
   StringReplace(r,":","");
   StringReplace(r," ","");
   return(TextLower(r));
  }

// A pinned certificate: nothing is sent to a server that shows another one.
bool NetSocketPinned(string pin,string &why)
  {
   string subject="";
   string issuer="";
   string serial="";
   string thumb="";
   datetime expires=0;
   if(SocketTlsCertificate(gSocket,subject,issuer,serial,thumb,expires)==0)
      return(NetSocketFail(why,"the server's certificate cannot be read (error "+TextLong(GetLastError())+")"));
   if(NetSocketThumb(thumb)!=NetSocketThumb(pin))
      return(NetSocketFail(why,"the server shows another certificate than the pinned one: "+thumb));
   return(true);
  }

string NetSocketReason(string host,int error)
  {
   if(error==4014 || error==5272)
      return("cannot connect to "+host+" (error "+TextLong(error)+"). Is \""+host+"\" in the list of Tools > Options > Expert Advisors > Allow WebRequest?");
   return("cannot connect to "+host+" (error "+TextLong(error)+")");
  }

bool NetSocketOpen(string host,int port,bool tls,string pin,string &why)
  {
   NetSocketClose();
   ResetLastError();
   gSocket=SocketCreate();
   if(gSocket==INVALID_HANDLE)
      return(NetSocketFail(why,"no socket (error "+TextLong(GetLastError())+")"));
   if(!SocketConnect(gSocket,host,(uint)port,NET_CONNECT_MS))
      return(NetSocketFail(why,NetSocketReason(host,GetLastError())));
   SocketTimeouts(gSocket,NET_IO_MS,NET_IO_MS);
   // On port 443 the terminal has made the handshake already.
   gSocketTls=(tls || port==443);
   if(gSocketTls && port!=443 && !SocketTlsHandshake(gSocket,host))
      return(NetSocketFail(why,"no TLS with "+host+" (error "+TextLong(GetLastError())+"): is its certificate trusted on this PC?"));
   if(gSocketTls && pin!="" && !NetSocketPinned(pin,why))
      return(false);
   gSocketAsked=ClkTick();
   return(true);
  }

// 0 = nothing there and the connection stands, -1 = it is gone. Asked now and then only: the question costs a system call.
int NetSocketSilent()
  {
   long now=ClkTick();
   if(now-gSocketAsked<NET_ALIVE_MS)
      return(0);
   gSocketAsked=now;
   if(!SocketIsConnected(gSocket))
      return(-1);
   return(0);
  }

// Never waits: without TLS only what is said to be there is read, and as that may be said of an empty buffer, for one millisecond at most.
int NetSocketRead(uchar &buffer[],int most)
  {
   if(gSocket==INVALID_HANDLE)
      return(-1);
   int got=0;
   if(gSocketTls)
      got=SocketTlsReadAvailable(gSocket,buffer,(uint)most);
   else
     {
      uint there=SocketIsReadable(gSocket);
      if(there>(uint)most)
         there=(uint)most;
      if(there>0)
         got=SocketRead(gSocket,buffer,there,1);
     }
   if(got>0)
      return(got);
   return(NetSocketSilent());
  }

// How many went out; 0 = not now, -1 = the connection is gone.
int NetSocketSend(const uchar &data[],int from,int count)
  {
   if(gSocket==INVALID_HANDLE)
      return(-1);
   if(!SocketIsWritable(gSocket))
      return(NetSocketSilent());
   uchar part[];
   int n=count;
   if(n>16384)
      n=16384;
   ArrayResize(part,n);
   for(int i=0; i<n; i++)
      part[i]=data[from+i];
   int sent=0;
   if(gSocketTls)
      sent=SocketTlsSend(gSocket,part,(uint)n);
   else
      sent=SocketSend(gSocket,part,(uint)n);
   if(sent<0)
      return(-1);
   return(sent);
  }

#endif
