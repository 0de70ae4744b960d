using Lockstep.CTrader.Translate;
using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.CTrader.Session;

/// <content>What the events of a command say of its end (guide §8).</content>
public sealed partial class CTraderSession
{
    /// <summary>True = the order has come to its end; it was answered, or waits for its protection order.</summary>
    private bool OpeningEvent(Flight flight, ProtoOAExecutionEvent e)
    {
        if (e.Order is not { } order)
        {
            return false;
        }

        if (order.OrderType == ProtoOAOrderType.StopLossTakeProfit)
        {
            flight.Protected = true;
            return false;
        }

        flight.Order = order.OrderId;
        flight.Position = order.PositionId > 0 ? order.PositionId : e.Position?.PositionId ?? flight.Position;
        flight.Add(e.Deal);
        switch (e.ExecutionType)
        {
            case ProtoOAExecutionType.OrderFilled:
                flight.Sum(order);
                Opened(flight);
                return true;
            case ProtoOAExecutionType.OrderCancelled:
            case ProtoOAExecutionType.OrderExpired:
                flight.Sum(order);
                if (flight.Filled > 0)
                {
                    Opened(flight);
                }
                else
                {
                    // Out of its price range, or nothing to fill with.
                    Refuse(flight, Refusal.PriceMoved, "ORDER_CANCELLED");
                }

                return true;
            case ProtoOAExecutionType.OrderRejected:
                flight.Sum(order);
                if (flight.Filled > 0)
                {
                    Opened(flight);
                }
                else
                {
                    Rejected(flight, e);
                }

                return true;
            default:
                return false;
        }
    }

    private void Opened(Flight flight)
    {
        if (flight.WantsLevels && !flight.Protected && !flight.IsLate && _book.Positions.GetValueOrDefault(flight.Position) is { Report: { StopLoss: null, TakeProfit: null } })
        {
            flight.Until = Hub.Mono + (long)ProtectionWithin.TotalMilliseconds;
            _unprotected.Add(flight);
            return;
        }

        Answer(flight, OrderOutcome.Done, Refusal.None, "");
    }

    private bool PlacingEvent(Flight flight, ProtoOAExecutionEvent e)
    {
        if (e.Order is not { } order || order.OrderType == ProtoOAOrderType.StopLossTakeProfit)
        {
            return false;
        }

        flight.Order = order.OrderId;
        flight.Add(e.Deal);
        switch (e.ExecutionType)
        {
            case ProtoOAExecutionType.OrderAccepted:
            case ProtoOAExecutionType.OrderReplaced:
            case ProtoOAExecutionType.OrderFilled:
            case ProtoOAExecutionType.OrderPartialFill:
                Answer(flight, OrderOutcome.Done, Refusal.None, "");
                return true;
            case ProtoOAExecutionType.OrderRejected:
                Rejected(flight, e);
                return true;
            case ProtoOAExecutionType.OrderCancelled:
            case ProtoOAExecutionType.OrderExpired:
                // Its acceptance was overtaken: it stood, and is gone.
                Answer(flight, OrderOutcome.Done, Refusal.None, e.ExecutionType == ProtoOAExecutionType.OrderCancelled ? "ORDER_CANCELLED" : "ORDER_EXPIRED");
                return true;
            default:
                return false;
        }
    }

    private bool AmendingEvent(Flight flight, ProtoOAExecutionEvent e)
    {
        if (e.Order is not { } order || order.OrderId != flight.Order)
        {
            return false;
        }

        switch (e.ExecutionType)
        {
            case ProtoOAExecutionType.OrderReplaced:
                Answer(flight, OrderOutcome.Done, Refusal.None, "");
                return true;
            case ProtoOAExecutionType.OrderRejected:
                Rejected(flight, e);
                return true;
            default:
                return false;
        }
    }

    private bool CancellingEvent(Flight flight, ProtoOAExecutionEvent e)
    {
        if (e.Order is not { } order || order.OrderId != flight.Order)
        {
            return false;
        }

        switch (e.ExecutionType)
        {
            case ProtoOAExecutionType.OrderCancelled:
            case ProtoOAExecutionType.OrderExpired:
                Answer(flight, OrderOutcome.Done, Refusal.None, "");
                return true;
            case ProtoOAExecutionType.OrderFilled:
                Refuse(flight, Refusal.NotFound, "ORDER_FILLED");
                return true;
            case ProtoOAExecutionType.OrderCancelRejected:
            case ProtoOAExecutionType.OrderRejected:
                Rejected(flight, e);
                return true;
            default:
                return false;
        }
    }

    private bool LevelsEvent(Flight flight, ProtoOAExecutionEvent e)
    {
        switch (e.ExecutionType)
        {
            case ProtoOAExecutionType.OrderAccepted:
            case ProtoOAExecutionType.OrderReplaced:
            case ProtoOAExecutionType.OrderCancelled:
                Answer(flight, OrderOutcome.Done, Refusal.None, "");
                return true;
            case ProtoOAExecutionType.OrderRejected:
                Rejected(flight, e);
                return true;
            default:
                return false;
        }
    }

    private void Rejected(Flight flight, ProtoOAExecutionEvent e)
    {
        string code = e.HasErrorCode && e.ErrorCode.Length > 0 ? e.ErrorCode
            : e.ExecutionType == ProtoOAExecutionType.OrderCancelRejected ? "ORDER_CANCEL_REJECTED" : "ORDER_REJECTED";
        var error = CTraderErrors.Of(code);
        if (!CTraderErrors.IsKnown(code))
        {
            Hub.Counters.Add(CTraderCount.UnknownErrors);
        }

        // The event itself is the evidence: whatever its code, the order was rejected.
        Refuse(flight, error.Refusal, code);
    }
}
