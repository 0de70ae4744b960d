using Lockstep.Domain;

namespace Lockstep.Simulator.Tests;

/// <summary>cTrader behaves as reference/ctrader.md says; the event orders are those recorded from the real server.</summary>
public sealed class CTraderFidelityTests
{
    private static (World World, List<CtExecutionEvent> Events) Fresh(AccountMode mode = AccountMode.Hedging, Func<SimSymbol, SimSymbol>? symbol = null)
    {
        var world = new World(PlatformKind.CTrader, mode, symbol: symbol);
        var events = new List<CtExecutionEvent>();
        world.CTrader.Execution += events.Add;
        return (world, events);
    }

    [Fact] // §8 recorded: MARKET with relative levels: ACCEPTED (positionId set, CREATED, volume 0) → FILLED (no SL/TP yet) → ACCEPTED of the protection order (server event).
    public void A_market_order_with_levels_makes_three_events()
    {
        var (world, events) = Fresh();
        world.Market(Side.Buy, 0.10m, sl: 500, tp: 1000, label: "mine");

        Assert.Equal([CtExecutionType.OrderAccepted, CtExecutionType.OrderFilled, CtExecutionType.OrderAccepted], events.Select(e => e.Type));
        Assert.Equal([false, false, true], events.Select(e => e.IsServerEvent));
        var shell = events[0].Position!;
        Assert.Equal((CtPositionStatus.Created, 0L, 0m), (shell.Status, shell.Volume, shell.Price));
        Assert.Null(shell.OpenTimestamp);
        Assert.NotEqual(0, events[0].Order.PositionId);
        Assert.Equal(CtTimeInForce.ImmediateOrCancel, events[0].Order.TimeInForce);

        var filled = events[1].Position!;
        Assert.Equal((events[0].Order.PositionId, 1_000_000L, 1.10010m), (filled.PositionId, filled.Volume, filled.Price));
        Assert.Null(filled.StopLoss);
        Assert.Null(filled.TakeProfit);
        Assert.Equal("mine", filled.Label);

        // One order for both levels, counted from the fill: SL in stopPrice, TP in limitPrice.
        var protection = events[2].Order;
        Assert.Equal((CtOrderType.StopLossTakeProfit, true, 1.09510m, 1.11010m), (protection.OrderType, protection.ClosingOrder, protection.StopPrice!.Value, protection.LimitPrice!.Value));
        Assert.NotEqual(events[0].Order.OrderId, protection.OrderId);
        Assert.Equal((1.09510m, 1.11010m), (events[2].Position!.StopLoss!.Value, events[2].Position!.TakeProfit!.Value));
    }

    [Fact] // §8 recorded: the protection order follows some 3 ms after the fill; over a session the position is first seen without levels, and answered when whole.
    public void A_session_sees_the_position_before_its_protection()
    {
        var (world, _) = Fresh();
        var sink = new Recorder();
        world.Session(sink).Send(Commands.Buy(1, 0.10m, world.Clock.Now + TimeSpan.FromSeconds(1), sl: 1.09500m));
        world.Wait(1);
        Assert.Equal([null, new Price(1.09500m)], sink.Changes.Select(c => c.Positions.Single().StopLoss));
        Assert.Same(sink.Events[^1], sink.Answers.Single());
    }

    [Fact] // §1.2 and §8 recorded: a partial close keeps the id; ACCEPTED (old volume), FILLED (rest), REPLACED of the protection order with the remaining volume (server event).
    public void A_partial_close_keeps_the_id_and_the_protection_follows()
    {
        var (world, events) = Fresh();
        long id = world.Market(Side.Buy, 0.03m, sl: 500).Order!.PositionId;
        long protection = events[2].Order.OrderId;
        events.Clear();

        world.CTrader.ClosePosition(id, 100_000);

        Assert.Equal([CtExecutionType.OrderAccepted, CtExecutionType.OrderFilled, CtExecutionType.OrderReplaced], events.Select(e => e.Type));
        Assert.Equal([false, false, true], events.Select(e => e.IsServerEvent));
        Assert.All(events, e => Assert.Equal(id, e.Position!.PositionId));
        Assert.Equal([300_000L, 200_000L, 200_000L], events.Select(e => e.Position!.Volume));
        Assert.Equal((protection, 200_000L, 0L), (events[2].Order.OrderId, events[2].Order.Volume, events[2].Order.ExecutedVolume));
        Assert.NotNull(events[1].Deal!.CloseDetail);
        Assert.True(events[0].Order.ClosingOrder);
        Assert.Equal("", events[0].Order.Label);
    }

