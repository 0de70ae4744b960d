using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <summary>How one broker lists the market's symbols.</summary>
public sealed record CatalogueOptions
{
    /// <summary>What the broker appends to names: <c>.m</c>.</summary>
    public string Suffix { get; init; } = "";

    /// <summary>Units of gold in a lot (ounces).</summary>
    public decimal GoldContract { get; init; } = 100m;

    /// <summary>Units of silver in a lot (ounces); 5,000 is usual, some have 1,000.</summary>
    public decimal SilverContract { get; init; } = 5_000m;

    /// <summary>Units of an index in a lot; 1 or 10.</summary>
    public decimal IndexContract { get; init; } = 1m;

    /// <summary>Commission a lot and side, in account currency.</summary>
    public decimal Commission { get; init; }

    /// <summary>Stops level in points.</summary>
    public int StopsLevelPoints { get; init; }

    /// <summary>Freeze level in points.</summary>
    public int FreezeLevelPoints { get; init; }

    /// <summary>Filling flags (MT5).</summary>
    public FillingFlags Filling { get; init; } = FillingFlags.Fok | FillingFlags.Ioc;

    /// <summary>True = round the clock, for demos at the weekend.</summary>
    public bool AlwaysOpen { get; init; }

    /// <summary>Only these, by canonical name; empty = all.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];
}

/// <summary>The market's best known symbols with the terms that brokers usually give them.</summary>
public static class SimCatalogue
{
    private sealed record Line(string Name, string Base, string Profit, int Digits, decimal Price, int Spread, int Step, decimal SwapLong, decimal SwapShort, Kind Kind);

    private enum Kind
    {
        Forex,
        Gold,
        Silver,
        Index,
    }

    private static readonly Line[] Lines =
    [
        new("EURUSD", "EUR", "USD", 5, 1.08500m, 8, 4, -6.5m, 2.1m, Kind.Forex),
        new("GBPUSD", "GBP", "USD", 5, 1.27000m, 11, 6, -3.9m, 0.4m, Kind.Forex),
        new("USDJPY", "USD", "JPY", 3, 152.300m, 10, 6, 11.2m, -19.8m, Kind.Forex),
        new("USDCHF", "USD", "CHF", 5, 0.88400m, 12, 4, 6.1m, -10.9m, Kind.Forex),
        new("USDCAD", "USD", "CAD", 5, 1.36500m, 13, 5, 0.9m, -5.1m, Kind.Forex),
        new("AUDUSD", "AUD", "USD", 5, 0.65800m, 10, 4, -2.8m, 0.3m, Kind.Forex),
        new("NZDUSD", "NZD", "USD", 5, 0.60100m, 14, 4, -1.4m, -0.6m, Kind.Forex),
        new("EURGBP", "EUR", "GBP", 5, 0.85500m, 12, 3, -4.6m, 1.0m, Kind.Forex),
        new("EURJPY", "EUR", "JPY", 3, 165.200m, 16, 8, 7.4m, -16.6m, Kind.Forex),
        new("GBPJPY", "GBP", "JPY", 3, 193.400m, 22, 11, 13.5m, -27.0m, Kind.Forex),
        new("XAUUSD", "XAU", "USD", 2, 2320.50m, 18, 12, -35.2m, 18.4m, Kind.Gold),
        new("XAGUSD", "XAG", "USD", 3, 27.450m, 20, 8, -4.9m, 1.6m, Kind.Silver),
        new("US30", "US30", "USD", 1, 38900.0m, 20, 20, -81.0m, 22.0m, Kind.Index),
        new("NAS100", "NAS100", "USD", 1, 18100.0m, 15, 15, -37.0m, 10.0m, Kind.Index),
        new("GER40", "GER40", "EUR", 1, 18200.0m, 14, 12, -33.0m, 5.0m, Kind.Index),
    ];

    /// <summary>Canonical names of all symbols.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Lines.Select(l => l.Name)];

    /// <summary>The catalogue of one broker.</summary>
    public static IReadOnlyList<SimSymbol> For(PlatformKind platform, CatalogueOptions? options = null)
    {
        options ??= new CatalogueOptions();
        return [.. Lines.Where(l => options.Only.Count == 0 || options.Only.Contains(l.Name)).Select(l => SymbolOf(platform, options, l))];
    }

    private static SimSymbol SymbolOf(PlatformKind platform, CatalogueOptions options, Line line)
    {
        decimal contract = line.Kind switch
        {
            Kind.Gold => options.GoldContract,
            Kind.Silver => options.SilverContract,
            Kind.Index => options.IndexContract,
            _ => 100_000m,
        };

        // MetaTrader brokers mostly give indices in tenths of a lot; cTrader goes down to hundredths of a unit.
        bool coarse = line.Kind == Kind.Index && platform != PlatformKind.CTrader;
        decimal point = Enumerable.Repeat(0.1m, line.Digits).Aggregate(1m, (a, b) => a * b);
        return new SimSymbol
        {
            Canonical = line.Name,
            Spec = new SymbolSpec
            {
                Name = new SymbolName(line.Name + options.Suffix),
                ContractSize = contract,
                Digits = line.Digits,
                TickSize = point,
                MinLots = new Lots(coarse ? 0.1m : 0.01m),
                LotStep = new Lots(coarse ? 0.1m : 0.01m),
                MaxLots = new Lots(platform == PlatformKind.Mt4 ? 50m : 100m),
                StopsLevelPoints = options.StopsLevelPoints,
                FreezeLevelPoints = platform == PlatformKind.CTrader ? 0 : options.FreezeLevelPoints,
                ProfitCurrency = line.Profit,
                BaseCurrency = line.Base,
            },
            Leverage = line.Kind switch { Kind.Index => 20m, Kind.Gold or Kind.Silver => 50m, _ => null },
            CommissionPerLot = line.Kind == Kind.Index ? 0m : options.Commission,
            SwapLong = line.SwapLong,
            SwapShort = line.SwapShort,
            Hours = options.AlwaysOpen ? TradingHours.Always : line.Kind == Kind.Forex ? TradingHours.Forex : TradingHours.WithNightlyHour,
            Filling = options.Filling,
            SpreadPoints = line.Spread,
            StartPrice = line.Price,
            StepPoints = line.Step,
            TripleSwapDay = line.Kind == Kind.Index ? DayOfWeek.Friday : DayOfWeek.Wednesday,
        };
    }
}
