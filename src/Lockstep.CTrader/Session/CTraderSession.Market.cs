using Lockstep.CTrader.Translate;
using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.CTrader.Session;

/// <content>Quotes and conversion: what is subscribed, and what is missing (guide §10, §11).</content>
public sealed partial class CTraderSession
{
    /// <summary>Quotes and chains that were not to be had are asked for again after this.</summary>
    private static readonly TimeSpan MarketAgain = TimeSpan.FromSeconds(30);

    private readonly Dictionary<long, Conversion?> _conversions = [];
    private readonly HashSet<long> _subscribed = [];
    private readonly HashSet<long> _chainsAsked = [];
    private readonly HashSet<long> _chainsFailed = [];
    private readonly HashSet<long> _chainsTold = [];
    private HashSet<SymbolName> _watched = [];
    private long _spotsAt = Never;

    private string Currency => _trader is { } trader && _catalogue.Asset(trader.DepositAssetId) is { Length: > 0 } name ? name : "USD";

    /// <summary>Symbols that must be quoted, whatever the size of the catalogue.</summary>
    public void Watch(IReadOnlyList<SymbolName> symbols)
    {
        ArgumentNullException.ThrowIfNull(symbols);
        bool outermost = Hub.Enter();
        try
        {
            _watched = [.. symbols];
            if (_open)
            {
                EnsureMarket();
            }
        }
        finally
        {
            Hub.Exit(outermost);
        }

        Drain();
    }

    private void ForgetMarket()
    {
        _loading = false;
        _readingSymbols = false;
        _symbolsAt = Never;
        _since = null;
        _subscribed.Clear();
        _chainsAsked.Clear();
        _chainsFailed.Clear();
        _conversions.Clear();
        _bars.Clear();
        _spotsAt = Never;
        foreach (var symbol in _catalogue.Symbols.Values)
        {
            (symbol.Bid, symbol.Ask) = (0, 0);
        }
    }

    /// <summary>Spots and chains that positions, watched symbols and their conversion need and that are not there yet.</summary>
    private void EnsureMarket()
    {
        if (_loading || !_authorised)
        {
            return;
        }

        foreach (long asset in MissingAssets().ToArray())
        {
            AskChain(asset, EnsureMarket);
        }

        var wanted = MissingSpots().ToArray();
        if (wanted.Length > 0)
        {
            Subscribe(wanted, null);
        }
    }

    private bool QuotesAll => _catalogue.Symbols.Count <= Options.QuoteAllUpTo;

    private IEnumerable<Listing> Quoted() => QuotesAll
        ? _catalogue.Symbols.Values
        : _watched.Select(_catalogue.Find).OfType<Listing>().Concat(_book.Positions.Values.Select(p => p.Symbol)).Concat(_book.Orders.Values.Select(o => o.Symbol)).Distinct();

    private IEnumerable<long> MissingAssets() =>
        Quoted().Select(s => s.QuoteAsset).Distinct().Where(a => a != _trader!.DepositAssetId && a > 0 && !_chainsAsked.Contains(a));

    private IEnumerable<long> MissingSpots() =>
        Quoted().Concat(_conversions.Values.OfType<Conversion>().SelectMany(c => c.Symbols)).Select(s => s.Id).Distinct().Where(id => !_subscribed.Contains(id)).Order();

    private void AskChain(long asset, Action then)
    {
        _chainsAsked.Add(asset);
        var request = new ProtoOASymbolsForConversionReq { CtidTraderAccountId = Ctid, FirstAssetId = asset, LastAssetId = _trader!.DepositAssetId };
        Submit(Lane.Read, request, end =>
        {
            if (!_open && IsUnknown(end))
            {
                Unloaded("conversion", end);
                return;
            }

            if (end.Message?.Body is ProtoOASymbolsForConversionRes chain)
            {
                _conversions[asset] = Conversion.Walk([.. chain.Symbol.Select(_catalogue.ForConversion)], asset, request.LastAssetId);
            }
            else
            {
                // Asked again a moment later: without it the equity is wrong.
                _chainsFailed.Add(asset);
                _spotsAt = Math.Min(_spotsAt, Hub.Mono + (long)(end.Error?.RetryAfter ?? MarketAgain).TotalMilliseconds);
            }

            if (_conversions.GetValueOrDefault(asset) is null && _chainsTold.Add(asset))
            {
                Log(CTraderLogLevel.Warning, $"no way from {_catalogue.Asset(asset)} to {Currency}: results in {_catalogue.Asset(asset)} are not in the equity ({(end.Kind == OpenApiEndKind.Answered ? "the chain leads elsewhere" : Why(end))})");
            }

            _fundsDirty = true;
            then();
        });
    }

    private Conversion? ConversionOf(Listing symbol) =>
        _trader is { } trader && symbol.QuoteAsset == trader.DepositAssetId ? Conversion.None : _conversions.GetValueOrDefault(symbol.QuoteAsset);

    private void Subscribe(long[] ids, Action? then)
    {
        var request = new ProtoOASubscribeSpotsReq { CtidTraderAccountId = Ctid, SubscribeToSpotTimestamp = true };
        request.SymbolId.AddRange(ids);
        _subscribed.UnionWith(ids);
        Submit(Lane.Read, request, end =>
        {
            if (!_open && IsUnknown(end))
            {
                Unloaded("quotes", end);
                return;
            }

            if (ids.Length > 1 && end.Kind == OpenApiEndKind.Failed && ErrorOf(end.Error).Class is CTraderErrorClass.Benign or CTraderErrorClass.Order or CTraderErrorClass.OrderBug or CTraderErrorClass.Bug)
            {
                // One of them is subscribed already, or is not served: the others may have been refused with it.
                Subscribe(ids[..(ids.Length / 2)], null);
                Subscribe(ids[(ids.Length / 2)..], null);
            }
            else if (end.Kind != OpenApiEndKind.Answered && end.Error is not { Code: "ALREADY_SUBSCRIBED" })
            {
                _subscribed.ExceptWith(ids);
                _spotsAt = Math.Min(_spotsAt, Hub.Mono + (long)(end.Error?.RetryAfter ?? MarketAgain).TotalMilliseconds);
                Log(CTraderLogLevel.Warning, $"quotes of {ids.Length} symbols were not to be had: {Why(end)}");
            }

            then?.Invoke();
        });
    }
}
