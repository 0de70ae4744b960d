// One connection that carries messages, whatever lies under it: MT5 sockets, ws2_32 or the pipe. It tells its state; it decides nothing.
#ifndef LOCKSTEP_NET_MQH
#define LOCKSTEP_NET_MQH

#include "Types.mqh"
#include "Text.mqh"
#include "Log.mqh"
#include "Ws.mqh"
#include "NetPipe.mqh"
#ifdef __MQL5__
#include "NetSocket.mqh"
#else
#include "NetWs2.mqh"
#endif

#define NET_READ_MOST 65536
#define NET_READS 4           // a pump reads at most so many times
#define NET_BUSY 262144       // above this nobody should add what can wait

enum LsNetState
  {
   NET_CLOSED=0,
   NET_OPENING=1,
   NET_OPEN=2
  };

int    gNetState=NET_CLOSED;
string gNetWhy="";
int    gNetCode=0;            // close code, 0 = none was told
bool   gNetPipe=false;
bool   gNetTls=false;
string gNetHost="";
int    gNetPort=0;
string gNetPath="";
string gNetPipeName="";
string gNetPin="";
string gNetAddress="";        // for people
bool   gNetEnded=false;       // no more bytes will come; what has come still counts

// `wss://host:port/ea`; false with the reason when it is none.
bool NetAddress(string address,string &why)
  {
   string rest="";
   if(TextStarts(TextLower(address),"wss://"))
     {
      gNetTls=true;
      gNetPort=443;
      rest=StringSubstr(address,6);
     }
   else
      if(TextStarts(TextLower(address),"ws://"))
        {
         gNetTls=false;
         gNetPort=80;
         rest=StringSubstr(address,5);
        }
      else
        {
         why="the server's address must begin with wss:// (or ws:// on this PC): "+address;
         return(false);
        }
   gNetPath="/ea";
   int slash=StringFind(rest,"/");
   if(slash>=0)
     {
      if(StringLen(rest)>slash+1)
         gNetPath=StringSubstr(rest,slash);
      rest=TextHead(rest,slash);
     }
   int colon=StringFind(rest,":");
   if(colon>=0)
     {
      gNetPort=(int)TextToLong(StringSubstr(rest,colon+1));
      rest=TextHead(rest,colon);
     }
   gNetHost=rest;
   why="the server's address is not complete: "+address;
   return(gNetHost!="" && gNetPort>0 && gNetPort<65536);
  }

// Without an address, or with `pipe`, the way is the pipe.
bool NetStart(string address,string pipe,string pin,string &why)
  {
   gNetState=NET_CLOSED;
   gNetPin=TextTrim(pin);
   gNetPipeName=TextTrim(pipe);
   gNetAddress=TextTrim(address);
   gNetPipe=(gNetAddress=="" || TextLower(gNetAddress)=="pipe");
   if(gNetPipe)
     {
      gNetAddress="relay on this PC (pipe "+gNetPipeName+")";
      why="give the server's address, or the name of the relay's pipe";
      return(gNetPipeName!="");
     }
   if(!NetAddress(gNetAddress,why))
      return(false);
#ifndef __MQL5__
   why="MetaTrader 4 reaches the server through `lockstep relay` on this PC: leave the address empty and give the pipe's name";
#ifdef LS_WITH_WS2
   return(!gNetTls && (gNetHost=="127.0.0.1" || TextLower(gNetHost)=="localhost"));
#else
   return(false);
#endif
#else
   return(true);
#endif
  }

bool NetBytesOpen(string &why)
  {
#ifdef __MQL5__
   return(NetSocketOpen(gNetHost,gNetPort,gNetTls,gNetPin,why));
#else
#ifdef LS_WITH_WS2
   return(NetWs2Open(gNetPort,why));
#else
   why="no sockets";
   return(false);
#endif
#endif
  }

int NetBytesRead(uchar &buffer[],int most)
  {
#ifdef __MQL5__
   return(NetSocketRead(buffer,most));
#else
#ifdef LS_WITH_WS2
   return(NetWs2Read(buffer,most));
#else
   return(-1);
#endif
#endif
  }

int NetBytesSend(const uchar &data[],int from,int count)
  {
#ifdef __MQL5__
   return(NetSocketSend(data,from,count));
#else
#ifdef LS_WITH_WS2
   return(NetWs2Send(data,from,count));
#else
   return(-1);
#endif
#endif
  }

void NetBytesClose()
  {
#ifdef __MQL5__
   NetSocketClose();
#else
#ifdef LS_WITH_WS2
   NetWs2Close();
#endif
#endif
  }

void NetDrop(string why,int code)
  {
   if(gNetState!=NET_CLOSED)
     {
      gNetWhy=why;
      gNetCode=code;
     }
   gNetState=NET_CLOSED;
   if(gNetPipe)
      NetPipeEmpty();
   else
      NetBytesClose();
  }

