using Lockstep.CTrader.Translate;
using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.CTrader.Session;

/// <content>Coming up: trader, assets, symbols, the whole state, conversion, spots (guide §9–§11).</content>
public sealed partial class CTraderSession
{
    /// <summary>Symbols whose details are asked for at once.</summary>
    private const int DetailsBatch = 200;

    /// <summary>Quotes and chains that were not to be had are asked for again after this.</summary>
    private static readonly TimeSpan MarketAgain = TimeSpan.FromSeconds(30);

    private readonly Dictionary<long, Conversion?> _conversions = [];
    private readonly HashSet<long> _subscribed = [];
    private readonly HashSet<long> _chainsAsked = [];
    private readonly HashSet<long> _chainsFailed = [];
    private readonly HashSet<long> _chainsTold = [];
    private HashSet<SymbolName> _watched = [];
    private long _spotsAt = Never;
    private int _parts;
    private bool _loading;
    private readonly HashSet<long> _changedSymbols = [];
    private long _symbolsAt = Never;
    private bool _readingSymbols;

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

    private void Load()
    {
        Standing = "reading the account";
        _loading = true;

        // From here on events wait for the whole state: one of them may be in it already.
        _since = [];
        _parts = 3;
        Read(new ProtoOATraderReq { CtidTraderAccountId = Ctid }, "trader", end =>
        {
            TakeTrader(((ProtoOATraderRes)end.Message!.Body!).Trader, anew: true);
            Loaded();
        });
        Read(new ProtoOAAssetListReq { CtidTraderAccountId = Ctid }, "assets", end =>
        {
            _catalogue.Assets(((ProtoOAAssetListRes)end.Message!.Body!).Asset);
            Loaded();
        });
        Read(new ProtoOASymbolsListReq { CtidTraderAccountId = Ctid }, "symbols", end =>
        {
            _catalogue.List(((ProtoOASymbolsListRes)end.Message!.Body!).Symbol);
            Loaded();
        });
        Submit(Lane.Read, new ProtoOAVersionReq(), end =>
        {
            if (end.Message?.Body is ProtoOAVersionRes version)
            {
                _peer = "Open API " + Sentence(version.Version);
            }
        });

        void Loaded()
        {
            if (--_parts == 0)
            {
                LoadDetails();
            }
        }
    }

    private void LoadDetails()
    {
        var ids = _catalogue.Symbols.Keys.ToArray();
        _parts = (ids.Length + DetailsBatch - 1) / DetailsBatch;
        if (_parts == 0)
        {
            LoadState();
            return;
        }

        foreach (var batch in ids.Chunk(DetailsBatch))
        {
            Read(DetailsOf(batch), "symbol details", end =>
            {
                _catalogue.Details(((ProtoOASymbolByIdRes)end.Message!.Body!).Symbol);
                if (--_parts == 0)
                {
                    LoadState();
                }
            });
        }
    }

    private ProtoOASymbolByIdReq DetailsOf(IEnumerable<long> ids)
    {
        var request = new ProtoOASymbolByIdReq { CtidTraderAccountId = Ctid };
        request.SymbolId.AddRange(ids);
        return request;
    }

    private void LoadState()
    {
        TellProblems();
        Read(new ProtoOAReconcileReq { CtidTraderAccountId = Ctid, ReturnProtectionOrders = true }, "positions and orders", end =>
        {
            var change = new Change();
            _book.Adopt((ProtoOAReconcileRes)end.Message!.Body!, _since ?? [], change, Hub.Now);
            _since = null;
            _loading = false;
            Noticed(change);
            LoadMarket();
        });
    }

    /// <summary>Conversion first, so that its symbols are quoted with the others; the session opens when the answer to the subscription is there.</summary>
    private void LoadMarket()
    {
        var assets = MissingAssets().ToArray();
        int parts = assets.Length;
        if (parts == 0)
        {
            LoadSpots();
            return;
        }

        foreach (long asset in assets)
        {
            AskChain(asset, () =>
            {
                if (--parts == 0)
                {
                    LoadSpots();
                }
            });
        }
    }

