using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Server.Tests.Configuration;

/// <summary>What may stand beside what. Accounts in the tables: a, b, c hedge; net nets; fifo is FIFO.</summary>
public class LinkChecksTests
{
    public static TheoryData<string, LinkSettings[], string> Alone => new()
    {
        { "a plain copy", [Link("1", "a", "b")], "" },
        { "a chain", [Link("1", "a", "b"), Link("2", "b", "c")], "" },
        { "a fan out and in", [Link("1", "a", "c"), Link("2", "b", "c"), Link("3", "a", "b")], "" },
        { "to itself", [Link("1", "a", "a")], "Loop 1 target" },
        { "there and back", [Link("1", "a", "b"), Link("2", "b", "a")], "Loop 1,2 target" },
        { "three round", [Link("1", "a", "b"), Link("2", "b", "c"), Link("3", "c", "a")], "Loop 1,2,3 target" },
        { "round, and one that leads into it", [Link("0", "net", "a"), Link("1", "a", "b"), Link("2", "b", "a")], "Loop 1,2 target" },
        { "round, though one is off", [Link("1", "a", "b"), Link("2", "b", "a") with { Mode = LinkMode.Off }], "Loop 1,2 target" },
        { "round, on other symbols", [Only(Link("1", "a", "b"), "EURUSD"), Only(Link("2", "b", "a"), "XAUUSD")], "Loop 1,2 target" },
        { "unknown source", [Link("1", "x", "b")], "UnknownAccount 1 source" },
        { "unknown target", [Link("1", "a", "x")], "UnknownAccount 1 target" },
        { "one name twice", [Link("1", "a", "b"), Link("1", "a", "c")], "DuplicateName 1 name" },
        { "native pending onto hedging", [Link("1", "a", "b") with { Pending = PendingPolicy.Native }], "" },
        { "native pending onto netting", [Link("1", "a", "net") with { Pending = PendingPolicy.Native }], "TargetCannot 1 pending" },
        { "native pending onto FIFO", [Link("1", "a", "fifo") with { Pending = PendingPolicy.Native }], "TargetCannot 1 pending" },
        { "hedge onto FIFO", [Hedge(Link("1", "a", "fifo"))], "" },
        { "hedge pair onto FIFO", [Hedge(Link("1", "a", "fifo")) with { TwoWay = true }], "TargetCannot 1 twoWay" },
        { "hedge pair onto netting", [Hedge(Link("1", "a", "net")) with { TwoWay = true }], "TargetCannot 1 twoWay" },
        { "hedge pair onto hedging", [Hedge(Link("1", "a", "b")) with { TwoWay = true }], "" },
    };

