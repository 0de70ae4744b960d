// Strings, numbers, formats, dates.
#include "runtime.hpp"
#include <cstdio>
#include <cstdlib>
#include <ctime>

static std::u16string Widen(const std::string &utf8)
  {
   std::u16string out;
   size_t i = 0;
   while(i < utf8.size())
     {
      unsigned char c = (unsigned char)utf8[i];
      int n = c < 0x80 ? 0 : c >= 0xF0 && c < 0xF5 ? 3 : c >= 0xE0 && c < 0xF0 ? 2 : c >= 0xC2 && c < 0xE0 ? 1 : -1;
      uint cp = n == 0 ? c : n == 1 ? c & 0x1F : n == 2 ? c & 0x0F : c & 0x07;
      bool good = n >= 0 && i + (size_t)n < utf8.size();
      for(int k = 1; good && k <= n; k++)
        {
         unsigned char m = (unsigned char)utf8[i + (size_t)k];
         good = (m & 0xC0) == 0x80;
         cp = (cp << 6) | (m & 0x3F);
        }
      if(!good)
        {
         out += u'\uFFFD';
         i++;
         continue;
        }
      if(cp >= 0x10000)
        {
         out += (char16_t)(0xD800 + ((cp - 0x10000) >> 10));
         out += (char16_t)(0xDC00 + ((cp - 0x10000) & 0x3FF));
        }
      else
         out += (char16_t)cp;
      i += (size_t)n + 1;
     }
   return out;
  }

static std::string Narrow(const std::u16string &text)
  {
   std::string out;
   for(size_t i = 0; i < text.size(); i++)
     {
      uint cp = text[i];
      if(cp >= 0xD800 && cp < 0xDC00 && i + 1 < text.size() && text[i + 1] >= 0xDC00 && text[i + 1] < 0xE000)
         cp = 0x10000 + ((cp - 0xD800) << 10) + (text[++i] - 0xDC00u);
      else if(cp >= 0xD800 && cp < 0xE000)
         cp = 0xFFFD;
      if(cp < 0x80)
         out += (char)cp;
      else if(cp < 0x800)
        {
         out += (char)(0xC0 | (cp >> 6));
         out += (char)(0x80 | (cp & 0x3F));
        }
      else if(cp < 0x10000)
        {
         out += (char)(0xE0 | (cp >> 12));
         out += (char)(0x80 | ((cp >> 6) & 0x3F));
         out += (char)(0x80 | (cp & 0x3F));
        }
      else
        {
         out += (char)(0xF0 | (cp >> 18));
         out += (char)(0x80 | ((cp >> 12) & 0x3F));
         out += (char)(0x80 | ((cp >> 6) & 0x3F));
         out += (char)(0x80 | (cp & 0x3F));
        }
     }
   return out;
  }

static std::string ShortReal(double value)
  {
   char buffer[64];
   snprintf(buffer, sizeof buffer, "%.16g", value);
   std::string text = buffer;
   // MQL writes 5.0, not 5.
   return text.find_first_not_of("-0123456789") == std::string::npos ? text + ".0" : text;
  }

MqlString::MqlString(const char *utf8) : m_text(Widen(utf8)), m_set(true) {}
MqlString::MqlString(const std::string &utf8) : m_text(Widen(utf8)), m_set(true) {}
MqlString::MqlString(bool value) : MqlString(value ? "true" : "false") {}
MqlString::MqlString(double value) : MqlString(ShortReal(value)) {}
MqlString::MqlString(datetime value) : MqlString(TimeToString(value, TIME_DATE | TIME_SECONDS)) {}
std::string MqlString::Utf8() const { return Narrow(m_text); }

int StringLen(const string &s) { return s.Length(); }
int StringBufferLen(const string &s) { return s.Length(); }

string StringSubstr(const string &s, int start, int length)
  {
   if(start < 0 || start >= s.Length() || length < -1)
      return MqlString(u"", 0);
#ifndef __MQL5__
   if(length == 0)
      length = -1;
#endif
   return MqlString(s.Text().substr((size_t)start, length < 0 ? std::u16string::npos : (size_t)length));
  }

int StringFind(const string &s, const string &what, int start)
  {
   if(what.Length() == 0)
      return -1;
   size_t at = s.Text().find(what.Text(), start < 0 ? 0 : (size_t)start);
   return at == std::u16string::npos ? -1 : (int)at;
  }

int StringReplace(string &s, const string &what, const string &by)
  {
   if(what.Length() == 0)
      return 0;
   int n = 0;
   std::u16string &text = s.Change();
   for(size_t at = text.find(what.Text()); at != std::u16string::npos; at = text.find(what.Text(), at + by.Text().size()))
     {
      text.replace(at, what.Text().size(), by.Text());
      n++;
     }
   return n;
  }

