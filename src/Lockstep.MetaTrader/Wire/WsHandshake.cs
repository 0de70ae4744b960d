using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Lockstep.MetaTrader.Wire;

/// <summary>How far a reply to an upgrade request is.</summary>
public enum WsReply
{
    /// <summary>Not whole yet.</summary>
    More = 0,

    /// <summary>The WebSocket is open.</summary>
    Open = 1,

    /// <summary>It is not, and will not be.</summary>
    Refused = 2,
}

/// <summary>The client's half of the opening handshake (RFC 6455 §4.1), for the relay and the simulated terminal, and the proof both halves need.</summary>
public static class WsHandshake
{
    /// <summary>The protocol's name.</summary>
    public const string Protocol = "lockstep.ea.1";

    /// <summary>Largest reply that is looked at, bytes.</summary>
    public const int MaxReply = 8192;

    private const string Magic = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    /// <summary>A key of sixteen random bytes as it stands in the request.</summary>
    public static string Key(ReadOnlySpan<byte> random) =>
        random.Length == 16 ? Convert.ToBase64String(random) : throw new ArgumentException("a key has sixteen bytes", nameof(random));

    /// <summary>The proof that the key was understood.</summary>
    [SuppressMessage("Security", "CA5350:Do Not Use Weak Cryptographic Algorithms", Justification = "RFC 6455 wants SHA-1; it proves that the other side speaks WebSocket and protects nothing.")]
    public static string Accept(string key) => Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + Magic)));

    /// <summary>The request.</summary>
    /// <param name="host">Host and, where it is not the usual one, port.</param>
    /// <param name="target"><c>/ea</c>, or in absolute form <c>http://host:port/ea</c>.</param>
    /// <param name="key">From <see cref="Key"/>.</param>
    public static byte[] Request(string host, string target, string key)
    {
        foreach (char c in host + target + key)
        {
            if (c is <= ' ' or > '~')
            {
                throw new ArgumentException("host, target and key are ASCII without blanks");
            }
        }

        return Encoding.ASCII.GetBytes(
            $"GET {target} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: {Protocol}\r\n\r\n");
    }

    /// <summary>Looks at what has come of the reply.</summary>
    /// <param name="reply">All bytes since the request.</param>
    /// <param name="key">The request's.</param>
    /// <param name="used">Bytes of the reply when it is open; frames begin behind them.</param>
    /// <param name="why">Why it was refused.</param>
    public static WsReply Check(ReadOnlySpan<byte> reply, string key, out int used, out string why)
    {
        (used, why) = (0, "");
        int end = reply[..Math.Min(reply.Length, MaxReply)].IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            if (reply.Length < MaxReply)
            {
                return WsReply.More;
            }

            why = string.Create(CultureInfo.InvariantCulture, $"the reply has no end within {MaxReply} bytes");
            return WsReply.Refused;
        }

        used = end + 4;
        string[] lines = Encoding.Latin1.GetString(reply[..end]).Split("\r\n");
        why = Wrong(lines, key);
        return why.Length == 0 ? WsReply.Open : WsReply.Refused;
    }

    private static string Wrong(string[] lines, string key)
    {
        if (!lines[0].StartsWith("HTTP/1.1 101", StringComparison.Ordinal) || (lines[0].Length > 12 && lines[0][12] != ' '))
        {
            return $"the server answered: {LinkIn.Printable(lines[0].Length <= 80 ? lines[0] : lines[0][..80])}";
        }

        string upgrade = "", connection = "", accept = "", protocol = "";
        bool extensions = false;
        foreach (string line in lines.AsSpan(1))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0)
            {
                return "a header line without a name";
            }

            string value = line[(colon + 1)..].Trim(' ', '\t');
            switch (line[..colon].ToLowerInvariant())
            {
                case "upgrade": upgrade = value; break;
                case "connection": connection = connection.Length == 0 ? value : $"{connection},{value}"; break;
                case "sec-websocket-accept": accept = value; break;
                case "sec-websocket-protocol": protocol = value; break;
                case "sec-websocket-extensions": extensions |= value.Length > 0; break;
            }
        }

        return !upgrade.Equals("websocket", StringComparison.OrdinalIgnoreCase) ? "the reply does not upgrade to websocket"
            : !connection.Split(',').Any(word => word.Trim(' ', '\t').Equals("upgrade", StringComparison.OrdinalIgnoreCase)) ? "the reply does not upgrade the connection"
            : accept != Accept(key) ? "the reply's proof is wrong"
            : protocol != Protocol ? $"the server does not speak {Protocol}"
            : extensions ? "the reply has extensions that were not asked for"
            : "";
    }
}
