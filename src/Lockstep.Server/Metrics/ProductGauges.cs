using System.Diagnostics.Metrics;
using Lockstep.CTrader.Session;
using Lockstep.Domain;
using Lockstep.MetaTrader.Session;
using Lockstep.Runtime;
using Lockstep.Server.Cli;
using Lockstep.Server.Configuration;
using Lockstep.Server.Hosting;

namespace Lockstep.Server.Metrics;

/// <summary>What is so at a moment: asked of the product each time somebody looks at the meter.</summary>
internal sealed class ProductGauges
{
    private static readonly string[] States = ["up", "syncing", "down", "disabled"];
    private readonly Meter _meter;
    private readonly ProductMetrics _metrics;
    private readonly Product _product;

    private ProductGauges(ProductMetrics metrics, Product product) => (_meter, _metrics, _product) = (metrics.Meter, metrics, product);

    /// <summary>Puts the instruments up.</summary>
    public static void Create(ProductMetrics metrics, Product product)
    {
        var gauges = new ProductGauges(metrics, product);
        gauges.Accounts();
        gauges.Groups();
        gauges.Storage();
        gauges.Terminals();
        gauges.CTrader();
        gauges.Streams();
    }

    private void Accounts()
    {
        _meter.CreateObservableGauge("lockstep.sessions", Sessions, "{session}", "Accounts, by platform and state of the session: up (can be traded on), syncing, down, disabled.");
        PerAccount("lockstep.account.up", "", "1 when the account can be traded on: its session is up and its book is known; else 0.", a => State(a) == "up" ? 1 : 0);
        PerAccount("lockstep.session.missed_beats", "{beat}", "Heartbeats missed in a row now.", a => _product.Health(a.Id)?.MissedBeats);
        PerAccount("lockstep.session.round_trip", "s", "Round trip between the server and the platform's side.", a => _product.Health(a.Id)?.RoundTrip?.TotalSeconds);
        PerAccount("lockstep.session.broker_ping", "s", "Round trip between the terminal and its broker, where it is known.", a => _product.Health(a.Id)?.BrokerPing?.TotalSeconds);
        PerAccount("lockstep.session.tick_age", "s", "Age of the last tick of any symbol, as the platform's side says.", a => _product.Health(a.Id)?.TickAge?.TotalSeconds);
        PerAccount("lockstep.session.snapshot_age", "s", "Time since the platform told the account's whole state or confirmed it with a heartbeat.", a => _product.SnapshotAge(a.Id)?.TotalSeconds);
        _meter.CreateObservableCounter(
            "lockstep.session.reconnects", () => Enabled().Select(a => (Account: a, _product.Health(a.Id)?.Reconnects)).Where(a => a.Reconnects is not null)
                .Select(a => new Measurement<long>(a.Reconnects!.Value, Of(a.Account))), "{reconnect}", "How often the session was lost and came back.");
        _meter.CreateObservableCounter(
            "lockstep.quotes", () => _product.Config.Accounts.Select(a => new Measurement<long>(_metrics.Tally(a.Id).Quotes, Of(a))), "{quote}", "Quotes taken in; rate() of it is ticks a second.");
    }

    private void Groups()
    {
        _meter.CreateObservableGauge("lockstep.groups", () => _product.Groups.GroupBy(g => g.Core.HaltReason is null && !g.Completion.IsCompleted ? "running" : "halted")
            .Select(g => new Measurement<int>(g.Count(), new KeyValuePair<string, object?>("state", g.Key))), "{group}", "Groups of accounts: running, or halted until a person has looked.");
        _meter.CreateObservableGauge(
            "lockstep.inbox.waiting", () => _product.Groups.Select(g => new Measurement<int>(g.Core.Waiting, new KeyValuePair<string, object?>("group", g.Core.Group))), "{event}", "Events that wait for a group.");
        _meter.CreateObservableGauge(
            "lockstep.webhook.waiting", () => _product.Webhooks.Select(w => new Measurement<int>(w.Waiting, new KeyValuePair<string, object?>("webhook", w.Name))), "{alert}", "Alerts that wait for a webhook.");
        _meter.CreateObservableGauge(
            "lockstep.build.info", () => new Measurement<int>(1, new KeyValuePair<string, object?>("version", LockstepVersion.Text)), "", "Always 1; the label says which version runs.");
    }

