using Lockstep.Domain;

namespace Lockstep.Server.Configuration;

/// <summary>The kinds of simulated broker, as the configuration names them.</summary>
internal static class BrokerKinds
{
    private static readonly (string Name, PlatformKind Platform, AccountMode Mode)[] All =
    [
        ("mt5-hedging", PlatformKind.Mt5, AccountMode.Hedging),
        ("mt5-netting", PlatformKind.Mt5, AccountMode.Netting),
        ("mt4", PlatformKind.Mt4, AccountMode.Hedging),
        ("mt4-fifo", PlatformKind.Mt4, AccountMode.Fifo),
        ("ctrader", PlatformKind.CTrader, AccountMode.Hedging),
    ];

    /// <summary>The names.</summary>
    public static IEnumerable<string> Names => All.Select(k => k.Name);

    /// <summary>Platform and mode of a name.</summary>
    public static (PlatformKind Platform, AccountMode Mode) Of(string name)
    {
        var kind = All.First(k => k.Name == name);
        return (kind.Platform, kind.Mode);
    }

    /// <summary>A platform's word: <c>mt4</c>.</summary>
    public static string PlatformWord(PlatformKind platform) => platform switch { PlatformKind.Mt4 => "mt4", PlatformKind.Mt5 => "mt5", _ => "ctrader" };

    /// <summary>The name of a platform and mode.</summary>
    public static string NameOf(PlatformKind platform, AccountMode mode) =>
        All.FirstOrDefault(k => k.Platform == platform && k.Mode == mode).Name ?? $"{platform}-{mode}";
}
