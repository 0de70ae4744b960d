using Lockstep.Domain;

namespace Lockstep.Simulator.Tests;

/// <summary>MT5 behaves as reference/metatrader.md and mt5-retcodes.tsv say.</summary>
public sealed class Mt5FidelityTests
{
    [Fact] // metatrader.md §1.3, §1.1: order, deal and position; orders and deals are separate series.
    public void An_order_makes_a_deal_makes_a_position()
    {
        var world = new World(PlatformKind.Mt5, symbol: s => s with { CommissionPerLot = 3.5m });
        var result = world.Deal5(Mt5OrderType.Buy, 1m, magic: 7, comment: "entry");
        Assert.Equal((Mt5Retcode.Done, 1m, 1.10010m), (result.Retcode, result.Volume, result.Price));
        var position = world.Mt5.Positions.Single();
        Assert.Equal((result.Order, result.Order), (position.Ticket, position.Identifier));
        var deal = world.Mt5.HistoryDeals.Single();
        Assert.Equal((result.Deal, result.Order, position.Identifier), (deal.Ticket, deal.Order, deal.PositionId));
        Assert.Equal((Mt5DealEntry.In, Mt5Reason.Expert, "entry"), (deal.Entry, deal.Reason, deal.Comment));

        // §3: commission on deals, each side; nothing on the position.
        world.Deal5(Mt5OrderType.Sell, 1m, position: position.Ticket);
        Assert.Equal([-3.5m, -3.5m], world.Mt5.HistoryDeals.Select(d => d.Commission));
        Assert.Equal(100_000m - 7m - 10m, world.Broker.Balance);
        Assert.Equal([Mt5OrderState.Filled, Mt5OrderState.Filled], world.Mt5.HistoryOrders.Select(o => o.State));
    }

    [Fact] // metatrader.md §1.4: a partial close keeps ticket and identifier.
    public void A_partial_close_keeps_the_position()
    {
        var world = new World(PlatformKind.Mt5);
        var opened = world.Deal5(Mt5OrderType.Buy, 1m);
        world.Deal5(Mt5OrderType.Sell, 0.30m, position: opened.Order);
        var position = world.Mt5.Positions.Single();
        Assert.Equal((opened.Order, opened.Order, 0.70m), (position.Ticket, position.Identifier, position.Volume));
        Assert.Equal(Mt5DealEntry.Out, world.Mt5.HistoryDeals.Last().Entry);
    }

    [Fact] // metatrader.md §1.6: netting reversal is one INOUT deal; the identifier is kept, the ticket becomes that of the reversing order.
    public void A_netting_reversal_keeps_the_identifier_and_changes_the_ticket()
    {
        var world = new World(PlatformKind.Mt5, AccountMode.Netting);
        var opened = world.Deal5(Mt5OrderType.Buy, 1.00m, sl: 1.05m, magic: 1);
        world.Quote(1.10110m, 1.10120m);
        var turned = world.Deal5(Mt5OrderType.Sell, 1.50m, magic: 2);

        var position = world.Mt5.Positions.Single();
        Assert.Equal((opened.Order, turned.Order, Side.Sell, 0.50m), (position.Identifier, position.Ticket, position.Side, position.Volume));
        Assert.Equal((1.10110m, 0m, 2L), (position.PriceOpen, position.Sl, position.Magic));
        var deal = world.Mt5.HistoryDeals.Last();
        Assert.Equal((Mt5DealEntry.InOut, 1.50m, 100m), (deal.Entry, deal.Volume, deal.Profit));

        // §1.5: requests take the ticket, not the identifier.
        Assert.Equal(10036, world.Deal5(Mt5OrderType.Buy, 0.50m, position: opened.Order).Retcode);
        Assert.Equal(10009, world.Deal5(Mt5OrderType.Buy, 0.50m, position: turned.Order).Retcode);
        Assert.Empty(world.Mt5.Positions);
    }

