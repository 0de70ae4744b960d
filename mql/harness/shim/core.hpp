// The language: strings, arrays, times, indices that know their line.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <new>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

typedef unsigned char uchar;
typedef unsigned short ushort;
typedef unsigned int uint;
typedef unsigned long ulong;
typedef uint color;
static_assert(sizeof(long) == 8, "MQL's long has 64 bits");

// A critical error: the terminal stops the program with a message, so does this.
[[noreturn]] void MqlStop(const char *what, const char *file, int line);

struct MqlIndex
  {
   long              i;
   const char       *file;
   int               line;
  };

template<class I>
inline MqlIndex MqlAt(I i, const char *file = __builtin_FILE(), int line = __builtin_LINE())
  {
   static_assert(std::is_integral_v<I> || std::is_enum_v<I>, "an index is an integer");
   return {(long)i, file, line};
  }

// Seconds since 1970; a type of its own for overloads and printing, a number for everything else.
struct datetime
  {
   long              v;
   datetime() = default;
   template<class I, class = std::enable_if_t<std::is_integral_v<I>>>
   constexpr datetime(I i) : v((long)i) {}
   explicit datetime(double d) : v((long)d) {}
   constexpr operator long() const { return v; }
   datetime &operator+=(long x) { v += x; return *this; }
   datetime &operator-=(long x) { v -= x; return *this; }
  };

class MqlString;
struct MqlNullType
  {
   template<class I, class = std::enable_if_t<std::is_integral_v<I>>>
   constexpr operator I() const { return (I)0; }
  };
inline constexpr MqlNullType MqlNull;

// UTF-16, with a state NULL that is not "".
class MqlString
  {
   std::u16string    m_text;
   bool              m_set = false;

public:
   MqlString() = default;
   MqlString(MqlNullType) {}
   MqlString(const char16_t *text, size_t length) : m_text(text, length), m_set(true) {}
   explicit MqlString(std::u16string text) : m_text(std::move(text)), m_set(true) {}
   explicit MqlString(const char *utf8);
   explicit MqlString(const std::string &utf8);
   explicit MqlString(bool value);
   explicit MqlString(double value);
   explicit MqlString(datetime value);
   template<class I, class = std::enable_if_t<std::is_integral_v<I> && !std::is_same_v<I, bool>>>
   explicit MqlString(I value) : MqlString(std::to_string(value)) {}
   template<class E, class = std::enable_if_t<std::is_enum_v<E>>, class = void>
   explicit MqlString(E value) : MqlString(std::to_string((long)value)) {}

   bool              IsNull() const { return !m_set; }
   int               Length() const { return (int)m_text.size(); }
   const std::u16string &Text() const { return m_text; }
   std::u16string   &Change() { m_set = true; return m_text; }
   std::string       Utf8() const;

   ushort operator[](MqlIndex at) const
     {
      if(at.i < 0 || at.i >= Length())
         MqlStop("string index out of range", at.file, at.line);
      return (ushort)m_text[(size_t)at.i];
     }
   MqlString &operator+=(const MqlString &other)
     {
      m_text += other.m_text;
      m_set = m_set || other.m_set;
      return *this;
     }
   friend MqlString operator+(MqlString a, const MqlString &b) { a += b; return a; }
   friend bool operator==(const MqlString &a, const MqlString &b) { return a.m_set == b.m_set && a.m_text == b.m_text; }
   friend bool operator!=(const MqlString &a, const MqlString &b) { return !(a == b); }
   friend bool operator<(const MqlString &a, const MqlString &b) { return a.m_text < b.m_text; }
   friend bool operator>(const MqlString &a, const MqlString &b) { return b < a; }
   friend bool operator<=(const MqlString &a, const MqlString &b) { return !(b < a); }
   friend bool operator>=(const MqlString &a, const MqlString &b) { return !(a < b); }
  };
typedef MqlString string;

inline MqlString operator""_s(const char16_t *text, size_t length) { return MqlString(text, length); }

