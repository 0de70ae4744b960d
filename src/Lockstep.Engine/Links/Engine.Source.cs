using Lockstep.Domain;

namespace Lockstep.Engine;

/// <content>What happens on a source becomes events of legs.</content>
public sealed partial class Engine
{
    private void SourcePosition(AccountBook book, List<LinkState> links, PositionReport? before, PositionReport now, bool snapshot)
    {
        if (before is null)
        {
            var fromOrder = now.OpeningOrder is { } order ? LegsOf(book.Id, order) : null;
            bool filled = fromOrder is { Count: > 0 };
            var item = NextItem(filled ? SourceEventKind.OrderFilled : SourceEventKind.Opened);
            foreach (var link in links)
            {
                if (!link.Started)
                {
                    continue;
                }

                if (!filled || !FillLeg(fromOrder!, link, now, item))
                {
                    MakeLeg(link, book, now, existed: false, item);
                }
            }

            return;
        }

        if (LegsOf(book.Id, now.Id) is not { Count: > 0 } legs)
        {
            return;
        }

        if (before.Side != now.Side)
        {
            Reverse(book, links, legs, now);
            return;
        }

        if (before.Volume != now.Volume && !(snapshot && _plant == Plant.IgnoreSnapshotChanges))
        {
            var item = NextItem(now.Volume > before.Volume ? SourceEventKind.Increased : SourceEventKind.Reduced);
            foreach (var leg in legs)
            {
                if (leg.FinishedAt is null && !leg.SourceVolume.IsZero)
                {
                    leg.SourceVolume = now.Volume;
                    if (now.Volume > before.Volume)
                    {
                        Grow(leg, before, now);
                    }

                    AddItem(leg, item);
                }
            }
        }

        if (before.StopLoss != now.StopLoss || before.TakeProfit != now.TakeProfit)
        {
            var item = NextItem(SourceEventKind.StopsChanged);
            foreach (var leg in legs)
            {
                if (leg.FinishedAt is null && !leg.SourceVolume.IsZero)
                {
                    leg.SourceStopLoss = now.StopLoss;
                    leg.SourceTakeProfit = now.TakeProfit;
                    AddItem(leg, item);
                }
            }
        }
    }

    /// <summary>An increase has an age and a price of its own.</summary>
    private void Grow(Leg leg, PositionReport before, PositionReport now)
    {
        if (SettingsOf(leg) is not { } settings)
        {
            return;
        }

        leg.OpenUntil = settings.Filters.MaxAge is { } age ? _now + age : null;
        if (settings.Filters.MaxDeviationPoints is { } points && leg.Pool != 0 && _accounts[leg.Target].Symbols.TryGetValue(leg.TargetSymbol, out var spec))
        {
            var added = now.Volume - before.Volume;
            var price = new Price(((now.OpenPrice.Value * now.Volume.Value) - (before.OpenPrice.Value * before.Volume.Value)) / added.Value);
            leg.WorstPrice = price.Value > 0 ? spec.RoundPrice(price + (leg.TargetSide.Sign() * points * spec.Point)) : leg.WorstPrice;
        }
    }

    /// <summary>A netting position changed its side: the old legs close, and the new side is asked for like a new position.</summary>
    private void Reverse(AccountBook book, List<LinkState> links, List<Leg> legs, PositionReport now)
    {
        var item = NextItem(SourceEventKind.Reversed);
        foreach (var link in links)
        {
            foreach (var leg in legs.ToArray())
            {
                if (leg.Link == link.Settings.Id && leg.FinishedAt is null)
                {
                    leg.SourceVolume = Lots.Zero;
                    SourceEnded(leg);
                }
            }

            if (link.Started)
            {
                MakeLeg(link, book, now, existed: false, item);
            }
        }
    }

    private void SourcePositionGone(AccountBook book, PositionReport before)
    {
        if (LegsOf(book.Id, before.Id) is not { Count: > 0 } legs)
        {
            return;
        }

        var item = NextItem(SourceEventKind.Closed);
        foreach (var leg in legs.ToArray())
        {
            if (leg.FinishedAt is null && !leg.SourceVolume.IsZero)
            {
                leg.SourceVolume = Lots.Zero;
                AddItem(leg, item);
                SourceEnded(leg);
            }
        }
    }

    private void SourceOrder(AccountBook book, List<LinkState> links, PendingReport? before, PendingReport now)
    {
        if (before is null)
        {
            var item = NextItem(SourceEventKind.OrderPlaced);
            foreach (var link in links)
            {
                if (link.Started)
                {
                    MakeOrderLeg(link, book, now, existed: false, item);
                }
            }

            return;
        }

        if (before.Price == now.Price && before.LimitPrice == now.LimitPrice && before.StopLoss == now.StopLoss && before.TakeProfit == now.TakeProfit
            && before.Expiry == now.Expiry && before.Volume == now.Volume)
        {
            return;
        }

        if (LegsOf(book.Id, now.Id) is not { Count: > 0 } legs)
        {
            return;
        }

        var changed = NextItem(SourceEventKind.OrderChanged);
        foreach (var leg in legs)
        {
            if (leg.SourcePending && leg.FinishedAt is null)
            {
                leg.PendingNow = now;
                leg.SourceVolume = now.Volume;
                leg.SourcePrice = now.Price;
                leg.SourceStopLoss = now.StopLoss;
                leg.SourceTakeProfit = now.TakeProfit;
                AddItem(leg, changed);
            }
        }
    }

