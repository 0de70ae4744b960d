using System.Text;
using Lockstep.Domain;
using Lockstep.MetaTrader.Session;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.MetaTrader.Tests.Session;

/// <summary>Many links, and many threads on one account.</summary>
public sealed class CrowdTests
{
    [Fact]
    public void Ten_thousand_idle_links_are_looked_at_without_a_byte()
    {
        const int Links = 10_000;
        var time = new HandClock();
        var hub = new TerminalHub(time, new TerminalHubOptions { ConnectionsPerSecond = 1_000_000 });
        var transport = new Void();
        var sink = new Nobody();
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int i = 0; i < Links; i++)
        {
            string key = $"k-{i}";
            hub.Open(new TerminalAccount { Id = new AccountId($"a{i}"), Platform = PlatformKind.Mt5, Login = 1, Server = "S", KeyHash = Desk.HashOf(key) }, 1).Start(sink);
            var link = hub.Connect(transport)!;
            link.Received(Encoding.UTF8.GetBytes(
                $$$"""{"t":"hello","v":1,"key":"{{{key}}}","login":1,"server":"S","platform":"mt5","role":"both","mode":"hedging","currency":"USD","leverage":100,"build":4410,"ea":"1.0.0","terminal":"8c1f03a29be4417d","epoch":0,"acked":0,"first":1,"last":0,"offset":10800,"demo":true,"company":"Broker Ltd","closeby":true,"stoplimit":true,"expiry":true,"clash":0}"""));
            link.Received("""{"t":"symbols","more":false,"list":[]}"""u8);
        }

        Assert.Equal(Links, hub.Counters.Active);
        long each = (GC.GetTotalMemory(forceFullCollection: true) - before) / Links;
        Assert.True(each < 3_000, $"{each} bytes a link");

        // Twice without anything due: nothing is made.
        hub.Tick();
        time.Advance(TimeSpan.FromMilliseconds(250));
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        hub.Tick();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - allocated);
        GC.KeepAlive(hub);
    }

    [Fact]
    public async Task Threads_at_one_account_lose_nothing_and_keep_the_order()
    {
        const int Events = 3_000;
        var desk = new Desk(new TerminalHubOptions { MessagesBurst = 1_000_000 });
        var session = desk.Hub.Open(Desk.AccountOf(PlatformKind.Mt4), 1);
        var sink = new Strict();
        session.Start(sink);
        var terminal = desk.Plug().Enter("mt4");
        using var stop = new CancellationTokenSource();
        var ticking = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                desk.Hub.Tick();
            }
        });
        var runtime = Task.Run(() =>
        {
            for (int i = 0; i < Events; i++)
            {
                session.Send(new CancelPending
                {
                    Account = session.Account, Key = OrderKey.From("t", i, 1, "c", 1), Symbol = new SymbolName("EURUSD"), Deadline = desk.Now + TimeSpan.FromSeconds(2), Order = new OrderId(1),
                });
                foreach (var report in sink.Take())
                {
                    session.Kept(report);
                }
            }
        });
        await Task.Run(() =>
        {
            for (int i = 0; i < Events; i++)
            {
                terminal.Change(terminal.Position((i % 50) + 1));
                if (i % 100 == 0)
                {
                    terminal.Beat();
                }
            }
        });
        await runtime;
        await stop.CancelAsync();
        await ticking;
        foreach (var report in sink.Take())
        {
            session.Kept(report);
        }

        desk.Time.Advance(TimeSpan.FromMilliseconds(250));
        desk.Hub.Tick();
        Assert.Equal(Events, sink.Last);
        Assert.Null(sink.Wrong);
        Assert.Equal(Events, terminal.Heard().OfType<AckMessage>().Last().Number);
        Assert.Equal(1, desk.Count(TerminalCount.Commands));
    }

    [Fact]
    public async Task Terminals_that_fight_for_an_account_on_many_threads_leave_one_active()
    {
        var desk = new Desk(new TerminalHubOptions { ConnectionsPerSecond = 1_000_000 });
        var session = desk.Hub.Open(Desk.AccountOf(), 1);
        var sink = new Strict();
        session.Start(sink);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(n => Task.Run(() =>
        {
            var dice = new Random(n);
            for (int i = 0; i < 300; i++)
            {
                var terminal = desk.Plug(name: new string((char)('1' + dice.Next(2)), 16));
                terminal.Say(terminal.Hello() with { Epoch = 1 });
                if (terminal.IsActive)
                {
                    terminal.Symbols();
                    terminal.Change(terminal.Position(1));
                }

                if (dice.Next(2) == 0)
                {
                    terminal.Die();
                }
            }
        })));
        Assert.Null(sink.Wrong);
        Assert.Equal(0, desk.Count(TerminalCount.SinkErrors));
        Assert.True(desk.Hub.Counters.Links <= 2, $"{desk.Hub.Counters.Links} links");
        desk.Pass(20);
        Assert.Equal(0, desk.Hub.Counters.Links);
        Assert.Equal(0, desk.Hub.Counters.Active);
    }

    private sealed class Void : ITerminalTransport
    {
        public string Remote => "10.0.0.1";

        public bool Send(ReadOnlySpan<byte> text) => true;

        public void Close(int code, string reason)
        {
        }
    }

    private sealed class Nobody : ISessionSink
    {
        public void Report(PlatformEvent report)
        {
        }

        public void Quote(AccountId account, SymbolName symbol, Quote quote)
        {
        }

        public void Funds(AccountId account, AccountFunds funds)
        {
        }
    }

    /// <summary>Notices two at once, and what is out of order.</summary>
    private sealed class Strict : ISessionSink
    {
        private readonly Queue<PlatformEvent> _queue = new();
        private long _epoch;
        private bool _open;
        private int _inside;

        public long Last { get; private set; }

        public string? Wrong { get; private set; }

        public void Report(PlatformEvent report)
        {
            if (Interlocked.Increment(ref _inside) != 1)
            {
                Wrong ??= "two at once";
            }

            switch (report)
            {
                case SessionOpened when _open || report.Epoch <= _epoch:
                    Wrong ??= $"opened {report.Epoch} after {_epoch}";
                    break;
                case SessionOpened:
                    (_open, _epoch, Last) = (true, report.Epoch, 0);
                    break;
                case SessionClosed when !_open:
                    Wrong ??= "closed and not open";
                    break;
                case SessionClosed:
                    _open = false;
                    break;
                case BookChanged change when change.Sequence != Last + 1 || !_open || change.Epoch != _epoch:
                    Wrong ??= $"change {change.Sequence} of epoch {change.Epoch} after {Last} of {_epoch}";
                    break;
                case BookChanged change:
                    Last = change.Sequence;
                    break;
            }

            lock (_queue)
            {
                _queue.Enqueue(report);
            }

            Interlocked.Decrement(ref _inside);
        }

        public IReadOnlyList<PlatformEvent> Take()
        {
            lock (_queue)
            {
                var all = _queue.ToArray();
                _queue.Clear();
                return all;
            }
        }

        public void Quote(AccountId account, SymbolName symbol, Quote quote)
        {
        }

        public void Funds(AccountId account, AccountFunds funds)
        {
        }
    }
}
