using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Lockstep.Server.Configuration;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Lockstep.Server.Amqp;

/// <summary>Is told what the broker says. Called on the connection's own threads: keep it and return.</summary>
internal interface IAmqpLinkEnd
{
    /// <summary>An event, or all up to it, is in the broker's hands. Numbers count from 1 on each link.</summary>
    void Confirmed(ulong number, bool upToIt);

    /// <summary>The broker could not take an event.</summary>
    void Refused();

    /// <summary>The broker takes nothing (the reason), or takes again (null).</summary>
    void Blocked(string? reason);
}

/// <summary>
/// One connection to the broker, with a channel for events, which are confirmed, and one for states, which are not. It does not come back by itself: whoever uses it opens another, and knows then what was not confirmed.
/// </summary>
internal sealed class AmqpLink : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);

    private readonly AmqpConfig _config;
    private readonly IConnection _connection;
    private readonly TaskCompletionSource<string> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IChannel _events = null!;
    private IChannel _states = null!;

    private AmqpLink(AmqpConfig config, AmqpAddress address, IConnection connection)
    {
        (_config, Address, _connection) = (config, address, connection);
    }

    /// <summary>The broker.</summary>
    public AmqpAddress Address { get; }

    /// <summary>Completes, with the reason, when connection or channel is lost.</summary>
    public Task<string> Lost => _lost.Task;

    /// <summary>Connects, and sees to the exchange. Whatever goes wrong is an exception that <see cref="AmqpTrouble.Of(Exception, AmqpAddress, string)"/> has a sentence for.</summary>
    public static async Task<AmqpLink> OpenAsync(AmqpConfig config, AmqpAddress address, string name, IAmqpLinkEnd end, CancellationToken cancel)
    {
        var connection = await Factory(config, address, name).CreateConnectionAsync(cancel);
        var link = new AmqpLink(config, address, connection);
        try
        {
            link.Listen(end);
            await link.ExchangeAsync(cancel);
            link._events = await link.ChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: false), cancel);
            link._states = await link.ChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: false, publisherConfirmationTrackingEnabled: false), cancel);
            link._events.BasicAcksAsync += (_, ack) =>
            {
                end.Confirmed(ack.DeliveryTag, ack.Multiple);
                return Task.CompletedTask;
            };
            link._events.BasicNacksAsync += (_, _) =>
            {
                end.Refused();
                return Task.CompletedTask;
            };
            return link;
        }
        catch
        {
            await link.DisposeAsync();
            throw;
        }
    }

    /// <summary>Connects and looks whether the exchange is there; nothing is made. Exceptions as of <see cref="OpenAsync"/>.</summary>
    public static async Task<bool> LookAsync(AmqpConfig config, AmqpAddress address, CancellationToken cancel)
    {
        await using var connection = await Factory(config, address, "lockstep doctor").CreateConnectionAsync(cancel);
        try
        {
            await using var channel = await connection.CreateChannelAsync(cancellationToken: cancel);
            await channel.ExchangeDeclarePassiveAsync(config.Exchange, cancel);
            return true;
        }
        catch (OperationInterruptedException e) when (AmqpTrouble.IsMissing(e))
        {
            return false;
        }
    }

    /// <summary>Publishes an event; it is confirmed later. One at a time.</summary>
    public async Task PublishEventAsync(Message message, long id, CancellationToken cancel)
    {
        var properties = Properties(message);
        properties.Persistent = _config.Persistent;
        (properties.Headers ??= new Dictionary<string, object?>())["lockstep-event"] = id;

        // Not mandatory: an event that no queue is bound for is wanted by nobody, and must not hold up the others.
        await _events.BasicPublishAsync(_config.Exchange, message.Key, mandatory: false, properties, message.Body, cancel);
    }

    /// <summary>Publishes a price or state, which nobody confirms.</summary>
    public async Task PublishStateAsync(Message message, CancellationToken cancel) =>
        await _states.BasicPublishAsync(_config.Exchange, message.Key, mandatory: false, Properties(message), message.Body, cancel);

    /// <summary>Closes, politely when the broker answers soon.</summary>
    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        try
        {
            await _connection.CloseAsync(Constants.ReplySuccess, "goodbye", TimeSpan.FromSeconds(1), abort: true, patience.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or AlreadyClosedException)
        {
            // It is gone either way.
        }

        await _connection.DisposeAsync();
    }

    private static ConnectionFactory Factory(AmqpConfig config, AmqpAddress address, string name) => new()
    {
        HostName = address.Host,
        Port = address.Port,
        VirtualHost = address.VirtualHost,
        UserName = address.User,
        Password = address.Password,
        ClientProvidedName = name,

        // The outbox must know what a lost connection took along.
        AutomaticRecoveryEnabled = false,
        TopologyRecoveryEnabled = false,
        RequestedHeartbeat = Heartbeat,
        RequestedConnectionTimeout = Patience,
        HandshakeContinuationTimeout = Patience,
        ContinuationTimeout = Patience,
        Ssl = address.Tls ? Tls(config, address) : new SslOption(),
    };

    private static SslOption Tls(AmqpConfig config, AmqpAddress address)
    {
        // The file was right when the configuration was read; if it is not any more, the system's certificates count alone.
        var trusted = config.Trust is { } file ? AmqpReader.Trusted(file).Certificates : null;
        return new SslOption
        {
            Enabled = true,
            ServerName = config.ServerName ?? address.Host,
            CertificateValidationCallback = (_, certificate, _, errors) => errors == SslPolicyErrors.None
                || (errors == SslPolicyErrors.RemoteCertificateChainErrors && trusted is not null && certificate is not null && IsSigned(certificate, trusted)),
        };
    }

    private static bool IsSigned(X509Certificate certificate, X509Certificate2Collection trusted)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(trusted);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        using var own = new X509Certificate2(certificate);
        return chain.Build(own);
    }

    private static BasicProperties Properties(Message message)
    {
        var properties = new BasicProperties
        {
            MessageId = message.Id.ToString(),
            Type = message.Type,
            AppId = "lockstep",
            ContentType = "application/json",
            ContentEncoding = "utf-8",
        };
        if (message.Others.Count > 0)
        {
            // The broker routes by these too, and gives a queue that several lead to one copy.
            properties.Headers = new Dictionary<string, object?> { ["CC"] = message.Others.ToList() };
        }

        return properties;
    }

    private void Listen(IAmqpLinkEnd end)
    {
        _connection.ConnectionShutdownAsync += (_, reason) =>
        {
            _lost.TrySetResult(AmqpTrouble.Of(reason, Address, _config.Exchange));
            return Task.CompletedTask;
        };
        _connection.ConnectionBlockedAsync += (_, blocked) =>
        {
            end.Blocked(blocked.Reason);
            return Task.CompletedTask;
        };
        _connection.ConnectionUnblockedAsync += (_, _) =>
        {
            end.Blocked(null);
            return Task.CompletedTask;
        };
    }

    private async Task<IChannel> ChannelAsync(CreateChannelOptions options, CancellationToken cancel)
    {
        var channel = await _connection.CreateChannelAsync(options, cancel);
        channel.ChannelShutdownAsync += (_, reason) =>
        {
            _lost.TrySetResult(AmqpTrouble.Of(reason, Address, _config.Exchange));
            return Task.CompletedTask;
        };
        return channel;
    }

    private async Task ExchangeAsync(CancellationToken cancel)
    {
        try
        {
            await using var channel = await _connection.CreateChannelAsync(cancellationToken: cancel);
            await channel.ExchangeDeclareAsync(_config.Exchange, ExchangeType.Topic, durable: true, autoDelete: false, cancellationToken: cancel);
        }
        catch (OperationInterruptedException e) when (AmqpTrouble.MayNot(e))
        {
            // A user that may only write is enough where somebody else made the exchange.
            await PassiveAsync(cancel);
        }
    }

    private async Task PassiveAsync(CancellationToken cancel)
    {
        try
        {
            await using var channel = await _connection.CreateChannelAsync(cancellationToken: cancel);
            await channel.ExchangeDeclarePassiveAsync(_config.Exchange, cancel);
        }
        catch (OperationInterruptedException e) when (AmqpTrouble.IsMissing(e))
        {
            throw new AmqpTroubleException($"{Address} has no exchange '{_config.Exchange}', and the user may not make it: give it the right to configure it, or make a durable topic exchange of that name");
        }
    }
}
