// A small strict JSON reader over bytes. A bad message never crashes: every index is checked, depth and size are limited, and `why` says what is wrong.
// Strict as PROTOCOL.md §2 wants it: no repeated field, no exponent, UTF-8 must be whole, nothing behind the object.
#ifndef LOCKSTEP_JSON_MQH
#define LOCKSTEP_JSON_MQH

#include "Types.mqh"
#include "Text.mqh"

#define JSON_DEPTH 16
#define JSON_NODES 16384
#define JSON_FIELDS 256

enum LsJsonKind
  {
   LS_JSON_NULL=0,
   LS_JSON_BOOL=1,
   LS_JSON_NUMBER=2,
   LS_JSON_TEXT=3,
   LS_JSON_LIST=4,
   LS_JSON_OBJECT=5
  };

struct LsJsonNode
  {
   int               kind;
   int               next;    // the following field or element, -1 = none
   int               child;   // the first one inside, -1 = none
   string            name;
   string            text;    // decoded string, number as written, true/false
  };

struct LsJson
  {
   LsJsonNode        nodes[];
   int               count;
   int               at;
   int               end;
   string            why;     // "" = good
  };

bool JsonFail(LsJson &j,string why)
  {
   if(j.why=="")
      j.why=why;
   return(false);
  }

int JsonNode(LsJson &j,int kind)
  {
   if(j.count>=JSON_NODES)
     {
      JsonFail(j,"too many values");
      return(-1);
     }
   if(ArraySize(j.nodes)<=j.count)
      ArrayResize(j.nodes,j.count+64);
   int i=j.count;
   j.nodes[i].kind=kind;
   j.nodes[i].next=-1;
   j.nodes[i].child=-1;
   j.nodes[i].name="";
   j.nodes[i].text="";
   j.count++;
   return(i);
  }

void JsonBlanks(LsJson &j,const uchar &data[])
  {
   while(j.at<j.end && (data[j.at]==' ' || data[j.at]=='\t' || data[j.at]=='\n' || data[j.at]=='\r'))
      j.at++;
  }

// The next byte, 0 at the end.
int JsonPeek(LsJson &j,const uchar &data[])
  {
   if(j.at>=j.end)
      return(0);
   return((int)data[j.at]);
  }

bool JsonExpect(LsJson &j,const uchar &data[],int c)
  {
   if(j.at>=j.end || (int)data[j.at]!=c)
      return(JsonFail(j,"broken at byte "+TextLong(j.at)));
   j.at++;
   return(true);
  }

// Length of the UTF-8 character at `at`; 0 = not one (overlong, surrogate, cut off).
int JsonUtf8(const uchar &data[],int at,int end)
  {
   int c=(int)data[at];
   int n=0;
   if(c<0x80)
      return(1);
   if(c>=0xC2 && c<=0xDF)
      n=2;
   if(c>=0xE0 && c<=0xEF)
      n=3;
   if(c>=0xF0 && c<=0xF4)
      n=4;
   if(n==0 || at+n>end)
      return(0);
   for(int i=1; i<n; i++)
      if(((int)data[at+i]&0xC0)!=0x80)
         return(0);
   int second=(int)data[at+1];
   if((c==0xE0 && second<0xA0) || (c==0xED && second>0x9F) || (c==0xF0 && second<0x90) || (c==0xF4 && second>0x8F))
      return(0);
   return(n);
  }

int JsonHexDigit(int c)
  {
   if(c>='0' && c<='9')
      return(c-'0');
   if(c>='a' && c<='f')
      return(c-'a'+10);
   if(c>='A' && c<='F')
      return(c-'A'+10);
   return(-1);
  }

// Four hex digits behind \u; -1 = not there.
int JsonHex4(LsJson &j,const uchar &data[])
  {
   if(j.at+4>j.end)
      return(-1);
   int v=0;
   for(int i=0; i<4; i++)
     {
      int d=JsonHexDigit((int)data[j.at+i]);
      if(d<0)
         return(-1);
      v=v*16+d;
     }
   j.at+=4;
   return(v);
  }

