using Lockstep.Domain;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.MetaTrader.Translate;

/// <summary>
/// What is remembered of each open position and pending order while it lives: its fingerprint, for the digest, and its converted times, which must not change when the
/// broker's clock does. Filled only when there is something.
/// </summary>
internal sealed class Known
{
    private Dictionary<long, Held>? _positions;
    private Dictionary<long, Held>? _orders;

    /// <summary>True when the fingerprints are of all objects: since a whole truth was told.</summary>
    public bool Whole { get; private set; }

    /// <summary>Sum of the fingerprints.</summary>
    public ulong Digest { get; private set; }

    /// <summary>The fingerprints say nothing until the next whole truth; times stay.</summary>
    public void Doubt() => Whole = false;

    /// <summary>A position as it is now; when it was opened.</summary>
    public Timestamp Position(WirePosition p, ServerClock clock)
    {
        _positions ??= [];
        return Put(_positions, p.Id, p.Fingerprint != 0 ? p.Fingerprint : LinkCodec.Fingerprint(p), p.Time, null, clock).At;
    }

    /// <summary>A pending order as it is now; when it was placed, and when it ends.</summary>
    public (Timestamp PlacedAt, Timestamp? Expiry) Order(WireOrder o, ServerClock clock)
    {
        _orders ??= [];
        var held = Put(_orders, o.Id, o.Fingerprint != 0 ? o.Fingerprint : LinkCodec.Fingerprint(o), o.Time, o.Expiry, clock);
        return (held.At, held.Expiry);
    }

    /// <summary>When an order that ended was placed, and was to end: as it was known while it lived.</summary>
    public (Timestamp PlacedAt, Timestamp? Expiry) Ended(WireOrder o, ServerClock clock)
    {
        Held held = default;
        _orders?.TryGetValue(o.Id, out held);
        held = Converted(held, o.Time, o.Expiry, clock);
        return (held.At, held.Expiry);
    }

    /// <summary>A position is closed.</summary>
    public void PositionGone(long id) => Remove(_positions, id);

    /// <summary>A pending order is gone.</summary>
    public void OrderGone(long id) => Remove(_orders, id);

    /// <summary>
    /// The whole truth: what is not in it is gone. The objects are put anew by <paramref name="put"/>, with the times that were known.
    /// </summary>
    public void Renew(Action put)
    {
        var (positions, orders) = (_positions, _orders);
        (_positions, _orders, Digest) = (null, null, 0);
        (_oldPositions, _oldOrders) = (positions, orders);
        put();
        (_oldPositions, _oldOrders) = (null, null);
        Whole = true;
    }

    private Dictionary<long, Held>? _oldPositions;
    private Dictionary<long, Held>? _oldOrders;

    private Held Put(Dictionary<long, Held> map, long id, ulong fingerprint, long time, long? expiry, ServerClock clock)
    {
        if (map.TryGetValue(id, out var held))
        {
            Digest -= held.Fingerprint;
        }
        else
        {
            (map == _positions ? _oldPositions : _oldOrders)?.TryGetValue(id, out held);
        }

        held = Converted(held, time, expiry, clock) with { Fingerprint = fingerprint };
        Digest += fingerprint;
        map[id] = held;
        return held;
    }

    private static Held Converted(Held held, long time, long? expiry, ServerClock clock) => held with
    {
        At = held.Time == time && held.At != default ? held.At : clock.ToUtc(time),
        Time = time,
        Expiry = expiry is not { } raw ? null : held.RawExpiry == raw && held.Expiry is { } known ? known : clock.ToUtc(raw),
        RawExpiry = expiry,
    };

    private void Remove(Dictionary<long, Held>? map, long id)
    {
        if (map is not null && map.Remove(id, out var held))
        {
            Digest -= held.Fingerprint;
        }
    }

    private readonly record struct Held(ulong Fingerprint, long Time, Timestamp At, long? RawExpiry, Timestamp? Expiry);
}
