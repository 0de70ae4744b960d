// The present book against what was told: the difference becomes numbered events. Also the digest of what was told. Events of the platform are only hints; this look is
// the truth.
#ifndef LOCKSTEP_DIFF_MQH
#define LOCKSTEP_DIFF_MQH

#include "Types.mqh"
#include "Text.mqh"
#include "Clock.mqh"
#include "Log.mqh"
#include "Objects.mqh"
#include "Outbox.mqh"

#define DIFF_FRAME 60000      // a message's lists take at most this; head and quotes fit into the rest of 64 KiB
#define DIFF_LISTS 5
#define DIFF_DEAL_MS 2000     // so long a change waits for the deal that made it

enum LsPieceKind
  {
   LS_PIECE_POSITION=0,
   LS_PIECE_CLOSED=1,
   LS_PIECE_ORDER=2,
   LS_PIECE_GONE=3,
   LS_PIECE_DEAL=4
  };

// What was told, sorted by id, with the hash of each object's text.
LsPosition gToldP[];
ulong      gToldPHash[];
LsOrder    gToldO[];
ulong      gToldOHash[];

// The last look.
LsPosition gBookP[];
LsOrder    gBookO[];
bool       gBookKnown=false;
bool       gBookMoved=true;    // something was told since the quotes' list was made

// Deals that wait for their event.
LsDeal     gNewDeals[];
int        gNewDealsCount=0;

// Positions whose volume no deal explains yet.
long       gDiffLateSince=0;   // ClkTick; 0 = none
long       gDiffOdd[];         // whose deals did not come within the time: not waited for again

// One event under way: what it holds, and its lists as text.
int        gPieceKind[];
int        gPieceIndex[];     // into the book or the new deals; -1 = only the id counts
long       gPieceId[];
int        gPieceCount=0;
string     gPieceList[DIFF_LISTS];
string     gPieceSymbols[];
string     gPieceQuotes="";
int        gPieceSize=0;

//--- Told

void DiffReset()
  {
   ArrayResize(gToldP,0,256);
   ArrayResize(gToldPHash,0,256);
   ArrayResize(gToldO,0,256);
   ArrayResize(gToldOHash,0,256);
   ArrayResize(gBookP,0);
   ArrayResize(gBookO,0);
   gBookKnown=false;
   gNewDealsCount=0;
   gDiffLateSince=0;
   ArrayResize(gDiffOdd,0);
   DiffClear();
  }

// First index whose id is not below.
int DiffPlaceP(long id)
  {
   int low=0;
   int high=ArraySize(gToldP);
   while(low<high)
     {
      int middle=(low+high)/2;
      if(gToldP[middle].id<id)
         low=middle+1;
      else
         high=middle;
     }
   return(low);
  }

int DiffPlaceO(long id)
  {
   int low=0;
   int high=ArraySize(gToldO);
   while(low<high)
     {
      int middle=(low+high)/2;
      if(gToldO[middle].id<id)
         low=middle+1;
      else
         high=middle;
     }
   return(low);
  }

// Index of a told position, -1 = not told.
int DiffToldP(long id)
  {
   int i=DiffPlaceP(id);
   if(i<ArraySize(gToldP) && gToldP[i].id==id)
      return(i);
   return(-1);
  }

int DiffToldO(long id)
  {
   int i=DiffPlaceO(id);
   if(i<ArraySize(gToldO) && gToldO[i].id==id)
      return(i);
   return(-1);
  }

void DiffSetP(const LsPosition &p)
  {
   int i=DiffPlaceP(p.id);
   int n=ArraySize(gToldP);
   if(i>=n || gToldP[i].id!=p.id)
     {
      ArrayResize(gToldP,n+1,256);
      ArrayResize(gToldPHash,n+1,256);
      for(int k=n; k>i; k--)
        {
         gToldP[k]=gToldP[k-1];
         gToldPHash[k]=gToldPHash[k-1];
        }
     }
   gToldP[i]=p;
   gToldPHash[i]=TextFnv(ObjPosition(p));
  }

void DiffSetO(const LsOrder &o)
  {
   int i=DiffPlaceO(o.id);
   int n=ArraySize(gToldO);
   if(i>=n || gToldO[i].id!=o.id)
     {
      ArrayResize(gToldO,n+1,256);
      ArrayResize(gToldOHash,n+1,256);
      for(int k=n; k>i; k--)
        {
         gToldO[k]=gToldO[k-1];
         gToldOHash[k]=gToldOHash[k-1];
        }
     }
   gToldO[i]=o;
   gToldOHash[i]=TextFnv(ObjOrder(o));
  }

