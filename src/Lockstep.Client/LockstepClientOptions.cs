namespace Lockstep.Client;

/// <summary>Where the server is and how patient the client is.</summary>
public sealed record LockstepClientOptions
{
    /// <summary>The server: <c>http://127.0.0.1:8080</c>.</summary>
    public required Uri Address { get; init; }

    /// <summary>The API key; null where the server asks for none.</summary>
    public string? Key { get; init; }

    /// <summary>How long a call may take in all, retries included.</summary>
    public TimeSpan Budget { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a call is tried in all. Writes are repeated only under the same idempotency key, and only when the server did not answer or asked to come again.</summary>
    public int Attempts { get; init; } = 4;

    /// <summary>First pause between two tries; it doubles, and a part of it is left to chance.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Longest pause between two connections of a stream.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The clock, for tests.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Carries requests, for tests or a proxy of one's own; null = the usual one. Is not disposed of.</summary>
    public HttpMessageHandler? Handler { get; init; }
}
