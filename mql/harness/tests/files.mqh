// The sandbox: modes, buffers, sharing, moving.
int gWrong=0;

void Check(bool good,string what)
  {
   if(good)
      return;
   gWrong++;
   Print("wrong: ",what," (error ",GetLastError(),")");
  }

void CheckBytes()
  {
   uchar out[5]={1,2,3,4,5};
   int f=FileOpen("a\\b\\bytes.bin",FILE_WRITE|FILE_BIN);
   Check(f!=INVALID_HANDLE,"folders are made");
   Check(FileWriteArray(f,out,1,3)==3,"FileWriteArray counts elements");
   Check(FileSize(f)==3 && FileTell(f)==3,"what is buffered counts");
   FileClose(f);
   f=FileOpen("a/b/bytes.bin",FILE_READ|FILE_WRITE|FILE_BIN);
   Check(FileSize(f)==3,"reading and writing keeps the content");
   FileSeek(f,0,SEEK_END);
   FileWriteInteger(f,7,1);
   FileSeek(f,0,SEEK_SET);
   uchar in[];
   Check(FileReadArray(f,in)==4 && ArraySize(in)==4 && in[0]==2 && in[3]==7,"FileReadArray reads the rest");
   Check(FileIsEnding(f),"the end");
   ResetLastError();
   Check(FileReadArray(f,in,0,1)==0,"nothing after it");
   FileClose(f);
   f=FileOpen("a/b/bytes.bin",FILE_WRITE|FILE_BIN);
   Check(FileSize(f)==0,"writing alone empties");
   FileClose(f);
  }

void CheckText()
  {
   int f=FileOpen("text.txt",FILE_WRITE|FILE_TXT|FILE_ANSI,0,CP_UTF8);
   FileWrite(f,"first ",1);
   FileWriteString(f,"second\n");
   FileClose(f);
   f=FileOpen("text.txt",FILE_READ|FILE_TXT|FILE_ANSI,0,CP_UTF8);
   Check(FileSize(f)==16,"FileWrite ends a line with CR LF, FileWriteString with nothing");
   Check(FileReadString(f)=="first 1" && FileReadString(f)=="second" && FileIsEnding(f),"lines");
   FileClose(f);
   f=FileOpen("wide.txt",FILE_WRITE|FILE_TXT);
   FileWriteString(f,"x");
   Check(FileSize(f)==4,"without FILE_ANSI text is UTF-16 with a mark");
   FileClose(f);
  }

void CheckSharing()
  {
   int f=FileOpen("lock",FILE_WRITE|FILE_BIN);
   Check(f!=INVALID_HANDLE,"a lock");
   ResetLastError();
   Check(FileOpen("lock",FILE_WRITE|FILE_BIN)==INVALID_HANDLE && GetLastError()==5004,"what is open alone cannot be opened again");
   Check(FileOpen("lock",FILE_READ|FILE_BIN|FILE_SHARE_READ|FILE_SHARE_WRITE)==INVALID_HANDLE,"nor by one who would share");
   Check(!FileDelete("lock"),"nor deleted");
   FileClose(f);
   f=FileOpen("lock",FILE_READ|FILE_WRITE|FILE_BIN|FILE_SHARE_READ);
   int g=FileOpen("lock",FILE_READ|FILE_BIN|FILE_SHARE_READ|FILE_SHARE_WRITE);
   Check(f!=INVALID_HANDLE && g!=INVALID_HANDLE,"one writes, one reads");
   Check(FileOpen("lock",FILE_WRITE|FILE_BIN|FILE_SHARE_READ|FILE_SHARE_WRITE)==INVALID_HANDLE,"a second writer is not shared with");
   FileClose(f);
   FileClose(g);
  }

void CheckMoving()
  {
   int f=FileOpen("from",FILE_WRITE|FILE_BIN);
   FileWriteInteger(f,5,4);
   FileClose(f);
   f=FileOpen("to",FILE_WRITE|FILE_BIN);
   FileClose(f);
   Check(!FileMove("from",0,"to",0),"a file in the way");
   Check(FileMove("from",0,"to",FILE_REWRITE) && !FileIsExist("from") && FileIsExist("to"),"FILE_REWRITE");
   string name="";
   long search=FileFindFirst("t*",name);
   Check(search!=INVALID_HANDLE && (name=="to" || name=="text.txt"),"FileFindFirst");
   FileFindClose(search);
   Check(FileDelete("to") && !FileDelete("to"),"FileDelete");
  }

void CheckBounds()
  {
   ResetLastError();
   Check(FileOpen("..\\out",FILE_WRITE|FILE_BIN)==INVALID_HANDLE && GetLastError()==5002,"no way out of the sandbox");
   Check(FileOpen("C:\\out",FILE_WRITE|FILE_BIN)==INVALID_HANDLE,"nor by a drive");
   ResetLastError();
   Check(FileOpen("not there",FILE_READ|FILE_BIN)==INVALID_HANDLE && GetLastError()==5004,"what is not there cannot be read");
   int handles[64];
   for(int i=0; i<64; i++)
      handles[i]=FileOpen("many"+(string)i,FILE_WRITE|FILE_BIN);
   Check(handles[63]!=INVALID_HANDLE,"64 files");
   ResetLastError();
   Check(FileOpen("many64",FILE_WRITE|FILE_BIN)==INVALID_HANDLE && GetLastError()==5001,"not one more");
   for(int i=0; i<64; i++)
      FileClose(handles[i]);
   ResetLastError();
   FileFlush(99);
   Check(GetLastError()==5007,"a handle that is none");
   int common=FileOpen("c",FILE_WRITE|FILE_BIN|FILE_COMMON);
   Check(common!=INVALID_HANDLE && !FileIsExist("c") && FileIsExist("c",FILE_COMMON),"the common folder");
   FileClose(common);
  }

int OnInit()
  {
   CheckBytes();
   CheckText();
   CheckSharing();
   CheckMoving();
   CheckBounds();
   if(gWrong==0)
      Print("ok");
   return(INIT_SUCCEEDED);
  }