    public static TheoryData<string, LinkSettings[], string> Fights => new()
    {
        { "the same trades twice", [Link("1", "a", "b"), Link("2", "a", "b")], "Fight 2,1 target" },
        { "copy and hedge of the same trades", [Link("1", "a", "b"), Hedge(Link("2", "a", "b"))], "Fight 2,1 target" },
        { "other symbols", [Only(Link("1", "a", "b"), "EURUSD"), Only(Link("2", "a", "b"), "XAUUSD")], "" },
        { "overlapping symbols", [Only(Link("1", "a", "b"), "EURUSD", "XAUUSD"), Only(Link("2", "a", "b"), "XAUUSD")], "Fight 2,1 target" },
        { "all and one", [Link("1", "a", "b"), Only(Link("2", "a", "b"), "XAUUSD")], "Fight 2,1 target" },
        { "all but one, and that one", [But(Link("1", "a", "b"), "XAUUSD"), Only(Link("2", "a", "b"), "XAUUSD")], "" },
        { "buys and sells", [With(Link("1", "a", "b"), new() { OnlySide = Side.Buy }), With(Link("2", "a", "b"), new() { OnlySide = Side.Sell })], "" },
        { "one magic each", [With(Link("1", "a", "b"), new() { Magics = [1] }), With(Link("2", "a", "b"), new() { Magics = [2] })], "" },
        { "one magic, and all others", [With(Link("1", "a", "b"), new() { Magics = [1] }), With(Link("2", "a", "b"), new() { DenyMagics = [1] })], "" },
        { "one magic, and all", [With(Link("1", "a", "b"), new() { Magics = [1] }), Link("2", "a", "b")], "Fight 2,1 target" },
        { "a successor beside one that only closes", [Link("1", "a", "b") with { Mode = LinkMode.CloseOnly }, Link("2", "a", "b")], "" },
        { "one is off", [Link("1", "a", "b") with { Mode = LinkMode.Off }, Link("2", "a", "b")], "" },
        { "one is a shadow", [Link("1", "a", "b") with { Mode = LinkMode.Shadow }, Link("2", "a", "b")], "" },
        { "two sources copied onto netting", [Link("1", "a", "net"), Link("2", "b", "net")], "" },
        { "copied and hedged onto netting", [Link("1", "a", "net"), Hedge(Link("2", "b", "net"))], "Fight 2,1 kind" },
        { "copied and hedged onto FIFO", [Hedge(Link("1", "a", "fifo")), Link("2", "b", "fifo")], "Fight 2,1 kind" },
        { "copied and hedged onto hedging", [Link("1", "a", "c"), Hedge(Link("2", "b", "c"))], "" },
        { "copied and hedged onto netting, other symbols", [Only(Link("1", "a", "net"), "EURUSD"), Only(Hedge(Link("2", "b", "net")), "XAUUSD")], "" },
        {
            "copied and hedged onto netting, other names of the same target symbol",
            [Only(Mapped(Link("1", "a", "net"), "GOLD", "XAUUSD.n"), "GOLD"), Only(Mapped(Hedge(Link("2", "b", "net")), "XAUUSD", "XAUUSD.n"), "XAUUSD")], "Fight 2,1 kind"
        },
        {
            "one denies it under its own name, but maps another symbol to it",
            [But(Mapped(Link("1", "a", "net"), "GOLD", "XAUUSD"), "XAUUSD"), Only(Hedge(Link("2", "b", "net")), "XAUUSD")], "Fight 2,1 kind"
        },
        { "copied while the hedge only closes, onto netting", [Link("1", "a", "net"), Hedge(Link("2", "b", "net")) with { Mode = LinkMode.CloseOnly }], "Fight 2,1 kind" },
        { "copied while the hedge is off, onto netting", [Link("1", "a", "net"), Hedge(Link("2", "b", "net")) with { Mode = LinkMode.Off }], "" },
    };

    public static TheoryData<string, LinkSettings, string> Values => new()
    {
        { "factor 0", Sized(new() { Factor = 0 }), "sizing.factor" },
        { "factor below 0", Sized(new() { Factor = -1 }), "sizing.factor" },
        { "raise cap below 1", Sized(new() { RaiseCap = 0.5m }), "sizing.raiseCap" },
        { "fixed without lots", Sized(new() { Mode = SizingMode.Fixed }), "sizing.fixedLots" },
        { "fixed above the link's maximum", Sized(new() { Mode = SizingMode.Fixed, FixedLots = new(2), MaxLots = new(1) }), "sizing.fixedLots" },
        { "reference without amount", Sized(new() { Mode = SizingMode.FixedReference }), "sizing.reference" },
        { "maximum 0", Sized(new() { MaxLots = Lots.Zero }), "sizing.maxLots" },
        { "no attempts", Link("1", "a", "b") with { MaxOpenAttempts = 0 }, "maxOpenAttempts" },
        { "too many attempts", Link("1", "a", "b") with { MaxOpenAttempts = 21 }, "maxOpenAttempts" },
        { "lost at once", Link("1", "a", "b") with { CloseAfterSourceLost = TimeSpan.Zero }, "closeAfterSourceLost" },
        { "naked for no time", Link("1", "a", "b") with { NakedTime = TimeSpan.Zero }, "naked.time" },
        { "naked for no money", Link("1", "a", "b") with { NakedLoss = Money.Zero }, "naked.loss" },
        { "no age", With(Link("1", "a", "b"), new() { MaxAge = TimeSpan.Zero }), "filters.maxAge" },
        { "deviation below 0", With(Link("1", "a", "b"), new() { MaxDeviationPoints = -1 }), "filters.maxDeviationPoints" },
        { "spread below 0", With(Link("1", "a", "b"), new() { MaxSpreadPoints = -1 }), "filters.maxSpreadPoints" },
        { "all allowed are denied", With(Link("1", "a", "b"), new() { Allow = [new("X")], Deny = [new("X")] }), "filters.deny" },
        { "all magics are denied", With(Link("1", "a", "b"), new() { Magics = [1], DenyMagics = [1] }), "filters.denyMagics" },
        { "a window backwards", With(Link("1", "a", "b"), new() { Schedule = [new(DayOfWeek.Monday, TimeSpan.FromHours(9), TimeSpan.FromHours(8))] }), "filters.schedule" },
        { "a window over midnight", With(Link("1", "a", "b"), new() { Schedule = [new(DayOfWeek.Monday, TimeSpan.FromHours(9), TimeSpan.FromHours(25))] }), "filters.schedule" },
        { "mapped twice", Link("1", "a", "b") with { Symbols = new() { Pairs = [new(new("X"), new("Y")), new(new("X"), new("Z"))] } }, "symbols.map" },
    };

