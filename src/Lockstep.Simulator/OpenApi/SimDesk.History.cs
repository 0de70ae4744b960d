using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <content>Lists of what was: newest first, cut at a page without a cursor (guide §9).</content>
internal sealed partial class SimDesk
{
    private const long Week = 604_800_000;
    private const long LatestMs = 2_147_483_646_000;

    /// <summary>The bounds of a list in ms; at most a week apart where both are given.</summary>
    internal static (long From, long To) Bounds(bool hasFrom, long from, bool hasTo, long to, bool limited = true)
    {
        var bounds = (From: hasFrom ? from : 0L, To: hasTo ? to : LatestMs);
        bool outside = bounds.From < 0 || bounds.To < 0 || bounds.To > LatestMs || bounds.From > bounds.To;
        return outside || (limited && hasFrom && hasTo && to - from > Week)
            ? throw new SimRefusal("INCORRECT_BOUNDARIES", "Incorrect boundaries: the period is at most one week")
            : bounds;
    }

    private ProtoOADealListRes Deals(ProtoOADealListReq request)
    {
        var (from, to) = Bounds(request.HasFromTimestamp, request.FromTimestamp, request.HasToTimestamp, request.ToTimestamp);
        Broker.Refresh();
        var page = Page(DealsBetween(from, to), request.HasMaxRows && request.MaxRows > 0 ? request.MaxRows : int.MaxValue, out bool more);
        var answer = new ProtoOADealListRes { CtidTraderAccountId = Ctid, HasMore = more };
        answer.Deal.AddRange(page.Select(Listed));
        return answer;
    }

    private ProtoOADealListByPositionIdRes DealsOf(ProtoOADealListByPositionIdReq request)
    {
        var (from, to) = Bounds(request.HasFromTimestamp, request.FromTimestamp, request.HasToTimestamp, request.ToTimestamp, limited: false);
        Broker.Refresh();
        var page = Page(DealsBetween(from, to).Where(d => d.PositionId == request.PositionId), int.MaxValue, out bool more);
        var answer = new ProtoOADealListByPositionIdRes { CtidTraderAccountId = Ctid, HasMore = more };
        answer.Deal.AddRange(page.Select(Listed));
        return answer;
    }

    private ProtoOAOrderListRes Orders(ProtoOAOrderListReq request)
    {
        var (from, to) = Bounds(request.HasFromTimestamp, request.FromTimestamp, request.HasToTimestamp, request.ToTimestamp);
        Broker.Refresh();
        var page = Page(OrdersBetween(from, to), int.MaxValue, out bool more);
        var answer = new ProtoOAOrderListRes { CtidTraderAccountId = Ctid, HasMore = more };
        answer.Order.AddRange(page.Select(Listed));
        return answer;
    }

    private ProtoOAOrderListByPositionIdRes OrdersOf(ProtoOAOrderListByPositionIdReq request)
    {
        var (from, to) = Bounds(request.HasFromTimestamp, request.FromTimestamp, request.HasToTimestamp, request.ToTimestamp, limited: false);
        Broker.Refresh();

        // Recorded: protection orders that were cancelled with the position's end are not in this list, one that was filled is.
        var page = Page(
            OrdersBetween(from, to).Where(o => o.PositionId == request.PositionId && o is not { OrderType: CtOrderType.StopLossTakeProfit, OrderStatus: CtOrderStatus.Cancelled }),
            int.MaxValue,
            out bool more);
        var answer = new ProtoOAOrderListByPositionIdRes { CtidTraderAccountId = Ctid, HasMore = more };
        answer.Order.AddRange(page.Select(Listed));
        return answer;
    }

    private ProtoOAOrderDetailsRes OrderDetails(ProtoOAOrderDetailsReq request)
    {
        Broker.Refresh();
        var order = Broker.OrderDetails(request.OrderId) ?? throw new SimRefusal(CtErrorCode.OrderNotFound, $"Order not found with id {request.OrderId}");
        var answer = new ProtoOAOrderDetailsRes { CtidTraderAccountId = Ctid, Order = Listed(order) };
        answer.Deal.AddRange(Broker.DealList.Where(d => d.OrderId == order.OrderId).Select(Listed));
        return answer;
    }

    private ProtoOADealOffsetListRes DealOffsets(ProtoOADealOffsetListReq request)
    {
        Broker.Refresh();
        var deals = new SortedDictionary<long, CtDeal>(Broker.DealList.ToDictionary(d => d.DealId));
        if (!deals.TryGetValue(request.DealId, out var deal))
        {
            throw new SimRefusal("ENTITY_NOT_FOUND", $"Deal not found with id {request.DealId}");
        }

        var answer = new ProtoOADealOffsetListRes { CtidTraderAccountId = Ctid };
        answer.OffsetBy.AddRange(deals.Values.SelectMany(d => d.Offsets.Where(o => o.DealId == deal.DealId).Select(o => Offset(d, o.Volume))));
        answer.Offsetting.AddRange(deal.Offsets.Where(o => deals.ContainsKey(o.DealId)).Select(o => Offset(deals[o.DealId], o.Volume)));
        return answer;

        static ProtoOADealOffset Offset(CtDeal other, long volume) => new()
        {
            DealId = other.DealId, Volume = volume, ExecutionTimestamp = Ms(other.ExecutionTimestamp), ExecutionPrice = (double)other.ExecutionPrice,
        };
    }

    private ProtoOACashFlowHistoryListRes CashFlowHistory(ProtoOACashFlowHistoryListReq request)
    {
        var (from, to) = Bounds(true, request.FromTimestamp, true, request.ToTimestamp);
        var answer = new ProtoOACashFlowHistoryListRes { CtidTraderAccountId = Ctid };

        // The opening balance is the first payment: its balance is its delta (guide §9).
        decimal opening = Broker.Settings.OpeningBalance;
        var flows = Broker.CashFlows.Prepend(new CtCashFlow(1, opening, opening, opening, 0, RegisteredAt));
        answer.DepositWithdraw.AddRange(flows.Where(f => Ms(f.At) >= from && Ms(f.At) <= to).Select(Shape));
        return answer;
    }

    private IEnumerable<CtDeal> DealsBetween(long from, long to) =>
        Broker.DealList.Where(d => Ms(d.ExecutionTimestamp) >= from && Ms(d.ExecutionTimestamp) <= to).OrderByDescending(d => d.ExecutionTimestamp).ThenByDescending(d => d.DealId);

    private IEnumerable<CtOrder> OrdersBetween(long from, long to) =>
        Broker.EndedOrders.Concat(Broker.Orders).Where(o => Ms(o.UpdatedAt) >= from && Ms(o.UpdatedAt) <= to).OrderByDescending(o => o.UpdatedAt).ThenByDescending(o => o.OrderId);

    private List<T> Page<T>(IEnumerable<T> rows, int wanted, out bool more)
    {
        int most = Math.Min(wanted, Server.Settings.PageRows);
        var page = rows.Take(most + 1).ToList();
        more = page.Count > most;
        if (more)
        {
            page.RemoveAt(most);
        }

        return page;
    }
}
