// Codes of MetaTrader 4: see Codes.mqh.
#property strict

#include <Lockstep/Lockstep.mqh>
#include "Codes.mqh"

int CodeOutcome(int code)
  {
   return(Code4Outcome(code));
  }

string CodeText(int code)
  {
   return(Code4Text(code));
  }
