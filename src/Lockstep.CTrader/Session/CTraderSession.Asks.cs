using Lockstep.CTrader.Translate;
using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.CTrader.Session;

/// <content>The whole truth: what is open, and the lists of what was (guide §9).</content>
public sealed partial class CTraderSession
{
    /// <summary>A part of the answer that takes longer fails the whole: it would be old.</summary>
    private static readonly TimeSpan AskPartWithin = TimeSpan.FromSeconds(15);

    /// <summary>Clocks differ: lists are asked for up to a little later than now.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(60);

    private readonly List<(AskId Id, Timestamp From)> _asks = [];
    private AskWalk? _walk;
    private long _walks;
    private long _serverAhead;

    /// <inheritdoc/>
    public void Ask(AskId ask, Timestamp historyFrom)
    {
        bool outermost = Hub.Enter();
        try
        {
            if (_stopped || !_open)
            {
                FailAsk(ask, "there is no session");
            }
            else if (_walk is { HasLeft: false } walk && historyFrom >= walk.From)
            {
                // Nothing of it was asked yet: the answer is as fresh for this question.
                walk.Asks.Add((ask, historyFrom));
                walk.TakenAt = Hub.Now;
            }
            else
            {
                _asks.Add((ask, historyFrom));
                NextWalk();
            }
        }
        finally
        {
            Hub.Exit(outermost);
        }

        Drain();
    }

    /// <summary>A time that the server told of just now: its clock is at least that late. Rows of a minute ago must not lie beyond what is asked for because this machine's clock is slow.</summary>
    private void ServerTime(long ms)
    {
        long ahead = ms - (Hub.Now.Micros / 1_000);
        if (ahead > _serverAhead && ahead < 86_400_000)
        {
            _serverAhead = ahead;
        }
    }

    private void FailAsk(AskId ask, string reason) => Report(new AskFailed { Account = Account, Epoch = Epoch, Ask = ask, Reason = reason });

    private void NextWalk()
    {
        if (_walk is not null || _asks.Count == 0 || !_open)
        {
            return;
        }

        var from = _asks[0].From;
        foreach (var (_, since) in _asks)
        {
            from = since < from ? since : from;
        }

        var walk = _walk = new AskWalk(++_walks, from, Hub.Now);
        walk.Asks.AddRange(_asks);
        _asks.Clear();
        _since = [];
        _dealsSince = [];

        // What is open first, the lists when that is answered, so that whatever is no longer open stands in a list. All of it in one lane: where many accounts ask at once, a walk that has begun ends soon.
        walk.First = Submit(Lane.History, new ProtoOAReconcileReq { CtidTraderAccountId = Ctid, ReturnProtectionOrders = true }, end =>
        {
            if (_walk != walk)
            {
                return;
            }

            if (end.Message?.Body is not ProtoOAReconcileRes state)
            {
                EndWalk(walk, "positions: " + Why(end), end.Error);
                return;
            }

            var change = new Change();
            _book.Adopt(state, _since ?? [], change, Hub.Now);
            _since = null;
            _fundsDirty = true;
            Noticed(change);
            EnsureMarket();
            walk.History = new HistoryWalk(from, Hub.Now + ClockSkew + TimeSpan.FromMilliseconds(_serverAhead));
            Pump(walk.History, () => Finish(walk), () => _walk == walk, AskPartWithin);
            Finish(walk);
        }, AskPartWithin);
    }

    /// <summary>Sends the next requests of a walk, two at a time.</summary>
    private void Pump(HistoryWalk walk, Action then, Func<bool> isWanted, TimeSpan? within)
    {
        while (walk.Open < 2 && isWanted() && walk.TryNext(out var window))
        {
            Google.Protobuf.IMessage body = window.Orders
                ? new ProtoOAOrderListReq { CtidTraderAccountId = Ctid, FromTimestamp = window.From, ToTimestamp = window.To }
                : new ProtoOADealListReq { CtidTraderAccountId = Ctid, FromTimestamp = window.From, ToTimestamp = window.To };
            Submit(Lane.History, body, end =>
            {
                switch (end.Message?.Body)
                {
                    case ProtoOADealListRes deals:
                        walk.Take(window, deals);
                        break;
                    case ProtoOAOrderListRes orders:
                        walk.Take(window, orders);
                        break;
                    default:
                        walk.Fail(Why(end));
                        ReadFailed(end.Error);
                        break;
                }

                if (isWanted())
                {
                    Pump(walk, then, isWanted, within);
                    then();
                }
            }, within);
        }
    }

    private void Finish(AskWalk walk)
    {
        if (_walk != walk || walk.History is not { } history)
        {
            return;
        }

        if (history.Problem is { } problem)
        {
            EndWalk(walk, "history: " + problem, null);
        }
        else if (history.IsWhole)
        {
            Snapshots(walk, history);
        }
    }

