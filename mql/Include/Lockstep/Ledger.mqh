// What became of each command: id, state, answer. `begin` is on disk before the broker is called, `end` right after, so that no command is ever carried out twice, and one
// that was cut off by a kill is known as such.
//   B <time> <id>            begun
//   E <time> <id> <answer>   ended; the answer without its event number
#ifndef LOCKSTEP_LEDGER_MQH
#define LOCKSTEP_LEDGER_MQH

#include "Types.mqh"
#include "Text.mqh"
#include "Clock.mqh"
#include "Log.mqh"
#include "Files.mqh"

#define LEDGER_FILE "ledger.log"
#define LEDGER_KEEP 1000
#define LEDGER_KEEP_MS 172800000
#define LEDGER_MOST 20000

struct LsLedgerEntry
  {
   string            id;
   long              time;    // PC's UTC, ms: for letting go only
   bool              ours;    // begun since this start; otherwise a kill lies between
   string            answer;  // "" = no result
  };

LsLedgerEntry gLedger[];
int           gLedgerCount=0;
int           gLedgerLines=0;
int           gLedgerFile=-1;

int LedgerFind(string id)
  {
   for(int i=gLedgerCount-1; i>=0; i--)
      if(gLedger[i].id==id)
         return(i);
   return(-1);
  }

int LedgerPut(string id,long time,bool ours)
  {
   int i=LedgerFind(id);
   if(i<0)
     {
      i=gLedgerCount;
      ArrayResize(gLedger,i+1,1024);
      gLedgerCount++;
      gLedger[i].id=id;
      gLedger[i].answer="";
     }
   gLedger[i].time=time;
   gLedger[i].ours=ours;
   return(i);
  }

void LedgerLine(string line)
  {
   string rest="";
   string kind=TextWord(line,rest);
   long time=TextToLong(TextWord(rest,rest));
   string id=TextWord(rest,rest);
   if(time<0 || id=="" || (kind!="B" && kind!="E"))
      return;
   int i=LedgerPut(id,time,false);
   if(kind=="E")
      gLedger[i].answer=rest;
  }

bool LedgerOpen()
  {
   string lines[];
   int count=FsRead(LEDGER_FILE,lines);
   gLedgerCount=0;
   ArrayResize(gLedger,0,1024);
   for(int i=0; i<count; i++)
      LedgerLine(lines[i]);
   gLedgerLines=count;
   gLedgerFile=FsOpen(LEDGER_FILE);
   return(gLedgerFile>=0);
  }

void LedgerClose()
  {
   FsClose(gLedgerFile);
   gLedgerFile=-1;
  }

string LedgerBeginLine(int i)
  {
   return("B "+TextLong(gLedger[i].time)+" "+gLedger[i].id);
  }

string LedgerEndLine(int i)
  {
   return("E "+TextLong(gLedger[i].time)+" "+gLedger[i].id+" "+gLedger[i].answer);
  }

// The last thousand, and whatever is younger than two days.
void LedgerForget()
  {
   int drop=0;
   long old=ClkPcNow()-LEDGER_KEEP_MS;
   while(gLedgerCount-drop>LEDGER_KEEP && (gLedger[drop].time<old || gLedgerCount-drop>LEDGER_MOST))
      drop++;
   if(drop==0)
      return;
   for(int i=drop; i<gLedgerCount; i++)
      gLedger[i-drop]=gLedger[i];
   gLedgerCount-=drop;
   ArrayResize(gLedger,gLedgerCount,1024);
  }

// The file is written anew when most of its lines say nothing any more. An old file that stays is no harm.
void LedgerCompact()
  {
   if(gLedgerLines<4*LEDGER_KEEP || gLedgerLines<4*gLedgerCount)
      return;
   LedgerForget();
   string lines[];
   ArrayResize(lines,gLedgerCount);
   for(int i=0; i<gLedgerCount; i++)
     {
      lines[i]=LedgerEndLine(i);
      if(gLedger[i].answer=="")
         lines[i]=LedgerBeginLine(i);
     }
   LedgerClose();
   FsWrite(LEDGER_FILE,lines,gLedgerCount);
   gLedgerLines=gLedgerCount;
   gLedgerFile=FsOpen(LEDGER_FILE);
  }

// false: it is not surely on disk, and the command must not be carried out.
bool LedgerBegin(const LsCommand &c)
  {
   LedgerCompact();
   long time=ClkPcNow();
   if(!FsAdd(gLedgerFile,"B "+TextLong(time)+" "+c.id))
      return(false);
   gLedgerLines++;
   LedgerPut(c.id,time,true);
   return(true);
  }

bool LedgerEnd(string id,string answer)
  {
   int i=LedgerPut(id,ClkPcNow(),true);
   gLedger[i].answer=answer;
   gLedgerLines++;
   return(FsAdd(gLedgerFile,LedgerEndLine(i)));
  }

#endif