    private void Storage()
    {
        var store = _product.Store;
        _meter.CreateObservableCounter("lockstep.journal.commits", () => store.Commits, "{commit}", "Commits of the store.");
        _meter.CreateObservableGauge("lockstep.journal.failed", () => store.Failure is null ? 0 : 1, "", "1 when nothing can be written any more and nothing is traded; else 0.");
        _meter.CreateObservableGauge("lockstep.storage.size", () => DataFolder.Files(store.Folder).Select(f => new Measurement<long>(f.Bytes, new KeyValuePair<string, object?>("file", f.Name))), "By", "Size of the database and its write-ahead log.");
        _meter.CreateObservableGauge("lockstep.disk.free", () => DataFolder.Free(store.Folder) is { } free ? [new Measurement<long>(free)] : Array.Empty<Measurement<long>>(), "By", "Room on the disk of the data folder.");
        _meter.CreateObservableCounter("lockstep.events", () => store.LastEvent, "{event}", "Events in the durable log, ever.");
        _meter.CreateObservableGauge("lockstep.events.lag", () => store.Readers().Select(r => new Measurement<long>(Math.Max(0, store.LastEvent - r.Done), Reader(r))), "{event}", "Events that a reader with a cursor has not done yet, by reader: amqp is the outbox.");
        _meter.CreateObservableGauge("lockstep.events.lag_age", () => store.Readers().Select(r => new Measurement<double>(r.WaitingSince is { } since ? Math.Max(0, (DateTimeOffset.UtcNow - since.ToDateTimeOffset()).TotalSeconds) : 0, Reader(r))),
            "s", "Age of the oldest event that a reader has not done yet.");

        static KeyValuePair<string, object?> Reader(Storage.EventReader reader) => new("reader", reader.Name);
    }

    private void Terminals()
    {
        _meter.CreateObservableGauge("lockstep.terminal.links", () => One(Counters()?.Links), "{connection}", "Connections of terminals that are open.");
        _meter.CreateObservableGauge("lockstep.terminal.active", () => One(Counters()?.Active), "{session}", "Accounts with an open session of a terminal.");
        _meter.CreateObservableCounter("lockstep.terminal.frames", () => Directions(TerminalCount.FramesIn, TerminalCount.FramesOut), "{message}", "Messages of the EA link, by direction.");
        _meter.CreateObservableCounter("lockstep.terminal.transferred", () => Directions(TerminalCount.BytesIn, TerminalCount.BytesOut), "By", "Bytes of the EA link, by direction.");
        _meter.CreateObservableCounter("lockstep.terminal.refused", () => Counted("refused_", c => c[8..], "reason"), "{hello}", "Terminals that were turned away, by the code they were told.");
        _meter.CreateObservableCounter("lockstep.terminal.counts", () => Counted("", c => c, "what"), "{event}", "Everything else that is counted at the EA link: hellos, takeovers, dead_by_beats, bad_messages, rate_limited, digest_mismatches, late_answers …");

        TerminalCounters? Counters() => _product.Terminals?.Hub.Counters;
        IEnumerable<Measurement<long>> Directions(TerminalCount into, TerminalCount outOf) => Counters() is not { } c ? []
            : [new Measurement<long>(c[into], new KeyValuePair<string, object?>("direction", "in")), new Measurement<long>(c[outOf], new KeyValuePair<string, object?>("direction", "out"))];
        IEnumerable<Measurement<long>> Counted(string begins, Func<string, string> word, string label) => (Counters()?.Snapshot() ?? [])
            .Where(c => begins.Length > 0 ? c.Key.StartsWith(begins, StringComparison.Ordinal) : !c.Key.StartsWith("refused_", StringComparison.Ordinal) && !Elsewhere(c.Key))
            .Select(c => new Measurement<long>(c.Value, new KeyValuePair<string, object?>(label, word(c.Key))));
        static bool Elsewhere(string name) => name is "links" or "active" or "frames_in" or "frames_out" or "bytes_in" or "bytes_out";
    }

