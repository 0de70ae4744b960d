// Tests of the link half that need no broker: numbers, hashes, JSON, the vectors of contracts/ea, WebSocket frames, ledger and outbox. A script: prints a line for each
// failure and `LINK TESTS: <n> checks, <m> failed` at the end.
// Files\vectors.txt (made by the runner): a line `<name> <terminal|server> <good|bad> <text as hex>` for each vector; Files\digest.txt: `<16 hex> <text as hex>`.

#include "KeyTests.mqh"

int gChecks=0;
int gFailed=0;

void Check(string what,bool good)
  {
   gChecks++;
   if(good)
      return;
   gFailed++;
   Print("FAILED: ",what);
  }

void CheckText(string what,string is,string wanted)
  {
   Check(what+": is "+is+", wanted "+wanted,is==wanted);
  }

int UnHex(string hex,uchar &bytes[])
  {
   int n=StringLen(hex)/2;
   ArrayResize(bytes,n);
   for(int i=0; i<n; i++)
      bytes[i]=(uchar)(JsonHexDigit((int)StringGetCharacter(hex,2*i))*16+JsonHexDigit((int)StringGetCharacter(hex,2*i+1)));
   return(n);
  }

bool Parses(string text)
  {
   uchar bytes[];
   int n=TextBytes(text,bytes);
   return(JsonParse(gIn,bytes,0,n));
  }

