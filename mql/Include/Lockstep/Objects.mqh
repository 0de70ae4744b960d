// Objects as PROTOCOL.md §4 writes them: fixed order of fields, no blanks, no trailing zeros. The digest is worked out from exactly these texts.
#ifndef LOCKSTEP_OBJECTS_MQH
#define LOCKSTEP_OBJECTS_MQH

#include "Types.mqh"
#include "Text.mqh"

string ObjSide(int side)
  {
   if(side==LS_BUY)
      return("buy");
   return("sell");
  }

string ObjType(int type)
  {
   if(type==LS_LIMIT)
      return("limit");
   if(type==LS_STOP)
      return("stop");
   return("stoplimit");
  }

string ObjEntry(int entry)
  {
   if(entry==LS_IN)
      return("in");
   if(entry==LS_OUT)
      return("out");
   return("inout");
  }

string ObjReason(int reason)
  {
   if(reason==LS_REQUEST)
      return("request");
   if(reason==LS_SL)
      return("sl");
   if(reason==LS_TP)
      return("tp");
   if(reason==LS_SO)
      return("so");
   return("other");
  }

string ObjLots(double lots)
  {
   return(TextNumber(lots,8));
  }

string ObjMoney(double v)
  {
   return(TextNumber(v,LS_MONEY_DIGITS));
  }

// `,"name":price`, or nothing when there is no such level.
string ObjLevel(string name,double v,int digits)
  {
   if(v<=0.0)
      return("");
   return(",\""+name+"\":"+TextNumber(v,digits));
  }

string ObjPosition(const LsPosition &p)
  {
   return("{\"id\":"+TextLong(p.id)+",\"ticket\":"+TextLong(p.ticket)+",\"symbol\":"+TextQuote(p.symbol)+",\"side\":\""+ObjSide(p.side)+
          "\",\"lots\":"+ObjLots(p.lots)+",\"price\":"+TextNumber(p.price,p.digits)+",\"time\":"+TextLong(p.time)+
          ObjLevel("sl",p.sl,p.digits)+ObjLevel("tp",p.tp,p.digits)+
          ",\"order\":"+TextLong(p.order)+",\"magic\":"+TextLong(p.magic)+",\"comment\":"+TextQuote(p.comment)+"}");
  }

string ObjOrder(const LsOrder &o)
  {
   string expiry="";
   if(o.expiry>0)
      expiry=",\"expiry\":"+TextLong(o.expiry);
   string limit="";
   if(o.type==LS_STOPLIMIT)
      limit=ObjLevel("limit",o.limit,o.digits);
   return("{\"id\":"+TextLong(o.id)+",\"symbol\":"+TextQuote(o.symbol)+",\"side\":\""+ObjSide(o.side)+"\",\"type\":\""+ObjType(o.type)+
          "\",\"lots\":"+ObjLots(o.lots)+",\"price\":"+TextNumber(o.price,o.digits)+limit+
          ObjLevel("sl",o.sl,o.digits)+ObjLevel("tp",o.tp,o.digits)+expiry+
          ",\"time\":"+TextLong(o.time)+",\"magic\":"+TextLong(o.magic)+",\"comment\":"+TextQuote(o.comment)+"}");
  }

string ObjDeal(const LsDeal &d)
  {
   string order="";
   if(d.order>0)
      order=",\"order\":"+TextLong(d.order);
   return("{\"id\":"+TextLong(d.id)+",\"position\":"+TextLong(d.position)+order+",\"symbol\":"+TextQuote(d.symbol)+",\"side\":\""+ObjSide(d.side)+
          "\",\"lots\":"+ObjLots(d.lots)+",\"price\":"+TextNumber(d.price,d.digits)+",\"entry\":\""+ObjEntry(d.entry)+
          "\",\"reason\":\""+ObjReason(d.reason)+"\",\"time\":"+TextLong(d.time)+",\"magic\":"+TextLong(d.magic)+
          ",\"comment\":"+TextQuote(d.comment)+",\"profit\":"+ObjMoney(d.profit)+",\"swap\":"+ObjMoney(d.swap)+
          ",\"commission\":"+ObjMoney(d.commission)+"}");
  }

// All but `value`, which moves with the rates: a symbol is told anew when this text changes, or the value by a hundredth.
string ObjSymbolFixed(const LsSymbol &s)
  {
   return("{\"name\":"+TextQuote(s.name)+",\"size\":"+TextNumber(s.size,8)+",\"digits\":"+TextLong(s.digits)+",\"tick\":"+TextNumber(s.tick,8)+
          ",\"min\":"+ObjLots(s.lotsMin)+",\"step\":"+ObjLots(s.lotsStep)+",\"max\":"+ObjLots(s.lotsMax)+",\"limit\":"+ObjLots(s.lotsLimit)+
          ",\"stops\":"+TextLong(s.stops)+",\"freeze\":"+TextLong(s.freeze)+",\"base\":"+TextQuote(s.base)+",\"profit\":"+TextQuote(s.profit)+
          ",\"fill\":"+TextLong(s.fill)+",\"exec\":"+TextQuote(s.exec)+",\"trade\":"+TextQuote(s.trade));
  }

string ObjSymbol(const LsSymbol &s)
  {
   return(ObjSymbolFixed(s)+",\"value\":"+TextNumber(s.value,8)+",\"swapl\":"+TextNumber(s.swapLong,8)+",\"swaps\":"+TextNumber(s.swapShort,8)+"}");
  }

// The five numbers of the account, without braces.
string ObjFunds(const LsFunds &f)
  {
   return("\"balance\":"+ObjMoney(f.balance)+",\"equity\":"+ObjMoney(f.equity)+",\"margin\":"+ObjMoney(f.margin)+",\"free\":"+ObjMoney(f.free)+
          ",\"credit\":"+ObjMoney(f.credit));
  }

string ObjQuote(string symbol,double bid,double ask,long time,int digits)
  {
   return("["+TextQuote(symbol)+","+TextNumber(bid,digits)+","+TextNumber(ask,digits)+","+TextLong(time)+"]");
  }

string ObjOutcome(int outcome)
  {
   if(outcome==LS_DONE)
      return("done");
   if(outcome==LS_REFUSED)
      return("refused");
   return("unknown");
  }

// An answer without its number: `"id":…}`. So it stands in the ledger, and a repeat gets it under a new number.
string ObjAnswer(const LsAnswer &a)
  {
   string r="\"id\":"+TextQuote(a.id)+",\"out\":\""+ObjOutcome(a.outcome)+"\",\"code\":"+TextLong(a.code);
   if(a.why!="")
      r+=",\"why\":"+TextQuote(a.why);
   if(a.text!="")
      r+=",\"text\":"+TextQuote(TextCut(a.text,200));
   if(a.position>0)
      r+=",\"position\":"+TextLong(a.position);
   if(a.order>0)
      r+=",\"order\":"+TextLong(a.order);
   if(a.outcome==LS_DONE || a.lots>0.0)
      r+=",\"lots\":"+ObjLots(a.lots);
   r+=ObjLevel("price",a.price,a.digits);
   if(a.took>0)
      r+=",\"took\":"+TextLong(a.took);
   return(r+"}");
  }

void ObjAnswerClear(LsAnswer &a,string id)
  {
   a.id=id;
   a.outcome=LS_UNKNOWN;
   a.code=0;
   a.why="";
   a.text="";
   a.position=0;
   a.order=0;
   a.lots=0.0;
   a.price=0.0;
   a.digits=5;
   a.took=0;
   a.request=0;
  }

#endif