// int a[4]; aggregate, so that initialisers work.
template<class T, int N>
struct MqlStatic
  {
   T                 v[N];
   T &operator[](MqlIndex at)
     {
      if(at.i < 0 || at.i >= N)
         MqlStop("array out of range", at.file, at.line);
      return v[at.i];
     }
   const T &operator[](MqlIndex at) const { return const_cast<MqlStatic &>(*this)[at]; }
   int               Size() const { return N; }
   T                *Data() { return v; }
   const T          *Data() const { return v; }
   int               Resize(int, int) { return -1; }
   static constexpr bool Dynamic = false;
   using Element = T;
  };

// int a[]; new elements hold garbage on purpose, as in a terminal.
template<class T>
class MqlArray
  {
   T                *m_data = nullptr;
   int               m_size = 0;
   int               m_capacity = 0;

   void              Reserve(int capacity)
     {
      T *data = (T *)::operator new((size_t)capacity * sizeof(T));
      for(int i = 0; i < m_size; i++)
        {
         new(data + i) T(std::move(m_data[i]));
         m_data[i].~T();
        }
      ::operator delete(m_data);
      m_data = data;
      m_capacity = capacity;
     }

public:
   MqlArray() = default;
   MqlArray(std::initializer_list<T> values)
     {
      Resize((int)values.size(), 0);
      int i = 0;
      for(const T &value : values)
         m_data[i++] = value;
     }
   MqlArray(const MqlArray &other) { *this = other; }
   ~MqlArray() { Free(); }
   MqlArray &operator=(const MqlArray &other)
     {
      if(this != &other)
        {
         Resize(other.m_size, 0);
         for(int i = 0; i < m_size; i++)
            m_data[i] = other.m_data[i];
        }
      return *this;
     }
   T &operator[](MqlIndex at)
     {
      if(at.i < 0 || at.i >= m_size)
         MqlStop("array out of range", at.file, at.line);
      return m_data[at.i];
     }
   const T &operator[](MqlIndex at) const { return const_cast<MqlArray &>(*this)[at]; }
   int               Size() const { return m_size; }
   T                *Data() { return m_data; }
   const T          *Data() const { return m_data; }
   void              Free()
     {
      Resize(0, 0);
      ::operator delete(m_data);
      m_data = nullptr;
      m_capacity = 0;
     }
   int               Resize(int size, int reserve)
     {
      if(size < 0)
         return -1;
      if(size > m_capacity)
         Reserve(size + (reserve > 0 ? reserve : 0));
      while(m_size > size)
         m_data[--m_size].~T();
      for(; m_size < size; m_size++)
        {
         memset((void *)(m_data + m_size), 0xFE, sizeof(T));
         new(m_data + m_size) T;
        }
      return m_size;
     }
   static constexpr bool Dynamic = true;
   using Element = T;
  };

// T &a[]: a view of either kind.
template<class T>
class MqlArrRef
  {
   using Plain = std::remove_const_t<T>;
   using Owner = std::conditional_t<std::is_const_v<T>, const MqlArray<Plain>, MqlArray<Plain>>;
   Owner            *m_owner = nullptr;
   T                *m_data = nullptr;
   int               m_size = 0;
   template<class U> friend class MqlArrRef;

public:
   MqlArrRef(Owner &array) : m_owner(&array) {}
   template<int N>
   MqlArrRef(MqlStatic<Plain, N> &array) : m_data(array.v), m_size(N) {}
   template<int N, class U = T, class = std::enable_if_t<std::is_const_v<U>>>
   MqlArrRef(const MqlStatic<Plain, N> &array) : m_data(array.v), m_size(N) {}
   template<class U, class = std::enable_if_t<std::is_same_v<U, Plain> && std::is_const_v<T>>>
   MqlArrRef(const MqlArrRef<U> &other) : m_owner(other.m_owner), m_data(other.m_data), m_size(other.m_size) {}
   T &operator[](MqlIndex at) const
     {
      if(at.i < 0 || at.i >= Size())
         MqlStop("array out of range", at.file, at.line);
      return Data()[at.i];
     }
   int               Size() const { return m_owner != nullptr ? m_owner->Size() : m_size; }
   T                *Data() const { return m_owner != nullptr ? m_owner->Data() : m_data; }
   bool              IsDynamic() const { return m_owner != nullptr; }
   int               Resize(int size, int reserve) const { return m_owner != nullptr ? m_owner->Resize(size, reserve) : -1; }
   void              Free() const
     {
      if(m_owner != nullptr)
         m_owner->Free();
     }
   using Element = Plain;
  };