// Blocks for three seconds at most (and a TLS handshake). true = opening.
bool NetOpen()
  {
   string why="";
   bool good=false;
   gNetCode=0;
   gNetWhy="";
   if(gNetPipe)
      good=(gPipe!=INVALID_HANDLE || NetPipeOpen(gNetPipeName,why));
   else
     {
      WsReset();
      gNetEnded=false;
      good=NetBytesOpen(why);
      if(good)
         WsRequest(gNetHost+":"+TextLong(gNetPort),gNetPath);
     }
   if(!good)
     {
      gNetWhy=why;
      return(false);
     }
   gNetState=NET_OPENING;
   return(true);
  }

void NetFlush()
  {
   if(gNetState==NET_CLOSED)
      return;
   if(gNetPipe)
     {
      // Until the last reply is read, no further request; and none is owed without something to say.
      if(NetPipeWaiting()>0 && gPipeInAt>=gPipeInCount)
         NetPipeTurn();
      return;
     }
   int tries=0;
   while(WsWaiting()>0 && tries<64)
     {
      tries++;
      int n=NetBytesSend(gWsOut,gWsOutAt,WsWaiting());
      if(n<0)
        {
         NetDrop("the connection broke while sending",0);
         return;
        }
      if(n==0)
         return;
      WsSent(n);
     }
  }

void NetPipeTurn()
  {
   int state=NetPipeExchange();
   if(state<0)
     {
      NetPipeClose();
      NetDrop("the pipe to the relay broke: was it stopped?",0);
      return;
     }
   if(state==PIPE_OPEN)
      gNetState=NET_OPEN;
   if(state==PIPE_CONNECTING && gNetState==NET_OPEN)
      NetDrop("the relay lost the server",0);
   if(state==PIPE_CLOSED)
     {
      // `closed` is the one message then: it is read by NetTake before the state is told.
      if(gPipeInAt>=gPipeInCount)
         NetDrop("the relay is not connected to the server",0);
     }
  }

void NetReadBytes()
  {
   uchar buffer[];
   for(int i=0; i<NET_READS; i++)
     {
      int n=NetBytesRead(buffer,NET_READ_MOST);
      if(n<0)
         gNetEnded=true;
      if(n<=0)
         return;
      WsFeed(buffer,n);
     }
  }

// Reads what has come.
void NetPump()
  {
   if(gNetState==NET_CLOSED)
      return;
   if(gNetPipe)
     {
      if(gPipeInAt>=gPipeInCount)
         NetPipeTurn();
      return;
     }
   NetReadBytes();
   if(gNetState==NET_OPENING)
     {
      int got=WsUpgrade();
      if(got==1)
         gNetState=NET_OPEN;
      if(got==WS_ERROR)
         NetDrop(gWsWhy,gWsCode);
      if(got==0 && gNetEnded)
         NetDrop("the server closed the connection during the handshake",0);
     }
  }

void NetBroken(int code,string why)
  {
   WsClose(code);
   NetFlush();
   NetDrop(why,code);
  }

// The next message that has come.
bool NetTake(uchar &message[],int &count)
  {
   if(gNetState!=NET_OPEN && !gNetPipe)
      return(false);
   if(gNetState==NET_CLOSED)
      return(false);
   if(gNetPipe)
     {
      int n=NetPipeNext(message,count);
      if(n<0)
        {
         NetPipeClose();
         NetDrop("the relay spoke nonsense",1002);
        }
      return(n==1);
     }
   int got=WsNext(message,count);
   if(got==WS_CLOSED)
     {
      NetFlush();
      NetDrop(gWsWhy,gWsCode);
     }
   if(got==WS_ERROR)
      NetBroken(gWsCode,gWsWhy);
   if(got==WS_NONE && gNetEnded)
      NetDrop("the connection broke",0);
   return(got==WS_MESSAGE);
  }

bool NetPut(string text)
  {
   if(gNetState!=NET_OPEN)
      return(false);
   uchar bytes[];
   int n=TextBytes(text,bytes);
   if(n>LS_FRAME_MAX)
     {
      LogError("a message of "+TextLong(n)+" bytes was not sent");
      return(false);
     }
   if(gNetPipe)
      NetPipePut(bytes,n);
   else
      WsFrame(1,bytes,n);
   return(true);
  }

int NetWaiting()
  {
   if(gNetPipe)
      return(NetPipeWaiting());
   return(WsWaiting());
  }

void NetClose(int code,string why)
  {
   if(gNetState==NET_CLOSED)
      return;
   if(!gNetPipe && gNetState==NET_OPEN)
     {
      WsClose(code);
      NetFlush();
     }
   if(gNetPipe)
      NetPipeClose();
   NetDrop(why,code);
  }

#endif
