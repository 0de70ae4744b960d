using Lockstep.Domain;

namespace Lockstep.Engine;

/// <content>Orders on their way: decided, answered, in doubt, resolved.</content>
public sealed partial class Engine
{
    /// <summary>An answer may take this much longer than the deadline before it counts as lost.</summary>
    private static readonly TimeSpan AnswerGrace = TimeSpan.FromSeconds(1);

    /// <summary>What <see cref="Plant.RandomKeys"/> draws from: it goes on where a replay begins anew.</summary>
    private static long s_drawn;

    /// <summary>Decides a command: one key, one send. Always true, so that callers can return it.</summary>
    private bool Send(Pool pool, string purpose, bool reducing, Func<OrderKey, OrderCommand> make)
    {
        var key = OrderKey.From(pool.KeyScope, pool.KeySource, pool.KeyGeneration, purpose, pool.Attempts);
        if (_plant == Plant.RandomKeys)
        {
            key = OrderKey.From(pool.KeyScope, ++s_drawn, 0, "random", 0);
        }

        pool.Attempts++;
        pool.Keys.Add(key);
        if (!Dispatch(make(key), pool.Number, null, reducing))
        {
            return true;
        }

        pool.InFlight = key;
        if (pool.Kind == PoolKind.Symbol && pool.Keys.Count > 512)
        {
            for (int i = 0; i < 256; i++)
            {
                _keys.Remove(pool.Keys[i]);
            }

            pool.Keys.RemoveRange(0, 256);
        }

        foreach (long number in pool.Legs)
        {
            var leg = _legs[number];
            if (leg.Items.Count > 0)
            {
                leg.FirstSentAt ??= _now;
            }
        }

        return true;
    }

    private bool Dispatch(OrderCommand command, long pool, string? clientId, bool reducing)
    {
        if (!_keys.TryAdd(command.Key, new KeyOwner(command.Key, pool, reducing)))
        {
            Halt("a key is decided once", $"{command.Key} for {command}");
            return false;
        }

        var caps = _accounts[command.Account].Capabilities!;
        var intent = new Intent
        {
            Key = command.Key,
            Number = NextNumber(),
            Pool = pool,
            ClientId = clientId,
            Command = command,
            Reducing = reducing,
            VolumeBefore = command is ReducePosition r && _accounts[command.Account].Positions.TryGetValue(r.Position, out var before) ? before.Volume : Lots.Zero,
            DecidedAt = _now,
            AbsentFrom = command.Deadline + caps.AbsenceHorizon,
        };
        _intents.Add(intent.Key, intent);
        _accounts[command.Account].Intents.Add(intent);
        _out.Add(new SendOrder(command));
        Wake(TimerKind.AnswerDue, intent.Number, command.Deadline + AnswerGrace);
        return true;
    }

    private void TakeAnswer(AccountBook book, OrderAnswered answer)
    {
        if (answer.Outcome == OrderOutcome.Done && !_intents.ContainsKey(answer.Key))
        {
            AdoptLate(book, answer);
            return;
        }

        // Twice, or about an order whose end was already proved: nothing more to learn from it.
        if (!_intents.TryGetValue(answer.Key, out var intent) || intent.State == IntentState.Settling || intent.Command.Account != book.Id)
        {
            return;
        }

        switch (answer.Outcome)
        {
            case OrderOutcome.Done:
                intent.State = IntentState.Settling;
                intent.AnsweredAt = _now;
                intent.Position = answer.Position;
                intent.Order = answer.Order;
                intent.Filled = answer.Filled;
                intent.Price = answer.Price;
                if (answer.Position is { } id && intent.Pool != 0 && book.Positions.TryGetValue(id, out var position) && book.Capabilities!.Mode != AccountMode.Netting
                    && intent.Command is OpenMarket && _pools.TryGetValue(intent.Pool, out var pool))
                {
                    Attach(pool, position, intent);
                }

                SettleIntents(book);
                if (_intents.ContainsKey(intent.Key))
                {
                    // The book does not show it yet: it should any moment.
                    Wake(TimerKind.AnswerDue, intent.Number, _now + AnswerGrace);
                }

                break;
            case OrderOutcome.Refused:
                Refused(intent, book, answer);
                break;
            default:
                Doubt(intent, book);
                break;
        }
    }

