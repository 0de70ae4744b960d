using Lockstep.Client.Streams;

namespace Lockstep.Client.Services;

/// <summary>An account's calls, its one connection, and its caches. What differs between platforms the derived ones say.</summary>
public abstract class TradingConnector : ITradingService
{
    private readonly LockstepClient _client;
    private readonly LiveStream _stream;
    private readonly CancellationTokenSource _ended = new();
    private readonly Lock _gate = new();
    private readonly SortedDictionary<long, Position> _positions = [];
    private readonly SortedDictionary<long, PendingOrder> _orders = [];
    private readonly Dictionary<string, Price> _prices = [];
    private readonly SortedSet<string> _priced = new(StringComparer.Ordinal);
    private readonly SortedSet<(string Symbol, string Frame)> _candles = [];
    private readonly SemaphoreSlim _changing = new(1);
    private readonly Task _reading;
    private Action<StreamMessage>[] _listeners = [];
    private AccountMoney? _money;
    private bool _live;
    private bool _continues;
    private bool _partial;

    /// <summary>Begins to follow the account.</summary>
    private protected TradingConnector(LockstepClient client, string account)
    {
        (_client, Account) = (client, account);
        _stream = client.Follow(Wanted());
        _reading = Task.Run(ReadAsync);
    }

    /// <inheritdoc/>
    public string Account { get; }

    /// <inheritdoc/>
    public abstract string Platform { get; }

    /// <summary>True where stop-limit orders exist.</summary>
    public abstract bool HasStopLimitOrders { get; }

    /// <inheritdoc/>
    public bool IsLive
    {
        get
        {
            lock (_gate)
            {
                return _live;
            }
        }
    }

