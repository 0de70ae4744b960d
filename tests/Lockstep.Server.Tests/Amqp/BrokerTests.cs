using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Server.Amqp;
using Lockstep.Server.Configuration;
using Lockstep.Server.Hosting;
using Lockstep.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using RabbitMQ.Client;

namespace Lockstep.Server.Tests.Amqp;

/// <summary>The publisher against a real broker, in its bad hours.</summary>
public class BrokerTests(RabbitBroker broker) : IClassFixture<RabbitBroker>
{
    [FactNeeding(RabbitBroker.Program)]
    public async Task Events_prices_and_states_come_out_with_their_keys_and_marks()
    {
        // Several bindings lead to the queue, by the key and by the aliases: a message comes once.
        string exchange = $"test.{Guid.NewGuid():N}";
        await using var listener = await Listener.StartAsync(broker, exchange, keys: ["account.#", "price.#", "positions.#", "position.#", "alert", "lockstep.#"]);
        await using var host = await PublisherHost.StartAsync(broker, exchange, change: c => c with { Aliases = [AmqpKeyStyle.Bare, AmqpKeyStyle.Underscore], PriceInterval = TimeSpan.FromMilliseconds(10) });
        await host.UntilAsync(s => s.Connected && s.States > 0);
        host.Feed.Quoted(new AccountId("prop"), new SymbolName("EURUSD"), new Quote(new Price(1.1m), new Price(1.2m), Samples.At));
        host.Feed.Funded(new AccountId("prop"), host.Desk.Funds(new AccountId("prop"))!);
        host.Happen(3, "prop", "personal", null);
        await listener.UntilAsync(l => l.Alerts.Count >= 3 && Of(l, "price.tick").Any() && Of(l, "account.info").Any() && Of(l, "positions.snapshot").Any() && Of(l, "pending_orders").Any());
        await host.UntilAsync(s => s is { Lag: 0, Unconfirmed: 0, Confirmed: 3 });
        Assert.Equal([1, 2, 3], listener.Alerts);

        var (key, envelope, properties) = listener.Got.First(g => (string)g.Envelope["type"]! == "alert");
        Assert.Equal($"account.{envelope["account_id"]}.alert", key);
        Assert.Equal((DeliveryModes.Persistent, "lockstep", "application/json", "alert", (string)envelope["event_id"]!, 1L), (properties.DeliveryMode, properties.AppId, properties.ContentType, properties.Type, properties.MessageId, properties.Headers!["lockstep-event"]));
        Assert.Equal("lockstep.alert", listener.Got.Last(g => (string)g.Envelope["type"]! == "alert").Key);
        Assert.NotEqual(DeliveryModes.Persistent, listener.Got.First(g => (string)g.Envelope["type"]! == "price.tick").Properties.DeliveryMode);

        // The fake desk's account has one position, and one order.
        var open = Of(listener, "positions.snapshot").First()["payload"]!["open_positions"]!.AsArray();
        Assert.Equal("11", (string)Assert.Single(open)!["position_id"]!);
        Assert.Equal("21", (string)Of(listener, "pending_orders").First()["payload"]!["pending_orders"]![0]!["id"]!);
    }

    [FactNeeding(RabbitBroker.Program)]
    public async Task A_broker_that_stops_and_comes_back_has_every_event_in_order()
    {
        await using var host = await PublisherHost.StartAsync(broker);
        await using (var before = await Listener.StartAsync(broker, host.Exchange, consume: false))
        {
            host.Happen(50, "prop", "personal");
            await host.UntilAsync(s => s.Lag == 0);
        }

        await broker.StopAsync();
        var away = await host.UntilAsync(s => !s.Connected);
        Assert.False(string.IsNullOrEmpty(away.Problem));
        host.Happen(50, "prop", "personal");
        host.Feed.Quoted(new AccountId("prop"), new SymbolName("EURUSD"), new Quote(new Price(1.1m), new Price(1.2m), Samples.At));
        var waiting = await host.UntilAsync(s => s.Problem!.Contains("cannot be reached", StringComparison.Ordinal));
        Assert.Equal((50, 1), (waiting.Lag, waiting.PricesDropped));
        Assert.True(waiting.LagAge > TimeSpan.Zero);
        await broker.StartAsync();
        await host.UntilAsync(s => s is { Connected: true, Lag: 0 });
        await using var listener = await Listener.StartAsync(broker, host.Exchange);
        await listener.UntilAsync(l => l.Alerts.Distinct().Count() == 100);
        InOrder(listener, 100);
    }

