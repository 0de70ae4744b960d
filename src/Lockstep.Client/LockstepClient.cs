using System.Runtime.CompilerServices;
using Lockstep.Client.Http;
using Lockstep.Client.Streams;

namespace Lockstep.Client;

/// <summary>
/// A Lockstep server. Safe for all threads; one for each server and key is enough. Refusals of the server are <see cref="LockstepProblemException"/>; a server that cannot be reached is an
/// <see cref="HttpRequestException"/> or a <see cref="TimeoutException"/>, but for trades: these then end as <see cref="TradeOutcome.Unknown"/>.
/// </summary>
public sealed partial class LockstepClient : IDisposable
{
    private readonly Pipe _pipe;
    private readonly LockstepClientOptions _options;

    /// <summary>Connects to nothing before the first call.</summary>
    public LockstepClient(LockstepClientOptions options) => (_options, _pipe) = (options, new Pipe(options));

    /// <summary>A client for an address and a key.</summary>
    public LockstepClient(Uri address, string? key = null)
        : this(new LockstepClientOptions { Address = address, Key = key })
    {
    }

    /// <summary>Accounts that the key may see.</summary>
    public async Task<IReadOnlyList<Account>> GetAccountsAsync(CancellationToken cancel = default) => (await _pipe.GetAsync<AccountList>("/v1/accounts", cancel).ConfigureAwait(false)).Accounts;

    /// <summary>One account.</summary>
    public Task<Account> GetAccountAsync(string account, CancellationToken cancel = default) => _pipe.GetAsync<Account>(Of(account), cancel);

    /// <summary>Registers an account. <paramref name="settings"/> as under <c>accounts</c> in the configuration file.</summary>
    public Task<Account> RegisterAccountAsync(string account, object settings, CancellationToken cancel = default) =>
        _pipe.WriteAsync<Account>(HttpMethod.Post, "/v1/accounts", new { account, settings }, NewKey(), cancel);

    /// <summary>Opens an account's session again.</summary>
    public Task<Account> ConnectAsync(string account, CancellationToken cancel = default) => _pipe.WriteAsync<Account>(HttpMethod.Post, Of(account) + "/connect", null, NewKey(), cancel);

    /// <summary>Ends an account's session until it is connected again.</summary>
    public Task<Account> DisconnectAsync(string account, CancellationToken cancel = default) => _pipe.WriteAsync<Account>(HttpMethod.Post, Of(account) + "/disconnect", null, NewKey(), cancel);

    /// <summary>Removes an account; its positions stay as they are.</summary>
    public Task RemoveAccountAsync(string account, CancellationToken cancel = default) => _pipe.WriteAsync<object>(HttpMethod.Delete, Of(account), null, NewKey(), cancel);

    /// <summary>Open positions.</summary>
    public async Task<IReadOnlyList<Position>> GetPositionsAsync(string account, CancellationToken cancel = default) =>
        (await _pipe.GetAsync<PositionList>(Of(account) + "/positions", cancel).ConfigureAwait(false)).Positions;

    /// <summary>Pending orders.</summary>
    public async Task<IReadOnlyList<PendingOrder>> GetOrdersAsync(string account, CancellationToken cancel = default) =>
        (await _pipe.GetAsync<OrderList>(Of(account) + "/orders", cancel).ConfigureAwait(false)).Orders;

    /// <summary>Symbols with their latest quotes.</summary>
    public async Task<IReadOnlyList<SymbolInfo>> GetSymbolsAsync(string account, CancellationToken cancel = default) =>
        (await _pipe.GetAsync<SymbolList>(Of(account) + "/symbols", cancel).ConfigureAwait(false)).Symbols;

    /// <summary>The latest price of a symbol.</summary>
    public Task<Price> GetPriceAsync(string account, string symbol, CancellationToken cancel = default) => _pipe.GetAsync<Price>(Of(account) + "/price" + Wire.Query(("symbol", symbol)), cancel);

    /// <summary>Candles, oldest first: the newest <paramref name="limit"/> (500 when null, at most 10,000) between two moments.</summary>
    public Task<CandleSeries> GetCandlesAsync(string account, string symbol, string frame, DateTimeOffset? from = null, DateTimeOffset? to = null, int? limit = null, CancellationToken cancel = default) =>
        _pipe.GetAsync<CandleSeries>(Of(account) + "/candles" + Wire.Query(("symbol", symbol), ("frame", frame), ("from", Wire.Moment(from)), ("to", Wire.Moment(to)), ("limit", limit)), cancel);

    /// <summary>Deals, oldest first; without a beginning those of a week, of one position those of a year.</summary>
    public async Task<IReadOnlyList<Deal>> GetDealsAsync(string account, DateTimeOffset? from = null, DateTimeOffset? to = null, long? position = null, CancellationToken cancel = default) =>
        (await _pipe.GetAsync<DealList>(Of(account) + "/deals" + Wire.Query(("from", Wire.Moment(from)), ("to", Wire.Moment(to)), ("position", position)), cancel).ConfigureAwait(false)).Deals;

