// Prints what a code means, a line each: `<code> <outcome> <text>`, and what one without a row means. Files\codes.txt (made by the runner): the codes, one a line.

void OnStart()
  {
   uchar file[];
   int size=0;
   string lines[];
   FsLoad("codes.txt",file,size);
   int count=StringSplit(TextFromBytes(file,0,size),'\n',lines);
   for(int i=0; i<count; i++)
     {
      int code=(int)StringToInteger(lines[i]);
      if(lines[i]!="")
         Print(code," ",ObjOutcome(CodeOutcome(code))," ",CodeText(code));
     }
  }
