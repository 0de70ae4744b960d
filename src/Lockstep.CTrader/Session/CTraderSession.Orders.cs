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

    private void Transmit(Flight flight, IMessage body, Func<Flight, ProtoOAExecutionEvent, bool> take, Action<Flight, OpenApiEnd> ended)
    {
        flight.Request = new OpenApiRequest
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
        };
        _connection!.Submit(flight.Request);
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
