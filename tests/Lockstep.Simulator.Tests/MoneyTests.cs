using Lockstep.Domain;

namespace Lockstep.Simulator.Tests;

/// <summary>Margin, stop-out, swap, conversion, trading hours: the same core under all platforms.</summary>
public sealed class MoneyTests
{
    private static readonly SymbolName Yen = new("USDJPY");

    [Theory] // metatrader.md §3: lots × contract × price ÷ leverage, in account currency.
    [InlineData(PlatformKind.Mt4)]
    [InlineData(PlatformKind.Mt5)]
    [InlineData(PlatformKind.CTrader)]
    public void Margin_and_equity_follow_the_market(PlatformKind platform)
    {
        var world = new World(platform);
        Open(world, Side.Buy, 1m);
        var funds = world.Broker.Funds();
        Assert.Equal((1100.10m, 99_990m, 98_889.90m), (funds.Margin.Value, funds.Equity.Value, funds.FreeMargin.Value));
        world.Quote(1.10500m, 1.10510m);
        Assert.Equal(100_490m, world.Broker.Funds().Equity.Value);
        Assert.Equal(100_000m, world.Broker.Funds().Balance.Value);
    }

    [Fact] // metatrader.md §3: a hedge needs the larger side only where hedged margin is 0, both where it is full.
    public void Hedged_margin_is_a_matter_of_the_broker()
    {
        foreach (var (share, margin) in new[] { (0m, 1100.10m), (1m, 1650.10m) })
        {
            var world = new World(PlatformKind.Mt5, settings: s => s with { HedgedMarginShare = share });
            Open(world, Side.Buy, 1m);
            Open(world, Side.Sell, 0.50m);
            Assert.Equal(margin, world.Broker.Funds().Margin.Value);
        }
    }

    [Fact]
    public void Profit_in_yen_is_converted_at_the_brokers_own_quote()
    {
        var world = new World(PlatformKind.Mt5);
        world.Mt5.OrderSend(new MqlTradeRequest { Action = MqlAction.Deal, Symbol = "USDJPY", Type = Mt5OrderType.Buy, Volume = 1m });
        world.Broker.OnQuote(Yen, new Price(151.000m), new Price(151.010m));
        world.Mt5.OrderSend(new MqlTradeRequest { Action = MqlAction.Deal, Symbol = "USDJPY", Type = Mt5OrderType.Sell, Volume = 1m, Position = world.Mt5.Positions.Single().Ticket });
        Assert.Equal(Math.Round(0.990m * 100_000m / 151.010m, 2), world.Mt5.HistoryDeals.Last().Profit);
    }

    [Fact] // Without the quote that converts, nobody can tell the margin: no quotes.
    public void An_opening_needs_the_conversion_quote()
    {
        var settings = new World(PlatformKind.Mt5).Settings with { Currency = "JPY" };
        var clock = new VirtualSimClock();
        var broker = (Mt5Broker)SimBroker.Create(settings, clock, new SimRandom(1));
        broker.OnQuote(World.EurName, new Price(1.1m), new Price(1.10010m));
        var request = new MqlTradeRequest { Action = MqlAction.Deal, Symbol = World.Eur, Type = Mt5OrderType.Buy, Volume = 0.01m };
        Assert.Equal(10021, broker.OrderSend(request).Retcode);
        broker.OnQuote(Yen, new Price(150m), new Price(150.010m));
        Assert.Equal(10009, broker.OrderSend(request).Retcode);
    }

