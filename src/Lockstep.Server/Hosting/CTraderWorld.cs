using Lockstep.CTrader.OAuth;
using Lockstep.CTrader.Session;
using Lockstep.Domain;

namespace Lockstep.Server.Hosting;

/// <summary>Another world in place of the real Open API, for the demo and tests: what is null is as the configuration says.</summary>
internal sealed record CTraderWorld
{
    /// <summary>Makes the connections.</summary>
    public IOpenApiDialer? Dialer { get; init; }

    /// <summary>The application's secret.</summary>
    public string? ClientSecret { get; init; }

    /// <summary>Exchanges codes and tokens.</summary>
    public ITokenEndpoint? Tokens { get; init; }

    /// <summary>The hub's times and limits.</summary>
    public CTraderOptions? Options { get; init; }

    /// <summary>When tokens are refreshed.</summary>
    public GrantRules? Rules { get; init; }

    /// <summary>Accounts that are authorised from the start, over whatever the vault holds of them.</summary>
    public IReadOnlyList<CTraderGiven> Given { get; init; } = [];
}

/// <summary>An account that is authorised from the start. Accounts with the same pair share a grant.</summary>
/// <param name="Account">Its name.</param>
/// <param name="Ctid">ctidTraderAccountId.</param>
/// <param name="Environment">Where it lives.</param>
/// <param name="Pair">The tokens.</param>
internal sealed record CTraderGiven(AccountId Account, long Ctid, OpenApiEnvironment Environment, TokenPair Pair);
