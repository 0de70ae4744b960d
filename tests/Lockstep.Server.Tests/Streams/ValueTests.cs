using System.Text.Json;
using Lockstep.Domain;
using Lockstep.Server.Streams;

namespace Lockstep.Server.Tests.Streams;

/// <summary>Prices and other values of which only the latest matters.</summary>
public class ValueTests
{
    private static readonly AccountId Prop = FakeStreamDesk.Prop;

    [Fact]
    public async Task Prices_of_the_symbols_asked_for_come_and_the_platform_is_asked_to_quote_them_as_long_as_somebody_listens()
    {
        await using var host = await StreamHost.StartAsync();
        host.Desk.Quote(Prop, FakeStreamDesk.EurUsd, 1.05m);
        using var first = await host.ConnectAsync();
        await first.SendAsync("""{"type":"subscribe","accounts":["prop"],"topics":["prices"],"symbols":["EURUSD","NOSUCH"]}""");
        var ack = await first.NextAsync();
        Assert.Equal("NOSUCH", ack.GetProperty("unknown")[0].GetString());
        Assert.Equal((1.05m, 1), (Bid(await first.NextAsync()), host.Desk.Watched[(Prop, FakeStreamDesk.EurUsd)]));
        Assert.False(host.Desk.Watched.ContainsKey((Prop, new SymbolName("NOSUCH"))));
        using (var second = await host.ConnectAsync())
        {
            await second.SendAsync("""{"type":"subscribe","accounts":["prop"],"topics":["prices"],"symbols":["EURUSD","XAUUSD"]}""");
            Assert.Equal(1.05m, Bid(await second.NextAsync("prices")));
            Assert.Equal((1, 1), (host.Desk.Watched[(Prop, FakeStreamDesk.EurUsd)], host.Desk.Watched[(Prop, FakeStreamDesk.Gold)]));
        }

        await StreamTests.UntilAsync(() => host.Desk.Watched[(Prop, FakeStreamDesk.Gold)] == 0);
        host.Desk.Quote(Prop, FakeStreamDesk.Gold, 2000m);
        host.Desk.Quote(FakeStreamDesk.Personal, FakeStreamDesk.EurUsd, 1.07m);
        host.Desk.Quote(Prop, FakeStreamDesk.EurUsd, 1.06m);
        var price = await first.NextAsync();
        Assert.Equal((1, "EURUSD", 1.06m), (price.GetProperty("prices").GetArrayLength(), StreamTests.Text(price.GetProperty("prices")[0], "symbol"), Bid(price)));
        Assert.Equal("2026-03-02T09:00:00.000Z", StreamTests.Text(price.GetProperty("prices")[0], "at"));
        await first.SendAsync("""{"type":"subscribe","accounts":["prop"],"topics":["account"]}""");
        Assert.Equal(1000m, (await first.NextAsync("account")).GetProperty("funds").GetProperty("balance").GetDecimal());
        Assert.Equal(0, host.Desk.Watched[(Prop, FakeStreamDesk.EurUsd)]);
        host.Desk.Feed.Floated(Prop, [new PositionMoney(new PositionId(7), new Money(1.5m), new Money(0m))]);
        Assert.Equal(1.5m, (await first.NextAsync("floating")).GetProperty("positions")[0].GetProperty("profit").GetDecimal());
    }

    [Fact]
    public async Task A_slow_client_gets_the_latest_prices_and_is_told_how_many_it_missed_and_no_event_is_missing()
    {
        await using var host = await StreamHost.StartAsync(limits: new StreamLimits { SocketBuffer = 4096 });
        using var client = await host.ConnectAsync();
        await client.SendAsync("""{"type":"subscribe","accounts":["prop"],"topics":["events","prices"],"snapshot":false}""");
        await client.NextAsync("subscribed");
        long changes = 0;
        StreamView? view = null;
        for (int i = 1; i <= 60_000; i++)
        {
            host.Desk.Quote(Prop, new SymbolName($"S{i % 50}"), i);
            if (i % 100 == 0)
            {
                await host.SettledAsync();
            }

            if (i % 1_000 == 0)
            {
                host.Desk.Happen(Prop, i);
            }
        }

        await host.SettledAsync();
        host.Hub.Post(() => view = host.Hub.Use(new CanonicalView(new HashSet<AccountId> { Prop }, new HashSet<CellKind> { CellKind.Price }, null, new HashSet<Timeframe>())));
        await host.SettledAsync();
        changes = view!.Changes;
        var last = new Dictionary<string, decimal>();
        long told = 0;
        long missed = 0;
        int events = 0;
        while (events < 60 || last.Count < 50 || last.Values.Min() <= 60_000 - 50)
        {
            var message = await client.NextAsync();
            switch (StreamTests.Text(message, "type"))
            {
                case "prices":
                    foreach (var price in message.GetProperty("prices").EnumerateArray())
                    {
                        told++;
                        string symbol = StreamTests.Text(price, "symbol");
                        decimal bid = price.GetProperty("bid").GetDecimal();
                        Assert.True(bid > last.GetValueOrDefault(symbol));
                        last[symbol] = bid;
                    }

                    break;
                case "conflated":
                    missed += message.GetProperty("count").GetInt64();
                    break;
                default:
                    Assert.Equal(++events, message.GetProperty("seq").GetInt64());
                    break;
            }
        }

        Assert.True(missed > 0);
        Assert.Equal(changes, told + missed);
        Assert.Equal(2, view.Users);
    }