    /// <summary>Executed after its absence was proved, and told only now: where the comment was cut, this answer is all there is to know it by.</summary>
    private void AdoptLate(AccountBook book, OrderAnswered answer)
    {
        if (answer.Position is { } id && book.Capabilities is { Mode: not AccountMode.Netting } && book.Positions.TryGetValue(id, out var position) && !_holders.ContainsKey((book.Id, id))
            && _keys.TryGetValue(answer.Key, out var owner) && !owner.Reducing && _pools.TryGetValue(owner.Pool, out var pool) && pool.Account == book.Id)
        {
            Alert(AlertLevel.Critical, "late-execution", book.Id, null, $"Order {answer.Key} on {book.Id} was executed after it had been proved absent (position {id}, {position.Side} {position.Volume} {position.Symbol}). What is not wanted any more is closed.");
            Attach(pool, position, null);
        }
    }

    private void AnswerIsDue(long number)
    {
        foreach (var intent in _intents.Values)
        {
            if (intent.Number == number)
            {
                var book = _accounts[intent.Command.Account];
                if (intent.State == IntentState.Settling)
                {
                    AskNow(book);
                }
                else
                {
                    Doubt(intent, book);
                }

                return;
            }
        }
    }

    private void Doubt(Intent intent, AccountBook book)
    {
        if (intent.State != IntentState.Sent)
        {
            return;
        }

        intent.State = IntentState.Unknown;
        if (intent.ClientId is not null)
        {
            ClientStands(intent, new ClientAnswer { State = ClientState.Unknown, Key = intent.Key, Code = "no answer; the platform is being asked" });
        }

        if (_plant == Plant.ResendSameKey)
        {
            _out.Add(new SendOrder(intent.Command with { Deadline = Deadline(book) }));
        }
        else if (_plant == Plant.ResendNewKey)
        {
            Absent(intent, reopen: true);
            return;
        }

        AskNow(book);
    }

    /// <summary>Ends the orders that the book now shows to be done.</summary>
    private void SettleIntents(AccountBook book)
    {
        List<Intent>? ended = null;
        foreach (var intent in book.Intents)
        {
            if (intent.State != IntentState.Sent
                && (intent.State == IntentState.Settling ? Settled(intent, book) : Seen(intent, book) == Evidence.Whole))
            {
                (ended ??= []).Add(intent);
            }
        }

        if (ended is null)
        {
            return;
        }

        foreach (var intent in ended)
        {
            Done(intent, book);
        }
    }

    private enum Evidence
    {
        None,
        Part,
        Whole,
    }

    /// <summary>What the book and the deals say about an order. A broken comment hides it, a repeated one does not double it.</summary>
    private static Evidence Seen(Intent intent, AccountBook book)
    {
        switch (intent.Command)
        {
            case OpenMarket open:
                var seen = Lots.Max(intent.DealVolume, HeldByKey(intent, book));
                return seen >= open.Volume ? Evidence.Whole : seen.Value > 0 ? Evidence.Part : Evidence.None;
            case ReducePosition reduce:
                return !book.Positions.TryGetValue(reduce.Position, out var p) || p.Volume <= reduce.TargetVolume ? Evidence.Whole : Evidence.None;
            case SetStops stops:
                return !book.Positions.TryGetValue(stops.Position, out var q) || (q.StopLoss == stops.StopLoss && q.TakeProfit == stops.TakeProfit) ? Evidence.Whole : Evidence.None;
            case CancelPending cancel:
                return !book.Orders.ContainsKey(cancel.Order) ? Evidence.Whole : Evidence.None;
            case AmendPending amend:
                return !book.Orders.TryGetValue(amend.Order, out var o)
                    || (o.Price == amend.Price && o.StopLoss == amend.StopLoss && o.TakeProfit == amend.TakeProfit && o.Expiry == amend.Expiry)
                    ? Evidence.Whole : Evidence.None;
            case PlacePending:
                return intent.DealVolume.Value > 0 || HeldByKey(intent, book).Value > 0 || OrderByKey(intent, book) is not null ? Evidence.Whole : Evidence.None;
            default:
                return Evidence.None;
        }
    }

