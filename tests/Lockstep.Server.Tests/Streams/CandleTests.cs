using Lockstep.Domain;
using Lockstep.Server.Streams;
using Lockstep.Testing;

namespace Lockstep.Server.Tests.Streams;

/// <summary>The forming candle, from history and ticks.</summary>
public class CandleTests
{
    private static readonly DateTimeOffset Start = ManualTime.Start;

    [Fact]
    public void Ticks_alone_make_candles_of_whole_minutes()
    {
        var book = new CandleBook(Timeframe.M5);
        Tick(book, "09:01:10", 1.10m);
        Tick(book, "09:03:00", 1.14m);
        Tick(book, "09:04:59.999", 1.08m);
        Assert.Equal(Bar("09:00", 1.10m, 1.14m, 1.08m, 1.08m, 3), book.State.Forming);
        Tick(book, "09:05", 1.09m);
        Assert.Equal((Bar("09:05", 1.09m, 1.09m, 1.09m, 1.09m, 1), Bar("09:00", 1.10m, 1.14m, 1.08m, 1.08m, 3)), (book.State.Forming, book.State.Closed));
        Assert.False(book.Tick(Quote("09:04:59", 2m)));
        Assert.False(book.Pass(At("09:09:59")));
        Assert.True(book.Pass(At("09:10")));
        Assert.Equal((null, Bar("09:05", 1.09m, 1.09m, 1.09m, 1.09m, 1)), (book.State.Forming, book.State.Closed));
        Assert.False(book.Tick(Quote("09:09", 2m)));
        Tick(book, "09:27", 1.2m);
        Assert.Equal(At("09:25"), book.State.Forming!.At);
    }

    [Fact]
    public void History_says_what_was_before_the_first_tick()
    {
        var book = new CandleBook(Timeframe.M5);
        Tick(book, "09:03", 1.20m);
        book.History([Bar("08:55", 1m, 1m, 1m, 1m, 9), Bar("09:00", 1.05m, 1.15m, 1.01m, 1.10m, 40)], At("09:03"));
        Assert.Equal((Bar("09:00", 1.05m, 1.20m, 1.01m, 1.20m, 40), Bar("08:55", 1m, 1m, 1m, 1m, 9)), (book.State.Forming, book.State.Closed));
        Tick(book, "09:04", 1.00m);
        Assert.Equal(Bar("09:00", 1.05m, 1.20m, 1.00m, 1.00m, 41), book.State.Forming);
    }

    [Fact]
    public void History_that_ended_is_the_candle_before()
    {
        var book = new CandleBook(Timeframe.M5);
        book.History([Bar("08:55", 1m, 2m, 1m, 2m, 9)], At("09:03"));
        Assert.Equal((null, Bar("08:55", 1m, 2m, 1m, 2m, 9)), (book.State.Forming, book.State.Closed));
        Tick(book, "09:04", 1.5m);
        Assert.Equal(Bar("09:00", 1.5m, 1.5m, 1.5m, 1.5m, 1), book.State.Forming);
    }