    [Fact] // metatrader.md §1.2, §1c: netting keeps one position a symbol; its magic is that of the last deal that formed it.
    public void Netting_adds_up()
    {
        var world = new World(PlatformKind.Mt5, AccountMode.Netting);
        world.Deal5(Mt5OrderType.Buy, 1.00m, magic: 1, comment: "first");
        world.Quote(1.10100m, 1.10110m);
        world.Deal5(Mt5OrderType.Buy, 1.00m, magic: 2, comment: "second");
        var position = world.Mt5.Positions.Single();
        Assert.Equal((2.00m, 1.10060m, 2L, "first"), (position.Volume, position.PriceOpen, position.Magic, position.Comment));
        world.Deal5(Mt5OrderType.Sell, 2.00m);
        Assert.Empty(world.Mt5.Positions);
    }

    [Fact] // reliability-perf.md §2.6 case 20; port rule: a reduction never crosses zero.
    public void A_reduction_with_the_positions_ticket_never_turns_it()
    {
        var world = new World(PlatformKind.Mt5, AccountMode.Netting);
        var opened = world.Deal5(Mt5OrderType.Buy, 1.00m);
        Assert.Equal(10038, world.Deal5(Mt5OrderType.Sell, 1.50m, position: opened.Order).Retcode);

        // The position shrinks by hand while the reduction is on its way: it is refused, not turned.
        var sink = new Recorder();
        world.Session(sink).Send(Commands.Reduce(1, opened.Order, 0m, world.Clock.Now + TimeSpan.FromSeconds(1)));
        world.Clock.RunFor(TimeSpan.FromMilliseconds(10));
        world.Deal5(Mt5OrderType.Sell, 0.40m);
        world.Wait(1);
        Assert.Equal((OrderOutcome.Refused, Refusal.InvalidVolume), (sink.Answers.Single().Outcome, sink.Answers.Single().Refusal));
        Assert.Equal(0.60m, world.Mt5.Positions.Single().Volume);
    }

    [Fact] // metatrader.md §2.4, §2.5: market execution takes FOK/IOC as flagged, never RETURN; unset is FOK; on closing too.
    public void Filling_types_are_checked_on_every_request()
    {
        var world = new World(PlatformKind.Mt5, symbol: s => s with { Filling = FillingFlags.Ioc });
        Assert.Equal(10030, world.Deal5(Mt5OrderType.Buy, 1m).Retcode);
        Assert.Equal(10030, world.Deal5(Mt5OrderType.Buy, 1m, filling: Mt5Filling.Return).Retcode);
        var opened = world.Deal5(Mt5OrderType.Buy, 1m, filling: Mt5Filling.Ioc);
        Assert.Equal(10009, opened.Retcode);
        Assert.Equal(10030, world.Deal5(Mt5OrderType.Sell, 1m, position: opened.Order).Retcode);

        // A session chooses from the flags by itself.
        var sink = new Recorder();
        world.Session(sink).Send(Commands.Buy(1, 1m, world.Clock.Now + TimeSpan.FromSeconds(1)));
        world.Wait(1);
        Assert.Equal(OrderOutcome.Done, sink.Answers.Single().Outcome);
    }

