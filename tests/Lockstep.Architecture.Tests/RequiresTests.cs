using Lockstep.Testing;

namespace Lockstep.Architecture.Tests;

/// <summary>Where something is missing a test is skipped with its reason; where everything is demanded it is not.</summary>
public class RequiresTests
{
    [Fact]
    public void What_is_there_is_not_missed() => Assert.Null(Requires.Missing(everything: false, ["dotnet"]));

    [Fact]
    public void What_is_missing_is_named() =>
        Assert.Equal("needs no-such-program, not to be had here", Requires.Missing(everything: false, ["dotnet", "no-such-program"]));

    [Fact]
    public void Where_everything_is_demanded_nothing_is_skipped() => Assert.Null(Requires.Missing(everything: true, ["no-such-program"]));

    [Fact]
    public void A_missing_program_is_a_sentence() =>
        Assert.Contains("no-such-program", Assert.Throws<InvalidOperationException>(() => Requires.Program("no-such-program")).Message, StringComparison.Ordinal);

    [FactNeeding("dotnet")]
    public void A_test_that_has_what_it_needs_runs() => Assert.True(File.Exists(Requires.Program("dotnet")));
}
