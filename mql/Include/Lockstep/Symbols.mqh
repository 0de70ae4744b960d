// Specifications of the symbols, and their quotes: which are watched closely, what of them was told last.
#ifndef LOCKSTEP_SYMBOLS_MQH
#define LOCKSTEP_SYMBOLS_MQH

#include "Types.mqh"
#include "Text.mqh"
#include "Clock.mqh"
#include "Log.mqh"
#include "Objects.mqh"
#include "Diff.mqh"
#include "State.mqh"
#include "Net.mqh"
#include "Json.mqh"

#define SYM_AGAIN_MS 60000    // specifications are looked at again
#define SYM_SOON_MS 5000
#define QUOTES_LEAST_MS 10
#define QUOTES_BUSY 65536     // when so much waits to be sent, quotes wait: the latest wins anyway

string gSymName[];            // told, in the order of Market Watch
ulong  gSymHash[];            // of the text without the tick value
double gSymValue[];
long   gSymNext=0;
string gSymTexts[];           // messages that wait
int    gSymTextsCount=0;
int    gSymTextsAt=0;

string gWatch[];
string gQuoteName[];
bool   gQuoteHot[];
double gQuoteBid[];
double gQuoteAsk[];
long   gQuoteTime[];
bool   gQuoteStale=true;      // the list must be made anew
long   gQuoteFast=0;          // when the watched ones were looked at
long   gQuoteSlow=0;          // and the others

int SymList(LsSymbol &list[])
  {
   if(TextTrim(gSet.symbols)=="")
      return(SymAll(list));
   string names[];
   int count=StringSplit(gSet.symbols,',',names);
   int found=0;
   for(int i=0; i<count; i++)
     {
      string name=TextTrim(names[i]);
      if(name=="")
         continue;
      ArrayResize(list,found+1,64);
      if(SymRead(name,list[found]))
         found++;
      else
         LogWarn("the broker has no symbol \""+name+"\" (input Symbols)");
     }
   ArrayResize(list,found);
   return(found);
  }

int SymIndex(string name)
  {
   int n=ArraySize(gSymName);
   for(int i=0; i<n; i++)
      if(gSymName[i]==name)
         return(i);
   return(-1);
  }

// New or changed since it was told; and notes it as told.
bool SymChanged(const LsSymbol &s,int guess)
  {
   LsSymbol fixed=s;
   fixed.value=0.0;
   ulong hash=TextFnv(ObjSymbol(fixed));
   int i=guess;
   if(i>=ArraySize(gSymName) || gSymName[i]!=s.name)
      i=SymIndex(s.name);
   if(i>=0 && gSymHash[i]==hash && MathAbs(gSymValue[i]-s.value)<=MathAbs(gSymValue[i])*0.01)
      return(false);
   if(i<0)
     {
      i=ArraySize(gSymName);
      ArrayResize(gSymName,i+1,256);
      ArrayResize(gSymHash,i+1,256);
      ArrayResize(gSymValue,i+1,256);
      gSymName[i]=s.name;
      gQuoteStale=true;
     }
   gSymHash[i]=hash;
   gSymValue[i]=s.value;
   return(true);
  }

void SymQueue(string list,bool more)
  {
   ArrayResize(gSymTexts,gSymTextsCount+1,16);
   gSymTexts[gSymTextsCount]="{\"t\":\"symbols\",\"more\":"+TextBool(more)+",\"list\":["+list+"]}";
   gSymTextsCount++;
  }

// Looks at all and queues what must be told. `all`: coming in, when even nothing is told, for its "more":false.
void SymLook(bool all,long now)
  {
   LsSymbol list[];
   int count=SymList(list);
   if(all)
     {
      ArrayResize(gSymName,0,256);
      gSymTextsCount=0;
      gSymTextsAt=0;
      gQuoteStale=true;
     }
   string text="";
   for(int i=0; i<count; i++)
     {
      if(!SymChanged(list[i],i))
         continue;
      string one=ObjSymbol(list[i]);
      if(StringLen(text)+StringLen(one)>DIFF_FRAME)
        {
         SymQueue(text,true);
         text="";
        }
      if(text!="")
         text+=",";
      text+=one;
     }
   if(text!="" || all)
      SymQueue(text,false);
   gSymNext=now+SYM_AGAIN_MS;
   if(ArraySize(gSymName)==0)
      gSymNext=now+SYM_SOON_MS;
  }

// Sends what waits; false = not all is out yet.
bool SymSend()
  {
   while(gSymTextsAt<gSymTextsCount)
     {
      if(NetWaiting()>=NET_BUSY || !NetPut(gSymTexts[gSymTextsAt]))
         return(false);
      gSymTextsAt++;
     }
   gSymTextsAt=0;
   gSymTextsCount=0;
   ArrayResize(gSymTexts,0,16);
   return(true);
  }

