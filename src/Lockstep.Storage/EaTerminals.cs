using Lockstep.Domain;

namespace Lockstep.Storage;

/// <summary>What is remembered of a terminal's keys, so that one that is away is not locked out by a key that another one has taken.</summary>
/// <param name="Account">The account that it serves.</param>
/// <param name="Terminal">Its name: 16 hex digits.</param>
/// <param name="Key">Id of the key that it came in with last.</param>
public sealed record EaTerminalRow(AccountId Account, string Terminal, string Key)
{
    /// <summary>When it came in last, to the hour.</summary>
    public Timestamp Seen { get; init; }

    /// <summary>Id of the key that it has on its disk and has not come in with yet; null = none.</summary>
    public string? Kept { get; init; }
}

/// <summary>Where it is remembered which terminal has which key, and which accounts shall have new ones.</summary>
public interface IEaTerminalStore
{
    /// <summary>All terminals.</summary>
    IReadOnlyList<EaTerminalRow> EaTerminals();

    /// <summary>Writes a terminal in place of what was there. Durable when the task ends.</summary>
    Task SaveEaTerminalAsync(EaTerminalRow row);

    /// <summary>Forgets a terminal. Durable when the task ends.</summary>
    Task DeleteEaTerminalAsync(AccountId account, string terminal);

    /// <summary>Accounts whose terminals shall have a key that was made after a moment.</summary>
    IReadOnlyList<(AccountId Account, Timestamp Asked)> EaRotations();

    /// <summary>Writes that an account's terminals shall have a key that was made after a moment. Durable when the task ends.</summary>
    Task SaveEaRotationAsync(AccountId account, Timestamp asked);
}
