using Lockstep.CTrader.Translate;
using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.CTrader.Session;

/// <content>History on request: one question at a time, in the history lane, so that no order waits for it.</content>
public sealed partial class CTraderSession
{
    private const int FetchesMost = 20;
    private const int BarsPage = 5_000;
    private const int PagesMost = 100;

    /// <summary>The forming candle is followed for so long after it was last asked for.</summary>
    private static readonly TimeSpan BarsKept = TimeSpan.FromMinutes(10);

    private readonly Queue<(DataRequest Request, Action<DataAnswer> Answer)> _fetches = new();
    private readonly Dictionary<(long Symbol, ProtoOATrendbarPeriod Period), LiveBar> _bars = [];
    private Action<DataAnswer>? _fetching;
    private int _fetchNumber;

    /// <inheritdoc/>
    public void Fetch(DataRequest request, Action<DataAnswer> answer)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(answer);
        bool outermost = Hub.Enter();
        try
        {
            if (Bars.Problem(request) is { } problem)
            {
                Fetched(answer, new DataRefused(Refusal.InvalidRequest, problem));
            }
            else if (_stopped || !_open)
            {
                Fetched(answer, new DataRefused(Refusal.NotSent, "there is no session"));
            }
            else if (_fetches.Count >= FetchesMost)
            {
                Fetched(answer, new DataRefused(Refusal.Busy, $"{FetchesMost} questions wait already"));
            }
            else
            {
                _fetches.Enqueue((request, answer));
                NextFetch();
            }
        }
        finally
        {
            Hub.Exit(outermost);
        }