    [Fact]
    public void Whoever_wants_the_same_gets_the_same_bytes()
    {
        var cells = Enumerable.Range(0, 300).Select(i => new Cell(new CellKey(CellKind.Price, Prop, new SymbolName($"S{i}")))).ToList();
        StreamView view = new CanonicalView(null, new HashSet<CellKind> { CellKind.Price }, null, new HashSet<Timeframe>());
        cells.ForEach(view.Add);
        Turn(1, cells);
        var (all, count) = view.Since(0);
        var (again, _) = view.Since(0);
        Assert.Equal(300, count);
        Assert.True(all.Span == again.Span);
        Turn(2, cells[..2]);
        Turn(3, cells[1..3]);
        var (one, two) = (view.Since(2), view.Since(1));
        Assert.Equal((2, 3), (one.Count, two.Count));
        Assert.True(one.Bytes.Span == view.Since(2).Bytes.Span);
        Assert.Equal(2, Assert.Single(Prices(one.Bytes.Span)).Count);

        // An event is encoded once, whoever wants it.
        var e = new EventFrame(FakeStreamDesk.Row(Prop, 1));
        Assert.Same(e.Canonical, e.Canonical);

        void Turn(long turn, IReadOnlyList<Cell> changed)
        {
            foreach (var cell in changed)
            {
                cell.Put(new Quote(new Price(turn), new Price(turn + 1), Timestamp.FromMs(0)));
                cell.Take(turn);
                view.Change(cell, turn);
            }
        }
    }

    [Fact]
    public void Ticks_that_one_price_stands_for_are_counted_and_messages_stay_small()
    {
        var cells = Enumerable.Range(0, 450).Select(i => new Cell(new CellKey(CellKind.Price, Prop, new SymbolName($"S{i}")))).ToList();
        StreamView view = new CanonicalView(null, new HashSet<CellKind> { CellKind.Price }, null, new HashSet<Timeframe>());
        cells.ForEach(view.Add);
        foreach (var cell in cells)
        {
            for (int i = 1; i <= 3; i++)
            {
                Assert.Equal(i == 1, cell.Put(new Quote(new Price(i), new Price(i + 1), Timestamp.FromMs(0))));
            }

            cell.Take(1);
            view.Change(cell, 1);
        }

        var prices = Prices(view.Since(0).Bytes.Span);
        Assert.Equal([200, 200, 50], prices.Select(p => p.Count));
        Assert.All(prices.SelectMany(p => p), p => Assert.Equal((3m, 3), (p.GetProperty("bid").GetDecimal(), p.GetProperty("ticks").GetInt32())));
    }

    private static decimal Bid(JsonElement message) => message.GetProperty("prices")[0].GetProperty("bid").GetDecimal();

    /// <summary>The prices of each message of some frames.</summary>
    private static List<List<JsonElement>> Prices(ReadOnlySpan<byte> frames)
    {
        var all = new List<List<JsonElement>>();
        while (frames.Length > 0)
        {
            int length = frames[1] < 126 ? frames[1] : (frames[2] << 8) | frames[3];
            int head = frames[1] < 126 ? 2 : 4;
            Assert.Equal(0x81, frames[0]);
            all.Add([.. JsonDocument.Parse(frames.Slice(head, length).ToArray()).RootElement.GetProperty("prices").EnumerateArray()]);
            frames = frames[(head + length)..];
        }

        return all;
    }
}