void TestText()
  {
   CheckText("number",TextNumber(1.10012,5),"1.10012");
   CheckText("no trailing zeros",TextNumber(0.3,8),"0.3");
   CheckText("whole",TextNumber(100,8),"100");
   CheckText("zero",TextNumber(-0.000000001,8),"0");
   CheckText("negative",TextNumber(-1.05,8),"-1.05");
   CheckText("small",TextNumber(0.00001,8),"0.00001");
   CheckText("large",TextNumber(123456789012.5,2),"123456789012.5");
   CheckText("no digits",TextNumber(1234.5,0),"1235");
   CheckText("hex",TextHex(0x9e3779b97f4a7c15,16),"9e3779b97f4a7c15");
   CheckText("hash of nothing",TextHex(TextFnv(""),16),"cbf29ce484222325");
   CheckText("hash",TextHex(TextFnv("foobar"),16),"85944171f73967e8");
   CheckText("quoted",TextQuote("a\"b\\c\r\x44F"),"\"a\\\"b\\\\c??\"");
   CheckText("trimmed",TextTrim(" \t a b \r\n"),"a b");
   CheckText("handshake of RFC 6455",WsAcceptOf("dGhlIHNhbXBsZSBub25jZQ=="),"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
   Check("number with a letter",TextToLong("12a")==-1);
  }

void TestJson()
  {
   long n=0;
   double d=0.0;
   string s="";
   Check("object",Parses("{\"n\":9223372036854775807,\"m\":5,\"d\":1.25,\"s\":\"a\\u00e9\\ud83d\\ude00\\n\",\"b\":true}"));
   Check("largest integer",JsonLong(gIn,0,"n",true,n) && n==9223372036854775807);
   Check("integer",JsonLong(gIn,0,"m",true,n) && n==5);
   Check("decimal",JsonAmount(gIn,0,"d",true,d) && d==1.25);
   Check("text",JsonText(gIn,0,"s",true,s) && StringLen(s)==5);
   Check("left out",JsonLong(gIn,0,"x",false,n) && n==5);
   Check("wrong kind",!JsonLong(gIn,0,"s",false,n));
   Check("missing",Parses("{}") && !JsonLong(gIn,0,"x",true,n));
   Check("a decimal is no integer",Parses("{\"n\":1.0}") && !JsonLong(gIn,0,"n",true,n));
   Check("above 2^63-1",Parses("{\"n\":9223372036854775808}") && !JsonLong(gIn,0,"n",true,n));
   Check("level null",Parses("{\"sl\":null}") && JsonLevel(gIn,0,"sl",true,d) && d==0.0);
   Check("level zero",Parses("{\"sl\":0}") && !JsonLevel(gIn,0,"sl",true,d));
   Check("repeated",!Parses("{\"a\":1,\"a\":2}"));
   Check("below 0",Parses("{\"n\":-1}") && !JsonLong(gIn,0,"n",true,n));
   Check("exponent",Parses("{\"a\":1e5}") && !JsonAmount(gIn,0,"a",true,d));
   Check("eleven places",Parses("{\"a\":0.12345678901}") && !JsonAmount(gIn,0,"a",true,d));
   Check("exponent without digits",!Parses("{\"a\":1e}"));
   Check("leading zero",!Parses("{\"a\":01}"));
   Check("a list is no message",!Parses("[1]"));
   Check("two",!Parses("{} {}"));
   Check("nothing",!Parses(""));
   string deep="";
   for(int i=0; i<40; i++)
      deep+="[";
   Check("too deep",!Parses("{\"a\":"+deep));
  }

// Every beginning of a message, and every message with one byte changed: nothing may crash.
void TestJsonTorn()
  {
   string text="{\"t\":\"cmd\",\"id\":\"LS0\",\"a\":[1,2.5,null,true,{\"x\":\"\\u0041\\\"\"}],\"n\":-12}";
   uchar bytes[];
   int n=TextBytes(text,bytes);
   for(int i=0; i<n; i++)
      Check("cut at "+TextLong(i),!JsonParse(gIn,bytes,0,i));
   for(int i=0; i<n; i++)
     {
      uchar kept=bytes[i];
      for(int c=0; c<256; c++)
        {
         bytes[i]=(uchar)c;
         JsonParse(gIn,bytes,0,n);
        }
      bytes[i]=kept;
     }
   Check("whole",JsonParse(gIn,bytes,0,n));
  }

// A message of the server as if it had just come, in the state in which it makes sense.
bool Taken(const uchar &bytes[],int count)
  {
   gLink=LINK_LIVE;
   if(JsonParse(gIn,bytes,0,count))
     {
      string type="";
      if(JsonText(gIn,0,"t",true,type) && type=="welcome")
         gLink=LINK_HELLO;
     }
   LinkMessage(bytes,count,ClkTick());
   return(gIn.why=="");
  }

void TestVectors()
  {
   uchar file[];
   uchar bytes[];
   int size=0;
   string lines[];
   Check("vectors.txt is there",FsLoad("vectors.txt",file,size));
   int count=StringSplit(TextFromBytes(file,0,size),'\n',lines);
   for(int i=0; i<count; i++)
     {
      string word[];
      if(StringSplit(lines[i],' ',word)!=4)
         continue;
      int n=UnHex(word[3],bytes);
      bool server=(word[1]=="server");
      bool good=(server ? Taken(bytes,n) : JsonParse(gIn,bytes,0,n));
      // What only a terminal sends is bad for the server's own reasons.
      if(server || word[2]=="good")
         Check("vector "+word[0]+" is "+word[2]+" ("+gIn.why+")",good==(word[2]=="good"));
     }
   Check("there were vectors",count>20);
  }

void TestDigest()
  {
   uchar file[];
   uchar bytes[];
   int size=0;
   string lines[];
   Check("digest.txt is there",FsLoad("digest.txt",file,size));
   int count=StringSplit(TextFromBytes(file,0,size),'\n',lines);
   for(int i=0; i<count; i++)
     {
      string word[];
      if(StringSplit(lines[i],' ',word)!=2)
         continue;
      int n=UnHex(word[1],bytes);
      CheckText("digest "+TextLong(i),TextHex(TextFnv(TextFromBytes(bytes,0,n)),16),word[0]);
     }
  }

// The objects of PROTOCOL.md §4, word for word.
void TestObjects()
  {
   LsPosition p;
   p.id=7001;
   p.ticket=7003;
   p.symbol="EURUSD";
   p.side=LS_BUY;
   p.lots=0.3;
   p.price=1.10012;
   p.digits=5;
   p.time=1764028800123;
   p.sl=1.095;
   p.tp=1.11;
   p.order=7001;
   p.magic=912345;
   p.comment="LS0123456789ABC0";
   p.profit=1.0;
   p.swap=0.0;
   CheckText("position",ObjPosition(p),"{\"id\":7001,\"ticket\":7003,\"symbol\":\"EURUSD\",\"side\":\"buy\",\"lots\":0.3,\"price\":1.10012,\"time\":1764028800123,\"sl\":1.095,\"tp\":1.11,\"order\":7001,\"magic\":912345,\"comment\":\"LS0123456789ABC0\"}");
   LsOrder o;
   o.id=7005;
   o.symbol="EURUSD";
   o.side=LS_SELL;
   o.type=LS_STOPLIMIT;
   o.lots=0.5;
   o.price=1.12;
   o.limit=1.119;
   o.digits=5;
   o.sl=1.13;
   o.tp=1.1;
   o.expiry=1764115200000;
   o.time=1764028800123;
   o.magic=0;
   o.comment="";
   CheckText("order",ObjOrder(o),"{\"id\":7005,\"symbol\":\"EURUSD\",\"side\":\"sell\",\"type\":\"stoplimit\",\"lots\":0.5,\"price\":1.12,\"limit\":1.119,\"sl\":1.13,\"tp\":1.1,\"expiry\":1764115200000,\"time\":1764028800123,\"magic\":0,\"comment\":\"\"}");
   o.type=LS_LIMIT;
   o.expiry=0;
   o.sl=0.0;
   Check("a limit order has no limit",StringFind(ObjOrder(o),"\"limit\":")<0 && StringFind(ObjOrder(o),"expiry")<0 && StringFind(ObjOrder(o),"\"sl\"")<0);
  }

// Server's frames, split at every byte.
void TestWs()
  {
   uchar one[];
   uchar message[];
   int count=0;
   string text="{\"t\":\"ack\",\"n\":5}";
   uchar payload[];
   int n=TextBytes(text,payload);
   ArrayResize(one,n+2);
   one[0]=0x81;
   one[1]=(uchar)n;
   for(int i=0; i<n; i++)
      one[i+2]=payload[i];
   for(int cut=0; cut<=n+2; cut++)
     {
      uchar head[];
      uchar tail[];
      ArrayResize(head,cut);
      ArrayResize(tail,n+2-cut);
      for(int i=0; i<cut; i++)
         head[i]=one[i];
      for(int i=cut; i<n+2; i++)
         tail[i-cut]=one[i];
      WsReset();
      WsFeed(head,cut);
      int first=WsNext(message,count);
      WsFeed(tail,n+2-cut);
      int second=WsNext(message,count);
      Check("split at "+TextLong(cut),(cut<n+2)==(first==WS_NONE) && (first==WS_MESSAGE || second==WS_MESSAGE) && TextFromBytes(message,0,count)==text);
     }
   WsReset();
   one[0]=0xC1;
   WsFeed(one,n+2);
   Check("reserved bits",WsNext(message,count)==WS_ERROR && gWsCode==1002);
   WsReset();
   one[0]=0x82;
   WsFeed(one,n+2);
   Check("binary",WsNext(message,count)==WS_ERROR && gWsCode==1003);
   WsReset();
   one[0]=0x81;
   one[1]=127;
   WsFeed(one,n+2);
   Check("too large",WsNext(message,count)==WS_ERROR && gWsCode==1009);
  }

void TestFiles()
  {
   FsStart(1,"Test Server");
   string lines[];
   string umlaut="two "+ShortToString(228);
   int file=FsOpen("t.log");
   Check("append",FsAdd(file,"one") && FsAdd(file,umlaut) && FsAdd(file,""));
   FsClose(file);
   Check("three lines",FsRead("t.log",lines)==3 && lines[1]==umlaut && lines[2]=="");
   file=FileOpen(FsPath("t.log"),FILE_READ|FILE_WRITE|FILE_BIN);
   FileSeek(file,0,SEEK_END);
   FsPut(file,"0123abcd torn");
   FileClose(file);
   file=FsOpen("t.log");
   FsAdd(file,"four");
   FsClose(file);
   Check("a torn line is ignored, the next is not",FsRead("t.log",lines)==4 && lines[3]=="four");
   Check("replace",FsWrite("t.log",lines,2) && FsRead("t.log",lines)==2);
   FileDelete(FsPath("t.log"));
   Check("no file, no lines",FsRead("t.log",lines)==0);
  }

void TestLedger()
  {
   FileDelete(FsPath(LEDGER_FILE));
   LsCommand c;
   CmdClear(c);
   Check("opens",LedgerOpen());
   for(int i=0; i<1500; i++)
     {
      c.id="LS"+TextLong(i);
      LedgerBegin(c);
      if(i!=1400)
         LedgerEnd(c.id,"\"id\":\""+c.id+"\"}");
     }
   LedgerClose();
   LedgerOpen();
   Check("all of two days are kept",gLedgerCount==1500 && LedgerFind("LS0")>=0);
   int i=LedgerFind("LS1400");
   Check("begun, not ended, before this start",i>=0 && gLedger[i].answer=="" && !gLedger[i].ours);
   i=LedgerFind("LS1499");
   Check("ended",i>=0 && gLedger[i].answer=="\"id\":\"LS1499\"}");
   for(int k=0; k<1500; k++)
      gLedger[k].time=1000;
   gLedgerLines=100000;
   LedgerCompact();
   Check("a thousand stay",gLedgerCount==1000 && LedgerFind("LS0")<0 && LedgerFind("LS1499")>=0);
   LedgerClose();
   LedgerOpen();
   Check("and in the file",gLedgerCount==1000 && LedgerFind("LS1400")>=0);
   LedgerClose();
   FileDelete(FsPath(LEDGER_FILE));
  }

void TestOutbox()
  {
   FileDelete(FsPath(OUTBOX_FILE));
   Check("opens",OutboxOpen());
   for(int i=1; i<=5000; i++)
      Check("number",OutboxAdd("change","\"closed\":["+TextLong(i)+"]}")==i);
   OutboxAck(4000);
   Check("acknowledged",gBoxFirst==4001 && OutboxCount()==1000 && OutboxText(4000)=="" && OutboxText(4001)!="");
   OutboxClose();
   OutboxOpen();
   Check("after a restart",gBoxFirst==4001 && gBoxLast==5000 && gBoxAcked==4000);
   CheckText("the text",OutboxText(4500),"{\"t\":\"change\",\"n\":4500,\"closed\":[4500]}");
   OutboxResume(6001);
   Check("the server knows more",OutboxCount()==0 && OutboxAdd("change","\"gone\":[1]}")==6001 && gBoxFirst==6001);
   OutboxClose();
   OutboxOpen();
   Check("and it stays so",gBoxFirst==6001 && gBoxLast==6001 && gBoxAcked==6000);
   string text="";
   for(int i=0; i<50000; i++)
      text+="x";
   for(int i=0; i<400; i++)
      OutboxAdd("change","\"x\":\""+text+"\"}");
   Check("bounded by bytes",gBoxBytes<=OUTBOX_BYTES && gBoxBytes>OUTBOX_BYTES-60000 && gBoxLast==6401 && gBoxFirst>6001);
   long first=gBoxFirst;
   OutboxClose();
   OutboxOpen();
   Check("bounded after a restart",gBoxFirst==first && gBoxLast==6401);
   OutboxAck(6400);
   OutboxAdd("change","\"x\":1}");
   Check("the file shrinks",gBoxFileBytes<OUTBOX_WASTE && gBoxLast==6402 && gBoxFirst==6401);
   OutboxClose();
   FileDelete(FsPath(OUTBOX_FILE));
  }

void OnStart()
  {
   ClkSeed(7);
   TestText();
   TestJson();
   TestJsonTorn();
   TestObjects();
   TestWs();
   TestFiles();
   TestKeys();
   TestLedger();
   TestOutbox();
   LedgerOpen();
   OutboxOpen();
   TestVectors();
   TestDigest();
   LedgerClose();
   OutboxClose();
   Print("LINK TESTS: ",gChecks," checks, ",gFailed," failed");
  }
