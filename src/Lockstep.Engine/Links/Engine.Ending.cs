using Lockstep.Domain;

namespace Lockstep.Engine;

/// <content>Legs end, are finished, and are forgotten after a while.</content>
public sealed partial class Engine
{
    /// <summary>Finished legs are remembered this long, so that late reports find their owner.</summary>
    private static readonly TimeSpan RetireAfter = TimeSpan.FromMinutes(30);

    /// <summary>So many position numbers are remembered by a link after their legs are forgotten.</summary>
    private const int SpentMost = 4000;

    private static readonly TimeSpan ForgetClientsAfter = TimeSpan.FromHours(48);

    /// <summary>A leg that ended on the target while its source goes on.</summary>
    private void End(Leg leg, WhyOutcome outcome, WhyReason reason, Refusal refusal, string detail)
    {
        if (leg.Status != LegStatus.Active)
        {
            return;
        }

        leg.Status = LegStatus.Ended;
        leg.Reason = reason;
        leg.Refusal = refusal;
        leg.Ceiling = Lots.Zero;
        leg.Undecided = false;
        ResolveItems(leg, outcome, reason, detail);
        if (leg.Pool != 0)
        {
            MarkDirty(_pools[leg.Pool]);
        }

        if (leg.SourceVolume.IsZero)
        {
            return;
        }

        bool byItself = reason is WhyReason.TargetStopHit or WhyReason.TargetClosedByHand;
        if (byItself && !leg.SourcePending && SettingsOf(leg) is { TwoWay: true })
        {
            CloseSource(leg, $"its target on {leg.Target} ended ({reason})");
        }

        UpdateNaked(leg);
    }

    /// <summary>Source and target are both done with it.</summary>
    private void Finish(Leg leg)
    {
        if (leg.FinishedAt is not null)
        {
            return;
        }

        if (leg.Status == LegStatus.Active)
        {
            leg.Status = LegStatus.Finished;
        }

        leg.FinishedAt = _now;
        ClearNaked(leg);
        if (!_timers.ContainsKey(new TimerId(TimerKind.Retire, 0)))
        {
            Wake(TimerKind.Retire, 0, _now + RetireAfter);
        }
    }

    private void Retire()
    {
        Timestamp? next = null;
        foreach (var leg in Sorted(_legs))
        {
            if (leg.FinishedAt is not { } finished)
            {
                continue;
            }

            if (_now - finished < RetireAfter)
            {
                next ??= finished + RetireAfter;
                continue;
            }

            if (leg.Pool != 0 && _pools.TryGetValue(leg.Pool, out var pool))
            {
                if (pool.InFlight is not null)
                {
                    next ??= _now + RetireAfter;
                    continue;
                }

                pool.Legs.Remove(leg.Number);
                if (pool.Kind != PoolKind.Symbol && pool.Legs.Count == 0)
                {
                    Forget(pool);
                }
            }

            _legs.Remove(leg.Number);
            if (leg.Position is { } position)
            {
                Unindex(_legsByPosition, (leg.Source, position), leg);
                Spend(leg, position);
            }

            if (leg.Order is { } order)
            {
                Unindex(_legsByOrder, (leg.Source, order), leg);
            }
        }

        foreach (var (key, entry) in _clients.ToArray())
        {
            if (_now - entry.At > ForgetClientsAfter && entry.Answer.State is ClientState.Done or ClientState.Refused)
            {
                _clients.Remove(key);
                if (entry.Answer.Key is { } used)
                {
                    _keys.Remove(used);
                }

                if (entry.Answer.Closing?.Key is { } closer)
                {
                    _keys.Remove(closer);
                }
            }
        }

        if (_clients.Count > 0)
        {
            next ??= _now + RetireAfter;
        }

        if (next is { } at)
        {
            Wake(TimerKind.Retire, 0, at);
        }
    }

    private void Spend(Leg leg, PositionId position)
    {
        if (leg.TargetFirst.IsZero || !_links.TryGetValue(leg.Link, out var link) || link.Incarnation != leg.Incarnation)
        {
            return;
        }

        link.SpentHigh = position.CompareTo(link.SpentHigh) > 0 ? position : link.SpentHigh;
        link.Spent.Add(new SpentNumber(position, leg.Generation + 1));
        if (link.Spent.Count > SpentMost)
        {
            link.Spent.RemoveRange(0, SpentMost / 2);
        }
    }

    private void Forget(Pool pool)
    {
        foreach (var key in pool.Keys)
        {
            _keys.Remove(key);
        }

        foreach (var holding in pool.Holdings)
        {
            _holders.Remove((pool.Account, holding.Position));
        }

        if (pool.Pending is { } order)
        {
            _pendingHolders.Remove((pool.Account, order));
        }

        Wake(TimerKind.Retry, pool.Number, null);
        _pools.Remove(pool.Number);
    }
}
