using Lockstep.CTrader.Wire.Proto;

namespace Lockstep.Simulator;

/// <content>Trendbars and ticks of the past (guide §11).</content>
internal sealed partial class SimMarketDesk
{
    /// <summary>
    /// Oldest first, by bid, none without ticks, the forming one included; <c>count</c> is an upper bound counted back from <c>toTimestamp</c>, and with it <c>fromTimestamp</c> bounds nothing.
    /// </summary>
    public ProtoOAGetTrendbarsRes Trendbars(ProtoOAGetTrendbarsReq request)
    {
        desk.SymbolOf(request.SymbolId);
        if (!Enum.IsDefined(request.Period))
        {
            throw new SimRefusal("Unknown period");
        }

        long now = SimDesk.Ms(desk.Server.Clock.Now);
        var (from, to) = SimDesk.Bounds(request.HasFromTimestamp, request.FromTimestamp, true, request.HasToTimestamp ? request.ToTimestamp : now, limited: false);
        int most = desk.Server.Settings.BarsMost;
        bool counted = request.HasCount && request.Count > 0;
        var bars = Bars(request.SymbolId, request.Period).Where(b => b.OpenedAt <= to && (counted || b.OpenedAt >= from)).ToList();
        int wanted = counted ? (int)Math.Min(request.Count, (uint)most) : most;
        var answer = new ProtoOAGetTrendbarsRes
        {
            CtidTraderAccountId = desk.Ctid,
            Period = request.Period,
            SymbolId = request.SymbolId,
            HasMore = bars.Count > wanted,
        };
#pragma warning disable CS0612 // Deprecated, and required by clients built from messages before version 89 (guide §11).
        answer.Timestamp = to;
#pragma warning restore CS0612
        answer.Trendbar.AddRange(bars.Skip(Math.Max(0, bars.Count - wanted)).Select(b => b.Past()));
        return answer;
    }

    /// <summary>Newest first; time and price of all but the first are differences to the one before (guide §11).</summary>
    public ProtoOAGetTickDataRes Ticks(ProtoOAGetTickDataReq request)
    {
        desk.SymbolOf(request.SymbolId);
        if (!Enum.IsDefined(request.Type))
        {
            throw new SimRefusal("Unknown quote type");
        }

        long now = SimDesk.Ms(desk.Server.Clock.Now);
        long end = request.HasToTimestamp ? request.ToTimestamp : now;
        var (from, to) = SimDesk.Bounds(true, request.HasFromTimestamp ? request.FromTimestamp : Math.Max(0, end - 604_800_000), true, end);
        var rows = new List<(long At, long Price)>();
        if (_ticks.TryGetValue(request.SymbolId, out var ticks))
        {
            long? last = null;
            foreach (var tick in ticks)
            {
                long price = request.Type == ProtoOAQuoteType.Bid ? tick.Bid : tick.Ask;
                if (price != last && tick.At >= from && tick.At <= to)
                {
                    rows.Add((tick.At, price));
                }

                last = price;
            }
        }

        rows.Reverse();
        int most = desk.Server.Settings.TickPageRows;
        var answer = new ProtoOAGetTickDataRes { CtidTraderAccountId = desk.Ctid, HasMore = rows.Count > most };
        (long At, long Price) before = (0, 0);
        foreach (var row in rows.Take(most))
        {
            answer.TickData.Add(new ProtoOATickData { Timestamp = row.At - before.At, Tick = row.Price - before.Price });
            before = row;
        }

        return answer;
    }

    private IEnumerable<SimBar> Bars(long symbol, ProtoOATrendbarPeriod period)
    {
        SimBar? bar = null;
        foreach (var tick in _ticks.TryGetValue(symbol, out var ticks) ? ticks : [])
        {
            long opened = SimTrendbars.Opening(tick.At, period);
            if (bar is not null && bar.OpenedAt != opened)
            {
                yield return bar;
                bar = null;
            }

            bar = bar?.With(tick) ?? SimBar.Of(opened, tick);
        }

        if (bar is not null)
        {
            yield return bar;
        }
    }
}