    private static bool Settled(Intent intent, AccountBook book) => intent.Command switch
    {
        OpenMarket => Lots.Max(intent.DealVolume, HeldByKey(intent, book)) is { Value: > 0 } seen && seen >= intent.Filled,
        PlacePending => (intent.Order is { } id && book.Orders.ContainsKey(id)) || Seen(intent, book) == Evidence.Whole,

        ReducePosition reduce => Seen(intent, book) == Evidence.Whole
            || (intent.Filled.Value > 0 && book.Positions.TryGetValue(reduce.Position, out var p) && p.Volume <= intent.VolumeBefore - intent.Filled),
        CancelPending => Seen(intent, book) == Evidence.Whole,

        // Levels and prices are remembered as asked for; a platform may show them rounded.
        _ => true,
    };

    private static Lots HeldByKey(Intent intent, AccountBook book)
    {
        // On netting the position carries the last deal's tag and everybody's volume: only deals count there.
        if (book.Capabilities!.Mode == AccountMode.Netting)
        {
            return Lots.Zero;
        }

        var sum = Lots.Zero;
        foreach (var position in book.Positions.Values)
        {
            if (position.Tag.Key == intent.Key || position.Id == intent.Position || (intent.Order is { } order && position.OpeningOrder == order)
                || (position.Tag.Key is null && position.Tag.Magic == intent.Key.Magic && position.Symbol == intent.Command.Symbol && position.OpenedAt >= intent.DecidedAt - HistorySkew))
            {
                sum += position.Volume;
            }
        }

        return sum;
    }

    private static PendingReport? OrderByKey(Intent intent, AccountBook book)
    {
        PendingReport? found = null;
        foreach (var order in book.Orders.Values)
        {
            if (found is not null && found.Id.CompareTo(order.Id) < 0)
            {
                continue;
            }

            if (order.Tag.Key == intent.Key || order.Id == intent.Order || (order.Tag.Key is null && order.Tag.Magic == intent.Key.Magic && order.Symbol == intent.Command.Symbol))
            {
                found = order;
            }
        }

        return found;
    }

    /// <summary>A complete snapshot, asked for at <see cref="AccountBook.AskedAt"/>, says what became of every order in doubt.</summary>
    private void ResolveDoubts(AccountBook book, BookSnapshot snapshot)
    {
        Timestamp? askAgain = null;
        foreach (var intent in book.Intents.ToArray())
        {
            var seen = Seen(intent, book);
            if (seen == Evidence.None && intent.Command is PlacePending && snapshot.EndedOrders.Any(o => o.Tag.Key == intent.Key))
            {
                seen = Evidence.Whole;
            }

            bool quiet = book.AskedAt >= intent.AbsentFrom || (_plant == Plant.BelieveAbsentAtOnce && intent.State == IntentState.Unknown);
            if (seen == Evidence.Whole && intent.State != IntentState.Sent)
            {
                Done(intent, book);
            }
            else if (intent.State == IntentState.Settling && intent.Command is ReducePosition or CancelPending && book.AskedAt >= intent.AnsweredAt)
            {
                // Answered done, and the platform, asked after that, shows something else: the next comparison goes on from what is true.
                Done(intent, book);
            }
            else if (intent.State == IntentState.Settling && quiet)
            {
                Diverged(book, $"order {intent.Key}", $"done, {intent.Filled} lots", seen.ToString());
                Done(intent, book);
            }
            else if (intent.State == IntentState.Unknown && quiet)
            {
                if (seen == Evidence.Part)
                {
                    Done(intent, book);
                }
                else
                {
                    Absent(intent, reopen: _plant == Plant.BelieveAbsentAtOnce);
                }
            }
            else if (intent.State != IntentState.Sent && (askAgain is null || intent.AbsentFrom < askAgain))
            {
                askAgain = intent.AbsentFrom;
            }
        }

        if (askAgain is { } at)
        {
            // In between it is asked a few times, since most doubts end early.
            AskAt(book, Timestamp.Max(_now + AnswerGrace, at - _now > TimeSpan.FromSeconds(4) ? _now + ((at - _now) / 2) : at));
        }
    }

    private void Close(Intent intent)
    {
        _intents.Remove(intent.Key);
        _accounts[intent.Command.Account].Intents.Remove(intent);
        Wake(TimerKind.AnswerDue, intent.Number, null);
        if (intent.Pool != 0 && _pools.TryGetValue(intent.Pool, out var pool))
        {
            pool.InFlight = null;
            MarkDirty(pool);
        }
    }

