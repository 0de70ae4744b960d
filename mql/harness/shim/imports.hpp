// The ws2_32 functions that MQL4 programs import, over POSIX, with Windows' error numbers. Structures go as byte arrays. In a namespace: libc has the same names.
#pragma once
#include "core.hpp"

namespace MqlImports
{
int WSAStartup(int version, MqlArrRef<uchar> data);
int WSACleanup();
int WSAGetLastError();
uint socket(int family, int type, int protocol);
int connect(uint s, MqlArrRef<const uchar> address, int length);
int send(uint s, MqlArrRef<const uchar> buffer, int length, int flags);
int recv(uint s, MqlArrRef<uchar> buffer, int length, int flags);
int closesocket(uint s);
int shutdown(uint s, int how);
int ioctlsocket(uint s, uint command, MqlArrRef<uint> argument);
int ioctlsocket(uint s, uint command, uint &argument);
int setsockopt(uint s, int level, int name, MqlArrRef<const uchar> value, int length);
uint inet_addr(MqlArrRef<const uchar> text);
ushort htons(ushort value);
}