    [Fact] // §8: the amendment of levels overwrites both; the protection order keeps its id, a removed level is absent; §12.15.
    public void Amending_levels_overwrites_both()
    {
        var (world, events) = Fresh();
        long id = world.Market(Side.Buy, 0.10m, sl: 500, tp: 500).Order!.PositionId;
        long protection = events[2].Order.OrderId;
        events.Clear();
        world.CTrader.AmendPositionSltp(id, 1.09000m, null);
        Assert.Equal((CtExecutionType.OrderReplaced, protection), (events.Single().Type, events.Single().Order.OrderId));
        Assert.Null(world.CTrader.Positions.Single().TakeProfit);
        Assert.Equal("", world.CTrader.AmendPositionSltp(id, 1.09000m, null).ErrorCode);
    }

    [Fact] // §8 recorded: level hit: FILLED (server event) of the protection order, both prices kept, position CLOSED with volume 0 and price 0; no field tells which level.
    public void A_level_hit_fills_the_protection_order()
    {
        var (world, events) = Fresh();
        world.Market(Side.Buy, 0.10m, sl: 500, tp: 500);
        events.Clear();
        var sink = new Recorder();
        world.Session(sink);
        world.Quote(1.10510m, 1.10520m);
        world.Wait(1);
        var hit = events.Single();
        Assert.Equal((CtExecutionType.OrderFilled, true, CtOrderType.StopLossTakeProfit), (hit.Type, hit.IsServerEvent, hit.Order.OrderType));
        Assert.NotNull(hit.Order.StopPrice);
        Assert.NotNull(hit.Order.LimitPrice);
        Assert.Equal((CtPositionStatus.Closed, 0L, 0m, 0m), (hit.Position!.Status, hit.Position.Volume, hit.Position.Price, hit.Position.UsedMargin));
        Assert.Equal(DealReason.TakeProfit, sink.Changes.Single().Deals.Single().Reason);
    }

    [Fact] // §9 recorded: opens 2000 @ 1.11987 and 1000 @ 1.11988 (average 1.1198733); closing 1000 gave entryPrice 1.11987 and the rest averaged 1.119875.
    public void Closing_matches_the_first_fill_first()
    {
        var (world, _) = Fresh();
        world.Quote(1.11980m, 1.11987m);
        long id = world.Market(Side.Buy, 0.02m).Order!.PositionId;
        world.Quote(1.11980m, 1.11988m);
        world.Market(Side.Buy, 0.01m, position: id);
        Assert.Equal(1.1198733m, Math.Round(world.CTrader.Positions.Single().Price, 7));

        var deal = world.CTrader.ClosePosition(id, 100_000).Deal!;
        Assert.Equal(1.11987m, deal.CloseDetail!.EntryPrice);
        Assert.Equal(1.119875m, world.CTrader.Positions.Single().Price);
    }

    [Fact] // §9 recorded: deal.commission is this side (−3), the detail's is both (−6), position.commission falls pro rata (−8 → −5); opening changes neither balance nor version.
    public void Commission_and_balance_are_exact()
    {
        var (world, _) = Fresh(symbol: s => s with { CommissionPerLot = 3m });
        long id = world.Market(Side.Buy, 2.00m).Order!.PositionId;
        Assert.Equal((100_000m, 0L, -6m), (world.Broker.Balance, world.CTrader.BalanceVersion, world.CTrader.Positions.Single().Commission));
        world.Quote(1.10110m, 1.10120m);

        var deal = world.CTrader.ClosePosition(id, 10_000_000).Deal!;
        var detail = deal.CloseDetail!;
        Assert.Equal((-3m, -6m, 100m), (deal.Commission, detail.Commission, detail.GrossProfit));
        Assert.Equal(-3m, world.CTrader.Positions.Single().Commission);
        Assert.Equal((100_000m + 100m + 0m - 6m, 1L), (detail.Balance, detail.BalanceVersion));
        Assert.Equal(detail.Balance, world.Broker.Balance);
    }

