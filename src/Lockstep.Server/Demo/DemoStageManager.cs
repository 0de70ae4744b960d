using System.Diagnostics;
using System.Globalization;
using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Runtime;
using Lockstep.Server.Configuration;
using Lockstep.Server.Hosting;
using Lockstep.Server.Rest;
using Spectre.Console;

namespace Lockstep.Server.Demo;

/// <summary>Shows the demo while it plays: a live view on a terminal, lines of text elsewhere, nothing when only JSON is wanted.</summary>
internal sealed class DemoStageManager(Product product, DemoWatcher watcher, IDemoTerminals terminals, string quotes, string api)
{
    private static readonly (LatencyStage Stage, string Name)[] Stages =
    [
        (LatencyStage.Numbered, "inbox"), (LatencyStage.Decided, "engine"), (LatencyStage.Durable, "commit"), (LatencyStage.Sent, "send"), (LatencyStage.Answered, "broker"), (LatencyStage.Through, "event → order"),
    ];

    private readonly Stopwatch _elapsed = Stopwatch.StartNew();
    private readonly Lock _console = new();

    /// <summary>What is going on.</summary>
    public string Phase { get; set; } = "trading";

    /// <summary>Plays, and shows it as fits.</summary>
    public async Task ShowAsync(bool nothing, Func<Task> play)
    {
        if (nothing)
        {
            await play();
        }
        else if (AnsiConsole.Profile.Capabilities.Ansi && !Console.IsOutputRedirected)
        {
            await LiveAsync(play);
        }
        else
        {
            Lines();
            await play();
        }
    }

    private async Task LiveAsync(Func<Task> play)
    {
        var playing = play();
        await AnsiConsole.Live(new Markup("")).AutoClear(true).Overflow(VerticalOverflow.Crop).Cropping(VerticalOverflowCropping.Bottom).StartAsync(async live =>
        {
            while (!playing.IsCompleted)
            {
                live.UpdateTarget(DemoView.Draw(await PictureAsync(), AnsiConsole.Profile.Height));
                await Task.WhenAny(playing, Task.Delay(250));
            }
        });
        await playing;
    }

    private void Lines()
    {
        Line("demo", $"{quotes}; data in {product.Config.DataFolder}");
        foreach (var account in product.Config.Accounts.Where(a => a.Terminal is not null))
        {
            Line("terminal", $"{account.Id} is live: {product.Health(account.Id)?.Peer}, {account.Terminal!.Login} on {account.Terminal.Server}");
        }

        watcher.Traded += what => Line("trader", what);
        watcher.Explained += row => Line(row.Link.Value, Sentence(row));
        watcher.Alerted += alert => Line("alert", $"{alert.Code} {alert.Text}");
    }

    private void Line(string who, string what)
    {
        lock (_console)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_elapsed.Elapsed.TotalSeconds,8:0.000}  {who,-8} {what}"));
        }
    }

    private static string Sentence(WhyEntry row)
    {
        string source = row.Position is { } p ? $"#{p}" : $"order #{row.Order}";
        string took = ((row.EndedAt - row.SeenAt).TotalMilliseconds).ToString("0.0", CultureInfo.InvariantCulture);
        return $"{RestJson.Word(row.Kind)} {source} {row.Symbol}: {RestJson.Word(row.Outcome)}, {RestJson.Word(row.Reason)}{(row.Detail.Length > 0 ? $" ({row.Detail})" : "")}, {row.Target} should hold {row.Wanted}, {took} ms";
    }

    private string Link(AccountConfig account, bool up) =>
        account.Terminal is null ? "in process" : up ? "terminal live" : $"terminal {terminals.Says(account.Id)}";

    private async Task<DemoPicture> PictureAsync()
    {
        var accounts = new List<DemoAccount>();
        foreach (var account in product.Config.Accounts)
        {
            var view = await product.AccountAsync(account.Id);
            bool up = view is { Up: true, Synced: true };
            accounts.Add(new DemoAccount(
                account.Id.Value, account.Kind, Link(account, up), account.Terminal is not null, product.Health(account.Id)?.RoundTrip, up, product.Funds(account.Id),
                view?.Positions ?? [], view?.Orders.Count ?? 0));
        }

        var (tally, why, trader) = watcher.Look((t, w, l) => (t.Copy(), w, l));
        return new DemoPicture
        {
            Elapsed = _elapsed.Elapsed,
            Phase = Phase,
            Folder = product.Config.DataFolder,
            Api = api,
            Quotes = $"{quotes}: {product.World.QuotesDelivered} delivered",
            Accounts = accounts,
            Legs = await product.LegsAsync(),
            InFlight = await product.InFlightAsync(),
            Trader = trader,
            Why = why,
            Stages = [.. Stages.Select(s => (s.Name, Summary: product.Latency(s.Stage))).Select(s => new DemoStage(s.Name, s.Summary.Count, s.Summary.P50.TotalMilliseconds, s.Summary.P99.TotalMilliseconds, s.Summary.Max.TotalMilliseconds))],
            Tally = tally,
            Now = Timestamp.From(DateTimeOffset.UtcNow),
        };
    }
}
