// Sockets: MT5's own, and ws2_32 for MT4. Real ones; the host switches their bad habits on.
#include "runtime.hpp"
#include <arpa/inet.h>
#include <cerrno>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#ifdef MQL_TLS
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#endif
#include "imports.hpp"

static bool Await(int fd, short what, int milliseconds)
  {
   pollfd p = {fd, what, 0};
   return poll(&p, 1, milliseconds) > 0;
  }

#ifdef __MQL5__
struct NetSocket
  {
   int               fd = -1;
   uint              sendTimeout = 0, receiveTimeout = 0;   // 0 = without end
   bool              connected = false;
   std::string       host;
#ifdef MQL_TLS
   SSL              *tls = nullptr;
#endif
  };
constexpr int MaxSockets = 128;
constexpr int BadSocket = 5270, TooManySockets = 5271, CannotConnect = 5272, IoError = 5273, NoTls = 5274, NoCertificate = 5275, NotAllowed = 4014;
static NetSocket gSockets[MaxSockets + 1];

static NetSocket *NeedSocket(int handle)
  {
   if(handle > 0 && handle <= MaxSockets && gSockets[handle].fd >= 0)
      return &gSockets[handle];
   SetError(BadSocket);
   return nullptr;
  }

int SocketCreate(uint)
  {
   for(int i = 1; i <= MaxSockets; i++)
      if(gSockets[i].fd < 0)
        {
         gSockets[i] = NetSocket();
         gSockets[i].fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
         return i;
        }
   SetError(TooManySockets);
   return INVALID_HANDLE;
  }

bool SocketClose(int handle)
  {
   NetSocket *s = NeedSocket(handle);
   if(s == nullptr)
      return false;
#ifdef MQL_TLS
   if(s->tls != nullptr)
     {
      SSL_shutdown(s->tls);
      SSL_free(s->tls);
     }
#endif
   ::close(s->fd);
   *s = NetSocket();
   return true;
  }

bool SocketConnect(int handle, const string &server, uint port, uint timeout)
  {
   PlatformCall call;
   NetSocket *s = NeedSocket(handle);
   if(s == nullptr)
      return false;
   s->host = server.Utf8();
   bool allowed = false;
   for(auto &host : g.allowed)
      allowed = allowed || host == s->host;
   if(!allowed)
     {
      SetError(NotAllowed);
      return false;
     }
   addrinfo hints = {}, *found = nullptr;
   hints.ai_family = AF_INET;
   hints.ai_socktype = SOCK_STREAM;
   bool good = false;
   if(getaddrinfo(s->host.c_str(), std::to_string(port).c_str(), &hints, &found) == 0 && found != nullptr)
     {
      int flags = fcntl(s->fd, F_GETFL);
      fcntl(s->fd, F_SETFL, flags | O_NONBLOCK);
      int error = ::connect(s->fd, found->ai_addr, found->ai_addrlen) == 0 ? 0 : errno;
      if(error == EINPROGRESS && Await(s->fd, POLLOUT, (int)timeout))
        {
         socklen_t size = sizeof error;
         getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &size);
        }
      fcntl(s->fd, F_SETFL, flags);
      good = error == 0;
     }
   if(found != nullptr)
      freeaddrinfo(found);
   s->connected = good;
   // A virtual clock does not wait for acknowledgements of real time.
   int one = 1;
   if(good && !g.real)
      setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
   if(!good)
      SetError(CannotConnect);
   else if(port == 443)
      return SocketTlsHandshake(handle, server);
   return good;
  }

bool SocketTimeouts(int handle, uint send, uint receive)
  {
   NetSocket *s = NeedSocket(handle);
   if(s == nullptr)
      return false;
   s->sendTimeout = send;
   s->receiveTimeout = receive;
   return true;
  }

static bool Alive(NetSocket &s)
  {
   char c;
   ssize_t n = ::recv(s.fd, &c, 1, MSG_PEEK | MSG_DONTWAIT);
   if(n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK))
      s.connected = false;
   return s.connected;
  }
bool SocketIsConnected(int handle) { NetSocket *s = NeedSocket(handle); return s != nullptr && s->connected && Alive(*s); }

uint SocketIsReadable(int handle)
  {
   NetSocket *s = NeedSocket(handle);
   if(s == nullptr)
      return 0;
   int n = 0;
   ioctl(s->fd, FIONREAD, &n);
   // Under a virtual clock what was written is there: the loopback of a busy machine takes its time.
   for(int i = 0; !g.real && i < 2000 && g.netReceived + n < g.netExpected && Alive(*s); i++)
     {
      usleep(1000);
      ioctl(s->fd, FIONREAD, &n);
     }
   return n == 0 && g.readableLies ? 1 : (uint)n;
  }
