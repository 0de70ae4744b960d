using Lockstep.CTrader.Translate;
using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.CTrader.Session;

/// <content>
/// Reductions: the present volume is read before each part and only the difference is sent. Ends when the target is reached, the position is gone or turned, a part is not filled whole, or
/// the deadline has passed.
/// </content>
public sealed partial class CTraderSession
{
    private readonly List<Flight> _reductions = [];
    private readonly List<Flight> _reductionsNext = [];

    private void Reduce(Flight flight, ReducePosition reduce)
    {
        foreach (var other in _reductions)
        {
            if (other.Position == flight.Position)
            {
                // What is held is not known before that one has ended: both together would take too much.
                _reductionsNext.Add(flight);
                return;
            }
        }

        if (reduce.Side is { } side && _book.Positions.GetValueOrDefault(flight.Position) is { } found && found.Report.Side != side)
        {
            Refuse(flight, Refusal.NotFound, "the position is on the other side");
            return;
        }

        NextPart(flight, reduce, "already");
    }

    /// <summary>The next reduction of a position has its turn; after one whose end nobody knows none is sent.</summary>
    private void ReductionEnded(Flight ended, OrderOutcome outcome)
    {
        if (!_reductions.Remove(ended))
        {
            return;
        }

        for (int i = 0; i < _reductionsNext.Count;)
        {
            var next = _reductionsNext[i];
            if (next.Position != ended.Position)
            {
                i++;
                continue;
            }

            _reductionsNext.RemoveAt(i);
            if (outcome == OrderOutcome.Unknown || !_open || Hub.Now > next.Command.Deadline)
            {
                NotSent(next, outcome == OrderOutcome.Unknown ? "another reduction of the position has no answer" : _open ? "deadline passed" : "no session");
                continue;
            }

            Reduce(next, (ReducePosition)next.Command);
            if (_reductions.Contains(next))
            {
                return;
            }
        }
    }

    private void TickReductions()
    {
        for (int i = 0; i < _reductionsNext.Count;)
        {
            var next = _reductionsNext[i];
            if (Hub.Now > next.Command.Deadline)
            {
                _reductionsNext.RemoveAt(i);
                NotSent(next, "its time was over before another reduction of the position had ended");
            }
            else
            {
                i++;
            }
        }
    }

    /// <summary>What is held above the target; a position that was turned meanwhile is gone like one that was closed.</summary>
    private long Surplus(ReducePosition reduce, out Held? held)
    {
        held = _book.Positions.GetValueOrDefault(reduce.Position.Value);
        if (held is null || (reduce.Side is { } side && held.Report.Side != side))
        {
            return 0;
        }

        // Volumes are whole hundredths of a unit, and so is a target that the engine asks for.
        return held.Volume - (held.Symbol.ToVolume(reduce.TargetVolume) ?? (long)Math.Floor(reduce.TargetVolume.Value * held.Symbol.LotSize));
    }

    private void NextPart(Flight flight, ReducePosition reduce, string code)
    {
        long surplus = Surplus(reduce, out var held);
        if (surplus <= 0 || (flight.Part > 0 && (Hub.Now > reduce.Deadline || !_open)))
        {
            Answer(flight, OrderOutcome.Done, Refusal.None, code);
            return;
        }

        if (!_reductions.Contains(flight))
        {
            _reductions.Add(flight);
        }

        flight.NextPart(Translate.Orders.Part(surplus, held!.Symbol));
        Transmit(
            flight,
            new ProtoOAClosePositionReq { CtidTraderAccountId = Ctid, PositionId = flight.Position, Volume = flight.Asked },
            ClosingEvent,
            PartEnded);
    }

