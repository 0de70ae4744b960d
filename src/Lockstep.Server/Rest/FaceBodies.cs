using Lockstep.Server.Configuration;

namespace Lockstep.Server.Rest;

/// <summary>The bodies of the faces that other programs know.</summary>
internal static class FaceBodies
{
    private static readonly NumberShape Number = new(9_007_199_254_740_991m, Min: 1m, Whole: true);
    private static readonly TextShape MomentText = new("^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:.]{5,16}(Z|[+-][0-9]{2}:[0-9]{2})?)?$", "a moment such as \"2030-01-31T12:00:00Z\"");
    private static readonly Key Name = new("account_id", CommonShapes.Name, "The account.");
    private static readonly Key InternalName = new("internal_account_id", CommonShapes.Name, "The account, by the name that other programs give the field.");

    /// <summary>An account and nothing else.</summary>
    public static readonly ObjectShape Account = new("account", Name, InternalName);

    /// <summary>An authorisation to start.</summary>
    public static readonly ObjectShape Onboard = new("onboard", Name, InternalName, new Key("scope", new ChoiceShape("trading", "accounts"), "What is asked for.", "\"trading\""));

    /// <summary>A code brought by hand.</summary>
    public static readonly ObjectShape Code = new("code", Name, InternalName, new Key("code", new TextShape("^[!-~]{1,2000}$", "the code of the callback's address"), "The code.") { Required = true });

    /// <summary>The choice of a trading account.</summary>
    public static readonly ObjectShape Complete = new(
        "choice", Name, InternalName,
        new Key("ctidTraderAccountId", Number, "The trading account."),
        new Key("ctid_trader_account_id", Number, "The same."),
        new Key("grant_of", CommonShapes.Name, "Account whose authorisation covers it, where this one has none of its own."));

    /// <summary>Deals of a time.</summary>
    public static readonly ObjectShape History = new(
        "history", Name, InternalName,
        new Key("start_time", MomentText, "From.") { Nullable = true },
        new Key("end_time", MomentText, "To.") { Nullable = true },
        new Key("position_id", Number, "Only this position's.") { Nullable = true });

    /// <summary>What became of a position.</summary>
    public static readonly ObjectShape Sync = new(
        "position", Name, InternalName,
        new Key("position_id", Number, "The position.") { Required = true },
        new Key("instrument_symbol", CommonShapes.SymbolText, "Its symbol; a position has one, so that it decides nothing.") { Nullable = true });
}
