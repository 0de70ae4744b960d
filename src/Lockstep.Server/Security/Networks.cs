using System.Net;

namespace Lockstep.Server.Security;

/// <summary>Networks as people write them: <c>10.0.0.0/8</c>, or one address.</summary>
internal static class Networks
{
    /// <summary>What is wrong with a text; null = nothing.</summary>
    public static string? Problem(string text) =>
        Read(text) is not null ? null
        : IPAddress.TryParse(text.Split('/')[0], out _) && text.Contains('/', StringComparison.Ordinal) ? "has bits set beyond its prefix, or a prefix that is too long; 10.1.2.3 with 8 bits is written 10.0.0.0/8"
        : "is no address or network such as 10.0.0.7, 10.0.0.0/8 or 2001:db8::/32";

    /// <summary>The network of a text; null = it is none.</summary>
    public static IPNetwork? Read(string text) =>
        text.Contains('/', StringComparison.Ordinal) ? IPNetwork.TryParse(text, out var network) && IPAddress.TryParse(text.Split('/')[0], out var first) && network.BaseAddress.Equals(first) ? network : null
        : IPAddress.TryParse(text, out var address) ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
        : null;

    /// <summary>True when an address is in one of the networks, or when there are none.</summary>
    public static bool Has(IReadOnlyList<string> networks, IPAddress? address)
    {
        if (networks.Count == 0)
        {
            return true;
        }

        if (address is null)
        {
            return false;
        }

        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return networks.Any(text => Read(text) is { } network && network.Contains(plain));
    }
}