    private void CTrader()
    {
        _meter.CreateObservableGauge("lockstep.ctrader.connection.up", () => Lines(l => l.State == OpenApiLineState.Ready ? 1 : 0), "", "1 when the connection to an environment of the Open API is ready; else 0.");
        _meter.CreateObservableGauge("lockstep.ctrader.connection.accounts", () => Lines(l => l.Accounts), "{account}", "Accounts that use the connection.");
        _meter.CreateObservableGauge("lockstep.ctrader.connection.round_trip", () => Lines(l => l.RoundTrip?.TotalSeconds), "s", "Last round trip of a request.");
        _meter.CreateObservableCounter("lockstep.ctrader.connection.reconnects", () => Lines(l => l.Reconnects), "{reconnect}", "How often the connection was lost and came back.");
        _meter.CreateObservableCounter("lockstep.ctrader.counts", () => Counted(), "{event}", "What is counted at the Open API: connections, losses, frames_sent, frames_received, time_outs, late_answers, rate_refusals, spots …");
        _meter.CreateObservableGauge("lockstep.ctrader.token.expires_in", () => (_product.CTrader?.Keeper.Grants ?? []).Where(g => g.Usable)
            .Select(g => new Measurement<double>((g.ExpiresAt.ToDateTimeOffset() - DateTimeOffset.UtcNow).TotalSeconds, new KeyValuePair<string, object?>("grant", g.Id.Value))), "s", "Time until an access token expires; it is refreshed long before.");

        IEnumerable<Measurement<double>> Lines(Func<OpenApiLine, double?> read) => (_product.CTrader?.Hub.Connections ?? [])
            .Select(l => (Line: l, Value: read(l))).Where(l => l.Value is not null)
            .Select(l => new Measurement<double>(l.Value!.Value, new KeyValuePair<string, object?>("environment", ProductMetrics.Word(l.Line.Environment.ToString()))));
        IEnumerable<Measurement<long>> Counted() => _product.CTrader?.Hub.Counters is not { } counters ? []
            : Enum.GetValues<CTraderCount>().Select(c => new Measurement<long>(counters[c], new KeyValuePair<string, object?>("what", ProductMetrics.Word(c.ToString()))));
    }

    private void Streams()
    {
        _meter.CreateObservableGauge("lockstep.stream.connections", () => _product.Streams.Connections, "{connection}", "WebSockets of users that are open: subscribers.");
        _meter.CreateObservableCounter("lockstep.stream.conflated", () => _product.Streams.Conflated, "{value}", "Prices and other latest values that were passed over for readers that were slower than the market.");
        _meter.CreateObservableCounter("lockstep.stream.cut_off", () => _product.Streams.CutOff, "{connection}", "Readers that were cut off because events waited that they did not read.");
    }

    private IEnumerable<Measurement<int>> Sessions() =>
        from platform in _product.Config.Accounts.GroupBy(a => a.Platform)
        from state in States
        select new Measurement<int>(platform.Count(a => State(a) == state), new("platform", platform.Key), new("state", state));

    private string State(AccountConfig account) => account.Enabled ? _metrics.Tally(account.Id).State : "disabled";

    private IEnumerable<AccountConfig> Enabled() => _product.Config.Accounts.Where(a => a.Enabled);

    private void PerAccount(string name, string unit, string says, Func<AccountConfig, double?> read) => _meter.CreateObservableGauge(
        name, () => Enabled().Select(a => (Account: a, Value: read(a))).Where(a => a.Value is not null).Select(a => new Measurement<double>(a.Value!.Value, Of(a.Account))), unit, says);

    private static KeyValuePair<string, object?>[] Of(AccountConfig account) => [new("account", account.Id.Value), new("platform", account.Platform)];

    private static IEnumerable<Measurement<long>> One(long? value) => value is { } known ? [new Measurement<long>(known)] : [];
}
