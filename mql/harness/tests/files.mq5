#property copyright "Lockstep"
#include "files.mqh"