    [Theory]
    [InlineData(PlatformKind.Mt4)]
    [InlineData(PlatformKind.Mt5)]
    [InlineData(PlatformKind.CTrader)]
    public void Lack_of_margin_closes_the_worst_position_first_and_stops_when_it_is_enough(PlatformKind platform)
    {
        var world = new World(platform, settings: s => s with { OpeningBalance = 3_000m });
        Open(world, Side.Buy, 1.00m);
        world.Quote(1.09000m, 1.09010m);
        Open(world, Side.Buy, 0.50m);
        world.Quote(1.08010m, 1.08020m);

        // Equity is 500 of a margin of 1645: below a half. Without the first position it is 500 of 545.
        var left = Assert.Single(world.Broker.OpenPositions);
        Assert.Equal(0.50m, left.Volume);
        Assert.Equal(DealReason.StopOut, world.Broker.Deals[^1].Reason);
        if (platform == PlatformKind.Mt5)
        {
            Assert.StartsWith("so ", world.Mt5.HistoryDeals.Last().Comment, StringComparison.Ordinal);
        }
        else if (platform == PlatformKind.Mt4)
        {
            Assert.StartsWith("so: ", world.Mt4.HistoryPool.Last().Comment, StringComparison.Ordinal);
        }
        else
        {
            Assert.True(world.CTrader.OrderDetails(world.CTrader.DealList.Last().OrderId)!.IsStopOut);
        }
    }

    [Theory] // metatrader.md §3: SYMBOL_SWAP_ROLLOVER3DAYS; none at the weekend.
    [InlineData(PlatformKind.Mt4)]
    [InlineData(PlatformKind.Mt5)]
    [InlineData(PlatformKind.CTrader)]
    public void Swap_counts_three_times_on_wednesday_and_not_at_the_weekend(PlatformKind platform)
    {
        // The clock starts on a Monday; the day ends at 22:00 UTC.
        var world = new World(platform, symbol: s => s with { SwapLong = -5m, SwapShort = 1m });
        Open(world, Side.Buy, 1m);
        decimal[] nights = new decimal[7];
        decimal before = Floating(world);
        for (int day = 0; day < 7; day++)
        {
            world.Wait(24 * 3600);
            world.Quote(1.10000m, 1.10010m);
            nights[day] = Floating(world) - before;
            before += nights[day];
        }

        Assert.Equal([-5m, -5m, -15m, -5m, -5m, 0m, 0m], nights);
        Assert.Equal(100_000m, world.Broker.Balance);
        Close(world);
        Assert.Equal(100_000m - 10m - 35m, world.Broker.Balance);
        Assert.Equal(-35m, world.Broker.Deals[^1].Swap);

        static decimal Floating(World world) => world.Broker.Funds().Equity.Value;
    }

    [Fact] // metatrader.md §1.4: swap by re-opening changes the ticket, the identifier stays.
    public void Swap_by_reopening_changes_the_ticket()
    {
        var world = new World(PlatformKind.Mt5, symbol: s => s with { SwapMode = SwapMode.Reopen, SwapLong = -5m });
        Open(world, Side.Buy, 1m);
        var before = world.Mt5.Positions.Single();
        world.Wait(24 * 3600);
        world.Quote(1.10000m, 1.10010m);
        var after = world.Mt5.Positions.Single();
        Assert.Equal(before.Identifier, after.Identifier);
        Assert.NotEqual(before.Ticket, after.Ticket);
        Assert.Equal(before.PriceOpen + 0.00005m, after.PriceOpen);
    }

    [Fact] // ctrader.md §10: start inclusive, end exclusive; streaming quotes do not mean open (BOT1).
    public void Quotes_stream_while_the_market_is_closed()
    {
        var hours = TradingHours.Forex;
        Assert.False(hours.IsOpen(At(2026, 1, 4, 22, 4, 59)));
        Assert.True(hours.IsOpen(At(2026, 1, 4, 22, 5, 0)));
        Assert.True(hours.IsOpen(At(2026, 1, 5, 21, 59, 59)));
        Assert.False(hours.IsOpen(At(2026, 1, 5, 22, 0, 0)));
        Assert.True(hours.IsOpen(At(2026, 1, 9, 21, 59, 59)));
        Assert.False(hours.IsOpen(At(2026, 1, 9, 22, 30, 0)));
        Assert.False(hours.IsOpen(At(2026, 1, 10, 12, 0, 0)));

        var world = new World(PlatformKind.CTrader, symbol: s => s with { Hours = TradingHours.Forex });
        var id = world.Market(Side.Buy, 1m, sl: 100).Order!.PositionId;
        world.Clock.RunUntil(At(2026, 1, 5, 22, 1, 0));
        world.Quote(1.05000m, 1.05010m);
        Assert.Equal(1.05000m, world.Broker.QuoteOf(World.EurName)!.Value.Bid.Value);
        Assert.Equal("MARKET_CLOSED", world.CTrader.ClosePosition(id, 10_000_000).ErrorCode);
        Assert.Single(world.Broker.OpenPositions);
        world.Clock.RunUntil(At(2026, 1, 5, 22, 6, 0));
        world.Quote(1.05000m, 1.05010m);
        Assert.Empty(world.Broker.OpenPositions);
        Assert.Equal(1.05000m, world.Broker.Deals[^1].Price);
    }

