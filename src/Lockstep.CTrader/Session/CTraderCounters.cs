namespace Lockstep.CTrader.Session;

/// <summary>What is counted.</summary>
public enum CTraderCount
{
    /// <summary>Connections that were made.</summary>
    Connections,

    /// <summary>Connections that were lost or could not be made.</summary>
    Losses,

    /// <summary>Frames sent.</summary>
    FramesSent,

    /// <summary>Frames received.</summary>
    FramesReceived,

    /// <summary>Messages of a kind that is in no list.</summary>
    UnknownMessages,

    /// <summary>Frames that could not be read.</summary>
    BadFrames,

    /// <summary>Error codes that are in no list.</summary>
    UnknownErrors,

    /// <summary>Requests without an answer in time.</summary>
    TimeOuts,

    /// <summary>Answers that came after that.</summary>
    LateAnswers,

    /// <summary>Requests that the server refused for their number.</summary>
    RateRefusals,

    /// <summary>Requests that waited for their allowance.</summary>
    Paced,

    /// <summary>Reads that were sent again after such a refusal.</summary>
    SentAgain,

    /// <summary>Messages about an account that has no session here.</summary>
    Strays,

    /// <summary>Reports and answers that the receiver threw on.</summary>
    SinkErrors,

    /// <summary>Spot events taken.</summary>
    Spots,

    /// <summary>Differences between an account's events and its state.</summary>
    Differences,

    /// <summary>Values that made no sense: volumes below zero, unknown symbols, absurd times.</summary>
    Nonsense,
}

/// <summary>Counters of a hub, since it was made. Thread-safe.</summary>
public sealed class CTraderCounters
{
    private readonly long[] _counts = new long[Enum.GetValues<CTraderCount>().Length];

    /// <summary>One count.</summary>
    public long this[CTraderCount count] => Volatile.Read(ref _counts[(int)count]);

    internal void Add(CTraderCount count, long by = 1) => Interlocked.Add(ref _counts[(int)count], by);
}
