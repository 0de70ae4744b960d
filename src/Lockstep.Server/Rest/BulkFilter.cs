using Lockstep.Domain;
using Lockstep.Server.Configuration;

namespace Lockstep.Server.Rest;

/// <summary>Which positions or pending orders of an account are meant. What is not given does not narrow; nothing given must be meant, and says so.</summary>
internal sealed record BulkFilter
{
    /// <summary>Longest client id of a request for many: each item's own is made of it and the item's number.</summary>
    public const int ClientIdMax = 44;

    /// <summary>Numbers, in the order given; null = any.</summary>
    public IReadOnlyList<long>? Ids { get; init; }

    /// <summary>Symbol.</summary>
    public SymbolName? Symbol { get; init; }

    /// <summary>Side.</summary>
    public Side? Side { get; init; }

    /// <summary>Magic number.</summary>
    public long? Magic { get; init; }

    /// <summary>True = profitable, false = losing.</summary>
    public bool? Profitable { get; init; }

    /// <summary>The filter that a body holds, or what is wrong with it.</summary>
    public static (BulkFilter Filter, Problem? Problem) Read(ItemReader item, string clientId)
    {
        var filter = new BulkFilter
        {
            Ids = item.Value("ids") is null ? null : [.. item.List("ids").Select(i => (long)ItemReader.Number(i)).Distinct()],
            Symbol = item.Text("symbol") is { } symbol ? new SymbolName(symbol) : null,
            Side = item.Choice<Side>("side"),
            Magic = item.Number("magic") is { } magic ? (long)magic : null,
            Profitable = item.Text("result") is { } result ? result == "profitable" : null,
        };
        bool all = item.Flag("all", otherwise: false);
        return (filter, all == (filter == new BulkFilter())
            ? clientId.Length <= ClientIdMax ? null
                : Problem.Bad($"The client id of a request for many may have {ClientIdMax} characters; this has {clientId.Length}.", "Choose a shorter one: each item's own id is made of it and the item's number.")
            : all ? Problem.Bad("\"all\" is true, and a filter is given, too.", "Leave one of them out; nothing was done.")
            : Problem.Bad("The request says neither which ones nor \"all\".", "Give a filter, or say \"all\": true; nothing was done."));
    }

    /// <summary>Is this position one of them, as far as its result does not matter?</summary>
    public bool Takes(PositionReport p) => Takes(p.Id.Value, p.Symbol, p.Side, p.Tag);

    /// <summary>Is this pending order one of them?</summary>
    public bool Takes(PendingReport o) => Takes(o.Id.Value, o.Symbol, o.Side, o.Tag);

    private bool Takes(long id, SymbolName symbol, Side side, OrderTag tag) =>
        (Ids?.Contains(id) ?? true) && (Symbol ?? symbol) == symbol && (Side ?? side) == side && (Magic ?? tag.Magic) == tag.Magic;
}