//--- Quotes

void QuotesWatch(LsJson &j)
  {
   int list=JsonField(j,0,"symbols",LS_JSON_LIST,true);
   if(list<0)
      return;
   int count=0;
   for(int i=j.nodes[list].child; i>=0; i=j.nodes[i].next)
     {
      if(j.nodes[i].kind!=LS_JSON_TEXT)
        {
         JsonFail(j,"`symbols` has something else than names");
         return;
        }
     }
   ArrayResize(gWatch,0,64);
   for(int i=j.nodes[list].child; i>=0; i=j.nodes[i].next)
     {
      ArrayResize(gWatch,count+1,64);
      gWatch[count]=j.nodes[i].text;
      count++;
     }
   gQuoteStale=true;
  }

void QuotesAdd(string name,bool hot)
  {
   int n=ArraySize(gQuoteName);
   for(int i=0; i<n; i++)
     {
      if(gQuoteName[i]==name)
        {
         if(hot)
            gQuoteHot[i]=true;
         return;
        }
     }
   ArrayResize(gQuoteName,n+1,256);
   ArrayResize(gQuoteHot,n+1,256);
   ArrayResize(gQuoteBid,n+1,256);
   ArrayResize(gQuoteAsk,n+1,256);
   ArrayResize(gQuoteTime,n+1,256);
   gQuoteName[n]=name;
   gQuoteHot[n]=hot;
   gQuoteBid[n]=0.0;
   gQuoteAsk[n]=0.0;
   gQuoteTime[n]=0;
  }

void QuotesList(long now)
  {
   int n=ArraySize(gSymName);
   int known=ArraySize(gQuoteName);
   for(int i=0; i<known; i++)
      gQuoteHot[i]=false;
   for(int i=0; i<n; i++)
      if(i>=known || gQuoteName[i]!=gSymName[i])
         QuotesAdd(gSymName[i],false);
   for(int i=0; i<ArraySize(gWatch); i++)
      QuotesAdd(gWatch[i],true);
   for(int i=0; i<ArraySize(gToldP); i++)
      QuotesAdd(gToldP[i].symbol,true);
   for(int i=0; i<ArraySize(gToldO); i++)
      QuotesAdd(gToldO[i].symbol,true);
   gQuoteStale=false;
   gBookMoved=false;
   // A symbol that was traded without standing in Market Watch stands there now.
   for(int i=0; i<ArraySize(gToldP); i++)
      if(SymIndex(gToldP[i].symbol)<0 && gSymNext>now+SYM_SOON_MS)
         gSymNext=now+SYM_SOON_MS;
  }

string QuotesOne(int i)
  {
   double bid=0.0;
   double ask=0.0;
   long time=0;
   if(!SymQuote(gQuoteName[i],bid,ask,time) || bid<=0.0 || ask<=0.0)
      return("");
   if(bid==gQuoteBid[i] && ask==gQuoteAsk[i] && time==gQuoteTime[i])
      return("");
   gQuoteBid[i]=bid;
   gQuoteAsk[i]=ask;
   gQuoteTime[i]=time;
   return(ObjQuote(gQuoteName[i],bid,ask,time,SymDigits(gQuoteName[i])));
  }

void QuotesRun(long now)
  {
   if(NetWaiting()>QUOTES_BUSY || now-gQuoteFast<QUOTES_LEAST_MS)
      return;
   if(gQuoteStale || gBookMoved)
      QuotesList(now);
   bool slow=(gQuotesMs>0 && now-gQuoteSlow>=gQuotesMs);
   gQuoteFast=now;
   if(slow)
      gQuoteSlow=now;
   string text="";
   int n=ArraySize(gQuoteName);
   for(int i=0; i<n && StringLen(text)<DIFF_FRAME; i++)
     {
      if(!gQuoteHot[i] && !slow)
         continue;
      string one=QuotesOne(i);
      if(one!="" && text!="")
         text+=",";
      text+=one;
     }
   if(text!="")
      NetPut("{\"t\":\"quotes\",\"list\":["+text+"]}");
  }

// A new connection knows no quote.
void QuotesReset()
  {
   ArrayResize(gWatch,0,64);
   ArrayResize(gQuoteName,0,256);
   ArrayResize(gQuoteHot,0,256);
   ArrayResize(gQuoteBid,0,256);
   ArrayResize(gQuoteAsk,0,256);
   ArrayResize(gQuoteTime,0,256);
   gQuoteStale=true;
  }

#endif
