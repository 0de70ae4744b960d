using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.Simulator.Tests.OpenApi;

/// <summary>Guide §10.</summary>
public sealed class CatalogueTests
{
    [Fact] // Light list, details by id in a batch, with the recorded numbers of EURUSD and gold.
    public void Symbols_come_light_and_whole_by_id()
    {
        var world = new ApiWorld(symbol: s => s with { CommissionPerLot = s.Spec.Name.Value == World.Eur ? 2.5m : 0m });
        var client = world.Ready();
        var light = client.Ask<ProtoOASymbolsListRes>(new ProtoOASymbolsListReq { CtidTraderAccountId = ApiWorld.Demo }).Symbol;
        Assert.Equal(["EURJPY", "EURUSD", "GER40", "USDJPY", "XAUUSD"], light.Select(s => s.SymbolName));
        Assert.Equal(5, light.Select(s => s.SymbolId).Distinct().Count());
        var whole = client.Ask<ProtoOASymbolByIdRes>(new ProtoOASymbolByIdReq { CtidTraderAccountId = ApiWorld.Demo, SymbolId = { world.Eur, world.Gold } }).Symbol;
        Assert.Equal(
            (5, 4, 10_000_000L, 100_000L, 100_000L, 1_000_000_000L, 250_000_000L, ""),
            (whole[0].Digits, whole[0].PipPosition, whole[0].LotSize, whole[0].MinVolume, whole[0].StepVolume, whole[0].MaxVolume, whole[0].PreciseTradingCommissionRate, whole[0].MeasurementUnits));
        Assert.Equal((2, 0, 10_000L, 100L, "Contracts"), (whole[1].Digits, whole[1].PipPosition, whole[1].LotSize, whole[1].MinVolume, whole[1].MeasurementUnits));
        Assert.Equal((-0.65d, 0.21d, ProtoOADayOfWeek.Wednesday), (Math.Round(whole[0].SwapLong, 4), Math.Round(whole[0].SwapShort, 4), whole[0].SwapRollover3Days));
        Assert.Equal([(0u, 604_800u)], whole[0].Schedule.Select(w => (w.StartSecond, w.EndSecond)));
        Assert.Equal("SYMBOL_NOT_FOUND", client.Fail(new ProtoOASymbolByIdReq { CtidTraderAccountId = ApiWorld.Demo, SymbolId = { world.Eur, 4242 } }).ErrorCode);
        Assert.Equal("INVALID_REQUEST", client.Fail(new ProtoOASymbolByIdReq { CtidTraderAccountId = ApiWorld.Demo }).ErrorCode);
    }

    [Fact] // "Ids differ per broker/server."
    public void Ids_differ_between_environments()
    {
        var world = new ApiWorld();
        Assert.NotEqual(world.Server.SymbolId(ApiWorld.Demo, World.Eur), world.Server.SymbolId(ApiWorld.Live, World.Eur));
        var live = world.Ready(account: ApiWorld.Live);
        Assert.Equal("SYMBOL_NOT_FOUND", live.Fail(new ProtoOASymbolByIdReq { CtidTraderAccountId = ApiWorld.Live, SymbolId = { world.Eur } }).ErrorCode);
    }

