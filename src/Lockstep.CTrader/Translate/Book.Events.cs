using Google.Protobuf;
using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.CTrader.Translate;

/// <content>Events, and the whole state.</content>
internal sealed partial class Book
{
    /// <summary>Takes an event in; what it changed is added to <paramref name="change"/>. False = it was told before, word for word.</summary>
    public bool Apply(ProtoOAExecutionEvent e, Change change, Timestamp now, bool again = false)
    {
        if (!_events.Add(KeyOf(e)) && !again)
        {
            return false;
        }

        if (e.Order is { TradeData: not null } order)
        {
            Learn(order);
        }

        bool told = false;
        if (e.Deal is { } deal)
        {
            if (again)
            {
                // The deal itself was told, or will be in a list; its balance may be newer than what is known.
                Settle(deal, change);
            }
            else
            {
                told = TakeDeal(deal, change, now);
            }
        }

        if (e.Position is { TradeData: not null } position)
        {
            TakePosition(position, change, now);
        }
        else if (told && e.Deal is { ClosePositionDetail: not null } closing)
        {
            Shrink(closing, change, now);
        }

        if (e.Order is { } pending && Reports.IsPending(pending.OrderType) && !pending.ClosingOrder)
        {
            TakeOrder(pending, change, now);
        }

        if (e.DepositWithdraw is { } cash)
        {
            uint digits = cash.HasMoneyDigits ? cash.MoneyDigits : MoneyDigits;
            SetBalance(Units.Money(cash.Balance, digits), cash.HasBalanceVersion ? cash.BalanceVersion : null);
            change.Money = true;
            change.AskTrader |= !cash.HasBalanceVersion;
        }

        if (e.ExecutionType is ProtoOAExecutionType.BonusDepositWithdraw or ProtoOAExecutionType.Swap or ProtoOAExecutionType.DepositWithdraw)
        {
            change.Money = true;
            change.AskTrader |= e.ExecutionType != ProtoOAExecutionType.DepositWithdraw;
        }

        // A position that came and went between two events is known by its deals; its end is told as well.
        if (told && !_positions.ContainsKey(e.Deal!.PositionId) && _closed.Contains(e.Deal.PositionId) && !change.Closed.Contains(new PositionId(e.Deal.PositionId)))
        {
            change.Closed.Add(new PositionId(e.Deal.PositionId));
        }

        return true;
    }

    /// <summary>A trailing stop moved: this message is the only notice of it (guide §8).</summary>
    public void Apply(ProtoOATrailingSLChangedEvent e, Change change, Timestamp now)
    {
        if (_positions.TryGetValue(e.PositionId, out var held) && Units.Price(e.StopPrice, held.Symbol.Digits) is not null && e.UtcLastUpdateTimestamp >= Math.Max(held.UpdatedAt, held.TrailedAt))
        {
            held.TrailedAt = e.UtcLastUpdateTimestamp;
            var moved = held.Raw.Clone();
            moved.StopLoss = e.StopPrice;
            Put(moved, held.Symbol, change, now);
        }
    }

    /// <summary>The margin of a position is another.</summary>
    public bool Apply(ProtoOAMarginChangedEvent e)
    {
        if (!_positions.TryGetValue((long)e.PositionId, out var held))
        {
            return false;
        }

        var raw = held.Raw.Clone();
        raw.UsedMargin = e.UsedMargin;
        held.Raw = raw;
        return true;
    }

    /// <summary>
    /// The server's whole state, and the events that came since it was asked for: whether one of them is in it already nobody can say, so they are taken in once more after it. True = it is
    /// not what was known.
    /// </summary>
    public bool Adopt(ProtoOAReconcileRes state, IReadOnlyList<IMessage> since, Change change, Timestamp now)
    {
        var positions = _positions.ToDictionary(p => p.Key, p => p.Value.Report);
        var orders = _orders.ToDictionary(o => o.Key, o => o.Value.Report);
        var silent = new Change();
        Take(state, silent, now);
        foreach (var message in since)
        {
            if (message is ProtoOAExecutionEvent e)
            {
                Apply(e, silent, now, again: true);
            }
            else if (message is ProtoOATrailingSLChangedEvent moved)
            {
                Apply(moved, silent, now);
            }
        }

        change.Nonsense += silent.Nonsense;
        change.UnknownSymbol ??= silent.UnknownSymbol;
        change.Money |= silent.Money;
        change.AskTrader |= silent.AskTrader;
        return positions.Count != _positions.Count || orders.Count != _orders.Count
            || _positions.Any(p => !positions.TryGetValue(p.Key, out var known) || known != p.Value.Report)
            || _orders.Any(o => !orders.TryGetValue(o.Key, out var known) || known != o.Value.Report);
    }

