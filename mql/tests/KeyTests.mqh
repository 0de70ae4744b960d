// The account's keys: which one is used, what a refusal leads to, what is on the disk afterwards. Part of LinkTests.

// As a start of the EA: the input, then what the files hold.
void KeysBegin(string input)
  {
   KeysStart(input);
   KeysLoad();
  }

void TestKeys()
  {
   FileDelete(FS_ROOT+"\\key.txt");
   FileDelete(FsPath(KEYS_FILE));
   KeysBegin("");
   CheckText("no key",KeysNow(),"");
   KeysBegin(" k-input ");
   CheckText("the input is kept",FsKeyRead(),"k-input");
   CheckText("the input is used",KeysNow(),"k-input");
   Check("refused, and there is no other",!KeysNext());
   CheckText("and tried again",KeysNow(),"k-input");

   Check("handed over",KeysAdd("n1","k-next"));
   CheckText("the newest is used",KeysNow(),"k-next");
   KeysBegin("");
   CheckText("after a restart",KeysNow(),"k-next");
   KeysBegin("k-input");
   CheckText("an outdated input stands back",KeysNow(),"k-next");
   Check("refused: the other one",KeysNext() && KeysNow()=="k-input");
   KeysWelcome();
   CheckText("what was good is used again",KeysNow(),"k-input");
   Check("now that is refused",KeysNext() && KeysNow()=="k-next");
   Check("both were",!KeysNext());

   KeysBegin("k-typed");
   CheckText("an input that is new comes first",KeysNow(),"k-typed");
   Check("a mistyped one locks nobody out",KeysNext() && KeysNow()=="k-next");
   KeysBegin("k-typed");
   CheckText("it is new once",KeysNow(),"k-next");

   Check("the next",KeysAdd("n2","k-third") && KeysAdd("n2","k-third"));
   KeysBegin("");
   Check("with the one before it",ArraySize(gKeyTexts)==2 && gKeyTexts[0]=="k-third" && gKeyTexts[1]=="k-next");
   Check("one more",KeysAdd("n3","k-fourth") && ArraySize(gKeyTexts)==2 && gKeyTexts[1]=="k-third");
   int file=FileOpen(FsPath(KEYS_FILE),FILE_READ|FILE_WRITE|FILE_BIN);
   FileSeek(file,12,SEEK_SET);
   FsPut(file,"#");
   FileClose(file);
   KeysBegin("");
   CheckText("a damaged line is passed over",KeysNow(),"k-third");
   Check("what cannot be written down",!KeysPlain("") && !KeysPlain("a b") && !KeysPlain("a\nb") && KeysPlain("lk_3f9c2a71_-A~"));
   FileDelete(FsPath(KEYS_FILE));
   FileDelete(FS_ROOT+"\\key.txt");
  }
