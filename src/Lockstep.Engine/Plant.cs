namespace Lockstep.Engine;

/// <summary>
/// Mistakes that the simulator must find (DESIGN.md: a canary that fails on purpose). <see cref="None"/> everywhere but in <c>lockstep simulate --plant</c>.
/// </summary>
public enum Plant
{
    /// <summary>No mistake.</summary>
    None = 0,

    /// <summary>Takes "not found" for absent at once, without the horizon.</summary>
    BelieveAbsentAtOnce,

    /// <summary>Sends an unknown order again under the same key.</summary>
    ResendSameKey,

    /// <summary>Sends an unknown order again under a new key without waiting for evidence.</summary>
    ResendNewKey,

    /// <summary>Forgets that a target position was closed by hand.</summary>
    ForgetTombstone,

    /// <summary>Draws keys at random instead of working them out.</summary>
    RandomKeys,

    /// <summary>Sends before the journal has committed (in the runtime).</summary>
    ActBeforeCommit,

    /// <summary>Closes the newest first on a FIFO account.</summary>
    SkipFifo,

    /// <summary>Loses every second partial close.</summary>
    DropPartialClose,

    /// <summary>Leaves SL and TP where they are on a hedge.</summary>
    MisswapStops,

    /// <summary>Takes a repeated book message for a new one.</summary>
    AcceptRepeats,

    /// <summary>Rounds volumes up where the link says down.</summary>
    RoundUp,

    /// <summary>Ignores a position's growth and shrinking while its session was down.</summary>
    IgnoreSnapshotChanges,
}
