using System.Net;
using Lockstep.Domain;
using Lockstep.Server.Hosting;

namespace Lockstep.Server.Demo;

/// <summary>The terminals of the demo's MetaTrader accounts, over the same brokers: simulated ones, or the compiled Expert Advisors. Disposed of before the product and its clock are.</summary>
internal interface IDemoTerminals : IAsyncDisposable
{
    /// <summary>Starts them; they come to the server by themselves.</summary>
    Task StartAsync(Product product, IPEndPoint server);

    /// <summary>What an account's terminal says of itself, for when it is not there.</summary>
    string Says(AccountId account);

    /// <summary>Terminals that ended by themselves, and how.</summary>
    IReadOnlyList<string> Ended { get; }
}
