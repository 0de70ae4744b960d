// Strings, arrays, numbers and formats, the same checks on both platforms; what differs stands in the main files.
int gWrong=0;

void Check(bool good,string what)
  {
   if(good)
      return;
   gWrong++;
   Print("wrong: ",what);
  }

void Same(string found,string wanted)
  {
   Check(found==wanted,"'"+found+"' instead of '"+wanted+"'");
  }

struct Pair
  {
   string            name;
   int               numbers[];
   double            fixed[2];
  };

enum Colours
  {
   RED=1,
   GREEN,
   BLUE=7
  };

int Later(int a,int b=5);

void CheckStrings()
  {
   string none;
   none=NULL;
   Check(none==NULL,"a text set to NULL is NULL");
   Check(none!="","NULL is not the empty text");
   Check(StringLen(none)==0,"NULL has no characters");
   string s="abc";
   s+="def";
   Same(StringSubstr(s,2,3),"cde");
   Same(StringSubstr(s,4),"ef");
   Same(StringSubstr(s,9,1),"");
   Check(StringFind(s,"de")==3,"StringFind");
   Check(StringFind(s,"xx")==-1,"StringFind of what is not there");
   Check(StringFind(s,"a",1)==-1,"StringFind from a place");
   Check(StringReplace(s,"cd","-")==1,"StringReplace counts");
   Same(s,"ab-ef");
   Check(s[2]=='-',"characters by index");
   Check(StringGetCharacter(s,0)=='a',"StringGetCharacter");
   StringSetCharacter(s,0,'A');
   Same(s,"Ab-ef");
   string parts[];
   Check(StringSplit("a;;b",';',parts)==3 && ArraySize(parts)==3,"StringSplit keeps empty parts");
   Same(parts[1],"");
   Same(parts[2],"b");
   string t="MiXed";
   StringToUpper(t);
   Same(t,"MIXED");
   StringToLower(t);
   Same(t,"mixed");
   Check(StringCompare("a","B",false)<0 && StringCompare("a","A",false)==0 && StringCompare("a","A")!=0,"StringCompare");
   Same(IntegerToString(42,5,'0'),"00042");
   Check(StringToInteger(" 12x")==12,"StringToInteger stops at the first letter");
   Check(StringToDouble("1.25")==1.25,"StringToDouble");
   Same(ShortToString(0x20AC)+CharToString('x'),"\x20ACx");
   Same("tab\tquote\"back\\","tab"+CharToString(9)+"quote"+CharToString(34)+"back"+CharToString(92));
  }

void CheckBytes()
  {
   uchar bytes[];
   string euro=ShortToString(0x20AC);
   Check(StringToCharArray(euro+"1",bytes,0,WHOLE_ARRAY,CP_UTF8)==5,"the whole text takes its terminator along");
   Check(ArraySize(bytes)==5 && bytes[0]==0xE2 && bytes[3]=='1' && bytes[4]==0,"UTF-8 bytes");
   Check(StringToCharArray(euro+"1",bytes,0,2,CP_UTF8)==2 && ArraySize(bytes)==5,"a count is bytes, and shrinks nothing");
   StringToCharArray(euro+"1",bytes,0,WHOLE_ARRAY,CP_UTF8);
   Same(CharArrayToString(bytes,0,WHOLE_ARRAY,CP_UTF8),euro+"1");
   Same(CharArrayToString(bytes,3,1,CP_UTF8),"1");
   ushort high=0xD83D;
   ushort low=0xDE00;
   string face=ShortToString(high)+ShortToString(low);
   Check(StringLen(face)==2,"a surrogate pair is two characters");
   Check(StringToCharArray(face,bytes,0,WHOLE_ARRAY,CP_UTF8)==5,"and four bytes");
   uchar bad[2];
   bad[0]=0xC3;
   bad[1]=0x28;
   Check(StringGetCharacter(CharArrayToString(bad,0,2,CP_UTF8),0)==0xFFFD,"broken UTF-8 is replaced");
  }

void CheckArrays()
  {
   int a[];
   Check(ArraySize(a)==0,"a dynamic array begins empty");
   Check(ArrayResize(a,3,100)==3,"ArrayResize returns the size");
   a[0]=3;
   a[1]=1;
   a[2]=2;
   Check(ArrayResize(a,5)==5 && a[2]==2,"growing keeps");
   ArrayResize(a,3);
   ArraySort(a);
   Check(a[0]==1 && a[2]==3,"ArraySort");
   int b[];
   Check(ArrayCopy(b,a,1,1)==2 && ArraySize(b)==3 && b[1]==2,"ArrayCopy enlarges");
   int fixed[3]={7,8,9};
   Check(Sum(fixed)==24 && Sum(a)==6,"views of both kinds of array");
   Check(Grow(a)==4 && ArraySize(a)==4,"a view can be resized");
   Check(ArrayResize(fixed,5)==-1,"a fixed array cannot");
   Pair p[];
   ArrayResize(p,2);
   ZeroMemory(p[0]);
   Check(p[0].name==NULL && ArraySize(p[0].numbers)==0 && p[0].fixed[1]==0,"ZeroMemory of a structure");
   p[0].name="x";
   ArrayResize(p[0].numbers,1);
   p[0].numbers[0]=5;
   p[1]=p[0];
   p[0].numbers[0]=6;
   Check(p[1].name=="x" && p[1].numbers[0]==5,"structures are copied whole");
   ArrayFill(fixed,1,2,4);
   Check(fixed[0]==7 && fixed[2]==4,"ArrayFill");
   ArrayInitialize(fixed,1);
   Check(Sum(fixed)==3,"ArrayInitialize");
   ArrayFree(a);
   Check(ArraySize(a)==0,"ArrayFree");
  }

