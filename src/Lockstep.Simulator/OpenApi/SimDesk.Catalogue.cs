using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <content>Symbols, assets, conversion (guide §10).</content>
internal sealed partial class SimDesk
{
    private const long LeverageBase = 1_000;
    private static readonly string[] Classes = ["Forex", "Metals", "Indices", "Crypto"];

    /// <summary>Symbols in the order of their numbers.</summary>
    private IEnumerable<SimSymbol> ById => Broker.Symbols.OrderBy(s => IdOf(s.Spec.Name.Value));

    private ProtoOAAssetListRes Assets()
    {
        var answer = new ProtoOAAssetListRes { CtidTraderAccountId = Ctid };
        answer.Asset.AddRange(Ids.Assets.Select(a => new ProtoOAAsset { AssetId = a.Key, Name = a.Value, DisplayName = a.Value, Digits = a.Value == "JPY" ? 0 : 2 }));
        return answer;
    }

    private ProtoOAAssetClassListRes AssetClasses()
    {
        var answer = new ProtoOAAssetClassListRes { CtidTraderAccountId = Ctid };
        answer.AssetClass.AddRange(Classes.Select((name, i) => new ProtoOAAssetClass { Id = i + 1, Name = name, SortingNumber = i }));
        return answer;
    }

    private ProtoOASymbolCategoryListRes Categories()
    {
        var answer = new ProtoOASymbolCategoryListRes { CtidTraderAccountId = Ctid };
        answer.SymbolCategory.AddRange(Classes.Select((name, i) => new ProtoOASymbolCategory { Id = i + 11, AssetClassId = i + 1, Name = name, SortingNumber = i }));
        return answer;
    }

    private ProtoOASymbolsListRes Symbols()
    {
        var answer = new ProtoOASymbolsListRes { CtidTraderAccountId = Ctid };
        answer.Symbol.AddRange(ById.Select(Light));
        return answer;
    }

    private ProtoOASymbolByIdRes SymbolById(ProtoOASymbolByIdReq request)
    {
        if (request.SymbolId.Count == 0)
        {
            throw new SimRefusal("symbolId is empty");
        }

        var answer = new ProtoOASymbolByIdRes { CtidTraderAccountId = Ctid };
        answer.Symbol.AddRange(request.SymbolId.Select(id => Full(Broker.Symbol(new SymbolName(SymbolOf(id)))!)));
        return answer;
    }

    /// <summary>The shortest chain of symbols from one asset to another, in order (guide §10).</summary>
    private ProtoOASymbolsForConversionRes Conversion(ProtoOASymbolsForConversionReq request)
    {
        if (!Ids.Assets.ContainsKey(request.FirstAssetId) || !Ids.Assets.ContainsKey(request.LastAssetId))
        {
            throw new SimRefusal("ENTITY_NOT_FOUND", "Unknown asset");
        }

        var ways = new SortedDictionary<long, IReadOnlyList<SimSymbol>> { [request.FirstAssetId] = [] };
        var open = new Queue<long>([request.FirstAssetId]);
        while (open.TryDequeue(out long asset) && !ways.ContainsKey(request.LastAssetId))
        {
            foreach (var symbol in ById)
            {
                long first = Ids.AssetId(SimServerIds.BaseOf(symbol));
                long second = Ids.AssetId(symbol.Spec.ProfitCurrency);
                long other = first == asset ? second : first;
                if ((first == asset || second == asset) && ways.TryAdd(other, [.. ways[asset], symbol]))
                {
                    open.Enqueue(other);
                }
            }
        }

        var answer = new ProtoOASymbolsForConversionRes { CtidTraderAccountId = Ctid };
        answer.Symbol.AddRange(ways.TryGetValue(request.LastAssetId, out var chain) ? chain.Select(Light) : throw new SimRefusal("ENTITY_NOT_FOUND", "No symbols for conversion"));
        return answer;
    }

    private ProtoOAGetDynamicLeverageByIDRes DynamicLeverage(ProtoOAGetDynamicLeverageByIDReq request)
    {
        decimal leverage = Broker.Symbols.Select(LeverageOf).Where(l => LeverageBase + (long)l == request.LeverageId).Cast<decimal?>().FirstOrDefault()
            ?? throw new SimRefusal("ENTITY_NOT_FOUND", $"Unknown leverage {request.LeverageId}");
        return new ProtoOAGetDynamicLeverageByIDRes
        {
            CtidTraderAccountId = Ctid,
            Leverage = new ProtoOADynamicLeverage
            {
                LeverageId = request.LeverageId,
                Tiers = { new ProtoOADynamicLeverageTier { Volume = 100_000_000_000_00, Leverage = (int)(leverage * Server.Settings.DynamicLeverageFactor) } },
            },
        };
    }

    private decimal LeverageOf(SimSymbol symbol) => symbol.Leverage ?? Broker.Settings.Leverage;

