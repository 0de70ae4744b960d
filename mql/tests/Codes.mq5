// Codes of MetaTrader 5: see Codes.mqh.
#include <Lockstep/Lockstep.mqh>
#include "Codes.mqh"

int CodeOutcome(int code)
  {
   return(Code5Outcome(code));
  }

string CodeText(int code)
  {
   return(Code5Text(code));
  }
