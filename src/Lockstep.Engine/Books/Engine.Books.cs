using Lockstep.Domain;

namespace Lockstep.Engine;

/// <content>Books: messages in their order, snapshots, and what differs.</content>
public sealed partial class Engine
{
    /// <summary>So many messages may wait for their predecessors; more than that and only the snapshot counts.</summary>
    private const int EarlyMost = 256;

    /// <summary>After so many questions in a row that found nothing, a platform whose digest goes on differing is a person's matter.</summary>
    private const int DigestsInVainMost = 3;

    /// <summary>
    /// True when what was taken in is not what the platform has: a session has sent messages that never arrived, or its own state is not what its messages add up to. No
    /// gap while a question is under way: the answer will tell.
    /// </summary>
    public bool IsGap(Heartbeat beat) =>
        _accounts.TryGetValue(beat.Account, out var book) && book.Synced && book.Epoch == beat.Epoch && book.Ask is null && (beat.Differs || beat.Sequence > book.Sequence);

    /// <summary>The runtime asks this before it numbers a heartbeat: one that says nothing new is not worth a place in the journal.</summary>
    public bool IsNews(Heartbeat beat) => IsGap(beat) || AgreesAgain(beat);

    private bool AgreesAgain(Heartbeat beat) =>
        !beat.Differs && _accounts.TryGetValue(beat.Account, out var book) && book.Synced && book.Epoch == beat.Epoch && book.Ask is null && book.DigestsInVain > 0;

    private void TakeBeat(AccountBook book, Heartbeat beat)
    {
        if (AgreesAgain(beat))
        {
            book.DigestsInVain = 0;
        }

        if (IsGap(beat))
        {
            book.AskedForDigest = beat.Differs;
            AskNow(book);
        }
    }

    /// <summary>A question that was asked because of a differing digest is answered.</summary>
    private void DigestAnswered(AccountBook book, bool found)
    {
        if (!book.AskedForDigest)
        {
            return;
        }

        book.AskedForDigest = false;
        book.DigestsInVain = found ? 0 : book.DigestsInVain + 1;
        if (book.DigestsInVain == DigestsInVainMost)
        {
            Alert(AlertLevel.Warning, "digest-differs", book.Id, null, $"{book.Id} says that its state differs from what it reported, and {DigestsInVainMost} looks at the whole of it found no difference. Everything is compared with what was found; the terminal's or the server's program may be of another version.");
        }
    }

    private void TakeChange(AccountBook book, BookChanged change)
    {
        if (change.Sequence <= book.Sequence && _plant != Plant.AcceptRepeats)
        {
            return;
        }

        if (!book.Synced || change.Sequence > book.Sequence + 1)
        {
            if (book.Early.Count < EarlyMost)
            {
                book.Early.TryAdd(change.Sequence, change);
            }

            if (book.Synced)
            {
                if (book.Early.ContainsKey(book.Sequence + 1))
                {
                    TakeEarly(book);
                }
                else
                {
                    AskNow(book);
                }
            }

            return;
        }

        Apply(book, change);
        TakeEarly(book);
    }

    private void TakeEarly(AccountBook book)
    {
        while (book.Early.Count > 0)
        {
            var (sequence, change) = book.Early.First();
            if (sequence > book.Sequence + 1)
            {
                AskNow(book);
                return;
            }

            book.Early.Remove(sequence);
            if (sequence == book.Sequence + 1 && !Apply(book, change))
            {
                return;
            }
        }
    }

    /// <summary>False when the message was malformed: then the next snapshot tells.</summary>
    private bool Apply(AccountBook book, BookChanged change)
    {
        if (BookCheck.Problem(change.Positions, change.Orders, change.Deals, _now) is { } problem)
        {
            RefuseReport(book, problem);
            AskNow(book);
            return false;
        }

        book.Sequence = Math.Max(book.Sequence, change.Sequence);
        TakeDeals(book, change.Deals);
        NoteDeals(book, change.Deals, again: false, past: false);
        foreach (var position in change.Positions)
        {
            TakePosition(book, position, change.Deals, snapshot: false);
        }

        foreach (var id in change.ClosedPositions)
        {
            LosePosition(book, id, change.Deals);
        }

        NetsChanged(book, change.Deals);
        foreach (var order in change.Orders)
        {
            TakeOrder(book, order);
        }

        foreach (var id in change.GoneOrders)
        {
            LoseOrder(book, id);
        }

        SettleIntents(book);
        return true;
    }

