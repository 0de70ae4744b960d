using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.CTrader.Translate;

/// <summary>A symbol of the account, with its last quote.</summary>
internal sealed class Listing(ProtoOALightSymbol light)
{
    /// <summary>symbolId: of this broker's server only.</summary>
    public long Id { get; } = light.SymbolId;

    /// <summary>The broker's name.</summary>
    public SymbolName Name { get; } = new(light.SymbolName);

    public long BaseAsset { get; } = light.BaseAssetId;

    public long QuoteAsset { get; } = light.QuoteAssetId;

    /// <summary>Visible to traders.</summary>
    public bool Enabled { get; } = !light.HasEnabled || light.Enabled;

    /// <summary>What may be traded; null = nothing of it can be said in our words (no details, or another symbol has its name).</summary>
    public SymbolSpec? Spec { get; set; }

    /// <summary>Hundredths of a unit in one lot.</summary>
    public long LotSize { get; set; }

    public int Digits { get; set; } = 5;

    /// <summary>Last bid × 100000, 0 = none yet. One-sided updates are normal: each side is kept (guide §11).</summary>
    public long Bid { get; set; }

    /// <summary>Last ask × 100000, 0 = none yet.</summary>
    public long Ask { get; set; }

    public Timestamp QuotedAt { get; set; }

    /// <summary>A quote of it is on its way to the receiver.</summary>
    public bool IsQuoteWaiting { get; set; }

    /// <summary>In no list: known only by a conversion chain.</summary>
    public bool OnlyConverts { get; set; }

    public bool IsQuoted => Bid > 0 && Ask > 0;

    /// <summary>The last quote; only when <see cref="IsQuoted"/>.</summary>
    public Quote Quote => new(new Price(Bid / Units.WirePrice), new Price(Ask / Units.WirePrice), QuotedAt);

    /// <summary>Lots of a wire volume, exactly.</summary>
    public Lots ToLots(long volume) => new(LotSize > 0 ? volume / (decimal)LotSize : 0m);

    /// <summary>The wire volume of lots; null when they are no whole number of hundredths of a unit.</summary>
    public long? ToVolume(Lots lots)
    {
        decimal exact = lots.Value * LotSize;
        decimal whole = Math.Round(exact);
        return whole is >= 0 and <= long.MaxValue && Math.Abs(exact - whole) < 0.000_001m ? (long)whole : null;
    }
}

/// <summary>Assets and symbols of an account.</summary>
internal sealed class Catalogue
{
    private readonly Dictionary<long, Listing> _byId = [];
    private readonly Dictionary<SymbolName, Listing> _byName = [];
    private readonly Dictionary<long, string> _assets = [];

    /// <summary>All symbols, by id.</summary>
    public IReadOnlyDictionary<long, Listing> Symbols => _byId;

    /// <summary>Those whose name another one has, or that cannot be used: with the reason.</summary>
    public List<string> Problems { get; } = [];

    public Listing? Find(long id) => _byId.GetValueOrDefault(id);

    public Listing? Find(SymbolName name) => _byName.GetValueOrDefault(name);

    public string Asset(long id) => _assets.GetValueOrDefault(id, "");

    public void Assets(IEnumerable<ProtoOAAsset> assets)
    {
        foreach (var asset in assets)
        {
            _assets[asset.AssetId] = asset.Name;
        }
    }

    /// <summary>Takes the light list: those that are new, and those that are gone. True = one that was known is another one now.</summary>
    public bool List(IEnumerable<ProtoOALightSymbol> symbols)
    {
        bool replaced = false;
        var present = new HashSet<long>();
        foreach (var light in symbols)
        {
            present.Add(light.SymbolId);
            if (_byId.TryGetValue(light.SymbolId, out var known) && known.Name.Value == light.SymbolName && known.QuoteAsset == light.QuoteAssetId && known.BaseAsset == light.BaseAssetId)
            {
                if (known.OnlyConverts)
                {
                    known.OnlyConverts = false;
                    Add(known);
                }

                continue;
            }

            replaced |= _byId.ContainsKey(light.SymbolId);
            Add(new Listing(light));
        }

        foreach (long id in _byId.Where(s => !present.Contains(s.Key) && !s.Value.OnlyConverts).Select(s => s.Key).ToArray())
        {
            var gone = _byId[id];
            _byId.Remove(id);
            if (_byName.GetValueOrDefault(gone.Name) == gone)
            {
                _byName.Remove(gone.Name);
            }
        }

        return replaced;
    }