void DiffRemoveP(long id)
  {
   int i=DiffToldP(id);
   if(i<0)
      return;
   int n=ArraySize(gToldP)-1;
   for(int k=i; k<n; k++)
     {
      gToldP[k]=gToldP[k+1];
      gToldPHash[k]=gToldPHash[k+1];
     }
   ArrayResize(gToldP,n,256);
   ArrayResize(gToldPHash,n,256);
  }

void DiffRemoveO(long id)
  {
   int i=DiffToldO(id);
   if(i<0)
      return;
   int n=ArraySize(gToldO)-1;
   for(int k=i; k<n; k++)
     {
      gToldO[k]=gToldO[k+1];
      gToldOHash[k]=gToldOHash[k+1];
     }
   ArrayResize(gToldO,n,256);
   ArrayResize(gToldOHash,n,256);
  }

ulong DiffDigest()
  {
   ulong sum=0;
   int n=ArraySize(gToldPHash);
   for(int i=0; i<n; i++)
      sum+=gToldPHash[i];
   n=ArraySize(gToldOHash);
   for(int i=0; i<n; i++)
      sum+=gToldOHash[i];
   return(sum);
  }

//--- Equal? Field by field, as building texts for an unchanged book would cost most of the pump's time. Floating profit is no part of it.

bool DiffSameP(const LsPosition &a,const LsPosition &b)
  {
   return(a.id==b.id && a.ticket==b.ticket && a.side==b.side && a.lots==b.lots && a.price==b.price && a.sl==b.sl && a.tp==b.tp && a.time==b.time &&
          a.order==b.order && a.magic==b.magic && a.digits==b.digits && a.symbol==b.symbol && a.comment==b.comment);
  }

bool DiffSameO(const LsOrder &a,const LsOrder &b)
  {
   return(a.id==b.id && a.side==b.side && a.type==b.type && a.lots==b.lots && a.price==b.price && a.limit==b.limit && a.sl==b.sl && a.tp==b.tp &&
          a.expiry==b.expiry && a.time==b.time && a.magic==b.magic && a.digits==b.digits && a.symbol==b.symbol && a.comment==b.comment);
  }

//--- The event under way

void DiffClear()
  {
   gPieceCount=0;
   gPieceSize=0;
   gPieceQuotes="";
   ArrayResize(gPieceSymbols,0,16);
   for(int i=0; i<DIFF_LISTS; i++)
      gPieceList[i]="";
  }

// The latest quote of each symbol named, so that a copy can be priced at once.
string DiffQuote(string symbol)
  {
   int n=ArraySize(gPieceSymbols);
   for(int i=0; i<n; i++)
      if(gPieceSymbols[i]==symbol)
         return("");
   ArrayResize(gPieceSymbols,n+1,16);
   gPieceSymbols[n]=symbol;
   double bid=0.0;
   double ask=0.0;
   long time=0;
   if(symbol=="" || !SymQuote(symbol,bid,ask,time) || bid<=0.0 || ask<=0.0)
      return("");
   return(ObjQuote(symbol,bid,ask,time,SymDigits(symbol)));
  }

string DiffList(string name,string list)
  {
   if(list=="")
      return("");
   return(",\""+name+"\":["+list+"]");
  }

string DiffTail()
  {
   string body=DiffList("positions",gPieceList[LS_PIECE_POSITION])+DiffList("closed",gPieceList[LS_PIECE_CLOSED])+
               DiffList("orders",gPieceList[LS_PIECE_ORDER])+DiffList("gone",gPieceList[LS_PIECE_GONE])+
               DiffList("deals",gPieceList[LS_PIECE_DEAL])+DiffList("quotes",gPieceQuotes);
   return(StringSubstr(body,1)+"}");
  }

// What went into an event on disk is told now.
void DiffApply(int kind,int index,long id)
  {
   if(kind==LS_PIECE_POSITION)
      DiffSetP(gBookP[index]);
   if(kind==LS_PIECE_CLOSED)
      DiffRemoveP(id);
   if(kind==LS_PIECE_ORDER)
      DiffSetO(gBookO[index]);
   if(kind==LS_PIECE_GONE)
      DiffRemoveO(id);
  }