    private void EndWalk(AskWalk walk, string problem, OpenApiError? error)
    {
        _walk = null;
        _since = null;
        _dealsSince = null;
        foreach (var (id, _) in walk.Asks)
        {
            FailAsk(id, problem);
        }

        ReadFailed(error);
        NextWalk();
    }

    /// <summary>A read that failed may tell that the account's session is gone.</summary>
    private void ReadFailed(OpenApiError? error)
    {
        if (error is not null && ErrorOf(error) is { Class: CTraderErrorClass.Reauth } row)
        {
            AfterError(row, error.Text);
        }
    }

    private void Snapshots(AskWalk walk, HistoryWalk history)
    {
        var now = Hub.Now;
        foreach (var order in history.Orders.Values)
        {
            _book.Learn(order);
        }

        var deals = new SortedDictionary<long, DealReport>();
        foreach (var deal in _dealsSince ?? [])
        {
            deals[deal.Id.Value] = deal;
        }

        foreach (var deal in history.Deals.Values)
        {
            if (DealOf(deal, now) is { } report)
            {
                deals[deal.DealId] = report;
            }
        }

        var ended = new List<(PendingReport Report, Timestamp At)>();
        foreach (var order in history.Orders.Values)
        {
            if (EndedOf(order, now) is { } pending)
            {
                ended.Add(pending);
            }
        }

        var positions = _book.PositionReports();
        var orders = _book.OrderReports();
        var funds = Funds(out _);
        _walk = null;
        _dealsSince = null;
        _differs = false;
        _suspect = false;
        foreach (var (id, from) in walk.Asks)
        {
            Report(new BookSnapshot
            {
                Account = Account,
                Epoch = Epoch,
                Ask = id,
                Sequence = _sequence,
                TakenAt = walk.TakenAt,
                Funds = funds,
                Positions = positions,
                Orders = orders,
                Deals = [.. deals.Values.Where(d => d.At >= from).OrderBy(d => d.At).ThenBy(d => d.Id)],
                EndedOrders = [.. ended.Where(o => o.At >= from).Select(o => o.Report)],
                HistoryFrom = from,
            });
        }

        NextWalk();
    }

    private DealReport? DealOf(ProtoOADeal deal, Timestamp now)
    {
        if (deal.DealStatus is not (ProtoOADealStatus.Filled or ProtoOADealStatus.PartiallyFilled))
        {
            return null;
        }

        if (_catalogue.Find(deal.SymbolId) is { Spec: not null } symbol && Reports.Deal(deal, _book.Facts(deal.OrderId), symbol, _book.MoneyDigits, now) is { } report)
        {
            return report;
        }

        Hub.Counters.Add(CTraderCount.Nonsense);
        return null;
    }

    /// <summary>A pending order that ended without a deal.</summary>
    private (PendingReport, Timestamp)? EndedOf(ProtoOAOrder order, Timestamp now)
    {
        bool ended = order.OrderStatus is ProtoOAOrderStatus.OrderStatusCancelled or ProtoOAOrderStatus.OrderStatusExpired or ProtoOAOrderStatus.OrderStatusRejected;
        if (!ended || !Reports.IsPending(order.OrderType) || order.ClosingOrder || order.ExecutedVolume != 0
            || _catalogue.Find(order.TradeData.SymbolId) is not { Spec: not null } symbol || Reports.Pending(order, symbol, now) is not { } report)
        {
            return null;
        }

        return (report, order.HasUtcLastUpdateTimestamp ? Timestamp.FromMs(Math.Clamp(order.UtcLastUpdateTimestamp, 0, 253_402_300_799_000)) : report.PlacedAt);
    }

    private void FailAsks(string reason)
    {
        if (_walk is { } walk)
        {
            _walk = null;
            _since = null;
            _dealsSince = null;
            foreach (var (id, _) in walk.Asks)
            {
                FailAsk(id, reason);
            }
        }

        foreach (var (id, _) in _asks)
        {
            FailAsk(id, reason);
        }

        _asks.Clear();
    }

    /// <summary>One look at everything, for all who asked before it began.</summary>
    private sealed class AskWalk(long number, Timestamp from, Timestamp takenAt)
    {
        public long Number { get; } = number;

        public Timestamp From { get; } = from;

        /// <summary>Before the first byte left.</summary>
        public Timestamp TakenAt { get; set; } = takenAt;

        /// <summary>The lists; null until what is open was told.</summary>
        public HistoryWalk? History { get; set; }

        public List<(AskId Id, Timestamp From)> Asks { get; } = [];

        public OpenApiRequest? First { get; set; }

        /// <summary>Its first request is on the wire, and was not turned away for the number of requests.</summary>
        public bool HasLeft => First is null or { SentAt: not null };
    }
}
