// Text and numbers, the same on both platforms: trimming, plain ASCII, decimals as the protocol writes them, hex, FNV-1a.
#ifndef LOCKSTEP_TEXT_MQH
#define LOCKSTEP_TEXT_MQH

#include "Types.mqh"

#define LS_MONEY_DIGITS 8

string TextTrim(string s)
  {
   int from=0;
   int to=StringLen(s);
   while(from<to && StringGetCharacter(s,from)<=' ')
      from++;
   while(to>from && StringGetCharacter(s,to-1)<=' ')
      to--;
   if(from>=to)
      return("");
   return(StringSubstr(s,from,to-from));
  }

// The first n characters. StringSubstr with length 0 is nothing in MQL5 and all in MQL4.
string TextHead(string s,int n)
  {
   if(n<=0)
      return("");
   return(StringSubstr(s,0,n));
  }

bool TextStarts(string s,string head)
  {
   int n=StringLen(head);
   return(StringLen(s)>=n && TextHead(s,n)==head);
  }

string TextLower(string s)
  {
   string r=s;
   StringToLower(r);
   return(r);
  }

string TextCut(string s,int most)
  {
   if(StringLen(s)<=most)
      return(s);
   return(TextHead(s,most));
  }

// What goes over the wire or into the digest is ASCII: a code page of the PC must not change it.
string TextAscii(string s)
  {
   string r=s;
   int n=StringLen(r);
   for(int i=0; i<n; i++)
     {
      ushort c=StringGetCharacter(r,i);
      if(c<32 || c>126)
         StringSetCharacter(r,i,'?');
     }
   return(r);
  }

// A JSON string with its quotes.
string TextQuote(string s)
  {
   string r=TextAscii(s);
   if(StringFind(r,"\\")>=0)
      StringReplace(r,"\\","\\\\");
   if(StringFind(r,"\"")>=0)
      StringReplace(r,"\"","\\\"");
   return("\""+r+"\"");
  }

string TextLong(long v)
  {
   return(IntegerToString(v));
  }

string TextBool(bool v)
  {
   if(v)
      return("true");
   return("false");
  }

// Plain notation, no exponent, no trailing zeros. What is no number or does not fit the protocol's 18 digits is 0.
string TextNumber(double v,int digits)
  {
   if(!MathIsValidNumber(v) || v>=1e15 || v<=-1e15)
      return("0");
   int places=digits;
   if(places<0)
      places=0;
   if(places>8)
      places=8;
   string s=DoubleToString(v,places);
   if(StringFind(s,".")>=0)
     {
      int n=StringLen(s);
      while(n>0 && StringGetCharacter(s,n-1)=='0')
         n--;
      if(n>0 && StringGetCharacter(s,n-1)=='.')
         n--;
      s=TextHead(s,n);
     }
   if(s=="-0")
      return("0");
   return(s);
  }

string TextHex(ulong v,int digits)
  {
   string symbols="0123456789abcdef";
   string r="";
   for(int i=digits-1; i>=0; i--)
      r+=StringSubstr(symbols,(int)((v>>(4*i))&15),1);
   return(r);
  }

// FNV-1a, 64 bit. Above ASCII (our own files only) a character counts as two bytes.
ulong TextFnv(string s)
  {
   ulong h=0xCBF29CE484222325;
   int n=StringLen(s);
   for(int i=0; i<n; i++)
     {
      ushort c=StringGetCharacter(s,i);
      h=(h^(ulong)(c&255))*0x100000001B3;
      if(c>127)
         h=(h^(ulong)(c>>8))*0x100000001B3;
     }
   return(h);
  }

// Bytes without the closing zero that StringToCharArray adds; returns how many.
int TextBytes(string s,uchar &bytes[])
  {
   ArrayResize(bytes,0);
   int n=StringToCharArray(s,bytes,0,-1,CP_UTF8);
   while(n>0 && bytes[n-1]==0)
      n--;
   return(n);
  }

string TextFromBytes(const uchar &bytes[],int from,int count)
  {
   if(count<=0)
      return("");
   return(CharArrayToString(bytes,from,count,CP_UTF8));
  }

// Digits only, at most 18 of them: cannot overflow. -1 = not such a number.
long TextToLong(string s)
  {
   int n=StringLen(s);
   if(n<1 || n>18)
      return(-1);
   long v=0;
   for(int i=0; i<n; i++)
     {
      ushort c=StringGetCharacter(s,i);
      if(c<'0' || c>'9')
         return(-1);
      v=v*10+(long)(c-'0');
     }
   return(v);
  }

// The word up to the next blank; `rest` is what follows it.
string TextWord(string line,string &rest)
  {
   int at=StringFind(line," ");
   if(at<0)
     {
      rest="";
      return(line);
     }
   rest=StringSubstr(line,at+1);
   return(TextHead(line,at));
  }

#endif
