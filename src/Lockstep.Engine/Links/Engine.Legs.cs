using Lockstep.Domain;

namespace Lockstep.Engine;

/// <content>Legs are made and answered, once.</content>
public sealed partial class Engine
{
    private void MakeLeg(LinkState link, AccountBook source, PositionReport position, bool existed, OpenItem item)
    {
        // A netting position that turned, or one that came back under its old number (MT5 does that), is another trade under the same number.
        int generation = position.Id.CompareTo(link.SpentHigh) > 0 ? 0 : link.Spent.FindLast(s => s.Position == position.Id).NextGeneration;
        foreach (var earlier in LegsOf(source.Id, position.Id) ?? [])
        {
            if (earlier.Link == link.Settings.Id && earlier.Incarnation == link.Incarnation)
            {
                generation = Math.Max(generation, earlier.Generation + 1);
            }
        }

        var leg = new Leg
        {
            Number = NextNumber(),
            Link = link.Settings.Id,
            Incarnation = link.Incarnation,
            Source = source.Id,
            Position = position.Id,
            Generation = generation,
            SourceSymbol = position.Symbol,
            SourceSide = position.Side,
            SourcePrice = position.OpenPrice,
            SourceAt = position.OpenedAt,
            SourceVolume = position.Volume,
            SourceStopLoss = position.StopLoss,
            SourceTakeProfit = position.TakeProfit,
            Target = link.Settings.Target,
            Existed = existed,
        };
        _legs.Add(leg.Number, leg);
        Index(_legsByPosition, (source.Id, position.Id), leg);
        Answer(link, leg, position.Tag, item);
    }

    private void MakeOrderLeg(LinkState link, AccountBook source, PendingReport order, bool existed, OpenItem item)
    {
        var leg = new Leg
        {
            Number = NextNumber(),
            Link = link.Settings.Id,
            Incarnation = link.Incarnation,
            Source = source.Id,
            Order = order.Id,
            SourceSymbol = order.Symbol,
            SourceSide = order.Side,
            SourcePrice = order.Price,
            SourceAt = order.PlacedAt,
            SourceVolume = order.Volume,
            SourcePending = true,
            PendingNow = order,
            SourceStopLoss = order.StopLoss,
            SourceTakeProfit = order.TakeProfit,
            Target = link.Settings.Target,
            Existed = existed,
        };
        _legs.Add(leg.Number, leg);
        Index(_legsByOrder, (source.Id, order.Id), leg);
        Answer(link, leg, order.Tag, item);
    }

    /// <summary>Asks the link's questions. The answer, a refusal included, is frozen in the leg.</summary>
    private void Answer(LinkState link, Leg leg, OrderTag tag, OpenItem? item)
    {
        if (item is { } first)
        {
            leg.Items.Add(first);
        }

        var settings = link.Settings;
        if (LegDecider.BySource(settings, leg.SourceSymbol, leg.SourceSide, tag, leg.SourceAt, _now, leg.Existed, leg.SourcePending) is { } no)
        {
            Skip(leg, no.Reason, no.Detail);
            return;
        }

        var target = _accounts[settings.Target];
        bool together = target.Capabilities is { Mode: AccountMode.Netting or AccountMode.Fifo };
        if (leg.SourcePending && (settings.Pending == PendingPolicy.OnFill || (together && target.Capabilities is not null)))
        {
            Skip(leg, WhyReason.PendingOnFill, "");
            return;
        }

        if (!target.Synced)
        {
            // The target cannot be asked yet; the source trade waits, and its age goes on counting.
            leg.Undecided = true;
            UpdateNaked(leg);
            return;
        }

        leg.TargetSymbol = SymbolMapper.Map(settings.Symbols, leg.SourceSymbol);
        leg.TargetSide = Inversion.Side(settings.Kind, leg.SourceSide);
        if (!target.Symbols.TryGetValue(leg.TargetSymbol, out var spec))
        {
            Skip(leg, WhyReason.SymbolUnknownOnTarget, $"{leg.SourceSymbol} becomes {leg.TargetSymbol}, which {target.Id} does not have");
            return;
        }

        if (leg.PendingNow is { } pending
            && (Inversion.Pending(settings.Kind, pending.Type) is not { } type || (type == PendingType.StopLimit && !SameStopLimit(_accounts[settings.Source].Capabilities, target.Capabilities!))))
        {
            Skip(leg, WhyReason.OrderTypeUnsupported, $"{settings.Kind} of {pending.Type}");
            return;
        }

        if (LegDecider.ByQuote(settings, leg.TargetSide, leg.SourcePrice, QuoteOf(target.Id, leg.TargetSymbol), spec, leg.Existed, leg.SourcePending) is { } noQuote)
        {
            Skip(leg, noQuote.Reason, noQuote.Detail);
            return;
        }

        if (!Size(link, leg, target, spec))
        {
            return;
        }

        if (OpeningRules.Forbids(target, spec, leg.TargetSide, leg.TargetFirst) is { } forbidden)
        {
            Skip(leg, forbidden.Reason, forbidden.Text);
            return;
        }

        if (settings.Filters.MaxDeviationPoints is { } points && !leg.Existed)
        {
            leg.WorstPrice = spec.RoundPrice(leg.SourcePrice + (leg.TargetSide.Sign() * points * spec.Point));
        }

        if (settings.Filters.MaxAge is { } age && !leg.Existed && !leg.SourcePending)
        {
            leg.OpenUntil = leg.SourceAt + age;
        }

        if (settings.Mode == LinkMode.Shadow)
        {
            leg.Status = LegStatus.Skipped;
            leg.Reason = WhyReason.Shadow;
            ResolveItems(leg, WhyOutcome.Shadowed, WhyReason.Shadow, $"would hold {leg.TargetSide} {leg.TargetFirst} {leg.TargetSymbol}");
            return;
        }

        JoinPool(link, leg, together);
        UpdateNaked(leg);
    }

