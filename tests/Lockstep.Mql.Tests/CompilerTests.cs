using Lockstep.MqlHarness.Build;
using Lockstep.MqlHarness.Preprocessor;
using Lockstep.Testing;

namespace Lockstep.Mql.Tests;

public sealed class CompilerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lockstep-mql-test").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [TheoryNeeding("g++")]
    [InlineData("Lockstep.mq5", false)]
    [InlineData("Lockstep.mq4", false)]
    public void Our_experts_compile_without_a_warning(string name, bool sanitize) =>
        Assert.True(File.Exists(Sources.Build(Path.Combine(Sources.Root, "mql", "Experts", name), sanitize)));

    [TheoryNeeding("g++")]
    [InlineData("string s=5;", "no text from a number without a word")]
    [InlineData("int i=\"5\";", "no number from a text")]
    [InlineData("int n=3000000000*2;", "narrowing warns")]
    [InlineData("input int InpX=1;\nvoid F() { InpX=2; }", "inputs are not assigned")]
    [InlineData("void F() { int a[3]; int *p=a; }", "an array is no pointer")]
    [InlineData("void F() { G=1; }\nint G;", "declared before used")]
    public void What_MetaEditor_refuses_or_warns_of_is_told_with_its_line(string source, string why)
    {
        string file = Path.Combine(_folder, "Case.mq5");
        File.WriteAllText(file, "\n" + source + "\n");
        var result = MqlCompiler.Compile(file, new CompileOptions { CheckOnly = true });
        Assert.True(result.Messages.Contains("Case.mq5:", StringComparison.Ordinal), why);
    }

    [Fact]
    public void Conditions_includes_and_encodings_are_followed()
    {
        File.WriteAllText(Path.Combine(_folder, "B.mqh"), "#ifndef B\n#define B\n#ifdef __MQL5__\nint five;\n#else\nint four;\n#endif\n#endif\n", System.Text.Encoding.Unicode);
        File.WriteAllText(Path.Combine(_folder, "A.mq5"), "#include \"B.mqh\"\n#include \"B.mqh\"\n");
        File.WriteAllText(Path.Combine(_folder, "A.mq4"), "#include \"B.mqh\"\n");
        Assert.Contains("int five", Translation.Of(Path.Combine(_folder, "A.mq5"), _folder).Source, StringComparison.Ordinal);
        string four = Translation.Of(Path.Combine(_folder, "A.mq4"), _folder).Source;
        Assert.Contains("int four", four, StringComparison.Ordinal);
        Assert.DoesNotContain("int five", four, StringComparison.Ordinal);
    }

    [Fact]
    public void The_tables_are_the_ones_that_the_server_reads()
    {
        string header = ConstantsHeader.Of(MqlCompiler.TablesFolder, mql4: false);
        Assert.Contains("TRADE_RETCODE_DONE = 10009;", header, StringComparison.Ordinal);
        Assert.Contains("PERIOD_H1 = 16385", header, StringComparison.Ordinal);
        string four = ConstantsHeader.Of(MqlCompiler.TablesFolder, mql4: true);
        Assert.Contains("PERIOD_H1 = 60", four, StringComparison.Ordinal);
        Assert.DoesNotContain("POSITION_TYPE_BUY", four, StringComparison.Ordinal);
    }
}
