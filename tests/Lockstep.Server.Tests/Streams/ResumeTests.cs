using Lockstep.Domain;
using Lockstep.Server.Streams;

namespace Lockstep.Server.Tests.Streams;

/// <summary>Whatever happens to a connection, who goes on after the last event he has gets all, in order, each once.</summary>
public class ResumeTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Dropped_at_any_point_and_gone_on_with_the_union_is_the_log(int seed)
    {
        // A ring of a few events, so that clients come from the log, from the ring and from the border between them.
        var random = new Random(seed);
        var desk = new FakeStreamDesk(before: random.Next(0, 2_000));
        await using var host = await StreamHost.StartAsync(desk, new StreamLimits { EventsHeld = random.Next(8, 200) });
        long start = random.Next(0, (int)desk.Log.LastEvent + 1);
        long goal = desk.Log.LastEvent + 1_500;
        var happen = new Random(seed * 31);
        var telling = Task.Run(async () =>
        {
            while (desk.Log.LastEvent < goal)
            {
                for (int burst = happen.Next(1, 60); burst > 0 && desk.Log.LastEvent < goal; burst--)
                {
                    // The last one is for everybody.
                    bool other = desk.Log.LastEvent < goal - 1 && happen.Next(3) == 0;
                    desk.Happen(other ? FakeStreamDesk.Personal : FakeStreamDesk.Prop, (int)desk.Log.LastEvent);
                }

                await Task.Yield();
            }
        });
        bool narrow = seed % 2 == 0;
        string accounts = narrow ? "\"accounts\":[\"prop\"]," : "";
        var got = new List<long>();
        long last = start;
        int connections = 0;
        while (last < goal)
        {
            connections++;
            using var client = await host.ConnectAsync();
            await client.SendAsync($$"""{"type":"subscribe",{{accounts}}"topics":["positions"],"after":{{last}},"instance":"{{desk.Log.Instance}}"}""");
            await client.NextAsync("subscribed");
            for (int take = random.Next(1, 700); take > 0 && last < goal; take--)
            {
                if (await client.TryNextAsync() is not { } message)
                {
                    // Cut off as too slow: nothing is lost by it.
                    break;
                }

                Assert.Equal("event", StreamTests.Text(message, "type"));
                last = message.GetProperty("seq").GetInt64();
                got.Add(last);
            }
        }

        await telling;
        var wanted = desk.Log.All.Where(r => r.Id > start && (!narrow || r.Account == FakeStreamDesk.Prop)).Select(r => r.Id).ToList();
        Assert.Equal(wanted, got);
        Assert.True(connections > 1);
    }

    [Fact]
    public async Task Who_does_not_read_events_is_cut_off_and_loses_nothing()
    {
        await using var host = await StreamHost.StartAsync(limits: new StreamLimits { EventsHeld = 500, SocketBuffer = 4096 });
        using var slow = await host.ConnectAsync();
        await slow.SendAsync("""{"type":"subscribe","topics":["events"],"snapshot":false}""");
        await slow.NextAsync("subscribed");
        using var quick = await host.ConnectAsync();
        await quick.SendAsync("""{"type":"subscribe","topics":["events"],"snapshot":false}""");
        await quick.NextAsync("subscribed");
        const int Count = 60_000;
        for (int i = 0; i < Count; i += 100)
        {
            for (int j = i; j < i + 100; j++)
            {
                host.Desk.Happen(FakeStreamDesk.Prop, j);
            }

            // The quick one is not held up by the slow one.
            for (long j = i + 1; j <= i + 100; j++)
            {
                Assert.Equal(j, (await quick.NextAsync()).GetProperty("seq").GetInt64());
            }
        }

        long last = 0;
        while (await slow.TryNextAsync() is { } message)
        {
            Assert.Equal(++last, message.GetProperty("seq").GetInt64());
        }

        Assert.InRange(last, 1, Count - 1);
        using var again = await host.ConnectAsync();
        await again.SendAsync($$"""{"type":"subscribe","topics":["events"],"after":{{last}}}""");
        await again.NextAsync("subscribed");
        while (last < Count)
        {
            Assert.Equal(++last, (await again.NextAsync()).GetProperty("seq").GetInt64());
        }
    }
}
