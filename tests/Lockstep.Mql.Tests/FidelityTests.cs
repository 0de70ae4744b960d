using Lockstep.Domain;
using Lockstep.MqlHarness.Terminal;
using Lockstep.Testing;

namespace Lockstep.Mql.Tests;

/// <summary>Programs that check the language and the terminal from the inside: each prints what differs, and "ok" at the end.</summary>
public class FidelityTests
{
    [TheoryNeeding("g++")]
    [InlineData("language.mq5")]
    [InlineData("language.mq4")]
    [InlineData("files.mq5")]
    [InlineData("files.mq4")]
    public void A_program_finds_the_terminal_as_it_should_be(string name)
    {
        using var desk = new Desk(name.EndsWith('4') ? PlatformKind.Mt4 : PlatformKind.Mt5, Sources.Build(Sources.TestProgram(name)));
        desk.Ea.Start();
        Assert.Equal(EaState.Running, desk.Ea.State);
        Assert.Equal(["ok"], desk.Ea.Lines());
    }

    [FactNeeding("g++")]
    public void The_language_tests_also_pass_under_the_sanitizers()
    {
        using var desk = new Desk(PlatformKind.Mt5, Sources.Build(Sources.TestProgram("language.mq5"), sanitize: true));
        desk.Ea.Start();
        Assert.Equal("", desk.Ea.ErrorOutput);
        Assert.Equal(["ok"], desk.Ea.Lines());
    }

    [TheoryNeeding("g++")]
    [InlineData("1", "array out of range", 16)]
    [InlineData("2", "array out of range", 20)]
    [InlineData("3", "string index out of range", 24)]
    [InlineData("4", "division by zero", 28)]
    [InlineData("5", "division by zero", 32)]
    [InlineData("6", "array out of range", 44)]
    public void A_critical_error_ends_the_program_and_names_the_line(string fault, string what, int line)
    {
        using var desk = new Desk(PlatformKind.Mt5, Sources.Build(Sources.TestProgram("critical.mq5")), with: o => o with { Inputs = new Dictionary<string, string> { ["InpFault"] = fault } });
        desk.Ea.Start();
        Assert.Equal(EaState.Crashed, desk.Ea.State);
        Assert.Contains(what, desk.Ea.CriticalError, StringComparison.Ordinal);
        Assert.Matches($@"critical\.mq5( \(|:){line}\b", desk.Ea.CriticalError);
    }
}
