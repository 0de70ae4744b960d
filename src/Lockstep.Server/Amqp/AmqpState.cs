namespace Lockstep.Server.Amqp;

/// <summary>How publishing stands, for metrics, /readyz and alerts.</summary>
internal sealed record AmqpState
{
    /// <summary>The broker, without user and password: <c>amqp://host:5672/</c>; empty while its URL cannot be read.</summary>
    public required string Broker { get; init; }

    /// <summary>The exchange.</summary>
    public required string Exchange { get; init; }

    /// <summary>A connection is up, and the exchange is there.</summary>
    public required bool Connected { get; init; }

    /// <summary>The broker takes nothing for now (connection.blocked), and says why; null = it does.</summary>
    public required string? Blocked { get; init; }

    /// <summary>Why there is no connection; null = there is one.</summary>
    public required string? Problem { get; init; }

    /// <summary>Events that the broker has not confirmed yet.</summary>
    public required long Lag { get; init; }

    /// <summary>Age of the oldest of them; null when there is none.</summary>
    public required TimeSpan? LagAge { get; init; }

    /// <summary>Events under way.</summary>
    public required int Unconfirmed { get; init; }

    /// <summary>Events that were confirmed since the start.</summary>
    public required long Confirmed { get; init; }

    /// <summary>Events that the broker refused (nack) since the start; they were published again.</summary>
    public required long Refused { get; init; }

    /// <summary>Connections that were lost since the start.</summary>
    public required long Lost { get; init; }

    /// <summary>Prices and states that were published since the start.</summary>
    public required long States { get; init; }

    /// <summary>Quotes that were dropped since the start, because there was no connection or the broker took nothing.</summary>
    public required long PricesDropped { get; init; }

    /// <summary>Quotes that a later one took the place of since the start.</summary>
    public required long PricesConflated { get; init; }
}
