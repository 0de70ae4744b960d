using System.Text.Json.Serialization;
using Lockstep.Domain;
using Lockstep.Server.Rest;
using Lockstep.Server.WebSockets;

namespace Lockstep.Server.Streams;

/// <summary>A message of the server on <c>/v1/stream</c>; <c>type</c> stands first.</summary>
/// <param name="Type">The word for its kind.</param>
internal abstract record StreamMessage([property: JsonPropertyOrder(-2)] string Type);

/// <summary>The first message.</summary>
/// <param name="Protocol">Version of the protocol; grows when something is no longer as it was.</param>
/// <param name="Server">Version of the server.</param>
/// <param name="Instance">Names the store whose events these are: numbers of another one mean nothing here.</param>
/// <param name="First">Number of the oldest event that is kept.</param>
/// <param name="Last">Number of the last event; 0 = none was ever written.</param>
/// <param name="At">The server's time.</param>
internal sealed record HelloMessage(int Protocol, string Server, Guid Instance, long First, long Last, DateTimeOffset At) : StreamMessage("hello");

/// <summary>A subscription that holds from here on, in place of any before it.</summary>
/// <param name="Id">The client's id of the request.</param>
/// <param name="Accounts">The accounts by name; absent = all that the key may see, those to come included.</param>
/// <param name="Topics">The topics.</param>
/// <param name="Symbols">The symbols; absent = all.</param>
/// <param name="Frames">Lengths of candles.</param>
/// <param name="After">The events that follow are those after this one.</param>
/// <param name="Unknown">Symbols that no account of the subscription has.</param>
internal sealed record SubscribedMessage(
    string? Id, IReadOnlyList<string>? Accounts, IReadOnlyList<string> Topics, IReadOnlyList<string>? Symbols, IReadOnlyList<string>? Frames, long After, IReadOnlyList<string>? Unknown)
    : StreamMessage("subscribed");

/// <summary>A subscription has ended at the client's wish.</summary>
/// <param name="Id">The client's id of the request.</param>
internal sealed record UnsubscribedMessage(string? Id) : StreamMessage("unsubscribed");

/// <summary>The answer to a ping in JSON.</summary>
/// <param name="Id">The client's id of the request.</param>
/// <param name="At">The server's time.</param>
internal sealed record PongMessage(string? Id, DateTimeOffset At) : StreamMessage("pong");

/// <summary>A message of the client that could not be followed; nothing was changed by it.</summary>
/// <param name="Id">The client's id of the request, where it could be read.</param>
/// <param name="Code">The kind of error; programs may decide by it.</param>
/// <param name="Detail">What was wrong.</param>
/// <param name="Advice">What to do.</param>
/// <param name="Errors">Each field that was wrong.</param>
internal sealed record ErrorMessage(string? Id, string Code, string Detail, string Advice, IReadOnlyList<FieldProblem>? Errors = null) : StreamMessage("error");

/// <summary>Events between the one asked for and the snapshots that follow cannot be told any more.</summary>
/// <param name="Reason"><c>pruned</c>: they are no longer kept; <c>instance</c>: the number is of another store; <c>ahead</c>: there is no such event yet.</param>
/// <param name="After">The event that was asked for.</param>
/// <param name="First">Number of the oldest event that is kept.</param>
/// <param name="Seq">The events that follow are those after this one.</param>
/// <param name="Detail">In words.</param>
internal sealed record GapMessage(string Reason, long After, long First, long Seq, string Detail) : StreamMessage("gap");

/// <summary>An account as it is.</summary>
/// <param name="Account">The account.</param>
/// <param name="Seq">All its events up to this number are in it, and none after.</param>
/// <param name="State">up, syncing or down.</param>
/// <param name="Positions">Open positions.</param>
/// <param name="Orders">Pending orders.</param>
/// <param name="Funds">Money; absent until it was told.</param>
/// <param name="More">True when a further message goes on with the account's positions and orders.</param>
internal sealed record SnapshotMessage(
    string Account, long Seq, string State, IReadOnlyList<PositionShape> Positions, IReadOnlyList<OrderShape> Orders, FundsShape? Funds, bool? More) : StreamMessage("snapshot");

/// <summary>The consumer was slower than the market: so many values were passed over, each followed by a later one.</summary>
/// <param name="Count">How many.</param>
internal sealed record ConflatedMessage(long Count) : StreamMessage("conflated");

/// <summary>An account's money.</summary>
/// <param name="Account">The account.</param>
/// <param name="Funds">The money.</param>
internal sealed record FundsMessage(string Account, FundsShape Funds) : StreamMessage("account");

/// <summary>Floating results of an account's positions.</summary>
/// <param name="Account">The account.</param>
/// <param name="Positions">Those whose result is known.</param>
internal sealed record FloatingMessage(string Account, IReadOnlyList<FloatingShape> Positions) : StreamMessage("floating");

/// <summary>Floating result of a position.</summary>
internal sealed record FloatingShape(long Position, decimal Profit, decimal Swap)
{
    /// <summary>From the domain's word.</summary>
    public static FloatingShape Of(PositionMoney money) => new(money.Position.Value, money.Profit.Value, money.Swap.Value);
}

/// <summary>How an account's session is.</summary>
/// <param name="Account">The account.</param>
/// <param name="Health">How it is.</param>
internal sealed record HealthMessage(string Account, HealthShape Health) : StreamMessage("health");

/// <summary>A candle that is forming.</summary>
/// <param name="Account">The account.</param>
/// <param name="Symbol">The symbol.</param>
/// <param name="Frame">Length of a candle.</param>
/// <param name="Candle">The one that is forming; absent after its end until a tick begins the next.</param>
/// <param name="Closed">The last one that ended, where it is known.</param>
internal sealed record CandleMessage(string Account, string Symbol, string Frame, CandleShape? Candle, CandleShape? Closed) : StreamMessage("candle")
{
    /// <summary>From a state.</summary>
    public static CandleMessage Of(CellKey key, CandleState state) => new(
        key.Account.Value, key.Symbol.Value, key.Frame.ToString(), state.Forming is { } forming ? CandleShape.Of(forming) : null, state.Closed is { } closed ? CandleShape.Of(closed) : null);
}