        Drain();
    }

    private void Fetched(Action<DataAnswer> answer, DataAnswer rows) => _effects.Enqueue(new Effect(EffectKind.Fetched, answer, rows, 0));

    private void NextFetch()
    {
        if (_fetching is not null || !_open || !_fetches.TryDequeue(out var next))
        {
            return;
        }

        _fetching = next.Answer;
        int number = ++_fetchNumber;
        switch (next.Request)
        {
            case CandlesWanted wanted when Known(wanted.Symbol) is { } symbol:
                FetchCandles(number, wanted, symbol, Units.Ms(wanted.To), [], 0);
                break;
            case TicksWanted wanted when Known(wanted.Symbol) is { } symbol:
                FetchTicks(number, wanted, symbol, new TickMerge(wanted), 0);
                break;
            case DealsWanted { Position: { } position } wanted:
                FetchDealsOf(number, wanted, position);
                break;
            case DealsWanted wanted:
                FetchDeals(number, wanted);
                break;
            default:
                EndFetch(number, new DataRefused(Refusal.UnknownSymbol, "there is no such symbol"));
                break;
        }

        Listing? Known(SymbolName name) => _catalogue.Find(name) is { Spec: not null } symbol ? symbol : null;
    }

    private void EndFetch(int number, DataAnswer rows)
    {
        if (number == _fetchNumber && _fetching is { } answer)
        {
            _fetching = null;
            Fetched(answer, rows);
            NextFetch();
        }
    }

    private void FailFetches(string why)
    {
        if (_fetching is { } fetching)
        {
            _fetching = null;
            _fetchNumber++;
            Fetched(fetching, new DataRefused(Refusal.NotSent, why));
        }

        while (_fetches.TryDequeue(out var next))
        {
            Fetched(next.Answer, new DataRefused(Refusal.NotSent, why));
        }
    }

    /// <summary>One page; what is not an answer ends the question.</summary>
    private void Page<T>(int number, Google.Protobuf.IMessage body, Action<T> answered)
        where T : class => Submit(Lane.History, body, end =>
    {
        if (number != _fetchNumber)
        {
            return;
        }

        if (end.Message?.Body is T page)
        {
            answered(page);
            return;
        }

        ReadFailed(end.Error);
        EndFetch(number, end.Kind switch
        {
            OpenApiEndKind.Failed => new DataRefused(ErrorOf(end.Error).Refusal, Why(end)),
            OpenApiEndKind.TimedOut => new DataRefused(Refusal.Busy, Why(end)),
            _ => new DataRefused(Refusal.NotSent, Why(end)),
        });
    });

    private void FetchCandles(int number, CandlesWanted wanted, Listing symbol, long to, SortedDictionary<long, Candle> found, int pages)
    {
        var period = Bars.Period(wanted.Frame);
        if (pages == 0)
        {
            Follow(symbol, period);
        }

        var request = new ProtoOAGetTrendbarsReq
        {
            CtidTraderAccountId = Ctid,
            SymbolId = symbol.Id,
            Period = period,
            FromTimestamp = Units.Ms(wanted.From),
            ToTimestamp = to,

            // One more than is wanted: the forming one is not given out. A count is an upper bound (guide §11).
            Count = (uint)Math.Min(BarsPage, wanted.Limit - found.Count + 1),
        };
        Page<ProtoOAGetTrendbarsRes>(number, request, page =>
        {
            long oldest = long.MaxValue;
            bool news = false;
            foreach (var bar in page.Trendbar)
            {
                if (Bars.Candle(bar, symbol.Digits) is { } candle)
                {
                    oldest = Math.Min(oldest, candle.At.Micros / 1_000);
                    news |= found.TryAdd(candle.At.Micros, candle);
                }
                else
                {
                    Hub.Counters.Add(CTraderCount.Nonsense);
                }
            }

            // fromTimestamp does not bound the answer (guide §11): older ones are left out below.
            bool more = news && oldest > Units.Ms(wanted.From) && found.Count <= wanted.Limit && !(page.HasHasMore && !page.HasMore) && pages < PagesMost;
            if (more)
            {
                FetchCandles(number, wanted, symbol, oldest - 1, found, pages + 1);
            }
            else
            {
                EndFetch(number, Bars.Found(wanted, found, LiveCandle(symbol, period), Hub.Now));
            }
        });
    }

    private void FetchTicks(int number, TicksWanted wanted, Listing symbol, TickMerge merge, int pages)
    {
        if (merge.Next() is not { } next || pages >= PagesMost)
        {
            EndFetch(number, new TicksFound(merge.Quotes(symbol.Digits)));
            return;
        }

        var request = new ProtoOAGetTickDataReq { CtidTraderAccountId = Ctid, SymbolId = symbol.Id, Type = next.Type, FromTimestamp = next.From, ToTimestamp = next.To };
        Page<ProtoOAGetTickDataRes>(number, request, page =>
        {
            merge.Take(next.Type, page);
            FetchTicks(number, wanted, symbol, merge, pages + 1);
        });
    }

    private void FetchDeals(int number, DealsWanted wanted)
    {
        var walk = new HistoryWalk(wanted.From, wanted.To);
        Pump(walk, Ended, () => number == _fetchNumber && _fetching is not null, null);
        Ended();

        void Ended()
        {
            if (walk.Problem is { } problem)
            {
                EndFetch(number, new DataRefused(Refusal.Busy, problem));
            }
            else if (walk.IsWhole)
            {
                EndFetch(number, DealsOf(wanted, walk.Deals.Values, walk.Orders.Values));
            }
        }
    }

    /// <summary>By-position lists work without a window (guide §9); newest first, so a page is continued before its oldest row.</summary>
    private void FetchDealsOf(int number, DealsWanted wanted, PositionId position)
    {
        var orders = new Dictionary<long, ProtoOAOrder>();
        var deals = new Dictionary<long, ProtoOADeal>();
        NextOrders(null, 0);

        void NextOrders(long? to, int pages)
        {
            var request = new ProtoOAOrderListByPositionIdReq { CtidTraderAccountId = Ctid, PositionId = position.Value };
            if (to is { } until)
            {
                request.FromTimestamp = 0;
                request.ToTimestamp = until;
            }

            Page<ProtoOAOrderListByPositionIdRes>(number, request, page =>
            {
                bool news = false;
                foreach (var order in page.Order)
                {
                    news |= orders.TryAdd(order.OrderId, order);
                }

                if (page.HasMore && news && pages < PagesMost)
                {
                    NextOrders(page.Order.Min(o => o.UtcLastUpdateTimestamp), pages + 1);
                }
                else
                {
                    NextDeals(null, 0);
                }
            });
        }

        void NextDeals(long? to, int pages)
        {
            var request = new ProtoOADealListByPositionIdReq { CtidTraderAccountId = Ctid, PositionId = position.Value };
            if (to is { } until)
            {
                request.FromTimestamp = 0;
                request.ToTimestamp = until;
            }

            Page<ProtoOADealListByPositionIdRes>(number, request, page =>
            {
                bool news = false;
                foreach (var deal in page.Deal)
                {
                    news |= deals.TryAdd(deal.DealId, deal);
                }

                if (page.HasMore && news && pages < PagesMost)
                {
                    NextDeals(page.Deal.Min(d => d.ExecutionTimestamp), pages + 1);
                }
                else
                {
                    EndFetch(number, DealsOf(wanted, deals.Values, orders.Values));
                }
            });
        }
    }

    private DealsFound DealsOf(DealsWanted wanted, IEnumerable<ProtoOADeal> deals, IEnumerable<ProtoOAOrder> orders)
    {
        foreach (var order in orders)
        {
            _book.Learn(order);
        }

        var now = Hub.Now;
        return new DealsFound([.. deals.Select(d => DealOf(d, now)).OfType<DealReport>()
            .Where(d => d.At >= wanted.From && d.At <= wanted.To).OrderBy(d => d.At).ThenBy(d => d.Id)]);
    }

    /// <summary>The forming candle rides in the spots (guide §11): they are subscribed first, or the server refuses.</summary>
    private void Follow(Listing symbol, ProtoOATrendbarPeriod period)
    {
        long until = Hub.Mono + (long)BarsKept.TotalMilliseconds;
        if (_bars.TryGetValue((symbol.Id, period), out var known))
        {
            known.Until = until;
            return;
        }

        var bar = _bars[(symbol.Id, period)] = new LiveBar { Until = until };
        if (!_subscribed.Contains(symbol.Id))
        {
            Subscribe([symbol.Id], Live);
        }
        else
        {
            Live();
        }

        void Live() => Submit(Lane.Read, new ProtoOASubscribeLiveTrendbarReq { CtidTraderAccountId = Ctid, SymbolId = symbol.Id, Period = period }, end =>
        {
            if (end.Kind != OpenApiEndKind.Answered && end.Error is not { Code: "ALREADY_SUBSCRIBED" } && _bars.GetValueOrDefault((symbol.Id, period)) == bar)
            {
                _bars.Remove((symbol.Id, period));
            }
        });
    }

    private void TakeLiveBars(Listing symbol, ProtoOASpotEvent spot)
    {
        foreach (var bar in spot.Trendbar)
        {
            if (_bars.TryGetValue((symbol.Id, bar.Period), out var live))
            {
                live.Bar = bar;
            }
        }
    }

    /// <summary>A live bar has no close of its own: it is the bid (guide §11).</summary>
    private Candle? LiveCandle(Listing symbol, ProtoOATrendbarPeriod period) =>
        _bars.GetValueOrDefault((symbol.Id, period))?.Bar is { } bar ? Bars.Live(bar, symbol.Bid, symbol.Digits) : null;

    private void TickData(long now)
    {
        if (_bars.Count == 0)
        {
            return;
        }

        foreach (var (key, bar) in _bars)
        {
            if (now >= bar.Until)
            {
                _bars.Remove(key);
                if (_open)
                {
                    Submit(Lane.Read, new ProtoOAUnsubscribeLiveTrendbarReq { CtidTraderAccountId = Ctid, SymbolId = key.Symbol, Period = key.Period }, static _ => { });
                }
            }
        }
    }

    private sealed class LiveBar
    {
        public long Until { get; set; }

        public ProtoOATrendbar? Bar { get; set; }
    }
}
