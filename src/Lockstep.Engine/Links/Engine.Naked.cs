using Lockstep.Domain;

namespace Lockstep.Engine;

/// <content>Hedge pairs: the naked-leg budget, closing the source, a source lost for too long.</content>
public sealed partial class Engine
{
    /// <summary>A source position without its target, on a link that limits how long or how dear that may be.</summary>
    private void UpdateNaked(Leg leg)
    {
        if (SettingsOf(leg) is not { } settings || (settings.NakedTime is null && settings.NakedLoss is null))
        {
            return;
        }

        bool naked = !leg.SourcePending && !leg.SourceVolume.IsZero && leg.Status is LegStatus.Active or LegStatus.Ended && !leg.Unwinding && leg.FinishedAt is null
            && (leg.Pool == 0 || (_pools[leg.Pool].Kind == PoolKind.Symbol ? leg.Share.IsZero : HeldBy(_pools[leg.Pool]).IsZero));
        if (!naked)
        {
            ClearNaked(leg);
            return;
        }

        if (settings.NakedTime is { } time && !leg.NakedTimer)
        {
            leg.NakedTimer = true;
            Wake(TimerKind.NakedLeg, leg.Number, _now + time);
        }

        if (settings.NakedLoss is { } loss && leg.NakedWatch == 0 && NakedLevel(leg, loss) is { } level)
        {
            leg.NakedWatch = NextNumber();
            var watch = new WatchPrice(
                new WatchId(leg.NakedWatch), leg.Source, leg.SourceSymbol, leg.SourceSide, leg.SourceSide == Side.Buy ? Crossing.AtOrBelow : Crossing.AtOrAbove, level);
            _watches.Add(leg.NakedWatch, new WatchCapture(watch, leg.Number));
            _out.Add(watch);
        }
    }

    /// <summary>The closing price at which the source position has lost the amount; null when its currency cannot be reached from the symbol.</summary>
    private Price? NakedLevel(Leg leg, Money loss)
    {
        var book = _accounts[leg.Source];
        if (!book.Symbols.TryGetValue(leg.SourceSymbol, out var spec))
        {
            leg.NakedWatch = -1;
            return null;
        }

        decimal units = leg.SourceVolume.Value * spec.ContractSize;
        decimal inQuote = book.Capabilities!.Currency == spec.ProfitCurrency ? loss.Value
            : book.Capabilities.Currency == spec.BaseCurrency ? loss.Value * leg.SourcePrice.Value
            : 0m;
        if (inQuote <= 0 || units <= 0)
        {
            Alert(AlertLevel.Warning, "naked-loss-unknown", leg.Source, leg.Link, $"The loss limit of a naked {leg.SourceSymbol} position cannot be turned into a price on {leg.Source} ({book.Capabilities.Currency}); only the time limit holds.");
            leg.NakedWatch = -1;
            return null;
        }

        decimal distance = inQuote / units;
        decimal level = leg.SourceSide == Side.Buy ? leg.SourcePrice.Value - distance : leg.SourcePrice.Value + distance;
        return level > 0 ? spec.RoundPrice(new Price(level)) : null;
    }

    private void ClearNaked(Leg leg)
    {
        if (leg.NakedTimer)
        {
            leg.NakedTimer = false;
            Wake(TimerKind.NakedLeg, leg.Number, null);
        }

        if (leg.NakedWatch > 0)
        {
            _watches.Remove(leg.NakedWatch);
            _out.Add(new Unwatch(new WatchId(leg.NakedWatch)));
        }

        leg.NakedWatch = 0;
    }

    private void TakeWatch(WatchFired fired)
    {
        if (_watches.Remove(fired.Watch.Number, out var watch) && _legs.TryGetValue(watch.Leg, out var leg))
        {
            leg.NakedWatch = 0;
            Unwind(leg, $"its loss limit was reached at {fired.Quote.ToClose(leg.SourceSide)}");
        }
    }

    private void NakedTooLong(long number)
    {
        if (_legs.TryGetValue(number, out var leg))
        {
            leg.NakedTimer = false;
            Unwind(leg, "its time limit was reached");
        }
    }

    private void Unwind(Leg leg, string why)
    {
        if (leg.SourceVolume.IsZero || leg.Unwinding)
        {
            return;
        }

        CloseSource(leg, $"it stood without its target on {leg.Target} and {why}");
        End(leg, WhyOutcome.Lapsed, WhyReason.NakedLegUnwound, Refusal.None, why);
        ClearNaked(leg);
    }

    /// <summary>Closes a leg's source position, until it is done.</summary>
    private void CloseSource(Leg leg, string why)
    {
        if (leg.Unwinding || leg.Position is not { } position)
        {
            return;
        }

        leg.Unwinding = true;
        Alert(AlertLevel.Critical, "source-closed", leg.Source, leg.Link, $"Position {position} ({leg.SourceSide} {leg.SourceVolume} {leg.SourceSymbol}) on {leg.Source} is closed: {why}.");
        var pool = new Pool
        {
            Number = NextNumber(),
            Kind = PoolKind.CloseSource,
            Account = leg.Source,
            Symbol = leg.SourceSymbol,
            KeyScope = $"{leg.Link}#{leg.Incarnation}|source",
            KeySource = position.Value,
            KeyGeneration = leg.Generation,
        };
        pool.Holdings.Add(new Holding { Position = position, Side = leg.SourceSide, Volume = leg.SourceVolume });
        _pools.Add(pool.Number, pool);
        MarkDirty(pool);
    }

    private void SourceLostTooLong(long number)
    {
        foreach (var book in SortedAccounts())
        {
            if (book.Number != number || book.Up || book.LostAt is not { } lost || !_linksFrom.TryGetValue(book.Id, out var links))
            {
                continue;
            }

            Timestamp? next = null;
            foreach (var link in links)
            {
                if (link.Settings.CloseAfterSourceLost is not { } span)
                {
                    continue;
                }

                if (_now - lost < span)
                {
                    next = next is { } n && n < lost + span ? n : lost + span;
                    continue;
                }

                foreach (var leg in Sorted(_legs))
                {
                    if (leg.Link == link.Settings.Id && leg.Incarnation == link.Incarnation)
                    {
                        End(leg, WhyOutcome.Lapsed, WhyReason.SourceLost, Refusal.None, $"{book.Id} lost since {lost}");
                    }
                }
            }

            if (next is { } at)
            {
                Wake(TimerKind.LostSource, number, at);
            }
        }
    }
}
