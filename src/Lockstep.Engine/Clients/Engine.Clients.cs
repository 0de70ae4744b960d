using Lockstep.Domain;

namespace Lockstep.Engine;

/// <content>Trades asked for through the API: the same three outcomes, the same keys, the same evidence.</content>
public sealed partial class Engine
{
    /// <summary>How a client request stands; null when it was never seen.</summary>
    public ClientAnswer? ClientRequestState(AccountId account, string clientId) => _clients.GetValueOrDefault((account, clientId))?.Answer;

    /// <summary>A client request with how it stands; null when it was never seen.</summary>
    public ClientView? Client(AccountId account, string clientId) =>
        _clients.GetValueOrDefault((account, clientId)) is { } entry ? new ClientView { Request = entry.Request, Answer = entry.Answer, At = entry.At } : null;

    private void TakeClient(ClientRequest request)
    {
        if (_clients.TryGetValue((request.Account, request.ClientId), out var known))
        {
            _out.Add(new ClientAnswered(request.Account, request.ClientId, known.Answer));
            return;
        }

        var entry = new ClientEntry { Request = request, At = _now, Answer = new ClientAnswer { State = ClientState.InFlight } };
        _clients.Add((request.Account, request.ClientId), entry);
        if (Translate(request, out var make, out bool reducing) is { } refused)
        {
            entry.Answer = refused;
            _out.Add(new ClientAnswered(request.Account, request.ClientId, refused));
            return;
        }

        var key = OrderKey.From($"api|{request.Account}|{request.ClientId}", 0, 0, "client", 0);
        entry.Answer = new ClientAnswer { State = ClientState.InFlight, Key = key };
        entry.Reversal = request is ClientReverse reverse ? ReversalOf(_accounts[request.Account], reverse) : null;
        Dispatch(make!(key), 0, request.ClientId, reducing);
        if (!_timers.ContainsKey(new TimerId(TimerKind.Retire, 0)))
        {
            Wake(TimerKind.Retire, 0, _now + RetireAfter);
        }
    }

