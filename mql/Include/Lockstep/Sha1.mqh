// SHA-1 and Base64 for the WebSocket handshake, by hand: the same on both platforms.
#ifndef LOCKSTEP_SHA1_MQH
#define LOCKSTEP_SHA1_MQH

#include "Types.mqh"

uint Sha1Turn(uint v,int n)
  {
   return((v<<n)|(v>>(32-n)));
  }

void Sha1Block(const uchar &data[],int from,uint &h[])
  {
   uint w[80];
   for(int i=0; i<16; i++)
      w[i]=((uint)data[from+4*i]<<24)|((uint)data[from+4*i+1]<<16)|((uint)data[from+4*i+2]<<8)|(uint)data[from+4*i+3];
   for(int i=16; i<80; i++)
      w[i]=Sha1Turn(w[i-3]^w[i-8]^w[i-14]^w[i-16],1);
   uint a=h[0];
   uint b=h[1];
   uint c=h[2];
   uint d=h[3];
   uint e=h[4];
   for(int i=0; i<80; i++)
     {
      uint f=b^c^d;
      uint k=0xCA62C1D6;
      if(i<20)
        {
         f=(b&c)|((~b)&d);
         k=0x5A827999;
        }
      else
         if(i<40)
            k=0x6ED9EBA1;
         else
            if(i<60)
              {
               f=(b&c)|(b&d)|(c&d);
               k=0x8F1BBCDC;
              }
      uint t=Sha1Turn(a,5)+f+e+k+w[i];
      e=d;
      d=c;
      c=Sha1Turn(b,30);
      b=a;
      a=t;
     }
   h[0]+=a;
   h[1]+=b;
   h[2]+=c;
   h[3]+=d;
   h[4]+=e;
  }

// `result` gets 20 bytes.
void Sha1(const uchar &data[],int count,uchar &result[])
  {
   int blocks=(count+8)/64+1;
   uchar padded[];
   ArrayResize(padded,blocks*64);
   for(int i=0; i<blocks*64; i++)
     {
      padded[i]=0;
      if(i<count)
         padded[i]=data[i];
     }
   padded[count]=0x80;
   ulong bits=(ulong)count*8;
   for(int i=0; i<8; i++)
      padded[blocks*64-1-i]=(uchar)((bits>>(8*i))&255);
   uint h[5];
   h[0]=0x67452301;
   h[1]=0xEFCDAB89;
   h[2]=0x98BADCFE;
   h[3]=0x10325476;
   h[4]=0xC3D2E1F0;
   for(int i=0; i<blocks; i++)
      Sha1Block(padded,i*64,h);
   ArrayResize(result,20);
   for(int i=0; i<20; i++)
      result[i]=(uchar)((h[i/4]>>(24-8*(i%4)))&255);
  }

string Base64(const uchar &data[],int count)
  {
   string symbols="ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
   string r="";
   for(int i=0; i<count; i+=3)
     {
      uint v=(uint)data[i]<<16;
      if(i+1<count)
         v|=(uint)data[i+1]<<8;
      if(i+2<count)
         v|=(uint)data[i+2];
      r+=StringSubstr(symbols,(int)((v>>18)&63),1)+StringSubstr(symbols,(int)((v>>12)&63),1);
      if(i+1<count)
         r+=StringSubstr(symbols,(int)((v>>6)&63),1);
      else
         r+="=";
      if(i+2<count)
         r+=StringSubstr(symbols,(int)(v&63),1);
      else
         r+="=";
     }
   return(r);
  }

#endif
