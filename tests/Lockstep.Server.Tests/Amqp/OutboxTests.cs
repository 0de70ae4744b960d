using Lockstep.Server.Amqp;
using Lockstep.Testing;

namespace Lockstep.Server.Tests.Amqp;

/// <summary>The outbox against a broker that does what the test says.</summary>
public sealed class OutboxTests : IDisposable
{
    private readonly FakeLog _log = new();
    private readonly ManualTime _time = new();
    private readonly List<long> _published = [];
    private readonly SemaphoreSlim _one = new(0);
    private bool _blocked;

    public void Dispose() => _one.Dispose();

    [Fact]
    public async Task Events_are_published_in_order_and_no_more_are_under_way_than_allowed()
    {
        Add(5);
        var outbox = await BeginAsync(unconfirmed: 2, from: 0);
        using var stop = new CancellationTokenSource();
        var pump = outbox.PumpAsync(PublishAsync, () => _blocked, stop.Token);
        await PublishedAsync(2);
        outbox.Confirm(1, false);
        await PublishedAsync(3);
        Assert.Equal((1, 2), (outbox.Done, outbox.Unconfirmed));
        outbox.Confirm(3, true);
        await PublishedAsync(5);
        outbox.Confirm(5, true);
        Add(1);
        outbox.Wake();
        await PublishedAsync(6);
        Assert.Equal([1, 2, 3, 4, 5, 6], _published);
        Assert.Equal((5, 1, 5), (outbox.Done, outbox.Unconfirmed, outbox.Confirmed));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pump);
    }

    [Fact]
    public async Task What_was_not_confirmed_over_one_link_is_published_over_the_next_and_all_that_came_after_it()
    {
        Add(4);
        var outbox = await BeginAsync(unconfirmed: 10, from: 0);
        using (var lost = new CancellationTokenSource())
        {
            var pump = outbox.PumpAsync(PublishAsync, () => _blocked, lost.Token);
            await PublishedAsync(4);
            outbox.Confirm(1, false);
            outbox.Confirm(3, false);
            await lost.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pump);
        }

        _published.Clear();
        using var stop = new CancellationTokenSource();
        var again = outbox.PumpAsync(PublishAsync, () => _blocked, stop.Token);
        await PublishedAsync(3);
        Assert.Equal([2, 3, 4], _published);

        // The next link counts from 1 again.
        outbox.Confirm(3, true);
        Assert.Equal(4, outbox.Done);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => again);
    }

    [Fact]
    public async Task A_refusal_ends_the_link_and_the_event_is_published_again()
    {
        Add(3);
        var outbox = await BeginAsync(unconfirmed: 10, from: 0);
        var pump = outbox.PumpAsync(PublishAsync, () => _blocked, CancellationToken.None);
        await PublishedAsync(3);
        outbox.Confirm(1, false);
        outbox.Refuse();
        var told = await Assert.ThrowsAsync<AmqpTroubleException>(() => pump);
        Assert.Contains("nack", told.Message, StringComparison.Ordinal);
        Assert.Equal((1, 1), (outbox.Done, outbox.Refusals));
        _published.Clear();
        using var stop = new CancellationTokenSource();
        var again = outbox.PumpAsync(PublishAsync, () => _blocked, stop.Token);
        await PublishedAsync(2);
        Assert.Equal([2, 3], _published);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => again);
    }

    [Fact]
    public async Task A_broker_that_confirms_nothing_for_half_a_minute_is_left_unless_it_said_that_it_takes_nothing()
    {
        Add(1);
        var outbox = await BeginAsync(unconfirmed: 10, from: 0);
        var pump = outbox.PumpAsync(PublishAsync, () => Volatile.Read(ref _blocked), CancellationToken.None);
        await PublishedAsync(1);
        Volatile.Write(ref _blocked, true);
        await TicksAsync(outbox, pump, 40);
        Assert.False(pump.IsCompleted);
        Volatile.Write(ref _blocked, false);
        await TicksAsync(outbox, pump, 29);
        Assert.False(pump.IsCompleted);
        await TicksAsync(outbox, pump, 3);
        Assert.Contains("30 s", (await Assert.ThrowsAsync<AmqpTroubleException>(() => pump)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_the_broker_takes_nothing_nothing_is_published()
    {
        _blocked = true;
        Add(2);
        var outbox = await BeginAsync(unconfirmed: 10, from: 0);
        using var stop = new CancellationTokenSource();
        var pump = outbox.PumpAsync(PublishAsync, () => Volatile.Read(ref _blocked), stop.Token);
        await TicksAsync(outbox, pump, 3);
        Assert.Empty(_published);
        Volatile.Write(ref _blocked, false);
        outbox.Wake();
        await PublishedAsync(2);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pump);
    }

    [Fact]
    public async Task The_cursor_follows_the_confirmations_and_is_where_the_next_process_begins()
    {
        Add(4);
        var outbox = await BeginAsync(unconfirmed: 10, from: 1);
        using var stop = new CancellationTokenSource();
        var keeper = outbox.KeepCursorAsync(stop.Token);
        var pump = outbox.PumpAsync(PublishAsync, () => _blocked, stop.Token);
        await PublishedAsync(3);
        outbox.Confirm(2, false);
        Assert.Equal(1, _log.Cursor(AmqpOutbox.Reader));
        outbox.Confirm(1, false);
        await stop.CancelAsync();
        await keeper;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pump);
        Assert.Equal(3, _log.Cursor(AmqpOutbox.Reader));
        Assert.Equal([2, 3, 4], _published);
        var next = await BeginAsync(unconfirmed: 10, from: null);
        Assert.Equal((3, 0), (next.Done, next.Confirmed));
    }

    /// <summary>Cursor before, wanted, cursor after.</summary>
    [Theory]
    [InlineData(null, false, null)]
    [InlineData(null, true, 7)] // turned on: from now on
    [InlineData(3, true, 3)]
    [InlineData(3, false, null)] // turned off: nothing is kept for it any more
    public async Task Turning_it_on_and_off_sets_and_deletes_the_cursor(int? before, bool wanted, int? after)
    {
        Add(7);
        if (before is { } id)
        {
            await _log.SaveCursorAsync(AmqpOutbox.Reader, id);
        }

        await AmqpOutbox.PrepareAsync(_log, wanted);
        Assert.Equal(after, (int?)_log.Cursor(AmqpOutbox.Reader));
    }

    private void Add(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _log.Add();
        }
    }

    private async Task<AmqpOutbox> BeginAsync(int unconfirmed, long? from)
    {
        if (from is { } id)
        {
            await _log.SaveCursorAsync(AmqpOutbox.Reader, id);
        }

        var outbox = new AmqpOutbox(_log, Samples.Make(), unconfirmed, _time);
        outbox.Begin();
        return outbox;
    }

    private Task PublishAsync(Message message, long id, CancellationToken cancel)
    {
        _published.Add(id);
        _one.Release();
        return Task.CompletedTask;
    }

    /// <summary>Waits until so many are published in all, and sees that no more are.</summary>
    private async Task PublishedAsync(int count)
    {
        while (_published.Count < count)
        {
            Assert.True(await _one.WaitAsync(TimeSpan.FromSeconds(30)), $"{_published.Count} of {count} were published");
        }

        Assert.Equal(count, _published.Count);
    }

    /// <summary>Seconds pass, and the pump looks at its clock in each.</summary>
    private async Task TicksAsync(AmqpOutbox outbox, Task pump, int seconds)
    {
        for (int i = 0; i < seconds && !pump.IsCompleted; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            outbox.Wake();
            await Task.Yield();
            await Task.Delay(1);
        }
    }
}