    /// <inheritdoc/>
    public AccountMoney? LastAccountInfo
    {
        get
        {
            lock (_gate)
            {
                return _money;
            }
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<Position> LastPositions
    {
        get
        {
            lock (_gate)
            {
                return [.. _positions.Values];
            }
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<PendingOrder> LastOrders
    {
        get
        {
            lock (_gate)
            {
                return [.. _orders.Values];
            }
        }
    }

    /// <summary>Why the account is followed no longer; null = it is, or will be again.</summary>
    public Exception? Failure { get; private set; }

    /// <inheritdoc/>
    public Price? LastPrice(string symbol)
    {
        lock (_gate)
        {
            return _prices.GetValueOrDefault(symbol);
        }
    }

    /// <inheritdoc/>
    public async Task<AccountMoney> GetAccountInfoAsync(CancellationToken cancel = default) =>
        (await _client.GetAccountAsync(Account, cancel).ConfigureAwait(false)).Funds
            ?? throw new LockstepProblemException(409, "no-money-yet", "The account's money is not known.", $"The platform has not told it for '{Account}' yet.", "Wait until the account is up.", [], null);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Position>> GetOpenPositionsAsync(CancellationToken cancel = default) => _client.GetPositionsAsync(Account, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<PendingOrder>> GetPendingOrdersAsync(CancellationToken cancel = default) => _client.GetOrdersAsync(Account, cancel);

    /// <inheritdoc/>
    public Task<Price> GetPriceAsync(string symbol, CancellationToken cancel = default) => _client.GetPriceAsync(Account, symbol, cancel);

    /// <inheritdoc/>
    public async Task<SymbolInfo> GetSymbolInfoAsync(string symbol, CancellationToken cancel = default) =>
        (await _client.GetSymbolsAsync(Account, cancel).ConfigureAwait(false)).FirstOrDefault(s => s.Symbol == symbol)
            ?? throw new LockstepProblemException(404, "not-found", "There is no such thing.", $"Account '{Account}' has no symbol '{symbol}'.", "Use a symbol of the account.", [], null);

    /// <inheritdoc/>
    public Task<CandleSeries> GetCandlesAsync(string symbol, string frame, DateTimeOffset? from = null, DateTimeOffset? to = null, int? limit = null, CancellationToken cancel = default) =>
        _client.GetCandlesAsync(Account, symbol, frame, from, to, limit, cancel);

    /// <inheritdoc/>
    public Task<TradeResult> PlaceTradeAsync(NewOrder order, string? clientId = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(order);
        return order.Type == "stopLimit" && !HasStopLimitOrders
            ? throw new NotSupportedException($"There are no stop-limit orders on {Platform}; use a stop or a limit order.")
            : _client.PlaceAsync(Account, order, clientId, cancel);
    }

    /// <inheritdoc/>
    public Task<TradeResult> ClosePositionAsync(long position, decimal? volume = null, string? clientId = null, CancellationToken cancel = default) =>
        _client.CloseAsync(Account, position, volume, clientId, cancel);

    /// <inheritdoc/>
    public Task<TradeResult> ModifyProtectionAsync(long position, Level stopLoss = default, Level takeProfit = default, string? clientId = null, CancellationToken cancel = default) =>
        _client.ModifyPositionAsync(Account, position, stopLoss, takeProfit, clientId, cancel);

    /// <inheritdoc/>
    public Task<TradeResult> CancelOrderAsync(long order, string? clientId = null, CancellationToken cancel = default) => _client.CancelAsync(Account, order, clientId, cancel);

    /// <inheritdoc/>
    public async Task<TradeSync> SyncTradeAsync(long position, CancellationToken cancel = default)
    {
        // Positions first: a position that closes in between is then told as open, with the deal that closes it, and the next look tells the rest.
        var open = (await _client.GetPositionsAsync(Account, cancel).ConfigureAwait(false)).FirstOrDefault(p => p.Id == position);
        var deals = await _client.GetDealsAsync(Account, position: position, cancel: cancel).ConfigureAwait(false);
        bool closed = open is null && deals.Count > 0;
        return new TradeSync(
            deals, closed, open?.Volume ?? 0m, closed ? deals.Sum(d => d.Profit) : null, closed ? deals.Sum(d => d.Swap) : null, closed ? deals.Sum(d => d.Commission) : null);
    }

    /// <inheritdoc/>
    public Task SubscribePriceAsync(string symbol, CancellationToken cancel = default) => ChangeAsync(() => _priced.Add(symbol), cancel);

    /// <inheritdoc/>
    public Task UnsubscribePriceAsync(string symbol, CancellationToken cancel = default) => ChangeAsync(() => _priced.Remove(symbol), cancel);

    /// <inheritdoc/>
    public Task SubscribeCandlesAsync(string symbol, string frame, CancellationToken cancel = default) => ChangeAsync(() => _candles.Add((symbol, frame)), cancel);

    /// <inheritdoc/>
    public Task UnsubscribeCandlesAsync(string symbol, string frame, CancellationToken cancel = default) => ChangeAsync(() => _candles.Remove((symbol, frame)), cancel);

    /// <inheritdoc/>
    public IDisposable Listen(Action<StreamMessage> listener)
    {
        ArgumentNullException.ThrowIfNull(listener);
        lock (_gate)
        {
            _listeners = [.. _listeners, listener];
        }

        return new Listening(this, listener);
    }

    /// <summary>Ends the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync().ConfigureAwait(false);
        await _reading.ConfigureAwait(false);
        _stream.Dispose();
        _ended.Dispose();
        _changing.Dispose();
        GC.SuppressFinalize(this);
    }

    private async Task ReadAsync()
    {
        try
        {
            await foreach (var message in _stream.ReadAsync(_ended.Token).ConfigureAwait(false))
            {
                if (Take(message))
                {
                    Tell(message);
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
#pragma warning disable CA1031 // Nobody awaits this; whoever looks finds it here.
        catch (Exception error)
#pragma warning restore CA1031
        {
            lock (_gate)
            {
                (_live, Failure) = (false, error);
            }

            Tell(new StreamLost(error.Message));
        }
    }

    /// <summary>False = it is of no interest here: a symbol that was subscribed to only for its candles has prices too.</summary>
    private bool Take(StreamMessage message)
    {
        lock (_gate)
        {
            switch (message)
            {
                case StreamLost:
                    _live = false;
                    break;
                case StreamOpened:
                    // On the first connection the snapshot is still to come; on a later one the events go on where they were.
                    _live = _continues;
                    break;
                case StreamGap:
                    _live = _continues = false;
                    break;
                case AccountSnapshot snapshot:
                    TakeSnapshot(snapshot);
                    break;
                case AccountEvent told:
                    TakeEvent(told);
                    break;
                case MoneyChanged money:
                    _money = money.Funds;
                    break;
                case PricesChanged prices:
                    foreach (var price in prices.Prices)
                    {
                        _prices[price.Symbol] = price;
                    }

                    break;
                case CandleChanged candle:
                    return _candles.Contains((candle.Symbol, candle.Frame));
            }

            return true;
        }
    }

    private void TakeSnapshot(AccountSnapshot snapshot)
    {
        if (!_partial)
        {
            _positions.Clear();
            _orders.Clear();
        }

        _partial = snapshot.More;
        foreach (var position in snapshot.Positions)
        {
            _positions[position.Id] = position;
        }

        foreach (var order in snapshot.Orders)
        {
            _orders[order.Id] = order;
        }

        _money = snapshot.Funds ?? _money;
        _live = _continues = !snapshot.More;
    }



    private void TakeEvent(AccountEvent told)
    {
        switch (told)
        {
            case { Kind: "position.closed", Position: { } closed }:
                _positions.Remove(closed.Id);
                break;
            case { Kind: "position.opened" or "position.changed", Position: { } position }:
                _positions[position.Id] = position;
                break;
            case { Kind: "order.gone", Order: { } gone }:
                _orders.Remove(gone.Id);
                break;
            case { Kind: "order.placed" or "order.changed", Order: { } order }:
                _orders[order.Id] = order;
                break;
        }
    }

    private void Tell(StreamMessage message)
    {
        foreach (var listener in _listeners)
        {
            try
            {
                listener(message);
            }
#pragma warning disable CA1031 // One listener's mistake must not keep the others, or the caches, from what follows.
            catch (Exception)
#pragma warning restore CA1031
            {
            }
        }
    }

    private async Task ChangeAsync(Func<bool> change, CancellationToken cancel)
    {
        await _changing.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            StreamRequest wanted;
            lock (_gate)
            {
                if (!change())
                {
                    return;
                }

                wanted = Wanted();
            }

            await _stream.ChangeAsync(wanted, cancel).ConfigureAwait(false);
        }
        finally
        {
            _changing.Release();
        }
    }

    private StreamRequest Wanted()
    {
        List<string> topics = ["events", "account"];
        if (_priced.Count > 0)
        {
            topics.Add("prices");
        }

        if (_candles.Count > 0)
        {
            topics.Add("candles");
        }

        var symbols = _priced.Concat(_candles.Select(c => c.Symbol)).Distinct().Order(StringComparer.Ordinal).ToList();
        return new StreamRequest
        {
            Accounts = [Account],
            Topics = topics,
            Symbols = symbols.Count > 0 ? symbols : null,
            Frames = _candles.Count > 0 ? [.. _candles.Select(c => c.Frame).Distinct()] : null,
        };
    }

    private sealed class Listening(TradingConnector connector, Action<StreamMessage> listener) : IDisposable
    {
        public void Dispose()
        {
            lock (connector._gate)
            {
                connector._listeners = [.. connector._listeners.Where(l => l != listener)];
            }
        }
    }
}
