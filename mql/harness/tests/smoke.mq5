// Compiles and runs everything that the translation touches.
#property copyright "x"
input group "Link"
input string InpServer = "localhost";   // Server
input int InpPort = 8443;
enum Kind { KindA, KindB=5 };
struct Item { string name; int values[]; double fixed[3]; Kind kind; };
Item g_items[];
int g_table[4]={1,2,3,4};
const uint K[]={0x428a2f98,0x71374491};
#define LIMIT 10
#define NAME "abc"
int OnInit()
  {
   Item item;
   ZeroMemory(item);
   ArrayResize(item.values,2,10);
   item.values[0]=Twice(3);
   item.name="x"+(string)item.values[0]+NAME;
   int a=1,b[2]={1,2},c=3;
   for(int i=0;i<LIMIT;i++)
     {
      if(i==2) continue;
      switch(i)
        {
         case 'a': a=2; break;
         default: a=b[i%2]; break;
        }
     }
   Print(item.name," ",a," ",c," ",Sum(g_table)," ",Sum(b)," ",__FUNCTION__," ",InpServer,InpPort);
   datetime t=D'2026.01.01 10:00';
   t+=60;
   string s=NULL;
   if(s==NULL) Print(TimeToString(t));
   ulong h=14695981039346656037;
   Print(h);
   EventSetMillisecondTimer(20);
   return(INIT_SUCCEEDED);
  }
void OnTimer() { }
void OnDeinit(const int reason) { }
int Sum(const int &values[]) { int sum=0; for(int i=0;i<ArraySize(values);i++) sum+=values[i]; return(sum); }
int Twice(int x,int by=2) { return(x*by); }
