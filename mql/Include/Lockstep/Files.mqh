// Files that survive being killed at any line. All are text, one record a line, each line with a check value before it; a torn or damaged line is
// ignored when read. Two ways of writing: append (FsAdd, flushed), and replace as a whole (FsWrite, by a temporary file and a move).
// They live in MQL4|5/Files/Lockstep/<login>-<hash of the server's name>/.
#ifndef LOCKSTEP_FILES_MQH
#define LOCKSTEP_FILES_MQH

#include "Types.mqh"
#include "Text.mqh"
#include "Log.mqh"

#define FS_ROOT "Lockstep"
#define FS_HANDLES 64

string gFsFolder="";
int    gFsLock=INVALID_HANDLE;
bool   gFsTorn[FS_HANDLES];   // the last append to this handle failed half way

void FsStart(long login,string server)
  {
   gFsFolder=FS_ROOT+"\\"+TextLong(login)+"-"+TextHex(TextFnv(server),8);
   for(int i=0; i<FS_HANDLES; i++)
      gFsTorn[i]=false;
  }

string FsPath(string name)
  {
   return(gFsFolder+"\\"+name);
  }

// One EA an account in one terminal folder: an open file that nobody else may open. The system closes it when the terminal dies.
bool FsLock()
  {
   FsUnlock();
   gFsLock=FileOpen(FsPath("lock"),FILE_WRITE|FILE_BIN);
   return(gFsLock!=INVALID_HANDLE);
  }

void FsUnlock()
  {
   if(gFsLock!=INVALID_HANDLE)
      FileClose(gFsLock);
   gFsLock=INVALID_HANDLE;
  }

string FsCheck(string line)
  {
   return(TextHex(TextFnv(line)&0xFFFFFFFF,8));
  }

int FsPut(int file,string text)
  {
   uchar bytes[];
   int n=TextBytes(text,bytes);
   if((int)FileWriteArray(file,bytes,0,n)!=n)
      return(-1);
   return(n);
  }

bool FsEndsInLine(int file,ulong size)
  {
   uchar last[];
   ArrayResize(last,1);
   FileSeek(file,(long)size-1,SEEK_SET);
   return(FileReadArray(file,last,0,1)==1 && last[0]=='\n');
  }

// For appending; -1 = cannot be opened. What follows a torn end starts on a new line.
int FsOpen(string name)
  {
   int file=FileOpen(FsPath(name),FILE_READ|FILE_WRITE|FILE_BIN|FILE_SHARE_READ);
   if(file==INVALID_HANDLE)
     {
      LogError("cannot open "+name+" (error "+TextLong(GetLastError())+")");
      return(-1);
     }
   ulong size=(ulong)FileSize(file);
   gFsTorn[file%FS_HANDLES]=(size>0 && !FsEndsInLine(file,size));
   FileSeek(file,0,SEEK_END);
   return(file);
  }

// false = not written, or not surely: the caller must not act on it.
bool FsAddLazy(int file,string line)
  {
   if(file<0)
      return(false);
   int i=file%FS_HANDLES;
   string head="";
   if(gFsTorn[i])
      head="\n";
   gFsTorn[i]=true;
   if(FsPut(file,head+FsCheck(line)+" "+line+"\n")<0)
      return(false);
   gFsTorn[i]=false;
   return(true);
  }

bool FsAdd(int file,string line)
  {
   ResetLastError();
   if(!FsAddLazy(file,line))
     {
      LogError("cannot write to disk (error "+TextLong(GetLastError())+")");
      return(false);
     }
   FileFlush(file);
   return(true);
  }

void FsClose(int file)
  {
   if(file>=0)
      FileClose(file);
  }

bool FsLoad(string path,uchar &bytes[],int &count)
  {
   count=0;
   if(!FileIsExist(path))
      return(false);
   int file=FileOpen(path,FILE_READ|FILE_BIN|FILE_SHARE_READ|FILE_SHARE_WRITE);
   if(file==INVALID_HANDLE)
      return(false);
   int size=(int)FileSize(file);
   ArrayResize(bytes,size);
   if(size>0)
      count=(int)FileReadArray(file,bytes,0,size);
   FileClose(file);
   return(true);
  }

bool FsLineGood(string line,string &content)
  {
   if(StringLen(line)<9 || StringGetCharacter(line,8)!=' ')
      return(false);
   content=StringSubstr(line,9);
   return(TextHead(line,8)==FsCheck(content));
  }

int FsSplit(const uchar &bytes[],int count,string &lines[])
  {
   int found=0;
   int bad=0;
   int from=0;
   string content="";
   for(int i=0; i<count; i++)
     {
      if(bytes[i]!='\n')
         continue;
      if(i>from)
        {
         if(FsLineGood(TextFromBytes(bytes,from,i-from),content))
           {
            ArrayResize(lines,found+1,1024);
            lines[found]=content;
            found++;
           }
         else
            bad++;
        }
      from=i+1;
     }
   if(bad>0)
      LogWarn(TextLong(bad)+" damaged lines in a file of ours were ignored");
   return(found);
  }

// The good lines of a file; none when there is no such file. After a kill in the middle of a replacement the temporary file is the whole one.
int FsRead(string name,string &lines[])
  {
   uchar bytes[];
   int count=0;
   ArrayResize(lines,0);
   if(!FsLoad(FsPath(name),bytes,count) && !FsLoad(FsPath(name+".tmp"),bytes,count))
      return(0);
   return(FsSplit(bytes,count,lines));
  }

// Replaces the file as a whole. It must not be open for appending.
bool FsWrite(string name,const string &lines[],int count)
  {
   string temp=FsPath(name+".tmp");
   int file=FileOpen(temp,FILE_WRITE|FILE_BIN);
   if(file==INVALID_HANDLE)
     {
      LogError("cannot write "+name+" (error "+TextLong(GetLastError())+")");
      return(false);
     }
   bool good=true;
   for(int i=0; i<count && good; i++)
      good=(FsPut(file,FsCheck(lines[i])+" "+lines[i]+"\n")>=0);
   FileFlush(file);
   FileClose(file);
   if(!good)
     {
      FileDelete(temp);
      LogError("cannot write "+name+": the disk may be full");
      return(false);
     }
   if(!FileMove(temp,0,FsPath(name),FILE_REWRITE))
     {
      LogError("cannot replace "+name+" (error "+TextLong(GetLastError())+")");
      return(false);
     }
   return(true);
  }

// The key's file is written by people: plain text, the first line counts.
string FsKeyRead()
  {
   uchar bytes[];
   int count=0;
   if(!FsLoad(FS_ROOT+"\\key.txt",bytes,count))
      return("");
   int from=0;
   if(count>=3 && bytes[0]==0xEF && bytes[1]==0xBB && bytes[2]==0xBF)
      from=3;
   int to=from;
   while(to<count && bytes[to]!='\n' && bytes[to]!='\r' && bytes[to]!=0)
      to++;
   return(TextTrim(TextFromBytes(bytes,from,to-from)));
  }

bool FsKeyWrite(string key)
  {
   int file=FileOpen(FS_ROOT+"\\key.txt",FILE_WRITE|FILE_BIN);
   if(file==INVALID_HANDLE)
      return(false);
   bool good=(FsPut(file,key+"\n")>0);
   FileFlush(file);
   FileClose(file);
   return(good);
  }

#endif
