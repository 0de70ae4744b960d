// Tests of the link half for MetaTrader 5: see LinkTests.mqh.
#include <Lockstep/Lockstep.mqh>
#include "LinkTests.mqh"