bool SocketIsWritable(int handle) { NetSocket *s = NeedSocket(handle); return s != nullptr && s->connected && Await(s->fd, POLLOUT, 0); }

static int Cut(uint wanted, int limit) { return limit > 0 && (int)wanted > limit ? limit : (int)wanted; }

int SocketRead(int handle, MqlArrRef<uchar> buffer, uint length, uint timeout)
  {
   NetSocket *s = NeedSocket(handle);
   if(s == nullptr)
      return -1;
   int most = Cut(length, g.shortRead);
   if(buffer.Size() < most && buffer.Resize(most, 0) < 0)
      most = buffer.Size();
   // 0 is not "at once" but two minutes.
   timespec start;
   clock_gettime(CLOCK_MONOTONIC, &start);
   long left = timeout == 0 ? 120000 : (long)timeout;
   int got = 0;
   while(got < most)
     {
      timespec now;
      clock_gettime(CLOCK_MONOTONIC, &now);
      long wait = left - ((now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000);
      if(!Await(s->fd, POLLIN, wait > 0 ? (int)wait : 0))
         break;
      ssize_t n = ::recv(s->fd, buffer.Data() + got, (size_t)(most - got), MSG_DONTWAIT);
      if(n <= 0)
        {
         s->connected = false;
         break;
        }
      got += (int)n;
     }
   g.netReceived += got;
   if(got > 0)
      return got;
   SetError(IoError);
   return -1;
  }

int SocketSend(int handle, MqlArrRef<const uchar> buffer, uint length)
  {
   PlatformCall call;
   NetSocket *s = NeedSocket(handle);
   if(s == nullptr)
      return -1;
   int most = Cut((int)length > buffer.Size() ? (uint)buffer.Size() : length, g.shortWrite);
   if(call.Half())
      most /= 2;
   int sent = 0;
   while(sent < most && s->connected)
     {
      if(!Await(s->fd, POLLOUT, s->sendTimeout == 0 ? -1 : (int)s->sendTimeout))
         break;
      ssize_t n = ::send(s->fd, buffer.Data() + sent, (size_t)(most - sent), MSG_NOSIGNAL | MSG_DONTWAIT);
      if(n < 0)
         s->connected = false;
      else
         sent += (int)n;
     }
   g.netSent += sent;
   if(sent > 0 || (most == 0 && s->connected))
      return sent;
   SetError(IoError);
   return -1;
  }

#ifdef MQL_TLS
static SSL_CTX *Context()
  {
   static SSL_CTX *context = nullptr;
   if(context == nullptr)
     {
      context = SSL_CTX_new(TLS_client_method());
      SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
      SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
      if(g.caFile.empty())
         SSL_CTX_set_default_verify_paths(context);
      else
         SSL_CTX_load_verify_locations(context, g.caFile.c_str(), nullptr);
     }
   return context;
  }

static NetSocket *NeedTls(int handle)
  {
   NetSocket *s = NeedSocket(handle);
   if(s != nullptr && s->tls == nullptr)
     {
      SetError(NoTls);
      return nullptr;
     }
   return s;
  }

bool SocketTlsHandshake(int handle, const string &host)
  {
   NetSocket *s = NeedSocket(handle);
   if(s == nullptr)
      return false;
   timeval limit = {10, 0};
   setsockopt(s->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
   s->tls = SSL_new(Context());
   std::string name = host.Utf8();
   SSL_set_tlsext_host_name(s->tls, name.c_str());
   in_addr address;
   if(inet_pton(AF_INET, name.c_str(), &address) == 1)
      X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(s->tls), name.c_str());
   else
      SSL_set1_host(s->tls, name.c_str());
   SSL_set_fd(s->tls, s->fd);
   bool good = SSL_connect(s->tls) == 1;
   ERR_clear_error();
   limit = {0, 0};
   setsockopt(s->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
   fcntl(s->fd, F_SETFL, fcntl(s->fd, F_GETFL) | O_NONBLOCK);
   if(!good)
     {
      SSL_free(s->tls);
      s->tls = nullptr;
      s->connected = false;
      SetError(NoTls);
     }
   return good;
  }

static MqlString NameOf(X509_NAME *name)
  {
   char text[512];
   X509_NAME_oneline(name, text, sizeof text);
   return MqlString(text);
  }
static MqlString Hex(const unsigned char *bytes, size_t n)
  {
   std::string text;
   char two[3];
   for(size_t i = 0; i < n; i++)
     {
      snprintf(two, sizeof two, "%02X", bytes[i]);
      text += two;
     }
   return MqlString(text);
  }
int SocketTlsCertificate(int handle, string &subject, string &issuer, string &serial, string &thumbprint, datetime &expiry)
  {
   NetSocket *s = NeedTls(handle);
   X509 *certificate = s != nullptr ? SSL_get_peer_certificate(s->tls) : nullptr;
   if(certificate == nullptr)
     {
      SetError(NoCertificate);
      return 0;
     }
   subject = NameOf(X509_get_subject_name(certificate));
   issuer = NameOf(X509_get_issuer_name(certificate));
   const ASN1_INTEGER *number = X509_get0_serialNumber(certificate);
   serial = Hex(ASN1_STRING_get0_data(number), (size_t)ASN1_STRING_length(number));
   unsigned char digest[EVP_MAX_MD_SIZE];
   unsigned int n = 0;
   X509_digest(certificate, EVP_sha1(), digest, &n);
   thumbprint = Hex(digest, n);
   tm until = {};
   ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &until);
   expiry = datetime((long)timegm(&until));
   X509_free(certificate);
   return 1;
  }

// One read of what TLS has or gets at once: -2 = nothing now.
static int TlsTake(NetSocket &s, uchar *to, int most)
  {
   int n = SSL_read(s.tls, to, most);
   if(n > 0)
      return n;
   int why = SSL_get_error(s.tls, n);
   ERR_clear_error();
   if(why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE)
      return -2;
   s.connected = false;
   return -1;
  }

int SocketTlsReadAvailable(int handle, MqlArrRef<uchar> buffer, uint length)
  {
   NetSocket *s = NeedTls(handle);
   if(s == nullptr)
      return -1;
   int most = Cut(length, g.shortRead);
   if(buffer.Size() < most && buffer.Resize(most, 0) < 0)
      most = buffer.Size();
   int got = 0;
   while(got < most)
     {
      int n = TlsTake(*s, buffer.Data() + got, most - got);
      if(n == -2)
         return got;
      if(n < 0)
         break;
      got += n;
     }
   if(got > 0)
      return got;
   SetError(IoError);
   return -1;
  }

int SocketTlsRead(int handle, MqlArrRef<uchar> buffer, uint length)
  {
   NetSocket *s = NeedTls(handle);
   if(s == nullptr)
      return -1;
   if(buffer.Size() < (int)length)
      buffer.Resize((int)length, 0);
   int got = 0;
   while(got < (int)length)
     {
      int n = TlsTake(*s, buffer.Data() + got, (int)length - got);
      if(n == -1 || (n == -2 && !Await(s->fd, POLLIN, s->receiveTimeout == 0 ? -1 : (int)s->receiveTimeout)))
         break;
      got += n > 0 ? n : 0;
     }
   if(got > 0)
      return got;
   SetError(IoError);
   return -1;
  }

int SocketTlsSend(int handle, MqlArrRef<const uchar> buffer, uint length)
  {
   PlatformCall call;
   NetSocket *s = NeedTls(handle);
   if(s == nullptr)
      return -1;
   int most = Cut((int)length > buffer.Size() ? (uint)buffer.Size() : length, g.shortWrite);
   if(call.Half())
      most /= 2;
   int sent = 0;
   while(sent < most && s->connected)
     {
      int n = SSL_write(s->tls, buffer.Data() + sent, most - sent);
      if(n > 0)
        {
         sent += n;
         continue;
        }
      int why = SSL_get_error(s->tls, n);
      ERR_clear_error();
      if(why != SSL_ERROR_WANT_WRITE && why != SSL_ERROR_WANT_READ)
         s->connected = false;
      else if(!Await(s->fd, why == SSL_ERROR_WANT_WRITE ? POLLOUT : POLLIN, s->sendTimeout == 0 ? -1 : (int)s->sendTimeout))
         break;
     }
   if(sent > 0 || (most == 0 && s->connected))
      return sent;
   SetError(IoError);
   return -1;
  }
#else
static int WithoutTls() { SetError(NoTls); return -1; }
bool SocketTlsHandshake(int, const string &) { WithoutTls(); return false; }
int SocketTlsCertificate(int, string &, string &, string &, string &, datetime &) { SetError(NoCertificate); return 0; }
int SocketTlsRead(int, MqlArrRef<uchar>, uint) { return WithoutTls(); }
int SocketTlsReadAvailable(int, MqlArrRef<uchar>, uint) { return WithoutTls(); }
int SocketTlsSend(int, MqlArrRef<const uchar>, uint) { return WithoutTls(); }
#endif
#endif

static int Base64(MqlArrRef<const uchar> data, MqlArrRef<uchar> result)
  {
   static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
   std::string out;
   for(int i = 0; i < data.Size(); i += 3)
     {
      uint v = (uint)data.Data()[i] << 16 | (i + 1 < data.Size() ? (uint)data.Data()[i + 1] << 8 : 0) | (i + 2 < data.Size() ? data.Data()[i + 2] : 0u);
      out += digits[v >> 18];
      out += digits[(v >> 12) & 63];
      out += i + 1 < data.Size() ? digits[(v >> 6) & 63] : '=';
      out += i + 2 < data.Size() ? digits[v & 63] : '=';
     }
   result.Resize((int)out.size(), 0);
   memcpy(result.Data(), out.data(), out.size());
   return (int)out.size();
  }

int CryptEncode(ENUM_CRYPT_METHOD method, MqlArrRef<const uchar> data, MqlArrRef<const uchar>, MqlArrRef<uchar> result)
  {
   if(method == CRYPT_BASE64)
      return Base64(data, result);
#ifdef MQL_TLS
   const EVP_MD *kind = method == CRYPT_HASH_SHA1 ? EVP_sha1() : method == CRYPT_HASH_SHA256 ? EVP_sha256() : method == CRYPT_HASH_MD5 ? EVP_md5() : nullptr;
   if(kind != nullptr)
     {
      unsigned char digest[EVP_MAX_MD_SIZE];
      unsigned int n = 0;
      EVP_Digest(data.Data(), (size_t)data.Size(), digest, &n, kind, nullptr);
      result.Resize((int)n, 0);
      memcpy(result.Data(), digest, n);
      return (int)n;
     }
#endif
   SetError(4003);
   return 0;
  }
int CryptDecode(ENUM_CRYPT_METHOD, MqlArrRef<const uchar>, MqlArrRef<const uchar>, MqlArrRef<uchar>) { SetError(4003); return 0; }

// ---- ws2_32

namespace MqlImports
{
static int gWsError = 0;

static int Result(long n)
  {
   if(n >= 0)
      return (int)n;
   int e = errno;
   gWsError = e == EAGAIN || e == EWOULDBLOCK || e == EINPROGRESS ? 10035 : e == ENOTCONN ? 10057 : e == ECONNREFUSED ? 10061 : e == ECONNRESET || e == EPIPE ? 10054 : e == EBADF ? 10038 : 10022;
   return -1;
  }
int WSAStartup(int, MqlArrRef<uchar>) { return 0; }
int WSACleanup() { return 0; }
int WSAGetLastError() { return gWsError; }
uint socket(int family, int type, int protocol) { return (uint)Result(::socket(family == 2 ? AF_INET : family, type | SOCK_CLOEXEC, protocol)); }
int connect(uint s, MqlArrRef<const uchar> address, int length)
  {
   PlatformCall call;
   // The family is two bytes in Windows' order; the rest is the same.
   sockaddr_in to = {};
   memcpy(&to, address.Data(), MathMin((size_t)length, sizeof to));
   to.sin_family = AF_INET;
   return Result(::connect((int)s, (sockaddr *)&to, sizeof to));
  }
int send(uint s, MqlArrRef<const uchar> buffer, int length, int)
  {
   PlatformCall call;
   int n = MathMin(length, buffer.Size());
   if(g.shortWrite > 0 && n > g.shortWrite)
      n = g.shortWrite;
   return Result(::send((int)s, buffer.Data(), (size_t)(call.Half() ? n / 2 : n), MSG_NOSIGNAL));
  }
int recv(uint s, MqlArrRef<uchar> buffer, int length, int flags)
  {
   int n = MathMin(length, buffer.Size());
   if(g.shortRead > 0 && n > g.shortRead)
      n = g.shortRead;
   return Result(::recv((int)s, buffer.Data(), (size_t)n, (flags & 2) != 0 ? MSG_PEEK : 0));
  }
int closesocket(uint s) { return Result(::close((int)s)); }
int shutdown(uint s, int how) { return Result(::shutdown((int)s, how)); }
static int Control(uint s, uint command, uint &argument)
  {
   if(command == 0x8004667EU)
     {
      int flags = fcntl((int)s, F_GETFL);
      return Result(fcntl((int)s, F_SETFL, argument != 0 ? flags | O_NONBLOCK : flags & ~O_NONBLOCK));
     }
   if(command == 0x4004667FU)
      return Result(ioctl((int)s, FIONREAD, &argument));
   gWsError = 10022;
   return -1;
  }
int ioctlsocket(uint s, uint command, MqlArrRef<uint> argument) { return Control(s, command, argument.Data()[0]); }
int ioctlsocket(uint s, uint command, uint &argument) { return Control(s, command, argument); }
int setsockopt(uint, int, int, MqlArrRef<const uchar>, int) { return 0; }
uint inet_addr(MqlArrRef<const uchar> text)
  {
   std::string s;
   for(int i = 0; i < text.Size() && text.Data()[i] != 0; i++)
      s += (char)text.Data()[i];
   return ::inet_addr(s.c_str());
  }
ushort htons(ushort value) { return (ushort)((value << 8) | (value >> 8)); }
}
