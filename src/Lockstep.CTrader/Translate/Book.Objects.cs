using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.CTrader.Translate;

/// <content>Positions and pending orders, one at a time.</content>
internal sealed partial class Book
{
    private void TakePosition(ProtoOAPosition position, Change change, Timestamp now, bool isFill = false)
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
        if (_closed.IsPast(position) || (_positions.TryGetValue(id, out var held) && position.HasUtcLastUpdateTimestamp && IsOlder(position, held, isFill)))
        {
            return;
        }

        if (Find(position.TradeData.SymbolId, change) is { } symbol)
        {
            Put(position, symbol, change, now);
        }
    }

    /// <summary>Of the same millisecond: a fill never shows the levels that come with it (guide §8), so what has them came after it.</summary>
    private static bool IsOlder(ProtoOAPosition position, Held held, bool isFill) =>
        position.UtcLastUpdateTimestamp < held.UpdatedAt
        || (isFill && position.UtcLastUpdateTimestamp == held.UpdatedAt && position.TradeData.Volume == held.Volume && !HasLevels(position) && HasLevels(held.Raw));

    private static bool HasLevels(ProtoOAPosition position) => position.HasStopLoss || position.HasTakeProfit;

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
}