    [FactNeeding(RabbitBroker.Program)]
    public async Task A_broker_that_is_killed_in_the_middle_loses_nothing_and_repeats_only_the_same()
    {
        await using var host = await PublisherHost.StartAsync(broker);
        await using (var before = await Listener.StartAsync(broker, host.Exchange, consume: false))
        {
            await host.UntilAsync(s => s.Connected);
        }

        var happening = Task.Run(() => host.Happen(20_000, "prop", "personal", "ctrader"));
        await host.UntilAsync(s => s.Confirmed > 500);
        await broker.KillAsync();
        await happening;
        await broker.StartAsync();
        await host.UntilAsync(s => s is { Connected: true, Lag: 0 });
        await using var listener = await Listener.StartAsync(broker, host.Exchange);
        await listener.UntilAsync(l => l.Alerts.Distinct().Count() == 20_000);
        InOrder(listener, 20_000);
    }

    [FactNeeding(RabbitBroker.Program)]
    public async Task A_blocked_connection_waits_and_says_so()
    {
        await using var host = await PublisherHost.StartAsync(broker);
        await using var listener = await Listener.StartAsync(broker, host.Exchange);
        host.Happen(5);
        await host.UntilAsync(s => s.Lag == 0);
        await broker.CtlAsync("set_vm_memory_high_watermark", "0");
        try
        {
            host.Happen(2_000);
            var blocked = await host.UntilAsync(s => s.Blocked is not null);
            Assert.True(blocked is { Connected: true, Lag: > 0, Unconfirmed: <= 256 }, blocked.ToString());
            long dropped = host.Publisher.State.PricesDropped;
            await host.UntilAsync(s =>
            {
                host.Feed.Quoted(new AccountId("prop"), new SymbolName("EURUSD"), new Quote(new Price(1.1m), new Price(1.2m), Samples.At));
                return s.PricesDropped > dropped;
            });
        }
        finally
        {
            await broker.CtlAsync("set_vm_memory_high_watermark", "0.4");
        }

        await host.UntilAsync(s => s is { Blocked: null, Lag: 0 });
        await listener.UntilAsync(l => l.Alerts.Distinct().Count() == 2_005);
        InOrder(listener, 2_005);
    }

    [FactNeeding(RabbitBroker.Program)]
    public async Task An_exchange_that_is_deleted_is_made_again()
    {
        await using var host = await PublisherHost.StartAsync(broker);
        await using var listener = await Listener.StartAsync(broker, host.Exchange);
        host.Happen(3);
        await listener.UntilAsync(l => l.Alerts.Count == 3);
        await host.UntilAsync(s => s.Lag == 0);
        await listener.Channel.ExchangeDeleteAsync(host.Exchange);

        // The queue listens to the new one before anything is published to it: what nobody is bound for is confirmed and gone.
        await listener.Channel.ExchangeDeclareAsync(host.Exchange, "topic", durable: true);
        await listener.Channel.QueueBindAsync(listener.Queue, host.Exchange, "#");
        host.Happen(3);
        await listener.UntilAsync(l => l.Alerts.Distinct().Count() == 6);
        InOrder(listener, 6);
        await listener.Channel.ExchangeDeleteAsync(host.Exchange);
        host.Happen(1);
        var lost = await host.UntilAsync(s => s is { Lost: > 0, Lag: 0 });
        Assert.Equal((true, 7), (lost.Connected, lost.Confirmed));
    }

    [FactNeeding(RabbitBroker.Program)]
    public async Task An_exchange_of_another_type_is_told_and_waited_for()
    {
        string exchange = $"test.{Guid.NewGuid():N}";
        await using var connection = await broker.ConnectAsync();
        await using var channel = await connection.CreateChannelAsync();
        await channel.ExchangeDeclareAsync(exchange, "fanout", durable: true);
        await using var host = await PublisherHost.StartAsync(broker, exchange);
        host.Happen(2);
        var state = await host.UntilAsync(s => s.Problem?.Contains("of another kind", StringComparison.Ordinal) == true);
        Assert.Contains(exchange, state.Problem, StringComparison.Ordinal);
        await channel.ExchangeDeleteAsync(exchange);
        await host.UntilAsync(s => s is { Connected: true, Lag: 0, Confirmed: 2 });
    }

