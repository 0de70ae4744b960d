using System.Text;
using Lockstep.MqlHarness.Lint;

namespace Lockstep.Mql.Tests;

public class LintTests
{
    public static TheoryData<string> OurSources => [.. Sources.All().Select(path => Path.GetRelativePath(Sources.Root, path))];

    [Theory]
    [MemberData(nameof(OurSources))]
    public void Our_sources_keep_to_the_subset(string path) => Assert.Empty(MqlLint.Check(Path.Combine(Sources.Root, path)));

    [Theory]
    [InlineData("keyword", "void F() { int and=1; }")]
    [InlineData("keyword", "int namespace=1;")]
    [InlineData("not-mql", "void F() { auto x=1; }")]
    [InlineData("not-mql", "void F() { std::sort(a); }")]
    [InlineData("not-mql", "void F() { p->Do(); }")]
    [InlineData("not-mql", "void F() { Call([](){ G(); }); }")]
    [InlineData("not-mql", "void F() { try { G(); } }")]
    [InlineData("not-mql", "void F() { for(int x : list) G(x); }")]
    [InlineData("not-mql", "void F() { switch(s) { case \"a\": break; } }")]
    [InlineData("directive", "#if 1\n#endif")]
    [InlineData("directive", "#ifdef X\n#elif 1\n#endif")]
    [InlineData("directive", "#resource \"a.bmp\"")]
    [InlineData("macro", "#define TWICE(x) ((x)+(x))")]
    [InlineData("macro", "#define GLUE a##b")]
    [InlineData("include", "#include <A\\B.mqh>")]
    [InlineData("import", "#import \"user32.dll\"\n#import")]
    [InlineData("avoid", "void F() { Foo *p=new Foo(); }")]
    [InlineData("avoid", "void F() { Sleep(10); }")]
    [InlineData("avoid", "template<typename T> void F(T x) { }")]
    [InlineData("avoid", "interface I { };")]
    [InlineData("avoid", "void F() { ArraySetAsSeries(a,true); }")]
    [InlineData("array-method", "void F() { int n=a.Size(); }")]
    [InlineData("dimensions", "int a[2][3];")]
    [InlineData("bytes", "char a[10];")]
    [InlineData("default", "void F(int a=LIMIT) { }")]
    [InlineData("default", "void F(int a=1+1) { }")]
    [InlineData("endless", "void F() { while(true) G(); }")]
    [InlineData("endless", "void F() { for(;;) G(); }")]
    [InlineData("parentheses", "void F() { if(a & 1 == 1) G(); }")]
    [InlineData("parentheses", "void F() { if(a && b || c) G(); }")]
    [InlineData("parentheses", "void F() { int x=a<<8|b; }")]
    [InlineData("zero", "void F() { MqlTradeRequest r; r.action=TRADE_ACTION_DEAL; }")]
    [InlineData("zero", "void F() { MqlTradeResult r; OrderSend(q,r); }")]
    [InlineData("input-group", "input group \"x\"")]
    [InlineData("wrapper", "void F() { int s=SocketCreate(); }")]
    [InlineData("wrapper", "int F() { return(FileOpen(\"x\",1)); }")]
    [InlineData("wrapper", "void F() { if(OrderSend(q,r)) G(); }")]
    [InlineData("wrapper", "long F() { return((long)TimeCurrent()); }")]
    [InlineData("encoding", "string s=\"\u00e9\";")]
    public void A_rule_finds_what_it_is_for(string rule, string source) =>
        Assert.Contains(rule, MqlLint.Check("Sample.mqh", Encoding.UTF8.GetBytes(source)).Select(finding => finding.Rule));

    [Theory]
    [InlineData("void F(const string &s,int a=-1,string t=\"\",bool b=true) { if((a & 1)==1 && b) G(s[0]); }")]
    [InlineData("void F() { MqlTradeRequest r; ZeroMemory(r); MqlTradeResult s; Fill(s); }")]
    [InlineData("void F() { for(int i=0; i<10; i++) { if(i%2==0 || i>5) continue; } while(i<5) i++; }")]
    [InlineData("// auto new -> std:: while(true)\nint x=1; /* try */")]
    [InlineData("#ifdef __MQL5__\ninput group \"x\"\n#endif")]
    [InlineData("struct S { int a[3]; string b; };\nvoid F() { int x=(a<<8)|b; int y=a[i][j]; }")]
    public void What_is_allowed_is_left_alone(string source) => Assert.Empty(MqlLint.Check("Sample.mqh", Encoding.UTF8.GetBytes(source)));

    [Fact]
    public void A_mark_at_the_beginning_is_found_and_an_mq4_must_be_strict()
    {
        Assert.Contains(MqlLint.Check("A.mqh", [0xEF, 0xBB, 0xBF, (byte)';']), finding => finding.Rule == "encoding");
        Assert.Contains(MqlLint.Check("A.mq4", ";"u8.ToArray()), finding => finding.Rule == "strict");
        Assert.Empty(MqlLint.Check("A.mq4", "#property strict\n"u8.ToArray()));
    }
}