    /// <summary>Links and how they stand.</summary>
    public async Task<IReadOnlyList<LinkState>> GetLinksAsync(CancellationToken cancel = default) => (await _pipe.GetAsync<LinkList>("/v1/links", cancel).ConfigureAwait(false)).Links;

    /// <summary>Makes a link. <paramref name="link"/> as under <c>links</c> in the configuration file.</summary>
    public Task<LinkSettings> CreateLinkAsync(object link, CancellationToken cancel = default) => _pipe.WriteAsync<LinkSettings>(HttpMethod.Post, "/v1/links", link, NewKey(), cancel);

    /// <summary>Changes a link: what is given counts, the rest stays.</summary>
    public Task<LinkSettings> ChangeLinkAsync(string link, object change, CancellationToken cancel = default) =>
        _pipe.WriteAsync<LinkSettings>(HttpMethod.Patch, $"/v1/links/{Wire.Part(link)}", change, NewKey(), cancel);

    /// <summary>Removes a link.</summary>
    public Task RemoveLinkAsync(string link, CancellationToken cancel = default) => _pipe.WriteAsync<object>(HttpMethod.Delete, $"/v1/links/{Wire.Part(link)}", null, NewKey(), cancel);

    /// <summary>The why-ledger, newest first.</summary>
    public async Task<IReadOnlyList<WhyRow>> GetWhyAsync(string? link = null, int? limit = null, CancellationToken cancel = default) =>
        (await _pipe.GetAsync<WhyList>("/v1/why" + Wire.Query(("link", link), ("limit", limit)), cancel).ConfigureAwait(false)).Why;

    /// <summary>Alerts, newest first.</summary>
    public async Task<IReadOnlyList<Alert>> GetAlertsAsync(int? limit = null, CancellationToken cancel = default) =>
        (await _pipe.GetAsync<AlertList>("/v1/alerts" + Wire.Query(("limit", limit)), cancel).ConfigureAwait(false)).Alerts;

    /// <summary>
    /// Follows accounts: events each once and in order, also over lost connections, and the latest values. It ends when it is cancelled, or with a <see cref="LockstepProblemException"/> when the server
    /// will not have us. Each call has a connection of its own.
    /// </summary>
    public async IAsyncEnumerable<StreamMessage> StreamAsync(StreamRequest request, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        using var stream = new LiveStream(_options, request);
        await foreach (var message in stream.ReadAsync(cancel).ConfigureAwait(false))
        {
            yield return message;
        }
    }

    /// <summary>Events of accounts (null = all), each once and in order, from now on or after a number.</summary>
    public async IAsyncEnumerable<AccountEvent> EventsAsync(IReadOnlyList<string>? accounts = null, long? after = null, string? instance = null, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        await foreach (var message in StreamAsync(new StreamRequest { Accounts = accounts, After = after, Instance = instance, Snapshot = false }, cancel).ConfigureAwait(false))
        {
            if (message is AccountEvent told)
            {
                yield return told;
            }
        }
    }

    /// <summary>Latest prices of an account's symbols.</summary>
    public async IAsyncEnumerable<Price> PricesAsync(string account, IReadOnlyList<string> symbols, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        await foreach (var message in StreamAsync(new StreamRequest { Accounts = [account], Topics = ["prices"], Symbols = symbols, Snapshot = false }, cancel).ConfigureAwait(false))
        {
            foreach (var price in (message as PricesChanged)?.Prices ?? [])
            {
                yield return price;
            }
        }
    }

    /// <summary>Candles of a symbol as they form and end.</summary>
    public async IAsyncEnumerable<CandleChanged> CandlesAsync(string account, string symbol, string frame, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        await foreach (var message in StreamAsync(new StreamRequest { Accounts = [account], Topics = ["candles"], Symbols = [symbol], Frames = [frame], Snapshot = false }, cancel).ConfigureAwait(false))
        {
            if (message is CandleChanged changed)
            {
                yield return changed;
            }
        }
    }

    internal LiveStream Follow(StreamRequest request) => new(_options, request);

    /// <inheritdoc/>
    public void Dispose() => _pipe.Dispose();

    private static string Of(string account) => $"/v1/accounts/{Wire.Part(account)}";

    private static string NewKey() => Guid.NewGuid().ToString("N");

    private sealed record AccountList(IReadOnlyList<Account> Accounts);

    private sealed record PositionList(IReadOnlyList<Position> Positions);

    private sealed record OrderList(IReadOnlyList<PendingOrder> Orders);

    private sealed record SymbolList(IReadOnlyList<SymbolInfo> Symbols);

    private sealed record DealList(IReadOnlyList<Deal> Deals);

    private sealed record LinkList(IReadOnlyList<LinkState> Links);

    private sealed record WhyList(IReadOnlyList<WhyRow> Why);

    private sealed record AlertList(IReadOnlyList<Alert> Alerts);
}
