using Lockstep.Domain;

namespace Lockstep.Engine;

/// <content>The why-ledger: every source event gets one row per link, when its outcome is known.</content>
public sealed partial class Engine
{
    /// <summary>The leg is level: what waited for it is done.</summary>
    private void ResolveLevel(Leg leg)
    {
        if (leg.Items.Count == 0)
        {
            return;
        }

        bool gone = leg.SourceVolume.IsZero;
        bool sent = leg.FirstSentAt is not null || _pools[leg.Pool].Kind == PoolKind.Symbol;
        foreach (var item in leg.Items)
        {
            var (outcome, reason) = (sent, item.Kind) switch
            {
                (true, SourceEventKind.Opened or SourceEventKind.OrderFilled or SourceEventKind.OrderPlaced or SourceEventKind.Reversed) => (WhyOutcome.Done, WhyReason.Copied),
                (true, SourceEventKind.Closed or SourceEventKind.OrderEnded) => (WhyOutcome.Done, WhyReason.ClosedWithSource),
                (true, _) => (WhyOutcome.Done, WhyReason.Adjusted),
                (false, SourceEventKind.OrderFilled) when !gone => (WhyOutcome.Done, WhyReason.Copied),
                (false, _) when gone => (WhyOutcome.Nothing, WhyReason.Overtaken),
                _ => (WhyOutcome.Nothing, WhyReason.NoDifference),
            };
            Why(leg, item, outcome, reason, "");
        }

        leg.Items.Clear();
        leg.FirstSentAt = null;
    }

    /// <summary>Our pending order stands where the source's did, and for its fill: that much is done, whatever becomes of it.</summary>
    private void ResolvePlaced(Leg leg)
    {
        if (!leg.Items.Exists(IsPlacing))
        {
            return;
        }

        foreach (var item in leg.Items)
        {
            if (IsPlacing(item))
            {
                var (outcome, reason) = item.Kind != SourceEventKind.OrderChanged ? (WhyOutcome.Done, WhyReason.Copied)
                    : leg.FirstSentAt is null ? (WhyOutcome.Nothing, WhyReason.NoDifference)
                    : (WhyOutcome.Done, WhyReason.Adjusted);
                Why(leg, item, outcome, reason, "");
            }
        }

        leg.Items.RemoveAll(IsPlacing);
        leg.FirstSentAt = null;
    }

    private static bool IsPlacing(OpenItem item) => item.Kind is SourceEventKind.OrderPlaced or SourceEventKind.OrderChanged or SourceEventKind.OrderFilled;

    private void ResolveItems(Leg leg, WhyOutcome outcome, WhyReason reason, string detail)
    {
        foreach (var item in leg.Items)
        {
            Why(leg, item, outcome, reason, detail);
        }

        leg.Items.Clear();
        leg.FirstSentAt = null;
    }

    private void Why(Leg leg, OpenItem item, WhyOutcome outcome, WhyReason reason, string detail) => _out.Add(new WhyRecorded(new WhyEntry
    {
        EventSeq = item.EventSeq,
        Part = item.Part,
        Link = leg.Link,
        Kind = item.Kind,
        Source = leg.Source,
        Position = leg.Position,
        Order = leg.Order,
        Symbol = leg.SourceSymbol,
        Outcome = outcome,
        Reason = reason,
        Refusal = outcome == WhyOutcome.Refused ? leg.Refusal : Refusal.None,
        Detail = detail,
        Target = leg.Target,
        Wanted = WantedForWhy(leg),
        Residue = leg.Residue,
        SeenAt = item.SeenAt,
        SentAt = leg.FirstSentAt,
        EndedAt = _now,
    }));

    private Lots WantedForWhy(Leg leg)
    {
        if (leg.Status is LegStatus.Ended or LegStatus.Skipped)
        {
            return leg.Reason == WhyReason.Shadow ? leg.TargetFirst : Lots.Zero;
        }

        return leg.SourceFirst.IsZero || !_accounts[leg.Target].Symbols.TryGetValue(leg.TargetSymbol, out var spec) ? Lots.Zero
            : leg.Ceiling is { } c ? Lots.Min(c, Sizing.Scale(leg, spec))
            : Sizing.Scale(leg, spec);
    }
}
