using System.Globalization;
using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Server.Hosting;
using Lockstep.Server.Rest;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Lockstep.Server.Demo;

/// <summary>Draws a <see cref="DemoPicture"/>: pairs of positions, what each link did and why, latency by stage, what is in flight.</summary>
internal static class DemoView
{
    /// <summary>The whole screen, cut to a height.</summary>
    public static IRenderable Draw(DemoPicture picture, int height)
    {
        // Two thirds for pairs and reasons, the rest is of fixed height.
        int free = Math.Max(6, height - 23);
        int pairs = Math.Max(3, free / 2);
        return new Rows(
            Head(picture),
            new Columns(Accounts(picture), Latency(picture)) { Expand = false },
            Pairs(picture, pairs),
            new Columns(InFlight(picture), Trader(picture)) { Expand = false },
            Why(picture, Math.Max(3, free - pairs)));
    }

    private static Markup Head(DemoPicture picture)
    {
        string elapsed = picture.Elapsed.ToString(@"hh\:mm\:ss", CultureInfo.InvariantCulture);
        var tally = picture.Tally;
        string skipped = tally.Skipped.Count == 0 ? "0" : string.Join(" ", tally.Skipped.Select(s => $"{s.Key} {s.Value}"));
        return new Markup(
            $"[bold]Lockstep demo[/]  {elapsed}  [yellow]{Markup.Escape(picture.Phase)}[/]  {Markup.Escape(picture.Quotes)}\n"
            + $"source events [bold]{tally.SourceEvents}[/]  copied [green]{tally.Copied}[/]  followed [green]{tally.Followed}[/]  nothing to do {tally.Nothing}  "
            + $"skipped {Markup.Escape(skipped)}  refused [red]{tally.Refused}[/]   [grey]Ctrl-C ends[/]\n"
            + $"API {Markup.Escape(picture.Api)}");
    }

    private static Table Accounts(DemoPicture picture)
    {
        var table = Table("accounts", "account", "kind", "link", "round trip", "balance", "equity", "positions", "orders");
        foreach (var account in picture.Accounts)
        {
            table.AddRow(
                Cell(account.Name, account.Up ? "bold" : "red"), Cell(account.Kind), Cell(account.Link, account.Up ? "green" : "red"),
                Cell(account.RoundTrip is { } trip ? $"{Ms(trip.TotalMilliseconds)} ms" : account.HasTerminal ? "…" : ""), Cell(Money(account.Funds?.Balance)), Cell(Money(account.Funds?.Equity)),
                Cell(account.Positions.Count), Cell(account.Orders));
        }

        return table;
    }

    private static Table Latency(DemoPicture picture)
    {
        var table = Table("latency, ms", "stage", "n", "p50", "p99", "max");
        foreach (var stage in picture.Stages)
        {
            table.AddRow(Cell(stage.Name), Cell(stage.Count), Cell(Ms(stage.P50Ms)), Cell(Ms(stage.P99Ms)), Cell(Ms(stage.MaxMs)));
        }

        return table;
    }

    private static Table Pairs(DemoPicture picture, int rows)
    {
        var table = Table("pairs of positions", "source", "side", "volume", "symbol", "link", "target", "side", "wanted", "held", "in step");
        var shown = picture.Legs.Where(l => l.Status == LegStatus.Active).Reverse().ToList();
        foreach (var leg in shown.Take(rows))
        {
            var state = leg.InFlight is not null ? Cell("→", "yellow") : leg.Position is null ? Cell("waits", "grey") : leg.Wanted == leg.Held ? Cell("=", "green") : Cell("≠", "red");
            table.AddRow(
                Cell(leg.Position is { } p ? $"{leg.Source} #{p}" : $"{leg.Source} order #{leg.Order}"),
                Side(leg.SourceSide), Cell(leg.SourceVolume), Cell(leg.SourceSymbol),
                Cell(leg.Link, "grey"),
                Cell(leg.TargetPositions.Count > 0 ? $"{leg.Target} #{string.Join(" #", leg.TargetPositions)}" : leg.Target),
                Side(leg.TargetSide), Cell($"{leg.Wanted} {leg.TargetSymbol}"), Cell(leg.Held),
                state);
        }

        if (shown.Count > rows)
        {
            table.Caption($"and {shown.Count - rows} more");
        }

        return table;
    }

    private static Table InFlight(DemoPicture picture)
    {
        var table = Table($"in flight: {picture.InFlight.Count}", "account", "order", "since, ms");
        foreach (var intent in picture.InFlight.Take(4))
        {
            table.AddRow(Cell(intent.Account), Cell(OrderText.Of(intent.Command), intent.Unknown ? "red" : ""), Cell((int)(picture.Now - intent.DecidedAt).TotalMilliseconds));
        }

        while (table.Rows.Count < 4)
        {
            table.AddRow("", "", "");
        }

        return table;
    }

    private static Table Trader(DemoPicture picture)
    {
        var table = Table("the trader", "does");
        foreach (string line in picture.Trader.TakeLast(5))
        {
            table.AddRow(Cell(line));
        }

        while (table.Rows.Count < 5)
        {
            table.AddRow("");
        }

        return table;
    }

    private static Table Why(DemoPicture picture, int rows)
    {
        var table = Table("what each link did, and why", "event", "link", "source", "outcome", "why", "ms");
        foreach (var row in picture.Why.TakeLast(rows).Reverse())
        {
            string colour = row.Outcome switch { WhyOutcome.Done => "green", WhyOutcome.Skipped => "yellow", WhyOutcome.Refused or WhyOutcome.Lapsed => "red", _ => "grey" };
            table.AddRow(
                Cell(row.EventSeq), Cell(row.Link, "grey"), Cell($"{RestJson.Word(row.Kind)} {(row.Position is { } p ? $"#{p}" : $"order #{row.Order}")} {row.Symbol}"),
                Cell(RestJson.Word(row.Outcome), colour), Cell(row.Detail.Length > 0 ? $"{RestJson.Word(row.Reason)}: {row.Detail}" : RestJson.Word(row.Reason)),
                Cell(Ms((row.EndedAt - row.SeenAt).TotalMilliseconds)));
        }

        return table;
    }

    private static Markup Side(Side side) => Cell(OrderText.Word(side), side == Domain.Side.Buy ? "blue" : "magenta");

    private static Table Table(string title, params string[] columns)
    {
        var table = new Table { Border = TableBorder.None, Title = new TableTitle(title, new Style(decoration: Decoration.Bold)), ShowHeaders = columns.Length > 1 };
        foreach (string column in columns)
        {
            table.AddColumn(new TableColumn($"[grey underline]{Markup.Escape(column)}[/]") { NoWrap = true, Padding = new Padding(0, 0, 2, 0) });
        }

        return table;
    }

    private static Markup Cell(object text, string style = "")
    {
        string escaped = Markup.Escape(Convert.ToString(text, CultureInfo.InvariantCulture) ?? "");
        return new Markup(style.Length == 0 ? escaped : $"[{style}]{escaped}[/]") { Overflow = Overflow.Ellipsis };
    }

    private static string Money(Money? money) => money is { } m ? m.Value.ToString("#,##0.00", CultureInfo.InvariantCulture) : "";

    private static string Ms(double ms) => ms.ToString(ms < 10 ? "0.00" : "0", CultureInfo.InvariantCulture);
}
