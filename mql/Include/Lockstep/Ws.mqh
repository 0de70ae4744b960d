// RFC 6455, the client's side, over bytes that somebody else carries: handshake, frames, masking, ping, pong and close. No network in here.
// gWsIn: what has come and is not understood yet. gWsOut: what waits to be sent.
#ifndef LOCKSTEP_WS_MQH
#define LOCKSTEP_WS_MQH

#include "Types.mqh"
#include "Text.mqh"
#include "Clock.mqh"
#include "Sha1.mqh"

#define WS_PROTOCOL "lockstep.ea.1"
#define WS_GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
#define WS_HEAD_MAX 8192
#define WS_NONE 0
#define WS_MESSAGE 1
#define WS_CLOSED 8
#define WS_ERROR -1

uchar  gWsIn[];
int    gWsInAt=0;
int    gWsInCount=0;
uchar  gWsOut[];
int    gWsOutAt=0;
int    gWsOutCount=0;
uchar  gWsParts[];          // a fragmented message so far
int    gWsPartsCount=0;
bool   gWsPartsOpen=false;
string gWsAccept="";
int    gWsCode=0;           // close code, theirs or ours
string gWsWhy="";

void WsReset()
  {
   gWsInAt=0;
   gWsInCount=0;
   gWsOutAt=0;
   gWsOutCount=0;
   gWsPartsCount=0;
   gWsPartsOpen=false;
   gWsAccept="";
   gWsCode=0;
   gWsWhy="";
  }

int WsFail(int code,string why)
  {
   gWsCode=code;
   gWsWhy=why;
   return(WS_ERROR);
  }

void WsOutByte(int v)
  {
   if(ArraySize(gWsOut)<=gWsOutCount)
      ArrayResize(gWsOut,gWsOutCount+1,65536);
   gWsOut[gWsOutCount]=(uchar)(v&255);
   gWsOutCount++;
  }

void WsOutAscii(string s)
  {
   int n=StringLen(s);
   for(int i=0; i<n; i++)
      WsOutByte((int)StringGetCharacter(s,i));
  }

int WsWaiting()
  {
   return(gWsOutCount-gWsOutAt);
  }

void WsSent(int count)
  {
   gWsOutAt+=count;
   if(gWsOutAt>=gWsOutCount)
     {
      gWsOutAt=0;
      gWsOutCount=0;
     }
  }

// What was read already goes to the front, so that the buffer does not grow with the day.
void WsInShift()
  {
   if(gWsInAt==0)
      return;
   int left=gWsInCount-gWsInAt;
   for(int i=0; i<left; i++)
      gWsIn[i]=gWsIn[gWsInAt+i];
   gWsInAt=0;
   gWsInCount=left;
  }

void WsFeed(const uchar &data[],int count)
  {
   if(gWsInAt==gWsInCount || gWsInAt>LS_FRAME_MAX)
      WsInShift();
   if(ArraySize(gWsIn)<gWsInCount+count)
      ArrayResize(gWsIn,gWsInCount+count,LS_FRAME_MAX);
   for(int i=0; i<count; i++)
      gWsIn[gWsInCount+i]=data[i];
   gWsInCount+=count;
  }

string WsNewKey()
  {
   uchar bytes[];
   ArrayResize(bytes,16);
   ulong a=ClkRandom();
   ulong b=ClkRandom();
   for(int i=0; i<8; i++)
     {
      bytes[i]=(uchar)((a>>(8*i))&255);
      bytes[8+i]=(uchar)((b>>(8*i))&255);
     }
   return(Base64(bytes,16));
  }

string WsAcceptOf(string key)
  {
   uchar bytes[];
   uchar digest[];
   int n=TextBytes(key+WS_GUID,bytes);
   Sha1(bytes,n,digest);
   return(Base64(digest,20));
  }

