using Lockstep.Domain;
using Lockstep.Server.Configuration;
using Lockstep.Storage;

namespace Lockstep.Server.Rest;

/// <summary>The log of events: everything that happened to accounts and links, as the streams tell it.</summary>
internal static class JournalEndpoints
{
    private static readonly NumberShape Number = new(long.MaxValue, Min: 0m, Whole: true);

    private static readonly Operation List = new("listJournal", "GET", "/v1/journal", Scope.Read, "The log of events")
    {
        Topic = "Journal",
        Says = "Without `after` the newest first; with `after` the oldest first, so that a reader goes on with the id of the last row that it has.",
        Query =
        [
            new Key("account", CommonShapes.AccountText, "Only what is about this account."),
            QueryKeys.Link,
            new Key("kind", new ListShape(new ChoiceShape([.. EventKinds.All])), "Only these kinds, with commas between them."),
            new Key("after", Number, "Only events after this one."),
            new Key("before", Number, "Only events before this one."),
            QueryKeys.Limit,
        ],
        Replies = [new(200, typeof(JournalShape), "The events.")],
    };

    /// <summary>Puts the operation up.</summary>
    public static void Map(Routes routes, IDesk desk) => routes.Map(List, async call =>
    {
        var query = call.Query;
        AccountConfig? about = null;
        if (query.Text("account") is { } name && Routes.Closed(desk.Directory, call.Caller, name, out about) is { } closed)
        {
            return closed;
        }

        long? after = query.Number("after") is { } number ? (long)number : null;
        var rows = await Task.Run(
            () => desk.Log.Events(new EventQuery
            {
                After = after ?? 0,
                Before = query.Number("before") is { } before ? (long)before : null,
                Accounts = about is not null ? [about.Id] : call.Caller.Accounts?.ToList(),
                Kinds = query.Value("kind") is null ? null : [.. query.List("kind").Select(k => k.Text)],
                Limit = LinkEndpoints.Limit(call),
                Latest = after is null,
            }),
            call.Aborted);
        string? link = query.Text("link");
        return RestJson.Ok(new JournalShape(
            [.. rows.Where(r => link is null || r.Link?.Value == link).Select(JournalRow.Of)], rows.Count == LinkEndpoints.Limit(call) ? rows[^1].Id : null, desk.Log.FirstEvent, desk.Log.LastEvent));
    });
}

/// <summary>Events.</summary>
/// <param name="Events">The events.</param>
/// <param name="Next">Give this as <c>after</c>, or as <c>before</c> where the newest came first, for what follows; absent when nothing does.</param>
/// <param name="First">The oldest event that is kept.</param>
/// <param name="Last">The last one.</param>
internal sealed record JournalShape(IReadOnlyList<JournalRow> Events, long? Next, long First, long Last);

/// <summary>An event.</summary>
/// <param name="Id">Its number, growing over all accounts without gaps.</param>
/// <param name="At">When it was noted.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Account">The account that it is about; absent = none alone.</param>
/// <param name="Link">The link that it is about; absent = none.</param>
/// <param name="Data">A position, pending order, deal, request, row of the why-ledger, alert, session or divergence, as fits the kind.</param>
internal sealed record JournalRow(long Id, DateTimeOffset At, string Kind, string? Account, string? Link, object Data)
{
    /// <summary>From the log's word.</summary>
    public static JournalRow Of(EventRow row) => new(row.Id, row.At.ToDateTimeOffset(), row.Kind, row.Account?.Value, row.Link?.Value, row.Body switch
    {
        SessionNoted s => new { State = s.Up ? s.Synced ? "up" : "syncing" : "down", Session = s.Epoch, Reason = s.Reason.Length == 0 ? null : s.Reason },
        PositionOpened o => PositionShape.Of(o.Position),
        PositionChanged c => new { Before = PositionShape.Of(c.Before), Now = PositionShape.Of(c.Position) },
        PositionClosed c => new { Last = PositionShape.Of(c.Position), Deals = c.Deals.Select(DealShape.Of).ToList() },
        OrderPlaced p => OrderShape.Of(p.Order),
        OrderChanged c => new { Before = OrderShape.Of(c.Before), Now = OrderShape.Of(c.Order) },
        OrderGone g => OrderShape.Of(g.Order),
        DealDone d => DealShape.Of(d.Deal),
        RequestAnswered r => RequestShape.Of(row.Account ?? default, r.ClientId, r.Answer),
        WhyNoted w => WhyShape.Of(w.Entry),
        AlertNoted a => AlertShape.Of(new AlertSeen(row.At, a.Alert)),
        DivergenceNoted d => new { d.Divergence.What, d.Divergence.Believed, d.Divergence.Reported },
        _ => throw new ArgumentException($"{row.Kind} has no shape.", nameof(row)),
    });
}
