// Files in the sandbox, with the terminal's buffer, share modes and errors; named pipes over Unix sockets.
#include "runtime.hpp"
#include <cstdio>
#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct OpenFile
  {
   int               fd = -1;
   int               flags = 0;
   bool              pipe = false;
   long              at = 0;              // where the program reads and writes
   std::string       buffer;              // written by the program, not yet given to the system
   long              bufferAt = 0;
   char16_t          delimiter = u'\t';
   uint              codepage = CP_ACP;
  };
constexpr int MaxFiles = 64;
static OpenFile gFiles[MaxFiles + 1];

#ifdef __MQL5__
constexpr int WriteError = 5026, ReadError = 5015, NotThere = 5019, CannotRewrite = 5020, CannotDelete = 5006;
#else
constexpr int WriteError = 5016, ReadError = 5015, NotThere = 5020, CannotRewrite = 5021, CannotDelete = 5006;
#endif
constexpr int TooMany = 5001, BadName = 5002, CannotOpen = 5004, BadHandle = 5007;

static OpenFile *Need(int handle)
  {
   if(handle > 0 && handle <= MaxFiles && gFiles[handle].fd >= 0)
      return &gFiles[handle];
   SetError(BadHandle);
   return nullptr;
  }

// The path in the sandbox; empty when the name leads out of it.
static std::string PathOf(const MqlString &name, bool common)
  {
   std::string path = name.Utf8();
   for(char &c : path)
      c = c == '\\' ? '/' : c;
   while(!path.empty() && path[0] == '/')
      path.erase(0, 1);
   if(path.empty() || path.find(':') != std::string::npos || ("/" + path + "/").find("/../") != std::string::npos)
     {
      SetError(BadName);
      return "";
     }
   return (common ? g.common : g.files) + "/" + path;
  }

static void MakeFolders(const std::string &path)
  {
   for(size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1))
      mkdir(path.substr(0, at).c_str(), 0777);
  }

static bool Lock(int fd, short type, long where)
  {
   struct flock l = {};
   l.l_type = type;
   l.l_whence = 0;
   l.l_start = where;
   l.l_len = 1;
   return fcntl(fd, F_OFD_SETLK, &l) == 0;
  }
static bool Held(int fd, long where)
  {
   struct flock l = {};
   l.l_type = F_WRLCK;
   l.l_whence = 0;
   l.l_start = where;
   l.l_len = 1;
   return fcntl(fd, F_OFD_GETLK, &l) == 0 && l.l_type != F_UNLCK;
  }

// Share modes, also between processes: two bytes for each kind of access, far behind the file's end, say who has it and who denies it to others.
static bool Share(int fd, int flags)
  {
   const long far = 1L << 40;
   const int access[2] = {FILE_READ, FILE_WRITE}, share[2] = {FILE_SHARE_READ, FILE_SHARE_WRITE};
   for(int k = 0; k < 2; k++)
     {
      bool has = (flags & access[k]) != 0, denies = (flags & share[k]) == 0;
      if((has && (!Lock(fd, F_RDLCK, far + 2 * k) || Held(fd, far + 2 * k + 1))) || (denies && (!Lock(fd, F_RDLCK, far + 2 * k + 1) || Held(fd, far + 2 * k))))
         return false;
     }
   return true;
  }

static int OpenPipe(const std::string &name)
  {
   sockaddr_un address = {};
   address.sun_family = AF_UNIX;
   strncpy(address.sun_path, (g.pipes + "/" + name).c_str(), sizeof(address.sun_path) - 1);
   int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
   if(::connect(fd, (sockaddr *)&address, sizeof(address)) == 0)
      return fd;
   ::close(fd);
   return -1;
  }