    private void TakeSnapshot(AccountBook book, BookSnapshot snapshot)
    {
        if (book.Ask != snapshot.Ask)
        {
            return;
        }

        book.Ask = null;
        Wake(TimerKind.AskAgain, book.Number, null);
        if (BookCheck.Problem(snapshot.Positions, snapshot.Orders, snapshot.Deals, _now) is { } problem)
        {
            RefuseReport(book, problem);
            book.AskFailures++;
            book.AskAt = null;
            AskAt(book, _now + RefusalPolicy.Backoff(book.AskFailures));
            return;
        }

        if (snapshot.Sequence < book.Sequence)
        {
            // Older than what was already taken in.
            book.AskAt = null;
            AskNow(book);
            return;
        }

        // What was there before anybody here knew the account is no news.
        bool past = book.SnapshotAt == Timestamp.Epoch;
        book.AskFailures = 0;
        book.SnapshotAt = book.AskedAt;
        book.Funds = snapshot.Funds;
        var wasSynced = book.Synced;
        bool found = snapshot.Sequence > book.Sequence;
        book.Sequence = snapshot.Sequence;
        book.Synced = true;
        if (!wasSynced)
        {
            _moves?.Add(new SessionMove(book.Id, Up: true, Synced: true, book.Epoch, ""));
        }

        TakeDeals(book, snapshot.Deals);
        NoteDeals(book, snapshot.Deals, again: true, past);
        var moves = _moves;
        _moves = past ? null : moves;

        var positions = new List<PositionReport>(snapshot.Positions);
        positions.Sort(static (a, b) => a.Id.CompareTo(b.Id));
        var present = new HashSet<PositionId>();
        foreach (var position in positions)
        {
            present.Add(position.Id);
            found |= !book.Positions.TryGetValue(position.Id, out var believed) || believed != position;
            if (wasSynced && (!book.Positions.TryGetValue(position.Id, out var known) || known.Volume != position.Volume || known.Side != position.Side))
            {
                Diverged(book, $"position {position.Id}", known is null ? "none" : $"{known.Side} {known.Volume}", $"{position.Side} {position.Volume}");
            }

            TakePosition(book, position, snapshot.Deals, snapshot: true);
        }

        foreach (var id in SortedMissing(book.Positions, present))
        {
            found = true;
            if (wasSynced)
            {
                Diverged(book, $"position {id}", $"{book.Positions[id].Side} {book.Positions[id].Volume}", "none");
            }

            LosePosition(book, id, snapshot.Deals);
        }

        NetsChanged(book, snapshot.Deals);
        var orders = new List<PendingReport>(snapshot.Orders);
        orders.Sort(static (a, b) => a.Id.CompareTo(b.Id));
        var working = new HashSet<OrderId>();
        foreach (var order in orders)
        {
            working.Add(order.Id);
            found |= !book.Orders.TryGetValue(order.Id, out var believed) || believed != order;
            TakeOrder(book, order);
        }

        foreach (var id in SortedMissing(book.Orders, working))
        {
            found = true;
            if (wasSynced)
            {
                Diverged(book, $"order {id}", "working", "gone");
            }

            LoseOrder(book, id);
        }

        _moves = moves;
        DigestAnswered(book, found);
        ResolveDoubts(book, snapshot);
        StartLinks(book);
        DecideUndecided(book.Id);
        MarkAccountDirty(book.Id);
        foreach (long early in book.Early.Keys.Where(k => k <= book.Sequence).ToArray())
        {
            book.Early.Remove(early);
        }

        TakeEarly(book);
        if (book.AskAt is { } at && book.Ask is null)
        {
            Wake(TimerKind.AskAgain, book.Number, at);
        }
    }

    private void TakePosition(AccountBook book, PositionReport now, IReadOnlyList<DealReport> deals, bool snapshot)
    {
        book.Positions.TryGetValue(now.Id, out var before);
        book.Positions[now.Id] = now;
        if (before != now)
        {
            _moves?.Add(new PositionMove(book.Id, before, now, deals));
        }

        TargetPosition(book, before, now, deals, snapshot);
        if (_linksFrom.TryGetValue(book.Id, out var links))
        {
            SourcePosition(book, links, before, now, snapshot);
        }
    }

    private void LosePosition(AccountBook book, PositionId id, IReadOnlyList<DealReport> deals)
    {
        if (!book.Positions.Remove(id, out var before))
        {
            return;
        }

        _moves?.Add(new PositionMove(book.Id, before, null, deals));
        TargetPositionGone(book, before, deals);
        SourcePositionGone(book, before);
    }

    private void TakeOrder(AccountBook book, PendingReport now)
    {
        book.Orders.TryGetValue(now.Id, out var before);
        book.Orders[now.Id] = now;
        if (before != now)
        {
            _moves?.Add(new OrderMove(book.Id, before, now));
        }

        TargetOrder(book, now);
        if (_linksFrom.TryGetValue(book.Id, out var links))
        {
            SourceOrder(book, links, before, now);
        }
    }

    private void LoseOrder(AccountBook book, OrderId id)
    {
        if (!book.Orders.Remove(id, out var before))
        {
            return;
        }

        _moves?.Add(new OrderMove(book.Id, before, null));
        TargetOrderGone(book, before);
        SourceOrderGone(book, before);
    }

    private void NoteDeals(AccountBook book, IReadOnlyList<DealReport> deals, bool again, bool past)
    {
        if (deals.Count > 0)
        {
            _moves?.Add(new DealsMove(book.Id, deals, again, past));
        }
    }

    private void RefuseReport(AccountBook book, string problem)
    {
        book.Malformed++;
        Alert(AlertLevel.Warning, "malformed-report", book.Id, null, $"A report of {book.Id} was refused: {problem}. The account is asked for its whole state instead.");
    }

    private void Diverged(AccountBook book, string what, string believed, string reported) => _out.Add(new DivergenceFound(book.Id, what, believed, reported));

    private static List<TKey> SortedMissing<TKey, TValue>(Dictionary<TKey, TValue> known, HashSet<TKey> present)
        where TKey : IComparable<TKey>
    {
        var missing = new List<TKey>();
        foreach (var key in known.Keys)
        {
            if (!present.Contains(key))
            {
                missing.Add(key);
            }
        }

        missing.Sort();
        return missing;
    }
}