// `at` stands behind \u. A half of a pair alone is no character; zero would end an MQL string and is read as a question mark.
bool JsonUnicode(LsJson &j,const uchar &data[],string &text)
  {
   int high=JsonHex4(j,data);
   if(high<0)
      return(JsonFail(j,"bad \\u in a string"));
   if(high==0)
      high='?';
   if(high>=0xDC00 && high<=0xDFFF)
      return(JsonFail(j,"half a character in a string"));
   text+=ShortToString((ushort)high);
   if(high<0xD800 || high>0xDBFF)
      return(true);
   if(JsonPeek(j,data)!='\\')
      return(JsonFail(j,"half a character in a string"));
   j.at++;
   if(JsonPeek(j,data)!='u')
      return(JsonFail(j,"half a character in a string"));
   j.at++;
   int low=JsonHex4(j,data);
   if(low<0xDC00 || low>0xDFFF)
      return(JsonFail(j,"half a character in a string"));
   text+=ShortToString((ushort)low);
   return(true);
  }

bool JsonEscape(LsJson &j,const uchar &data[],string &text)
  {
   int c=JsonPeek(j,data);
   j.at++;
   if(c=='u')
      return(JsonUnicode(j,data,text));
   if(c=='"' || c=='\\' || c=='/')
      text+=ShortToString((ushort)c);
   else
      if(c=='n')
         text+="\n";
      else
         if(c=='r')
            text+="\r";
         else
            if(c=='t')
               text+="\t";
            else
               if(c=='b' || c=='f')
                  text+=" ";
               else
                  return(JsonFail(j,"bad escape in a string"));
   return(true);
  }

// `at` stands on the opening quote.
bool JsonString(LsJson &j,const uchar &data[],string &text)
  {
   text="";
   if(!JsonExpect(j,data,'"'))
      return(false);
   int from=j.at;
   while(j.at<j.end)
     {
      int c=(int)data[j.at];
      if(c=='"' || c=='\\')
        {
         text+=TextFromBytes(data,from,j.at-from);
         j.at++;
         if(c=='"')
            return(true);
         if(!JsonEscape(j,data,text))
            return(false);
         from=j.at;
         continue;
        }
      if(c<0x20)
         return(JsonFail(j,"control character in a string"));
      int n=JsonUtf8(data,j.at,j.end);
      if(n==0)
         return(JsonFail(j,"not UTF-8"));
      j.at+=n;
     }
   return(JsonFail(j,"a string without end"));
  }

int JsonDigits(LsJson &j,const uchar &data[])
  {
   int n=0;
   while(j.at<j.end && data[j.at]>='0' && data[j.at]<='9')
     {
      j.at++;
      n++;
     }
   return(n);
  }

// As JSON has it; what the protocol allows less is checked where the field is read, as a field nobody reads may hold anything.
int JsonNumber(LsJson &j,const uchar &data[])
  {
   int from=j.at;
   if(JsonPeek(j,data)=='-')
      j.at++;
   bool zero=(JsonPeek(j,data)=='0');
   int n=JsonDigits(j,data);
   bool good=(n>0 && !(zero && n>1));
   if(good && JsonPeek(j,data)=='.')
     {
      j.at++;
      good=(JsonDigits(j,data)>0);
     }
   int c=JsonPeek(j,data);
   if(good && (c=='e' || c=='E'))
     {
      j.at++;
      c=JsonPeek(j,data);
      if(c=='+' || c=='-')
         j.at++;
      good=(JsonDigits(j,data)>0);
     }
   if(!good)
     {
      JsonFail(j,"not a number");
      return(-1);
     }
   int node=JsonNode(j,LS_JSON_NUMBER);
   if(node>=0)
      j.nodes[node].text=TextFromBytes(data,from,j.at-from);
   return(node);
  }

