using Lockstep.Domain;

namespace Lockstep.Storage;

/// <summary>What somebody did, or was kept from doing.</summary>
public sealed record AuditRow
{
    /// <summary>Its number in the store, growing; 0 before it is written.</summary>
    public long Id { get; init; }

    /// <summary>When.</summary>
    public required Timestamp At { get; init; }

    /// <summary>Id of the caller's key; empty when nobody was let in.</summary>
    public string Key { get; init; } = "";

    /// <summary>The key's name.</summary>
    public string Name { get; init; } = "";

    /// <summary>The address it came from; empty for the command line and the server itself.</summary>
    public string Address { get; init; } = "";

    /// <summary>The operation: <c>createKey</c>.</summary>
    public required string Operation { get; init; }

    /// <summary>Method and path.</summary>
    public string Target { get; init; } = "";

    /// <summary>The account it was about; null = none, or several.</summary>
    public AccountId? Account { get; init; }

    /// <summary>HTTP status of the answer; 0 = the work ended without one.</summary>
    public int Status { get; init; }

    /// <summary>Kind of the problem that was answered; empty when it went well.</summary>
    public string Problem { get; init; } = "";

    /// <summary>The request's correlation id, by which the log finds it.</summary>
    public string Correlation { get; init; } = "";

    /// <summary>What was asked for, as a JSON object without anything secret; empty = nothing was sent.</summary>
    public string Changes { get; init; } = "";
}

/// <summary>Which audit rows are wanted; everything that is given must hold.</summary>
public sealed record AuditQuery
{
    /// <summary>Of this key.</summary>
    public string? Key { get; init; }

    /// <summary>About this account.</summary>
    public AccountId? Account { get; init; }

    /// <summary>Of this operation.</summary>
    public string? Operation { get; init; }

    /// <summary>At or after this moment.</summary>
    public Timestamp? From { get; init; }

    /// <summary>Before this moment.</summary>
    public Timestamp? To { get; init; }

    /// <summary>True = only what was refused or failed, false = only what went well.</summary>
    public bool? Refused { get; init; }

    /// <summary>At most so many, the latest first.</summary>
    public int Limit { get; init; } = 100;

    /// <summary>Only rows before this one (<see cref="AuditRow.Id"/>): the next page.</summary>
    public long? Before { get; init; }
}

/// <summary>The durable list of who did what.</summary>
public interface IAuditLog
{
    /// <summary>Writes rows. Durable when the task ends.</summary>
    Task AuditAsync(params IReadOnlyList<AuditRow> rows);

    /// <summary>Rows, the latest first.</summary>
    IReadOnlyList<AuditRow> Audit(AuditQuery query);

    /// <summary>Forgets rows that are older; how many.</summary>
    Task<long> PruneAuditAsync(Timestamp olderThan);
}