    private void Done(Intent intent, AccountBook book)
    {
        Close(intent);
        if (intent.ClientId is not null)
        {
            ClientStands(intent, new ClientAnswer
            {
                State = ClientState.Done, Key = intent.Key, Position = intent.Position ?? PositionByKey(intent, book), Order = intent.Order ?? OrderByKey(intent, book)?.Id,
                Filled = Lots.Max(intent.Filled, intent.DealVolume), Price = intent.Price,
            });
            return;
        }

        if (!_pools.TryGetValue(intent.Pool, out var pool))
        {
            return;
        }

        pool.Refusals = 0;
        pool.RetryAt = null;
        if (!intent.Reducing)
        {
            // Only what failed counts against the limit: a fill, even a part of one, is progress.
            pool.OpenTries = 0;
        }

        switch (intent.Command)
        {
            case SetStops stops:
                pool.StopsRefused = 0;
                LevelsAsked(pool, stops);
                break;
            case AmendPending amend:
                PendingAmended(pool, amend);
                break;
            case PlacePending placed:
                var order = OrderByKey(intent, book);
                if (order is not null)
                {
                    HoldPending(pool, order.Id, placed, order);
                }
                else if (pool.Holdings.Count == 0 && _legs.TryGetValue(pool.Legs[0], out var leg) && leg.SourcePending)
                {
                    End(leg, WhyOutcome.Nothing, WhyReason.TargetClosedByHand, Refusal.None, "the pending order was removed");
                }

                break;
            case OpenMarket when pool.Kind == PoolKind.Leg && pool.Holdings.Count == 0 && intent.Filled.Value + intent.DealVolume.Value > 0:
                // Opened and closed again before we could look (a stop, the owner).
                TakenAway(pool, book, ((OpenMarket)intent.Command).Side, Lots.Max(intent.Filled, intent.DealVolume), WhyReason.TargetClosedByHand);
                break;
        }
    }

    private static PositionId? PositionByKey(Intent intent, AccountBook book)
    {
        foreach (var position in book.Positions.Values)
        {
            if (position.Tag.Key == intent.Key)
            {
                return position.Id;
            }
        }

        return null;
    }

    private void Refused(Intent intent, AccountBook book, OrderAnswered answer)
    {
        Close(intent);
        if (intent.ClientId is not null)
        {
            ClientStands(intent, new ClientAnswer { State = ClientState.Refused, Refusal = answer.Refusal, Code = answer.Code, Key = intent.Key });
            return;
        }

        if (!_pools.TryGetValue(intent.Pool, out var pool))
        {
            return;
        }

        pool.Refusals++;
        if (intent.Command is SetStops stops && ++pool.StopsRefused >= StopsRefusedMost)
        {
            LevelsAsked(pool, stops);
            pool.StopsRefused = 0;
            Alert(AlertLevel.Critical, "stops-refused", book.Id, null, $"SL {stops.StopLoss?.ToString() ?? "none"} / TP {stops.TakeProfit?.ToString() ?? "none"} of position {stops.Position} on {book.Id} was refused {StopsRefusedMost} times ({answer.Refusal} {answer.Code}). It is tried again when the source changes its levels; the position still closes with its source.");
            return;
        }

        if (intent.Reducing)
        {
            var (action, after) = RefusalPolicy.Reducing(answer.Refusal, pool.Refusals);
            pool.RetryAt = _now + after;
            if (action == RefusalAction.AskAccount)
            {
                AskNow(book);
            }

            if (pool.Refusals == 10)
            {
                Alert(AlertLevel.Critical, "cannot-reduce", book.Id, null, $"{book.Id} refused 10 times in a row to reduce or change {pool.Symbol}: {answer.Refusal} {answer.Code}. It goes on being tried; please look at the account.");
            }

            return;
        }

        foreach (long number in pool.Legs)
        {
            _legs[number].Refusal = answer.Refusal;
        }

        var (what, pause) = RefusalPolicy.Opening(answer.Refusal);
        switch (what)
        {
            case RefusalAction.RetryLater:
                pool.RetryAt = _now + pause;
                PlaceAgain(pool, intent);
                break;
            case RefusalAction.OpenBare when !pool.OpenBare && (intent.Command is OpenMarket { StopLoss: not null } or OpenMarket { TakeProfit: not null } or PlacePending { StopLoss: not null } or PlacePending { TakeProfit: not null }):
                pool.OpenBare = true;
                pool.OpenTries--;
                pool.RetryAt = _now + pause;
                PlaceAgain(pool, intent);
                break;
            default:
                GiveUp(pool, WhyOutcome.Refused, WhyReason.Refused, answer.Refusal, $"{answer.Refusal} {answer.Code}");
                break;
        }
    }

