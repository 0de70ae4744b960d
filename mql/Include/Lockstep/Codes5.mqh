// What a code of MT5 (retcode of a trade request, GetLastError) means: the outcome it stands for and its words. One row for each row of mt5-retcodes.tsv; what has no row is unknown,
// and so is a row whose code says nothing about a trade request.
#ifndef LOCKSTEP_CODES5_MQH
#define LOCKSTEP_CODES5_MQH

#include "Types.mqh"

int Code5Outcome(int code)
  {
   switch(code)
     {
      case 10009:
      case 10010:
      case 10025:
         return(LS_DONE);
      case 10004:
      case 10006:
      case 10007:
      case 10013:
      case 10014:
      case 10015:
      case 10016:
      case 10017:
      case 10018:
      case 10019:
      case 10020:
      case 10021:
      case 10022:
      case 10023:
      case 10024:
      case 10026:
      case 10027:
      case 10029:
      case 10030:
      case 10032:
      case 10033:
      case 10034:
      case 10035:
      case 10036:
      case 10038:
      case 10040:
      case 10041:
      case 10042:
      case 10043:
      case 10044:
      case 10045:
      case 10046:
      case 4301:
      case 4302:
      case 4752:
      case 4753:
      case 4754:
      case 4756:
         return(LS_REFUSED);
     }
   return(LS_UNKNOWN);
  }

string Code5Text(int code)
  {
   switch(code)
     {
      case 0:
         return("no error; OrderCheck returns 0 for a valid request");
      case 10004:
         return("price expired in instant/request execution; bid and ask of the offer are in the result");
      case 10006:
         return("dealer or liquidity provider refused");
      case 10007:
         return("request cancelled by the trader");
      case 10008:
         return("order placed; for OrderSendAsync only means sent");
      case 10009:
         return("request completed");
      case 10010:
         return("only part of the volume was filled");
      case 10011:
         return("request processing error");
      case 10012:
         return("cancelled by timeout; may still arrive");
      case 10013:
         return("request structure not acceptable");
      case 10014:
         return("volume off min/max/step");
      case 10015:
         return("price wrong side or not a multiple of tick size");
      case 10016:
         return("SL/TP/pending price too close or on the wrong side");
      case 10017:
         return("trading disabled (account or symbol)");
      case 10018:
         return("session closed");
      case 10019:
         return("margin not sufficient");
      case 10020:
         return("prices changed");
      case 10021:
         return("no quotes to fill the request");
      case 10022:
         return("expiry not allowed or in the past (server time)");
      case 10023:
         return("order state changed meanwhile");
      case 10024:
         return("too frequent");
      case 10025:
         return("request equals current state");
      case 10026:
         return("broker forbids automated trading");
      case 10027:
         return("Algo Trading button or EA permission is off");
      case 10028:
         return("request locked for processing");
      case 10029:
         return("order or position inside the freeze level");
      case 10030:
         return("filling mode not allowed for symbol/execution mode");
      case 10031:
         return("terminal has no link to the trade server");
      case 10032:
         return("allowed on live accounts only");
      case 10033:
         return("pending order count limit (ACCOUNT_LIMIT_ORDERS)");
      case 10034:
         return("volume limit of orders and positions on the symbol (SYMBOL_VOLUME_LIMIT)");
      case 10035:
         return("order type wrong or forbidden (SYMBOL_ORDER_MODE)");
      case 10036:
         return("position already closed");
      case 10038:
         return("close volume larger than the position");
      case 10039:
         return("a close order for the position already exists");
      case 10040:
         return("open position count limit (on hedging pending orders count too)");
      case 10041:
         return("activation of the pending order refused, order cancelled");
      case 10042:
         return("symbol is long only");
      case 10043:
         return("symbol is short only");
      case 10044:
         return("symbol is close only");
      case 10045:
         return("account flag demands oldest-first closing");
      case 10046:
         return("opposite position not allowed on this hedging account");
      case 4001:
         return("terminal internal error");
      case 4002:
         return("wrong parameter in an inner call");
      case 4003:
         return("wrong parameter in a system call");
      case 4004:
         return("out of memory");
      case 4006:
         return("array wrong type/size");
      case 4007:
         return("resize failed or static array");
      case 4009:
         return("string never set");
      case 4012:
         return("pointer not valid");
      case 4014:
         return("function not allowed here: sockets in indicators, or address missing from the allowed list");
      case 4022:
         return("program asked to stop");
      case 4024:
         return("handle not valid");
      case 4108:
         return("timer not created");
      case 4301:
         return("symbol unknown");
      case 4302:
         return("symbol not in Market Watch");
      case 4303:
         return("wrong symbol property id");
      case 4304:
         return("no ticks yet");
      case 4305:
         return("could not add/remove symbol");
      case 4306:
         return("Market Watch symbol limit");
      case 4307:
         return("session index does not exist");
      case 4401:
         return("history not found");
      case 4402:
         return("wrong history property id");
      case 4403:
         return("history request timeout");
      case 4404:
         return("bars limited by terminal setting");
      case 4405:
         return("repeated load errors");
      case 4407:
         return("receiving array too small");
      case 4501:
         return("terminal global variable missing");
      case 4503:
         return("global variable not changed");
      case 4504:
         return("cannot read global variable file");
      case 4505:
         return("cannot write global variable file");
      case 4701:
         return("wrong account property id");
      case 4751:
         return("wrong trade property id");
      case 4752:
         return("trading by EAs prohibited");
      case 4753:
         return("position not found");
      case 4754:
         return("order not found");
      case 4755:
         return("deal not found in the selected history");
      case 4756:
         return("OrderSend returned false; the reason is in result.retcode");
      case 4758:
         return("profit/margin calculation failed");
      case 4901:
         return("market depth subscription failed");
      case 4904:
         return("market depth subscribe error");
      case 5001:
         return("more than 64 files open");
      case 5002:
         return("bad file name");
      case 5003:
         return("file name too long");
      case 5004:
         return("cannot open file or pipe");
      case 5006:
         return("cannot delete");
      case 5007:
         return("handle closed");
      case 5008:
         return("wrong handle");
      case 5015:
         return("read error");
      case 5019:
         return("file missing");
      case 5020:
         return("cannot rewrite");
      case 5022:
         return("folder missing");
      case 5026:
         return("write error");
      case 5035:
         return("string shorter than expected");
      case 5040:
         return("damaged string parameter");
      case 5050:
         return("array types differ");
      case 5052:
         return("start position outside array");
      case 5120:
         return("SQLite internal error");
      case 5123:
         return("cannot open SQLite file");
      case 5126:
         return("no more rows");
      case 5200:
         return("URL not valid");
      case 5201:
         return("host not reachable");
      case 5202:
         return("HTTP timeout (EA blocked meanwhile)");
      case 5203:
         return("HTTP failed");
      case 5270:
         return("socket handle not valid");
      case 5271:
         return("128 sockets already open in this program");
      case 5272:
         return("connect failed (down, DNS, firewall)");
      case 5273:
         return("send/receive failed; the connection is gone, the buffer may still hold bytes read before");
      case 5274:
         return("TLS handshake failed (protocol, name, untrusted root)");
      case 5275:
         return("no certificate data: link is not TLS");
      case 5601:
         return("generic SQLite error");
      case 5605:
         return("SQLite file locked");
      case 5611:
         return("SQLite file corrupt");
      case 5613:
         return("disk full");
      case 65536:
         return("first user-defined error");
     }
   return("code "+IntegerToString(code));
  }

#endif
