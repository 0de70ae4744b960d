using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Storage;

namespace Lockstep.Server.Rest;

/// <summary>Which rows of the why-ledger are wanted; everything that is given must hold.</summary>
internal sealed record WhyFilter
{
    /// <summary>So many rows are looked at for one page; what lies behind is on the next.</summary>
    private const int LookedAt = 20_000;

    private const int Chunk = 1_000;

    /// <summary>Of this link.</summary>
    public LinkId? Link { get; init; }

    /// <summary>With this account as source or target.</summary>
    public AccountId? Account { get; init; }

    /// <summary>With this outcome.</summary>
    public WhyOutcome? Outcome { get; init; }

    /// <summary>With this reason.</summary>
    public WhyReason? Reason { get; init; }

    /// <summary>Of this symbol of the source.</summary>
    public SymbolName? Symbol { get; init; }

    /// <summary>Whose source event came at this moment or later.</summary>
    public Timestamp? From { get; init; }

    /// <summary>Whose source event came at this moment or before.</summary>
    public Timestamp? To { get; init; }

    /// <summary>Only rows before this one: the next page.</summary>
    public long? Before { get; init; }

    /// <summary>At most so many.</summary>
    public int Limit { get; init; } = 100;

    /// <summary>Accounts that may be seen.</summary>
    public Func<AccountId, bool> May { get; init; } = _ => true;

    /// <summary>The rows.</summary>
    public WhyPage Of(ILedger ledger)
    {
        var found = new List<StoredWhy>();
        long? before = Before;
        for (int looked = 0; looked < LookedAt; looked += Chunk)
        {
            var rows = ledger.Why(new WhyQuery { Link = Link, Account = Account, Before = before, Limit = Chunk });
            foreach (var row in rows)
            {
                before = row.Id;
                if (Takes(row.Row.Entry))
                {
                    found.Add(row);
                    if (found.Count == Limit)
                    {
                        return new WhyPage(found, before);
                    }
                }
            }

            if (rows.Count < Chunk)
            {
                return new WhyPage(found, null);
            }
        }

        return new WhyPage(found, before);
    }

    private bool Takes(WhyEntry row) =>
        (Outcome ?? row.Outcome) == row.Outcome && (Reason ?? row.Reason) == row.Reason && (Symbol ?? row.Symbol) == row.Symbol
        && !(row.SeenAt < From) && !(row.SeenAt > To) && May(row.Source) && May(row.Target);
}

/// <summary>Rows of the why-ledger.</summary>
/// <param name="Rows">Newest first.</param>
/// <param name="Next">The next page has the rows before this one; null = there are no more.</param>
internal sealed record WhyPage(IReadOnlyList<StoredWhy> Rows, long? Next);