    private void LoadSpots()
    {
        var wanted = MissingSpots().ToArray();
        if (wanted.Length == 0)
        {
            OpenSession();
            return;
        }

        Subscribe(wanted, OpenSession);
    }

    /// <summary>A read without which the account cannot be served.</summary>
    private void Read(Google.Protobuf.IMessage body, string what, Action<OpenApiEnd> answered) => Submit(Lane.Read, body, end =>
    {
        if (end.Kind == OpenApiEndKind.Answered && end.Message?.Body is not null)
        {
            answered(end);
            return;
        }

        FailLoad();
        if (end.Kind == OpenApiEndKind.Failed && ErrorOf(end.Error) is { Class: CTraderErrorClass.Reauth })
        {
            _authorised = false;
            Pause($"reading {what}: {Why(end)}", end.Error?.RetryAfter);
            return;
        }

        Log(CTraderLogLevel.Warning, $"{what} could not be read: {Why(end)}");
        Pause($"reading {what}: {Why(end)}", end.Error?.RetryAfter);
        if (end.Kind == OpenApiEndKind.TimedOut)
        {
            Mute($"{what} could not be read");
        }
    });

    private void FailLoad()
    {
        // Whatever else is under way belongs to an attempt that is over.
        _round++;
        (_loading, _readingSymbols, _since) = (false, false, null);
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

    /// <summary>2120, or a symbol that is in no list: the lists are read again, and the details of those that changed. One reading at a time; what changes meanwhile is read after it.</summary>
    private void ReadSymbols(IEnumerable<long> ids)
    {
        _changedSymbols.UnionWith(ids);
        if (!_authorised || _loading || _readingSymbols)
        {
            return;
        }

        _readingSymbols = true;
        _symbolsAt = Never;
        var changed = new HashSet<long>(_changedSymbols);
        _changedSymbols.Clear();
        Submit(Lane.Read, new ProtoOASymbolsListReq { CtidTraderAccountId = Ctid }, end =>
        {
            _readingSymbols = false;
            if (end.Message?.Body is not ProtoOASymbolsListRes list)
            {
                Log(CTraderLogLevel.Warning, $"the symbols could not be read again: {Why(end)}");
                ReadSymbolsLater(changed);
                return;
            }

            var before = _catalogue.Symbols.Keys.ToHashSet();
            if (_catalogue.List(list.Symbol))
            {
                // Names are what everything above knows symbols by: nothing that was told holds any more.
                SessionLost("a symbol has another name");
                return;
            }

            changed.UnionWith(_catalogue.Symbols.Keys.Where(id => !before.Contains(id)));
            changed.IntersectWith(_catalogue.Symbols.Keys);
            foreach (var batch in changed.Chunk(DetailsBatch))
            {
                Submit(Lane.Read, DetailsOf(batch), details =>
                {
                    if (details.Message?.Body is ProtoOASymbolByIdRes found)
                    {
                        TakeDetails(found);
                    }
                    else
                    {
                        ReadSymbolsLater(batch);
                    }
                });
            }

            if (_changedSymbols.Count > 0)
            {
                ReadSymbols([]);
            }
        });
    }

    private void ReadSymbolsLater(IEnumerable<long> ids)
    {
        _changedSymbols.UnionWith(ids);
        _symbolsAt = Hub.Mono + 30_000;
    }

    private void TakeDetails(ProtoOASymbolByIdRes found)
    {
        var specs = _catalogue.Details(found.Symbol);
        TellProblems();
        if (_open && specs.Count > 0)
        {
            Report(new SymbolsChanged { Account = Account, Epoch = Epoch, Symbols = specs });
        }

        EnsureMarket();
        if (_missed)
        {
            // What an event told about a symbol that was not known is in the whole state.
            _missed = false;
            Differs();
        }
    }

    private void TellProblems()
    {
        foreach (string problem in _catalogue.Problems)
        {
            Log(CTraderLogLevel.Warning, Sentence(problem));
        }

        _catalogue.Problems.Clear();
    }
}
