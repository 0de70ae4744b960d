// The ws2_32 and kernel32 functions that MQL4 programs import, over POSIX. Structures go as byte arrays.
#pragma once
#include "core.hpp"

int WSAStartup(int version, MqlArrRef<uchar> data);
int WSACleanup();
int WSAGetLastError();
int socket(int family, int type, int protocol);
int connect(int s, MqlArrRef<const uchar> address, int length);
int send(int s, MqlArrRef<const uchar> buffer, int length, int flags);
int recv(int s, MqlArrRef<uchar> buffer, int length, int flags);
int closesocket(int s);
int shutdown(int s, int how);
int ioctlsocket(int s, int command, int &argument);
int ioctlsocket(int s, int command, uint &argument);
int setsockopt(int s, int level, int name, MqlArrRef<const uchar> value, int length);
int getsockopt(int s, int level, int name, MqlArrRef<uchar> value, int &length);
int select(int count, MqlArrRef<int> read, MqlArrRef<int> write, MqlArrRef<int> error, MqlArrRef<const int> timeout);
uint inet_addr(MqlArrRef<const uchar> text);
ushort htons(ushort value);