    [Fact] // §9 recorded: volume 99 hundredths, entry 85287.21, exit 85205.58, gross −80.81.
    public void The_recorded_loss_comes_out()
    {
        var coin = new SimSymbol
        {
            Spec = new SymbolSpec
            {
                Name = new SymbolName("BTCUSD"), ContractSize = 1m, Digits = 2, TickSize = 0.01m, MinLots = new Lots(0.01m), LotStep = new Lots(0.01m), MaxLots = new Lots(100m),
                ProfitCurrency = "USD", BaseCurrency = "BTC",
            },
        };
        var world = new World(PlatformKind.CTrader, settings: s => s with { Symbols = [.. s.Symbols, coin] });
        var name = coin.Spec.Name;
        world.Broker.OnQuote(name, new Price(85287.00m), new Price(85287.21m));
        long id = world.Market(Side.Buy, 0.99m, symbol: "BTCUSD").Order!.PositionId;
        Assert.Equal(99, world.CTrader.Positions.Single().Volume);
        world.Broker.OnQuote(name, new Price(85205.58m), new Price(85206.00m));
        Assert.Equal(-80.81m, world.CTrader.ClosePosition(id, 99).Deal!.CloseDetail!.GrossProfit);
    }

    [Fact] // §9 recorded: usedMargin = units × marginRate ÷ leverage: 3000 EUR at 1:100 and 1.12 → 33.60 USD.
    public void Used_margin_is_as_recorded()
    {
        var (world, _) = Fresh();
        world.Quote(1.11990m, 1.12000m);
        world.Market(Side.Buy, 0.03m);
        Assert.Equal(33.60m, world.CTrader.Positions.Single().UsedMargin);
    }

    [Fact] // §8 recorded: LIMIT: ACCEPTED with a new positionId in CREATED; amended: REPLACED, same id; cancelled: CANCELLED, position CLOSED without ever opening.
    public void A_limit_order_lives_its_life()
    {
        var (world, events) = Fresh();
        var placed = world.CTrader.NewOrder(new CtNewOrder { Symbol = World.Eur, OrderType = CtOrderType.Limit, Side = Side.Buy, Volume = 100_000, LimitPrice = 1.09m, RelativeStopLoss = 300, Label = "l" });
        Assert.Equal((CtExecutionType.OrderAccepted, CtPositionStatus.Created), (events[0].Type, events[0].Position!.Status));
        world.CTrader.AmendOrder(new CtAmendOrder { OrderId = placed.Order!.OrderId, LimitPrice = 1.08m });
        Assert.Equal((CtExecutionType.OrderReplaced, placed.Order.OrderId), (events[1].Type, events[1].Order.OrderId));
        Assert.Equal("Nothing to amend.", world.CTrader.AmendOrder(new CtAmendOrder { OrderId = placed.Order.OrderId, LimitPrice = 1.08m }).Description);
        world.CTrader.CancelOrder(placed.Order.OrderId);
        Assert.Equal((CtExecutionType.OrderCancelled, CtPositionStatus.Closed), (events[2].Type, events[2].Position!.Status));
        Assert.Equal("ORDER_NOT_FOUND", world.CTrader.CancelOrder(placed.Order.OrderId).ErrorCode);
    }

    [Fact] // §8: a filled pending order's relative levels are counted from the fill; the position has the id the order had from the start.
    public void A_filled_limit_order_gets_its_protection()
    {
        var (world, events) = Fresh();
        var placed = world.CTrader.NewOrder(new CtNewOrder { Symbol = World.Eur, OrderType = CtOrderType.Limit, Side = Side.Buy, Volume = 100_000, LimitPrice = 1.09m, RelativeStopLoss = 300, RelativeTakeProfit = 600 });
        world.Quote(1.08980m, 1.08990m);
        world.Wait(1);
        var position = world.CTrader.Positions.Single();
        Assert.Equal((placed.Order!.PositionId, 1.08690m, 1.09590m), (position.PositionId, position.StopLoss!.Value, position.TakeProfit!.Value));
        Assert.True(events[^1].IsServerEvent);
    }