    [Fact]
    public void Categories_and_classes_and_assets_fit_together()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        var assets = client.Ask<ProtoOAAssetListRes>(new ProtoOAAssetListReq { CtidTraderAccountId = ApiWorld.Demo }).Asset.ToDictionary(a => a.AssetId, a => a.Name);
        var classes = client.Ask<ProtoOAAssetClassListRes>(new ProtoOAAssetClassListReq { CtidTraderAccountId = ApiWorld.Demo }).AssetClass.ToDictionary(c => c.Id, c => c.Name);
        var categories = client.Ask<ProtoOASymbolCategoryListRes>(new ProtoOASymbolCategoryListReq { CtidTraderAccountId = ApiWorld.Demo }).SymbolCategory.ToDictionary(c => c.Id, c => classes[c.AssetClassId]);
        var symbols = client.Ask<ProtoOASymbolsListRes>(new ProtoOASymbolsListReq { CtidTraderAccountId = ApiWorld.Demo }).Symbol;
        Assert.Equal(
            [("EURJPY", "EUR", "JPY", "Forex"), ("EURUSD", "EUR", "USD", "Forex"), ("GER40", "GER40", "EUR", "Indices"), ("USDJPY", "USD", "JPY", "Forex"), ("XAUUSD", "XAU", "USD", "Metals")],
            symbols.Select(s => (s.SymbolName, assets[s.BaseAssetId], assets[s.QuoteAssetId], categories[s.SymbolCategoryId])));
        Assert.Equal("USD", assets[client.Ask<ProtoOATraderRes>(new ProtoOATraderReq { CtidTraderAccountId = ApiWorld.Demo }).Trader.DepositAssetId]);
    }

    [Fact] // 2118: an ordered chain, each symbol sharing an asset with the next.
    public void The_conversion_chain_is_the_shortest_and_in_order()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        var assets = client.Ask<ProtoOAAssetListRes>(new ProtoOAAssetListReq { CtidTraderAccountId = ApiWorld.Demo }).Asset.ToDictionary(a => a.Name, a => a.AssetId);
        Assert.Equal(["EURUSD"], Chain("EUR", "USD"));
        Assert.Equal(["GER40", "EURUSD"], Chain("GER40", "USD"));
        Assert.Equal(["EURJPY", "GER40"], Chain("JPY", "GER40"));
        Assert.Empty(Chain("USD", "USD"));
        Assert.Equal("ENTITY_NOT_FOUND", client.Fail(new ProtoOASymbolsForConversionReq { CtidTraderAccountId = ApiWorld.Demo, FirstAssetId = 999, LastAssetId = assets["USD"] }).ErrorCode);

        IEnumerable<string> Chain(string first, string last) => client.Ask<ProtoOASymbolsForConversionRes>(
            new ProtoOASymbolsForConversionReq { CtidTraderAccountId = ApiWorld.Demo, FirstAssetId = assets[first], LastAssetId = assets[last] }).Symbol.Select(s => s.SymbolName);
    }

    [Fact]
    public void Dynamic_leverage_has_the_symbols_own()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        var symbols = client.Ask<ProtoOASymbolByIdRes>(new ProtoOASymbolByIdReq { CtidTraderAccountId = ApiWorld.Demo, SymbolId = { world.Eur, world.Gold } }).Symbol;
        Assert.Equal([10_000, 5_000], symbols.Select(s => client.Ask<ProtoOAGetDynamicLeverageByIDRes>(
            new ProtoOAGetDynamicLeverageByIDReq { CtidTraderAccountId = ApiWorld.Demo, LeverageId = s.LeverageId }).Leverage.Tiers.Single().Leverage));
        Assert.Equal("ENTITY_NOT_FOUND", client.Fail(new ProtoOAGetDynamicLeverageByIDReq { CtidTraderAccountId = ApiWorld.Demo, LeverageId = 5 }).ErrorCode);
    }

    [Fact] // 2120 lists ids only.
    public void A_changed_symbol_is_told_by_its_id()
    {
        var world = new ApiWorld();
        var client = world.Ready();
        world.Broker.ChangeSymbol(world.Broker.Symbol(World.EurName)! with { TradeMode = SimTradeMode.CloseOnly });
        Assert.Equal([world.Eur], Assert.IsType<ProtoOASymbolChangedEvent>(Assert.Single(client.Heard).Body).SymbolId);
        Assert.Equal(ProtoOATradingMode.CloseOnlyMode, client.Ask<ProtoOASymbolByIdRes>(new ProtoOASymbolByIdReq { CtidTraderAccountId = ApiWorld.Demo, SymbolId = { world.Eur } }).Symbol[0].TradingMode);
    }

    [Theory] // §2: fields that stand in no .proto: deal 19, trader 23, symbol 41, one on the answer to a subscription.
    [InlineData(true)]
    [InlineData(false)]
    public void Unknown_fields_can_be_switched(bool on)
    {
        var world = new ApiWorld(new SimOpenApiSettings { Applications = [new("app", "secret", [])], UnknownFields = on });
        var client = world.Ready();
        var trader = client.Ask<ProtoOATraderRes>(new ProtoOATraderReq { CtidTraderAccountId = ApiWorld.Demo }).Trader;
        var symbol = client.Ask<ProtoOASymbolByIdRes>(new ProtoOASymbolByIdReq { CtidTraderAccountId = ApiWorld.Demo, SymbolId = { world.Eur } }).Symbol[0];
        var subscribed = client.Ask<ProtoOASubscribeSpotsRes>(new ProtoOASubscribeSpotsReq { CtidTraderAccountId = ApiWorld.Demo, SymbolId = { world.Eur } });
        var deal = client.Trade(client.Market())[1].Deal;
        Assert.Equal(on ? (3, 3, 2, 3) : (0, 0, 0, 0), (Extra(trader, trader.Clone()), Extra(symbol, symbol.Clone()), Extra(subscribed, subscribed.Clone()), Extra(deal, deal.Clone())));

        // How many bytes are in no field that is known.
        static int Extra<T>(T message, T copy)
            where T : Google.Protobuf.IMessage<T>
        {
            foreach (var field in copy.Descriptor.Fields.InFieldNumberOrder())
            {
                field.Accessor.Clear(copy);
            }

            return copy.CalculateSize();
        }
    }
}