    [Fact]
    public void Nonsense_quotes_are_refused_and_counted()
    {
        var world = new World(PlatformKind.Mt5);
        world.Quote(0m, 1m);
        world.Quote(-1m, 1m);
        world.Quote(1.2m, 1.1m);
        world.Broker.OnQuote(new SymbolName("NOPE"), new Price(1m), new Price(1m));
        Assert.Equal(4, world.Broker.QuotesRefused);
        Assert.Equal(1.10000m, world.Broker.QuoteOf(World.EurName)!.Value.Bid.Value);
    }

    [Fact]
    public void A_pending_order_without_money_is_dropped_and_seen()
    {
        var world = new World(PlatformKind.Mt5, settings: s => s with { OpeningBalance = 2_000m });
        var sink = new Recorder();
        var session = world.Session(sink);
        var order = world.Pending5(Mt5OrderType.BuyLimit, 5m, 1.09m);
        world.Quote(1.08990m, 1.09m);
        Assert.Equal((order.Order, Mt5OrderState.Rejected), (world.Mt5.HistoryOrders.Last().Ticket, world.Mt5.HistoryOrders.Last().State));
        session.Ask(new AskId(1), Timestamp.Epoch);
        world.Wait(1);
        Assert.Equal(order.Order, sink.Snapshot.EndedOrders.Single().Id.Value);
    }

    [Fact]
    public void The_volume_limit_counts_positions_and_orders_of_one_direction()
    {
        var world = new World(PlatformKind.Mt5, symbol: s => s with { VolumeLimit = 2m });
        Open(world, Side.Buy, 1m);
        world.Pending5(Mt5OrderType.BuyLimit, 0.5m, 1.09m);
        Assert.Equal(10034, world.Deal5(Mt5OrderType.Buy, 0.6m).Retcode);
        Assert.Equal(10009, world.Deal5(Mt5OrderType.Sell, 2m).Retcode);
    }

    private static Timestamp At(int year, int month, int day, int hour, int minute, int second) =>
        Timestamp.From(new DateTimeOffset(year, month, day, hour, minute, second, TimeSpan.Zero));

    private static void Open(World world, Side side, decimal lots)
    {
        bool done = world.Broker switch
        {
            Mt4Broker => world.Send4(side == Side.Buy ? Mt4Op.Buy : Mt4Op.Sell, lots).Executed,
            Mt5Broker => world.Deal5(side == Side.Buy ? Mt5OrderType.Buy : Mt5OrderType.Sell, lots).Executed,
            _ => world.Market(side, lots).Executed,
        };
        Assert.True(done);
    }

    private static void Close(World world)
    {
        var position = world.Broker.OpenPositions.Single();
        bool done = world.Broker switch
        {
            Mt4Broker mt4 => mt4.OrderClose((int)position.Ticket, position.Volume).Executed,
            Mt5Broker => world.Deal5(Mt5OrderType.Sell, position.Volume, position: position.Ticket).Executed,
            _ => world.CTrader.ClosePosition(position.Id, world.CTrader.ToVolume(position.Symbol, position.Volume)).Executed,
        };
        Assert.True(done);
    }
}
