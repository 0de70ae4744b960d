using Lockstep.Domain;
using Lockstep.Server.Configuration;
using Lockstep.Server.WebSockets;

namespace Lockstep.Server.Rest;

/// <summary>Deals of an account, whatever its platform.</summary>
internal static class DealEndpoints
{
    private static readonly Operation List = new("listDeals", "GET", "/v1/accounts/{account}/deals", Scope.Read, "Deals, oldest first")
    {
        Topic = "History",
        Says = "Without `from` the deals of the last week, those of one position of the last year.",
        Query = [QueryKeys.From, QueryKeys.To, new Key("position", new NumberShape(long.MaxValue, Above: 0m, Whole: true), "Only this position's.")],
        Replies = [new(200, typeof(DealsShape), "The deals.")],
        Problems = HistoryDesk.Problems,
    };

    /// <summary>Puts the operation up.</summary>
    public static void Map(Routes routes, ITerminalDesk desk) => routes.Map(List, async call =>
    {
        var errors = new List<FieldProblem>();
        var wanted = DealQuery.Of(call.Query.Text("from"), "from", call.Query.Text("to"), "to", call.Query.Number("position") is { } number ? new PositionId((long)number) : null, errors);
        if (HistoryDesk.Wrong(errors) is { } wrong)
        {
            return wrong;
        }

        var (deals, problem) = await DealQuery.FetchAsync(desk, call.Account, wanted, call.Aborted);
        if (deals is null)
        {
            return problem!;
        }

        var yard = Yardstick.Of(await desk.AccountAsync(call.Account.Id), desk.Health(call.Account.Id));
        return RestJson.Ok(new DealsShape(call.Account.Id.Value, wanted.From.ToDateTimeOffset(), wanted.To.ToDateTimeOffset(), [.. deals.Select(d => DealShape.Of(d, yard))]));
    });
}

/// <summary>A question for deals and its answer, as all faces use them.</summary>
internal static class DealQuery
{
    private static readonly TimeSpan Usual = TimeSpan.FromDays(7);
    private static readonly TimeSpan OfPosition = TimeSpan.FromDays(366);

    /// <summary>The question; without a beginning a week, a year for one position.</summary>
    public static DealsWanted Of(string? from, string fromName, string? to, string toName, PositionId? position, List<FieldProblem> errors)
    {
        var until = HistoryDesk.Moment(to, toName, DateTimeOffset.UtcNow, errors);
        var since = HistoryDesk.Moment(from, fromName, until - DateTimeOffset.UnixEpoch > OfPosition ? until - (position is null ? Usual : OfPosition) : DateTimeOffset.UnixEpoch, errors);
        if (errors.Count == 0 && since > until)
        {
            errors.Add(new(fromName, from ?? "", $"must not be after {toName}"));
        }

        return new DealsWanted(Timestamp.From(since), Timestamp.From(until)) { Position = position };
    }

    /// <summary>The deals, oldest first, each once; a platform may answer with more than was asked for.</summary>
    public static async Task<(IReadOnlyList<DealReport>? Deals, Problem? Problem)> FetchAsync(ITerminalDesk desk, AccountConfig account, DealsWanted wanted, CancellationToken cancel)
    {
        var (found, problem) = await HistoryDesk.FetchAsync<DealsFound>(desk, account, wanted, cancel);
        return found is null ? (null, problem)
            : ([.. found.Deals.Where(d => wanted.Position is not { } one || d.Position == one).Where(d => d.At >= wanted.From && d.At <= wanted.To).DistinctBy(d => d.Id).OrderBy(d => d.At).ThenBy(d => d.Id.Value)], null);
    }
}

/// <summary>A deal. Volume in lots, and in units of the base asset where the symbol is known.</summary>
internal sealed record DealShape(
    long Deal, long Position, long? Order, string Symbol, Side Side, decimal Volume, decimal? VolumeUnits, decimal Price, DealEntry Entry, DealReason Reason, DateTimeOffset At, string? BrokerTime,
    decimal Profit, decimal Swap, decimal Commission, long Magic, string Comment, string? Key)
{
    /// <summary>From the domain's word alone.</summary>
    public static DealShape Of(DealReport d) => Of(d, Yardstick.None);

    /// <summary>From the domain's words.</summary>
    public static DealShape Of(DealReport d, Yardstick yard) => new(
        d.Id.Value, d.Position.Value, d.Order?.Value, d.Symbol.Value, d.Side, d.Volume.Value, yard.Units(d.Symbol, d.Volume), d.Price.Value, d.Entry, d.Reason, d.At.ToDateTimeOffset(), yard.Broker(d.At),
        d.Profit.Value, d.Swap.Value, d.Commission.Value, d.Tag.Magic, d.Tag.Comment, d.Tag.Key?.ToString());
}
