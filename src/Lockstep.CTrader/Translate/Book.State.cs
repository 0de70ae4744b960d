using Google.Protobuf;
using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.CTrader.Translate;

/// <content>The whole state, taken in and compared.</content>
internal sealed partial class Book
{
    /// <summary>
    /// The server's whole state, and the events that came since it was asked for: whether one of them is in it already nobody can say, so they are taken in once more after it. True = it is
    /// not what was known.
    /// </summary>
    public bool Adopt(ProtoOAReconcileRes state, IReadOnlyList<IMessage> since, Change change, Timestamp now)
    {
        var positions = _positions.ToDictionary(p => p.Key, p => p.Value.Report);
        var orders = _orders.ToDictionary(o => o.Key, o => o.Value.Report);
        var updated = _positions.ToDictionary(p => p.Key, p => p.Value.UpdatedAt);
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

        // The server has it no more: an event of before that comes later still (of the order that closed it) does not bring it back.
        foreach (var (id, at) in updated)
        {
            if (!_positions.ContainsKey(id))
            {
                _closed.Add(id, at);
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
}
