using Lockstep.Domain;
using Lockstep.Server.Configuration;

namespace Lockstep.Server.Rest.Faces;

/// <summary>One of the faces that other programs know: where it is, and whose accounts it answers for.</summary>
/// <param name="Id">Begins the names of its operations.</param>
/// <param name="Prefix">Begins its paths.</param>
/// <param name="Platform">Its platform; null = all.</param>
internal sealed record Face(string Id, string Prefix, PlatformKind? Platform)
{
    /// <summary>MetaTrader 4.</summary>
    public static readonly Face Mt4 = new("mt4", "/mt4", PlatformKind.Mt4);

    /// <summary>MetaTrader 5.</summary>
    public static readonly Face Mt5 = new("mt5", "/mt5", PlatformKind.Mt5);

    /// <summary>cTrader.</summary>
    public static readonly Face CTrader = new("ctrader", "/ctrader", PlatformKind.CTrader);

    /// <summary>The REST handover of the cTrader service, under the base path of its connector.</summary>
    public static readonly Face ApiV1 = new("api", "/api/v1", null);

    /// <summary>The same, for programs that are given the server's root as their base.</summary>
    public static readonly Face Plain = new("plain", "", null);

    /// <summary>The faces of one platform each.</summary>
    public static readonly IReadOnlyList<Face> OfPlatforms = [Mt4, Mt5, CTrader];

    /// <summary>The platform's word, or "every platform".</summary>
    public string Word => Platform is { } platform ? BrokerKinds.PlatformWord(platform) : "every platform";

    /// <summary>True when the face answers for the account. A paper account counts as the platform that it simulates.</summary>
    public bool Answers(AccountConfig account) => Platform is not { } own || own == PlatformOf(account);

    /// <summary>An account's platform.</summary>
    public static PlatformKind PlatformOf(AccountConfig account) => account.Terminal?.Platform ?? (account.CTrader is not null ? PlatformKind.CTrader : account.Broker!.Platform);
}
