using Lockstep.Domain;

namespace Lockstep.Engine;

/// <summary>
/// The questions that a link asks about a source trade, in this order, each "no" with its reason: mode, existing positions, symbol, side, magic, comment, age,
/// schedule, pending policy; then, with the target's quote, deviation and spread. Pure: values in, a reason or null out.
/// </summary>
public static class LegDecider
{
    /// <summary>The questions that need nothing but the source trade.</summary>
    public static (WhyReason Reason, string Detail)? BySource(
        LinkSettings link, SymbolName symbol, Side side, OrderTag tag, Timestamp openedAt, Timestamp now, bool existed, bool pending)
    {
        if (link.Mode == LinkMode.Off)
        {
            return (WhyReason.LinkOff, "");
        }

        if (link.Mode == LinkMode.CloseOnly)
        {
            return (WhyReason.CloseOnly, "");
        }

        if (existed && link.Existing == ExistingPolicy.Ignore)
        {
            return (WhyReason.ExistedBefore, "");
        }

        var f = link.Filters;
        if (f.Deny.Contains(symbol))
        {
            return (WhyReason.SymbolDenied, symbol.Value);
        }

        if (f.Allow.Count > 0 && !f.Allow.Contains(symbol))
        {
            return (WhyReason.SymbolNotAllowed, symbol.Value);
        }

        if (f.OnlySide is { } only && only != side)
        {
            return (WhyReason.SideFiltered, $"{side}, only {only}");
        }

        if (f.DenyMagics.Contains(tag.Magic) || (f.Magics.Count > 0 && !f.Magics.Contains(tag.Magic)))
        {
            return (WhyReason.MagicFiltered, $"magic {tag.Magic}");
        }

        if ((f.CommentContains is { Length: > 0 } must && !tag.Comment.Contains(must, StringComparison.Ordinal))
            || (f.CommentLacks is { Length: > 0 } not && tag.Comment.Contains(not, StringComparison.Ordinal)))
        {
            return (WhyReason.CommentFiltered, tag.Comment);
        }

        if (!existed && !pending && f.MaxAge is { } maxAge && now - openedAt > maxAge)
        {
            return (WhyReason.TooOld, $"{(now - openedAt).TotalSeconds:0} s, at most {maxAge.TotalSeconds:0} s");
        }

        if (!InSchedule(f.Schedule, now))
        {
            return (WhyReason.OutsideSchedule, now.ToString());
        }

        return pending && link.Pending == PendingPolicy.Ignore ? (WhyReason.PendingNotCopied, "") : null;
    }

    /// <summary>The questions that need the target's quote.</summary>
    public static (WhyReason Reason, string Detail)? ByQuote(LinkSettings link, Side targetSide, Price sourcePrice, Quote? quote, SymbolSpec spec, bool existed, bool pending)
    {
        var f = link.Filters;
        bool joinByPrice = existed && link.Existing == ExistingPolicy.JoinAtEqualOrBetter;
        bool byDeviation = f.MaxDeviationPoints is not null && !pending && !existed;
        if (!joinByPrice && !byDeviation && f.MaxSpreadPoints is null)
        {
            return null;
        }

        if (quote is not { } q)
        {
            return (WhyReason.NoQuote, spec.Name.Value);
        }

        decimal worse = targetSide == Side.Buy ? q.ToOpen(targetSide) - sourcePrice : sourcePrice - q.ToOpen(targetSide);
        if (joinByPrice && worse > 0)
        {
            return (WhyReason.ExistedBeforeWorsePrice, $"{q.ToOpen(targetSide)} against {sourcePrice}");
        }

        if (byDeviation && f.MaxDeviationPoints is { } max && (f.DeviationOneSided ? worse : Math.Abs(worse)) > max * spec.Point)
        {
            return (WhyReason.PriceDeviation, $"{q.ToOpen(targetSide)} against {sourcePrice}: {worse / spec.Point:0.#} points, at most {max}");
        }

        return f.MaxSpreadPoints is { } spread && q.Spread > spread * spec.Point
            ? (WhyReason.SpreadTooWide, $"{q.Spread / spec.Point:0.#} points, at most {spread}")
            : null;
    }

    /// <summary>True when a moment lies in one of the windows, or there are none.</summary>
    public static bool InSchedule(IReadOnlyList<ScheduleWindow> windows, Timestamp now)
    {
        if (windows.Count == 0)
        {
            return true;
        }

        // 1970-01-01 was a Thursday.
        long days = Math.DivRem(now.Micros, 86_400_000_000L, out long micros);
        if (micros < 0)
        {
            days--;
            micros += 86_400_000_000L;
        }

        var day = (DayOfWeek)((((days + 4) % 7) + 7) % 7);
        var time = new TimeSpan(micros * 10);
        for (int i = 0; i < windows.Count; i++)
        {
            if (windows[i].Day == day && time >= windows[i].From && time < windows[i].To)
            {
                return true;
            }
        }

        return false;
    }
}
