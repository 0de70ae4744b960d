using Lockstep.Client.Services;
using Lockstep.Client.Streams;

namespace Lockstep.Client.Tests;

/// <summary>Streams over connections that are lost.</summary>
public sealed class StreamTests
{
    [Fact]
    public async Task A_lost_connection_goes_on_after_the_last_event_that_was_read()
    {
        await using var server = await StreamServer.StartAsync();
        using var client = new LockstepClient(server.Options);
        await using var stream = client.StreamAsync(new StreamRequest { Accounts = ["a"] }).GetAsyncEnumerator();
        var first = stream.MoveNextAsync();
        var peer = await server.NextAsync();
        var asked = await peer.HearAsync();
        Assert.Equal("""{"type":"subscribe","id":"1","topics":["events"],"accounts":["a"]}""", asked.GetRawText());
        await peer.AgreeAsync(10);
        await peer.EventAsync(11);
        await peer.EventAsync(14);
        Assert.True(await first);
        Assert.Equal(new StreamOpened("i1", 10, 1), stream.Current);
        Assert.Equal(11, await SeqAsync(stream));
        Assert.Equal(14, await SeqAsync(stream));
        peer.Cut();
        Assert.IsType<StreamLost>(await NextAsync(stream));

        var again = stream.MoveNextAsync();
        peer = await server.NextAsync();
        asked = await peer.HearAsync();
        Assert.Equal((14, "i1"), (asked.GetProperty("after").GetInt64(), asked.GetProperty("instance").GetString()));
        await peer.AgreeAsync(14);
        await peer.EventAsync(15);
        Assert.True(await again);
        Assert.Equal(new StreamOpened("i1", 14, 2), stream.Current);
        Assert.Equal(15, await SeqAsync(stream));
        peer.Cut();
    }

    [Fact]
    public async Task A_gap_is_told_and_the_numbers_go_on_from_where_the_server_says()
    {
        await using var server = await StreamServer.StartAsync();
        using var client = new LockstepClient(server.Options);
        await using var stream = client.StreamAsync(new StreamRequest { After = 3, Instance = "old" }).GetAsyncEnumerator();
        var first = stream.MoveNextAsync();
        var peer = await server.NextAsync();
        var asked = await peer.HearAsync();
        Assert.Equal((3, "old"), (asked.GetProperty("after").GetInt64(), asked.GetProperty("instance").GetString()));
        await peer.AgreeAsync(10);
        await peer.SayAsync("""{"type":"gap","reason":"instance","after":3,"first":1,"detail":"d"}""");
        await peer.SayAsync("""{"type":"snapshot","account":"a","seq":10,"state":"up","positions":[],"orders":[]}""");
        Assert.True(await first);
        Assert.Equal(new StreamGap("instance"), await NextAsync(stream));
        Assert.Equal(10, Assert.IsType<AccountSnapshot>(await NextAsync(stream)).Seq);
        peer.Cut();
        Assert.IsType<StreamLost>(await NextAsync(stream));
        var again = stream.MoveNextAsync();
        asked = await (peer = await server.NextAsync()).HearAsync();
        Assert.Equal((10, "i1"), (asked.GetProperty("after").GetInt64(), asked.GetProperty("instance").GetString()));
        await peer.AgreeAsync(10);
        Assert.True(await again);
        peer.Cut();
    }