// Writes the event under way. false = the disk did not take it: nothing is told, and the next look tries again.
bool DiffFlush()
  {
   if(gPieceCount==0)
      return(true);
   if(OutboxAdd("change",DiffTail())==0)
     {
      DiffClear();
      return(false);
     }
   gBookMoved=true;
   for(int i=0; i<gPieceCount; i++)
      DiffApply(gPieceKind[i],gPieceIndex[i],gPieceId[i]);
   DiffClear();
   return(true);
  }

bool DiffPiece(int kind,int index,long id,string text,string symbol)
  {
   if(gPieceSize+StringLen(text)>DIFF_FRAME && !DiffFlush())
      return(false);
   ArrayResize(gPieceKind,gPieceCount+1,256);
   ArrayResize(gPieceIndex,gPieceCount+1,256);
   ArrayResize(gPieceId,gPieceCount+1,256);
   gPieceKind[gPieceCount]=kind;
   gPieceIndex[gPieceCount]=index;
   gPieceId[gPieceCount]=id;
   gPieceCount++;
   if(gPieceList[kind]!="")
      gPieceList[kind]+=",";
   gPieceList[kind]+=text;
   string quote=DiffQuote(symbol);
   if(quote!="" && gPieceQuotes!="")
      gPieceQuotes+=",";
   gPieceQuotes+=quote;
   gPieceSize+=StringLen(text)+StringLen(quote)+2;
   return(true);
  }

//--- The comparison. Both lists are sorted by id. The pieces are collected first, as what is told changes while they are written.

void DiffNote(int &kinds[],int &indexes[],long &ids[],int kind,int index,long id)
  {
   int n=ArraySize(kinds);
   ArrayResize(kinds,n+1,256);
   ArrayResize(indexes,n+1,256);
   ArrayResize(ids,n+1,256);
   kinds[n]=kind;
   indexes[n]=index;
   ids[n]=id;
  }

void DiffPositions(int &kinds[],int &indexes[],long &ids[])
  {
   int a=0;
   int b=0;
   int told=ArraySize(gToldP);
   int now=ArraySize(gBookP);
   while(a<told || b<now)
     {
      if(b>=now || (a<told && gToldP[a].id<gBookP[b].id))
        {
         DiffNote(kinds,indexes,ids,LS_PIECE_CLOSED,-1,gToldP[a].id);
         a++;
         continue;
        }
      bool known=(a<told && gToldP[a].id==gBookP[b].id);
      if(!known || !DiffSameP(gToldP[a],gBookP[b]))
         DiffNote(kinds,indexes,ids,LS_PIECE_POSITION,b,gBookP[b].id);
      if(known)
         a++;
      b++;
     }
  }

void DiffOrders(int &kinds[],int &indexes[],long &ids[])
  {
   int a=0;
   int b=0;
   int told=ArraySize(gToldO);
   int now=ArraySize(gBookO);
   while(a<told || b<now)
     {
      if(b>=now || (a<told && gToldO[a].id<gBookO[b].id))
        {
         DiffNote(kinds,indexes,ids,LS_PIECE_GONE,-1,gToldO[a].id);
         a++;
         continue;
        }
      bool known=(a<told && gToldO[a].id==gBookO[b].id);
      if(!known || !DiffSameO(gToldO[a],gBookO[b]))
         DiffNote(kinds,indexes,ids,LS_PIECE_ORDER,b,gBookO[b].id);
      if(known)
         a++;
      b++;
     }
  }

// Opened and closed between two looks: told by its deals and its id among the closed.
void DiffShortLived(int &kinds[],int &indexes[],long &ids[])
  {
   for(int i=0; i<gNewDealsCount; i++)
     {
      long id=gNewDeals[i].position;
      if(gNewDeals[i].entry==LS_IN || id<=0 || DiffToldP(id)>=0 || DiffInBook(id))
         continue;
      bool noted=false;
      for(int k=0; k<ArraySize(ids) && !noted; k++)
         noted=(kinds[k]==LS_PIECE_CLOSED && ids[k]==id);
      if(!noted)
         DiffNote(kinds,indexes,ids,LS_PIECE_CLOSED,-1,id);
     }
  }

