namespace Lockstep.Domain;

/// <summary>What a broker allows on a symbol.</summary>
public enum SymbolTrading
{
    /// <summary>Everything.</summary>
    Full = 0,

    /// <summary>Nothing.</summary>
    Disabled = 1,

    /// <summary>Only buying opens.</summary>
    LongOnly = 2,

    /// <summary>Only selling opens.</summary>
    ShortOnly = 3,

    /// <summary>Only closing.</summary>
    CloseOnly = 4,
}

/// <summary>
/// What a broker says about one symbol. Volumes in lots, prices in quote units. A spec is checked by <see cref="Problem"/> before anyone uses it.
/// </summary>
public sealed record SymbolSpec
{
    /// <summary>The broker's name of the symbol.</summary>
    public required SymbolName Name { get; init; }

    /// <summary>Units of the base asset in one lot: 100,000 for FX, 100 for gold, … (SYMBOL_TRADE_CONTRACT_SIZE, MODE_LOTSIZE, cTrader lotSize ÷ 100).</summary>
    public required decimal ContractSize { get; init; }

    /// <summary>Decimals of a price, 0–8.</summary>
    public required int Digits { get; init; }

    /// <summary>Prices are multiples of this, in quote units; usually 10^-digits but not always (SYMBOL_TRADE_TICK_SIZE).</summary>
    public required decimal TickSize { get; init; }

    /// <summary>Smallest volume of an order, in lots.</summary>
    public required Lots MinLots { get; init; }

    /// <summary>Volumes are multiples of this, in lots.</summary>
    public required Lots LotStep { get; init; }

    /// <summary>Largest volume of one order, in lots. A position can exceed it.</summary>
    public required Lots MaxLots { get; init; }

    /// <summary>Smallest distance of SL, TP and pending prices from the market, in points (10^-digits).</summary>
    public int StopsLevelPoints { get; init; }

    /// <summary>No modify, cancel or close while the market is nearer than this to the trigger, in points.</summary>
    public int FreezeLevelPoints { get; init; }

    /// <summary>Currency the profit arises in: USD for EURUSD.</summary>
    public string ProfitCurrency { get; init; } = "USD";

    /// <summary>Base currency or asset: EUR for EURUSD.</summary>
    public string BaseCurrency { get; init; } = "";

    /// <summary>What may be traded (SYMBOL_TRADE_MODE, MODE_TRADEALLOWED).</summary>
    public SymbolTrading Trading { get; init; } = SymbolTrading.Full;

    /// <summary>One point in quote units: 10^-digits.</summary>
    public decimal Point => PowersOfTenth[Digits];

    private static readonly decimal[] PowersOfTenth =
        [1m, 0.1m, 0.01m, 0.001m, 0.0001m, 0.00001m, 0.000001m, 0.0000001m, 0.00000001m];

    /// <summary>What is wrong with the spec, or null: sizes positive, step ≤ min ≤ max, digits 0–8.</summary>
    public string? Problem() =>
        string.IsNullOrWhiteSpace(Name.Value) ? "symbol has no name"
        : ContractSize <= 0 ? $"{Name}: contract size {ContractSize} must be above 0"
        : Digits is < 0 or > 8 ? $"{Name}: digits {Digits} must be 0 to 8"
        : TickSize <= 0 ? $"{Name}: tick size {TickSize} must be above 0"
        : LotStep.Value <= 0 ? $"{Name}: lot step {LotStep} must be above 0"
        : MinLots.Value <= 0 ? $"{Name}: minimum volume {MinLots} must be above 0"
        : MaxLots < MinLots ? $"{Name}: maximum volume {MaxLots} is below the minimum {MinLots}"
        : null;

    /// <summary>The price moved to the nearest multiple of <see cref="TickSize"/>; a tie goes to the even tick.</summary>
    public Price RoundPrice(Price price) => new(Math.Round(price.Value / TickSize, MidpointRounding.ToEven) * TickSize);

    /// <summary>The largest multiple of the lot step that is not above <paramref name="lots"/> (which must not be negative).</summary>
    public Lots RoundDown(Lots lots) => new(Math.Floor(lots.Value / LotStep.Value) * LotStep.Value);

    /// <summary>The smallest multiple of the lot step that is not below <paramref name="lots"/>.</summary>
    public Lots RoundUp(Lots lots) => new(Math.Ceiling(lots.Value / LotStep.Value) * LotStep.Value);

    /// <summary>The nearest multiple of the lot step; a tie goes down, towards less risk.</summary>
    public Lots RoundNearest(Lots lots)
    {
        var down = RoundDown(lots);
        return lots.Value - down.Value > LotStep.Value / 2 ? down + LotStep : down;
    }

    /// <summary>True when <paramref name="lots"/> is a multiple of the step.</summary>
    public bool IsOnStep(Lots lots) => lots.Value % LotStep.Value == 0;
}
