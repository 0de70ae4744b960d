namespace Lockstep.Server.Streams;

/// <summary>What streams are held to.</summary>
internal sealed record StreamLimits
{
    /// <summary>Connections at the same time, both kinds together.</summary>
    public int Connections { get; init; } = 10_000;

    /// <summary>So many of the latest events are kept for all who are up to date; who falls further behind without reading is cut off.</summary>
    public int EventsHeld { get; init; } = 8_192;

    /// <summary>A connection is pinged so often.</summary>
    public TimeSpan PingEvery { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>A connection from which nothing came for so long is closed.</summary>
    public TimeSpan SilenceMost { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Messages that a client may send a second, sustained.</summary>
    public int MessagesPerSecond { get; init; } = 50;

    /// <summary>Messages that a client may send at once.</summary>
    public int MessagesAtOnce { get; init; } = 1_000;

    /// <summary>Wrong messages in a row after which a client is closed.</summary>
    public int ErrorsMost { get; init; } = 20;

    /// <summary>Accounts, and symbols, that a subscription may name.</summary>
    public int NamesMost { get; init; } = 1_000;

    /// <summary>Candles that a client may have built for it.</summary>
    public int CandlesMost { get; init; } = 200;

    /// <summary>Send buffer of a connection's socket, bytes: what lies there is old when it arrives.</summary>
    public int SocketBuffer { get; init; } = 128 * 1024;

    /// <summary>Time between two turns of latest values, for each client: with a thousand of them a hundred turns a second.</summary>
    public TimeSpan TurnPerClient { get; init; } = TimeSpan.FromMicroseconds(10);

    /// <summary>The longest time between two turns.</summary>
    public TimeSpan TurnMost { get; init; } = TimeSpan.FromMilliseconds(20);
}

/// <summary>Close codes of streams beside those of RFC 6455.</summary>
internal static class StreamClose
{
    /// <summary>A message that is no JSON object.</summary>
    public const int NotJson = 1007;

    /// <summary>Too many messages, or too many wrong ones.</summary>
    public const int Refused = 1008;

    /// <summary>Nothing came for too long.</summary>
    public const int Silent = 4001;

    /// <summary>The key that it came in with ended, or was changed.</summary>
    public const int KeyEnded = 4003;

    /// <summary>Events wait that it does not read.</summary>
    public const int TooSlow = 4008;
}
