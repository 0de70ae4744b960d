using System.Globalization;
using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Simulation;

/// <summary>Reports and decisions in a person's words.</summary>
internal static class Sentences
{
    public static string Of(PlatformEvent report) => report switch
    {
        SessionOpened o => $"session {o.Epoch} is up",
        SessionClosed o => $"session {o.Epoch} is lost: {o.Reason}",
        BookChanged b => $"change {b.Sequence}: {Book(b.Positions, b.Orders)}{List("closed", b.ClosedPositions)}{List("gone", b.GoneOrders)}{Deals(b.Deals)}",
        BookSnapshot s => $"answers question {s.Ask} with its book at {s.Sequence}: {Book(s.Positions, s.Orders)}{Deals(s.Deals)}",
        Heartbeat h => $"heartbeat at {h.Sequence}",
        AskFailed f => $"question {f.Ask} failed: {f.Reason}",
        OrderAnswered a => $"answers {a.Key}: {a.Outcome}{(a.Refusal == Refusal.None ? "" : $" {a.Refusal}")} {a.Code}{(a.Position is { } p ? $" position {p}" : "")}{(a.Filled.IsZero ? "" : $" filled {a.Filled}")}",
        _ => report.GetType().Name,
    };

    public static string? Of(Decision decision) => decision switch
    {
        SendOrder s => $"sends to {s.Command.Account} {s.Command.Key}: {Of(s.Command)}",
        AskAccount a => $"asks {a.Account} (question {a.Ask})",
        WhyRecorded { Entry: var e } => $"why {e.Link} {e.EventSeq}.{e.Part} {e.Kind} {(e.Position is { } p ? $"position {p}" : $"order {e.Order}")} {e.Symbol}: {e.Outcome} {e.Reason}{(e.Detail.Length > 0 ? $" ({e.Detail})" : "")}, wants {e.Wanted}",
        AlertRaised a => $"ALERT {a.Level} {a.Code}: {a.Text}",
        DivergenceFound d => $"found a divergence on {d.Account}: {d.What}, believed {d.Believed}, reported {d.Reported}",
        GroupHalted h => $"HALTS: {h.Invariant}: {h.Text}",
        WatchPrice w => $"watches {w.Symbol} on {w.Account} for {w.Crossing} {w.Level}",
        _ => null,
    };

    public static string Of(OrderCommand command) => command switch
    {
        OpenMarket o => $"open {o.Side} {o.Volume} {o.Symbol}, SL {Price(o.StopLoss)} TP {Price(o.TakeProfit)}{(o.WorstPrice is { } w ? $", not worse than {w}" : "")}",
        PlacePending p => $"place {p.Side} {p.Type} {p.Volume} {p.Symbol} at {p.Price}, SL {Price(p.StopLoss)} TP {Price(p.TakeProfit)}{(p.Expiry is { } e ? $", until {e}" : "")}",
        ReducePosition r => $"reduce position {r.Position} to {r.TargetVolume}",
        CloseBy c => $"close positions {c.Position} and {c.Opposite} by each other",
        SetStops s => $"set position {s.Position} to SL {Price(s.StopLoss)} TP {Price(s.TakeProfit)}",
        AmendPending a => $"amend order {a.Order} to {a.Price}, SL {Price(a.StopLoss)} TP {Price(a.TakeProfit)}",
        CancelPending c => $"cancel order {c.Order}",
        _ => command.GetType().Name,
    };

    private static string Price(Price? price) => price?.ToString() ?? "none";

    private static string Book(IReadOnlyList<PositionReport> positions, IReadOnlyList<PendingReport> orders) => string.Join("; ",
        positions.Select(p => $"position {p.Id} {p.Side} {p.Volume} {p.Symbol} at {p.OpenPrice} SL {Price(p.StopLoss)} TP {Price(p.TakeProfit)}{(p.Tag.Key is { } k ? $" {k}" : "")}")
            .Concat(orders.Select(o => $"order {o.Id} {o.Side} {o.Type} {o.Volume} {o.Symbol} at {o.Price}{(o.Tag.Key is { } k ? $" {k}" : "")}")));

    private static string List<T>(string word, IReadOnlyList<T> ids) => ids.Count == 0 ? "" : $" {word} {string.Join(", ", ids)}";

    private static string Deals(IReadOnlyList<DealReport> deals) => deals.Count == 0 ? ""
        : string.Create(CultureInfo.InvariantCulture, $" deals {string.Join(", ", deals.Select(d => $"{d.Id} {d.Entry} {d.Side} {d.Volume} on {d.Position} {d.Reason}{(d.Tag.Key is { } k ? $" {k}" : "")}"))}");
}