void WsRequest(string host,string path)
  {
   string key=WsNewKey();
   gWsAccept=WsAcceptOf(key);
   WsOutAscii("GET "+path+" HTTP/1.1\r\nHost: "+host+"\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: "+key+
              "\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: "+WS_PROTOCOL+"\r\nUser-Agent: Lockstep-EA/"+LS_EA_VERSION+"\r\n\r\n");
  }

// Index behind the empty line that ends the head; -1 = not all there.
int WsHeadEnd()
  {
   for(int i=gWsInAt; i+3<gWsInCount; i++)
      if(gWsIn[i]=='\r' && gWsIn[i+1]=='\n' && gWsIn[i+2]=='\r' && gWsIn[i+3]=='\n')
         return(i+4);
   return(-1);
  }

bool WsHeaders(string &lines[],int count,string &why)
  {
   bool upgrade=false;
   bool connection=false;
   bool accept=false;
   bool protocol=false;
   for(int i=1; i<count; i++)
     {
      int colon=StringFind(lines[i],":");
      if(colon<1)
         continue;
      string name=TextLower(TextHead(lines[i],colon));
      string value=TextTrim(StringSubstr(lines[i],colon+1));
      if(name=="upgrade")
         upgrade=(TextLower(value)=="websocket");
      if(name=="connection")
         connection=(StringFind(TextLower(value),"upgrade")>=0);
      if(name=="sec-websocket-accept")
         accept=(value==gWsAccept);
      if(name=="sec-websocket-protocol")
         protocol=(value==WS_PROTOCOL);
      if(name=="sec-websocket-extensions" && value!="")
        {
         why="the server wants an extension nobody asked for";
         return(false);
        }
     }
   if(!upgrade || !connection || !accept)
      why="the answer is not that of a WebSocket server";
   else
      if(!protocol)
         why="the server does not speak "+WS_PROTOCOL+": does the address end in /ea?";
   return(upgrade && connection && accept && protocol);
  }

// The answer to WsRequest: 0 = not all there yet, 1 = upgraded, WS_ERROR = refused.
int WsUpgrade()
  {
   int end=WsHeadEnd();
   if(end<0)
     {
      if(gWsInCount-gWsInAt>WS_HEAD_MAX)
         return(WsFail(1002,"the answer to the handshake is too long"));
      return(0);
     }
   string head=TextFromBytes(gWsIn,gWsInAt,end-gWsInAt);
   gWsInAt=end;
   StringReplace(head,"\r","");
   string lines[];
   int count=StringSplit(head,'\n',lines);
   if(count<1 || !TextStarts(lines[0],"HTTP/1.1 101"))
     {
      string status="";
      if(count>0)
         status=TextCut(TextAscii(lines[0]),80);
      return(WsFail(1002,"the server answered \""+status+"\""));
     }
   string why="";
   if(!WsHeaders(lines,count,why))
      return(WsFail(1002,why));
   return(1);
  }

void WsFrame(int opcode,const uchar &data[],int count)
  {
   uint mask=(uint)(ClkRandom()&0xFFFFFFFF);
   int need=gWsOutCount+count+14;
   if(ArraySize(gWsOut)<need)
      ArrayResize(gWsOut,need,65536);
   WsOutByte(0x80|opcode);
   if(count<126)
      WsOutByte(0x80|count);
   else
      if(count<65536)
        {
         WsOutByte(0x80|126);
         WsOutByte(count>>8);
         WsOutByte(count);
        }
      else
        {
         WsOutByte(0x80|127);
         for(int i=7; i>=0; i--)
            WsOutByte((int)(((ulong)count>>(8*i))&255));
        }
   for(int i=0; i<4; i++)
      WsOutByte((int)((mask>>(8*i))&255));
   for(int i=0; i<count; i++)
     {
      gWsOut[gWsOutCount]=(uchar)((uint)data[i]^((mask>>(8*(i&3)))&255));
      gWsOutCount++;
     }
  }

void WsClose(int code)
  {
   uchar body[];
   ArrayResize(body,2);
   body[0]=(uchar)(code>>8);
   body[1]=(uchar)(code&255);
   WsFrame(8,body,2);
  }

