// Numbered events: on disk before they are sent, kept until the server has them. All kept ones stand in memory too; the file is read at start only.
//   N <n>          numbers go on behind n; acknowledged up to there unless an A follows
//   E <n> <text>   event n, the whole message
//   A <n>          acknowledged up to n
#ifndef LOCKSTEP_OUTBOX_MQH
#define LOCKSTEP_OUTBOX_MQH

#include "Types.mqh"
#include "Text.mqh"
#include "Log.mqh"
#include "Files.mqh"

#define OUTBOX_FILE "outbox.log"
#define OUTBOX_EVENTS 20000
#define OUTBOX_BYTES 16777216
#define OUTBOX_WASTE 1048576

string gBox[];              // from gBoxHead on: events gBoxFirst … gBoxLast
int    gBoxHead=0;
long   gBoxFirst=1;
long   gBoxLast=0;
long   gBoxAcked=0;
int    gBoxBytes=0;         // of the kept ones
int    gBoxFileBytes=0;
int    gBoxFile=-1;

int OutboxCount()
  {
   return((int)(gBoxLast-gBoxFirst+1));
  }

string OutboxText(long n)
  {
   if(n<gBoxFirst || n>gBoxLast)
      return("");
   return(gBox[gBoxHead+(int)(n-gBoxFirst)]);
  }

// Lets go of everything up to n.
void OutboxDrop(long n)
  {
   while(gBoxFirst<=n && gBoxFirst<=gBoxLast)
     {
      gBoxBytes-=StringLen(gBox[gBoxHead]);
      gBox[gBoxHead]="";
      gBoxHead++;
      gBoxFirst++;
     }
   if(gBoxHead<1024 || gBoxHead<OutboxCount())
      return;
   int left=OutboxCount();
   for(int i=0; i<left; i++)
      gBox[i]=gBox[gBoxHead+i];
   gBoxHead=0;
   ArrayResize(gBox,left,1024);
  }

void OutboxKeep(long n,string text)
  {
   int i=gBoxHead+OutboxCount();
   if(ArraySize(gBox)<=i)
      ArrayResize(gBox,i+1,1024);
   gBox[i]=text;
   gBoxLast=n;
   gBoxBytes+=StringLen(text);
   while(OutboxCount()>OUTBOX_EVENTS || gBoxBytes>OUTBOX_BYTES)
      OutboxDrop(gBoxFirst);
  }

// Empty, and the next event is n+1.
void OutboxJump(long n)
  {
   OutboxDrop(gBoxLast);
   gBoxFirst=n+1;
   gBoxLast=n;
  }

void OutboxLine(string line)
  {
   string rest="";
   string kind=TextWord(line,rest);
   long n=TextToLong(TextWord(rest,rest));
   if(n<0)
      return;
   if(kind=="A" && n<=gBoxLast)
     {
      gBoxAcked=n;
      OutboxDrop(n);
     }
   if(kind=="N" && n>gBoxLast)
     {
      OutboxJump(n);
      gBoxAcked=n;
     }
   if(kind!="E" || n<=gBoxLast)
      return;
   // A damaged line tears a hole: what lies before it cannot be told in order any more, and `first` says so.
   if(n!=gBoxLast+1)
      OutboxJump(n-1);
   OutboxKeep(n,rest);
  }

bool OutboxOpen()
  {
   string lines[];
   int count=FsRead(OUTBOX_FILE,lines);
   ArrayResize(gBox,0,1024);
   gBoxHead=0;
   gBoxFirst=1;
   gBoxLast=0;
   gBoxAcked=0;
   gBoxBytes=0;
   gBoxFileBytes=0;
   for(int i=0; i<count; i++)
     {
      gBoxFileBytes+=StringLen(lines[i])+10;
      OutboxLine(lines[i]);
     }
   gBoxFile=FsOpen(OUTBOX_FILE);
   return(gBoxFile>=0);
  }

void OutboxClose()
  {
   FsClose(gBoxFile);
   gBoxFile=-1;
  }

void OutboxCompact()
  {
   if(gBoxFileBytes<OUTBOX_WASTE || gBoxFileBytes<2*gBoxBytes)
      return;
   int kept=OutboxCount();
   string lines[];
   ArrayResize(lines,kept+2);
   lines[0]="N "+TextLong(gBoxFirst-1);
   lines[1]="A "+TextLong(gBoxAcked);
   gBoxFileBytes=0;
   for(int i=0; i<kept; i++)
     {
      lines[i+2]="E "+TextLong(gBoxFirst+i)+" "+gBox[gBoxHead+i];
      gBoxFileBytes+=StringLen(lines[i+2])+10;
     }
   OutboxClose();
   FsWrite(OUTBOX_FILE,lines,kept+2);
   gBoxFile=FsOpen(OUTBOX_FILE);
  }

bool OutboxWrite(string line)
  {
   OutboxCompact();
   gBoxFileBytes+=StringLen(line)+10;
   return(FsAdd(gBoxFile,line));
  }

// A new event: `{"t":"<type>","n":<n>,` + tail. Returns its number; 0 = the disk did not take it, and it must not be sent.
long OutboxAdd(string type,string tail)
  {
   long n=gBoxLast+1;
   string text="{\"t\":\""+type+"\",\"n\":"+TextLong(n)+","+tail;
   if(!OutboxWrite("E "+TextLong(n)+" "+text))
      return(0);
   OutboxKeep(n,text);
   return(n);
  }

// Durable at the server up to n. Not flushed: if it gets lost, the server says so again.
void OutboxAck(long n)
  {
   if(n<=gBoxAcked || n>gBoxLast)
      return;
   gBoxAcked=n;
   OutboxDrop(n);
   gBoxFileBytes+=32;
   FsAddLazy(gBoxFile,"A "+TextLong(n));
  }

// The server counts from `resume`. It may know of more than these files do (an old copy was put back): no number is given twice.
void OutboxResume(long resume)
  {
   if(resume-1>gBoxLast)
     {
      if(!OutboxWrite("N "+TextLong(resume-1)))
         return;
      OutboxJump(resume-1);
      gBoxAcked=resume-1;
     }
   OutboxAck(resume-1);
  }

// Number of a kept event that answers this command; 0 = none.
long OutboxAnswer(string id)
  {
   string mark="\"id\":"+TextQuote(id)+",";
   for(long n=gBoxLast; n>=gBoxFirst; n--)
     {
      string text=OutboxText(n);
      if(TextStarts(text,"{\"t\":\"answer\"") && StringFind(text,mark)>0)
         return(n);
     }
   return(0);
  }

#endif