int FileOpen(const string &name, int flags, short delimiter, uint codepage)
  {
   int handle = 1;
   while(handle <= MaxFiles && gFiles[handle].fd >= 0)
      handle++;
   if(handle > MaxFiles)
     {
      SetError(TooMany);
      return INVALID_HANDLE;
     }
   OpenFile file;
   file.flags = flags;
   file.delimiter = (char16_t)delimiter;
   file.codepage = codepage;
   std::string wanted = name.Utf8();
   if(wanted.compare(0, 9, "\\\\.\\pipe\\") == 0)
     {
      file.pipe = true;
      file.fd = OpenPipe(wanted.substr(9));
     }
   else
     {
      std::string path = PathOf(name, (flags & FILE_COMMON) != 0);
      if(path.empty())
         return INVALID_HANDLE;
      bool write = (flags & FILE_WRITE) != 0;
      if(write)
         MakeFolders(path);
      // Always for both: a lock that denies needs no other mode than one that shares.
      file.fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC | (write ? O_CREAT : 0), 0666);
      if(file.fd >= 0 && !Share(file.fd, flags))
        {
         ::close(file.fd);
         file.fd = -1;
        }
      // Only who may have the file may empty it.
      if(file.fd >= 0 && write && (flags & FILE_READ) == 0 && ftruncate(file.fd, 0) != 0)
         perror("ftruncate");
     }
   if(file.fd < 0)
     {
      SetError(CannotOpen);
      return INVALID_HANDLE;
     }
   gFiles[handle] = file;
   bool text = (flags & (FILE_TXT | FILE_CSV)) != 0 && (flags & FILE_ANSI) == 0;
   if(text && (flags & FILE_WRITE) != 0 && FileSize(handle) == 0)
      MqlFileWriteBytes(handle, "\xFF\xFE", 2);
   else if(text && FileSize(handle) >= 2)
      gFiles[handle].at = 2;
   return handle;
  }
int FileOpen(const string &name, int flags, const string &delimiter, uint codepage)
  {
   return FileOpen(name, flags, (short)(StringLen(delimiter) > 0 ? StringGetCharacter(delimiter, 0) : u'\t'), codepage);
  }

static bool WriteOut(OpenFile &f, const char *data, size_t n, long at)
  {
   while(n > 0)
     {
      ssize_t done = f.pipe ? ::send(f.fd, data, n, MSG_NOSIGNAL) : ::pwrite(f.fd, data, n, at);
      if(done <= 0)
        {
         SetError(WriteError);
         return false;
        }
      data += done;
      at += done;
      n -= (size_t)done;
     }
   return true;
  }

static bool Flush(OpenFile &f)
  {
   bool good = WriteOut(f, f.buffer.data(), f.buffer.size(), f.bufferAt);
   f.buffer.clear();
   return good;
  }

void FileFlush(int handle)
  {
   PlatformCall call;
   OpenFile *f = Need(handle);
   if(f == nullptr)
      return;
   if(call.Half())
      f->buffer.resize(f->buffer.size() / 2);
   Flush(*f);
  }

void FileClose(int handle)
  {
   if(OpenFile *f = Need(handle))
     {
      Flush(*f);
      ::close(f->fd);
      *f = OpenFile();
     }
  }

uint MqlFileWriteBytes(int handle, const void *bytes, ulong count)
  {
   PlatformCall call;
   OpenFile *f = Need(handle);
   if(f == nullptr)
      return 0;
   if((f->flags & FILE_WRITE) == 0 || (g.diskFull && !f->pipe))
     {
      SetError(WriteError);
      return 0;
     }
   if(f->pipe)
      return WriteOut(*f, (const char *)bytes, count, 0) ? (uint)count : 0;
   if(!f->buffer.empty() && f->at != f->bufferAt + (long)f->buffer.size())
      Flush(*f);
   if(f->buffer.empty())
      f->bufferAt = f->at;
   f->buffer.append((const char *)bytes, count);
   f->at += (long)count;
   // Killed with a part of it on disk, as after a power cut.
   if(call.Half())
     {
      f->buffer.resize(f->buffer.size() - count / 2);
      Flush(*f);
     }
   else if(f->buffer.size() > 65536)
      Flush(*f);
   return (uint)count;
  }