// Head of the frame at gWsInAt: bytes of the head, 0 = not all there, WS_ERROR = broken.
int WsHead(int &opcode,bool &last,int &length)
  {
   int have=gWsInCount-gWsInAt;
   if(have<2)
      return(0);
   int first=(int)gWsIn[gWsInAt];
   int second=(int)gWsIn[gWsInAt+1];
   opcode=first&15;
   last=((first&0x80)!=0);
   if((first&0x70)!=0 || (second&0x80)!=0)
      return(WsFail(1002,"a broken frame"));
   int extra=0;
   length=second&127;
   if(length==126)
      extra=2;
   if(length==127)
      extra=8;
   if(have<2+extra)
      return(0);
   ulong size=(ulong)length;
   if(extra>0)
      size=0;
   for(int i=0; i<extra; i++)
      size=(size<<8)|(ulong)gWsIn[gWsInAt+2+i];
   if(size>LS_FRAME_MAX)
      return(WsFail(1009,"a message too large"));
   length=(int)size;
   if(opcode>=8 && (!last || length>125))
      return(WsFail(1002,"a broken control frame"));
   return(2+extra);
  }

int WsTheirClose(int from,int length)
  {
   gWsCode=1005;
   gWsWhy="the server closed the connection";
   if(length>=2)
     {
      gWsCode=(int)gWsIn[from]*256+(int)gWsIn[from+1];
      if(length>2)
         gWsWhy=TextAscii(TextFromBytes(gWsIn,from+2,length-2));
     }
   return(WS_CLOSED);
  }

int WsData(int opcode,bool last,int from,int length,uchar &message[],int &count)
  {
   if(opcode==2)
      return(WsFail(1003,"a binary message"));
   if((opcode==1 && gWsPartsOpen) || (opcode==0 && !gWsPartsOpen) || opcode>2)
      return(WsFail(1002,"a frame out of order"));
   if(opcode==1)
      gWsPartsCount=0;
   if(gWsPartsCount+length>LS_FRAME_MAX)
      return(WsFail(1009,"a message too large"));
   if(ArraySize(gWsParts)<gWsPartsCount+length)
      ArrayResize(gWsParts,gWsPartsCount+length,4096);
   for(int i=0; i<length; i++)
      gWsParts[gWsPartsCount+i]=gWsIn[from+i];
   gWsPartsCount+=length;
   gWsPartsOpen=!last;
   if(!last)
      return(WS_NONE);
   if(ArraySize(message)<gWsPartsCount)
      ArrayResize(message,gWsPartsCount,4096);
   for(int i=0; i<gWsPartsCount; i++)
      message[i]=gWsParts[i];
   count=gWsPartsCount;
   return(WS_MESSAGE);
  }

void WsPong(int from,int length)
  {
   uchar body[];
   ArrayResize(body,length+1);
   for(int i=0; i<length; i++)
      body[i]=gWsIn[from+i];
   WsFrame(10,body,length);
  }

// The next whole message: WS_MESSAGE, WS_NONE, WS_CLOSED, or WS_ERROR with gWsCode and gWsWhy. Pings are answered on the way.
int WsNext(uchar &message[],int &count)
  {
   int opcode=0;
   int length=0;
   bool last=false;
   while(gWsInAt<gWsInCount)
     {
      int head=WsHead(opcode,last,length);
      if(head<0)
         return(WS_ERROR);
      if(head==0 || gWsInCount-gWsInAt<head+length)
         return(WS_NONE);
      int from=gWsInAt+head;
      gWsInAt=from+length;
      if(opcode==8)
         return(WsTheirClose(from,length));
      if(opcode==9)
         WsPong(from,length);
      if(opcode>=9 && opcode<=10)
         continue;
      int got=WsData(opcode,last,from,length,message,count);
      if(got!=WS_NONE)
         return(got);
     }
   return(WS_NONE);
  }

#endif
