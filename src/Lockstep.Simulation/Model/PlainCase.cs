using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Simulation;

/// <summary>What the plain model is asked to compare.</summary>
public sealed record PlainCase
{
    /// <summary>The brokers' books, sources and targets.</summary>
    public required IReadOnlyList<PlainBook> Books { get; init; }

    /// <summary>The settings and since when each was in force, oldest first.</summary>
    public required IReadOnlyList<PlainSettings> Settings { get; init; }

    /// <summary>The why-ledger, oldest first.</summary>
    public required IReadOnlyList<WhyEntry> Why { get; init; }

    /// <summary>What else is known of the past.</summary>
    public PlainWitness Witness { get; init; } = PlainWitness.Nobody;
}

/// <summary>Settings and since when they were in force.</summary>
public sealed record PlainSettings(Timestamp From, GroupSettings Settings);

/// <summary>
/// What an onlooker knows beside the books. Where nothing is known the model believes the ledger's reasons; a simulated world knows nearly everything and lets the model
/// check them.
/// </summary>
public class PlainWitness
{
    /// <summary>Knows nothing.</summary>
    public static readonly PlainWitness Nobody = new();

    /// <summary>Money of both accounts as it may have been when the volume of a row was worked out; empty = not known.</summary>
    public virtual IReadOnlyList<PlainFunds> Funds(WhyEntry row) => [];

    /// <summary>By how much the server's clock may have been beside the brokers'.</summary>
    public virtual TimeSpan ClockWrong => TimeSpan.Zero;

    /// <summary>Quotes of an account that may have been seen between two moments; null = not known.</summary>
    public virtual IReadOnlyList<Quote>? Quotes(AccountId account, SymbolName symbol, Timestamp from, Timestamp to) => null;

    /// <summary>Could an order on this account have been lost, delayed or put in doubt?</summary>
    public virtual bool Doubtful(AccountId account) => true;

    /// <summary>Could a broker have refused for no reason of its own books?</summary>
    public virtual bool Moody(AccountId account) => true;

    /// <summary>Has the broker broken its promise to forget an order after its horizon?</summary>
    public virtual bool BrokeHorizon(AccountId account) => false;

    /// <summary>Had an order been decided before the server was told that something happened to a position at a moment?</summary>
    public virtual bool WasOnItsWay(AccountId account, ulong key, PositionId position, Timestamp at) => false;

    /// <summary>Can the account still not be reached? Then nobody can say how its links should stand.</summary>
    public virtual bool OutOfReach(AccountId account) => false;

    /// <summary>Did the account's owner move the levels of a position by hand?</summary>
    public virtual bool Touched(AccountId account, long position) => false;

    /// <summary>Keys of pending orders that the owner cancelled, or that the broker ended without filling them.</summary>
    public virtual IReadOnlyList<ulong> Ended(AccountId account) => [];

    /// <summary>Was the account out of reach for so long at a stretch?</summary>
    public virtual bool Lost(AccountId account, TimeSpan span) => true;

    /// <summary>Volumes that a pending order had when it was placed; empty = not known.</summary>
    public virtual IReadOnlyList<decimal> OrderVolumes(AccountId account, OrderId order) => [];
}
