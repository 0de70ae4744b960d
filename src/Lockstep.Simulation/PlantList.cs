using Lockstep.Engine;

namespace Lockstep.Simulation;

/// <summary>A mistake that can be planted, to see that the simulator finds it.</summary>
/// <param name="Name">Its name on the command line: <c>believe-absent-at-once</c>.</param>
/// <param name="Engine">Where the engine (or the runtime) makes it; <see cref="Plant.None"/> when the world around them does.</param>
/// <param name="Edge">Where the world around the engine makes it.</param>
/// <param name="Sentence">What it does, in one sentence.</param>
public sealed record PlantedFault(string Name, Plant Engine, EdgePlant Edge, string Sentence);

/// <summary>Mistakes that are made around the engine, where the simulation stands in for the rest of the product.</summary>
public enum EdgePlant
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>A crash takes away what the journal had confirmed.</summary>
    LoseCommitted,

    /// <summary>A session takes a platform's "timeout" for a refusal.</summary>
    TimeoutIsRefusal,

    /// <summary>A session takes a question that failed for an account without positions.</summary>
    FailureIsFlat,

    /// <summary>Replay carries the last decisions out again.</summary>
    RepeatEffects,

    /// <summary>A report is confirmed to its session before it is durable.</summary>
    AckBeforeDurable,

    /// <summary>A terminal carries a repeated command out again.</summary>
    IgnoreLedger,

    /// <summary>The hub takes events that a terminal kept over an outage for news.</summary>
    HistoryIsNews,

    /// <summary>The hub lets a terminal take over while the active one is still there.</summary>
    EarlyTakeover,

    /// <summary>The hub never compares what it has with what the terminal says to have told.</summary>
    NoDigest,

    /// <summary>A terminal carries commands out after their time.</summary>
    IgnoreExpiry,

    /// <summary>Over the Open API: an order whose answer was lost is taken for a refused one.</summary>
    LostAnswerIsRefusal,

    /// <summary>Over the Open API: tokens are refreshed because the server says that they are invalid (2147).</summary>
    RefreshOn2147,

    /// <summary>Over the Open API: a new order without an answer is sent again on the next connection.</summary>
    ResendOnReconnect,

    /// <summary>Over the Open API: what is pushed in the first seconds after an account's authentication is lost.</summary>
    LosePushes,

    /// <summary>Over the Open API: protection is amended with one level, where two are meant.</summary>
    OneLevel,
}

/// <summary>All mistakes that can be planted: <c>lockstep simulate --plant list</c>.</summary>
public static class PlantList
{
    /// <summary>In the order of <see cref="Plant"/>, then those at the edges.</summary>
    public static readonly IReadOnlyList<PlantedFault> All =
    [
        new("believe-absent-at-once", Plant.BelieveAbsentAtOnce, EdgePlant.None, "Takes \"not found\" for absent at once, without waiting for the platform's absence horizon."),
        new("resend-same-key", Plant.ResendSameKey, EdgePlant.None, "Sends an order in doubt again under the same key."),
        new("resend-new-key", Plant.ResendNewKey, EdgePlant.None, "Sends an order in doubt again under a new key, without evidence that the first came to nothing."),
        new("forget-tombstone", Plant.ForgetTombstone, EdgePlant.None, "Forgets that a target position was closed by hand or by its stop, and opens it again."),
        new("random-keys", Plant.RandomKeys, EdgePlant.None, "Draws order keys at random instead of working them out from the facts."),
        new("act-before-commit", Plant.ActBeforeCommit, EdgePlant.None, "Carries decisions out before the journal has made them durable."),
        new("skip-fifo", Plant.SkipFifo, EdgePlant.None, "Closes the newest position first on an account where the oldest must go first."),
        new("drop-partial-close", Plant.DropPartialClose, EdgePlant.None, "Loses every second partial close."),
        new("misswap-stops", Plant.MisswapStops, EdgePlant.None, "Leaves stop loss and take profit where they are on a hedge."),
        new("accept-repeats", Plant.AcceptRepeats, EdgePlant.None, "Takes a repeated book message for a new one."),
        new("round-up", Plant.RoundUp, EdgePlant.None, "Rounds volumes up where the link says down."),
        new("ignore-snapshot-changes", Plant.IgnoreSnapshotChanges, EdgePlant.None, "Ignores what grew or shrank while the session was down."),
        new("lose-committed", Plant.None, EdgePlant.LoseCommitted, "A crash loses the last records although their commit had been confirmed."),
        new("timeout-is-refusal", Plant.None, EdgePlant.TimeoutIsRefusal, "Reports a platform's timeout as a refusal, so that the order is sent again under a new key."),
        new("failure-is-flat", Plant.None, EdgePlant.FailureIsFlat, "Reports a question that failed as an account without positions and orders."),
        new("repeat-effects", Plant.None, EdgePlant.RepeatEffects, "Carries replayed decisions out again after a crash, with a new deadline."),
        new("ack-before-durable", Plant.None, EdgePlant.AckBeforeDurable, "Acknowledges a terminal's events when they came, not when the journal has them."),
        new("ignore-ledger", Plant.None, EdgePlant.IgnoreLedger, "A terminal does not look into its ledger, and carries a repeated command out again."),
        new("history-is-news", Plant.None, EdgePlant.HistoryIsNews, "Takes events that a terminal kept over an outage for what happens now."),
        new("early-takeover", Plant.None, EdgePlant.EarlyTakeover, "Makes a second terminal the active one while the first still is."),
        new("no-digest", Plant.None, EdgePlant.NoDigest, "Never compares what it was told with what the terminal says to have told."),
        new("ignore-expiry", Plant.None, EdgePlant.IgnoreExpiry, "A terminal carries a command out however late it comes."),
        new("lost-answer-is-refusal", Plant.None, EdgePlant.LostAnswerIsRefusal, "Takes an order over the Open API whose answer is lost, with its connection or without, for a refused one."),
        new("refresh-on-2147", Plant.None, EdgePlant.RefreshOn2147, "Refreshes a grant's tokens because the server says that they are no longer valid (2147), which the refresh itself causes."),
        new("resend-on-reconnect", Plant.None, EdgePlant.ResendOnReconnect, "Sends a new order that had no answer again on the next connection to the Open API."),
        new("lose-pushes", Plant.None, EdgePlant.LosePushes, "Loses what the Open API pushes about an account in the first seconds after its authentication, while the whole picture is read."),
        new("one-level", Plant.None, EdgePlant.OneLevel, "Amends a position's protection with its stop loss alone where both levels are meant: the other one is gone."),
    ];

    /// <summary>By name; null when there is none.</summary>
    public static PlantedFault? Find(string name) => All.FirstOrDefault(p => p.Name == name);

    /// <summary>By the engine's plant; null for <see cref="Plant.None"/>.</summary>
    public static PlantedFault? Of(Plant plant) => plant == Plant.None ? null : All.FirstOrDefault(p => p.Engine == plant);
}