    /// <summary>A pending order that was refused or proved absent may be placed again.</summary>
    private void PlaceAgain(Pool pool, Intent intent)
    {
        if (intent.Command is PlacePending)
        {
            _legs[pool.Legs[0]].PendingPlaced = false;
        }
    }

    /// <summary>An order in doubt is proved never to have happened.</summary>
    private void Absent(Intent intent, bool reopen)
    {
        Close(intent);
        if (intent.ClientId is not null)
        {
            ClientStands(intent, new ClientAnswer { State = ClientState.Refused, Refusal = Refusal.NotSent, Code = "proved absent: the platform does not know it", Key = intent.Key });
            return;
        }

        if (!_pools.TryGetValue(intent.Pool, out var pool) || intent.Reducing)
        {
            return;
        }

        reopen |= pool.Legs.Any(n => SettingsOf(_legs[n]) is { InDoubt: InDoubtPolicy.Reopen });
        if (reopen)
        {
            PlaceAgain(pool, intent);
            return;
        }

        Alert(AlertLevel.Critical, "opening-lapsed", pool.Account, null, $"Order {intent.Key} on {pool.Account} ({intent.Command.Symbol}) never got an answer and is proved absent. It is not sent again, as the link says.");
        GiveUp(pool, WhyOutcome.Lapsed, WhyReason.InDoubtLapsed, Refusal.None, $"order {intent.Key}");
    }

    /// <summary>What is missing is not opened any more: ceilings fall to what is held, newest first.</summary>
    private void GiveUp(Pool pool, WhyOutcome outcome, WhyReason reason, Refusal refusal, string detail)
    {
        if (pool.Kind == PoolKind.Leg)
        {
            var leg = _legs[pool.Legs[0]];
            var held = HeldBy(pool).Abs;
            if (held.IsZero)
            {
                End(leg, outcome, reason, refusal, detail);
            }
            else
            {
                leg.Ceiling = leg.Ceiling is { } c ? Lots.Min(c, held) : held;
                ResolveItems(leg, outcome, reason, $"{detail}; holds {held} of {leg.TargetFirst}");
            }
        }
        else if (pool.Kind == PoolKind.Symbol)
        {
            var book = _accounts[pool.Account];
            var spec = book.Symbols[pool.Symbol];
            var sum = Lots.Zero;
            foreach (long number in pool.Legs)
            {
                sum += _legs[number].TargetSide.Signed(WantedBy(_legs[number], spec, _legs[number].Share, ModeOf(_legs[number])));
            }

            var missing = sum - HeldBy(pool);
            foreach (long number in pool.Legs.AsEnumerable().Reverse().ToArray())
            {
                var leg = _legs[number];
                if (missing.IsZero || leg.Status != LegStatus.Active || leg.TargetSide.Sign() != missing.Sign)
                {
                    continue;
                }

                // Only what a leg wanted on top of its share is given up; what others hold is not touched.
                var wanted = WantedBy(leg, spec, leg.Share, ModeOf(leg));
                var cut = Lots.Min(wanted - leg.Share, missing.Abs);
                if (cut.Value <= 0)
                {
                    continue;
                }

                missing -= leg.TargetSide.Signed(cut);
                if (cut == wanted)
                {
                    leg.Share = Lots.Zero;
                    End(leg, outcome, reason, refusal, detail);
                }
                else
                {
                    leg.Ceiling = wanted - cut;
                    ResolveItems(leg, outcome, reason, $"{detail}; holds {leg.Ceiling} of {leg.TargetFirst}");
                }
            }
        }

        pool.RetryAt = null;
        pool.OpenTries = 0;
        MarkDirty(pool);
    }
}
