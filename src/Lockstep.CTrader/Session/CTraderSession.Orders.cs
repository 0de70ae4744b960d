using Google.Protobuf;
using Lockstep.CTrader.Translate;
using Lockstep.CTrader.Wire;
using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.CTrader.Session;

/// <content>Commands: each at most once on the wire, ended by its events (guide §8).</content>
public sealed partial class CTraderSession
{
    private const string NothingToAmend = "Nothing to amend.";
    private const int LateMost = 1_000;

    /// <summary>The protection order is told milliseconds after the fill (recorded: 3); an opening is answered without it after this.</summary>
    private static readonly TimeSpan ProtectionWithin = TimeSpan.FromSeconds(2);

    /// <summary>An event of an order without an answer may come so late; the engine's proof of absence ends the matter long before.</summary>
    private static readonly TimeSpan LateWithin = TimeSpan.FromMinutes(10);

    private readonly List<Flight> _unprotected = [];
    private readonly List<Flight> _late = [];
    private string _tradeProblem = "";

    private TimeSpan AnswerTimeout => Settings.AnswerTimeout ?? TimeSpan.FromSeconds(5);

    private bool Guaranteed => _trader is { IsLimitedRisk: true };

    /// <inheritdoc/>
    public void Send(OrderCommand command)
    {
        ArgumentNullException.ThrowIfNull(command);
        bool outermost = Hub.Enter();
        try
        {
            var flight = new Flight(command);
            if (_stopped || !_open)
            {
                NotSent(flight, "no session");
            }
            else if (Hub.Now > command.Deadline)
            {
                NotSent(flight, "deadline passed");
            }
            else
            {
                Carry(flight);
            }
        }
        finally
        {
            Hub.Exit(outermost);
        }

        Drain();
    }

    private void Carry(Flight flight)
    {
        var symbol = _catalogue.Find(flight.Command.Symbol);
        if (symbol?.Spec is null && flight.Command is OpenMarket or PlacePending or SetStops)
        {
            Refuse(flight, Refusal.UnknownSymbol, "SYMBOL_NOT_FOUND");
            return;
        }

        switch (flight.Command)
        {
            case OpenMarket open:
                Transmit(flight, Translate.Orders.Open(open, symbol!, Ctid, Guaranteed), OpeningEvent);
                break;
            case PlacePending place:
                Transmit(flight, Translate.Orders.Place(place, symbol!, Ctid, Guaranteed), PlacingEvent);
                break;
            case AmendPending amend:
                flight.Order = amend.Order.Value;
                Transmit(flight, Translate.Orders.Amend(amend, _book.Orders.GetValueOrDefault(amend.Order.Value), Ctid), AmendingEvent);
                break;
            case CancelPending cancel:
                flight.Order = cancel.Order.Value;
                Transmit(flight, new OrderRequest(new ProtoOACancelOrderReq { CtidTraderAccountId = Ctid, OrderId = cancel.Order.Value }, Refusal.None, ""), CancellingEvent);
                break;
            case SetStops stops:
                flight.Position = stops.Position.Value;
                Transmit(flight, Translate.Orders.Stops(stops, _book.Positions.GetValueOrDefault(stops.Position.Value), symbol!, Ctid, Guaranteed), LevelsEvent);
                break;
            case ReducePosition reduce:
                flight.Position = reduce.Position.Value;
                Reduce(flight, reduce);
                break;
            default:
                Refuse(flight, Refusal.InvalidRequest, flight.Command.GetType().Name);
                break;
        }
    }

    private void Transmit(Flight flight, in OrderRequest order, Func<Flight, ProtoOAExecutionEvent, bool> take)
    {
        if (order.Body is not { } body)
        {
            if (order.Refusal == Refusal.None)
            {
                Answer(flight, OrderOutcome.Done, Refusal.None, order.Code);
            }
            else
            {
                Refuse(flight, order.Refusal, order.Code);
            }

            return;
        }

        Transmit(flight, body, take, Ended);
    }