    [FactNeeding(RabbitBroker.Program)]
    public async Task A_wrong_password_is_told_without_it_and_a_new_one_is_taken()
    {
        await broker.CtlAsync("add_user", "lockstep", "right-password");
        await broker.CtlAsync("set_permissions", "lockstep", ".*", ".*", ".*");
        await using var host = await PublisherHost.StartAsync(broker, url: broker.Url.Replace("guest:guest", "lockstep:hunter2", StringComparison.Ordinal));
        host.Happen(1);
        var state = await host.UntilAsync(s => s.Problem?.Contains("refused the user name or the password", StringComparison.Ordinal) == true);
        Assert.DoesNotContain("hunter2", state.ToString(), StringComparison.Ordinal);
        host.Url(broker.Url.Replace("guest:guest", "lockstep:right-password", StringComparison.Ordinal));
        await host.UntilAsync(s => s is { Connected: true, Lag: 0, Confirmed: 1 });
    }

    [FactNeeding(RabbitBroker.Program)]
    public async Task A_user_that_may_only_write_publishes_where_somebody_made_the_exchange()
    {
        await broker.CtlAsync("add_user", "writer", "writer");
        await broker.CtlAsync("set_permissions", "writer", "^$", "^test\\..*", "^$");
        string url = broker.Url.Replace("guest:guest", "writer:writer", StringComparison.Ordinal);
        await using var host = await PublisherHost.StartAsync(broker, url: url);
        host.Happen(1);
        await host.UntilAsync(s => s.Problem?.Contains("may not make it", StringComparison.Ordinal) == true);
        await using var listener = await Listener.StartAsync(broker, host.Exchange);
        await listener.UntilAsync(l => l.Alerts is [1]);
        await host.UntilAsync(s => s.Lag == 0);
    }

    [FactNeeding(RabbitBroker.Program)]
    public async Task A_queue_that_refuses_gets_the_event_when_it_has_room()
    {
        await using var host = await PublisherHost.StartAsync(broker, change: c => c with { Unconfirmed = 1, Prices = false });
        await using var listener = await Listener.StartAsync(
            broker, host.Exchange, arguments: new Dictionary<string, object?> { ["x-max-length"] = 2, ["x-overflow"] = "reject-publish" }, consume: false, keys: "account.*.alert");
        host.Happen(10);
        var full = await host.UntilAsync(s => s.Refused > 0);
        Assert.InRange(full.Lag, 1, 8);
        await listener.ConsumeAsync();
        await host.UntilAsync(s => s.Lag == 0);
        await listener.UntilAsync(l => l.Alerts.Distinct().Count() == 10);

        // One after another: nothing overtakes what was refused.
        Assert.Equal(Enumerable.Range(1, 10), listener.Alerts.Distinct());
        InOrder(listener, 10);
    }

    [FactNeeding(RabbitBroker.Program)]
    public async Task A_publisher_that_dies_between_confirmation_and_cursor_repeats_the_same_events()
    {
        string exchange = $"test.{Guid.NewGuid():N}";
        await using var listener = await Listener.StartAsync(broker, exchange);
        var log = new FakeLog();
        await using (var first = await PublisherHost.StartAsync(broker, exchange, log: log))
        {
            first.Happen(20);
            await first.UntilAsync(s => s.Lag == 0);
        }

        Assert.Equal(20, log.Cursor(AmqpOutbox.Reader));

        // As if it had died: the cursor is where it was a moment before.
        await log.SaveCursorAsync(AmqpOutbox.Reader, 15);
        await using var second = await PublisherHost.StartAsync(broker, exchange, log: log);
        second.Happen(1);
        await listener.UntilAsync(l => l.Alerts.Count >= 26);
        Assert.Equal([.. Enumerable.Range(1, 20), .. Enumerable.Range(16, 6)], listener.Alerts);
        InOrder(listener, 21);
    }

    [FactNeeding(RabbitBroker.Program)]
    public async Task Over_tls_the_certificate_must_be_trusted_and_named()
    {
        string url = $"amqps://guest:guest@127.0.0.1:{broker.TlsPort}/";
        await using (var untrusted = await PublisherHost.StartAsync(broker, url: url))
        {
            await untrusted.UntilAsync(s => s.Problem?.Contains("not trusted", StringComparison.Ordinal) == true);
        }

        await using (var misnamed = await PublisherHost.StartAsync(broker, url: url, change: c => c with { Trust = broker.Certificate }))
        {
            await misnamed.UntilAsync(s => s.Problem?.Contains("not trusted", StringComparison.Ordinal) == true);
        }

        await using var host = await PublisherHost.StartAsync(broker, url: url, change: c => c with { Trust = broker.Certificate, ServerName = "localhost" });
        host.Happen(1);
        await host.UntilAsync(s => s is { Connected: true, Lag: 0, Confirmed: 1 });
    }

