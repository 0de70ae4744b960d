namespace Lockstep.Simulator;

/// <summary>
/// What goes wrong at a broker and on the way to it; set at run time through <see cref="SimBroker.Faults"/>. Chances are percent of requests (or messages),
/// four decimals count. Requests made through the native entry points directly (the account owner's) meet no faults, except that a pending order may later fill in parts.
/// </summary>
public sealed record BrokerFaults
{
    /// <summary>Nothing goes wrong.</summary>
    public static readonly BrokerFaults None = new();

    /// <summary>A market order is requoted (MT5 10004, MT4 138; cTrader rejects).</summary>
    public decimal RequotePercent { get; init; }

    /// <summary>A request is refused by the dealer (MT5 10006, MT4 136; cTrader ORDER_REJECTED).</summary>
    public decimal RejectPercent { get; init; }

    /// <summary>A fill is only partial: the rest is dropped (IOC) or goes on waiting (pending orders on MT5). MT4 does not know partial fills.</summary>
    public decimal PartialFillPercent { get; init; }

    /// <summary>A market fill slips, either way.</summary>
    public decimal SlippagePercent { get; init; }

    /// <summary>Most points of slippage.</summary>
    public int SlippageMaxPoints { get; init; } = 20;

    /// <summary>The request is executed as usual and never answered.</summary>
    public decimal ReplyLostPercent { get; init; }

    /// <summary>The request is executed as usual and answered late.</summary>
    public decimal ReplyLatePercent { get; init; }

    /// <summary>Longest delay of a late answer.</summary>
    public TimeSpan ReplyLateMax { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>
    /// The request sits in a dealing queue, where no snapshot shows it, and is executed later: at most <see cref="ExecuteLateMax"/> after it came.
    /// </summary>
    public decimal ExecuteLatePercent { get; init; }

    /// <summary>Longest stay in the dealing queue; null = the account's absence horizon less the longest execution delay and a second.</summary>
    public TimeSpan? ExecuteLateMax { get; init; }

    /// <summary>As <see cref="ExecuteLatePercent"/>, but beyond the absence horizon, up to twice as long: the platform breaks its own promise.</summary>
    public decimal BeyondHorizonPercent { get; init; }

    /// <summary>The answer is "timeout" (MT5 10012, MT4 128, cTrader TIMEOUT_ERROR), and the request is executed later, within <see cref="ExecuteLateMax"/>.</summary>
    public decimal TimeoutThenFillPercent { get; init; }

    /// <summary>The broker cuts the comment to eight characters.</summary>
    public decimal CommentCutPercent { get; init; }

    /// <summary>The broker writes a comment of its own.</summary>
    public decimal CommentRewrittenPercent { get; init; }

    /// <summary>A question fails.</summary>
    public decimal AskFailsPercent { get; init; }

    /// <summary>A question is never answered.</summary>
    public decimal AskLostPercent { get; init; }

    /// <summary>The connection breaks after a message.</summary>
    public decimal DisconnectPercent { get; init; }

    /// <summary>Longest break of a connection.</summary>
    public TimeSpan DisconnectMax { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A change message comes twice.</summary>
    public decimal EventDuplicatedPercent { get; init; }

    /// <summary>An answer comes twice.</summary>
    public decimal AnswerTwicePercent { get; init; }

    /// <summary>A change message is lost: a gap in the sequence.</summary>
    public decimal EventDroppedPercent { get; init; }

    /// <summary>A change message is overtaken by later ones.</summary>
    public decimal EventReorderedPercent { get; init; }

    /// <summary>A change message is followed by one of garbage: volumes of zero or below, absurd times, unknown positions.</summary>
    public decimal GarbagePercent { get; init; }
}
