// The Experts log, and a short queue of warnings for the server's log. No line ever carries the key.
#ifndef LOCKSTEP_LOG_MQH
#define LOCKSTEP_LOG_MQH

#include "Types.mqh"
#include "Text.mqh"
#include "Clock.mqh"

#define LOG_QUEUE 10          // also the most that may be sent in a minute
#define LOG_REPEAT_MS 60000

string gLogLevel[LOG_QUEUE];
string gLogText[LOG_QUEUE];
int    gLogCount=0;
string gLogLast="";
long   gLogLastTick=0;

void LogQueue(string level,string text)
  {
   if(gLogCount>=LOG_QUEUE)
      return;
   gLogLevel[gLogCount]=level;
   gLogText[gLogCount]=TextCut(text,200);
   gLogCount++;
  }

// The same line is written once a minute, or a night offline would fill the disk.
bool LogFresh(string text)
  {
   long now=ClkTick();
   if(text==gLogLast && now-gLogLastTick<LOG_REPEAT_MS)
      return(false);
   gLogLast=text;
   gLogLastTick=now;
   return(true);
  }

void LogInfo(string text)
  {
   if(LogFresh(text))
      Print("Lockstep: ",text);
  }

void LogWarn(string text)
  {
   if(!LogFresh(text))
      return;
   Print("Lockstep warning: ",text);
   LogQueue("warn",text);
  }

void LogError(string text)
  {
   if(!LogFresh(text))
      return;
   Print("Lockstep ERROR: ",text);
   LogQueue("error",text);
  }

bool LogTake(string &level,string &text)
  {
   if(gLogCount==0)
      return(false);
   level=gLogLevel[0];
   text=gLogText[0];
   for(int i=1; i<gLogCount; i++)
     {
      gLogLevel[i-1]=gLogLevel[i];
      gLogText[i-1]=gLogText[i];
     }
   gLogCount--;
   return(true);
  }

// For the person at the terminal: a box on the screen, and the phone if it is set up.
void LogAlert(string text,bool push)
  {
   Alert("Lockstep: ",text);
   if(push)
      SendNotification(TextCut("Lockstep: "+text,250));
  }

#endif