int Sum(const int &values[])
  {
   int sum=0;
   for(int i=0; i<ArraySize(values); i++)
      sum+=values[i];
   return(sum);
  }

int Grow(int &values[])
  {
   return(ArrayResize(values,ArraySize(values)+1));
  }

void CheckNumbers()
  {
   long big=9223372036854775807;
   ulong hash=14695981039346656037;
   big++;
   Check(big<0,"integers wrap");
   Check((hash^1)*1099511628211!=0 && (hash>>63)==1,"ulong has 64 bits");
   int i=2147483647;
   i++;
   Check(i==-2147483647-1,"int has 32 bits");
   uchar c=255;
   c++;
   Check(c==0,"uchar has 8 bits");
   Check(7/2==3 && -7/2==-3 && -7%3==-1,"division of integers");
   Check((int)2.9==2 && (int)-2.9==-2,"casts cut");
   Check(BLUE==7 && GREEN==2 && (Colours)1==RED,"enums");
   Check(Later(1)==6 && Later(1,1)==2,"default arguments");
   Check(MathMax(2,3)==3 && MathMin(2.5,3)==2.5 && MathAbs(-3)==3,"MathMax, MathMin, MathAbs");
   Check(MathRound(2.5)==3 && MathRound(-2.5)==-3 && MathFloor(-2.5)==-3,"rounding goes away from zero");
   Same(DoubleToString(1.005,2),"1.01");
   Same(DoubleToString(2.675,2),"2.68");
   Same(DoubleToString(0.1+0.2,1),"0.3");
   Same(DoubleToString(-1.1,5),"-1.10000");
   Same(DoubleToString(123456.0,0),"123456");
   Same(DoubleToString(1.08515,5),"1.08515");
   Check(NormalizeDouble(1.085149999,5)==1.08515,"NormalizeDouble");
   Check(StringToDouble(DoubleToString(1.08515,8))==1.08515,"there and back");
   Check(MathIsValidNumber(1.0),"MathIsValidNumber");
  }

int Later(int a,int b=5)
  {
   return(a+b);
  }

void CheckFormats()
  {
   Same(StringFormat("%d %5d|%-5d|%05d",1,2,3,4),"1     2|3    |00004");
   Same(StringFormat("%s %10s|%-4s|%.2s","a","b","c","def"),"a          b|c   |de");
   Same(StringFormat("%.3f %8.2f %g %e",1.5,2.25,0.5,1.0),"1.500     2.25 0.5 1.000000e+00");
   Same(StringFormat("%I64d %u %x %X %%",9223372036854775807,4294967295,255,255),"9223372036854775807 4294967295 ff FF %");
   Same(StringFormat("%c%*d",'x',4,7),"x   7");
   Same((string)5+(string)true,"5true");
   Same(TimeToString(D'2026.01.05 10:07:09',TIME_DATE|TIME_SECONDS),"2026.01.05 10:07:09");
   Same(TimeToString(D'2026.01.05'),"2026.01.05 00:00");
   Check(StringToTime("2026.01.05 10:07")==D'2026.01.05 10:07',"StringToTime");
   MqlDateTime parts;
   TimeToStruct(D'2024.02.29 23:59:58',parts);
   Check(parts.year==2024 && parts.mon==2 && parts.day==29 && parts.sec==58 && parts.day_of_week==4,"TimeToStruct");
   Check(StructToTime(parts)==D'2024.02.29 23:59:58',"StructToTime");
  }

void CheckClock()
  {
   uint before=GetTickCount();
   long seconds=(long)TimeCurrent();
   Check(seconds==(long)D'2026.01.05 10:00',"TimeCurrent is the broker's time of the last quote");
   Check(GetTickCount()-before<50,"the clock stands still inside a handler");
  }

void CheckGlobals()
  {
   ResetLastError();
   Check(!GlobalVariableCheck("ls.test"),"no such global variable");
   GlobalVariableSet("ls.test",1.5);
   Check(GlobalVariableGet("ls.test")==1.5,"GlobalVariableGet");
   Check(!GlobalVariableSetOnCondition("ls.test",2.0,1.0) && GlobalVariableSetOnCondition("ls.test",2.0,1.5),"GlobalVariableSetOnCondition");
   Check(GlobalVariableDel("ls.test"),"GlobalVariableDel");
  }

void CheckAll()
  {
   CheckStrings();
   CheckBytes();
   CheckArrays();
   CheckNumbers();
   CheckFormats();
   CheckClock();
   CheckGlobals();
   CheckPlatform();
   if(gWrong==0)
      Print("ok");
  }
