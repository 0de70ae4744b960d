using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Server.Configuration;
using Lockstep.Server.Hosting;
using Lockstep.Server.Security;
using Lockstep.Storage;

namespace Lockstep.Server.Streams;

/// <summary>What streams need of the running product.</summary>
internal interface IStreamDesk
{
    /// <summary>The configuration in force.</summary>
    LockstepConfig Config { get; }

    /// <summary>Accounts by name or UUID.</summary>
    AccountDirectory Directory { get; }

    /// <summary>The durable log of events.</summary>
    IEventLog Events { get; }

    /// <summary>What all groups tell.</summary>
    Feed Feed { get; }

    /// <summary>An account with the number of the last event that is in it.</summary>
    Task<AccountPhoto> PhotoAsync(AccountId account);

    /// <summary>The account's latest money.</summary>
    AccountFunds? Funds(AccountId account);

    /// <summary>The latest floating results of the account's positions; what is not known is not there.</summary>
    IReadOnlyList<PositionMoney> Floating(AccountId account);

    /// <summary>The latest quote of an account's symbol.</summary>
    Quote? Quote(AccountId account, SymbolName symbol);

    /// <summary>How the account's session is; null when nothing was told.</summary>
    SessionHealth? Health(AccountId account);

    /// <summary>Who can be asked for the account's history; null when nobody can.</summary>
    IAccountData? Data(AccountId account);

    /// <summary>False when the caller's key ended or was changed since it was let in.</summary>
    bool Stands(Caller caller);

    /// <summary>The platform is to quote the symbol at once, until as many calls of <see cref="Unwatch"/> took it back.</summary>
    void Watch(AccountId account, SymbolName symbol);

    /// <summary>Takes one <see cref="Watch"/> back.</summary>
    void Unwatch(AccountId account, SymbolName symbol);
}

/// <summary>An account at one moment.</summary>
/// <param name="View">As the engine believes it to be; null until its group has been told of it.</param>
/// <param name="Seq">All events of the account up to this number are in it, and none after.</param>
internal sealed record AccountPhoto(AccountView? View, long Seq);