    [Fact] // mt5-retcodes.tsv: 10014, 10015, 10016, 10017, 10018, 10019, 10022, 10033, 10036, 10042–10044, GetLastError 4301.
    public void Refusals_carry_the_platforms_codes()
    {
        var world = new World(PlatformKind.Mt5, settings: s => s with { MaxOrders = 1 });
        Assert.Equal(10014, world.Deal5(Mt5OrderType.Buy, 0.001m).Retcode);
        Assert.Equal(10014, world.Deal5(Mt5OrderType.Buy, 0.015m).Retcode);
        Assert.Equal(10014, world.Deal5(Mt5OrderType.Buy, 1000m).Retcode);
        Assert.Equal(10016, world.Deal5(Mt5OrderType.Buy, 1m, sl: 1.10001m).Retcode);
        Assert.Equal(10016, world.Deal5(Mt5OrderType.Sell, 1m, sl: 1.10005m).Retcode);
        Assert.Equal(10019, world.Deal5(Mt5OrderType.Buy, 100m).Retcode);
        Assert.Equal(10015, world.Pending5(Mt5OrderType.BuyLimit, 1m, 1.20000m).Retcode);
        Assert.Equal(10015, world.Pending5(Mt5OrderType.BuyLimit, 1m, 1.089999m).Retcode);
        Assert.Equal(10022, world.Pending5(Mt5OrderType.BuyLimit, 1m, 1.09m, expiry: world.Clock.Now).Retcode);
        Assert.Equal(10009, world.Pending5(Mt5OrderType.BuyLimit, 1m, 1.09m).Retcode);
        Assert.Equal(10033, world.Pending5(Mt5OrderType.BuyLimit, 1m, 1.09m).Retcode);
        Assert.Equal(10036, world.Deal5(Mt5OrderType.Sell, 1m, position: 42).Retcode);
        Assert.Equal(4301, world.Deal5(Mt5OrderType.Buy, 1m, symbol: "NOPE").LastError);
        foreach (var (mode, code) in new[] { (SimTradeMode.LongOnly, 10042), (SimTradeMode.CloseOnly, 10044), (SimTradeMode.Disabled, 10017) })
        {
            world.Broker.ChangeSymbol(world.Broker.Symbol(World.EurName)! with { TradeMode = mode });
            Assert.Equal(code, world.Deal5(Mt5OrderType.Sell, 1m).Retcode);
        }

        world.Broker.ChangeSymbol(world.Broker.Symbol(World.EurName)! with { TradeMode = SimTradeMode.ShortOnly });
        Assert.Equal(10043, world.Deal5(Mt5OrderType.Buy, 1m).Retcode);
        world.Broker.ChangeSymbol(world.Broker.Symbol(World.EurName)! with { TradeMode = SimTradeMode.Full, Hours = new TradingHours { Windows = [] } });
        Assert.Equal(10018, world.Deal5(Mt5OrderType.Buy, 1m).Retcode);
    }

    [Fact] // mt5-retcodes.tsv 10025; metatrader.md §2.12: zero deletes a level.
    public void A_modification_that_changes_nothing_says_so()
    {
        var world = new World(PlatformKind.Mt5);
        var opened = world.Deal5(Mt5OrderType.Buy, 1m, sl: 1.09m, tp: 1.12m);
        Assert.Equal(10025, Sltp(world, opened.Order, 1.09m, 1.12m));
        Assert.Equal(10009, Sltp(world, opened.Order, 1.09m, 0m));
        Assert.Equal((1.09m, 0m), (world.Mt5.Positions.Single().Sl, world.Mt5.Positions.Single().Tp));

        var sink = new Recorder();
        world.Session(sink).Send(Commands.Stops(1, opened.Order, 1.09m, null, world.Clock.Now + TimeSpan.FromSeconds(1)));
        world.Wait(1);
        Assert.Equal((OrderOutcome.Done, "10025"), (sink.Answers.Single().Outcome, sink.Answers.Single().Code));
        Assert.False(world.Broker.ExecutionsByKey.ContainsKey(Commands.Key(1).Value));
    }

    [Fact] // mt5-retcodes.tsv 10029; metatrader.md §2.8.
    public void Inside_the_freeze_level_nothing_moves()
    {
        var world = new World(PlatformKind.Mt5, symbol: s => s with { Spec = s.Spec with { FreezeLevelPoints = 30 } });
        var opened = world.Deal5(Mt5OrderType.Buy, 1m, tp: 1.10100m);
        world.Quote(1.10075m, 1.10085m);
        Assert.Equal(10029, Sltp(world, opened.Order, 1.09m, 1.10100m));
        Assert.Equal(10029, world.Deal5(Mt5OrderType.Sell, 1m, position: opened.Order).Retcode);
    }

