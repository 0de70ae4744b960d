using System.IO.Compression;
using System.Text;
using Lockstep.Domain;

namespace Lockstep.Simulator.Tests;

/// <summary>Quotes: made, read, played, brought to brokers.</summary>
public sealed class MarketTests
{
    [Fact]
    public void A_quote_file_is_read_and_its_bad_lines_are_named()
    {
        var file = Of("time_ms_utc,symbol,bid,ask\n1399521600999,XAUUSD,1290.239,1290.56\r\nrubbish\n1399521601000,EURUSD,1.1,1.0\n1399521601001,EURUSD,NaN,1\n1399521601002,EURUSD,-1,1\n"
            + "x,EURUSD,1,1\n1399521601003,,1,1\n1399521600000,EURUSD,1,1\n\n1399521601004,EURUSD,1.39,1.3901");
        var ticks = file.Read().ToArray();
        Assert.Equal([("XAUUSD", 1290.239m, 1290.56m), ("EURUSD", 1.39m, 1.3901m)], ticks.Select(t => (t.Symbol, t.Bid, t.Ask)));
        Assert.Equal(Timestamp.FromMs(1399521600999), ticks[0].At);
        Assert.Equal((2L, 7L), (file.Good, file.Bad));
        Assert.Equal([3L, 4L, 5L, 6L, 7L, 8L, 9L], file.BadLines.Select(b => b.Line));
        Assert.Equal("ask below bid", file.BadLines[1].Why);
    }

    [Fact]
    public void No_content_makes_it_throw()
    {
        var random = new SimRandom(3);
        for (int i = 0; i < 200; i++)
        {
            byte[] bytes = new byte[random.Next(2_000)];
            for (int b = 0; b < bytes.Length; b++)
            {
                bytes[b] = (byte)random.Next(256);
            }

            var file = new QuoteFile(() => new MemoryStream(bytes));
            Assert.Empty(file.Read());
        }

        Assert.Empty(Of("").Read());
        Assert.Single(Of("a header that is none\n1,A,1,1\n").Read());
        Assert.Empty(Of("time_ms_utc,symbol,bid,ask\n" + new string('9', 1_000_000)).Read());
    }