uint MqlFileReadBytes(int handle, void *bytes, ulong count)
  {
   OpenFile *f = Need(handle);
   if(f == nullptr)
      return 0;
   if((f->flags & FILE_READ) == 0)
     {
      SetError(ReadError);
      return 0;
     }
   Flush(*f);
   ulong got = 0;
   while(got < count)
     {
      ssize_t n = f->pipe ? ::recv(f->fd, (char *)bytes + got, count - got, 0) : ::pread(f->fd, (char *)bytes + got, count - got, f->at);
      if(n <= 0)
         break;
      got += (ulong)n;
      f->at += n;
     }
   if(got < count)
      SetError(ReadError);
   return (uint)got;
  }

// On a pipe nobody knows what will come: the count asked for is waited for.
ulong MqlFileLeft(int handle)
  {
   OpenFile *f = Need(handle);
   if(f == nullptr)
      return 0;
   if(f->pipe)
      return 1UL << 40;
   ulong size = FileSize(handle);
   return size > (ulong)f->at ? size - (ulong)f->at : 0;
  }

ulong FileSize(int handle)
  {
   OpenFile *f = Need(handle);
   if(f == nullptr || f->pipe)
      return 0;
   struct stat s;
   fstat(f->fd, &s);
   ulong buffered = f->buffer.empty() ? 0 : (ulong)f->bufferAt + f->buffer.size();
   return MathMax((ulong)s.st_size, buffered);
  }
ulong FileTell(int handle) { OpenFile *f = Need(handle); return f != nullptr ? (ulong)f->at : 0; }
bool FileSeek(int handle, long offset, ENUM_FILE_POSITION origin)
  {
   OpenFile *f = Need(handle);
   if(f == nullptr || f->pipe)
      return false;
   long base = origin == 0 ? 0 : origin == 1 ? f->at : (long)FileSize(handle);
   if(base + offset < 0)
      return false;
   f->at = base + offset;
   return true;
  }
bool FileIsEnding(int handle) { OpenFile *f = Need(handle); return f == nullptr || (!f->pipe && (ulong)f->at >= FileSize(handle)); }

static bool Wide(const OpenFile &f) { return (f.flags & FILE_ANSI) == 0; }

static int NextChar(int handle)
  {
   OpenFile &f = gFiles[handle];
   if(FileIsEnding(handle))
      return -1;
   ushort c = 0;
   return MqlFileReadBytes(handle, &c, Wide(f) ? 2 : 1) > 0 ? c : -1;
  }

bool FileIsLineEnding(int handle)
  {
   OpenFile *f = Need(handle);
   if(f == nullptr || FileIsEnding(handle))
      return true;
   long at = f->at;
   int c = NextChar(handle);
   f->at = at;
   return c == '\r' || c == '\n';
  }

static std::string Bytes(const OpenFile &f, const MqlString &text)
  {
   if(Wide(f))
      return std::string((const char *)text.Text().data(), text.Text().size() * 2);
   if(f.codepage == CP_UTF8)
      return text.Utf8();
   std::string out;
   for(char16_t c : text.Text())
      out += c < 256 ? (char)c : '?';
   return out;
  }

uint FileWriteString(int handle, const string &text, int length)
  {
   OpenFile *f = Need(handle);
   if(f == nullptr)
      return 0;
   std::string bytes = Bytes(*f, length >= 0 ? StringSubstr(text, 0, length) : text);
   return MqlFileWriteBytes(handle, bytes.data(), bytes.size());
  }

uint MqlFileWriteFields(int handle, const std::vector<MqlString> &fields)
  {
   OpenFile *f = Need(handle);
   if(f == nullptr)
      return 0;
   MqlString line(u"", 0);
   for(size_t i = 0; i < fields.size(); i++)
     {
      if(i > 0 && (f->flags & FILE_CSV) != 0)
         line += MqlString(&f->delimiter, 1);
      line += fields[i];
     }
   std::string bytes = Bytes(*f, line + u"\r\n"_s);
   return MqlFileWriteBytes(handle, bytes.data(), bytes.size());
  }