    [Fact] // mt5-retcodes.tsv 10045, 10046; metatrader.md §1d.
    public void A_fifo_account_closes_the_oldest_first_and_bars_opposites()
    {
        var world = new World(PlatformKind.Mt5, AccountMode.Fifo);
        var pending = world.Pending5(Mt5OrderType.BuyLimit, 0.10m, 1.09000m);
        var one = world.Deal5(Mt5OrderType.Buy, 0.10m);
        world.Wait(1);
        world.Quote(1.08990m, 1.09000m);
        Assert.Equal(2, world.Mt5.Positions.Count());

        // The pending order has the smaller ticket and the younger position.
        Assert.Equal(10045, world.Deal5(Mt5OrderType.Sell, 0.10m, position: pending.Order).Retcode);
        Assert.Equal(10046, world.Deal5(Mt5OrderType.Sell, 0.10m).Retcode);
        Assert.Equal(10046, world.Pending5(Mt5OrderType.SellLimit, 0.10m, 1.20000m).Retcode);
        Assert.Equal(10009, world.Deal5(Mt5OrderType.Sell, 0.10m, position: one.Order).Retcode);
        Assert.Equal(10009, world.Deal5(Mt5OrderType.Sell, 0.10m, position: pending.Order).Retcode);
    }

    [Fact] // metatrader.md §1c: closing deals have a comment of their own; §1.9: DEAL_REASON.
    public void Level_closes_say_so_in_comment_and_reason()
    {
        var world = new World(PlatformKind.Mt5);
        world.Deal5(Mt5OrderType.Buy, 1m, sl: 1.09900m, magic: 5, comment: "mine");
        world.Deal5(Mt5OrderType.Sell, 1m, tp: 1.09890m);
        world.Quote(1.09880m, 1.09890m);
        var deals = world.Mt5.HistoryDeals.TakeLast(2).ToArray();
        Assert.Equal(("[sl 1.099]", Mt5Reason.Sl, 5L), (deals[0].Comment, deals[0].Reason, deals[0].Magic));
        Assert.Equal(("[tp 1.0989]", Mt5Reason.Tp), (deals[1].Comment, deals[1].Reason));
        Assert.Equal(1.09880m, deals[0].Price);
    }

    [Fact] // mt5-retcodes.tsv 10010: an IOC remainder is gone; under FOK nothing is filled.
    public void A_partial_fill_is_10010_under_ioc_and_a_refusal_under_fok()
    {
        foreach (var (flags, code) in new[] { (FillingFlags.Ioc, "10010"), (FillingFlags.Fok, "10006") })
        {
            var world = new World(PlatformKind.Mt5, symbol: s => s with { Filling = flags });
            world.Broker.Faults = new BrokerFaults { PartialFillPercent = 100 };
            var sink = new Recorder();
            world.Session(sink).Send(Commands.Buy(1, 1m, world.Clock.Now + TimeSpan.FromSeconds(1)));
            world.Wait(1);
            var answer = sink.Answers.Single();
            Assert.Equal(code, answer.Code);
            Assert.Equal(flags == FillingFlags.Ioc, answer.Filled > Lots.Zero && answer.Filled < new Lots(1m));
            Assert.Equal(answer.Filled.Value, world.Mt5.Positions.Sum(p => p.Volume));
            Assert.Empty(world.Mt5.Orders);
        }
    }

    [Fact] // metatrader.md §1.7: position and remaining order live under one ticket; after the position closes and the rest fills it reappears.
    public void A_partly_filled_pending_order_lives_beside_its_position()
    {
        var world = new World(PlatformKind.Mt5);
        world.Broker.Faults = new BrokerFaults { PartialFillPercent = 100 };
        var order = world.Pending5(Mt5OrderType.BuyLimit, 1m, 1.09900m);
        world.Quote(1.09890m, 1.09900m);
        Assert.Equal((Mt5OrderState.Partial, 0.50m), (world.Mt5.Orders.Single().State, world.Mt5.Orders.Single().VolumeCurrent));
        Assert.Equal((order.Order, 0.50m), (world.Mt5.Positions.Single().Ticket, world.Mt5.Positions.Single().Volume));

        world.Deal5(Mt5OrderType.Sell, 0.50m, position: order.Order);
        Assert.Empty(world.Mt5.Positions);
        world.Broker.Faults = BrokerFaults.None;
        world.Quote(1.09890m, 1.09900m);
        Assert.Equal((order.Order, 0.50m), (world.Mt5.Positions.Single().Identifier, world.Mt5.Positions.Single().Volume));
        Assert.Empty(world.Mt5.Orders);
    }