int StringSplit(const string &s, ushort separator, MqlArrRef<string> parts)
  {
   parts.Resize(0, 0);
   if(s.IsNull())
      return -1;
   if(s.Length() == 0)
      return 0;
   int n = 0;
   size_t from = 0;
   while(true)
     {
      size_t at = s.Text().find((char16_t)separator, from);
      parts.Resize(n + 1, 16);
      parts.Data()[n++] = MqlString(s.Text().substr(from, at == std::u16string::npos ? at : at - from));
      if(at == std::u16string::npos)
         return n;
      from = at + 1;
     }
  }

static char16_t Lower(char16_t c) { return c >= u'A' && c <= u'Z' ? (char16_t)(c + 32) : c; }
static char16_t Upper(char16_t c) { return c >= u'a' && c <= u'z' ? (char16_t)(c - 32) : c; }

int StringCompare(const string &a, const string &b, bool caseSensitive)
  {
   std::u16string x = a.Text(), y = b.Text();
   if(!caseSensitive)
     {
      for(auto &c : x)
         c = Lower(c);
      for(auto &c : y)
         c = Lower(c);
     }
   int order = x.compare(y);
   return order < 0 ? -1 : order > 0 ? 1 : 0;
  }

bool StringAdd(string &s, const string &more) { s += more; return true; }
bool StringFill(string &s, ushort c) { for(auto &x : s.Change()) x = (char16_t)c; return true; }
bool StringInit(string &s, int length, ushort c) { s.Change().assign((size_t)length, (char16_t)c); return true; }

ushort StringGetCharacter(const string &s, int at)
  {
   if(at >= 0 && at < s.Length())
      return (ushort)s.Text()[(size_t)at];
   SetError(5040);
   return 0;
  }

bool StringSetCharacter(string &s, int at, ushort c)
  {
   std::u16string &text = s.Change();
   if(at < 0 || at > (int)text.size())
      return false;
   if(at == (int)text.size())
      text += (char16_t)c;
   else if(c == 0)
      text.resize((size_t)at);
   else
      text[(size_t)at] = (char16_t)c;
   return true;
  }

static bool Blank(char16_t c) { return c == u' ' || c == u'\t' || c == u'\r' || c == u'\n' || c == 0; }

static std::u16string Trimmed(const std::u16string &text, bool left)
  {
   size_t from = 0, to = text.size();
   while(left && from < to && Blank(text[from]))
      from++;
   while(!left && to > from && Blank(text[to - 1]))
      to--;
   return text.substr(from, to - from);
  }

bool StringToLower(string &s) { for(auto &c : s.Change()) c = Lower(c); return true; }
bool StringToUpper(string &s) { for(auto &c : s.Change()) c = Upper(c); return true; }
#ifdef __MQL5__
static int TrimInPlace(string &s, bool left)
  {
   int before = s.Length();
   s.Change() = Trimmed(s.Text(), left);
   return before - s.Length();
  }
int StringTrimLeft(string &s) { return TrimInPlace(s, true); }
int StringTrimRight(string &s) { return TrimInPlace(s, false); }
bool StringSetLength(string &s, uint length) { s.Change().resize(length); return true; }
bool StringReserve(string &s, uint capacity) { s.Change().reserve(capacity); return true; }
#else
string StringTrimLeft(const string &s) { return MqlString(Trimmed(s.Text(), true)); }
string StringTrimRight(const string &s) { return MqlString(Trimmed(s.Text(), false)); }
ushort StringGetChar(const string &s, int at) { return StringGetCharacter(s, at); }
#endif

string IntegerToString(long value, int length, ushort fill)
  {
   std::u16string text = Widen(std::to_string(value));
   if((int)text.size() < length)
      text.insert(0, (size_t)length - text.size(), (char16_t)fill);
   return MqlString(text);
  }

string DoubleToString(double value, int digits)
  {
   char buffer[400];
   if(digits < 0)
      snprintf(buffer, sizeof buffer, "%.*e", digits < -16 ? 16 : -digits, value);
   else
     {
      // Half of the last digit goes away from zero, by the number's shortest form: 1.005 with two digits is 1.01.
      snprintf(buffer, sizeof buffer, "%.*f", digits > 16 ? 16 : digits, NormalizeDouble(value, digits > 16 ? 16 : digits));
     }
   return MqlString(buffer);
  }

