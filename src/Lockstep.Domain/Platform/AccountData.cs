namespace Lockstep.Domain;

/// <summary>
/// History that a person or program asks of an account. Not the engine's: nothing is decided by it. A platform answers it only when no trade waits.
/// </summary>
public interface IAccountData
{
    /// <summary>Asks; <paramref name="answer"/> is called once, on any thread: with the rows, with a refusal, or with one that says that no answer came.</summary>
    void Fetch(DataRequest request, Action<DataAnswer> answer);
}

/// <summary>A question for history.</summary>
public abstract record DataRequest;

/// <summary>Candles (trendbars) of a symbol.</summary>
/// <param name="Symbol">The broker's symbol name.</param>
/// <param name="Frame">Length of a candle.</param>
/// <param name="From">Opening time of the first one.</param>
/// <param name="To">None that opened later.</param>
/// <param name="Limit">At most so many, the newest ones; 1–10,000.</param>
public sealed record CandlesWanted(SymbolName Symbol, Timeframe Frame, Timestamp From, Timestamp To, int Limit) : DataRequest;

/// <summary>Ticks of a symbol. MT4 has none.</summary>
/// <param name="Symbol">The broker's symbol name.</param>
/// <param name="From">From.</param>
/// <param name="To">To.</param>
/// <param name="Limit">At most so many, the newest ones; 1–10,000.</param>
public sealed record TicksWanted(SymbolName Symbol, Timestamp From, Timestamp To, int Limit) : DataRequest;

/// <summary>Deals of the account.</summary>
/// <param name="From">From.</param>
/// <param name="To">To.</param>
public sealed record DealsWanted(Timestamp From, Timestamp To) : DataRequest
{
    /// <summary>Only this position's; a platform that cannot ask so narrowly may answer with more.</summary>
    public PositionId? Position { get; init; }
}

/// <summary>What came of a question.</summary>
public abstract record DataAnswer;

/// <summary>Candles, oldest first.</summary>
public sealed record CandlesFound(IReadOnlyList<Candle> Candles) : DataAnswer
{
    /// <summary>The candle that is still forming, where the platform tells it apart; null = not known, or it is the last of <see cref="Candles"/>.</summary>
    public Candle? Live { get; init; }
}

/// <summary>Ticks, oldest first.</summary>
public sealed record TicksFound(IReadOnlyList<Quote> Ticks) : DataAnswer;

/// <summary>Deals, oldest first.</summary>
public sealed record DealsFound(IReadOnlyList<DealReport> Deals) : DataAnswer;

/// <summary>No rows.</summary>
/// <param name="Refusal">In the one vocabulary; <see cref="Refusal.NotSent"/> when nobody could be asked, <see cref="Refusal.Busy"/> when no answer came.</param>
/// <param name="Reason">Why, for a person.</param>
public sealed record DataRefused(Refusal Refusal, string Reason) : DataAnswer;

/// <summary>Length of a candle.</summary>
public enum Timeframe
{
    /// <summary>One minute.</summary>
    M1 = 1,

    /// <summary>Five minutes.</summary>
    M5 = 5,

    /// <summary>A quarter of an hour.</summary>
    M15 = 15,

    /// <summary>Half an hour.</summary>
    M30 = 30,

    /// <summary>One hour.</summary>
    H1 = 60,

    /// <summary>Four hours.</summary>
    H4 = 240,

    /// <summary>One day.</summary>
    D1 = 1_440,

    /// <summary>One week.</summary>
    W1 = 10_080,

    /// <summary>One month.</summary>
    MN1 = 43_200,
}

/// <summary>A candle.</summary>
/// <param name="At">When it opened, UTC.</param>
/// <param name="Open">First price.</param>
/// <param name="High">Highest.</param>
/// <param name="Low">Lowest.</param>
/// <param name="Close">Last.</param>
/// <param name="Ticks">Number of ticks.</param>
public sealed record Candle(Timestamp At, Price Open, Price High, Price Low, Price Close, long Ticks);