    [Fact] // metatrader-enums.tsv ORDER_TYPE_BUY_STOP_LIMIT: the stop trigger places a limit order.
    public void A_stop_limit_order_waits_twice()
    {
        var world = new World(PlatformKind.Mt5);
        var order = world.Pending5(Mt5OrderType.BuyStopLimit, 1m, 1.10200m, stopLimit: 1.10100m);
        world.Quote(1.10190m, 1.10200m);
        Assert.Equal((order.Order, Mt5OrderType.BuyLimit, 1.10100m), (world.Mt5.Orders.Single().Ticket, world.Mt5.Orders.Single().Type, world.Mt5.Orders.Single().PriceOpen));
        world.Quote(1.10090m, 1.10100m);
        Assert.Equal(order.Order, world.Mt5.Positions.Single().Identifier);
    }

    [Fact] // metatrader.md §1b: closes at the open price of the opposite one, the first takes the result, the second shows 0; the log of transactions.
    public void Close_by_books_on_the_first_position()
    {
        var world = new World(PlatformKind.Mt5);
        var buy = world.Deal5(Mt5OrderType.Buy, 1.00m);
        world.Quote(1.10200m, 1.10210m);
        var sell = world.Deal5(Mt5OrderType.Sell, 0.40m);
        var log = new List<Mt5TransactionType>();
        world.Mt5.Transaction += t => log.Add(t.Type);
        Assert.Equal(10009, world.Mt5.OrderSend(new MqlTradeRequest { Action = MqlAction.CloseBy, Position = buy.Order, PositionBy = sell.Order }).Retcode);
        Assert.Equal(0.60m, world.Mt5.Positions.Single().Volume);
        Assert.Equal([76m, 0m], world.Mt5.HistoryDeals.TakeLast(2).Select(d => d.Profit));
        Assert.Equal(
            [Mt5TransactionType.OrderAdd, Mt5TransactionType.DealAdd, Mt5TransactionType.Position, Mt5TransactionType.DealAdd, Mt5TransactionType.OrderDelete, Mt5TransactionType.HistoryAdd, Mt5TransactionType.Request],
            log);
    }

    [Fact] // metatrader.md §5.1: DEAL_ADD after HISTORY_ADD when closing; §5.5: POSITION only for changes without a deal.
    public void Transactions_are_hints_in_no_promised_order()
    {
        var world = new World(PlatformKind.Mt5);
        var log = new List<Mt5TransactionType>();
        world.Mt5.Transaction += t => log.Add(t.Type);
        var opened = world.Deal5(Mt5OrderType.Buy, 1m);
        Assert.True(log.IndexOf(Mt5TransactionType.DealAdd) < log.IndexOf(Mt5TransactionType.HistoryAdd));
        log.Clear();
        world.Deal5(Mt5OrderType.Sell, 1m, position: opened.Order);
        Assert.True(log.IndexOf(Mt5TransactionType.DealAdd) > log.IndexOf(Mt5TransactionType.HistoryAdd));
        Assert.DoesNotContain(Mt5TransactionType.Position, log);
    }

    [Fact] // mt5-retcodes.tsv 10004: in instant execution beyond the deviation; bid and ask of the offer are in the result.
    public void Instant_execution_requotes_with_the_offer()
    {
        var world = new World(PlatformKind.Mt5, symbol: s => s with { Execution = SimExecution.Instant });
        var request = new MqlTradeRequest { Action = MqlAction.Deal, Symbol = World.Eur, Type = Mt5OrderType.Buy, Volume = 1m, Price = 1.09900m, Deviation = 10 };
        var result = world.Mt5.OrderSend(request);
        Assert.Equal((10004, 1.10000m, 1.10010m), (result.Retcode, result.Bid, result.Ask));
        Assert.Equal(10009, world.Mt5.OrderSend(request with { Price = 1.10005m }).Retcode);
    }

    private static int Sltp(World world, long ticket, decimal sl, decimal tp) =>
        world.Mt5.OrderSend(new MqlTradeRequest { Action = MqlAction.Sltp, Symbol = World.Eur, Position = ticket, Sl = sl, Tp = tp }).Retcode;
}
