using System.Net;
using System.Net.Sockets;

namespace Lockstep.Server.Security;

/// <summary>
/// Requests that many may make, each so many a second and so many at once: token buckets by name. A name that has not been seen for long enough to have its whole allowance again is forgotten, and more names than
/// <paramref name="most"/> share one bucket, so that nobody fills the memory by coming under ever new ones.
/// </summary>
/// <param name="most">So many names are told apart.</param>
/// <param name="time">The clock.</param>
internal sealed class Allowances(int most, TimeProvider time)
{
    private const string Others = "";
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Bucket> _buckets = new(StringComparer.Ordinal);
    private long _swept = time.GetTimestamp();

    /// <summary>Takes one; null = taken, else how long to wait until there is one.</summary>
    /// <param name="name">Whose.</param>
    /// <param name="perSecond">So many come back each second.</param>
    /// <param name="burst">So many there are at most.</param>
    public TimeSpan? Take(string name, double perSecond, double burst) => Ask(name, perSecond, burst, take: true);

    /// <summary>As <see cref="Take"/>, but takes nothing.</summary>
    public TimeSpan? Look(string name, double perSecond, double burst) => Ask(name, perSecond, burst, take: false);

    /// <summary>An address as the name of who it belongs to: a network of IPv6 belongs to one, and its addresses are without number.</summary>
    public static string NameOf(IPAddress? address) => address switch
    {
        null => Others,
        { IsIPv4MappedToIPv6: true } => address.MapToIPv4().ToString(),
        { AddressFamily: AddressFamily.InterNetworkV6 } when !IPAddress.IsLoopback(address) => Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8)),
        _ => address.ToString(),
    };

    private TimeSpan? Ask(string name, double perSecond, double burst, bool take)
    {
        long now = time.GetTimestamp();
        lock (_gate)
        {
            Sweep(now);
            if (_buckets.Count >= most && !_buckets.ContainsKey(name))
            {
                name = Others;
            }

            if (!_buckets.TryGetValue(name, out var bucket))
            {
                _buckets[name] = bucket = new Bucket { Left = burst, At = now };
            }

            bucket.Left = Math.Min(burst, bucket.Left + (time.GetElapsedTime(bucket.At, now).TotalSeconds * perSecond));
            bucket.At = now;
            bucket.Full = time.GetElapsedTime(0, now) + TimeSpan.FromSeconds(burst / perSecond);
            if (bucket.Left < 1)
            {
                return TimeSpan.FromSeconds((1 - bucket.Left) / perSecond);
            }

            bucket.Left -= take ? 1 : 0;
            return null;
        }
    }

    private void Sweep(long now)
    {
        if (time.GetElapsedTime(_swept, now) < TimeSpan.FromSeconds(10) || _buckets.Count < most / 2)
        {
            return;
        }

        _swept = now;
        var at = time.GetElapsedTime(0, now);
        foreach (string full in _buckets.Where(b => b.Value.Full <= at).Select(b => b.Key).ToList())
        {
            _buckets.Remove(full);
        }
    }

    private sealed class Bucket
    {
        public double Left { get; set; }

        public long At { get; set; }

        /// <summary>When it will be full at the latest.</summary>
        public TimeSpan Full { get; set; }
    }
}
