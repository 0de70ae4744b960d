using Google.Protobuf;
using Lockstep.CTrader.OAuth;
using Lockstep.CTrader.Wire;
using Lockstep.Domain;

namespace Lockstep.CTrader.Session;

/// <summary>Who goes first when requests wait, and from which allowance they are paid (guide §6: orders never wait behind history).</summary>
internal enum Lane
{
    /// <summary>Authentication and heartbeats: at once, unpaced.</summary>
    Control,

    /// <summary>Orders.</summary>
    Trade,

    /// <summary>Everything else.</summary>
    Read,

    /// <summary>Candles, ticks, deal and order lists: five a second.</summary>
    History,
}

/// <summary>How a request ended.</summary>
internal enum OpenApiEndKind
{
    /// <summary>Its answer is there; of a trade request: <see cref="OpenApiRequest.More"/> said that it was the last one.</summary>
    Answered,

    /// <summary>ErrorRes, or OrderErrorEvent.</summary>
    Failed,

    /// <summary>It never left: no connection, or its time was over before its turn came. Certain.</summary>
    NotSent,

    /// <summary>It left, and no answer came in time.</summary>
    TimedOut,

    /// <summary>It left (or may have: the connection broke under it), and the connection was lost.</summary>
    Lost,
}

/// <summary>An error of the server; codes are strings, some of them in no list (guide §7).</summary>
/// <param name="Code">errorCode.</param>
/// <param name="Text">description.</param>
/// <param name="RetryAfter">Seconds, for a blocked payload type.</param>
internal sealed record OpenApiError(string Code, string Text, TimeSpan? RetryAfter)
{
    /// <summary>When maintenance ends, where the server says it; whatever unit it came in.</summary>
    public Timestamp? MaintenanceEnd { get; init; }
}

/// <summary>How a request ended, and with what.</summary>
/// <param name="Kind">How.</param>
/// <param name="Message">The answer (of a trade request: the last event).</param>
/// <param name="Error">The error when it <see cref="OpenApiEndKind.Failed"/>.</param>
/// <param name="Why">For a person, where there is no answer.</param>
internal readonly record struct OpenApiEnd(OpenApiEndKind Kind, OpenApiMessage? Message, OpenApiError? Error, string Why);

/// <summary>One request. The connection gives it its clientMsgId, which is never used twice.</summary>
internal sealed class OpenApiRequest
{
    /// <summary>The account it is about; null = the connection's own.</summary>
    public required IOpenApiSeat? Seat { get; init; }

    /// <summary>Its lane.</summary>
    public required Lane Lane { get; init; }

    /// <summary>What is sent.</summary>
    public required IMessage Body { get; init; }

    /// <summary>How long the answer may take, from the moment of sending; null = the option.</summary>
    public TimeSpan? AnswerWithin { get; init; }

    /// <summary>Not to be sent after this moment of <see cref="CTraderHub.Mono"/> (ms); null = whenever its turn comes.</summary>
    public long? NotAfter { get; init; }

    /// <summary>
    /// Trade requests have no answer of their own but events (guide §3). Called for every event under this request's id; true = that was the last one. Null for requests with one answer.
    /// The event goes to <see cref="IOpenApiSeat.Push"/> next, and <see cref="Done"/> comes after that. An OrderErrorEvent is not shown here: it goes to Push, then Done.
    /// </summary>
    public Func<OpenApiMessage, bool>? More { get; init; }

    /// <summary>
    /// Called once, whatever happens; under the hub's lock, and never from inside another callback: what a callback submits, or ends by leaving, is told when that callback has returned.
    /// </summary>
    public required Action<OpenApiEnd> Done { get; init; }

    /// <summary>When it left, <see cref="CTraderHub.Mono"/>; null = it did not yet.</summary>
    public long? SentAt { get; set; }

    /// <summary>The connection's: its turn among all requests.</summary>
    internal long Turn { get; set; }

    /// <summary>The connection's: clientMsgId while it waits for an answer.</summary>
    internal string? Id { get; set; }

    /// <summary>The connection's: when the answer is overdue.</summary>
    internal long Deadline { get; set; }

    /// <summary>The connection's: payload type, known once it is submitted.</summary>
    internal uint PayloadType { get; set; }

    /// <summary>The connection's: when the server first refused it for its number.</summary>
    internal long? RefusedAt { get; set; }

    /// <summary>The connection's: with what.</summary>
    internal OpenApiError? Refusal { get; set; }

    /// <summary>The connection's: the session that asked is over; it is not sent again.</summary>
    internal bool IsWithdrawn { get; set; }

    /// <summary>The connection's: <see cref="Done"/> was called or is about to be.</summary>
    internal bool HasEnded { get; set; }
}

/// <summary>An account's place at a connection. All calls come under the hub's lock; what follows outside is put into the seat's queue.</summary>
internal interface IOpenApiSeat
{
    /// <summary>ctidTraderAccountId.</summary>
    long Ctid { get; }

    /// <summary>The application is authenticated: the account may authenticate.</summary>
    void LineUp();

    /// <summary>
    /// There is no line for this account, and why: the connection is gone (all requests of this seat have ended already), could not be made, or waits for the end of maintenance. Comes again
    /// for each attempt that fails, and right after sitting down at a connection that waits.
    /// </summary>
    void LineDown(string why);

    /// <summary>
    /// Whatever the server said about this account and no read waits for: events of all kinds (also those that a trade request's <see cref="OpenApiRequest.More"/> was shown just before), and answers that came too late.
    /// </summary>
    void Push(OpenApiMessage message);

    /// <summary>A grant has another token, or none.</summary>
    void TokenChanged(GrantId grant);

    /// <summary>The clock was looked at.</summary>
    void Tick(long now);

    /// <summary>Carries out what was put into the queue. Called without the lock.</summary>
    void Drain();
}
