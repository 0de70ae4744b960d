using System.Net;

namespace Lockstep.Server.Rest;

/// <summary>Callbacks that an address may make in a minute; guessing states is hopeless, and shall not be cheap either.</summary>
internal sealed class CallbackGuard(TimeProvider time)
{
    /// <summary>So many in a minute.</summary>
    public const int Most = 10;

    private const int AddressesMost = 10_000;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (DateTimeOffset Since, int Count)> _seen = [];

    /// <summary>Null = come in; else how long to wait.</summary>
    public TimeSpan? Wait(IPAddress? address)
    {
        // A network of IPv6 belongs to one: its addresses are without number.
        string who = address is null ? "" : address.MapToIPv4IfPossible() is { } v4 ? v4 : Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8));
        var now = time.GetUtcNow();
        lock (_gate)
        {
            if (_seen.Count >= AddressesMost)
            {
                foreach (string old in _seen.Where(s => now - s.Value.Since >= Window).Select(s => s.Key).ToList())
                {
                    _seen.Remove(old);
                }

                // More than that in one minute is an attack: whoever is new waits.
                if (_seen.Count >= AddressesMost && !_seen.ContainsKey(who))
                {
                    return Window;
                }
            }

            var (since, count) = _seen.TryGetValue(who, out var seen) && now - seen.Since < Window ? seen : (now, 0);
            _seen[who] = (since, count + 1);
            return count < Most ? null : Window - (now - since);
        }
    }
}

/// <summary>Addresses.</summary>
internal static class AddressCalls
{
    /// <summary>The address as IPv4 text, null when it is none.</summary>
    public static string? MapToIPv4IfPossible(this IPAddress address) =>
        address.IsIPv4MappedToIPv6 ? address.MapToIPv4().ToString() : address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? address.ToString() : null;
}