    [Fact]
    public void A_damaged_archive_ends_where_it_is_damaged()
    {
        string path = Path.Combine(Path.GetTempPath(), $"quotes-{Guid.NewGuid():N}.csv.gz");
        try
        {
            using (var packed = new MemoryStream())
            {
                using (var zip = new GZipStream(packed, CompressionMode.Compress, leaveOpen: true))
                {
                    zip.Write(Encoding.UTF8.GetBytes("time_ms_utc,symbol,bid,ask\n" + string.Concat(Enumerable.Range(0, 5_000).Select(i => $"{i},EURUSD,1.{i * 7919 % 99999:00000},2\n"))));
                }

                byte[] whole = packed.ToArray();
                File.WriteAllBytes(path, whole);
                Assert.Equal(5_000, new QuoteFile(path).Read().Count());
                for (int i = whole.Length / 2; i < whole.Length; i++)
                {
                    whole[i] = 0xFF;
                }

                File.WriteAllBytes(path, whole);
            }

            var file = new QuoteFile(path);
            Assert.InRange(file.Read().Count(), 1, 4_999);
            Assert.True(file.Bad > 0);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_player_keeps_the_distances_and_scales_them()
    {
        var clock = new VirtualSimClock();
        var start = clock.Now;
        var heard = new List<(TimeSpan At, decimal Bid)>();
        bool finished = false;
        QuoteTick[] ticks = [new(Timestamp.FromMs(1_000), "A", 1m, 2m), new(Timestamp.FromMs(1_000), "A", 2m, 3m), new(Timestamp.FromMs(3_000), "A", 3m, 4m), new(Timestamp.FromMs(11_000), "A", 4m, 5m)];
        using var player = new QuotePlayer(clock, ticks, t => heard.Add((t.At - start, t.Bid)), speed: 2m);
        player.Finished += () => finished = true;
        player.Start();
        clock.RunFor(TimeSpan.FromSeconds(4.9));
        Assert.False(finished);
        clock.RunFor(TimeSpan.FromSeconds(0.1));
        Assert.True(finished);
        Assert.Equal([(0, 1m), (0, 2m), (1, 3m), (5, 4m)], heard.Select(h => ((int)h.At.TotalSeconds, h.Bid)));
    }

    [Fact]
    public void One_market_reaches_brokers_under_their_own_names()
    {
        var clock = new VirtualSimClock();
        var router = new QuoteRouter();
        var plain = Broker(clock, PlatformKind.Mt5, new CatalogueOptions { AlwaysOpen = true });
        var suffixed = Broker(clock, PlatformKind.Mt4, new CatalogueOptions { AlwaysOpen = true, Suffix = ".m", GoldContract = 10m, IndexContract = 10m });
        router.Add(plain);
        router.Add(suffixed);
        new QuoteGenerator(new SimRandom(1), plain.Symbols).Run(clock, TimeSpan.FromMilliseconds(100), router.Deliver);
        clock.RunFor(TimeSpan.FromMinutes(1));
        Assert.Equal(SimCatalogue.Names.Count, plain.Quotes.Count());
        foreach (string name in SimCatalogue.Names)
        {
            var left = plain.QuoteOf(new SymbolName(name))!.Value;
            Assert.Equal(left, suffixed.QuoteOf(new SymbolName(name + ".m"))!.Value);
            Assert.True(left.Bid.Value > 0m && left.Ask > left.Bid);
        }

        Assert.Equal((100m, 10m), (plain.Symbol(new SymbolName("XAUUSD"))!.Spec.ContractSize, suffixed.Symbol(new SymbolName("XAUUSD.m"))!.Spec.ContractSize));
        Assert.Equal((1m, 10m), (plain.Symbol(new SymbolName("US30"))!.Spec.ContractSize, suffixed.Symbol(new SymbolName("US30.m"))!.Spec.ContractSize));
    }

    [Fact]
    public void A_long_walk_stays_believable_and_sleeps_at_the_weekend()
    {
        var symbols = SimCatalogue.For(PlatformKind.Mt5);
        var market = new QuoteGenerator(new SimRandom(4), symbols);
        var gold = symbols.Single(s => s.Canonical == "XAUUSD");
        var at = Timestamp.From(new DateTimeOffset(2026, 1, 6, 12, 0, 0, TimeSpan.Zero));
        for (int i = 0; i < 20_000; i++)
        {
            var tick = market.Next("XAUUSD", at);
            Assert.True(tick.Bid > gold.StartPrice * 0.5m && tick.Ask < gold.StartPrice * 2m && tick.Ask > tick.Bid);
            Assert.Equal(0m, tick.Bid % gold.Spec.TickSize);
        }

        Assert.NotNull(market.Next(at));
        Assert.Null(market.Next(Timestamp.From(new DateTimeOffset(2026, 1, 10, 12, 0, 0, TimeSpan.Zero))));
    }

    [Fact]
    public void The_catalogue_is_sound_on_every_platform()
    {
        foreach (var platform in new[] { PlatformKind.Mt4, PlatformKind.Mt5, PlatformKind.CTrader })
        {
            Assert.All(SimCatalogue.For(platform), s =>
            {
                Assert.Null(s.Spec.Problem());
                Assert.True(s.Spec.IsOnStep(s.Spec.MinLots) && s.Spec.IsOnStep(s.Spec.MaxLots));
                Assert.Equal(s.Spec.TickSize, s.Spec.Point);
                Assert.Equal(0m, s.StartPrice % s.Spec.TickSize);
            });
        }
    }

    private static QuoteFile Of(string text) => new(() => new MemoryStream(Encoding.UTF8.GetBytes(text)));

    private static SimBroker Broker(ISimClock clock, PlatformKind platform, CatalogueOptions options) =>
        SimBroker.Create(new BrokerSettings { Platform = platform, Symbols = SimCatalogue.For(platform, options) }, clock, new SimRandom(1));
}
