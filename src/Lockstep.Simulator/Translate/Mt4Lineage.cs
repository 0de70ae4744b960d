using System.Globalization;

namespace Lockstep.Simulator;

/// <summary>
/// Which ticket belongs to which position on MT4, from nothing but what the platform shows. A partial close gives the rest a new ticket; the pieces are joined by their comments
/// (<c>from #</c>, <c>to #</c>), and where the server rewrote those, by symbol, side, magic, open time and open price. What was seen once stays as it was understood.
/// </summary>
internal sealed class Mt4Lineage(Mt4Broker broker)
{
    private readonly Dictionary<int, int> _roots = [];
    private readonly Dictionary<int, List<int>> _pieces = [];
    private readonly List<int> _rootsInOrder = [];
    private readonly Dictionary<int, Mt4Order> _closed = [];
    private readonly Dictionary<int, int> _parentByTo = [];
    private readonly HashSet<int> _adopted = [];
    private readonly Dictionary<int, decimal> _full = [];
    private int _read;

    /// <summary>First tickets of all positions ever seen, in the order in which they were seen.</summary>
    public IReadOnlyList<int> Roots => _rootsInOrder;

    /// <summary>Reads what is new in both pools.</summary>
    public void Update()
    {
        var fresh = new SortedDictionary<int, Mt4Order>();
        for (; _read < broker.History.Count; _read++)
        {
            if (broker.History[_read] is Mt4Order { Op: Mt4Op.Buy or Mt4Op.Sell } order)
            {
                _closed[order.Ticket] = order;
                if (Number(order.Comment, "to #") is { } next)
                {
                    _parentByTo[next] = order.Ticket;
                }

                if (!_roots.ContainsKey(order.Ticket))
                {
                    fresh[order.Ticket] = order;
                }
            }
        }

        foreach (var order in broker.Trades)
        {
            if (!order.IsPending && !_roots.ContainsKey(order.Ticket))
            {
                fresh[order.Ticket] = order;
            }

            _full[order.Ticket] = order.Lots;
        }

        foreach (var order in fresh.Values)
        {
            int root = ParentOf(order) is { } parent ? _roots[parent] : order.Ticket;
            _roots[order.Ticket] = root;
            if (!_pieces.TryGetValue(root, out var pieces))
            {
                _pieces[root] = pieces = [];
                _rootsInOrder.Add(root);
            }

            pieces.Add(order.Ticket);
        }
    }

    /// <summary>First ticket of the lineage.</summary>
    public int RootOf(int ticket) => _roots.GetValueOrDefault(ticket, ticket);

    /// <summary>The ticket under which a position is open now; null when it is not.</summary>
    public Mt4Order? Present(long root) => broker.Trades.FirstOrDefault(o => !o.IsPending && RootOf(o.Ticket) == root);

    /// <summary>What the first ticket was opened with: all its pieces together.</summary>
    public decimal OpenedVolume(int root)
    {
        decimal sum = 0m;
        foreach (int ticket in _pieces[root])
        {
            sum += _closed.TryGetValue(ticket, out var closed) ? ClosedVolume(closed) : broker.OrderSelect(ticket)?.Lots ?? 0m;
        }

        return sum;
    }

    /// <summary>What was closed with a ticket; a close-by shows 0.00 lots on the second one, and the truth on the first.</summary>
    public decimal ClosedVolume(Mt4Order closed) =>
        closed.Lots == 0m && Number(closed.Comment, "close hedge by #") is { } partner && _closed.TryGetValue(partner, out var first) ? first.Lots : closed.Lots;

    private int? ParentOf(Mt4Order order)
    {
        if (Number(order.Comment, "from #") is { } from && _closed.TryGetValue(from, out var named))
        {
            if (IsSameTrade(order, named) && order.OpenTime == named.OpenTime)
            {
                return from;
            }

            // The smaller of a close-by is named; the rest belongs to the larger one, which closed "by" it.
            if (_closed.Values.FirstOrDefault(c => IsSameTrade(order, c) && Number(c.Comment, "close hedge by #") == from) is { } larger)
            {
                return larger.Ticket;
            }
        }

        if (_parentByTo.TryGetValue(order.Ticket, out int parent) && _closed.TryGetValue(parent, out var before) && IsSameTrade(order, before))
        {
            return parent;
        }

        // An order that carries a key of ours, or no comment at all, was opened as it stands.
        if (order.Comment.Length == 0 || Domain.OrderKey.TryFind(order.Comment, out _))
        {
            return null;
        }

        bool byHedge = order.Comment.StartsWith("partial close", StringComparison.Ordinal);
        var candidate = _closed.Values
            .Where(c => c.Ticket < order.Ticket && IsSameTrade(order, c) && !_adopted.Contains(c.Ticket) && !IsWholeClose(c)
                && (IsRestOfCloseBy(c, order, byHedge) || (!byHedge && c.OpenTime == order.OpenTime && Number(c.Comment, "close hedge by #") is null))
                && MayLeave(c, order, IsRestOfCloseBy(c, order, byHedge))
                && (Number(c.Comment, "to #") is not { } to || to == order.Ticket || !IsKnown(to)))
            .MaxBy(c => c.Ticket);
        if (candidate is null)
        {
            return null;
        }

        _adopted.Add(candidate.Ticket);
        if (Left(candidate) is { } left)
        {
            _full[order.Ticket] = left;
        }

        return candidate.Ticket;
    }

    /// <summary>
    /// Could this be what a close of that left? Of a ticket that was seen while it was open it is known how much was left. Of one that was not, nobody has been told: only where
    /// the magic number, drawn for one order, says that they belong together is it worth a guess. Trades of a person are often of one second and one price.
    /// </summary>
    private bool MayLeave(Mt4Order closed, Mt4Order order, bool sure) =>
        Left(closed) is { } left
            ? left > 0m && (_closed.ContainsKey(order.Ticket) ? ClosedVolume(order) <= left : order.Lots == left)
            : sure || Domain.OrderKey.IsOurMagic(closed.Magic);

    /// <summary>What a close-by left begins when that closed the larger one; its own comment may be overwritten already.</summary>
    private static bool IsRestOfCloseBy(Mt4Order closed, Mt4Order order, bool saysSo) =>
        closed.CloseTime == order.OpenTime && (saysSo || closed.Comment.StartsWith("partial close", StringComparison.Ordinal));

    /// <summary>What was left of a ticket when it was closed; null when it was never seen before.</summary>
    private decimal? Left(Mt4Order closed) => _full.TryGetValue(closed.Ticket, out decimal full) ? full - ClosedVolume(closed) : null;

    /// <summary>A level or the broker closes a ticket whole: nothing remains of it.</summary>
    private static bool IsWholeClose(Mt4Order closed) =>
        closed.Comment.Contains("[sl]", StringComparison.Ordinal) || closed.Comment.Contains("[tp]", StringComparison.Ordinal) || closed.Comment.StartsWith("so:", StringComparison.Ordinal);

    private bool IsKnown(int ticket) => broker.OrderSelect(ticket) is not null;

    private static bool IsSameTrade(Mt4Order a, Mt4Order b) =>
        a.Symbol == b.Symbol && a.Side == b.Side && a.Magic == b.Magic && a.OpenPrice == b.OpenPrice;

    private static int? Number(string comment, string word)
    {
        if (!comment.StartsWith(word, StringComparison.Ordinal))
        {
            return null;
        }

        int end = word.Length;
        while (end < comment.Length && char.IsAsciiDigit(comment[end]))
        {
            end++;
        }

        return int.TryParse(comment.AsSpan(word.Length, end - word.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
    }
}