bool DiffInBook(long id)
  {
   int low=0;
   int high=ArraySize(gBookP);
   while(low<high)
     {
      int middle=(low+high)/2;
      if(gBookP[middle].id<id)
         low=middle+1;
      else
         high=middle;
     }
   return(low<ArraySize(gBookP) && gBookP[low].id==id);
  }

bool DiffWrite(int kind,int index,long id)
  {
   if(kind==LS_PIECE_POSITION)
      return(DiffPiece(kind,index,id,ObjPosition(gBookP[index]),gBookP[index].symbol));
   if(kind==LS_PIECE_ORDER)
      return(DiffPiece(kind,index,id,ObjOrder(gBookO[index]),gBookO[index].symbol));
   return(DiffPiece(kind,index,id,TextLong(id),""));
  }

bool DiffDeals()
  {
   for(int i=0; i<gNewDealsCount; i++)
      if(!DiffPiece(LS_PIECE_DEAL,i,gNewDeals[i].id,ObjDeal(gNewDeals[i]),gNewDeals[i].symbol))
         return(false);
   return(true);
  }

// Reads book and new deals. Deals are read behind the book, and when there are any the book once more, so that a deal and what it did are told together.
bool DiffRead()
  {
   gBookKnown=BookRead(gBookP,gBookO);
   if(!gBookKnown || gNewDealsCount>0)
      return(gBookKnown);
   gNewDealsCount=DealsNew(gNewDeals);
   if(gNewDealsCount>0)
      gBookKnown=BookRead(gBookP,gBookO);
   else
      gNewDealsCount=0;
   return(gBookKnown);
  }

bool DiffIsOdd(long id)
  {
   for(int i=0; i<ArraySize(gDiffOdd); i++)
      if(gDiffOdd[i]==id)
         return(true);
   return(false);
  }

// Has this piece's volume changed, and can the deal not be seen yet?
bool DiffIsLate(int kind,int index,long id)
  {
   if((kind!=LS_PIECE_POSITION && kind!=LS_PIECE_CLOSED) || DiffIsOdd(id))
      return(false);
   if(kind==LS_PIECE_CLOSED)
      return(!BookDealt(id,LS_SIDE_NONE,0.0));
   int told=DiffToldP(id);
   if(told>=0 && gToldP[told].side==gBookP[index].side && gToldP[told].lots==gBookP[index].lots)
      return(false);
   return(!BookDealt(id,gBookP[index].side,gBookP[index].lots));
  }

// A deal and what it did are told together: only by its deals does the server know whose work a netting position is. true = some are not to be seen yet, and there is time.
bool DiffLate(const int &kinds[],const int &indexes[],const long &ids[])
  {
   bool late=false;
   bool over=(gDiffLateSince!=0 && ClkTick()-gDiffLateSince>=DIFF_DEAL_MS);
   for(int i=0; i<ArraySize(kinds); i++)
     {
      if(!DiffIsLate(kinds[i],indexes[i],ids[i]))
         continue;
      late=true;
      if(!over)
         break;
      int n=ArraySize(gDiffOdd);
      ArrayResize(gDiffOdd,n+1,16);
      gDiffOdd[n]=ids[i];
     }
   if(late && !over)
     {
      if(gDiffLateSince==0)
         gDiffLateSince=ClkTick();
      DealsAgain();
      return(true);
     }
   // What has just come to be seen is read before anything is told.
   bool came=(gDiffLateSince!=0 && !late);
   gDiffLateSince=0;
   if(came)
      DealsAgain();
   return(came);
  }

// One look: read, compare, write events. false = could not be read or written whole, try again soon.
bool DiffLook()
  {
   if(!DiffRead())
      return(false);
   int kinds[];
   int indexes[];
   long ids[];
   DiffPositions(kinds,indexes,ids);
   DiffOrders(kinds,indexes,ids);
   DiffShortLived(kinds,indexes,ids);
   if(DiffLate(kinds,indexes,ids))
      return(false);
   int count=ArraySize(kinds);
   DiffClear();
   for(int i=0; i<count; i++)
      if(!DiffWrite(kinds[i],indexes[i],ids[i]))
         return(false);
   if(!DiffDeals() || !DiffFlush())
      return(false);
   if(gNewDealsCount>0)
     {
      DealsKeep();
      gNewDealsCount=0;
     }
   return(true);
  }

#endif