    [Theory]
    [MemberData(nameof(Alone))]
    [MemberData(nameof(Fights))]
    public void Links_among_each_other(string about, LinkSettings[] links, string found)
    {
        var problems = Check(links);
        Assert.True(found == string.Join("; ", problems.Select(p => $"{p.Kind} {string.Join(',', p.Links)} {p.Key}")), $"{about}: {string.Join("; ", problems)}");
    }

    [Theory]
    [MemberData(nameof(Values))]
    public void Values_that_make_no_sense(string about, LinkSettings link, string key)
    {
        var problem = Assert.Single(Check(link));
        Assert.True(problem is { Kind: LinkProblemKind.BadValue } && problem.Key == key, $"{about}: {problem}");
    }

    [Fact]
    public void A_loop_is_named_from_account_to_account() =>
        Assert.Contains("a → b → c → a (links 1, 2, 3)", Assert.Single(Check(Link("1", "a", "b"), Link("2", "b", "c"), Link("3", "c", "a"))).Text, StringComparison.Ordinal);

    [Fact]
    public void Nothing_is_said_of_a_target_that_is_not_known_yet() =>
        Assert.Empty(LinkChecks.Check(new GroupSettings { Accounts = [new("a"), new("b")], Links = [Link("1", "a", "b") with { Pending = PendingPolicy.Native }] }, _ => null));

    private static IReadOnlyList<LinkProblem> Check(params LinkSettings[] links) => LinkChecks.Check(
        new GroupSettings { Accounts = [new("a"), new("b"), new("c"), new("net"), new("fifo")], Links = links },
        id => new AccountCapabilities
        {
            Platform = PlatformKind.Mt5,
            Mode = id.Value switch { "net" => AccountMode.Netting, "fifo" => AccountMode.Fifo, _ => AccountMode.Hedging },
            AbsenceHorizon = TimeSpan.FromSeconds(10),
        });

    private static LinkSettings Link(string name, string source, string target) => new() { Id = new(name), Source = new(source), Target = new(target) };

    private static LinkSettings Hedge(LinkSettings link) => link with { Kind = LinkKind.Hedge };

    private static LinkSettings With(LinkSettings link, FilterSettings filters) => link with { Filters = filters };

    private static LinkSettings Only(LinkSettings link, params string[] symbols) => With(link, new() { Allow = [.. symbols.Select(s => new SymbolName(s))] });

    private static LinkSettings But(LinkSettings link, params string[] symbols) => With(link, new() { Deny = [.. symbols.Select(s => new SymbolName(s))] });

    private static LinkSettings Mapped(LinkSettings link, string source, string target) => link with { Symbols = new() { Pairs = [new(new(source), new(target))] } };

    private static LinkSettings Sized(SizingSettings sizing) => Link("1", "a", "b") with { Sizing = sizing };
}
