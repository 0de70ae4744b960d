using Lockstep.Domain;

namespace Lockstep.Conformance.Tests;

/// <summary>The kinds of account that must pass: a new platform is one more name here and one more line in <see cref="Kinds"/>.</summary>
public enum Kind
{
    /// <summary>Simulated MT5, hedging.</summary>
    Mt5Hedging,

    /// <summary>Simulated MT5, netting.</summary>
    Mt5Netting,

    /// <summary>Simulated MT4.</summary>
    Mt4,

    /// <summary>Simulated MT4 that closes oldest first.</summary>
    Mt4Fifo,

    /// <summary>Simulated cTrader.</summary>
    CTrader,

    /// <summary>Simulated cTrader, netted.</summary>
    CTraderNetting,

    /// <summary>MT5 hedging behind a simulated terminal, over the EA link.</summary>
    TerminalMt5Hedging,

    /// <summary>MT5 netting behind a simulated terminal.</summary>
    TerminalMt5Netting,

    /// <summary>MT4 behind a simulated terminal.</summary>
    TerminalMt4,

    /// <summary>MT4 that closes oldest first, behind a simulated terminal.</summary>
    TerminalMt4Fifo,

    /// <summary>cTrader over the Open API: our connector against the simulated server.</summary>
    OpenApi,

    /// <summary>cTrader netted, over the Open API.</summary>
    OpenApiNetting,

    /// <summary>MT5 hedging behind the real Expert Advisor.</summary>
    EaMt5Hedging,

    /// <summary>MT5 netting behind the real Expert Advisor.</summary>
    EaMt5Netting,

    /// <summary>MT4 behind the real Expert Advisor.</summary>
    EaMt4,

    /// <summary>MT4 that closes oldest first, behind the real Expert Advisor.</summary>
    EaMt4Fifo,
}

/// <summary>What the kinds are made of.</summary>
internal static class Kinds
{
    /// <summary>Platform and mode of the broker.</summary>
    public static (PlatformKind Platform, AccountMode Mode) Broker(this Kind kind) => kind switch
    {
        Kind.Mt5Hedging or Kind.TerminalMt5Hedging or Kind.EaMt5Hedging => (PlatformKind.Mt5, AccountMode.Hedging),
        Kind.Mt5Netting or Kind.TerminalMt5Netting or Kind.EaMt5Netting => (PlatformKind.Mt5, AccountMode.Netting),
        Kind.Mt4 or Kind.TerminalMt4 or Kind.EaMt4 => (PlatformKind.Mt4, AccountMode.Hedging),
        Kind.Mt4Fifo or Kind.TerminalMt4Fifo or Kind.EaMt4Fifo => (PlatformKind.Mt4, AccountMode.Fifo),
        Kind.CTraderNetting or Kind.OpenApiNetting => (PlatformKind.CTrader, AccountMode.Netting),
        _ => (PlatformKind.CTrader, AccountMode.Hedging),
    };

    /// <summary>True when the real Expert Advisor stands at its end.</summary>
    public static bool IsEa(this Kind kind) => kind >= Kind.EaMt5Hedging;

    /// <summary>True when a simulated terminal stands at its end.</summary>
    public static bool IsTerminal(this Kind kind) => kind is Kind.TerminalMt5Hedging or Kind.TerminalMt5Netting or Kind.TerminalMt4 or Kind.TerminalMt4Fifo;

    /// <summary>True when it is reached over the Open API.</summary>
    public static bool IsOpenApi(this Kind kind) => kind is Kind.OpenApi or Kind.OpenApiNetting;

    /// <summary>
    /// Every pair of paper kinds; every other kind with MT5 hedging on the other side, and with itself.
    /// </summary>
    public static IEnumerable<(Kind Source, Kind Target)> Pairs()
    {
        var all = Enum.GetValues<Kind>();
        return from source in all
               from target in all
               where (source < Kind.TerminalMt5Hedging && target < Kind.TerminalMt5Hedging) || source == target || source == Kind.Mt5Hedging || target == Kind.Mt5Hedging
               select (source, target);
    }
}
