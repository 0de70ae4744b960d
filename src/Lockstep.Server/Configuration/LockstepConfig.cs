using System.Net;
using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Simulator;

namespace Lockstep.Server.Configuration;

/// <summary>A configuration that was found right.</summary>
internal sealed record LockstepConfig
{
    /// <summary>The HTTP API.</summary>
    public ServerConfig Server { get; init; } = new();

    /// <summary>Folder of all durable state, as a full path.</summary>
    public required string DataFolder { get; init; }

    /// <summary>The accounts, by name.</summary>
    public required IReadOnlyList<AccountConfig> Accounts { get; init; }

    /// <summary>The links, in the file's order.</summary>
    public required IReadOnlyList<LinkSettings> Links { get; init; }

    /// <summary>The market.</summary>
    public QuotesConfig Quotes { get; init; } = new();

    /// <summary>Accounts and links as the engine knows them.</summary>
    public GroupSettings Settings => new() { Accounts = [.. Accounts.Select(a => a.Id)], Links = Links };

    /// <summary>One account, or null.</summary>
    public AccountConfig? Account(AccountId id) => Accounts.FirstOrDefault(a => a.Id == id);
}

/// <summary>The HTTP API.</summary>
internal sealed record ServerConfig
{
    /// <summary>TCP port; 0 = a free one.</summary>
    public int Port { get; init; } = 5080;

    /// <summary>Address to listen on.</summary>
    public IPAddress Bind { get; init; } = IPAddress.Loopback;

    /// <summary>False only where the configuration says "auth": "none" in so many words.</summary>
    public bool NeedsKey { get; init; } = true;

    /// <summary>Where the key is.</summary>
    public SecretReference? ApiKey { get; init; }
}

/// <summary>Where a secret is: one of the two.</summary>
/// <param name="Env">Environment variable.</param>
/// <param name="File">File, as a full path.</param>
internal sealed record SecretReference(string? Env, string? File)
{
    /// <summary>For a message; never the secret.</summary>
    public override string ToString() => Env is not null ? $"environment variable {Env}" : $"file {File}";
}

/// <summary>One account.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Enabled">False = no session is opened.</param>
/// <param name="Broker">The simulated broker.</param>
internal sealed record AccountConfig(AccountId Id, bool Enabled, BrokerSettings Broker);

/// <summary>The market that the simulated brokers see.</summary>
internal sealed record QuotesConfig
{
    /// <summary>Seed of the generator.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Time between two generated quotes of a symbol.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Recorded quotes, as a full path; null = the generator.</summary>
    public string? File { get; init; }

    /// <summary>How many times faster than recorded.</summary>
    public decimal Speed { get; init; } = 1m;
}