    [Fact] // §7 texts; volumes in units.
    public void Refusals_carry_the_recorded_codes_and_texts()
    {
        var (world, _) = Fresh();
        var ct = world.CTrader;
        var market = new CtNewOrder { Symbol = World.Eur, OrderType = CtOrderType.Market, Side = Side.Buy, Volume = 100 };
        Assert.Equal(("TRADING_BAD_VOLUME", "Order volume 1.00 is smaller than group minVolume=1000.00."), Both(ct.NewOrder(market)));
        market = market with { Volume = 100_000 };
        Assert.Equal(("INVALID_REQUEST", "SL/TP in absolute values are allowed only for order types: [LIMIT, STOP, STOP_LIMIT]"), Both(ct.NewOrder(market with { StopLoss = 1.09m })));
        Assert.Equal(("POSITION_NOT_FOUND", "Position not found with id 42"), Both(ct.ClosePosition(42, 100)));
        Assert.Equal(("ORDER_NOT_FOUND", "Order not found with id 42"), Both(ct.CancelOrder(42)));
        Assert.Equal("SYMBOL_NOT_FOUND", ct.NewOrder(market with { Symbol = "NOPE" }).ErrorCode);
        Assert.Equal("NOT_ENOUGH_MONEY", ct.NewOrder(market with { Volume = 1_000_000_000 }).ErrorCode);

        // A symbol of two digits takes distances in multiples of 1000.
        var gold = market with { Symbol = "XAUUSD", Volume = 100 };
        Assert.Equal(("INVALID_REQUEST", "Relative stop loss has invalid precision"), Both(ct.NewOrder(gold with { RelativeStopLoss = 500_500 })));
        Assert.Equal("", ct.NewOrder(gold with { RelativeStopLoss = 500_000 }).ErrorCode);

        long id = ct.NewOrder(market).Order!.PositionId;
        Assert.Equal(
            ("TRADING_BAD_STOPS", "New TP for BUY position should be >= current BID price. current BID: 1.1, TP: 1.09"),
            Both(ct.AmendPositionSltp(id, null, 1.09m)));

        static (string, string) Both(CtReply reply) => (reply.ErrorCode, reply.Description);
    }

    [Fact] // §8: a partial fill of an IOC order is PARTIAL_FILL per deal and CANCELLED for the rest.
    public void A_partial_fill_cancels_the_rest()
    {
        var (world, events) = Fresh();
        world.Broker.Faults = new BrokerFaults { PartialFillPercent = 100 };
        var sink = new Recorder();
        world.Session(sink).Send(Commands.Buy(1, 1.00m, world.Clock.Now + TimeSpan.FromSeconds(1)));
        world.Wait(1);
        Assert.Equal([CtExecutionType.OrderAccepted, CtExecutionType.OrderPartialFill, CtExecutionType.OrderCancelled], events.Select(e => e.Type));
        Assert.Equal(world.Broker.OpenPositions.Single().Volume, sink.Answers.Single().Filled.Value);
        Assert.InRange(sink.Answers.Single().Filled.Value, 0.01m, 0.99m);
    }

    [Fact] // §8: a liquidity provider's refusal is ORDER_REJECTED, an execution event and not an order error (§3).
    public void A_refusal_by_the_liquidity_provider_is_an_execution_event()
    {
        var (world, events) = Fresh();
        var errors = new List<string>();
        world.CTrader.OrderError += (code, _) => errors.Add(code);
        world.Broker.Faults = new BrokerFaults { RejectPercent = 100 };
        var sink = new Recorder();
        world.Session(sink).Send(Commands.Buy(1, 1.00m, world.Clock.Now + TimeSpan.FromSeconds(1)));
        world.Wait(1);
        Assert.Equal((CtExecutionType.OrderRejected, "ORDER_REJECTED"), (events.Single().Type, events.Single().ErrorCode));
        Assert.Empty(errors);
        Assert.Equal(Refusal.Rejected, sink.Answers.Single().Refusal);
    }

    [Fact] // §15: MARKET_RANGE is a market order within a window.
    public void A_worst_price_becomes_a_market_range_order()
    {
        var (world, _) = Fresh();
        var sink = new Recorder();
        var session = world.Session(sink);
        session.Send(Commands.Buy(1, 1.00m, world.Clock.Now + TimeSpan.FromSeconds(1), worst: 1.10020m));
        world.Clock.RunFor(TimeSpan.FromMilliseconds(10));
        world.Quote(1.10030m, 1.10040m);
        world.Wait(1);
        Assert.Equal((OrderOutcome.Refused, Refusal.PriceMoved), (sink.Answers.Single().Outcome, sink.Answers.Single().Refusal));
        session.Send(Commands.Buy(2, 1.00m, world.Clock.Now + TimeSpan.FromSeconds(1), worst: 1.10020m));
        world.Wait(1);
        Assert.Equal(Refusal.PriceGuard, sink.Answers.Last().Refusal);
        Assert.Empty(world.Broker.OpenPositions);
    }