    private ProtoOALightSymbol Light(SimSymbol symbol) => new()
    {
        SymbolId = IdOf(symbol.Spec.Name.Value),
        SymbolName = symbol.Spec.Name.Value,
        Enabled = true,
        BaseAssetId = Ids.AssetId(SimServerIds.BaseOf(symbol)),
        QuoteAssetId = Ids.AssetId(symbol.Spec.ProfitCurrency),
        SymbolCategoryId = ClassOf(symbol) + 10,
        Description = $"{SimServerIds.BaseOf(symbol)} vs {symbol.Spec.ProfitCurrency}",
        SortingNumber = IdOf(symbol.Spec.Name.Value),
    };

    private ProtoOASymbol Full(SimSymbol symbol)
    {
        var spec = symbol.Spec;
        int pip = PipOf(symbol);
        decimal pipsInPoint = 1m;
        for (int i = pip; i < spec.Digits; i++)
        {
            pipsInPoint /= 10m;
        }

        string name = spec.Name.Value;
        var full = new ProtoOASymbol
        {
            SymbolId = IdOf(name),
            Digits = spec.Digits,
            PipPosition = pip,
            EnableShortSelling = symbol.TradeMode != SimTradeMode.LongOnly,
            GuaranteedStopLoss = false,
            SwapRollover3Days = (ProtoOADayOfWeek)((((int)symbol.TripleSwapDay + 6) % 7) + 1),

            // In pips, as recorded; the simulated broker counts in points.
            SwapLong = (double)((symbol.SwapMode == SwapMode.Points ? symbol.SwapLong : 0m) * pipsInPoint),
            SwapShort = (double)((symbol.SwapMode == SwapMode.Points ? symbol.SwapShort : 0m) * pipsInPoint),
            MaxVolume = Broker.ToVolume(name, spec.MaxLots.Value),
            MinVolume = Broker.ToVolume(name, spec.MinLots.Value),
            StepVolume = Broker.ToVolume(name, spec.LotStep.Value),
            MaxExposure = symbol.VolumeLimit > 0m ? (ulong)Broker.ToVolume(name, symbol.VolumeLimit) : 10_000_000_000_000UL,
            CommissionType = ProtoOACommissionType.UsdPerLot,
            SlDistance = (uint)spec.StopsLevelPoints,
            TpDistance = (uint)spec.StopsLevelPoints,
            GslDistance = 0,
            GslCharge = 0,
            DistanceSetIn = ProtoOASymbolDistanceType.SymbolDistanceInPoints,
            MinCommissionType = ProtoOAMinCommissionType.Currency,
            MinCommissionAsset = "USD",
            RolloverCommission = 0,
            SkipRolloverDays = 0,
            ScheduleTimeZone = "UTC",
            TradingMode = symbol.TradeMode switch
            {
                SimTradeMode.Disabled => ProtoOATradingMode.DisabledWithoutPendingsExecution,
                SimTradeMode.CloseOnly => ProtoOATradingMode.CloseOnlyMode,
                _ => ProtoOATradingMode.Enabled,
            },
            LotSize = Broker.ToVolume(name, 1m),
            PreciseTradingCommissionRate = (long)(symbol.CommissionPerLot * 100_000_000m),
            PreciseMinCommission = 0,
            PnlConversionFeeRate = 0,
            LeverageId = LeverageBase + (long)LeverageOf(symbol),
            SwapPeriod = 24,
            SwapTime = (int)Broker.Settings.RolloverUtc.TotalMinutes,
            SkipSWAPPeriods = 0,
            ChargeSwapAtWeekends = false,
            MeasurementUnits = UnitsOf(name),
        };
        full.Schedule.AddRange(symbol.Hours.Windows.Select(w => new ProtoOAInterval { StartSecond = (uint)w.Start.TotalSeconds, EndSecond = (uint)w.End.TotalSeconds }));
        return Unknown(full, [0xC8, 0x02, 0x01]);
    }

    private static bool IsMetal(SimSymbol symbol) => symbol.Spec.BaseCurrency is "XAU" or "XAG" or "XPT" or "XPD";

    private static long ClassOf(SimSymbol symbol) =>
        IsMetal(symbol) ? 2 : symbol.Spec.BaseCurrency is "BTC" or "ETH" ? 4 : symbol.Spec.BaseCurrency.Length == 3 ? 1 : 3;

    /// <summary>Recorded: EURUSD with 5 digits has 4, gold with 2 digits has 0.</summary>
    private static int PipOf(SimSymbol symbol) => ClassOf(symbol) == 1 ? Math.Max(0, symbol.Spec.Digits - 1) : 0;

    /// <summary>Recorded: empty on currencies, "Contracts" on the rest.</summary>
    private string UnitsOf(string name) => Broker.Symbol(new SymbolName(name)) is { } symbol && ClassOf(symbol) != 1 ? "Contracts" : "";
}
