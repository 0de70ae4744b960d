using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lockstep.Client.Streams;

/// <summary>What is to be followed.</summary>
public sealed record StreamRequest
{
    /// <summary>Names or UUIDs; null = all that the key may see.</summary>
    public IReadOnlyList<string>? Accounts { get; init; }

    /// <summary><c>events</c>, <c>prices</c>, <c>account</c>, <c>health</c>, <c>candles</c>, or parts of events such as <c>positions</c>.</summary>
    public IReadOnlyList<string> Topics { get; init; } = ["events"];

    /// <summary>Symbols of prices and candles; null = all prices, no candles.</summary>
    public IReadOnlyList<string>? Symbols { get; init; }

    /// <summary>Frames of candles: <c>M1</c> … <c>MN1</c>.</summary>
    public IReadOnlyList<string>? Frames { get; init; }

    /// <summary>Go on after this event; null = from now on, with a snapshot first.</summary>
    public long? After { get; init; }

    /// <summary>The instance that <see cref="After"/> is of (<see cref="StreamOpened.Instance"/>).</summary>
    public string? Instance { get; init; }

    /// <summary>A snapshot first; null = when <see cref="After"/> is null.</summary>
    public bool? Snapshot { get; init; }
}

/// <summary>Something that came over a stream.</summary>
public abstract record StreamMessage;

/// <summary>A connection stands and the subscription is taken. Comes again after each reconnection.</summary>
/// <param name="Instance">Names the server's data folder: numbers of events are its own.</param>
/// <param name="After">Events follow after this one.</param>
/// <param name="Connection">How many connections there were, this one included.</param>
public sealed record StreamOpened(string Instance, long After, int Connection) : StreamMessage;

/// <summary>The connection was lost; the next one is being made.</summary>
/// <param name="Reason">Why, for a person.</param>
public sealed record StreamLost(string Reason) : StreamMessage;

/// <summary>Events are missing, because the server keeps them no longer or its data folder is another one; snapshots follow.</summary>
/// <param name="Reason"><c>pruned</c>, <c>instance</c> or <c>ahead</c>.</param>
public sealed record StreamGap(string Reason) : StreamMessage;

/// <summary>An account as it is: all events up to <see cref="Seq"/> are in it. A long one comes in parts.</summary>
public sealed record AccountSnapshot : StreamMessage
{
    /// <summary>The account.</summary>
    public required string Account { get; init; }

    /// <summary>The last event that is included.</summary>
    public long Seq { get; init; }

    /// <summary><c>up</c>, <c>syncing</c> or <c>down</c>.</summary>
    public string State { get; init; } = "";

    /// <summary>Open positions.</summary>
    public IReadOnlyList<Position> Positions { get; init; } = [];

    /// <summary>Pending orders.</summary>
    public IReadOnlyList<PendingOrder> Orders { get; init; } = [];

    /// <summary>Money.</summary>
    public AccountMoney? Funds { get; init; }

    /// <summary>Another part follows.</summary>
    public bool More { get; init; }
}

/// <summary>An event. Which of its parts there are follows from <see cref="Kind"/>.</summary>
public sealed record AccountEvent : StreamMessage
{
    /// <summary>Its number among all events of the server, growing.</summary>
    public long Seq { get; init; }

    /// <summary>When.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary><c>position.opened</c>, <c>order.gone</c>, <c>deal</c> …</summary>
    public required string Kind { get; init; }

    /// <summary>The account.</summary>
    public string? Account { get; init; }

    /// <summary>The link.</summary>
    public string? Link { get; init; }

    /// <summary>The position as it is, or was last.</summary>
    public Position? Position { get; init; }

    /// <summary>The pending order as it is, or was last.</summary>
    public PendingOrder? Order { get; init; }

    /// <summary>The deal.</summary>
    public Deal? Deal { get; init; }

    /// <summary>The deals that closed a position.</summary>
    public IReadOnlyList<Deal> Deals { get; init; } = [];

    /// <summary>A row of the why-ledger.</summary>
    public WhyRow? Why { get; init; }

    /// <summary>An alert.</summary>
    public Alert? Alert { get; init; }

    /// <summary>The whole message, for what has no property here.</summary>
    [JsonIgnore]
    public JsonElement Raw { get; init; }
}

/// <summary>Latest prices.</summary>
/// <param name="Prices">The prices.</param>
public sealed record PricesChanged(IReadOnlyList<Price> Prices) : StreamMessage;

/// <summary>An account's money changed.</summary>
/// <param name="Account">The account.</param>
/// <param name="Funds">Its money.</param>
public sealed record MoneyChanged(string Account, AccountMoney Funds) : StreamMessage;

/// <summary>A candle that is forming, and the last one that ended.</summary>
/// <param name="Account">The account.</param>
/// <param name="Symbol">The broker's name of the symbol.</param>
/// <param name="Frame">Its length.</param>
/// <param name="Candle">The one that is forming; null after its end until a tick begins the next.</param>
/// <param name="Closed">The last one that ended.</param>
public sealed record CandleChanged(string Account, string Symbol, string Frame, Candle? Candle, Candle? Closed) : StreamMessage;

/// <summary>Floating results of an account's positions changed.</summary>
/// <param name="Account">The account.</param>
/// <param name="Positions">Those whose result is known.</param>
public sealed record FloatingChanged(string Account, IReadOnlyList<FloatingResult> Positions) : StreamMessage;

/// <summary>Floating result of a position, in the account's currency.</summary>
/// <param name="Position">The position.</param>
/// <param name="Profit">Without swap.</param>
/// <param name="Swap">Swap so far.</param>
public sealed record FloatingResult(long Position, decimal Profit, decimal Swap);

/// <summary>So many values were passed over because they were not read in time; each was replaced by a later one. Events never are.</summary>
/// <param name="Count">How many.</param>
public sealed record Conflated(long Count) : StreamMessage;

/// <summary>A message of a newer server, or one that has no type here (health).</summary>
/// <param name="Type">Its type.</param>
/// <param name="Raw">The whole message.</param>
public sealed record OtherMessage(string Type, JsonElement Raw) : StreamMessage;