string FileReadString(int handle, int length)
  {
   OpenFile *f = Need(handle);
   if(f == nullptr)
      return MqlString("");
   std::u16string out;
   std::string narrow;
   bool lines = (f->flags & (FILE_TXT | FILE_CSV)) != 0;
   bool any = false;
   for(int n = 0; lines ? true : n < length; n++)
     {
      int c = NextChar(handle);
      if(c < 0)
         break;
      any = true;
      if(lines && c == '\r')
         continue;
      if(lines && (c == '\n' || ((f->flags & FILE_CSV) != 0 && c == f->delimiter)))
         break;
      out += (char16_t)c;
      narrow += (char)c;
     }
   if(!any)
      SetError(ReadError);
   return !Wide(*f) && f->codepage == CP_UTF8 ? MqlString(narrow) : MqlString(out);
  }

uint FileWriteInteger(int handle, int value, int size) { return MqlFileWriteBytes(handle, &value, (ulong)size); }
uint FileWriteLong(int handle, long value) { return MqlFileWriteBytes(handle, &value, 8); }
uint FileWriteDouble(int handle, double value) { return MqlFileWriteBytes(handle, &value, 8); }
uint FileWriteFloat(int handle, float value) { return MqlFileWriteBytes(handle, &value, 4); }
int FileReadInteger(int handle, int size) { int v = 0; MqlFileReadBytes(handle, &v, (ulong)size); return v; }
long FileReadLong(int handle) { long v = 0; MqlFileReadBytes(handle, &v, 8); return v; }
double FileReadDouble(int handle) { double v = 0; MqlFileReadBytes(handle, &v, 8); return v; }
float FileReadFloat(int handle) { float v = 0; MqlFileReadBytes(handle, &v, 4); return v; }

static bool IsFile(const std::string &path)
  {
   struct stat s;
   return stat(path.c_str(), &s) == 0 && S_ISREG(s.st_mode);
  }

bool FileIsExist(const string &name, int common)
  {
   std::string path = PathOf(name, common != 0);
   bool there = !path.empty() && IsFile(path);
   if(!there && !path.empty())
      SetError(NotThere);
   return there;
  }

// A file that is open without sharing can neither be deleted nor replaced, as on Windows.
static bool InUse(const std::string &path)
  {
   int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
   if(fd < 0)
      return false;
   const long far = 1L << 40;
   bool used = Held(fd, far) || Held(fd, far + 1) || Held(fd, far + 2) || Held(fd, far + 3);
   ::close(fd);
   return used;
  }

bool FileDelete(const string &name, int common)
  {
   PlatformCall call;
   std::string path = PathOf(name, common != 0);
   if(path.empty())
      return false;
   if(!IsFile(path))
     {
      SetError(NotThere);
      return false;
     }
   if(InUse(path) || unlink(path.c_str()) != 0)
     {
      SetError(CannotDelete);
      return false;
     }
   return true;
  }

static bool Transfer(const string &from, int common, const string &to, int mode, bool move)
  {
   PlatformCall call;
   std::string source = PathOf(from, (common & FILE_COMMON) != 0 || common == 1), target = PathOf(to, (mode & FILE_COMMON) != 0);
   if(source.empty() || target.empty())
      return false;
   if(!IsFile(source))
     {
      SetError(NotThere);
      return false;
     }
   if(IsFile(target) && ((mode & FILE_REWRITE) == 0 || InUse(target)))
     {
      SetError(CannotRewrite);
      return false;
     }
   if(move && InUse(source))
     {
      SetError(CannotOpen);
      return false;
     }
   MakeFolders(target);
   if(move)
      return rename(source.c_str(), target.c_str()) == 0;
   std::string temp = target;
   FILE *in = fopen(source.c_str(), "rb"), *out = fopen(temp.c_str(), "wb");
   char buffer[65536];
   size_t n;
   while(in != nullptr && out != nullptr && (n = fread(buffer, 1, sizeof buffer, in)) > 0)
      fwrite(buffer, 1, n, out);
   bool good = in != nullptr && out != nullptr;
   if(in != nullptr)
      fclose(in);
   if(out != nullptr)
      fclose(out);
   return good;
  }
