// The exchange form of PROTOCOL.md §1: a named pipe to `lockstep relay` on the same PC, which carries the WebSocket and its TLS. Needs no DLL and no list of
// addresses. Strictly one reply for one request, so a reading that waits for bytes never waits long.
#ifndef LOCKSTEP_NETPIPE_MQH
#define LOCKSTEP_NETPIPE_MQH

#include "Types.mqh"
#include "Text.mqh"

#define PIPE_MOST 1048576
#define PIPE_SEND_MOST 524288
#define PIPE_CONNECTING 0
#define PIPE_OPEN 1
#define PIPE_CLOSED 2

int   gPipe=INVALID_HANDLE;
uchar gPipeOut[];          // u32 for the length of all, then u32 + text each
int   gPipeOutCount=4;
uchar gPipeIn[];
int   gPipeInAt=0;
int   gPipeInCount=0;

// Nothing of a connection that is gone goes into the next one.
void NetPipeEmpty()
  {
   gPipeOutCount=4;
   gPipeInAt=0;
   gPipeInCount=0;
  }

void NetPipeClose()
  {
   if(gPipe!=INVALID_HANDLE)
      FileClose(gPipe);
   gPipe=INVALID_HANDLE;
   NetPipeEmpty();
  }

bool NetPipeOpen(string name,string &why)
  {
   NetPipeClose();
   ResetLastError();
   gPipe=FileOpen("\\\\.\\pipe\\"+name,FILE_READ|FILE_WRITE|FILE_BIN);
   if(gPipe==INVALID_HANDLE)
     {
      why="no pipe \""+name+"\" (error "+TextLong(GetLastError())+"): is `lockstep relay` running on this PC?";
      return(false);
     }
   return(true);
  }

void NetPipeNumber(uchar &data[],int at,int v)
  {
   for(int i=0; i<4; i++)
      data[at+i]=(uchar)((v>>(8*i))&255);
  }

// -1 = not all there, or no length we could mean.
int NetPipeLength(const uchar &data[],int at,int end)
  {
   if(at+4>end || data[at+3]!=0)
      return(-1);
   return((int)data[at]|((int)data[at+1]<<8)|((int)data[at+2]<<16));
  }

int NetPipeWaiting()
  {
   return(gPipeOutCount-4);
  }

void NetPipePut(const uchar &data[],int count)
  {
   int need=gPipeOutCount+4+count;
   if(ArraySize(gPipeOut)<need)
      ArrayResize(gPipeOut,need,65536);
   NetPipeNumber(gPipeOut,gPipeOutCount,count);
   for(int i=0; i<count; i++)
      gPipeOut[gPipeOutCount+4+i]=data[i];
   gPipeOutCount=need;
  }

bool NetPipeRead(uchar &buffer[],int count)
  {
   if(ArraySize(buffer)<count)
      ArrayResize(buffer,count,65536);
   int have=0;
   while(have<count)
     {
      int n=(int)FileReadArray(gPipe,buffer,have,count-have);
      if(n<=0)
         return(false);
      have+=n;
     }
   return(true);
  }

// Whole messages only, as many as one exchange takes; the rest waits for the next.
int NetPipeShare()
  {
   int to=4;
   while(to<gPipeOutCount)
     {
      int n=NetPipeLength(gPipeOut,to,gPipeOutCount);
      if(n<0 || to+4+n>PIPE_SEND_MOST)
         break;
      to+=4+n;
     }
   return(to);
  }

void NetPipeForget(int to)
  {
   int left=gPipeOutCount-to;
   for(int i=0; i<left; i++)
      gPipeOut[4+i]=gPipeOut[to+i];
   gPipeOutCount=4+left;
  }

// One request and its reply. Returns the state of the relay's own connection, -1 = the pipe is broken.
int NetPipeExchange()
  {
   if(gPipe==INVALID_HANDLE)
      return(-1);
   if(ArraySize(gPipeOut)<4)
      ArrayResize(gPipeOut,4,65536);
   int to=NetPipeShare();
   NetPipeNumber(gPipeOut,0,to-4);
   if((int)FileWriteArray(gPipe,gPipeOut,0,to)!=to)
      return(-1);
   FileFlush(gPipe);
   NetPipeForget(to);
   uchar head[];
   if(!NetPipeRead(head,4))
      return(-1);
   int n=NetPipeLength(head,0,4);
   if(n<1 || n>PIPE_MOST || !NetPipeRead(gPipeIn,n))
      return(-1);
   gPipeInAt=1;
   gPipeInCount=n;
   return((int)gPipeIn[0]);
  }

// The next message of the last reply: 1, 0 = no more, -1 = broken.
int NetPipeNext(uchar &message[],int &count)
  {
   if(gPipeInAt>=gPipeInCount)
      return(0);
   int n=NetPipeLength(gPipeIn,gPipeInAt,gPipeInCount);
   if(n<0 || n>LS_FRAME_MAX || gPipeInAt+4+n>gPipeInCount)
      return(-1);
   if(ArraySize(message)<n)
      ArrayResize(message,n,4096);
   for(int i=0; i<n; i++)
      message[i]=gPipeIn[gPipeInAt+4+i];
   gPipeInAt+=4+n;
   count=n;
   return(1);
  }

#endif
