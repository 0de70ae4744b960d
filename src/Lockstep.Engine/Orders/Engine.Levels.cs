using Lockstep.Domain;

namespace Lockstep.Engine;

/// <content>Protection levels and pending orders on the target.</content>
public sealed partial class Engine
{
    /// <summary>Level changes refused so often in a row are given up until the source changes its levels again.</summary>
    private const int StopsRefusedMost = 8;

    /// <summary>The levels that a leg wants on its target, rounded to the target's tick.</summary>
    private Levels LevelsOf(Leg leg, SymbolSpec spec)
    {
        if (SettingsOf(leg) is not { Stops: StopsPolicy.Copy } settings)
        {
            return default;
        }

        var levels = _plant == Plant.MisswapStops
            ? new Levels(leg.SourceStopLoss, leg.SourceTakeProfit)
            : Inversion.Levels(settings.Kind, leg.SourceStopLoss, leg.SourceTakeProfit);
        return new Levels(levels.StopLoss is { } s ? spec.RoundPrice(s) : null, levels.TakeProfit is { } t ? spec.RoundPrice(t) : null);
    }

    /// <summary>
    /// Sets levels that differ from what was last asked for. A level that the owner moved is left until the source moves its own; one that vanished is set
    /// again. True when nothing is left to do.
    /// </summary>
    private bool ConvergeLevels(Pool pool, Leg leg, SymbolSpec spec)
    {
        if (leg.Status != LegStatus.Active || leg.SourceVolume.IsZero || SettingsOf(leg) is not { Stops: StopsPolicy.Copy })
        {
            return true;
        }

        var levels = LevelsOf(leg, spec);
        foreach (var holding in pool.Holdings)
        {
            if (holding.Asked != levels)
            {
                AskLevels(pool, holding.Position, levels);
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// Levels of a netted or FIFO symbol: carried only while exactly one leg stands behind the sum and nobody else holds any of it; otherwise what we set is taken
    /// away again, since a level of one leg would close the others.
    /// </summary>
    private bool ConvergeNetLevels(Pool pool, AccountBook book, SymbolSpec spec)
    {
        Leg? only = null;
        int standing = 0;
        foreach (long number in pool.Legs)
        {
            var leg = _legs[number];
            if (leg.Status == LegStatus.Active && !WantedBy(leg, spec, leg.Share, ModeOf(leg)).IsZero)
            {
                only = leg;
                standing++;
            }
        }

        if (standing == 0 || (standing == 1 && SettingsOf(only!) is not { Stops: StopsPolicy.Copy }))
        {
            return true;
        }

        var levels = standing == 1 && pool.Foreign.IsZero ? LevelsOf(only!, spec) : default;
        if (book.Capabilities!.Mode == AccountMode.Netting)
        {
            if (NetPosition(book, pool.Symbol) is { } net && (pool.NetLevels ?? default) != levels)
            {
                AskLevels(pool, net.Id, levels);
                return false;
            }

            return true;
        }

        foreach (var holding in pool.Holdings)
        {
            if ((holding.Asked ?? default) != levels)
            {
                AskLevels(pool, holding.Position, levels);
                return false;
            }
        }

        return true;
    }

    private void AskLevels(Pool pool, PositionId position, Levels levels) => Send(pool, "stops", reducing: true, key => new SetStops
    {
        Account = pool.Account, Key = key, Symbol = pool.Symbol, Deadline = Deadline(_accounts[pool.Account]), Position = position,
        StopLoss = levels.StopLoss, TakeProfit = levels.TakeProfit,
    });

    /// <summary>Remembers what was asked for, or (given up) behaves as if it had been.</summary>
    private static void LevelsAsked(Pool pool, SetStops command)
    {
        var levels = new Levels(command.StopLoss, command.TakeProfit);
        if (pool.Holdings.Find(h => h.Position == command.Position) is { } holding)
        {
            holding.Asked = levels;
            holding.Confirmed = true;
        }
        else
        {
            pool.NetLevels = levels;
        }
    }

    private bool Place(Pool pool, Leg leg, SymbolSpec spec)
    {
        var book = _accounts[pool.Account];
        var source = leg.PendingNow!;
        if (pool.OpenTries >= (SettingsOf(leg)?.MaxOpenAttempts ?? 1))
        {
            GiveUp(pool, WhyOutcome.Refused, WhyReason.AttemptsExhausted, leg.Refusal, $"{pool.OpenTries} attempts");
            return false;
        }

        if (OpeningRules.Forbids(book, spec, leg.TargetSide, leg.TargetFirst) is { } forbidden)
        {
            GiveUp(pool, WhyOutcome.Skipped, forbidden.Reason, Refusal.None, forbidden.Text);
            return false;
        }

        pool.OpenTries++;
        leg.PendingPlaced = true;
        var kind = SettingsOf(leg)?.Kind ?? LinkKind.Copy;
        var levels = pool.OpenBare ? default : LevelsOf(leg, spec);
        return Send(pool, "place", reducing: false, key => new PlacePending
        {
            Account = pool.Account, Key = key, Symbol = pool.Symbol, Deadline = Deadline(book),
            Side = leg.TargetSide, Type = Inversion.Pending(kind, source.Type)!.Value, Volume = leg.TargetFirst,
            Price = spec.RoundPrice(source.Price), LimitPrice = source.LimitPrice is { } l ? spec.RoundPrice(l) : null,
            StopLoss = levels.StopLoss, TakeProfit = levels.TakeProfit,
            Expiry = book.Capabilities!.PendingExpiry ? source.Expiry : null,
        });
    }

    /// <summary>True when our pending order needed a command, or must be waited for.</summary>
    private bool ConvergePending(Pool pool, AccountBook book, Leg leg, OrderId order, LinkMode mode)
    {
        var spec = book.Symbols[pool.Symbol];
        bool wanted = leg.Status == LegStatus.Active && !leg.SourceVolume.IsZero;
        bool overtaken = wanted && !leg.SourcePending && SettingsOf(leg) is not { SourceFilledFirst: SourceFilledFirst.Wait };
        if (!wanted || overtaken || pool.Holdings.Count > 0 || mode == LinkMode.CloseOnly)
        {
            return Send(pool, "cancel", reducing: true, key => new CancelPending
            {
                Account = pool.Account, Key = key, Symbol = pool.Symbol, Deadline = Deadline(book), Order = order,
            });
        }

        if (!leg.SourcePending || leg.PendingNow is not { } source || pool.PendingAsked is not { } asked)
        {
            return false;
        }

        var levels = LevelsOf(leg, spec);
        var price = spec.RoundPrice(source.Price);
        var limit = source.LimitPrice is { } l ? spec.RoundPrice(l) : (Price?)null;
        var expiry = book.Capabilities!.PendingExpiry ? source.Expiry : null;
        if (asked.Price == price && asked.LimitPrice == limit && asked.StopLoss == levels.StopLoss && asked.TakeProfit == levels.TakeProfit && asked.Expiry == expiry)
        {
            return false;
        }

        return Send(pool, "amend", reducing: true, key => new AmendPending
        {
            Account = pool.Account, Key = key, Symbol = pool.Symbol, Deadline = Deadline(book), Order = order,
            Price = price, LimitPrice = limit, StopLoss = levels.StopLoss, TakeProfit = levels.TakeProfit, Expiry = expiry,
        });
    }

    private static void PendingAmended(Pool pool, AmendPending command)
    {
        if (pool.PendingAsked is { } asked)
        {
            pool.PendingAsked = asked with
            {
                Price = command.Price,
                LimitPrice = command.LimitPrice,
                StopLoss = command.StopLoss,
                TakeProfit = command.TakeProfit,
                Expiry = command.Expiry,
            };
        }
    }
}