    /// <summary>Takes details; returns the specifications that are new or changed.</summary>
    public IReadOnlyList<SymbolSpec> Details(IEnumerable<ProtoOASymbol> symbols)
    {
        var changed = new List<SymbolSpec>();
        foreach (var symbol in symbols)
        {
            if (_byId.TryGetValue(symbol.SymbolId, out var listing) && Details(listing, symbol) is { } spec)
            {
                changed.Add(spec);
            }
        }

        return changed;
    }

    /// <summary>A symbol of a conversion chain that the list did not name: it is quoted, never traded.</summary>
    public Listing ForConversion(ProtoOALightSymbol light)
    {
        if (!_byId.TryGetValue(light.SymbolId, out var listing))
        {
            _byId[light.SymbolId] = listing = new Listing(light) { OnlyConverts = true };
        }

        return listing;
    }

    /// <summary>All specifications, by name.</summary>
    public IReadOnlyList<SymbolSpec> Specs()
    {
        var specs = new List<SymbolSpec>(_byId.Count);
        foreach (var listing in _byId.Values)
        {
            if (listing.Spec is { } spec)
            {
                specs.Add(spec);
            }
        }

        specs.Sort(static (a, b) => a.Name.CompareTo(b.Name));
        return specs;
    }

    private void Add(Listing listing)
    {
        if (_byId.TryGetValue(listing.Id, out var before) && _byName.GetValueOrDefault(before.Name) == before)
        {
            _byName.Remove(before.Name);
        }

        _byId[listing.Id] = listing;
        if (listing.Name.Value.Length == 0)
        {
            Problems.Add($"symbol {listing.Id} has no name: it is left out");
        }
        else if (!_byName.TryAdd(listing.Name, listing))
        {
            // Names are not guaranteed to be unique (guide §10).
            Problems.Add($"symbol {listing.Id} has the name {listing.Name} of symbol {_byName[listing.Name].Id}: it is left out");
        }
    }

    private SymbolSpec? Details(Listing listing, ProtoOASymbol symbol)
    {
        if (_byName.GetValueOrDefault(listing.Name) != listing)
        {
            return null;
        }

        if (symbol.LotSize <= 0 || symbol.Digits is < 0 or > 8)
        {
            Problems.Add($"{listing.Name}: lot size {symbol.LotSize} or digits {symbol.Digits} cannot be: it is left out");
            return null;
        }

        (listing.LotSize, listing.Digits) = (symbol.LotSize, symbol.Digits);
        var spec = Spec(listing, symbol);
        if (spec.Problem() is { } problem)
        {
            Problems.Add($"{problem}: it is left out");
            return null;
        }

        if (spec == listing.Spec)
        {
            return null;
        }

        listing.Spec = spec;
        return spec;
    }

    private SymbolSpec Spec(Listing listing, ProtoOASymbol symbol) => new()
    {
        Name = listing.Name,
        ContractSize = symbol.LotSize / 100m,
        Digits = symbol.Digits,
        TickSize = Units.Point(symbol.Digits),
        MinLots = listing.ToLots(symbol.MinVolume),
        LotStep = listing.ToLots(symbol.StepVolume),
        MaxLots = listing.ToLots(symbol.MaxVolume),

        // A distance in percent moves with the price and cannot be said in points: the server's own check remains.
        StopsLevelPoints = symbol.DistanceSetIn == ProtoOASymbolDistanceType.SymbolDistanceInPoints ? (int)Math.Min(Math.Max(symbol.SlDistance, symbol.TpDistance), 1_000_000) : 0,
        ProfitCurrency = Asset(listing.QuoteAsset),
        BaseCurrency = Asset(listing.BaseAsset),
        Trading = symbol.TradingMode switch
        {
            ProtoOATradingMode.Enabled when !listing.Enabled => SymbolTrading.CloseOnly,
            ProtoOATradingMode.Enabled when symbol is { HasEnableShortSelling: true, EnableShortSelling: false } => SymbolTrading.LongOnly,
            ProtoOATradingMode.Enabled => SymbolTrading.Full,
            ProtoOATradingMode.CloseOnlyMode => SymbolTrading.CloseOnly,
            _ => SymbolTrading.Disabled,
        },
    };
}
