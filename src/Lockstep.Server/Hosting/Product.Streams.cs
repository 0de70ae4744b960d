using Lockstep.Domain;
using Lockstep.Server.Security;
using Lockstep.Server.Streams;
using Lockstep.Storage;

namespace Lockstep.Server.Hosting;

/// <content>What streams need.</content>
internal sealed partial class Product : IStreamDesk
{
    /// <inheritdoc/>
    IEventLog IStreamDesk.Events => _store;

    /// <inheritdoc/>
    public async Task<AccountPhoto> PhotoAsync(AccountId account) =>
        _runners.TryGetValue(account, out var runner)
            ? await runner.VisitAsync(core => new AccountPhoto(core.Engine.Account(account), Feed.Highest))
            : new AccountPhoto(null, Feed.Highest);

    /// <inheritdoc/>
    public bool Stands(Caller caller) =>
        Keys.Find(caller.Id) is not { } key ? caller.Id is "local" or "configured" or "shared"
        : Keys.StandingOf(key) == KeyStanding.Good && (caller.Accounts?.SetEquals(key.Accounts ?? []) ?? key.Accounts is null);

    /// <inheritdoc/>
    public void Watch(AccountId account, SymbolName symbol)
    {
        Terminals.Hold(account, symbol);
        CTrader?.Hold(account, symbol);
    }

    /// <inheritdoc/>
    public void Unwatch(AccountId account, SymbolName symbol)
    {
        Terminals.Release(account, symbol);
        CTrader?.Release(account, symbol);
    }
}