    private void Transmit(Flight flight, IMessage body, Func<Flight, ProtoOAExecutionEvent, bool> take, Action<Flight, OpenApiEnd> ended) => _connection!.Submit(new OpenApiRequest
    {
        Seat = this,
        Lane = Lane.Trade,
        Body = body,
        AnswerWithin = AnswerTimeout,
        NotAfter = Hub.Mono + Math.Max(0, (long)(flight.Command.Deadline - Hub.Now).TotalMilliseconds),
        More = message =>
        {
            if (message.Body is not ProtoOAExecutionEvent e)
            {
                return false;
            }

            TakeExecution(e);
            return take(flight, e);
        },
        Done = end => ended(flight, end),
    });

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

    /// <summary>A request that ended; one whose events told the end was answered by them.</summary>
    private void Ended(Flight flight, OpenApiEnd end)
    {
        switch (end.Kind)
        {
            case OpenApiEndKind.Answered:
                break;
            case OpenApiEndKind.NotSent:
                NotSent(flight, end.Why);
                break;
            case OpenApiEndKind.Failed when flight.Filled > 0:
                Opened(flight);
                break;
            case OpenApiEndKind.Failed:
                Failed(flight, end);
                break;
            default:
                Unknown(flight, end);
                break;
        }
    }

    private void Failed(Flight flight, in OpenApiEnd end)
    {
        var error = ErrorOf(end.Error);
        if (flight.Command is AmendPending or SetStops && end.Error!.Text.Contains(NothingToAmend, StringComparison.OrdinalIgnoreCase))
        {
            // It is so already.
            Answer(flight, OrderOutcome.Done, Refusal.None, error.Code);
            return;
        }

        Answer(flight, error.Outcome, error.Refusal, error.Code);
        if (error.Outcome == OrderOutcome.Unknown)
        {
            KeepLate(flight);
        }

        AfterError(error, end.Error!.Text);
    }

    /// <summary>What an error tells besides the end of its order.</summary>
    private void AfterError(in CTraderError error, string text)
    {
        if (error.Class == CTraderErrorClass.Reauth)
        {
            SessionLost("the server no longer knows the account's session: " + Sentence(text.Length > 0 ? text : error.Code));
        }
        else if (error.Class == CTraderErrorClass.FatalAccount && _tradeProblem != error.Code)
        {
            _tradeProblem = error.Code;
            Log(CTraderLogLevel.Alert, $"trading is refused: {error.Code} {Sentence(text)}");
            TellHealth();
        }
    }

    private void Unknown(Flight flight, in OpenApiEnd end)
    {
        Answer(flight, OrderOutcome.Unknown, Refusal.Other, end.Kind == OpenApiEndKind.TimedOut ? "no answer in time" : "the connection was lost");
        KeepLate(flight);
    }

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

    private void NotSent(Flight flight, string why) => Refuse(flight, Refusal.NotSent, why);

    private void Refuse(Flight flight, Refusal refusal, string code) => Answer(flight, OrderOutcome.Refused, refusal, code);

    private void Answer(Flight flight, OrderOutcome outcome, Refusal refusal, string code)
    {
        long filled = flight.Before + flight.Filled;
        var symbol = _catalogue.Find(flight.Command.Symbol);
        if (outcome == OrderOutcome.Done && flight.Command is not (CancelPending or AmendPending))
        {
            _tradeProblem = "";
        }

        Report(new OrderAnswered
        {
            Account = Account,
            Epoch = Epoch,
            Key = flight.Command.Key,
            Outcome = outcome,
            Refusal = outcome == OrderOutcome.Done ? Refusal.None : refusal,
            Code = Sentence(code),
            Position = flight.Command is not PlacePending && flight.Position > 0 ? new PositionId(flight.Position) : null,
            Order = flight.Command is PlacePending or AmendPending or CancelPending && flight.Order > 0 ? new OrderId(flight.Order) : null,
            Filled = symbol?.ToLots(filled) ?? Lots.Zero,
            Price = filled > 0 ? flight.Price : null,
        });
        ReductionEnded(flight, outcome);
    }
}
