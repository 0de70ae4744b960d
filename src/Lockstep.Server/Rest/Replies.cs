using Lockstep.Server.Configuration;

namespace Lockstep.Server.Rest;

/// <summary>Whether the server lives.</summary>
/// <param name="Status">ok: the process answers.</param>
internal sealed record LifeShape(string Status);

/// <summary>Accounts.</summary>
/// <param name="Accounts">Those that the key may see.</param>
internal sealed record AccountsShape(IReadOnlyList<AccountShape> Accounts);

/// <summary>Open positions.</summary>
/// <param name="Account">The account.</param>
/// <param name="State">up, syncing or down: whether the list is what the platform has now.</param>
/// <param name="Positions">The positions.</param>
internal sealed record PositionsShape(string Account, string State, IReadOnlyList<PositionShape> Positions);

/// <summary>Pending orders.</summary>
/// <param name="Account">The account.</param>
/// <param name="State">up, syncing or down: whether the list is what the platform has now.</param>
/// <param name="Orders">The pending orders.</param>
internal sealed record OrdersShape(string Account, string State, IReadOnlyList<OrderShape> Orders);

/// <summary>Symbols.</summary>
/// <param name="Account">The account.</param>
/// <param name="Symbols">The symbols.</param>
internal sealed record SymbolsShape(string Account, IReadOnlyList<SymbolShape> Symbols);

/// <summary>Links.</summary>
/// <param name="Links">Those between accounts that the key may see.</param>
internal sealed record LinksShape(IReadOnlyList<LinkShape> Links);

/// <summary>Legs.</summary>
/// <param name="Legs">Oldest first.</param>
internal sealed record LegsShape(IReadOnlyList<LegShape> Legs);

/// <summary>Rows of the why-ledger.</summary>
/// <param name="Why">Newest first.</param>
/// <param name="Next">Give this as <c>before</c> for the next page; absent when there is none.</param>
internal sealed record WhysShape(IReadOnlyList<WhyShape> Why, long? Next);

/// <summary>Alerts.</summary>
/// <param name="Alerts">Newest first.</param>
internal sealed record AlertsShape(IReadOnlyList<AlertShape> Alerts);

/// <summary>Deals.</summary>
/// <param name="Account">The account.</param>
/// <param name="From">From when.</param>
/// <param name="To">To when.</param>
/// <param name="Deals">Oldest first.</param>
internal sealed record DealsShape(string Account, DateTimeOffset From, DateTimeOffset To, IReadOnlyList<DealShape> Deals);

/// <summary>What the queries of several operations have in common.</summary>
internal static class QueryKeys
{
    /// <summary>How many rows are wanted.</summary>
    public static readonly Key Limit = new("limit", new NumberShape(1_000m, Min: 1m, Whole: true), "At most so many rows.", "100");

    /// <summary>Only what is about one link.</summary>
    public static readonly Key Link = new("link", CommonShapes.Name, "Only what is about this link.");

    /// <summary>From when.</summary>
    public static readonly Key From = new("from", new MomentShape(), "From this moment on.");

    /// <summary>To when.</summary>
    public static readonly Key To = new("to", new MomentShape(), "Up to this moment.");

    /// <summary>A symbol that must be named.</summary>
    public static readonly Key Symbol = new("symbol", CommonShapes.SymbolText, "The broker's name of the symbol.") { Required = true };

    /// <summary>How long to wait for an order's end.</summary>
    public static readonly Key Wait = new("waitMs", new NumberShape(60_000m, Min: 0m, Whole: true), "How long to wait for the outcome, in milliseconds.", "5000");

    /// <summary>What every trade may have in its query.</summary>
    public static readonly IReadOnlyList<Key> OfTrades = [Wait, Bodies.ClientIdKey];
}