constexpr int WHOLE_ARRAY = -1;
constexpr int EMPTY = -1;
constexpr int INVALID_HANDLE = -1;

template<class A> inline int ArraySize(const A &a) { return a.Size(); }
template<class A> inline int ArrayResize(A &a, int size, int reserve = 0) { return a.Resize(size, reserve); }
template<class T> inline int ArrayResize(const MqlArrRef<T> &a, int size, int reserve = 0) { return a.Resize(size, reserve); }
template<class T> inline void ArrayFree(MqlArray<T> &a) { a.Free(); }
template<class T> inline void ArrayFree(const MqlArrRef<T> &a) { a.Free(); }
template<class T> inline bool ArrayIsDynamic(const MqlArray<T> &) { return true; }
template<class T, int N> inline bool ArrayIsDynamic(const MqlStatic<T, N> &) { return false; }
template<class T> inline bool ArrayIsDynamic(const MqlArrRef<T> &a) { return a.IsDynamic(); }

template<class D, class S>
inline int MqlArrayCopy(D &to, const S &from, int toStart, int fromStart, int count)
  {
   if(toStart < 0 || fromStart < 0)
      return 0;
   int n = from.Size() - fromStart;
   if(count >= 0 && count < n)
      n = count;
   if(n <= 0)
      return 0;
   if(to.Size() < toStart + n && to.Resize(toStart + n, 0) < 0)
      n = to.Size() - toStart;
   if((const void *)to.Data() == (const void *)from.Data() && toStart > fromStart)
      for(int i = n - 1; i >= 0; i--)
         to.Data()[toStart + i] = (typename D::Element)from.Data()[fromStart + i];
   else
      for(int i = 0; i < n; i++)
         to.Data()[toStart + i] = (typename D::Element)from.Data()[fromStart + i];
   return n > 0 ? n : 0;
  }
template<class D, class S> inline int ArrayCopy(D &to, const S &from, int toStart = 0, int fromStart = 0, int count = WHOLE_ARRAY) { return MqlArrayCopy(to, from, toStart, fromStart, count); }

template<class A, class V>
inline void MqlFill(A &a, int start, int count, V value)
  {
   for(int i = start < 0 ? 0 : start; i < start + count && i < a.Size(); i++)
      a.Data()[i] = (typename A::Element)value;
  }
template<class A, class V> inline int ArrayInitialize(A &a, V value) { MqlFill(a, 0, a.Size(), value); return a.Size(); }
template<class A, class V> inline void ArrayFill(A &a, int start, int count, V value) { MqlFill(a, start, count, value); }

template<class A>
inline bool ArraySort(A &a)
  {
   for(int i = 1; i < a.Size(); i++)
      for(int k = i; k > 0 && a.Data()[k] < a.Data()[k - 1]; k--)
         std::swap(a.Data()[k], a.Data()[k - 1]);
   return true;
  }

#ifdef __MQL5__
template<class A>
inline bool ArrayRemove(A &a, uint start, uint count = (uint)-1)
  {
   int size = a.Size();
   if((long)start >= size)
      return false;
   int n = (long)start + (long)count > size ? size - (int)start : (int)count;
   for(int i = (int)start; i + n < size; i++)
      a.Data()[i] = a.Data()[i + n];
   a.Resize(size - n, 0);
   return true;
  }
template<class A>
inline bool ArrayReverse(A &a, uint start = 0, uint count = (uint)-1)
  {
   int end = (long)start + (long)count > a.Size() ? a.Size() : (int)(start + count);
   for(int i = (int)start, k = end - 1; i < k; i++, k--)
      std::swap(a.Data()[i], a.Data()[k]);
   return true;
  }
template<class A> inline void ArrayPrint(const A &) {}
#endif

template<class T> inline void ZeroMemory(T &x) { x = T(); }
template<class T>
inline void ZeroMemory(MqlArray<T> &a)
  {
   for(int i = 0; i < a.Size(); i++)
      a.Data()[i] = T();
  }
template<class T>
inline void ZeroMemory(const MqlArrRef<T> &a)
  {
   for(int i = 0; i < a.Size(); i++)
      a.Data()[i] = T();
  }
