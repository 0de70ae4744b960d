using Lockstep.Client.Streams;

namespace Lockstep.Client.Services;

/// <summary>
/// One account, whatever its platform: what programs that were written for one broker's service need. Calls ask the server; the caches hold what the account's one connection told last, which is
/// renewed by itself, and are null or empty until it did.
/// </summary>
public interface ITradingService : IAsyncDisposable
{
    /// <summary>The account.</summary>
    string Account { get; }

    /// <summary><c>mt4</c>, <c>mt5</c> or <c>ctrader</c>; for paper accounts the one that is simulated.</summary>
    string Platform { get; }

    /// <summary>The stream stands and the caches are as the server has it.</summary>
    bool IsLive { get; }

    /// <summary>Money as it was told last.</summary>
    AccountMoney? LastAccountInfo { get; }

    /// <summary>Open positions as they were told last, by number.</summary>
    IReadOnlyList<Position> LastPositions { get; }

    /// <summary>Pending orders as they were told last, by number.</summary>
    IReadOnlyList<PendingOrder> LastOrders { get; }

    /// <summary>The price that was told last, of a symbol that was subscribed to.</summary>
    Price? LastPrice(string symbol);

    /// <summary>Money, asked now.</summary>
    Task<AccountMoney> GetAccountInfoAsync(CancellationToken cancel = default);

    /// <summary>Open positions, asked now.</summary>
    Task<IReadOnlyList<Position>> GetOpenPositionsAsync(CancellationToken cancel = default);

    /// <summary>Pending orders, asked now.</summary>
    Task<IReadOnlyList<PendingOrder>> GetPendingOrdersAsync(CancellationToken cancel = default);

    /// <summary>The latest price.</summary>
    Task<Price> GetPriceAsync(string symbol, CancellationToken cancel = default);

    /// <summary>A symbol; a <see cref="LockstepProblemException"/> (404) when the account has none of that name.</summary>
    Task<SymbolInfo> GetSymbolInfoAsync(string symbol, CancellationToken cancel = default);

    /// <summary>Candles of the past.</summary>
    Task<CandleSeries> GetCandlesAsync(string symbol, string frame, DateTimeOffset? from = null, DateTimeOffset? to = null, int? limit = null, CancellationToken cancel = default);

    /// <summary>Places an order, at most once.</summary>
    Task<TradeResult> PlaceTradeAsync(NewOrder order, string? clientId = null, CancellationToken cancel = default);

    /// <summary>Closes a position, wholly or in part.</summary>
    Task<TradeResult> ClosePositionAsync(long position, decimal? volume = null, string? clientId = null, CancellationToken cancel = default);

    /// <summary>Changes stop loss and take profit.</summary>
    Task<TradeResult> ModifyProtectionAsync(long position, Level stopLoss = default, Level takeProfit = default, string? clientId = null, CancellationToken cancel = default);

    /// <summary>Cancels a pending order.</summary>
    Task<TradeResult> CancelOrderAsync(long order, string? clientId = null, CancellationToken cancel = default);

    /// <summary>What became of a position: its deals, what is left of it, and its results when it is closed.</summary>
    Task<TradeSync> SyncTradeAsync(long position, CancellationToken cancel = default);

    /// <summary>The platform quotes the symbol at once from now on.</summary>
    Task SubscribePriceAsync(string symbol, CancellationToken cancel = default);

    /// <summary>No prices of the symbol any more.</summary>
    Task UnsubscribePriceAsync(string symbol, CancellationToken cancel = default);

    /// <summary>Candles as they form.</summary>
    Task SubscribeCandlesAsync(string symbol, string frame, CancellationToken cancel = default);

    /// <summary>No candles of the symbol and frame any more.</summary>
    Task UnsubscribeCandlesAsync(string symbol, string frame, CancellationToken cancel = default);

    /// <summary>Listens: to every message of the stream, in order, when the caches have it. What a listener throws reaches nobody else. Ends when what is returned is disposed of.</summary>
    IDisposable Listen(Action<StreamMessage> listener);
}

/// <summary>What became of a position.</summary>
/// <param name="Deals">Its deals, oldest first.</param>
/// <param name="IsClosed">It is open no longer.</param>
/// <param name="Remaining">Lots that are left.</param>
/// <param name="Profit">Realised result of all its deals; null while it is open.</param>
/// <param name="Swap">Swap of all its deals; null while it is open.</param>
/// <param name="Commission">Commission of all its deals; null while it is open.</param>
public sealed record TradeSync(IReadOnlyList<Deal> Deals, bool IsClosed, decimal Remaining, decimal? Profit, decimal? Swap, decimal? Commission);