    /// <summary>Is the server's state what is known? Asked when no event came in between.</summary>
    public bool Agrees(ProtoOAReconcileRes state, Timestamp now)
    {
        int positions = 0;
        foreach (var p in state.Position)
        {
            if (p.PositionStatus != ProtoOAPositionStatus.PositionStatusOpen || Usable(p.TradeData.SymbolId) is not { } symbol || Reports.Position(p, symbol, Opening(p.PositionId), now) is not { } report)
            {
                continue;
            }

            positions++;
            if (!_positions.TryGetValue(p.PositionId, out var held) || (held.Report with { OpenedAt = report.OpenedAt }) != report)
            {
                return false;
            }
        }

        int orders = 0;
        foreach (var o in state.Order)
        {
            if (!Reports.IsPending(o.OrderType) || o.OrderStatus != ProtoOAOrderStatus.OrderStatusAccepted || Usable(o.TradeData.SymbolId) is not { } symbol || Reports.Pending(o, symbol, now) is not { } report)
            {
                continue;
            }

            orders++;
            if (!_orders.TryGetValue(o.OrderId, out var working) || (working.Report with { PlacedAt = report.PlacedAt }) != report)
            {
                return false;
            }
        }

        return positions == _positions.Count && orders == _orders.Count;
    }

    /// <summary>Swap, commission and margin as they are now: nothing need have told that they changed. Only for a state that <see cref="Agrees"/>.</summary>
    public bool Refresh(ProtoOAReconcileRes state)
    {
        bool changed = false;
        foreach (var p in state.Position)
        {
            if (_positions.TryGetValue(p.PositionId, out var held))
            {
                changed |= held.Raw.Swap != p.Swap || held.Raw.Commission != p.Commission || held.Raw.UsedMargin != p.UsedMargin;
                held.Raw = p;
            }
        }

        return changed;
    }

    private Listing? Usable(long symbol) => catalogue.Find(symbol) is { Spec: not null } listing ? listing : null;

    private void Take(ProtoOAReconcileRes state, Change change, Timestamp now)
    {
        foreach (var order in state.Order)
        {
            Learn(order);
        }

        _positions.Clear();
        _orders.Clear();
        foreach (var position in state.Position)
        {
            if (position.PositionStatus == ProtoOAPositionStatus.PositionStatusOpen)
            {
                TakePosition(position, change, now);
            }
        }

        foreach (var order in state.Order)
        {
            if (Reports.IsPending(order.OrderType) && !order.ClosingOrder)
            {
                TakeOrder(order, change, now);
            }
        }

        // Positions that are no more need no opening order, except those that a working order will open.
        var alive = _orders.Values.Select(o => o.Raw.PositionId).ToHashSet();
        foreach (long gone in _openings.Keys.Where(id => !_positions.ContainsKey(id) && !alive.Contains(id)).ToArray())
        {
            _openings.Remove(gone);
        }
    }

    private bool TakeDeal(ProtoOADeal deal, Change change, Timestamp now)
    {
        if (deal.DealStatus is not (ProtoOADealStatus.Filled or ProtoOADealStatus.PartiallyFilled))
        {
            return false;
        }

        if (Find(deal.SymbolId, change) is not { } symbol)
        {
            return false;
        }

        if (Reports.Deal(deal, Facts(deal.OrderId), symbol, MoneyDigits, now) is not { } report)
        {
            change.Nonsense++;
            return false;
        }

        if (!_deals.Add(deal.DealId))
        {
            return false;
        }

        change.Deals.Add(report);
        Settle(deal, change);
        return true;
    }

    /// <summary>The balance after a closing deal.</summary>
    private void Settle(ProtoOADeal deal, Change change)
    {
        if (deal is { ClosePositionDetail: { } detail, DealStatus: ProtoOADealStatus.Filled or ProtoOADealStatus.PartiallyFilled })
        {
            uint digits = detail.HasMoneyDigits ? detail.MoneyDigits : deal.HasMoneyDigits ? deal.MoneyDigits : MoneyDigits;
            SetBalance(Units.Money(detail.Balance, digits), detail.HasBalanceVersion ? detail.BalanceVersion : null);
            change.Money = true;
            change.AskTrader |= !detail.HasBalanceVersion;
        }
    }

    /// <summary>A closing deal without its position: the volume falls by what it closed.</summary>
    private void Shrink(ProtoOADeal deal, Change change, Timestamp now)
    {
        if (!_positions.TryGetValue(deal.PositionId, out var held))
        {
            return;
        }

        var left = held.Raw.Clone();
        long closed = deal.ClosePositionDetail is { ClosedVolume: > 0 } detail ? detail.ClosedVolume : deal.FilledVolume;
        left.TradeData.Volume = Math.Max(0, held.Volume - closed);
        if (left.TradeData.Volume == 0)
        {
            // Worked out, not told: a position that says otherwise, and is no older, is right.
            Remove(deal.PositionId, deal.ExecutionTimestamp - 1, change);
        }
        else
        {
            Put(left, held.Symbol, change, now);
        }
    }

