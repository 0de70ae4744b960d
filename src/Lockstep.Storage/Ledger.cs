using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Storage;

/// <summary>Which why-rows are wanted; everything that is given must hold.</summary>
public sealed record WhyQuery
{
    /// <summary>Of this link.</summary>
    public LinkId? Link { get; init; }

    /// <summary>With this account as source or target.</summary>
    public AccountId? Account { get; init; }

    /// <summary>At most so many, the latest first.</summary>
    public int Limit { get; init; } = 100;

    /// <summary>Only rows before this one (<see cref="StoredWhy.Id"/>): the next page.</summary>
    public long? Before { get; init; }
}

/// <summary>Which alerts are wanted; everything that is given must hold.</summary>
public sealed record AlertQuery
{
    /// <summary>About this account.</summary>
    public AccountId? Account { get; init; }

    /// <summary>At least this urgent.</summary>
    public AlertLevel AtLeast { get; init; } = AlertLevel.Info;

    /// <summary>At most so many, the latest first.</summary>
    public int Limit { get; init; } = 100;

    /// <summary>Only alerts before this one (<see cref="StoredAlert.Id"/>): the next page.</summary>
    public long? Before { get; init; }
}

/// <summary>A why-row as it is stored.</summary>
/// <param name="Id">Its number in the store, growing.</param>
/// <param name="Row">The row.</param>
public sealed record StoredWhy(long Id, WhyRow Row);

/// <summary>An alert as it is stored.</summary>
/// <param name="Id">Its number in the store, growing.</param>
/// <param name="Row">The alert.</param>
public sealed record StoredAlert(long Id, AlertRow Row);

/// <summary>What people look up: rows that were made durable with the journal records they come from.</summary>
public interface ILedger
{
    /// <summary>Why-rows, the latest first.</summary>
    IReadOnlyList<StoredWhy> Why(WhyQuery query);

    /// <summary>Alerts, the latest first.</summary>
    IReadOnlyList<StoredAlert> Alerts(AlertQuery query);
}

/// <summary>Where alerts go that come from no group: those of rules that watch the server itself.</summary>
public interface IAlertLog
{
    /// <summary>The word that stands for the group in their rows. No account and so no group can be called this.</summary>
    const string ServerGroup = "(server)";

    /// <summary>Writes an alert and its event. Both are durable when the task ends; tell the event to whoever listens, or the order of all later ones has a hole.</summary>
    Task<(AlertRow Alert, EventRow Event)> RaiseAsync(Timestamp at, AlertRaised alert);
}

/// <summary>A simulated broker's state to be kept: the open state is written whole, history only grows.</summary>
/// <param name="Account">The account.</param>
/// <param name="State">The open state, in the broker's own format.</param>
/// <param name="HistoryBefore">How many history rows came before <paramref name="History"/>; a repeat replaces its own rows and doubles none.</param>
/// <param name="History">New history rows, oldest first.</param>
public sealed record PaperSave(AccountId Account, ReadOnlyMemory<byte> State, long HistoryBefore, IReadOnlyList<ReadOnlyMemory<byte>> History);

/// <summary>A simulated broker's state as it was kept.</summary>
/// <param name="State">The open state.</param>
/// <param name="History">All history rows, oldest first.</param>
public sealed record PaperState(ReadOnlyMemory<byte> State, IReadOnlyList<ReadOnlyMemory<byte>> History);

/// <summary>Where simulated brokers keep their books. Their commits are grouped with the journals'.</summary>
public interface IPaperStore
{
    /// <summary>Durable when it returns.</summary>
    ValueTask SavePaperAsync(PaperSave save);

    /// <summary>What was kept last, or null when nothing was.</summary>
    PaperState? LoadPaper(AccountId account);
}