    [FactNeeding(RabbitBroker.Program)]
    public async Task A_running_product_publishes_its_trades_and_goes_on_after_a_restart()
    {
        string folder = Directory.CreateTempSubdirectory("lockstep-amqp-").FullName, exchange = $"test.{Guid.NewGuid():N}";
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "url"), broker.Url);
            var read = ConfigReader.Read(Encoding.UTF8.GetBytes($$"""
                {
                  "server": { "auth": "none" }, "data": "data", "quotes": { "interval": "20ms" },
                  "accounts": { "prop": { "platform": "paper", "broker": { "kind": "mt5-hedging", "symbols": ["EURUSD"] } } },
                  "amqp": { "url": { "file": "url" }, "exchange": "{{exchange}}" }
                }
                """), folder, _ => null);
            Assert.True(read.Config is not null, string.Join("; ", read.Errors));
            await using var listener = await Listener.StartAsync(broker, exchange);
            for (int run = 1; run <= 2; run++)
            {
                await using var product = await Product.StartAsync(read.Config, NullLogger.Instance);
                await product.World.StartQuotesAsync(read.Config.Quotes, () => { });
                var answer = await PlaceAsync(product, $"run-{run}");
                Assert.Equal(ClientState.Done, answer.State);
                await listener.UntilAsync(l => Of(l, "position.opened").Count() == run && Of(l, "request").Any(r => (string)r["payload"]!["client_id"]! == $"run-{run}") && Of(l, "price.tick").Any());
                await listener.UntilAsync(l => Of(l, "positions.snapshot").Any(s => s["payload"]!["open_positions"]!.AsArray().Count == run));
            }

            // Numbered without a gap over both runs, each event with one identity.
            var events = listener.Got.Where(g => g.Properties.Headers?.ContainsKey("lockstep-event") == true).ToList();
            var numbers = events.Select(g => (long)g.Properties.Headers!["lockstep-event"]!).Distinct().ToList();
            Assert.Equal(Enumerable.Range(1, numbers.Count).Select(n => (long)n), numbers);
            Assert.Equal(numbers.Count, events.Select(g => g.Properties.MessageId).Distinct().Count());

            await using var without = await Product.StartAsync(read.Config with { Amqp = null }, NullLogger.Instance);
            Assert.Null(without.Store.Cursor(AmqpOutbox.Reader));
            Assert.Null(without.Amqp);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>A market order, as soon as the account can be traded and there is a price.</summary>
    private static async Task<ClientAnswer> PlaceAsync(Product product, string clientId)
    {
        var (account, symbol) = (new AccountId("prop"), new SymbolName("EURUSD"));
        var since = Stopwatch.StartNew();
        while (await product.AccountAsync(account) is not { Up: true, Synced: true } || product.Quote(account, symbol) is null)
        {
            Assert.True(since.Elapsed < TimeSpan.FromSeconds(60), "the account never came up");
            await Task.Delay(20);
        }

        return (await product.RequestAsync(new ClientPlace { Account = account, ClientId = clientId, Symbol = symbol, Side = Side.Buy, Volume = new Lots(0.1m) }, TimeSpan.FromSeconds(30), CancellationToken.None))!;
    }

    private static IEnumerable<JsonObject> Of(Listener listener, string type) => listener.Got.Where(g => (string)g.Envelope["type"]! == type).Select(g => g.Envelope);

    /// <summary>
    /// Every account's events came in their order: after a repeat has begun, each comes again in order too. Every event has one identity, and different events different ones.
    /// </summary>
    private static void InOrder(Listener listener, int count)
    {
        var alerts = listener.Got.Where(g => (string)g.Envelope["type"]! == "alert").ToList();
        Assert.Equal(Enumerable.Range(1, count), listener.Alerts.Distinct().Order());
        foreach (var account in alerts.GroupBy(g => (string?)g.Envelope["account_id"]))
        {
            var firsts = account.Select(g => (long)g.Properties.Headers!["lockstep-event"]!).Distinct().ToList();
            Assert.Equal(firsts.Order(), firsts);
        }

        Assert.Equal(count, alerts.Select(g => (string)g.Envelope["event_id"]!).Distinct().Count());
        Assert.Equal(count, alerts.Select(g => ((string)g.Envelope["event_id"]!, (long)g.Properties.Headers!["lockstep-event"]!)).Distinct().Count());
    }
}
