using System.Net;
using Lockstep.Domain;

namespace Lockstep.MetaTrader.Session;

/// <summary>The way to one terminal, as the link uses it: a WebSocket in the server, a socket that a test pumps, a queue in a simulation.</summary>
public interface ITerminalTransport
{
    /// <summary>Where it comes from, for logs and limits: <c>127.0.0.1</c>.</summary>
    string Remote { get; }

    /// <summary>Nobody else can read what is sent: it is encrypted, or does not leave this machine.</summary>
    bool IsPrivate => IPAddress.TryParse(Remote, out var address) && IPAddress.IsLoopback(address);

    /// <summary>Puts one text message on its way and returns at once; the bytes are not kept. False: it is closed, or the other side reads too slowly and it was closed for that.</summary>
    bool Send(ReadOnlySpan<byte> text);

    /// <summary>Closes after what was sent; the link hears of it by <see cref="TerminalLink.Closed"/>.</summary>
    void Close(int code, string reason);
}

/// <summary>An account that is served by terminals.</summary>
public sealed record TerminalAccount
{
    /// <summary>Our name of it.</summary>
    public required AccountId Id { get; init; }

    /// <summary>MT4 or MT5.</summary>
    public required PlatformKind Platform { get; init; }

    /// <summary>Account number.</summary>
    public required long Login { get; init; }

    /// <summary>Broker server.</summary>
    public required string Server { get; init; }

    /// <summary>SHA-256 of the EA key that the settings name; it never expires. Null = only those of <see cref="IEaKeys"/> are good.</summary>
    public byte[]? KeyHash { get; init; }

    /// <summary>What the terminal must say to be; null = whatever it says.</summary>
    public AccountMode? Mode { get; init; }

    /// <summary>Refuses its terminals.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Part of a hedge: the terminal alerts the trader when the link is lost.</summary>
    public bool Hedge { get; init; }

    /// <summary>Trade requests a day; 0 = no limit.</summary>
    public int DailyBudget { get; init; }

    /// <summary>How long an answer may take; null = 5 s on MT4 (one trade context), 2 s on MT5.</summary>
    public TimeSpan? AnswerTimeout { get; init; }

    /// <summary>Absence horizon; null = 60 s on MT4, 10 s on MT5.</summary>
    public TimeSpan? AbsenceHorizon { get; init; }
}