    /// <summary>The command, or the refusal with what was wrong.</summary>
    private ClientAnswer? Translate(ClientRequest request, out Func<OrderKey, OrderCommand>? make, out bool reducing)
    {
        make = null;
        reducing = false;
        if (!_accounts.TryGetValue(request.Account, out var book))
        {
            return No(Refusal.InvalidRequest, $"no account {request.Account}");
        }

        if (!book.Synced)
        {
            return No(Refusal.NotSent, $"{book.Id} is not connected; nothing was sent");
        }

        var deadline = Deadline(book);
        switch (request)
        {
            case ClientPlace place:
                if (!book.Symbols.TryGetValue(place.Symbol, out var spec))
                {
                    return No(Refusal.UnknownSymbol, $"{book.Id} has no symbol {place.Symbol}");
                }

                if (OpeningRules.Forbids(book, spec, place.Side, place.Volume) is { } why)
                {
                    return No(why.Refusal, why.Text);
                }

                if (place.Type is not { } type)
                {
                    make = key => new OpenMarket
                    {
                        Account = book.Id, Key = key, Symbol = place.Symbol, Deadline = deadline, Side = place.Side, Volume = place.Volume,
                        StopLoss = place.StopLoss, TakeProfit = place.TakeProfit, WorstPrice = place.WorstPrice,
                    };
                    return null;
                }

                if (place.Price is not { Value: > 0 } price)
                {
                    return No(Refusal.InvalidPrice, "a pending order needs a price above 0");
                }

                if (type == PendingType.StopLimit && book.Capabilities is { StopLimitOrders: false, StopRangeOrders: false })
                {
                    return No(Refusal.InvalidRequest, $"{book.Id} has no stop-limit orders");
                }

                make = key => new PlacePending
                {
                    Account = book.Id, Key = key, Symbol = place.Symbol, Deadline = deadline, Side = place.Side, Type = type, Volume = place.Volume,
                    Price = price, LimitPrice = place.LimitPrice, StopLoss = place.StopLoss, TakeProfit = place.TakeProfit, Expiry = place.Expiry,
                };
                return null;
            case ClientModify { Position: { } id } modify:
                if (!book.Positions.TryGetValue(id, out var position))
                {
                    return No(Refusal.NotFound, $"{book.Id} has no position {id}");
                }

                make = key => new SetStops
                {
                    Account = book.Id, Key = key, Symbol = position.Symbol, Deadline = deadline, Position = id,
                    StopLoss = modify.StopLoss.Apply(position.StopLoss), TakeProfit = modify.TakeProfit.Apply(position.TakeProfit),
                };
                return null;
            case ClientModify { Order: { } id } modify:
                if (!book.Orders.TryGetValue(id, out var order))
                {
                    return No(Refusal.NotFound, $"{book.Id} has no pending order {id}");
                }

                make = key => new AmendPending
                {
                    Account = book.Id, Key = key, Symbol = order.Symbol, Deadline = deadline, Order = id, Price = modify.Price ?? order.Price, LimitPrice = order.LimitPrice,
                    StopLoss = modify.StopLoss.Apply(order.StopLoss), TakeProfit = modify.TakeProfit.Apply(order.TakeProfit), Expiry = order.Expiry,
                };
                return null;
            case ClientClose { Position: { } id } close:
                reducing = true;
                if (!book.Positions.TryGetValue(id, out var open))
                {
                    return No(Refusal.NotFound, $"{book.Id} has no position {id}");
                }

                if (close.Volume is { } part)
                {
                    if (!book.Symbols.TryGetValue(open.Symbol, out var described))
                    {
                        return No(Refusal.UnknownSymbol, $"{book.Id} never described {open.Symbol}: the position can be closed as a whole only");
                    }

                    if (part.Value <= 0 || part > open.Volume || !described.IsOnStep(part))
                    {
                        return No(Refusal.InvalidVolume, $"{part} lots of a position of {open.Volume}: above 0, at most the position, on the step {described.LotStep}");
                    }
                }

                var target = close.Volume is { } p ? open.Volume - p : Lots.Zero;
                make = key => new ReducePosition { Account = book.Id, Key = key, Symbol = open.Symbol, Deadline = deadline, Position = id, Side = open.Side, TargetVolume = target };
                return null;
            case ClientClose { Order: { } id }:
                reducing = true;
                if (!book.Orders.TryGetValue(id, out var cancelled))
                {
                    return No(Refusal.NotFound, $"{book.Id} has no pending order {id}");
                }

                make = key => new CancelPending { Account = book.Id, Key = key, Symbol = cancelled.Symbol, Deadline = deadline, Order = id };
                return null;
            case ClientReverse reverse:
                reducing = true;
                if (ReverseProblem(book, reverse) is { } cannot)
                {
                    return cannot;
                }

                var turned = book.Positions[reverse.Position];
                make = key => new ReducePosition { Account = book.Id, Key = key, Symbol = turned.Symbol, Deadline = deadline, Position = turned.Id, Side = turned.Side, TargetVolume = Lots.Zero };
                return null;
            case ClientCloseBy by:
                reducing = true;
                if (CloseByProblem(book, by) is { } problem)
                {
                    return problem;
                }

                var symbol = book.Positions[by.Position].Symbol;
                make = key => new CloseBy { Account = book.Id, Key = key, Symbol = symbol, Deadline = deadline, Position = by.Position, Opposite = by.Opposite };
                return null;
            default:
                return No(Refusal.InvalidRequest, "neither a position nor an order is named");
        }
    }

    private static ClientAnswer? CloseByProblem(AccountBook book, ClientCloseBy by) =>
        !book.Capabilities!.CloseBy ? No(Refusal.InvalidRequest, $"{book.Id} cannot close positions by each other")
        : !book.Positions.TryGetValue(by.Position, out var one) ? No(Refusal.NotFound, $"{book.Id} has no position {by.Position}")
        : !book.Positions.TryGetValue(by.Opposite, out var other) ? No(Refusal.NotFound, $"{book.Id} has no position {by.Opposite}")
        : one.Symbol != other.Symbol ? No(Refusal.InvalidRequest, $"position {one.Id} is {one.Symbol} and {other.Id} is {other.Symbol}: they cannot be closed by each other")
        : one.Side == other.Side ? No(Refusal.InvalidRequest, $"positions {one.Id} and {other.Id} are both {one.Side}: only opposite ones can be closed by each other")
        : null;

    private static ClientAnswer No(Refusal refusal, string text) => new() { State = ClientState.Refused, Refusal = refusal, Code = text };

    private void ClientStands(Intent intent, ClientAnswer answer)
    {
        if (_clients.TryGetValue((intent.Command.Account, intent.ClientId!), out var entry))
        {
            entry.Answer = answer = entry.Reversal is { } reversal ? ReversalStands(intent, entry, reversal, answer) : answer;
        }

        _out.Add(new ClientAnswered(intent.Command.Account, intent.ClientId!, answer));
    }
}