    [Fact]
    public void A_netted_account_reduces_and_turns()
    {
        var (world, _) = Fresh(AccountMode.Netting);
        long id = world.Market(Side.Buy, 1.00m).Order!.PositionId;
        world.Market(Side.Sell, 0.40m);
        Assert.Equal((id, 0.60m), (world.Broker.OpenPositions.Single().Id, world.Broker.OpenPositions.Single().Volume));
        world.Market(Side.Sell, 1.00m);
        var turned = world.Broker.OpenPositions.Single();
        Assert.Equal((Side.Sell, 0.40m), (turned.Side, turned.Volume));
        Assert.NotEqual(id, turned.Id);
    }

    [Fact] // §8: a pending order has its position id when it is accepted. A position that is gone never comes back under its number.
    public void A_netted_order_that_waited_longer_than_its_position_opens_another_one()
    {
        var (world, events) = Fresh(AccountMode.Netting);
        long first = world.Market(Side.Buy, 1.00m).Order!.PositionId;
        var limit = world.CTrader.NewOrder(new CtNewOrder { Symbol = World.Eur, OrderType = CtOrderType.Limit, Side = Side.Buy, Volume = 1_000_000, LimitPrice = 1.09000m }).Order!;
        Assert.NotEqual(first, limit.PositionId);
        world.CTrader.ClosePosition(first, 10_000_000);
        world.Quote(1.08980m, 1.08990m);
        Assert.Equal(limit.PositionId, world.CTrader.Positions.Single().PositionId);

        // While there is a position, the order's fill goes into it.
        world.CTrader.NewOrder(new CtNewOrder { Symbol = World.Eur, OrderType = CtOrderType.Limit, Side = Side.Buy, Volume = 1_000_000, LimitPrice = 1.08000m });
        world.Quote(1.07980m, 1.07990m);
        Assert.Equal((limit.PositionId, 2_000_000L), (world.CTrader.Positions.Single().PositionId, world.CTrader.Positions.Single().Volume));
        Assert.NotEmpty(events);
    }

    [Fact] // §14.4: one protection order for both levels; its volume is always the position's, also when volume is added.
    public void The_protection_follows_added_volume()
    {
        var (world, events) = Fresh(AccountMode.Netting);
        world.Market(Side.Buy, 0.10m, sl: 500, tp: 800);
        events.Clear();
        world.Market(Side.Buy, 0.20m, sl: 400);
        var protection = world.CTrader.Orders.Single();
        Assert.Equal((3_000_000L, 1.09610m, 1.10810m), (protection.Volume, protection.StopPrice!.Value, protection.LimitPrice!.Value));
        Assert.Equal(world.CTrader.Positions.Single().PositionId, events[0].Order.PositionId);
        world.Quote(1.09600m, 1.09610m);
        Assert.Empty(world.CTrader.Positions);
        Assert.Empty(world.CTrader.Orders);
    }

    [Fact] // §8: STOP_LIMIT has a stop price and a range in points, no limit price of its own.
    public void A_stop_limit_order_waits_until_the_price_is_in_its_range()
    {
        var (world, _) = Fresh();
        world.CTrader.NewOrder(new CtNewOrder { Symbol = World.Eur, OrderType = CtOrderType.StopLimit, Side = Side.Buy, Volume = 100_000, StopPrice = 1.10100m, SlippageInPoints = 10 });
        world.Quote(1.10190m, 1.10200m);
        Assert.Empty(world.CTrader.Positions);
        world.Quote(1.10095m, 1.10105m);
        Assert.Equal(1.10105m, world.CTrader.Positions.Single().Price);
    }

    [Fact] // §8: GTD end: ORDER_EXPIRED by the server.
    public void A_dated_order_expires()
    {
        var (world, events) = Fresh();
        world.CTrader.NewOrder(new CtNewOrder
        {
            Symbol = World.Eur, OrderType = CtOrderType.Limit, Side = Side.Buy, Volume = 100_000, LimitPrice = 1.05m, TimeInForce = CtTimeInForce.GoodTillDate, Expiration = world.Clock.Now + TimeSpan.FromMinutes(1),
        });
        world.Wait(61);
        Assert.Equal((CtExecutionType.OrderExpired, true), (events[^1].Type, events[^1].IsServerEvent));
        Assert.Empty(world.CTrader.Orders);
    }
}
