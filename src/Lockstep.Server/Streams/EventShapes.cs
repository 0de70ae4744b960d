using Lockstep.Server.Rest;
using Lockstep.Storage;

namespace Lockstep.Server.Streams;

/// <summary>An event as the canonical stream tells it; of what is below <paramref name="Kind"/> that which belongs to the kind is there.</summary>
/// <param name="Seq">Its number, growing over all accounts; a stream shows gaps where events were not asked for.</param>
/// <param name="At">When it was noted.</param>
/// <param name="Kind">Its kind, as <c>position.closed</c>.</param>
/// <param name="Account">The account; absent = about none alone.</param>
/// <param name="Link">The link; absent = none.</param>
internal sealed record EventMessage(long Seq, DateTimeOffset At, string Kind, string? Account, string? Link) : StreamMessage("event")
{
    /// <summary>The session.</summary>
    public SessionShape? Session { get; init; }

    /// <summary>The position as it is, or was last.</summary>
    public PositionShape? Position { get; init; }

    /// <summary>The pending order as it is, or was last.</summary>
    public OrderShape? Order { get; init; }

    /// <summary>The position or order as it was before.</summary>
    public object? Before { get; init; }

    /// <summary>The deals that closed the position, as far as they came with the report.</summary>
    public IReadOnlyList<DealShape>? Deals { get; init; }

    /// <summary>The deal.</summary>
    public DealShape? Deal { get; init; }

    /// <summary>The request.</summary>
    public RequestShape? Request { get; init; }

    /// <summary>The row of the why-ledger.</summary>
    public WhyShape? Why { get; init; }

    /// <summary>The alert.</summary>
    public AlertShape? Alert { get; init; }

    /// <summary>What differed.</summary>
    public DivergenceShape? Divergence { get; init; }

    /// <summary>From the log's word.</summary>
    public static EventMessage Of(EventRow row)
    {
        var message = new EventMessage(row.Id, row.At.ToDateTimeOffset(), row.Kind, row.Account?.Value, row.Link?.Value);
        return row.Body switch
        {
            SessionNoted s => message with { Session = new SessionShape(s.Up ? s.Synced ? "up" : "syncing" : "down", s.Epoch, s.Reason.Length == 0 ? null : s.Reason) },
            PositionOpened o => message with { Position = PositionShape.Of(o.Position) },
            PositionChanged c => message with { Position = PositionShape.Of(c.Position), Before = PositionShape.Of(c.Before) },
            PositionClosed c => message with { Position = PositionShape.Of(c.Position), Deals = [.. c.Deals.Select(DealShape.Of)] },
            OrderPlaced p => message with { Order = OrderShape.Of(p.Order) },
            OrderChanged c => message with { Order = OrderShape.Of(c.Order), Before = OrderShape.Of(c.Before) },
            OrderGone g => message with { Order = OrderShape.Of(g.Order) },
            DealDone d => message with { Deal = DealShape.Of(d.Deal) },
            RequestAnswered r => message with { Request = row.Account is { } account ? RequestShape.Of(account, r.ClientId, r.Answer) : null },
            WhyNoted w => message with { Why = WhyShape.Of(w.Entry) },
            AlertNoted a => message with { Alert = AlertShape.Of(new AlertSeen(row.At, a.Alert)) },
            DivergenceNoted d => message with { Divergence = new DivergenceShape(d.Divergence.What, d.Divergence.Believed, d.Divergence.Reported) },
            _ => message,
        };
    }
}

/// <summary>How a session stands.</summary>
internal sealed record SessionShape(string State, long Session, string? Reason);

/// <summary>What differed between belief and report.</summary>
internal sealed record DivergenceShape(string What, string Believed, string Reported);
