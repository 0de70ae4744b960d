using Lockstep.CTrader.Wire;
using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.CTrader.Session;

/// <content>Ends that come late: protection orders of fills that wait for one, and orders that had no answer.</content>
public sealed partial class CTraderSession
{
    private const int LateMost = 1_000;

    /// <summary>The protection order is told milliseconds after the fill (recorded: 3); an opening is answered without it after this.</summary>
    private static readonly TimeSpan ProtectionWithin = TimeSpan.FromSeconds(2);

    /// <summary>An event of an order without an answer may come so late; the engine's proof of absence ends the matter long before.</summary>
    private static readonly TimeSpan LateWithin = TimeSpan.FromMinutes(10);

    private readonly List<Flight> _unprotected = [];
    private readonly List<Flight> _late = [];
    private void KeepLate(Flight flight)
    {
        if (flight.Command is not (OpenMarket or PlacePending) && flight.Order == 0)
        {
            return;
        }

        if (_late.Count >= LateMost)
        {
            _late.RemoveAt(0);
        }

        flight.IsLate = true;
        flight.Until = Hub.Mono + (long)LateWithin.TotalMilliseconds;
        _late.Add(flight);
    }

    /// <summary>Events that no request waits for: protection orders of fills that wait for one, and the late ends of orders that had no answer.</summary>
    private void AnswerLate(ProtoOAExecutionEvent e)
    {
        if (e.Order is not { } order)
        {
            return;
        }

        if (_unprotected.Count > 0 && order.OrderType == ProtoOAOrderType.StopLossTakeProfit)
        {
            long position = order.PositionId > 0 ? order.PositionId : e.Position?.PositionId ?? 0;
            for (int i = _unprotected.Count - 1; i >= 0; i--)
            {
                var flight = _unprotected[i];
                if (flight.Position == position)
                {
                    _unprotected.RemoveAt(i);
                    Answer(flight, OrderOutcome.Done, Refusal.None, "");
                }
            }
        }

        if (_late.Count == 0)
        {
            return;
        }

        // A closing order shows its position's label, which is the key of the order that opened it: only an order that brings its own id of ours is the one that is waited for.
        OrderKey? key = OrderKey.TryFind(order.ClientOrderId, out var found) || (!order.ClosingOrder && OrderKey.TryFind(order.TradeData?.Label ?? "", out found)) ? found : null;
        for (int i = _late.Count - 1; i >= 0; i--)
        {
            // An order of which nothing was told has no number; neither have some rejections (guide §7).
            var flight = _late[i];
            bool ours = (flight.Order > 0 && order.OrderId == flight.Order) || (flight.Command is OpenMarket or PlacePending && key == flight.Command.Key);
            if (ours && (flight.Command switch
            {
                OpenMarket => OpeningEvent(flight, e),
                PlacePending => PlacingEvent(flight, e),
                AmendPending => AmendingEvent(flight, e),
                CancelPending => CancellingEvent(flight, e),
                ReducePosition => LateClosing(flight, e),
                _ => false,
            }))
            {
                _late.Remove(flight);
            }
        }
    }

    /// <summary>A refusal that came when nobody waited for it any more is evidence all the same.</summary>
    private void RefusedLate(OpenApiMessage message)
    {
        if (message.ClientMsgId is not { Length: > 0 } id || OpenApiErrors.Of(message) is not { } said || _late.Find(f => f.Request?.Id == id) is not { } flight)
        {
            return;
        }

        var error = ErrorOf(said);
        if (error.Outcome == OrderOutcome.Refused && flight.Before + flight.Filled == 0)
        {
            _late.Remove(flight);
            Refuse(flight, error.Refusal, error.Code);
        }
    }

    private void TickOrders(long now)
    {
        TickReductions();
        for (int i = _unprotected.Count - 1; i >= 0; i--)
        {
            if (now >= _unprotected[i].Until)
            {
                var flight = _unprotected[i];
                _unprotected.RemoveAt(i);
                Answer(flight, OrderOutcome.Done, Refusal.None, "no protection order was told");
            }
        }

        while (_late.Count > 0 && now >= _late[0].Until)
        {
            _late.RemoveAt(0);
        }
    }

    /// <summary>They are filled, whatever becomes of the session.</summary>
    private void EndUnprotected(string why)
    {
        foreach (var flight in _unprotected)
        {
            Answer(flight, OrderOutcome.Done, Refusal.None, why);
        }

        _unprotected.Clear();
    }
}