int JsonWord(LsJson &j,const uchar &data[],string word,int kind)
  {
   int n=StringLen(word);
   if(j.at+n>j.end || TextFromBytes(data,j.at,n)!=word)
     {
      JsonFail(j,"broken at byte "+TextLong(j.at));
      return(-1);
     }
   j.at+=n;
   int node=JsonNode(j,kind);
   if(node>=0)
      j.nodes[node].text=word;
   return(node);
  }

bool JsonRepeated(LsJson &j,int first,string name)
  {
   for(int i=first; i>=0; i=j.nodes[i].next)
      if(j.nodes[i].name==name)
         return(true);
   return(false);
  }

int JsonObject(LsJson &j,const uchar &data[],int depth)
  {
   int me=JsonNode(j,LS_JSON_OBJECT);
   if(me<0)
      return(-1);
   j.at++;
   JsonBlanks(j,data);
   if(JsonPeek(j,data)=='}')
     {
      j.at++;
      return(me);
     }
   int last=-1;
   int fields=0;
   string name="";
   while(j.at<j.end)
     {
      JsonBlanks(j,data);
      if(!JsonString(j,data,name))
         return(-1);
      fields++;
      if(fields>JSON_FIELDS || JsonRepeated(j,j.nodes[me].child,name))
        {
         JsonFail(j,"a repeated field, or too many");
         return(-1);
        }
      JsonBlanks(j,data);
      if(!JsonExpect(j,data,':'))
         return(-1);
      int node=JsonValue(j,data,depth+1);
      if(node<0)
         return(-1);
      j.nodes[node].name=name;
      if(last<0)
         j.nodes[me].child=node;
      else
         j.nodes[last].next=node;
      last=node;
      JsonBlanks(j,data);
      if(JsonPeek(j,data)=='}')
        {
         j.at++;
         return(me);
        }
      if(!JsonExpect(j,data,','))
         return(-1);
     }
   JsonFail(j,"an object without end");
   return(-1);
  }

int JsonList(LsJson &j,const uchar &data[],int depth)
  {
   int me=JsonNode(j,LS_JSON_LIST);
   if(me<0)
      return(-1);
   j.at++;
   JsonBlanks(j,data);
   if(JsonPeek(j,data)==']')
     {
      j.at++;
      return(me);
     }
   int last=-1;
   while(j.at<j.end)
     {
      int node=JsonValue(j,data,depth+1);
      if(node<0)
         return(-1);
      if(last<0)
         j.nodes[me].child=node;
      else
         j.nodes[last].next=node;
      last=node;
      JsonBlanks(j,data);
      if(JsonPeek(j,data)==']')
        {
         j.at++;
         return(me);
        }
      if(!JsonExpect(j,data,','))
         return(-1);
     }
   JsonFail(j,"a list without end");
   return(-1);
  }

int JsonValue(LsJson &j,const uchar &data[],int depth)
  {
   if(depth>JSON_DEPTH)
     {
      JsonFail(j,"too deep");
      return(-1);
     }
   JsonBlanks(j,data);
   int c=JsonPeek(j,data);
   if(c=='{')
      return(JsonObject(j,data,depth));
   if(c=='[')
      return(JsonList(j,data,depth));
   if(c=='t')
      return(JsonWord(j,data,"true",LS_JSON_BOOL));
   if(c=='f')
      return(JsonWord(j,data,"false",LS_JSON_BOOL));
   if(c=='n')
      return(JsonWord(j,data,"null",LS_JSON_NULL));
   if(c!='"')
      return(JsonNumber(j,data));
   int node=JsonNode(j,LS_JSON_TEXT);
   if(node<0)
      return(-1);
   string text="";
   if(!JsonString(j,data,text))
      return(-1);
   j.nodes[node].text=text;
   return(node);
  }

