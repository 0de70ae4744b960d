using Lockstep.CTrader.Session;

namespace Lockstep.Simulator;

/// <summary>
/// A simulated server of cTrader's Open API 2.0 over simulated accounts (guide §14): the protocol, without sockets. Both environments live in one. Everything is called on the clock's thread.
/// </summary>
public sealed partial class SimOpenApi
{
    private readonly ISimClock _clock;
    private readonly SimRandom _dice;

    /// <summary>No account yet.</summary>
    public SimOpenApi(ISimClock clock, SimRandom random, SimOpenApiSettings? settings = null)
    {
        (_clock, _dice, Settings) = (clock, random, settings ?? new SimOpenApiSettings());
    }

    /// <summary>How it is.</summary>
    public SimOpenApiSettings Settings { get; }

    /// <summary>What goes wrong from now on.</summary>
    public SimOpenApiFaults Faults { get; set; } = SimOpenApiFaults.None;

    /// <summary>Authorisations.</summary>
    public SimOAuth Grants { get; } = new();

    /// <summary>Adds a trading account.</summary>
    public void Add(SimOpenApiAccount account)
    {
    }

    /// <summary>A connection came in to an environment's port; null = refused at the door.</summary>
    public SimOpenApiLine? Connect(OpenApiEnvironment environment, ISimOpenApiClient client) => null;
}
