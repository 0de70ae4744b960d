// What the two halves of the Expert Advisor say to each other. Above: the link (protocol, files, network), the same on both platforms. Below: the platform
// (account, books, trade calls), one file each. Field meanings and units: contracts/ea/PROTOCOL.md.
// Names: Acc* Sym* Book* Tr* Hist* are the platform's; Fs* files, Clk* time, Net* transports; everything else is pure logic.
#ifndef LOCKSTEP_TYPES_MQH
#define LOCKSTEP_TYPES_MQH

#define LS_EA_VERSION "1.1.0"
#define LS_PROTOCOL 1
#define LS_MAGIC_FIRST 900000
#define LS_MAGIC_LAST 999999
#define LS_FRAME_MAX 65536

enum LsSide
  {
   LS_SIDE_NONE=0,
   LS_BUY=1,
   LS_SELL=2
  };

enum LsPendingType
  {
   LS_LIMIT=1,
   LS_STOP=2,
   LS_STOPLIMIT=3
  };

enum LsEntry
  {
   LS_IN=1,
   LS_OUT=2,
   LS_INOUT=3
  };

enum LsReason
  {
   LS_REQUEST=1,
   LS_SL=2,
   LS_TP=3,
   LS_SO=4,
   LS_OTHER=5
  };

enum LsOutcome
  {
   LS_PENDING=0,   // no answer yet: sent with OrderSendAsync
   LS_DONE=1,
   LS_REFUSED=2,
   LS_UNKNOWN=3
  };

enum LsDo
  {
   LS_DO_OPEN=1,
   LS_DO_PLACE=2,
   LS_DO_REDUCE=3,
   LS_DO_STOPS=4,
   LS_DO_AMEND=5,
   LS_DO_CANCEL=6,
   LS_DO_CLOSEBY=7
  };

// Prices and levels: 0 = none. Times: broker's clock, ms since 1970. Lots above 0.
struct LsPosition
  {
   long              id;        // never changes
   long              ticket;    // what trade calls take now
   string            symbol;
   int               side;      // LsSide
   double            lots;
   double            price;
   int               digits;    // of the symbol, for writing prices
   long              time;
   double            sl;
   double            tp;
   long              order;
   long              magic;
   string            comment;
   double            profit;    // floating; not part of the object's text
   double            swap;
  };

struct LsOrder
  {
   long              id;
   string            symbol;
   int               side;
   int               type;      // LsPendingType
   double            lots;      // remaining
   double            price;
   double            limit;     // stop-limit only
   int               digits;
   double            sl;
   double            tp;
   long              expiry;    // 0 = none
   long              time;
   long              magic;
   string            comment;
  };

struct LsDeal
  {
   long              id;
   long              position;
   long              order;     // 0 = none (MT4)
   string            symbol;
   int               side;
   double            lots;
   double            price;
   int               digits;
   int               entry;     // LsEntry
   int               reason;    // LsReason
   long              time;
   long              magic;
   string            comment;
   double            profit;
   double            swap;
   double            commission;
  };

struct LsSymbol
  {
   string            name;
   double            size;
   int               digits;
   double            tick;
   double            lotsMin;
   double            lotsStep;
   double            lotsMax;
   double            lotsLimit;
   int               stops;
   int               freeze;
   string            base;
   string            profit;
   int               fill;
   string            exec;      // request instant market exchange
   string            trade;     // full none long short close
   double            value;
   double            swapLong;
   double            swapShort;
  };

struct LsFunds
  {
   double            balance;
   double            equity;
   double            margin;
   double            free;
   double            credit;
  };

struct LsAccount
  {
   long              login;
   string            server;
   string            company;
   string            currency;
   string            mode;      // hedging netting fifo
   long              leverage;
   long              build;
   bool              demo;
   bool              closeBy;
   bool              stopLimit;
   bool              expiry;
  };

struct LsHealth
  {
   bool              connected;
   int               ping;      // ms, -1 = not known
   bool              trade;
   string            why;       // what the trader has to press
   long              tickAge;   // ms, -1 = no tick yet
   int               offset;    // s, broker's clock minus UTC
  };