    private void TakePosition(ProtoOAPosition position, Change change, Timestamp now)
    {
        long id = position.PositionId;
        switch (position.PositionStatus)
        {
            case ProtoOAPositionStatus.PositionStatusClosed:
            case ProtoOAPositionStatus.PositionStatusOpen when position.TradeData.Volume == 0 && _positions.TryGetValue(id, out var emptied) && position.UtcLastUpdateTimestamp >= emptied.UpdatedAt:
                Remove(id, position.HasUtcLastUpdateTimestamp ? position.UtcLastUpdateTimestamp : long.MaxValue, change);
                return;
            case ProtoOAPositionStatus.PositionStatusOpen:
                break;
            default:
                return;
        }

        // Overtaken: what came before it knows better. What is younger than the end of a position is not overtaken by it.
        if (_closed.IsPast(position) || (_positions.TryGetValue(id, out var held) && position.HasUtcLastUpdateTimestamp && position.UtcLastUpdateTimestamp < held.UpdatedAt))
        {
            return;
        }

        if (Find(position.TradeData.SymbolId, change) is { } symbol)
        {
            Put(position, symbol, change, now);
        }
    }

    private void Put(ProtoOAPosition position, Listing symbol, Change change, Timestamp now)
    {
        long id = position.PositionId;
        _positions.TryGetValue(id, out var held);
        if (Reports.Position(position, symbol, Opening(id), now) is not { } report)
        {
            change.Nonsense++;
            return;
        }

        if (held is not null && !position.TradeData.HasOpenTimestamp)
        {
            report = report with { OpenedAt = held.Report.OpenedAt };
        }

        change.Money = true;
        if (held is null)
        {
            _closed.Remove(id);
        }

        if (held is null || held.Report != report)
        {
            change.Positions.Add(report);
        }

        if (held is not null && held.Symbol == symbol)
        {
            (held.Raw, held.Report) = (position, report);
        }
        else
        {
            _positions[id] = new Held { Raw = position, Report = report, Symbol = symbol };
        }
    }

    private void Remove(long id, long at, Change change)
    {
        _closed.Add(id, at);
        _openings.Remove(id);
        if (_positions.Remove(id))
        {
            change.Positions.RemoveAll(p => p.Id.Value == id);
            change.Closed.Add(new PositionId(id));
            change.Money = true;
        }
    }

    private void TakeOrder(ProtoOAOrder order, Change change, Timestamp now)
    {
        long id = order.OrderId;
        if (order.OrderStatus != ProtoOAOrderStatus.OrderStatusAccepted)
        {
            _ended.Add(id);
            if (_orders.Remove(id))
            {
                change.Gone.Add(new OrderId(id));
            }

            return;
        }

        if (_ended.Contains(id) || (_orders.TryGetValue(id, out var working) && order.HasUtcLastUpdateTimestamp && order.UtcLastUpdateTimestamp < working.Raw.UtcLastUpdateTimestamp))
        {
            return;
        }

        if (Find(order.TradeData.SymbolId, change) is not { } symbol)
        {
            return;
        }

        if (Reports.Pending(order, symbol, now) is not { } report)
        {
            change.Nonsense++;
            return;
        }

        if (!_orders.TryGetValue(id, out var known) || known.Report != report)
        {
            change.Orders.Add(report);
        }

        _orders[id] = new Working(order, report, symbol);
    }

    private Listing? Find(long symbol, Change change)
    {
        if (catalogue.Find(symbol) is not { } listing)
        {
            change.Nonsense++;
            change.UnknownSymbol = symbol;
            return null;
        }

        if (listing.Spec is null)
        {
            change.Nonsense++;
            return null;
        }

        return listing;
    }

    private static EventKey KeyOf(ProtoOAExecutionEvent e) => new(
        (int)e.ExecutionType,
        e.Order?.OrderId ?? e.DepositWithdraw?.BalanceHistoryId ?? e.BonusDepositWithdraw?.BonusHistoryId ?? 0,
        e.Order?.UtcLastUpdateTimestamp ?? 0,
        e.Deal?.DealId ?? 0,
        e.Position?.PositionId ?? 0,
        e.Position?.UtcLastUpdateTimestamp ?? 0,
        e.Position is null && e.Order is null ? 0 : ((e.Position?.TradeData?.Volume ?? 0) * 31) + (e.Order?.ExecutedVolume ?? 0) + (e.Position?.Swap ?? 0),
        e.Position is { } p ? p.StopLoss : e.Order?.StopPrice ?? 0,
        e.Position is { } q ? q.TakeProfit : e.Order?.LimitPrice ?? 0);
}
