using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Storage;

namespace Lockstep.Runtime;

/// <summary>Makes from steps what the world is told. One for each group; remembers which deals were told, as snapshots bring them again.</summary>
internal sealed class EventRows
{
    /// <summary>So many deals of an account are remembered.</summary>
    private const int DealsMost = 2_000;

    /// <summary>So many at least are known again after a start (see <see cref="IJournal.ToldDeals"/>).</summary>
    private const int DealsRemembered = 1_000;

    private readonly string _group;
    private readonly Dictionary<AccountId, SortedSet<DealId>> _told = [];
    private List<EventRow> _rows = [];

    public EventRows(string group, IReadOnlyList<(AccountId Account, DealId Deal)> told)
    {
        _group = group;
        foreach (var (account, deal) in told)
        {
            DealsOf(account).Add(deal);
        }
    }

    /// <summary>What was made since the last call.</summary>
    public IReadOnlyList<EventRow> Take()
    {
        var rows = _rows;
        _rows = [];
        return rows;
    }

    /// <summary>An event, what it changed, and what was decided on it.</summary>
    public void Add(Numbered numbered, IReadOnlyList<BookMove> moves, IReadOnlyList<Decision> decisions)
    {
        int first = _rows.Count;
        foreach (var move in moves)
        {
            Add(numbered, first, move);
        }

        foreach (var decision in decisions)
        {
            switch (decision)
            {
                case ClientAnswered answer:
                    Add(numbered, first, answer.Account, null, new RequestAnswered(answer.ClientId, answer.Answer));
                    break;
                case WhyRecorded why:
                    Add(numbered, first, why.Entry.Source, why.Entry.Link, new WhyNoted(why.Entry));
                    break;
                case DivergenceFound divergence:
                    Add(numbered, first, divergence.Account, null, new DivergenceNoted(divergence));
                    break;
            }
        }
    }

    /// <summary>Alerts, the runtime's own among them.</summary>
    public void Add(IEnumerable<AlertRow> alerts)
    {
        foreach (var row in alerts)
        {
            int index = _rows.Count(r => r.Seq == row.Seq);
            _rows.Add(new EventRow(_group, row.Seq, index, row.At, row.Alert.Account, row.Alert.Link, new AlertNoted(row.Alert)));
        }
    }

    private void Add(Numbered numbered, int first, BookMove move)
    {
        switch (move)
        {
            case SessionMove session:
                Add(numbered, first, session.Account, null, new SessionNoted(session.Up, session.Synced, session.Epoch, session.Reason));
                break;
            case PositionMove { Before: null } opened:
                Add(numbered, first, opened.Account, null, new PositionOpened(opened.Now!));
                break;
            case PositionMove { Now: null, Before: { } last } closed:
                Add(numbered, first, closed.Account, null, new PositionClosed(last, [.. closed.Deals.Where(d => d.Position == last.Id && d.Entry != DealEntry.In)]));
                break;
            case PositionMove changed:
                Add(numbered, first, changed.Account, null, new PositionChanged(changed.Before!, changed.Now!));
                break;
            case OrderMove { Before: null } placed:
                Add(numbered, first, placed.Account, null, new OrderPlaced(placed.Now!));
                break;
            case OrderMove { Now: null } gone:
                Add(numbered, first, gone.Account, null, new OrderGone(gone.Before!));
                break;
            case OrderMove changed:
                Add(numbered, first, changed.Account, null, new OrderChanged(changed.Before!, changed.Now!));
                break;
            case DealsMove deals:
                AddDeals(numbered, first, deals);
                break;
        }
    }

    private void AddDeals(Numbered numbered, int first, DealsMove move)
    {
        // A snapshot brings what was missed, among much that was told: what is older than all that is remembered was told long ago.
        var told = DealsOf(move.Account);
        foreach (var deal in move.Deals)
        {
            bool old = move.Past || (move.Again && told.Count >= DealsRemembered && deal.Id.CompareTo(told.Min) < 0);
            if (told.Add(deal.Id) && !old)
            {
                Add(numbered, first, move.Account, null, new DealDone(deal));
            }

            if (told.Count > DealsMost)
            {
                told.Remove(told.Min);
            }
        }
    }

    private SortedSet<DealId> DealsOf(AccountId account)
    {
        if (!_told.TryGetValue(account, out var deals))
        {
            deals = [];
            _told.Add(account, deals);
        }

        return deals;
    }

    private void Add(Numbered numbered, int first, AccountId? account, LinkId? link, EventBody body) =>
        _rows.Add(new EventRow(_group, numbered.Seq, _rows.Count - first, numbered.At, account, link, body));
}
