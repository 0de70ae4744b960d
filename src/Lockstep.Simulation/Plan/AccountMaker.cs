using Lockstep.Domain;
using Lockstep.Simulator;

namespace Lockstep.Simulation;

/// <summary>Draws the accounts of a world: platform, mode, symbols with their differences, who trades there.</summary>
internal static class AccountMaker
{
    private static readonly (PlatformKind Platform, AccountMode Mode)[] Kinds =
    [
        (PlatformKind.Mt5, AccountMode.Hedging),
        (PlatformKind.Mt5, AccountMode.Netting),
        (PlatformKind.Mt4, AccountMode.Hedging),
        (PlatformKind.Mt4, AccountMode.Fifo),
        (PlatformKind.CTrader, AccountMode.Hedging),
        (PlatformKind.CTrader, AccountMode.Netting),
    ];

    /// <summary>2–6 accounts; the first is always traded on.</summary>
    public static IReadOnlyList<AccountPlan> Make(SimRandom dice, Weather weather, TimeSpan trouble)
    {
        var accounts = new List<AccountPlan>();
        int count = dice.Pick([2, 2, 3, 3, 4, 5, 6]);
        for (int i = 0; i < count; i++)
        {
            accounts.Add(One(dice.Fork(i), i, weather, trouble));
        }

        if (count > 2 && weather is Weather.Network or Weather.Storm && dice.Chance(15))
        {
            accounts[^1] = accounts[^1] with { GoneAfter = PlanMaker.Within(dice, trouble) };
        }

        return accounts;
    }

    private static AccountPlan One(SimRandom dice, int number, Weather weather, TimeSpan trouble)
    {
        var (platform, mode) = dice.Pick(Kinds);
        string suffix = dice.Pick(["", "", ".m", "-pro"]);
        var instruments = new List<InstrumentPlan>();
        var symbols = new List<SimSymbol>();
        foreach (var market in Instrument.All)
        {
            var symbol = market.At(dice, suffix, platform);
            symbols.Add(symbol);
            instruments.Add(new InstrumentPlan(market.Name, symbol.Spec.Name, symbol.SpreadPoints, dice.Next(-3, 3)));
        }

        // Where the oldest must go first, a stranger's older position keeps ours from closing: nobody else trades on a FIFO target.
        bool source = number == 0 || (dice.Chance(25) && mode != AccountMode.Fifo);
        return new AccountPlan
        {
            Id = new AccountId(PlanMaker.Name("a", number)),
            Broker = new BrokerSettings
            {
                Platform = platform,
                Mode = mode,
                Symbols = symbols,
                OpeningBalance = dice.Pick([100_000m, 250_000m, 1_000_000m]),
                Leverage = dice.Pick([100m, 500m]),
                StopOutLevel = 20m,
                ExecutionDelayMin = TimeSpan.FromMilliseconds(dice.Next(1, 30)),
                ExecutionDelayMax = TimeSpan.FromMilliseconds(dice.Next(30, 400)),
                StopsWithOpen = !dice.Chance(12),
                RequestsPerSecond = dice.Chance(10) ? 20 : 0,
            },
            Faults = FaultMaker.Make(dice.Fork("faults"), weather),
            Outages = FaultMaker.Outages(dice.Fork("outages"), weather, trouble),
            TradesEvery = source ? new TimeSpan(trouble.Ticks / dice.Next(15, 60)) : null,
            MeddlesEvery = dice.Chance(35) ? new TimeSpan(trouble.Ticks / dice.Next(2, 8)) : null,
            Instruments = instruments,
        };
    }
}

/// <summary>An instrument of the market, whatever brokers call it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Start">First price.</param>
/// <param name="Digits">Decimals of a price.</param>
/// <param name="Contracts">Contract sizes that brokers use.</param>
/// <param name="StepPoints">Most points that the price moves from one round of quotes to the next.</param>
internal sealed record Instrument(string Name, decimal Start, int Digits, IReadOnlyList<decimal> Contracts, int StepPoints)
{
    /// <summary>All there are.</summary>
    public static readonly IReadOnlyList<Instrument> All =
    [
        new("EURUSD", 1.10000m, 5, [100_000m], 25),
        new("XAUUSD", 2400.00m, 2, [100m, 100m, 10m], 60),
        new("US30", 39000.0m, 1, [1m, 1m, 10m, 5m], 80),
    ];

    /// <summary>How a broker has it.</summary>
    public SimSymbol At(SimRandom dice, string suffix, PlatformKind platform)
    {
        var (min, step, max) = dice.Pick([(0.01m, 0.01m, 50m), (0.01m, 0.01m, 50m), (0.1m, 0.1m, 100m), (0.1m, 0.01m, 20m), (0.02m, 0.02m, 3m)]);
        decimal contract = dice.Pick(Contracts);
        decimal points = Digits == 1 ? dice.Pick([1m, 1m, 5m]) : 1m;
        var spec = new SymbolSpec
        {
            Name = new SymbolName(Name + suffix),
            ContractSize = contract,
            Digits = Digits,

            // cTrader has no ticks but the last digit.
            TickSize = 1m / Power(Digits) * (platform == PlatformKind.CTrader ? 1m : points),
            MinLots = new Lots(min),
            LotStep = new Lots(step),
            MaxLots = new Lots(max),
            StopsLevelPoints = platform == PlatformKind.CTrader ? 0 : dice.Pick([0, 0, 20]),
            FreezeLevelPoints = platform == PlatformKind.CTrader ? 0 : dice.Pick([0, 0, 0, 10]),
            ProfitCurrency = "USD",
            BaseCurrency = Name[..3],
        };
        return new SimSymbol
        {
            Spec = spec,
            SpreadPoints = dice.Next(4, 14),
            StartPrice = Start,
            StepPoints = StepPoints,
            Execution = platform == PlatformKind.CTrader ? SimExecution.Market : dice.Pick([SimExecution.Market, SimExecution.Instant]),
            Leverage = Name == "US30" ? 50m : null,
        };
    }

    private static decimal Power(int digits)
    {
        decimal p = 1m;
        for (int i = 0; i < digits; i++)
        {
            p *= 10m;
        }

        return p;
    }
}
