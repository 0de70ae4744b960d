// The lines in the chart's corner, for the trader: is all well, and if not, what to press.
#ifndef LOCKSTEP_PANEL_MQH
#define LOCKSTEP_PANEL_MQH

#include "Types.mqh"
#include "Text.mqh"
#include "State.mqh"
#include "Net.mqh"
#include "Link.mqh"

#define PANEL_MS 500

long   gPanelAt=0;
string gPanelText="";

string PanelLink(long now)
  {
   if(gLink==LINK_LIVE)
      return("CONNECTED, this terminal is the active one");
   if(gLink==LINK_STANDBY)
      return("CONNECTED, standing by: another terminal of this account is active");
   if(gLink==LINK_OPENING || gLink==LINK_HELLO)
      return("connecting ...");
   if(gLink==LINK_OFF)
      return("OFF: "+gLinkWhy);
   long wait=(gLinkNext-now+999)/1000;
   if(wait<0)
      wait=0;
   return("NOT CONNECTED, next try in "+TextLong(wait)+" s: "+gLinkWhy);
  }

string PanelTrading()
  {
   if(gSet.role==LS_ROLE_MONITOR)
      return("monitor only, this EA never trades");
   if(gHealth.trade)
      return("allowed");
   return("NOT ALLOWED: "+gHealth.why);
  }

string PanelRequests()
  {
   long budget=StateBudget();
   if(budget<=0)
      return(TextLong(TrUsed()));
   return(TextLong(TrUsed())+" of "+TextLong(budget));
  }

string PanelBroker()
  {
   if(!gHealth.connected)
      return("NOT CONNECTED");
   if(gHealth.ping<0)
      return("connected");
   return("connected, "+TextLong(gHealth.ping)+" ms");
  }

string PanelText(long now)
  {
   string r="Lockstep "+LS_EA_VERSION+"\n";
   if(gAccount.login>0)
      r+="Account: "+TextLong(gAccount.login)+" on "+gAccount.server+"\n";
   r+="Server: "+gNetAddress+"\n"+"Link: "+PanelLink(now)+"\n";
   if(gLink==LINK_OFF)
      return(r);
   r+="Broker: "+PanelBroker()+"\nTrading: "+PanelTrading()+"\nTrade requests today: "+PanelRequests()+"\n";
   if(OutboxCount()>0)
      r+="Not yet at the server: "+TextLong(OutboxCount())+" events (kept on disk)\n";
   if(gCmdLast!="")
      r+="Last order: "+gCmdLast+"\n";
   return(r);
  }

void PanelShow(long now)
  {
   if(gPanelAt>0 && now-gPanelAt<PANEL_MS)
      return;
   gPanelAt=now;
   string text=PanelText(now);
   if(text==gPanelText)
      return;
   gPanelText=text;
   Comment(text);
  }

void PanelClear()
  {
   gPanelText="";
   gPanelAt=0;
   Comment("");
  }

#endif
