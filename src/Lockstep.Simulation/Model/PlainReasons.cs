using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Simulation;

/// <summary>A reason not to copy must be true: the facts behind it are worked out again. And what was copied must have been allowed.</summary>
internal static class PlainReasons
{
    public static void Check(PlainCase c, PlainLeg leg, PlainFindings found)
    {
        var row = leg.Made;
        bool pooled = c.Books.First(b => b.Account == row.Target).Mode != AccountMode.Hedging;
        bool holds = row.Reason switch
        {
            WhyReason.LinkOff => Any(leg, l => l.Mode == LinkMode.Off),
            WhyReason.CloseOnly => Any(leg, l => l.Mode == LinkMode.CloseOnly),
            WhyReason.Shadow => Any(leg, l => l.Mode == LinkMode.Shadow),
            WhyReason.ExistedBefore => Any(leg, l => l.Existing == ExistingPolicy.Ignore),
            WhyReason.ExistedBeforeWorsePrice => Any(leg, l => l.Existing == ExistingPolicy.JoinAtEqualOrBetter),
            WhyReason.SymbolDenied => Any(leg, l => l.Filters.Deny.Contains(row.Symbol)),
            WhyReason.SymbolNotAllowed => Any(leg, l => l.Filters.Allow.Count > 0 && !l.Filters.Allow.Contains(row.Symbol)),
            WhyReason.SymbolNotMapped or WhyReason.SymbolUnknownOnTarget => PlainWanted.TargetSpec(c, leg) is null,
            WhyReason.SideFiltered => Any(leg, l => l.Filters.OnlySide is { } only && (leg.SourceSide is not { } side || only != side || PlainBars.Target(c, leg))),
            WhyReason.MagicFiltered => Any(leg, l => l.Filters.Magics.Count + l.Filters.DenyMagics.Count > 0),
            WhyReason.CommentFiltered => Any(leg, l => l.Filters.CommentContains is not null || l.Filters.CommentLacks is not null),
            WhyReason.TooOld => Any(leg, l => l.Filters.MaxAge is { } age && Age(c, leg) > age),
            WhyReason.OutsideSchedule => Any(leg, l => l.Filters.Schedule.Count > 0 && !(Open(l.Filters.Schedule, row.SeenAt) && Open(l.Filters.Schedule, row.EndedAt))),
            WhyReason.PriceDeviation => Any(leg, l => l.Filters.MaxDeviationPoints is not null) && Deviates(c, leg),
            WhyReason.SpreadTooWide => Any(leg, l => l.Filters.MaxSpreadPoints is { } most && Spread(c, leg, most)),
            WhyReason.NoQuote => Any(leg, l => l.Filters.MaxDeviationPoints is not null || l.Filters.MaxSpreadPoints is not null || l.Existing == ExistingPolicy.JoinAtEqualOrBetter),
            WhyReason.PendingNotCopied => Any(leg, l => l.Pending == PendingPolicy.Ignore),
            WhyReason.PendingOnFill => pooled || Any(leg, l => l.Pending == PendingPolicy.OnFill),
            WhyReason.OrderTypeUnsupported => row.Kind == SourceEventKind.OrderPlaced,
            WhyReason.BelowMinimum or WhyReason.RaiseAboveCap or WhyReason.ZeroVolume => TooSmall(c, leg),
            WhyReason.NoFunds or WhyReason.NoConversionRate => Any(leg, l => l.Sizing.Mode is SizingMode.BalanceRatio or SizingMode.EquityRatio or SizingMode.FreeMarginRatio or SizingMode.FixedReference),
            WhyReason.RuleForbids => true,

            // No world's broker restricts a symbol.
            WhyReason.NotTradable => false,
            WhyReason.InDoubtLapsed or WhyReason.NeedsPerson => c.Witness.Doubtful(row.Target),
            WhyReason.Expired => Any(leg, l => l.Filters.MaxAge is { } age && Age(c, leg) >= age),
            WhyReason.Refused or WhyReason.AttemptsExhausted => Refusable(c, row),
            WhyReason.NakedLegUnwound => leg.Versions.Any(l => l.NakedTime is not null || l.NakedLoss is not null),
            WhyReason.SourceLost => leg.Versions.Any(l => l.CloseAfterSourceLost is { } span && c.Witness.Lost(row.Source, span)),
            WhyReason.LinkRemoved => leg.Now is null,
            _ => true,
        };
        if (!holds)
        {
            found.Lose($"{leg}: the why-ledger says {row.Outcome} {row.Reason} ({row.Detail}), and that is not so", row.Outcome != WhyOutcome.Done);
        }

        foreach (var later in leg.Rows.Where(r => row.Outcome == WhyOutcome.Done && r is { Reason: WhyReason.Expired, Kind: SourceEventKind.Increased }))
        {
            if (!Any(leg, l => l.Filters.MaxAge is { } age && later.EndedAt - later.SeenAt > age))
            {
                found.Lose($"{leg}: an increase seen at {later.SeenAt} was not followed for its age at {later.EndedAt}", false);
            }
        }

        if (row is { Outcome: WhyOutcome.Done, Reason: WhyReason.Copied } && Forbidden(leg) is { } why)
        {
            found.Duplicate($"{leg}: it was copied although {why}");
        }
    }