    [Theory]
    [InlineData(Timeframe.D1, "2026-03-01T22:00:00Z", "2026-03-02T21:59:59Z", "2026-03-01T22:00:00Z")]
    [InlineData(Timeframe.D1, "2026-03-01T22:00:00Z", "2026-03-02T22:00:00Z", "2026-03-02T22:00:00Z")]
    [InlineData(Timeframe.H4, "2026-03-02T02:00:00Z", "2026-03-02T09:00:00Z", "2026-03-02T06:00:00Z")]
    [InlineData(Timeframe.W1, "2026-02-21T22:00:00Z", "2026-03-02T09:00:00Z", "2026-02-28T22:00:00Z")]
    [InlineData(Timeframe.MN1, "2026-01-31T22:00:00Z", "2026-02-28T21:59:59Z", "2026-01-31T22:00:00Z")]
    [InlineData(Timeframe.MN1, "2026-01-31T22:00:00Z", "2026-02-28T22:00:00Z", "2026-02-28T22:00:00Z")]
    [InlineData(Timeframe.MN1, null, "2026-03-02T09:00:00Z", "2026-03-01T00:00:00Z")]
    [InlineData(Timeframe.W1, null, "2026-03-02T09:00:00Z", "2026-03-01T00:00:00Z")]
    public void Days_begin_where_the_brokers_history_says(Timeframe frame, string? before, string tick, string begins)
    {
        var book = new CandleBook(frame);
        if (before is not null)
        {
            book.History([new Candle(Moment(before), new Price(1m), new Price(1m), new Price(1m), new Price(1m), 1)], Moment(tick));
        }

        book.Tick(new Quote(new Price(2m), new Price(2m), Moment(tick)));
        Assert.Equal(Moment(begins), book.State.Forming!.At);

        static Timestamp Moment(string text) => Timestamp.From(DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Candles_are_streamed_with_the_last_one_that_closed()
    {
        var history = new History();
        await using var host = await StreamHost.StartAsync(new FakeStreamDesk { History = history });
        using var client = await host.ConnectAsync();
        await client.SendAsync("""{"type":"subscribe","accounts":["prop"],"topics":["candles"],"symbols":["EURUSD"],"frames":["M1"]}""");
        await client.NextAsync("subscribed");
        var asked = await history.Asked.Task.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal((Timeframe.M1, "EURUSD"), (asked.Request.Frame, asked.Request.Symbol.Value));
        asked.Answer(new CandlesFound([Bar("08:59", 1m, 1m, 1m, 1m, 5), Bar("09:00", 1.1m, 1.2m, 1.0m, 1.1m, 7)]));
        var candle = await client.NextAsync("candle");
        Assert.Equal(("M1", 1.2m, 5), (StreamTests.Text(candle, "frame"), candle.GetProperty("candle").GetProperty("high").GetDecimal(), candle.GetProperty("closed").GetProperty("ticks").GetInt32()));
        host.Desk.Quote(FakeStreamDesk.Prop, FakeStreamDesk.EurUsd, 1.3m, Start.AddSeconds(30));
        Assert.Equal(1.3m, (await client.NextAsync("candle")).GetProperty("candle").GetProperty("high").GetDecimal());
        host.Time.Advance(TimeSpan.FromSeconds(60));
        var ended = await client.NextAsync("candle");
        Assert.False(ended.TryGetProperty("candle", out _));
        Assert.Equal((1.3m, 8), (ended.GetProperty("closed").GetProperty("close").GetDecimal(), ended.GetProperty("closed").GetProperty("ticks").GetInt32()));
        Assert.Equal(1, host.Desk.Watched[(FakeStreamDesk.Prop, FakeStreamDesk.EurUsd)]);
        client.Dispose();
        await StreamTests.UntilAsync(() => host.Desk.Watched[(FakeStreamDesk.Prop, FakeStreamDesk.EurUsd)] == 0);
    }

    private static void Tick(CandleBook book, string at, decimal bid) => Assert.True(book.Tick(Quote(at, bid)));

    private static Quote Quote(string at, decimal bid) => new(new Price(bid), new Price(bid + 0.1m), At(at));

    private static Candle Bar(string at, decimal open, decimal high, decimal low, decimal close, long ticks) =>
        new(At(at), new Price(open), new Price(high), new Price(low), new Price(close), ticks);

    private static Timestamp At(string time) => Timestamp.From(new DateTimeOffset(Start.Date + TimeSpan.Parse(time, System.Globalization.CultureInfo.InvariantCulture), TimeSpan.Zero));

    private sealed class History : IAccountData
    {
        public TaskCompletionSource<(CandlesWanted Request, Action<DataAnswer> Answer)> Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Fetch(DataRequest request, Action<DataAnswer> answer) => Asked.TrySetResult(((CandlesWanted)request, answer));
    }
}