// One object, and nothing but blanks around it. Its node is 0.
bool JsonParse(LsJson &j,const uchar &data[],int from,int count)
  {
   j.count=0;
   j.why="";
   j.at=from;
   j.end=from+count;
   if(from<0 || count<0 || j.end>ArraySize(data))
      return(JsonFail(j,"no message"));
   JsonBlanks(j,data);
   if(JsonPeek(j,data)!='{')
      return(JsonFail(j,"not an object"));
   if(JsonValue(j,data,1)<0)
      return(JsonFail(j,"broken"));
   JsonBlanks(j,data);
   if(j.at<j.end)
      return(JsonFail(j,"something behind the object"));
   return(true);
  }

int JsonFind(LsJson &j,int object,string name)
  {
   if(object<0 || object>=j.count || j.nodes[object].kind!=LS_JSON_OBJECT)
      return(-1);
   for(int i=j.nodes[object].child; i>=0; i=j.nodes[i].next)
      if(j.nodes[i].name==name)
         return(i);
   return(-1);
  }

// The field of that kind, -1 = left out. Missing though needed, or of another kind: the message is bad.
int JsonField(LsJson &j,int object,string name,int kind,bool need)
  {
   int i=JsonFind(j,object,name);
   if(i<0)
     {
      if(need)
         JsonFail(j,"`"+name+"` is missing");
      return(-1);
     }
   if(j.nodes[i].kind!=kind)
     {
      JsonFail(j,"`"+name+"` is of the wrong kind");
      return(-1);
     }
   return(i);
  }

// An integer from 0 to 2^63-1 in plain digits: no field of ours is ever below 0. false = not one.
bool JsonToLong(string text,long &value)
  {
   int n=StringLen(text);
   if(n<1 || n>19)
      return(false);
   ulong v=0;
   for(int i=0; i<n; i++)
     {
      ushort c=StringGetCharacter(text,i);
      if(c<'0' || c>'9')
         return(false);
      v=v*10+(ulong)(c-'0');
     }
   if(v>0x7FFFFFFFFFFFFFFF)
      return(false);
   value=(long)v;
   return(true);
  }

bool JsonLong(LsJson &j,int object,string name,bool need,long &value)
  {
   int i=JsonField(j,object,name,LS_JSON_NUMBER,need);
   if(i<0)
      return(j.why=="");
   if(!JsonToLong(j.nodes[i].text,value))
      return(JsonFail(j,"`"+name+"` is no integer from 0 on"));
   return(true);
  }

bool JsonText(LsJson &j,int object,string name,bool need,string &value)
  {
   int i=JsonField(j,object,name,LS_JSON_TEXT,need);
   if(i>=0)
      value=j.nodes[i].text;
   return(j.why=="");
  }

bool JsonBool(LsJson &j,int object,string name,bool need,bool &value)
  {
   int i=JsonField(j,object,name,LS_JSON_BOOL,need);
   if(i>=0)
      value=(j.nodes[i].text=="true");
   return(j.why=="");
  }

// Plain notation, at most 18 digits before and 10 after the point.
bool JsonPlain(string text)
  {
   int n=StringLen(text);
   int point=StringFind(text,".");
   if(StringFind(text,"e")>=0 || StringFind(text,"E")>=0)
      return(false);
   if(point<0)
      return(n<=18);
   return(point<=18 && n-point-1<=10);
  }

// A price or a volume: above 0.
bool JsonAmount(LsJson &j,int object,string name,bool need,double &value)
  {
   int i=JsonField(j,object,name,LS_JSON_NUMBER,need);
   if(i<0)
      return(j.why=="");
   if(!JsonPlain(j.nodes[i].text))
      return(JsonFail(j,"`"+name+"` is not in plain notation, or too long"));
   value=StringToDouble(j.nodes[i].text);
   if(value<=0.0)
      return(JsonFail(j,"`"+name+"` must be above 0"));
   return(true);
  }

// A level: a price, or null for none (0).
bool JsonLevel(LsJson &j,int object,string name,bool need,double &value)
  {
   int i=JsonFind(j,object,name);
   value=0.0;
   if(i>=0 && j.nodes[i].kind==LS_JSON_NULL)
      return(true);
   return(JsonAmount(j,object,name,need,value));
  }

#endif