// One command. Levels 0 = none/remove.
struct LsCommand
  {
   string            id;        // order key, 16 characters
   int               what;      // LsDo
   long              expires;   // server UTC ms
   string            symbol;
   int               side;      // reduce: LS_SIDE_NONE = not told
   int               type;      // LsPendingType
   double            lots;      // open, place: volume; reduce: what remains
   double            price;
   double            limit;
   double            sl;
   double            tp;
   double            worst;     // 0 = any
   long              expiry;    // broker's ms, 0 = none
   long              position;  // identity, not ticket
   long              other;     // closeby: the opposite position's identity
   long              order;
   long              magic;
  };

struct LsAnswer
  {
   string            id;
   int               outcome;   // LsOutcome
   int               code;      // retcode or GetLastError, 0 = decided by the EA
   string            why;       // see PROTOCOL.md §7, "" = none
   string            text;      // for a person
   long              position;
   long              order;
   double            lots;      // executed
   double            price;
   int               digits;
   int               took;      // ms
   uint              request;   // request_id of an OrderSendAsync under way
  };

struct LsBar
  {
   long              time;
   double            open;
   double            high;
   double            low;
   double            close;
   long              ticks;
  };

struct LsTick
  {
   long              time;
   double            bid;
   double            ask;
  };

// The platform half (Platform4.mqh, Platform5.mqh) offers exactly this to the link:
//
//   void AccStart();                                     OnInit: reads settings, restores the MT4 lineage
//   void AccRead(LsAccount &a);
//   void AccFunds(LsFunds &f);
//   void AccHealth(LsHealth &h);
//   bool AccWhole(string &why);                          may the whole truth be told? connected, synchronised, the login of OnInit
//   int  AccClash();                                     orders with a magic of ours that carry no key of ours
//   int  SymAll(LsSymbol &list[]);                       Market Watch
//   bool SymRead(string name, LsSymbol &s);
//   bool SymQuote(string name, double &bid, double &ask, long &time);
//   int  SymDigits(string name);
//   bool BookRead(LsPosition &p[], LsOrder &o[]);        the present state, each list sorted by id; false = could not be read whole (it changed under our eyes): try again
//   bool BookDealt(long id, int side, double lots);      do the position's deals that can be seen add up to this? true where that need not be asked
//   int  DealsNew(LsDeal &d[]);                          deals not given before, oldest first; what was given is remembered on disk by DealsKeep
//   void DealsAgain();                                   there are deals to come: the next DealsNew looks, whatever it looked at last
//   void DealsKeep();                                    what DealsNew gave is safe in the outbox: write the watermark
//   bool DealsSince(long from, LsDeal &d[], LsOrder &ended[], string &why);
//   void TrExecute(LsCommand &c, bool more, LsAnswer &a); carry out; `more` = other commands wait, OrderSendAsync pays (MT5). LS_PENDING = the answer comes by TrTaken
//   bool TrTaken(LsAnswer &a);                           an asynchronous result that has come, true while there are any
//   void TrEvent(...);                                   MT5: from OnTradeTransaction
//   bool TrFind(LsCommand &c, LsAnswer &a);              is there an order, position or deal with this key? (open, place)
//   int  TrUsed();                                       trade requests since the broker's midnight
//   int  HistCandles(string symbol, int minutes, long from, long to, int limit, LsBar &rows[], string &why);   -1 = refused, -2 = not loaded yet, ask again
//   int  HistTicks(string symbol, long from, long to, int limit, LsTick &rows[], string &why);
//
// The link half offers to the platform:
//
//   void LedgerBegin(const LsCommand &c);                flushed; called by the link right before TrExecute, the platform need not
//   void LogInfo/LogWarn/LogError(string text);          Experts log
//   long ClkTick();                                      ms, monotonic (GetTickCount64 / unwrapped GetTickCount)
//   long ClkServerNow();                                 server UTC ms
//   file helpers Fs*                                     see Files.mqh

#endif
