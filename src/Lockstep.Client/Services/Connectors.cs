namespace Lockstep.Client.Services;

/// <summary>An account on MetaTrader 4.</summary>
public sealed class Mt4Connector : TradingConnector
{
    /// <summary>Begins to follow the account.</summary>
    public Mt4Connector(LockstepClient client, string account)
        : base(client, account)
    {
    }

    /// <inheritdoc/>
    public override string Platform => "mt4";

    /// <inheritdoc/>
    public override bool HasStopLimitOrders => false;
}

/// <summary>An account on MetaTrader 5.</summary>
public sealed class Mt5Connector : TradingConnector
{
    /// <summary>Begins to follow the account.</summary>
    public Mt5Connector(LockstepClient client, string account)
        : base(client, account)
    {
    }

    /// <inheritdoc/>
    public override string Platform => "mt5";

    /// <inheritdoc/>
    public override bool HasStopLimitOrders => true;
}

/// <summary>An account on cTrader. What cTrader calls a stop-limit order is another thing than MetaTrader's, and is not placed as one.</summary>
public sealed class CTraderConnector : TradingConnector
{
    /// <summary>Begins to follow the account.</summary>
    public CTraderConnector(LockstepClient client, string account)
        : base(client, account)
    {
    }

    /// <inheritdoc/>
    public override string Platform => "ctrader";

    /// <inheritdoc/>
    public override bool HasStopLimitOrders => false;
}

/// <summary>One connector an account: whoever asks for an account gets the same one, made by the account's platform.</summary>
/// <param name="client">The server.</param>
public sealed class TradingServices(LockstepClient client) : IAsyncDisposable
{
    private readonly Dictionary<string, TradingConnector> _connectors = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _gate = new(1);

    /// <summary>The service of an account.</summary>
    public async Task<ITradingService> ForAsync(string account, CancellationToken cancel = default)
    {
        await _gate.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            if (!_connectors.TryGetValue(account, out var connector))
            {
                var found = await client.GetAccountAsync(account, cancel).ConfigureAwait(false);
                string platform = found.Platform == "paper" ? found.Kind.Split('-')[0] : found.Platform;
                connector = platform switch
                {
                    "mt4" => new Mt4Connector(client, found.Name),
                    "mt5" => new Mt5Connector(client, found.Name),
                    "ctrader" => new CTraderConnector(client, found.Name),
                    _ => throw new NotSupportedException($"Account '{account}' is on {platform}, which this version of the client does not know."),
                };
                _connectors.Add(account, connector);
            }

            return connector;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Ends all connections.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var connector in _connectors.Values)
        {
            await connector.DisposeAsync().ConfigureAwait(false);
        }

        _connectors.Clear();
        _gate.Dispose();
    }
}
