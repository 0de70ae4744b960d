// What a code of MT4 (GetLastError) means: the outcome it stands for and its words. One row for each row of mt4-errors.tsv; what has no row is unknown,
// and so is a row whose code says nothing about a trade request.
#ifndef LOCKSTEP_CODES4_MQH
#define LOCKSTEP_CODES4_MQH

#include "Types.mqh"

int Code4Outcome(int code)
  {
   switch(code)
     {
      case 0:
         return(LS_DONE);
      case 3:
      case 4:
      case 5:
      case 7:
      case 8:
      case 9:
      case 64:
      case 65:
      case 129:
      case 130:
      case 131:
      case 132:
      case 133:
      case 134:
      case 135:
      case 136:
      case 137:
      case 138:
      case 140:
      case 141:
      case 144:
      case 145:
      case 146:
      case 147:
      case 148:
      case 149:
      case 150:
      case 4051:
      case 4105:
      case 4106:
      case 4107:
      case 4108:
      case 4109:
      case 4110:
      case 4111:
      case 4112:
      case 4220:
         return(LS_REFUSED);
     }
   return(LS_UNKNOWN);
  }

string Code4Text(int code)
  {
   switch(code)
     {
      case 0:
         return("call succeeded");
      case 1:
         return("server gave no status; typically OrderModify with values equal to the current ones, rarely a server switch during the call");
      case 2:
         return("generic server-side failure, includes a trade server that vanished mid-request");
      case 3:
         return("bad argument: symbol, operation, slippage or a ticket that no longer exists or is closed");
      case 4:
         return("trade server overloaded");
      case 5:
         return("terminal build no longer accepted by the server");
      case 6:
         return("terminal is not connected to the trade server");
      case 7:
         return("account may not do this (investor password or right removed)");
      case 8:
         return("request rate above what the server tolerates");
      case 9:
         return("operation would break the server state");
      case 64:
         return("account is blocked");
      case 65:
         return("account number unknown to the server");
      case 128:
         return("no answer in time; the request may still be executed later");
      case 129:
         return("price not normalised, wrong side, or market moved away");
      case 130:
         return("stop, limit or pending price too close, wrong side or not normalised; can occur with MODE_STOPLEVEL=0 when the level floats");
      case 131:
         return("lots below min, above max or off the step");
      case 132:
         return("no trading session now");
      case 133:
         return("trading disabled for symbol or account (also short daily breaks)");
      case 134:
         return("free margin too small");
      case 135:
         return("quote moved during instant execution");
      case 136:
         return("no usable price: stale feed, session edge, dealer refusal; on delete or close-by it can mean the order is being processed");
      case 137:
         return("dealer queue full; some brokers use it to block automated trading only");
      case 138:
         return("requested price expired, new prices offered");
      case 139:
         return("order already locked and in processing");
      case 140:
         return("only buys permitted on the symbol");
      case 141:
         return("request count limit hit");
      case 142:
         return("order was put in the queue; seen when the link drops mid-request");
      case 143:
         return("order accepted by dealer for processing; same origin as 142");
      case 144:
         return("order discarded by the client side during manual confirmation");
      case 145:
         return("order or its level is inside the freeze distance of the market");
      case 146:
         return("the trade thread is used by another program or a manual action");
      case 147:
         return("broker does not allow expiry on pending orders");
      case 148:
         return("count of open plus pending orders at the broker limit");
      case 149:
         return("opposite order on the symbol while hedging is off");
      case 150:
         return("close breaks the oldest-first rule");
      case 4000:
         return("no runtime error");
      case 4001:
         return("bad function pointer");
      case 4002:
         return("array index outside bounds (critical in strict mode)");
      case 4003:
         return("call stack memory exhausted");
      case 4004:
         return("recursion too deep");
      case 4005:
         return("stack too small for a parameter");
      case 4006:
         return("out of memory for a string argument");
      case 4007:
         return("out of memory for a temporary string");
      case 4008:
         return("string never set");
      case 4009:
         return("string in array never set");
      case 4010:
         return("out of memory for a string array");
      case 4011:
         return("string too long");
      case 4012:
         return("modulo by zero");
      case 4013:
         return("division by zero");
      case 4014:
         return("unknown opcode");
      case 4015:
         return("bad jump");
      case 4016:
         return("array never set");
      case 4017:
         return("DLL imports are off for this program");
      case 4018:
         return("DLL missing, wrong bitness (MT4 needs 32-bit) or missing runtime");
      case 4019:
         return("imported function not found");
      case 4020:
         return("ex4 library imports not allowed");
      case 4021:
         return("out of memory for a returned string");
      case 4022:
         return("system busy (defined, not seen in practice)");
      case 4023:
         return("crash inside a DLL function");
      case 4024:
         return("terminal internal error");
      case 4025:
         return("out of memory");
      case 4026:
         return("object pointer not valid");
      case 4027:
         return("more format specifiers than arguments");
      case 4028:
         return("more arguments than specifiers");
      case 4029:
         return("array object broken");
      case 4030:
         return("chart did not answer");
      case 4050:
         return("wrong argument count");
      case 4051:
         return("argument value rejected by the function before sending");
      case 4052:
         return("string function failure");
      case 4053:
         return("array operation failed");
      case 4054:
         return("series array used wrongly or series not ready");
      case 4055:
         return("custom indicator failed");
      case 4056:
         return("array types differ");
      case 4057:
         return("terminal global variables could not be processed");
      case 4058:
         return("terminal global variable missing (removed 4 weeks after last access)");
      case 4059:
         return("call not available in tester (network, mail, some files)");
      case 4060:
         return("function not permitted in options (for example URL missing from the WebRequest list)");
      case 4061:
         return("mail failed");
      case 4062:
         return("string argument expected");
      case 4063:
         return("integer argument expected");
      case 4064:
         return("double argument expected");
      case 4065:
         return("array argument expected");
      case 4066:
         return("history for the symbol is being downloaded");
      case 4067:
         return("unspecified failure inside a trade function");
      case 4068:
         return("resource missing");
      case 4069:
         return("resource type not supported");
      case 4070:
         return("resource name used twice");
      case 4071:
         return("indicator init failed");
      case 4072:
         return("indicator could not load");
      case 4073:
         return("no history for the request");
      case 4074:
         return("out of memory for history");
      case 4075:
         return("out of memory for an indicator");
      case 4099:
         return("end of file reached");
      case 4100:
         return("generic file error");
      case 4101:
         return("file name not allowed");
      case 4102:
         return("too many open files");
      case 4103:
         return("file cannot be opened (sharing or missing)");
      case 4104:
         return("access mode does not fit");
      case 4105:
         return("order property read without a selected order");
      case 4106:
         return("symbol not known or not in Market Watch");
      case 4107:
         return("price argument rejected locally (not normalised or 0)");
      case 4108:
         return("ticket does not exist (closed, partially closed to a new number, wrong account)");
      case 4109:
         return("automated trading off in the terminal or for the EA");
      case 4110:
         return("EA property forbids long trades");
      case 4111:
         return("EA property forbids short trades");
      case 4112:
         return("broker disabled automated trading for the account");
      case 4200:
         return("chart object exists");
      case 4202:
         return("chart object missing");
      case 4211:
         return("chart missing");
      case 4220:
         return("symbol could not be added to Market Watch");
      case 5001:
         return("too many open files");
      case 5002:
         return("bad file name");
      case 5003:
         return("file name too long");
      case 5004:
         return("cannot open file");
      case 5005:
         return("text buffer allocation failed");
      case 5006:
         return("cannot delete file");
      case 5007:
         return("handle closed or never opened");
      case 5008:
         return("handle not in table");
      case 5009:
         return("opened without write flag");
      case 5010:
         return("opened without read flag");
      case 5011:
         return("binary flag missing");
      case 5012:
         return("text flag missing");
      case 5013:
         return("text or csv flag missing");
      case 5014:
         return("csv flag missing");
      case 5015:
         return("read failed");
      case 5016:
         return("write failed (disk full, pipe broken)");
      case 5017:
         return("string size needed for binary file");
      case 5018:
         return("file kind does not fit the array type");
      case 5019:
         return("it is a folder");
      case 5020:
         return("file missing");
      case 5021:
         return("cannot rewrite");
      case 5022:
         return("bad folder name");
      case 5023:
         return("folder missing");
      case 5024:
         return("not a folder");
      case 5025:
         return("cannot delete folder");
      case 5026:
         return("cannot empty folder");
      case 5027:
         return("array resize failed");
      case 5028:
         return("string resize failed");
      case 5029:
         return("struct holds strings or dynamic arrays");
      case 5200:
         return("URL not valid");
      case 5201:
         return("host not reachable");
      case 5202:
         return("HTTP timeout; the EA thread was blocked for the whole time");
      case 5203:
         return("HTTP failed");
      case 65536:
         return("first user-defined error");
     }
   return("code "+IntegerToString(code));
  }

#endif
