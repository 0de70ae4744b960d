using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Server.Configuration;
using Lockstep.Server.Hosting;
using Lockstep.Storage;

namespace Lockstep.Server.Rest;

/// <summary>What the HTTP API needs of the running product. It decides nothing: reads are photographs, requests go to the engine.</summary>
internal interface IDesk
{
    /// <summary>The configuration in force.</summary>
    LockstepConfig Config { get; }

    /// <summary>Accounts by name or UUID.</summary>
    AccountDirectory Directory { get; }

    /// <summary>The account as the engine believes it to be; null until its group has been told of it.</summary>
    Task<AccountView?> AccountAsync(AccountId account);

    /// <summary>The account's latest money.</summary>
    AccountFunds? Funds(AccountId account);

    /// <summary>The latest floating results of the account's positions; what is not known is not there.</summary>
    IReadOnlyList<PositionMoney> Floating(AccountId account) => [];

    /// <summary>The latest quote of an account's symbol.</summary>
    Quote? Quote(AccountId account, SymbolName symbol);

    /// <summary>All legs, oldest first.</summary>
    Task<IReadOnlyList<LegView>> LegsAsync();

    /// <summary>Rows of the why-ledger, newest first, and where the next page begins.</summary>
    Task<WhyPage> WhyAsync(WhyFilter filter, CancellationToken cancel);

    /// <summary>Newest alerts, newest first.</summary>
    Task<IReadOnlyList<AlertSeen>> AlertsAsync(AlertQuery query, CancellationToken cancel);

    /// <summary>
    /// Has a request carried out, at most once for its client id, and waits for its end; not longer than <paramref name="wait"/>, then the answer is how it
    /// stands. Null = nothing is taken any more: the server stops, or the group stands still; nothing was done.
    /// </summary>
    Task<ClientAnswer?> RequestAsync(ClientRequest request, TimeSpan wait, CancellationToken cancel);

    /// <summary>How a request stands; null when it was never seen.</summary>
    Task<ClientView?> RequestStateAsync(AccountId account, string clientId);

    /// <summary>How a request went on its way: the times of its stages and its fills, as far as they are known.</summary>
    RequestTrail Trail(AccountId account, string clientId, ClientAnswer answer);

    /// <summary>How the account's session is; null when nothing was told.</summary>
    SessionHealth? Health(AccountId account);

    /// <summary>The durable log of events.</summary>
    IEventLog Log { get; }

    /// <summary>Groups that were stopped by a broken invariant, with what was found.</summary>
    IReadOnlyList<string> Halted { get; }
}

/// <summary>An alert with its moment.</summary>
internal sealed record AlertSeen(Timestamp At, AlertRaised Alert)
{
    /// <summary>Its number in the store; null where it is told before it has one.</summary>
    public long? Id { get; init; }
}
