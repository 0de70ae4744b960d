using Lockstep.CTrader.Tests.Account;
using Lockstep.CTrader.Translate;
using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.CTrader.Tests.Translate;

public class CatalogueTests
{
    [Theory]
    [InlineData(10_000_000, 100_000, 100_000, 10_000_000_000, 100_000, 0.01, 0.01, 1_000)]
    [InlineData(10_000, 100, 100, 1_000_000, 100, 0.01, 0.01, 100)]
    [InlineData(100, 1, 1, 10_000, 1, 0.01, 0.01, 100)]
    public void The_recorded_symbols_have_their_lots(long lot, long min, long step, long max, decimal contract, decimal minLots, decimal stepLots, decimal maxLots)
    {
        var spec = Spec(Broker.Symbol(1, 5, lot, min, step, max));
        Assert.Equal((contract, minLots, stepLots, maxLots), (spec!.ContractSize, spec.MinLots.Value, spec.LotStep.Value, spec.MaxLots.Value));
        Assert.Null(spec.Problem());
    }

    [Theory]
    [InlineData(ProtoOATradingMode.Enabled, true, true, SymbolTrading.Full)]
    [InlineData(ProtoOATradingMode.Enabled, false, true, SymbolTrading.LongOnly)]
    [InlineData(ProtoOATradingMode.Enabled, true, false, SymbolTrading.CloseOnly)]
    [InlineData(ProtoOATradingMode.CloseOnlyMode, true, true, SymbolTrading.CloseOnly)]
    [InlineData(ProtoOATradingMode.DisabledWithPendingsExecution, true, true, SymbolTrading.Disabled)]
    [InlineData(ProtoOATradingMode.DisabledWithoutPendingsExecution, true, true, SymbolTrading.Disabled)]
    public void What_may_be_traded(ProtoOATradingMode mode, bool shorts, bool enabled, SymbolTrading trading)
    {
        var symbol = Broker.Symbol(1, 5, 10_000_000, 100_000, 100_000, 10_000_000_000);
        (symbol.TradingMode, symbol.EnableShortSelling) = (mode, shorts);
        var light = Broker.Light(1, "EURUSD", Broker.Eur, Broker.Usd);
        light.Enabled = enabled;
        Assert.Equal(trading, Spec(symbol, light)!.Trading);
    }

    [Fact]
    public void A_distance_counts_in_points_only()
    {
        var symbol = Broker.Symbol(1, 5, 10_000_000, 100_000, 100_000, 10_000_000_000);
        (symbol.SlDistance, symbol.TpDistance) = (30, 50);
        Assert.Equal(50, Spec(symbol)!.StopsLevelPoints);
        symbol.DistanceSetIn = ProtoOASymbolDistanceType.SymbolDistanceInPercentage;
        Assert.Equal(0, Spec(symbol)!.StopsLevelPoints);
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(-1, 5)]
    [InlineData(10_000_000, 9)]
    [InlineData(10_000_000, -1)]
    public void A_symbol_that_cannot_be_is_left_out(long lot, int digits)
    {
        var symbol = Broker.Symbol(1, 5, 10_000_000, 100_000, 100_000, 10_000_000_000);
        (symbol.LotSize, symbol.Digits) = (lot, digits);
        Assert.Null(Spec(symbol));
    }

    [Fact]
    public void Lots_become_whole_hundredths_or_nothing()
    {
        var listing = new Listing(Broker.Light(1, "EURUSD", Broker.Eur, Broker.Usd)) { LotSize = 10_000_000 };
        Assert.Equal(1_234_567L, listing.ToVolume(new Lots(0.1234567m)));
        Assert.Null(listing.ToVolume(new Lots(0.12345678m)));
        Assert.Null(listing.ToVolume(new Lots(-1m)));
        for (long volume = 1; volume < 2_000; volume += 7)
        {
            Assert.Equal(volume, listing.ToVolume(listing.ToLots(volume)));
        }

        var odd = new Listing(Broker.Light(1, "ODD", Broker.Eur, Broker.Usd)) { LotSize = 30 };
        for (long volume = 1; volume < 200; volume++)
        {
            Assert.Equal(volume, odd.ToVolume(odd.ToLots(volume)));
        }
    }

    [Theory]
    [InlineData(5, 1)]
    [InlineData(6, 1)]
    [InlineData(3, 100)]
    [InlineData(2, 1_000)]
    [InlineData(0, 100_000)]
    public void A_relative_level_has_its_unit(int digits, long unit) => Assert.Equal(unit, Units.RelativeUnit(digits));

    [Fact]
    public void A_chain_that_leads_elsewhere_is_none()
    {
        var eurusd = new Listing(Broker.Light(1, "EURUSD", Broker.Eur, Broker.Usd)) { Bid = 110_000, Ask = 110_010 };
        var eurgbp = new Listing(Broker.Light(7, "EURGBP", Broker.Eur, Broker.Gbp)) { Bid = 85_000, Ask = 85_010 };
        Assert.Equal(1m / 0.8501m * 1.1m, Conversion.Walk([eurgbp, eurusd], Broker.Gbp, Broker.Usd)!.Rate());
        Assert.Equal(1m / 1.1001m * 0.85m, Conversion.Walk([eurusd, eurgbp], Broker.Usd, Broker.Gbp)!.Rate());
        Assert.Null(Conversion.Walk([eurusd, eurgbp], Broker.Gbp, Broker.Usd));
        Assert.Null(Conversion.Walk([eurgbp], Broker.Gbp, Broker.Usd));
        eurusd.Bid = 0;
        Assert.Null(Conversion.Walk([eurgbp, eurusd], Broker.Gbp, Broker.Usd)!.Rate());
    }

    private static SymbolSpec? Spec(ProtoOASymbol symbol, ProtoOALightSymbol? light = null)
    {
        var catalogue = new Catalogue();
        catalogue.Assets([new ProtoOAAsset { AssetId = Broker.Usd, Name = "USD" }, new ProtoOAAsset { AssetId = Broker.Eur, Name = "EUR" }]);
        catalogue.List([light ?? Broker.Light(1, "EURUSD", Broker.Eur, Broker.Usd)]);
        catalogue.Details([symbol]);
        return catalogue.Find(1)!.Spec;
    }
}