    private void SourceOrderGone(AccountBook book, PendingReport before)
    {
        if (LegsOf(book.Id, before.Id) is not { Count: > 0 } legs)
        {
            return;
        }

        OpenItem? item = null;
        foreach (var leg in legs.ToArray())
        {
            if (leg.SourcePending && leg.FinishedAt is null)
            {
                item ??= NextItem(SourceEventKind.OrderEnded);
                leg.SourcePending = false;
                leg.PendingNow = null;
                leg.SourceVolume = Lots.Zero;
                AddItem(leg, item.Value);
                SourceEnded(leg);
            }
        }
    }

    /// <summary>A source pending order became a position: its leg goes on with it, unless it only waited for the fill.</summary>
    private bool FillLeg(List<Leg> legs, LinkState link, PositionReport now, OpenItem item)
    {
        foreach (var leg in legs.ToArray())
        {
            if (leg.Link != link.Settings.Id || leg.Incarnation != link.Incarnation || !leg.SourcePending || leg.FinishedAt is not null)
            {
                continue;
            }

            leg.SourcePending = false;
            leg.PendingNow = null;
            if (leg is { Status: LegStatus.Skipped, Reason: WhyReason.PendingOnFill })
            {
                Finish(leg);
                return false;
            }

            leg.Position = now.Id;
            leg.SourceVolume = now.Volume;
            leg.SourcePrice = now.OpenPrice;
            leg.SourceAt = now.OpenedAt;
            leg.SourceStopLoss = now.StopLoss;
            leg.SourceTakeProfit = now.TakeProfit;
            Index(_legsByPosition, (leg.Source, now.Id), leg);
            AddItem(leg, item);
            return true;
        }

        return false;
    }

    /// <summary>A leg's source is gone: what it still has to do is bring the target to nothing.</summary>
    private void SourceEnded(Leg leg)
    {
        ClearNaked(leg);
        if (leg.Undecided)
        {
            leg.Undecided = false;
            ResolveItems(leg, WhyOutcome.Nothing, WhyReason.Overtaken, "the source closed before the target could be asked");
            Finish(leg);
            return;
        }

        if (leg.Pool == 0)
        {
            Finish(leg);
            return;
        }

        MarkDirty(_pools[leg.Pool]);
    }

    private OpenItem NextItem(SourceEventKind kind) => new(Seq, _part++, kind, _now);

    private void AddItem(Leg leg, OpenItem item)
    {
        if (leg.Status == LegStatus.Skipped)
        {
            Why(leg, item, leg.Reason == WhyReason.Shadow ? WhyOutcome.Shadowed : WhyOutcome.Nothing, leg.Reason == WhyReason.Shadow ? WhyReason.Shadow : WhyReason.LegSkipped, "");
            return;
        }

        if (leg.Status is LegStatus.Ended or LegStatus.Finished)
        {
            Why(leg, item, WhyOutcome.Nothing, WhyReason.LegEnded, leg.Reason?.ToString() ?? "");
            if (leg.Pool != 0)
            {
                MarkDirty(_pools[leg.Pool]);
            }

            return;
        }

        if (leg.Undecided)
        {
            leg.Items.Add(item);
            return;
        }

        var mode = ModeOf(leg);
        if (mode is LinkMode.Off or LinkMode.Shadow)
        {
            Why(leg, item, mode == LinkMode.Off ? WhyOutcome.Skipped : WhyOutcome.Shadowed, mode == LinkMode.Off ? WhyReason.LinkOff : WhyReason.Shadow, "");
        }
        else
        {
            leg.Items.Add(item);
        }

        MarkDirty(_pools[leg.Pool]);
    }

    private List<Leg>? LegsOf(AccountId account, PositionId position) => _legsByPosition.GetValueOrDefault((account, position));

    private List<Leg>? LegsOf(AccountId account, OrderId order) => _legsByOrder.GetValueOrDefault((account, order));

    private static void Index<TKey>(Dictionary<TKey, List<Leg>> index, TKey key, Leg leg)
        where TKey : notnull
    {
        if (!index.TryGetValue(key, out var legs))
        {
            index[key] = legs = [];
        }

        // By number, so that a restored index walks as the living one does.
        int at = legs.Count;
        while (at > 0 && legs[at - 1].Number > leg.Number)
        {
            at--;
        }

        legs.Insert(at, leg);
    }

    private static void Unindex<TKey>(Dictionary<TKey, List<Leg>> index, TKey key, Leg leg)
        where TKey : notnull
    {
        if (index.TryGetValue(key, out var legs))
        {
            legs.Remove(leg);
            if (legs.Count == 0)
            {
                index.Remove(key);
            }
        }
    }
}