double NormalizeDouble(double value, int digits)
  {
   if(digits < 0 || digits > 15 || !std::isfinite(value) || std::fabs(value) > 1e15)
      return value;
   double scale = std::pow(10.0, digits);
   double scaled = value * scale;
   if(std::fabs(scaled) > 9e15)
      return value;
   double rounded = std::round(scaled);
   // A product that misses the half by less than the number's own precision is meant as the half.
   if(std::fabs(std::fabs(scaled - std::trunc(scaled)) - 0.5) < std::fabs(scaled) * 4e-16)
      rounded = scaled < 0 ? std::floor(scaled) : std::ceil(scaled);
   return rounded / scale;
  }

string CharToString(uchar c) { char16_t u = c; return MqlString(&u, 1); }
string ShortToString(ushort c) { char16_t u = c; return MqlString(&u, 1); }
long StringToInteger(const string &s) { return strtol(s.Utf8().c_str(), nullptr, 10); }

double StringToDouble(const string &s)
  {
   // Plain and exponent notation; neither hex nor words.
   std::string text = s.Utf8();
   size_t at = text.find_first_not_of(" \t");
   if(at == std::string::npos || text.find_first_of("xXnNiI") != std::string::npos)
      return 0;
   return strtod(text.c_str() + at, nullptr);
  }

// ---- bytes

static std::string Encode(const std::u16string &text, uint codepage)
  {
   if(codepage == CP_UTF8)
      return Narrow(text);
   std::string out;
   for(char16_t c : text)
      out += c < 256 ? (char)c : '?';
   return out;
  }

string CharArrayToString(MqlArrRef<const uchar> a, int start, int count, uint codepage)
  {
   int end = count < 0 || start + count > a.Size() ? a.Size() : start + count;
   std::string bytes;
   for(int i = start < 0 ? 0 : start; i < end && a.Data()[i] != 0; i++)
      bytes += (char)a.Data()[i];
   if(codepage == CP_UTF8)
      return MqlString(bytes);
   std::u16string text;
   for(char c : bytes)
      text += (char16_t)(uchar)c;
   return MqlString(text);
  }

// With a count, so many bytes and no more: of a text with umlauts the count of its characters cuts the end off.
int StringToCharArray(const string &s, MqlArrRef<uchar> a, int start, int count, uint codepage)
  {
   std::string bytes = Encode(s.Text(), codepage);
   bytes += '\0';
   int n = count >= 0 && count < (int)bytes.size() ? count : (int)bytes.size();
   if(a.Size() < start + n && a.Resize(start + n, 0) < 0)
      n = a.Size() - start;
   for(int i = 0; i < n; i++)
      a.Data()[start + i] = (uchar)bytes[(size_t)i];
   return n < 0 ? 0 : n;
  }

string ShortArrayToString(MqlArrRef<const ushort> a, int start, int count)
  {
   int end = count < 0 || start + count > a.Size() ? a.Size() : start + count;
   std::u16string text;
   for(int i = start; i < end && a.Data()[i] != 0; i++)
      text += (char16_t)a.Data()[i];
   return MqlString(text);
  }

int StringToShortArray(const string &s, MqlArrRef<ushort> a, int start, int count)
  {
   int n = count >= 0 && count < s.Length() + 1 ? count : s.Length() + 1;
   if(a.Size() < start + n && a.Resize(start + n, 0) < 0)
      n = a.Size() - start;
   for(int i = 0; i < n; i++)
      a.Data()[start + i] = i < s.Length() ? (ushort)s.Text()[(size_t)i] : (ushort)0;
   return n;
  }

// ---- dates

bool TimeToStruct(datetime t, MqlDateTime &parts)
  {
   time_t seconds = t.v;
   tm split;
   gmtime_r(&seconds, &split);
   parts = {split.tm_year + 1900, split.tm_mon + 1, split.tm_mday, split.tm_hour, split.tm_min, split.tm_sec, split.tm_wday, split.tm_yday};
   return true;
  }

datetime StructToTime(MqlDateTime &parts)
  {
   tm split = {};
   split.tm_year = parts.year - 1900;
   split.tm_mon = parts.mon - 1;
   split.tm_mday = parts.day;
   split.tm_hour = parts.hour;
   split.tm_min = parts.min;
   split.tm_sec = parts.sec;
   return datetime((long)timegm(&split));
  }

string TimeToString(datetime t, int mode)
  {
   MqlDateTime p;
   TimeToStruct(t, p);
   char date[32], time[32];
   snprintf(date, sizeof date, "%04d.%02d.%02d", p.year, p.mon, p.day);
   if((mode & TIME_SECONDS) != 0)
      snprintf(time, sizeof time, "%02d:%02d:%02d", p.hour, p.min, p.sec);
   else
      snprintf(time, sizeof time, "%02d:%02d", p.hour, p.min);
   bool dated = (mode & TIME_DATE) != 0, timed = (mode & (TIME_MINUTES | TIME_SECONDS)) != 0;
   return MqlString(std::string(dated ? date : "") + (dated && timed ? " " : "") + (timed ? time : ""));
  }

