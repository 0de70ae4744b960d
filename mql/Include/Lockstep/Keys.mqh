// The account's keys: what people wrote (the input Key, Files\Lockstep\key.txt) and what the server handed over (keys.txt beside the ledger, the newest first). One is
// used at a time; when the server refuses it the next one is tried, so that neither an outdated input nor a lost answer locks this terminal out. None is ever printed.
#ifndef LOCKSTEP_KEYS_MQH
#define LOCKSTEP_KEYS_MQH

#include "Types.mqh"
#include "Text.mqh"
#include "Log.mqh"
#include "Files.mqh"

#define KEYS_FILE "keys.txt"
#define KEYS_HANDED 2          // the newest, and the one before it
#define KEYS_LONGEST 64        // characters of a key

string gKeyInput="";           // as it stands in the inputs
bool   gKeyTyped=false;        // the input is new: somebody wants it to be used
string gKeyIds[];              // handed over, the newest first
string gKeyTexts[];
int    gKeyTurn=0;             // which one is used
int    gKeyRefused=0;          // refused one after another

// From the input: into the file, so that it need not stay in the settings, which templates and screenshots carry away.
void KeysStart(string input)
  {
   gKeyInput=TextTrim(input);
   gKeyTyped=false;
   gKeyTurn=0;
   gKeyRefused=0;
   if(gKeyInput=="")
      return;
   gKeyTyped=(gKeyInput!=FsKeyRead());
   if(!gKeyTyped || FsKeyWrite(gKeyInput))
      LogInfo("the key is kept in Files\\Lockstep\\key.txt: clear the input Key now");
  }

// What was handed over to this account.
void KeysLoad()
  {
   string lines[];
   int count=FsRead(KEYS_FILE,lines);
   int found=0;
   ArrayResize(gKeyIds,0);
   ArrayResize(gKeyTexts,0);
   for(int i=0; i<count && found<KEYS_HANDED; i++)
     {
      string rest="";
      string key="";
      if(TextWord(lines[i],rest)!="key")
         continue;
      string id=TextWord(rest,key);
      if(id=="" || key=="")
         continue;
      ArrayResize(gKeyIds,found+1);
      ArrayResize(gKeyTexts,found+1);
      gKeyIds[found]=id;
      gKeyTexts[found]=key;
      found++;
     }
  }

void KeysJoin(string key,string &all[])
  {
   int count=ArraySize(all);
   if(key=="")
      return;
   for(int i=0; i<count; i++)
      if(all[i]==key)
         return;
   ArrayResize(all,count+1);
   all[count]=key;
  }

// All keys there are, in the order in which they are tried. The file may have been changed by somebody meanwhile.
int KeysAll(string &all[])
  {
   ArrayResize(all,0);
   if(gKeyTyped)
      KeysJoin(gKeyInput,all);
   for(int i=0; i<ArraySize(gKeyTexts); i++)
      KeysJoin(gKeyTexts[i],all);
   KeysJoin(FsKeyRead(),all);
   KeysJoin(gKeyInput,all);
   return(ArraySize(all));
  }

// The key to say hello with; "" = there is none.
string KeysNow()
  {
   string all[];
   int count=KeysAll(all);
   if(count==0)
      return("");
   return(all[gKeyTurn%count]);
  }

// The server refused the one in use. true = there is another one that it has not refused since the last welcome.
bool KeysNext()
  {
   string all[];
   int count=KeysAll(all);
   gKeyTurn++;
   gKeyRefused++;
   if(gKeyRefused<count)
      return(true);
   gKeyRefused=0;
   return(false);
  }

void KeysWelcome()
  {
   gKeyRefused=0;
  }

bool KeysPlain(string s)
  {
   int n=StringLen(s);
   if(n<1 || n>KEYS_LONGEST)
      return(false);
   for(int i=0; i<n; i++)
     {
      ushort c=StringGetCharacter(s,i);
      if(c<=32 || c>126)
         return(false);
     }
   return(true);
  }

// The next key; true = it is on the disk. The one in use stays with it until the next but one comes.
bool KeysAdd(string id,string key)
  {
   int had=ArraySize(gKeyIds);
   if(had>0 && gKeyIds[0]==id && gKeyTexts[0]==key)
      return(true);
   int keep=had;
   if(keep>KEYS_HANDED-1)
      keep=KEYS_HANDED-1;
   string lines[];
   ArrayResize(lines,keep+1);
   lines[0]="key "+id+" "+key;
   for(int i=0; i<keep; i++)
      lines[i+1]="key "+gKeyIds[i]+" "+gKeyTexts[i];
   if(!FsWrite(KEYS_FILE,lines,keep+1))
      return(false);
   ArrayResize(gKeyIds,keep+1);
   ArrayResize(gKeyTexts,keep+1);
   for(int i=keep; i>0; i--)
     {
      gKeyIds[i]=gKeyIds[i-1];
      gKeyTexts[i]=gKeyTexts[i-1];
     }
   gKeyIds[0]=id;
   gKeyTexts[0]=key;
   gKeyTyped=false;
   gKeyTurn=0;
   return(true);
  }

#endif
