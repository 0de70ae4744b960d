using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Server.Rest;

/// <summary>What came of a trade.</summary>
internal enum Outcome
{
    /// <summary>Opened, with the whole volume.</summary>
    Filled,

    /// <summary>Opened, with less than the whole volume.</summary>
    Partial,

    /// <summary>A pending order works.</summary>
    Placed,

    /// <summary>Levels or prices were changed.</summary>
    Modified,

    /// <summary>The position, or as much of it as was asked for, is closed.</summary>
    Closed,

    /// <summary>The pending order works no longer.</summary>
    Cancelled,

    /// <summary>It did not happen, and will not.</summary>
    Refused,

    /// <summary>Nobody can say yet.</summary>
    Unknown,
}

/// <summary>How a request ended, or stands.</summary>
internal sealed record RequestShape
{
    /// <summary>The account.</summary>
    public required string Account { get; init; }

    /// <summary>The client's id of the request.</summary>
    public required string ClientId { get; init; }

    /// <summary>done, refused, unknown, or inFlight: sent, and no answer yet.</summary>
    public required ClientState State { get; init; }

    /// <summary>What came of it; absent where only the engine's word is known (in the stream of events).</summary>
    public Outcome? Outcome { get; init; }

    /// <summary>Why it was refused, in our vocabulary.</summary>
    public Refusal? Refusal { get; init; }

    /// <summary>The broker's own code and text, or our words where it never got there.</summary>
    public string? Code { get; init; }

    /// <summary>The order's key, by which it is recognised at the broker.</summary>
    public string? Key { get; init; }

    /// <summary>The position made or changed.</summary>
    public long? Position { get; init; }

    /// <summary>The pending order made or changed.</summary>
    public long? Order { get; init; }

    /// <summary>Executed volume in lots.</summary>
    public decimal? Filled { get; init; }

    /// <summary>The same in units of the base asset.</summary>
    public decimal? FilledUnits { get; init; }

    /// <summary>Execution price.</summary>
    public decimal? Price { get; init; }

    /// <summary>The deals that it made, as far as the platform has told them.</summary>
    public IReadOnlyList<FillShape>? Fills { get; init; }

    /// <summary>A reversal's first half.</summary>
    public ClosingShape? Closing { get; init; }

    /// <summary>When it reached each stage, as far as it is known.</summary>
    public StagesShape? Stages { get; init; }

    /// <summary>From the engine's word alone.</summary>
    public static RequestShape Of(AccountId account, string clientId, ClientAnswer a) => new()
    {
        Account = account.Value,
        ClientId = clientId,
        State = a.State,
        Refusal = a.Refusal == Domain.Refusal.None ? null : a.Refusal,
        Code = a.Code.Length == 0 ? null : a.Code,
        Key = a.Key?.ToString(),
        Position = a.Position?.Value,
        Order = a.Order?.Value,
        Filled = a.Filled.IsZero ? null : a.Filled.Value,
        Price = a.Price?.Value,
        Closing = ClosingShape.Of(a.Closing),
    };

    /// <summary>From all that is known of the request.</summary>
    public static RequestShape Of(ClientView view, ClientAnswer answer, RequestTrail trail, Yardstick yard)
    {
        var symbol = trail.Deals.Count > 0 ? trail.Deals[0].Symbol : (view.Request as ClientPlace)?.Symbol;
        return Of(view.Request.Account, view.Request.ClientId, answer) with
        {
            Outcome = OutcomeOf(view.Request, answer),
            FilledUnits = symbol is { } s && !answer.Filled.IsZero ? yard.Units(s, answer.Filled) : null,
            Fills = trail.Deals.Count == 0 ? null : [.. trail.Deals.Select(d => new FillShape(d.Id.Value, d.Price.Value, d.Volume.Value, yard.Units(d.Symbol, d.Volume), d.At.ToDateTimeOffset(), yard.Broker(d.At)))],
            Stages = new StagesShape(trail.ReceivedAt?.ToDateTimeOffset(), view.At.ToDateTimeOffset(), trail.SentAt?.ToDateTimeOffset(), trail.AnsweredAt?.ToDateTimeOffset()),
        };
    }

    private static Outcome OutcomeOf(ClientRequest request, ClientAnswer answer) => (answer.State, request) switch
    {
        (ClientState.Unknown or ClientState.InFlight, _) => Rest.Outcome.Unknown,
        (ClientState.Refused, _) => answer.Closing is { State: ClientState.Done } ? Rest.Outcome.Closed : Rest.Outcome.Refused,
        (_, ClientPlace { Type: not null }) => Rest.Outcome.Placed,
        (_, ClientPlace place) => answer.Filled.IsZero || answer.Filled >= place.Volume ? Rest.Outcome.Filled : Rest.Outcome.Partial,
        (_, ClientReverse reverse) => reverse.Volume is { } wanted && !answer.Filled.IsZero && answer.Filled < wanted ? Rest.Outcome.Partial : Rest.Outcome.Filled,
        (_, ClientModify) => Rest.Outcome.Modified,
        (_, ClientClose { Order: not null }) => Rest.Outcome.Cancelled,
        _ => Rest.Outcome.Closed,
    };
}

/// <summary>A deal that a request made. Volume in lots, and in units of the base asset.</summary>
internal sealed record FillShape(long Deal, decimal Price, decimal Volume, decimal? VolumeUnits, DateTimeOffset At, string? BrokerTime);

/// <summary>When a request reached each stage.</summary>
/// <param name="ReceivedAt">It came in.</param>
/// <param name="DecidedAt">The engine decided on it.</param>
/// <param name="SentAt">It was durable, and its order was handed to the session.</param>
/// <param name="AnsweredAt">Its end was known.</param>
internal sealed record StagesShape(DateTimeOffset? ReceivedAt, DateTimeOffset? DecidedAt, DateTimeOffset? SentAt, DateTimeOffset? AnsweredAt);

/// <summary>The first half of a reversal.</summary>
internal sealed record ClosingShape(ClientState State, string? Key, long Position, decimal? Filled, decimal? Price)
{
    /// <summary>From the engine's word.</summary>
    public static ClosingShape? Of(ClientClosing? c) => c is null ? null : new(c.State, c.Key?.ToString(), c.Position.Value, c.Filled.IsZero ? null : c.Filled.Value, c.Price?.Value);
}