datetime StringToTime(const string &s)
  {
   MqlDateTime p = {};
   int n = sscanf(s.Utf8().c_str(), "%d.%d.%d %d:%d:%d", &p.year, &p.mon, &p.day, &p.hour, &p.min, &p.sec);
   return n >= 3 ? StructToTime(p) : datetime(0);
  }

string ColorToString(color c, bool)
  {
   char buffer[32];
   snprintf(buffer, sizeof buffer, "%u,%u,%u", c & 255, (c >> 8) & 255, (c >> 16) & 255);
   return MqlString(buffer);
  }

#ifndef __MQL5__
static MqlDateTime Parts(datetime t) { MqlDateTime p; TimeToStruct(t, p); return p; }
int TimeYear(datetime t) { return Parts(t).year; }
int TimeMonth(datetime t) { return Parts(t).mon; }
int TimeDay(datetime t) { return Parts(t).day; }
int TimeHour(datetime t) { return Parts(t).hour; }
int TimeMinute(datetime t) { return Parts(t).min; }
int TimeSeconds(datetime t) { return Parts(t).sec; }
int TimeDayOfWeek(datetime t) { return Parts(t).day_of_week; }
#endif

// 15 bits, as in the terminal; the same on every machine.
static uint gSeed = 1;
int MathRand()
  {
   gSeed = gSeed * 214013u + 2531011u;
   return (int)((gSeed >> 16) & 0x7FFF);
  }
void MathSrand(int seed) { gSeed = (uint)seed; }

// ---- printf

string MqlFormat(const string &format, const std::vector<MqlArg> &args)
  {
   std::u16string out;
   const std::u16string &f = format.Text();
   size_t next = 0;
   for(size_t i = 0; i < f.size(); i++)
     {
      if(f[i] != u'%')
        {
         out += f[i];
         continue;
        }
      if(i + 1 < f.size() && f[i + 1] == u'%')
        {
         out += u'%';
         i++;
         continue;
        }
      std::string spec = "%";
      size_t k = i + 1;
      while(k < f.size() && f[k] < 128 && strchr("-+ #0123456789.*", (char)f[k]) != nullptr)
        {
         if(f[k] == u'*')
            spec += std::to_string(next < args.size() ? args[next++].i : 0);
         else
            spec += (char)f[k];
         k++;
        }
      while(k < f.size() && (f[k] == u'l' || f[k] == u'h' || f[k] == u'I'))
         k += f[k] == u'I' && k + 2 < f.size() ? 3 : 1;
      char kind = k < f.size() && f[k] < 128 ? (char)f[k] : '?';
      i = k;
      if(next >= args.size() || strchr("diuxXocseEfgGaA", kind) == nullptr)
        {
         out += u"(missing or bad argument)";
         continue;
        }
      const MqlArg &arg = args[next++];
      char buffer[512];
      if(kind == 's')
        {
         MqlString text = arg.kind == MqlArg::Text ? arg.s : arg.kind == MqlArg::Real ? MqlString(arg.d) : MqlString(arg.i);
         if(text.IsNull())
            text = MqlString("(null)");
         // Width and precision count characters here, not bytes.
         int width = 0, precision = -1;
         bool left = spec.find('-') != std::string::npos;
         size_t dot = spec.find('.');
         std::string digits = spec.substr(spec.find_first_not_of("%-+ #0") == std::string::npos ? spec.size() : spec.find_first_not_of("%-+ #0"));
         width = atoi(digits.c_str());
         if(dot != std::string::npos)
            precision = atoi(spec.c_str() + dot + 1);
         std::u16string piece = precision >= 0 ? text.Text().substr(0, (size_t)precision) : text.Text();
         if((int)piece.size() < width)
            piece.insert(left ? piece.size() : 0, (size_t)width - piece.size(), u' ');
         out += piece;
         continue;
        }
      if(kind == 'c')
        {
         out += (char16_t)arg.i;
         continue;
        }
      if(strchr("diuxXo", kind) != nullptr)
        {
         long value = arg.kind == MqlArg::Real ? (long)arg.d : arg.i;
         if(arg.bytes < 8 && kind != 'd' && kind != 'i')
            value &= (1L << (arg.bytes * 8)) - 1;
         snprintf(buffer, sizeof buffer, (spec + "l" + kind).c_str(), value);
        }
      else
         snprintf(buffer, sizeof buffer, (spec + kind).c_str(), arg.kind == MqlArg::Real ? arg.d : (double)arg.i);
      out += Widen(buffer);
     }
   return MqlString(out);
  }
