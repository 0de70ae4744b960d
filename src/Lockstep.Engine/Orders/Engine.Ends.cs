using Lockstep.Domain;

namespace Lockstep.Engine;

/// <content>The ends of an order: done, refused, proved absent; and what is given up.</content>
public sealed partial class Engine
{
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
            case OpenMarket open when book.Capabilities!.Mode != AccountMode.Netting && Lots.Max(intent.Filled, intent.DealVolume) - intent.Attached is { Value: > 0 } lost:
                // Opened and closed again, wholly or in part, before we could look (a stop, the owner). On netting the sum and our deals tell.
                LostUnseen(pool, book, open.Side, lost);
                break;
        }
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
                pool.TruthFrom = _now;
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
                if (answer.Refusal == Refusal.NotSent)
                {
                    // Nobody was asked: the link's age limit ends it, not its number of attempts.
                    pool.OpenTries--;
                }

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

    /// <summary>What is missing is not opened any more: ceilings fall to what is held, newest first; of a sum, only those of the legs that gave the reason.</summary>
    private void GiveUp(Pool pool, WhyOutcome outcome, WhyReason reason, Refusal refusal, string detail, Func<Leg, bool>? which = null)
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
                if (missing.IsZero || leg.Status != LegStatus.Active || leg.TargetSide.Sign() != missing.Sign || which?.Invoke(leg) == false)
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