    private bool Size(LinkState link, Leg leg, AccountBook target, SymbolSpec spec)
    {
        var settings = link.Settings.Sizing;
        if (!_accounts[leg.Source].Symbols.TryGetValue(leg.SourceSymbol, out var sourceSpec))
        {
            Skip(leg, WhyReason.SourceSymbolUnknown, $"{leg.Source} never described {leg.SourceSymbol}");
            return false;
        }

        var residue = link.Residues.Find(r => r.Symbol == leg.TargetSymbol && r.Side == leg.TargetSide);
        var sourceFunds = FundsOf(leg.Source);
        var targetFunds = FundsOf(target.Id);
        var rate = sourceFunds is not null && targetFunds is not null ? Rate(sourceFunds.Currency, targetFunds.Currency, leg.Source, target.Id) : null;
        if (_plant == Plant.RoundUp)
        {
            settings = settings with { Rounding = RoundingPolicy.Up };
        }

        var answer = Sizing.Decide(settings, leg.SourceVolume, sourceSpec, spec, sourceFunds, targetFunds, rate, residue?.Lots ?? 0m);
        if (settings.CarryResidue)
        {
            if (residue is null)
            {
                link.Residues.Add(residue = new ResidueOf(leg.TargetSymbol, leg.TargetSide));
            }

            residue.Lots = answer.Residue;
        }

        leg.Residue = answer.Residue;
        if (answer.Skip is { } reason)
        {
            Skip(leg, reason, answer.Detail);
            return false;
        }

        leg.SourceFirst = leg.SourceVolume;
        leg.TargetFirst = answer.Lots;
        leg.Cap = answer.Cap;
        leg.Rounding = settings.Rounding;
        return true;
    }

    private void JoinPool(LinkState link, Leg leg, bool together)
    {
        Pool pool;
        if (together)
        {
            if (!_symbolPools.TryGetValue((leg.Target, leg.TargetSymbol), out pool!))
            {
                pool = new Pool { Number = NextNumber(), Kind = PoolKind.Symbol, Account = leg.Target, Symbol = leg.TargetSymbol, KeyScope = $"{leg.Target}|{leg.TargetSymbol}" };
                _pools.Add(pool.Number, pool);
                _symbolPools.Add((leg.Target, leg.TargetSymbol), pool);
                pool.Foreign = NetOf(_accounts[leg.Target], leg.TargetSymbol);
            }
        }
        else
        {
            pool = new Pool
            {
                Number = NextNumber(),
                Kind = PoolKind.Leg,
                Account = leg.Target,
                Symbol = leg.TargetSymbol,
                KeyScope = $"{leg.Link}#{link.Incarnation}{(leg.Order is null ? "" : "|order")}",
                KeySource = leg.Order?.Value ?? leg.Position!.Value.Value,
                KeyGeneration = leg.Generation,
            };
            _pools.Add(pool.Number, pool);
        }

        pool.Legs.Add(leg.Number);
        leg.Pool = pool.Number;
        MarkDirty(pool);
    }

    private void Skip(Leg leg, WhyReason reason, string detail)
    {
        leg.Undecided = false;
        leg.Status = LegStatus.Skipped;
        leg.Reason = reason;
        ClearNaked(leg);
        ResolveItems(leg, reason == WhyReason.PendingOnFill ? WhyOutcome.Nothing : WhyOutcome.Skipped, reason, detail);
    }

    private void DecideUndecided(AccountId account)
    {
        foreach (var leg in Sorted(_legs))
        {
            if (leg.Undecided && (leg.Target == account || leg.Source == account) && _links.TryGetValue(leg.Link, out var link) && link.Incarnation == leg.Incarnation)
            {
                var book = _accounts[leg.Source];
                var tag = leg.Position is { } p && book.Positions.TryGetValue(p, out var position) ? position.Tag : leg.PendingNow?.Tag;
                if (tag is not null)
                {
                    leg.Undecided = false;
                    Answer(link, leg, tag, null);
                }
            }
        }
    }

    private LinkSettings? SettingsOf(Leg leg) => _links.TryGetValue(leg.Link, out var link) && link.Incarnation == leg.Incarnation ? link.Settings : null;

    /// <summary>A leg whose link is gone is left as it is (<see cref="LinkMode.Off"/>), unless the link ended it.</summary>
    private LinkMode ModeOf(Leg leg) => SettingsOf(leg)?.Mode ?? LinkMode.Off;

    /// <summary>Do both accounts mean the same by a stop-limit order?</summary>
    private static bool SameStopLimit(AccountCapabilities? source, AccountCapabilities target) =>
        source is not null && ((source.StopLimitOrders && target.StopLimitOrders) || (source.StopRangeOrders && target.StopRangeOrders));
}