    [Fact]
    public async Task Rubbish_and_news_do_no_harm()
    {
        await using var server = await StreamServer.StartAsync();
        using var client = new LockstepClient(server.Options);
        await using var stream = client.StreamAsync(new StreamRequest()).GetAsyncEnumerator();
        var first = stream.MoveNextAsync();
        var peer = await server.NextAsync();
        await peer.HearAsync();
        await peer.AgreeAsync(10);
        await peer.SayAsync("""{"type":"weather","sun":true}""");
        await peer.SayAsync("[1]");
        await peer.SayAsync("""{"no":"type"}""");
        await peer.EventAsync(11);
        await peer.SayAsync("{ broken");
        Assert.True(await first);
        Assert.Equal("weather", Assert.IsType<OtherMessage>(await NextAsync(stream)).Type);
        Assert.Equal(11, await SeqAsync(stream));
        Assert.IsType<StreamLost>(await NextAsync(stream));
        peer.Cut();
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    public async Task A_server_that_will_not_have_us_ends_the_stream(int status)
    {
        await using var server = await StreamServer.StartAsync(status);
        using var client = new LockstepClient(server.Options);
        await using var stream = client.StreamAsync(new StreamRequest()).GetAsyncEnumerator();
        Assert.Equal(status, (await Assert.ThrowsAsync<LockstepProblemException>(() => stream.MoveNextAsync().AsTask())).Status);
    }

    [Fact]
    public async Task A_refused_subscription_ends_the_stream_with_what_the_server_said()
    {
        await using var server = await StreamServer.StartAsync();
        using var client = new LockstepClient(server.Options);
        await using var stream = client.StreamAsync(new StreamRequest { Accounts = ["nobody"] }).GetAsyncEnumerator();
        var first = stream.MoveNextAsync();
        var peer = await server.NextAsync();
        await peer.HearAsync();
        await peer.SayAsync("""{"type":"error","id":"1","code":"unknown-account","detail":"d","advice":"a"}""");
        Assert.Equal("unknown-account", (await Assert.ThrowsAsync<LockstepProblemException>(() => first.AsTask())).Code);
        peer.Cut();
    }

    [Fact]
    public async Task A_service_keeps_what_it_is_told_over_a_reconnection_and_asks_again_for_its_prices()
    {
        await using var server = await StreamServer.StartAsync();
        using var client = new LockstepClient(server.Options);
        await using var service = new Mt5Connector(client, "a");
        var heard = System.Threading.Channels.Channel.CreateUnbounded<StreamMessage>();
        using var listening = service.Listen(message => heard.Writer.TryWrite(message));
        using var bad = service.Listen(_ => throw new InvalidOperationException("a listener's mistake"));
        var peer = await server.NextAsync();
        Assert.Equal("""{"type":"subscribe","id":"1","topics":["events","account"],"accounts":["a"]}""", (await peer.HearAsync()).GetRawText());
        await peer.AgreeAsync(10);
        await peer.SayAsync("""{"type":"snapshot","account":"a","seq":10,"state":"up","positions":[{"position":5,"symbol":"EURUSD","side":"buy","volume":0.1}],"orders":[],"more":true}""");
        await peer.SayAsync("""{"type":"snapshot","account":"a","seq":10,"state":"up","positions":[{"position":6,"symbol":"EURUSD","side":"sell","volume":0.2}],"orders":[{"order":9,"symbol":"EURUSD","side":"buy","type":"limit","volume":0.1,"price":1.0}],"funds":{"balance":100,"equity":101,"margin":0,"freeMargin":101,"currency":"USD","at":"2026-01-01T00:00:00.000Z"}}""");
        await UntilAsync<AccountSnapshot>(heard, s => !s.More);
        Assert.Equal([5, 6], service.LastPositions.Select(p => p.Id));
        Assert.Equal((9, 101m, true), (service.LastOrders.Single().Id, service.LastAccountInfo!.Equity, service.IsLive));

        await service.SubscribePriceAsync("EURUSD");
        var asked = await peer.HearAsync();
        Assert.Equal((10, "EURUSD"), (asked.GetProperty("after").GetInt64(), asked.GetProperty("symbols")[0].GetString()));
        await peer.AgreeAsync(10);
        await peer.SayAsync("""{"type":"prices","prices":[{"account":"a","symbol":"EURUSD","bid":1.1,"ask":1.2,"at":"2026-01-01T00:00:00.000Z"}]}""");
        await UntilAsync<PricesChanged>(heard, _ => true);
        Assert.Equal(1.2m, service.LastPrice("EURUSD")!.Ask);

        peer.Cut();
        await UntilAsync<StreamLost>(heard, _ => true);
        peer = await server.NextAsync();
        asked = await peer.HearAsync();
        Assert.Equal(["events", "account", "prices"], asked.GetProperty("topics").EnumerateArray().Select(t => t.GetString()));
        await peer.AgreeAsync(10);
        await peer.SayAsync("""{"type":"event","seq":12,"at":"2026-01-01T00:00:00.000Z","kind":"position.closed","account":"a","position":{"position":5,"symbol":"EURUSD","side":"buy","volume":0.1}}""");
        await peer.SayAsync("""{"type":"event","seq":13,"at":"2026-01-01T00:00:00.000Z","kind":"order.gone","account":"a","order":{"order":9,"symbol":"EURUSD","side":"buy","type":"limit","volume":0.1,"price":1.0}}""");
        await UntilAsync<AccountEvent>(heard, e => e.Seq == 13);
        Assert.True(service.IsLive);
        Assert.Equal(6, service.LastPositions.Single().Id);
        Assert.Empty(service.LastOrders);
        peer.Cut();
    }

    private static async Task<StreamMessage> NextAsync(IAsyncEnumerator<StreamMessage> stream)
    {
        Assert.True(await stream.MoveNextAsync());
        return stream.Current;
    }

    private static async Task<long> SeqAsync(IAsyncEnumerator<StreamMessage> stream) => Assert.IsType<AccountEvent>(await NextAsync(stream)).Seq;

    private static async Task UntilAsync<T>(System.Threading.Channels.Channel<StreamMessage> heard, Func<T, bool> wanted)
        where T : StreamMessage
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (await heard.Reader.ReadAsync(patience.Token) is not T message || !wanted(message))
        {
        }
    }
}
