// Tests of the link half for MetaTrader 4: see LinkTests.mqh.
#property strict

#include <Lockstep/Lockstep.mqh>
#include "LinkTests.mqh"
