#property strict
#include "files.mqh"
