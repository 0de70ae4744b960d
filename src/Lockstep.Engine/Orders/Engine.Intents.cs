using Lockstep.Domain;

namespace Lockstep.Engine;

/// <content>Orders on their way: decided, sent once, answered.</content>
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
}
