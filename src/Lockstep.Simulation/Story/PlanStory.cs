using System.Globalization;
using Lockstep.Engine;

namespace Lockstep.Simulation;

/// <summary>Tells what a seed decided before its world begins.</summary>
internal static class PlanStory
{
    public static void Tell(WorldPlan plan, Story story)
    {
        if (!story.On)
        {
            return;
        }

        story.Head(string.Create(CultureInfo.InvariantCulture, $"seed {plan.Seed}: {plan.Weather}, from {plan.Start}, {plan.Trouble} of trouble, then peace; a round of quotes each {plan.QuoteEvery.TotalSeconds:0.0} s"));
        foreach (var a in plan.Accounts)
        {
            story.Head($"  {a.Id}: {a.Broker.Platform} {a.Broker.Mode}, {a.Broker.OpeningBalance} {a.Broker.Currency}{(a.TradesEvery is null ? "" : ", traded on")}{(a.AsksEvery is null ? "" : ", traded on by a program")}{(a.MeddlesEvery is null ? "" : ", owner meddles")}{(a.Broker.StopsWithOpen ? "" : ", no stops with the opening")}");
            story.Head($"     {string.Join("; ", a.Broker.Symbols.Select(s => $"{s.Spec.Name} contract {s.Spec.ContractSize} lots {s.Spec.MinLots}/{s.Spec.LotStep}/{s.Spec.MaxLots} level {s.Spec.StopsLevelPoints}/{s.Spec.FreezeLevelPoints} {s.Execution}"))}");
            if (a.Terminal is { } t)
            {
                story.Head($"     {t.Terminals} terminals, latency to {t.LatencyMax.TotalMilliseconds} ms, breaks {t.BreakPercent} %, twice {t.DuplicatePercent} %, late {t.LatePercent} %, commands repeated {t.RepeatPercent} %, hollow {t.HollowPercent} %, clock {t.Offset.TotalHours} h{(t.ClockChangesAfter is { } after ? $", set by {t.ClockChangesBy.TotalHours} h after {after}" : "")}");
            }

            if (a.OpenApi is { } environment)
            {
                story.Head($"     over the Open API, {environment}");
            }

            if (a.Faults != Simulator.BrokerFaults.None)
            {
                story.Head($"     faults: {Faults(a.Faults)}");
            }
        }

        if (plan.OpenApi is { } api)
        {
            story.Head($"  open api: latency to {api.LatencyMax.TotalMilliseconds} ms, breaks {api.BreakPercent} %, {(api.Faults == Simulator.SimOpenApiFaults.None ? "no faults" : api.Faults)}");
        }

        foreach (var link in plan.Settings.Links)
        {
            story.Head($"  {Describe(link)}");
        }

        foreach (var crash in plan.Server.Crashes)
        {
            story.Head($"  crash after {crash.After}, back {crash.Lasts.TotalSeconds:0.0} s later");
        }

        foreach (var jump in plan.Server.Jumps)
        {
            story.Head($"  the server's clock jumps by {jump.By.TotalSeconds:0.0} s after {jump.After}");
        }
    }

    /// <summary>A link in one line.</summary>
    public static string Describe(LinkSettings l)
    {
        var s = l.Sizing;
        string sizing = $"{s.Mode}{(s.Mode == SizingMode.Fixed ? $" {s.FixedLots}" : s.Mode == SizingMode.Same ? "" : $" x{s.Factor}")} {s.Rounding}{(s.RaiseToMinimum ? $" raise x{s.RaiseCap}" : "")}{(s.MaxLots is { } m ? $" max {m}" : "")}{(s.CarryResidue ? " carry" : "")}{(s.NormaliseContracts ? "" : " no contracts")}";
        var f = l.Filters;
        string filters = $"age {f.MaxAge?.ToString() ?? "any"}{(f.OnlySide is { } side ? $" only {side}" : "")}{(f.Allow.Count > 0 ? $" allow {string.Join(",", f.Allow)}" : "")}{(f.Deny.Count > 0 ? $" deny {string.Join(",", f.Deny)}" : "")}{(f.MaxDeviationPoints is { } d ? $" deviation {d}" : "")}{(f.MaxSpreadPoints is { } p ? $" spread {p}" : "")}{(f.Schedule.Count > 0 ? " schedule" : "")}";
        return $"{l.Id}: {l.Kind} {l.Source} to {l.Target}, {l.Mode}, {sizing}, {filters}, stops {l.Stops}, pending {l.Pending}/{l.SourceFilledFirst}, existing {l.Existing}, in doubt {l.InDoubt}, attempts {l.MaxOpenAttempts}"
            + $"{(l.TwoWay ? ", two-way" : "")}{(l.NakedTime is { } n ? $", naked {n}" : "")}{(l.NakedLoss is { } loss ? $", naked loss {loss}" : "")}{(l.CloseAfterSourceLost is { } lost ? $", close when lost {lost}" : "")}{(l.CloseOnRemoval ? ", close on removal" : "")}";
    }

    private static string Faults(Simulator.BrokerFaults f)
    {
        var words = new List<string>();
        foreach (var property in typeof(Simulator.BrokerFaults).GetProperties())
        {
            if (property.GetValue(f) is decimal and not 0m and var percent)
            {
                words.Add(string.Create(CultureInfo.InvariantCulture, $"{property.Name[..^"Percent".Length]} {percent} %"));
            }
        }

        return words.Count == 0 ? "none" : string.Join(", ", words);
    }
}
