using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Server.Configuration;
using Lockstep.Server.Hosting;

namespace Lockstep.Server.WebSockets;

/// <summary>What the pages about terminals and history need of the running product.</summary>
internal interface ITerminalDesk
{
    /// <summary>The configuration in force.</summary>
    LockstepConfig Config { get; }

    /// <summary>Accounts by name or UUID.</summary>
    AccountDirectory Directory { get; }

    /// <summary>The accounts that terminals serve; null when there is none.</summary>
    Terminals? Terminals { get; }

    /// <summary>The accounts that the Open API serves; null when there is none.</summary>
    CTraderAccounts? CTrader { get; }

    /// <summary>The account as the engine believes it to be.</summary>
    Task<AccountView?> AccountAsync(AccountId account);

    /// <summary>How the account's session is; null when nothing was told.</summary>
    SessionHealth? Health(AccountId account);

    /// <summary>Who can be asked for the account's history; null when nobody can.</summary>
    IAccountData? Data(AccountId account);
}