bool FileCopy(const string &from, int common, const string &to, int mode) { return Transfer(from, common, to, mode, false); }
bool FileMove(const string &from, int common, const string &to, int mode) { return Transfer(from, common, to, mode, true); }

bool FolderCreate(const string &name, int common)
  {
   std::string path = PathOf(name, common != 0);
   if(path.empty())
      return false;
   MakeFolders(path + "/");
   return true;
  }
bool FolderDelete(const string &name, int common)
  {
   std::string path = PathOf(name, common != 0);
   return !path.empty() && rmdir(path.c_str()) == 0;
  }

struct Search { std::vector<std::string> names; size_t next = 0; };
static std::map<long, Search> gSearches;
static long gLastSearch = 0;

bool FileFindNext(long handle, string &name)
  {
   auto at = gSearches.find(handle);
   if(at == gSearches.end() || at->second.next >= at->second.names.size())
      return false;
   name = MqlString(at->second.names[at->second.next++]);
   return true;
  }
long FileFindFirst(const string &filter, string &name, int common)
  {
   std::string pattern = PathOf(filter, common != 0);
   size_t slash = pattern.rfind('/');
   if(slash == std::string::npos)
      return INVALID_HANDLE;
   Search search;
   if(DIR *folder = opendir(pattern.substr(0, slash).c_str()))
     {
      while(dirent *entry = readdir(folder))
         if(entry->d_name[0] != '.' && fnmatch(pattern.c_str() + slash + 1, entry->d_name, 0) == 0)
            search.names.push_back(std::string(entry->d_name) + (entry->d_type == DT_DIR ? "\\" : ""));
      closedir(folder);
     }
   if(search.names.empty())
     {
      SetError(NotThere);
      return INVALID_HANDLE;
     }
   gSearches[++gLastSearch] = search;
   FileFindNext(gLastSearch, name);
   return gLastSearch;
  }
void FileFindClose(long handle) { gSearches.erase(handle); }

bool FolderClean(const string &name, int common)
  {
   string file;
   long search = FileFindFirst(name + u"\\*"_s, file, common);
   if(search == INVALID_HANDLE)
      return true;
   do
      FileDelete(name + u"\\"_s + file, common);
   while(FileFindNext(search, file));
   FileFindClose(search);
   return true;
  }

static long StatOf(const struct stat &s, ENUM_FILE_PROPERTY_INTEGER what)
  {
   return what == FILE_SIZE ? s.st_size : what == FILE_MODIFY_DATE || what == FILE_CREATE_DATE || what == FILE_ACCESS_DATE ? s.st_mtime : what == FILE_EXISTS ? 1 : 0;
  }
long FileGetInteger(int handle, ENUM_FILE_PROPERTY_INTEGER what)
  {
   OpenFile *f = Need(handle);
   if(f == nullptr)
      return -1;
   struct stat s;
   fstat(f->fd, &s);
   return what == FILE_SIZE ? (long)FileSize(handle) : what == FILE_POSITION ? f->at : what == FILE_END ? FileIsEnding(handle) : StatOf(s, what);
  }
long FileGetInteger(const string &name, ENUM_FILE_PROPERTY_INTEGER what, bool common)
  {
   struct stat s;
   std::string path = PathOf(name, common);
   if(!path.empty() && stat(path.c_str(), &s) == 0)
      return StatOf(s, what);
   SetError(NotThere);
   return what == FILE_EXISTS ? 0 : -1;
  }