    /// <summary>True = this part has come to its end, and what follows from that was done.</summary>
    private bool ClosingEvent(Flight flight, ProtoOAExecutionEvent e)
    {
        if (!TakeClosing(flight, e))
        {
            return false;
        }

        // What follows comes when the request is over: the next part is a request of its own.
        if (e.ExecutionType == ProtoOAExecutionType.OrderRejected && flight.Filled == 0)
        {
            flight.Rejection = e.HasErrorCode && e.ErrorCode.Length > 0 ? e.ErrorCode : "ORDER_REJECTED";
        }

        return true;
    }

    private static bool TakeClosing(Flight flight, ProtoOAExecutionEvent e)
    {
        if (e.Order is not { } order || order.OrderType == ProtoOAOrderType.StopLossTakeProfit || (order.PositionId > 0 && order.PositionId != flight.Position))
        {
            return false;
        }

        flight.Order = order.OrderId;
        flight.Add(e.Deal);
        if (e.ExecutionType is not (ProtoOAExecutionType.OrderFilled or ProtoOAExecutionType.OrderCancelled or ProtoOAExecutionType.OrderExpired or ProtoOAExecutionType.OrderRejected))
        {
            return false;
        }

        flight.Sum(order);
        return true;
    }

    private bool LateClosing(Flight flight, ProtoOAExecutionEvent e)
    {
        if (!TakeClosing(flight, e))
        {
            return false;
        }

        if (flight.Before + flight.Filled > 0)
        {
            Answer(flight, OrderOutcome.Done, Refusal.None, "");
        }
        else
        {
            Refuse(flight, Refusal.Rejected, "ORDER_CANCELLED");
        }

        return true;
    }

    private void PartEnded(Flight flight, OpenApiEnd end)
    {
        var reduce = (ReducePosition)flight.Command;
        switch (end.Kind)
        {
            case OpenApiEndKind.Answered when flight.Rejection is { } code:
                flight.Rejection = null;
                PartRefused(flight, reduce, CTraderErrors.Of(code) is { Outcome: OrderOutcome.Refused } known ? known.Refusal : Refusal.Rejected, code);
                break;
            case OpenApiEndKind.Answered when flight.Filled == flight.Asked:
                flight.Part++;
                flight.Attempts = 0;
                NextPart(flight, reduce, "");
                break;
            case OpenApiEndKind.Answered when flight.Before + flight.Filled > 0:
                Answer(flight, OrderOutcome.Done, Refusal.None, "");
                break;
            case OpenApiEndKind.Answered:
                PartRefused(flight, reduce, Refusal.PriceMoved, "ORDER_CANCELLED");
                break;
            case OpenApiEndKind.NotSent when flight.Before > 0:
                Answer(flight, OrderOutcome.Done, Refusal.None, end.Why);
                break;
            case OpenApiEndKind.NotSent:
                NotSent(flight, end.Why);
                break;
            case OpenApiEndKind.Failed:
                var error = ErrorOf(end.Error);
                if (error.Outcome == OrderOutcome.Refused)
                {
                    PartRefused(flight, reduce, error.Refusal, error.Code);
                }
                else
                {
                    Answer(flight, OrderOutcome.Unknown, error.Refusal, error.Code);
                    KeepLate(flight);
                }

                AfterError(error, end.Error!.Text);
                break;
            default:
                Unknown(flight, end);
                break;
        }
    }

    private void PartRefused(Flight flight, ReducePosition reduce, Refusal refusal, string code)
    {
        bool more = Surplus(reduce, out _) > 0;
        if (refusal == Refusal.Busy && more && flight.Attempts < 1 && _open && Hub.Now <= reduce.Deadline)
        {
            // Locked by another order of the moment (guide §7): the refusal is certain, so one more try is safe.
            flight.Attempts++;
            NextPart(flight, reduce, code);
        }
        else if (flight.Before + flight.Filled > 0 || (refusal == Refusal.NotFound && !more))
        {
            Answer(flight, OrderOutcome.Done, Refusal.None, code);
        }
        else
        {
            Refuse(flight, refusal, code);
        }
    }
}
