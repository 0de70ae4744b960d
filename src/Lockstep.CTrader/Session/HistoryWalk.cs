using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.CTrader.Session;

/// <summary>
/// A walk through deal and order lists: windows of at most a week, each paged by time, since <c>hasMore</c> comes without a cursor (guide §9). Which end of a window a page was cut from is
/// not documented: what lies on either side of it is asked for, and what comes twice counts once.
/// </summary>
internal sealed class HistoryWalk
{
    private const int PagesMost = 500;
    private static readonly long Week = (long)TimeSpan.FromDays(7).TotalMilliseconds;

    private readonly Queue<Window> _todo = new();
    private int _pages;

    public HistoryWalk(Timestamp from, Timestamp to)
    {
        long last = Translate.Units.Ms(to);
        for (long at = Translate.Units.Ms(from); at <= last; at += Week)
        {
            long end = Math.Min(at + Week - 1, last);
            _todo.Enqueue(new Window(false, at, end));
            _todo.Enqueue(new Window(true, at, end));
        }
    }

    /// <summary>A part of time that is asked for.</summary>
    /// <param name="Orders">The order list; else the deal list.</param>
    /// <param name="From">First millisecond.</param>
    /// <param name="To">Last millisecond.</param>
    public readonly record struct Window(bool Orders, long From, long To);

    public Dictionary<long, ProtoOADeal> Deals { get; } = [];

    public Dictionary<long, ProtoOAOrder> Orders { get; } = [];

    /// <summary>Requests on their way.</summary>
    public int Open { get; private set; }

    /// <summary>Why it cannot be completed; null = it can.</summary>
    public string? Problem { get; private set; }

    public bool IsWhole => Problem is null && Open == 0 && _todo.Count == 0;

    public bool TryNext(out Window window)
    {
        if (Problem is not null || !_todo.TryDequeue(out window))
        {
            window = default;
            return false;
        }

        Open++;
        return true;
    }

    public void Fail(string problem)
    {
        Open--;
        Problem ??= problem;
    }

    public void Take(Window window, ProtoOADealListRes page)
    {
        bool news = false;
        foreach (var deal in page.Deal)
        {
            news |= Deals.TryAdd(deal.DealId, deal);
        }

        Paged(window, page.HasMore, news, page.Deal.Count, static (_, p, i) => p.Deal[i].ExecutionTimestamp, page);
    }

    public void Take(Window window, ProtoOAOrderListRes page)
    {
        bool news = false;
        foreach (var order in page.Order)
        {
            news |= Orders.TryAdd(order.OrderId, order);
        }

        Paged(window, page.HasMore, news, page.Order.Count, TimeOf, page);
    }

    /// <summary>By which of its times a server picks an order is not documented: the one that lies within what was asked for.</summary>
    private static long TimeOf(Window window, ProtoOAOrderListRes page, int row)
    {
        var order = page.Order[row];
        long at = order.UtcLastUpdateTimestamp;
        return order.HasUtcLastUpdateTimestamp && at >= window.From && at <= window.To ? at : order.TradeData.OpenTimestamp;
    }

    private void Paged<T>(Window window, bool more, bool news, int rows, Func<Window, T, int, long> timeOf, T page)
    {
        Open--;
        if (!more)
        {
            return;
        }

        if (!news || rows == 0 || ++_pages > PagesMost)
        {
            Problem ??= "a list has more rows than can be paged through";
            return;
        }

        long first = long.MaxValue;
        long last = long.MinValue;
        for (int i = 0; i < rows; i++)
        {
            long at = timeOf(window, page, i);
            (first, last) = (Math.Min(first, at), Math.Max(last, at));
        }

        if (first < window.From || last > window.To || window.From == window.To)
        {
            // Rows of other times than were asked for, or more in one millisecond than a page holds: what is missing cannot be asked for.
            Problem ??= "a list cannot be paged through by its times";
        }
        else if (first < last)
        {
            Add(window with { To = first });
            Add(window with { From = last });
        }
        else
        {
            Add(window with { To = first - 1 });
            Add(window with { From = first, To = first });
            Add(window with { From = first + 1 });
        }

        void Add(Window part)
        {
            if (part.From <= part.To)
            {
                _todo.Enqueue(part);
            }
        }
    }
}