    /// <summary>What was carried over decides which of the three reasons it is; that it is one of them the model can tell.</summary>
    private static bool TooSmall(PlainCase c, PlainLeg leg)
    {
        var answers = PlainWanted.Answers(c, leg);
        bool carries = leg.Answering.Any(l => l.Sizing.CarryResidue);
        return answers.Count == 0
            || answers.Any(v => carries ? v.No is WhyReason.BelowMinimum or WhyReason.RaiseAboveCap or WhyReason.ZeroVolume : v.No == leg.Made.Reason);
    }

    private static string? Forbidden(PlainLeg leg)
    {
        var row = leg.Made;
        return Always(leg, l => l.Mode != LinkMode.On) ? "the link was not on"
            : Always(leg, l => l.Filters.Deny.Contains(row.Symbol)) ? "its symbol is denied"
            : Always(leg, l => l.Filters.Allow.Count > 0 && !l.Filters.Allow.Contains(row.Symbol)) ? "its symbol is not allowed"
            : leg.SourceSide is { } side && Always(leg, l => l.Filters.OnlySide is { } only && only != side) ? "its side is filtered"
            : row.Kind == SourceEventKind.OrderPlaced && Always(leg, l => l.Pending != PendingPolicy.Native) ? "pending orders are not copied as such"
            : null;
    }

    /// <summary>How old the trade was at most when it was answered; brokers may cut its time to seconds.</summary>
    private static TimeSpan Age(PlainCase c, PlainLeg leg) =>
        leg.Lives.Count == 0 ? TimeSpan.MaxValue : leg.Made.EndedAt - leg.Lives[0].OpenedAt + TimeSpan.FromSeconds(1) + c.Witness.ClockWrong;

    private static bool Deviates(PlainCase c, PlainLeg leg) =>
        leg.Lives.Count == 0 || Near(c, leg) is not { } quotes || PlainWanted.TargetSpec(c, leg) is not { } spec
        || leg.Answering.Any(l => l.Filters.MaxDeviationPoints is { } most && quotes.Any(q => leg.AllLives.SelectMany(life => life.Prices).Any(price =>
            Math.Max(Math.Abs(q.Ask.Value - price), Math.Abs(q.Bid.Value - price)) > most * spec.Point)));

    private static bool Spread(PlainCase c, PlainLeg leg, int most) =>
        Near(c, leg) is not { } quotes || PlainWanted.TargetSpec(c, leg) is not { } spec || quotes.Any(q => q.Ask.Value - q.Bid.Value > most * spec.Point);

    private static IReadOnlyList<Quote>? Near(PlainCase c, PlainLeg leg) =>
        PlainWanted.TargetSpec(c, leg) is { } spec ? c.Witness.Quotes(leg.Made.Target, spec.Name, leg.Made.SeenAt, leg.Made.EndedAt) : null;

    /// <summary>A broker without moods refuses only for what stands in its own books: money, prices, order of closing.</summary>
    private static bool Refusable(PlainCase c, WhyEntry row) =>
        c.Witness.Moody(row.Target)
        || c.Witness.Doubtful(row.Target)
        // An expiry beyond the night of summer time is an hour off: nobody knows yet how the source's clock will go then.
        || (row.Refusal == Refusal.InvalidExpiry && c.Witness.ClockWrong > TimeSpan.Zero)
        || row.Refusal is Refusal.NoMoney or Refusal.PriceGuard or Refusal.PriceMoved or Refusal.InvalidStops or Refusal.InvalidPrice or Refusal.HedgeProhibited or Refusal.TooManyRequests
            or Refusal.MarketClosed or Refusal.NoQuotes or Refusal.NotSent or Refusal.Busy;

    private static bool Open(IReadOnlyList<ScheduleWindow> windows, Timestamp at)
    {
        var moment = at.ToDateTimeOffset();
        return windows.Any(w => w.Day == moment.DayOfWeek && moment.TimeOfDay >= w.From && moment.TimeOfDay < w.To);
    }

    private static bool Any(PlainLeg leg, Func<LinkSettings, bool> holds) => leg.Answering.Any(holds);

    private static bool Always(PlainLeg leg, Func<LinkSettings, bool> holds) => leg.Answering.Count > 0 && leg.Answering.All(holds);
}
