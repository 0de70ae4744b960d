namespace Lockstep.Server.Configuration;

/// <summary>Under which routing keys events are published (docs/amqp.md).</summary>
internal enum AmqpKeyStyle
{
    /// <summary><c>account.{UUID}.price.tick</c>; what is about no account alone: <c>lockstep.alert</c>.</summary>
    Canonical = 1,

    /// <summary><c>account.{broker login}.price.tick</c>.</summary>
    Login = 2,

    /// <summary><c>price.tick</c>.</summary>
    Bare = 3,

    /// <summary><c>account.{UUID}.account_info</c>, <c>.open_positions</c>, <c>.pending_orders</c>; everything else as <see cref="Canonical"/>.</summary>
    Underscore = 4,
}

/// <summary>Where and how events are published to RabbitMQ.</summary>
internal sealed record AmqpConfig
{
    /// <summary>The exchange when nothing else is said.</summary>
    public const string UsualExchange = "lockstep.events";

    /// <summary>Environment variable of the URL when the section names none.</summary>
    public const string UrlVariable = "AMQP_URL";

    /// <summary>Environment variable of the exchange when the section names none.</summary>
    public const string ExchangeVariable = "AMQP_EVENTS_EXCHANGE";

    /// <summary>Where the URL is, with user and password; read anew at each connection.</summary>
    public required SecretReference Url { get; init; }

    /// <summary>Name of the topic exchange.</summary>
    public string Exchange { get; init; } = UsualExchange;

    /// <summary>The routing key of each message.</summary>
    public AmqpKeyStyle KeyStyle { get; init; } = AmqpKeyStyle.Canonical;

    /// <summary>More keys under which each message is routed; a queue gets it once all the same.</summary>
    public IReadOnlyList<AmqpKeyStyle> Aliases { get; init; } = [];

    /// <summary>Quotes are published.</summary>
    public bool Prices { get; init; } = true;

    /// <summary>Shortest time between two quotes of a symbol.</summary>
    public TimeSpan PriceInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Shortest time between two states of an account of which only floating results changed.</summary>
    public TimeSpan StateInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Events are written to disk by the broker, in queues that are durable.</summary>
    public bool Persistent { get; init; } = true;

    /// <summary>So many events may be under way without the broker's confirmation.</summary>
    public int Unconfirmed { get; init; } = 256;

    /// <summary>PEM file of more trusted certificates, as a full path; null = none.</summary>
    public string? Trust { get; init; }

    /// <summary>Name that the broker's certificate must have; null = the URL's host.</summary>
    public string? ServerName { get; init; }
}
