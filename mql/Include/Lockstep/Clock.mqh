// Time: a tick counter that never runs back, the server's clock as PROTOCOL.md §2 wants it, and small random numbers.
#ifndef LOCKSTEP_CLOCK_MQH
#define LOCKSTEP_CLOCK_MQH

#include "Types.mqh"

#define CLK_SLOTS 13       // two minutes in slots of ten seconds, and the running one
#define CLK_SLOT_MS 10000

#ifndef __MQL5__
uint gClkLast=0;
long gClkWraps=0;
#endif

long  gClkSlot[CLK_SLOTS];    // number of the ten seconds this slot stands for, +1; 0 = empty
long  gClkAhead[CLK_SLOTS];   // greatest `now - tick` in it
long  gClkUtc=0;              // UTC minus tick as the server last told it, kept when it is silent; 0 = never heard
ulong gClkSeed=0;

// ms, monotonic.
long ClkTick()
  {
#ifdef __MQL5__
   return((long)GetTickCount64());
#else
   // 32 bit, starts again after 49 days.
   uint t=GetTickCount();
   if(t<gClkLast)
      gClkWraps++;
   gClkLast=t;
   return((gClkWraps<<32)+(long)t);
#endif
  }

void ClkReset()
  {
   for(int i=0; i<CLK_SLOTS; i++)
     {
      gClkSlot[i]=0;
      gClkAhead[i]=0;
     }
   gClkUtc=0;
  }

// A `now` of the server has come.
void ClkServer(long now)
  {
   long tick=ClkTick();
   long slot=tick/CLK_SLOT_MS+1;
   int i=(int)(slot%CLK_SLOTS);
   long ahead=now-tick;
   if(gClkSlot[i]!=slot || ahead>gClkAhead[i])
     {
      gClkSlot[i]=slot;
      gClkAhead[i]=ahead;
     }
   gClkUtc=ClkServerNow()-tick;
  }

// Server's UTC ms; 0 = nothing heard for two minutes. The greatest difference is the one that waited least on its way.
long ClkServerNow()
  {
   long tick=ClkTick();
   long slot=tick/CLK_SLOT_MS+1;
   bool known=false;
   long ahead=0;
   for(int i=0; i<CLK_SLOTS; i++)
     {
      if(gClkSlot[i]==0 || gClkSlot[i]<=slot-CLK_SLOTS)
         continue;
      if(!known || gClkAhead[i]>ahead)
         ahead=gClkAhead[i];
      known=true;
     }
   if(!known)
      return(0);
   return(ahead+tick);
  }

// UTC ms as well as it is known: by the server's clock since it was heard once, by the PC's before. People set PCs wrong.
long ClkUtc()
  {
   if(gClkUtc==0)
      return(ClkPcNow());
   return(gClkUtc+ClkTick());
  }

// The PC's clock, UTC ms: for letting go of old files' lines.
long ClkPcNow()
  {
   return((long)TimeGMT()*1000);
  }

void ClkSeed(ulong seed)
  {
   gClkSeed=seed^((ulong)ClkTick()<<20)^(ulong)TimeLocal();
   if(gClkSeed==0)
      gClkSeed=0x9E3779B97F4A7C15;
  }

// For jitter, frame masks and the terminal's number: nothing of it is a secret.
ulong ClkRandom()
  {
   if(gClkSeed==0)
      ClkSeed(1);
   gClkSeed^=gClkSeed<<13;
   gClkSeed^=gClkSeed>>7;
   gClkSeed^=gClkSeed<<17;
   return(gClkSeed);
  }

#endif
