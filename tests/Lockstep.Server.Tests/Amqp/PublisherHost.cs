using System.Diagnostics;
using System.Text.Json.Nodes;
using Lockstep.Server.Amqp;
using Lockstep.Server.Configuration;
using Lockstep.Server.Streams;
using Lockstep.Server.Tests.Rest;
using Microsoft.Extensions.Logging.Abstractions;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Lockstep.Server.Tests.Amqp;

/// <summary>A publisher over a log in memory and a fake desk, and one who listens to its exchange.</summary>
internal sealed class PublisherHost : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private readonly string _variable = $"LOCKSTEP_TEST_AMQP_{Guid.NewGuid():N}";

    private PublisherHost(RabbitBroker broker, string exchange, string? url, Func<AmqpConfig, AmqpConfig>? change, FakeLog log)
    {
        (Broker, Exchange, Log) = (broker, exchange, log);
        Url(url ?? broker.Url);
        var config = new AmqpConfig { Url = new SecretReference(_variable, null), Exchange = exchange };
        config = change is null ? config : change(config);
        Feed = new Feed(log.LastEvent);
        Publisher = new AmqpPublisher(config, log, Desk, Samples.Make(config, Desk.Config), TimeProvider.System, NullLogger.Instance);
    }

    public RabbitBroker Broker { get; }

    public string Exchange { get; }

    public FakeLog Log { get; }

    public FakeDesk Desk { get; } = new();

    public Feed Feed { get; }

    public AmqpPublisher Publisher { get; }

    public static async Task<PublisherHost> StartAsync(
        RabbitBroker broker, string? exchange = null, string? url = null, Func<AmqpConfig, AmqpConfig>? change = null, FakeLog? log = null)
    {
        log ??= new FakeLog();
        await AmqpOutbox.PrepareAsync(log, wanted: true);
        var host = new PublisherHost(broker, exchange ?? $"test.{Guid.NewGuid():N}", url, change, log);
        host.Publisher.Start(host.Feed);
        return host;
    }

    public void Url(string url) => Environment.SetEnvironmentVariable(_variable, url);

    /// <summary>Events happen.</summary>
    public void Happen(int count, params string?[] accounts)
    {
        for (int i = 0; i < count; i++)
        {
            Feed.Told([Log.Add(accounts.Length == 0 ? "prop" : accounts[i % accounts.Length])]);
        }
    }

    /// <summary>Waits until it stands so.</summary>
    public async Task<AmqpState> UntilAsync(Func<AmqpState, bool> holds)
    {
        var since = Stopwatch.StartNew();
        while (true)
        {
            var state = Publisher.State;
            if (holds(state))
            {
                return state;
            }

            Assert.True(since.Elapsed < Patience, $"it never came to that: {state}");
            await Task.Delay(20);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Publisher.DisposeAsync();
        Environment.SetEnvironmentVariable(_variable, null);
    }
}

/// <summary>What comes out of a queue, in order; it stays when the broker goes, if the queue is durable.</summary>
internal sealed class Listener : IAsyncDisposable
{
    private readonly IConnection _connection;
    private readonly Lock _gate = new();
    private readonly List<(string Key, JsonObject Envelope, IReadOnlyBasicProperties Properties)> _got = [];

    private Listener(IConnection connection, IChannel channel, string queue) => (_connection, Channel, Queue) = (connection, channel, queue);

    public IChannel Channel { get; }

    public string Queue { get; }

    public IReadOnlyList<(string Key, JsonObject Envelope, IReadOnlyBasicProperties Properties)> Got
    {
        get
        {
            lock (_gate)
            {
                return [.. _got];
            }
        }
    }

    /// <summary>The texts of the alerts that came: the numbers of <see cref="FakeLog"/>.</summary>
    public IReadOnlyList<int> Alerts => [.. Got.Where(g => (string)g.Envelope["type"]! == "alert").Select(g => int.Parse((string)g.Envelope["payload"]!["text"]!, System.Globalization.CultureInfo.InvariantCulture))];

    /// <summary>A durable queue, bound to the exchange, which is made if need be.</summary>
    public static async Task<Listener> StartAsync(RabbitBroker broker, string exchange, string? queue = null, IDictionary<string, object?>? arguments = null, bool consume = true, params string[] keys)
    {
        var connection = await broker.ConnectAsync();
        var channel = await connection.CreateChannelAsync();
        queue ??= $"q.{exchange}";
        await channel.ExchangeDeclareAsync(exchange, "topic", durable: true);
        await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, arguments);
        foreach (string key in keys.Length == 0 ? ["#"] : keys)
        {
            await channel.QueueBindAsync(queue, exchange, key);
        }

        var listener = new Listener(connection, channel, queue);
        if (consume)
        {
            await listener.ConsumeAsync();
        }

        return listener;
    }

    public async Task ConsumeAsync()
    {
        var consumer = new AsyncEventingBasicConsumer(Channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            lock (_gate)
            {
                _got.Add((delivery.RoutingKey, JsonNode.Parse(delivery.Body.Span)!.AsObject(), delivery.BasicProperties));
            }

            return Task.CompletedTask;
        };
        await Channel.BasicConsumeAsync(Queue, autoAck: true, consumer);
    }

    public async Task UntilAsync(Func<Listener, bool> holds)
    {
        var since = Stopwatch.StartNew();
        while (!holds(this))
        {
            Assert.True(since.Elapsed < TimeSpan.FromSeconds(90), $"it never came; what came: {string.Join("\n", Got.Select(g => g.Key + " " + g.Envelope.ToJsonString()))}");
            await Task.Delay(20);
        }
    }

    public async ValueTask DisposeAsync() => await _connection.DisposeAsync();
}
