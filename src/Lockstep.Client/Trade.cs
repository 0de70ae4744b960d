namespace Lockstep.Client;

/// <summary>What came of a trade, in the server's words.</summary>
public static class TradeOutcome
{
    /// <summary>Opened, with the whole volume.</summary>
    public const string Filled = "filled";

    /// <summary>Opened, with less than the whole volume.</summary>
    public const string Partial = "partial";

    /// <summary>A pending order works.</summary>
    public const string Placed = "placed";

    /// <summary>Levels or prices were changed.</summary>
    public const string Modified = "modified";

    /// <summary>Closed, as far as it was asked for.</summary>
    public const string Closed = "closed";

    /// <summary>The pending order works no longer.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>It did not happen, and will not.</summary>
    public const string Refused = "refused";

    /// <summary>Nobody can say yet: ask again under the same id, never send it under another.</summary>
    public const string Unknown = "unknown";
}

/// <summary>How a trade ended, or stands.</summary>
public sealed record TradeResult
{
    /// <summary>The account.</summary>
    public required string Account { get; init; }

    /// <summary>The id of the request: <see cref="LockstepClient.GetRequestAsync"/> tells later what became of it.</summary>
    public required string ClientId { get; init; }

    /// <summary>One of <see cref="TradeOutcome"/>, or a newer word.</summary>
    public string Outcome { get; init; } = TradeOutcome.Unknown;

    /// <summary>Why it was refused, in the server's vocabulary.</summary>
    public string? Refusal { get; init; }

    /// <summary>The broker's own code and text.</summary>
    public string? Code { get; init; }

    /// <summary>What to do about a refusal.</summary>
    public string? Advice { get; init; }

    /// <summary>The position made or changed.</summary>
    public long? Position { get; init; }

    /// <summary>The pending order made or changed.</summary>
    public long? Order { get; init; }

    /// <summary>Executed volume in lots.</summary>
    public decimal? Filled { get; init; }

    /// <summary>Execution price.</summary>
    public decimal? Price { get; init; }

    /// <summary>The deals that it made, as far as they are told.</summary>
    public IReadOnlyList<Fill> Fills { get; init; } = [];

    /// <summary>When it reached each stage.</summary>
    public Stages? Stages { get; init; }

    /// <summary>It happened, wholly or in part.</summary>
    public bool IsDone => Outcome is not (TradeOutcome.Refused or TradeOutcome.Unknown);

    /// <summary>Nobody can say yet.</summary>
    public bool IsUnknown => Outcome == TradeOutcome.Unknown;
}

/// <summary>A deal that a trade made.</summary>
/// <param name="Deal">Its number.</param>
/// <param name="Price">Execution price.</param>
/// <param name="Volume">Lots.</param>
/// <param name="At">When.</param>
public sealed record Fill(long Deal, decimal Price, decimal Volume, DateTimeOffset At);

/// <summary>When a trade reached each stage, as far as it is known.</summary>
/// <param name="ReceivedAt">It came to the server.</param>
/// <param name="DecidedAt">The engine decided on it.</param>
/// <param name="SentAt">It was durable, and its order was handed to the session.</param>
/// <param name="AnsweredAt">Its end was known.</param>
public sealed record Stages(DateTimeOffset? ReceivedAt, DateTimeOffset? DecidedAt, DateTimeOffset? SentAt, DateTimeOffset? AnsweredAt);

/// <summary>A new order. What is null is not sent.</summary>
/// <param name="Symbol">The broker's name of the symbol.</param>
/// <param name="Side">Long or short.</param>
/// <param name="Volume">Lots, above 0.</param>
public sealed record NewOrder(string Symbol, TradeSide Side, decimal Volume)
{
    /// <summary>null = at market; <c>limit</c>, <c>stop</c>, <c>stopLimit</c>.</summary>
    public string? Type { get; init; }

    /// <summary>Price of a pending order.</summary>
    public decimal? Price { get; init; }

    /// <summary>Limit price of a stop-limit order.</summary>
    public decimal? LimitPrice { get; init; }

    /// <summary>Stop loss.</summary>
    public decimal? StopLoss { get; init; }

    /// <summary>Take profit.</summary>
    public decimal? TakeProfit { get; init; }

    /// <summary>When a pending order is to be removed.</summary>
    public DateTimeOffset? Expiry { get; init; }

    /// <summary>Worst price to accept at market.</summary>
    public decimal? WorstPrice { get; init; }
}

/// <summary>What to do with a stop loss or take profit: leave it (the default), set it, or remove it.</summary>
public readonly record struct Level
{
    private Level(bool given, decimal? value) => (Given, Value) = (given, value);

    /// <summary>Leave it as it is.</summary>
    public static Level Leave => default;

    /// <summary>Remove it.</summary>
    public static Level Remove => new(true, null);

    /// <summary>False = leave it.</summary>
    public bool Given { get; }

    /// <summary>The level; null = remove it.</summary>
    public decimal? Value { get; }

    /// <summary>Set it.</summary>
    public static Level At(decimal price) => new(true, price);
}

/// <summary>Which positions or orders are meant. Everything that is given must hold; without any, <see cref="All"/> must be true.</summary>
public sealed record Selection
{
    /// <summary>Everything.</summary>
    public bool All { get; init; }

    /// <summary>These numbers.</summary>
    public IReadOnlyList<long>? Ids { get; init; }

    /// <summary>Of this symbol.</summary>
    public string? Symbol { get; init; }

    /// <summary>Of this side.</summary>
    public TradeSide? Side { get; init; }

    /// <summary>With this magic number.</summary>
    public long? Magic { get; init; }

    /// <summary><c>profitable</c> or <c>losing</c>; not for orders.</summary>
    public string? Result { get; init; }
}

/// <summary>What came of many trades at once.</summary>
/// <param name="Matched">How many matched.</param>
/// <param name="Done">How many are done.</param>
/// <param name="Refused">How many were refused.</param>
/// <param name="Open">How many have not ended yet.</param>
/// <param name="Results">Each of them.</param>
public sealed record BulkResult(int Matched, int Done, int Refused, int Open, IReadOnlyList<TradeResult> Results);
