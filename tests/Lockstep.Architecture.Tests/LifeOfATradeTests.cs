using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.MetaTrader.Session;
using Lockstep.MetaTrader.Wire;
using Lockstep.Runtime;
using Lockstep.Simulator;
using Lockstep.Storage;

namespace Lockstep.Architecture.Tests;

/// <summary>Walks docs/life-of-a-trade.md: every file is there, and a real trade passes the stages in the order of the page.</summary>
public partial class LifeOfATradeTests
{
    private const string Page = "docs/life-of-a-trade.md";

    [Fact]
    public void Every_file_on_the_way_is_there()
    {
        var files = Paths().Matches(Repository.Read(Page)).Select(match => match.Groups[1].Value).ToList();
        Assert.NotEmpty(files);
        Assert.DoesNotContain(files, file => !File.Exists(Path.Combine(Repository.Root, file)));
    }

    [Fact]
    public void A_trade_passes_the_stages_in_the_order_of_the_page()
    {
        var stages = Stages().Matches(Repository.Read(Page)).Select(match => match.Groups[1].Value).ToList();
        Assert.Equal(string.Join(" ", stages), string.Join(" ", new Walk().Trace()));
    }

    [GeneratedRegex("`((?:src|tests|mql|contracts)/[^`]+)`")]
    private static partial Regex Paths();

    [GeneratedRegex(@"^\d+\. \*\*(\w+)\*\*", RegexOptions.Multiline)]
    private static partial Regex Stages();

    /// <summary>Two accounts with a simulated terminal each, the server's own hub, a hedge link, and ears at every door: each stage is noted the first time it happens to the trade.</summary>
    private sealed class Walk : IGroupPorts, ITimerQueue, IGroupObserver
    {
        private static readonly AccountId Source = new("prop");
        private static readonly AccountId Target = new("personal");
        private static readonly SymbolName Symbol = new("EURUSD");

        private readonly VirtualSimClock _clock = new();
        private readonly Dictionary<AccountId, SimBroker> _brokers = [];
        private readonly MemoryJournal _journal = new("walk");
        private readonly List<string> _trace = [];
        private readonly TerminalHub _hub;
        private GroupCore _core = null!;
        private bool _traded;

        public Walk() => _hub = new TerminalHub(new Clock(_clock));

        public Action<TimerId>? Fired { get; set; }

        ITimerQueue IGroupPorts.Timers => this;

        IGroupObserver IGroupPorts.Observer => this;

        public List<string> Trace()
        {
            Broker(Source, PlatformKind.Mt5);
            Broker(Target, PlatformKind.Mt4);

            // A filter on the price, so that the engine needs a photograph of the market.
            var filters = new FilterSettings { MaxDeviationPoints = 100 };
            var link = new LinkSettings { Id = new("hedge"), Source = Source, Target = Target, Kind = LinkKind.Hedge, Filters = filters };
            var recovered = Recovery.RunAsync(_journal).AsTask().GetAwaiter().GetResult();
            _core = new GroupCore(recovered, this, new Clock(_clock));
            _core.Start(recovered, new GroupSettings { Accounts = [Source, Target], Links = [link] });
            Terminal(Source);
            Terminal(Target);
            Tick();
            RunFor(TimeSpan.FromSeconds(5));

            _traded = true;
            var mt5 = (Mt5Broker)_brokers[Source];
            mt5.OrderSend(new MqlTradeRequest { Action = MqlAction.Deal, Symbol = Symbol.Value, Type = Mt5OrderType.Buy, Volume = 1m });
            Note("traded", mt5.OpenPositions.Count == 1);
            RunFor(TimeSpan.FromSeconds(5));

            var held = Assert.Single(_brokers[Target].OpenPositions);
            Assert.Equal((Side.Sell, 1m), (held.Side, held.Volume));
            return _trace;
        }

        public void Set(TimerId timer, Timestamp? at)
        {
            if (at is { } moment)
            {
                _clock.Schedule(moment - _clock.Now, () => Fired!(timer));
            }
        }

        public IAccountSession OpenSession(AccountId account, long firstEpoch) =>
            new Ear(this, _hub.Open(
                new TerminalAccount
                {
                    Id = account, Platform = _brokers[account].Settings.Platform, Login = LoginOf(account), Server = "Walk-Demo", KeyHash = SHA256.HashData(Encoding.UTF8.GetBytes(KeyOf(account))),
                },
                firstEpoch));

        public void Why(WhyRow row) => Note("explained", row.Entry is { Kind: SourceEventKind.Opened, Outcome: WhyOutcome.Done, Reason: WhyReason.Copied } && _journal.Why.Contains(row));

        /// <summary>As GroupRunner does it, one step at a time.</summary>
        private void RunFor(TimeSpan span)
        {
            for (var until = _clock.Now + span; _clock.NextDue <= until;)
            {
                _clock.RunNext();
                Note("executed", _brokers[Target].OpenPositions.Count == 1);
                while (_core.Take(100) is { } batch)
                {
                    var opening = batch.Steps.FirstOrDefault(step => step.Event.Event is Reported { Report: BookChanged { Positions.Count: > 0 } change } && change.Account == Source);
                    Note("numbered", opening is not null && opening.Event.Seq == _core.Engine.Seq && ((Reported)opening.Event.Event).View.Quotes.Count > 0);
                    Note("decided", opening is not null && opening.Decisions.OfType<SendOrder>().Any());
                    _journal.Append(batch.Journal);
                    _journal.Sync();
                    Note("durable", opening is not null && _journal.DurableSeq >= opening.Event.Seq);
                    _core.Committed(batch);
                }
            }
        }

        private void Broker(AccountId account, PlatformKind platform)
        {
            var settings = new BrokerSettings { Platform = platform, Symbols = SimCatalogue.For(platform, new CatalogueOptions { AlwaysOpen = true, Only = [Symbol.Value] }) };
            var broker = SimBroker.Create(settings, _clock, new SimRandom(1).Fork(account.Value));
            broker.OnQuote(Symbol, new(1.10000m), new(1.10010m));
            _brokers.Add(account, broker);
        }

        private static string KeyOf(AccountId account) => $"the-ea-key-of-{account}";

        private static long LoginOf(AccountId account) => account == Source ? 5001 : 4001;

        private void Terminal(AccountId account)
        {
            var wire = new SimWire(_clock, new Door(this, account, new HubWireServer(_hub)), new SimRandom(3).Fork(account.Value))
            {
                Tap = (fromTerminal, text) =>
                {
                    var message = LinkCodec.Read(text);
                    Note("told", fromTerminal && account == Source && message is ChangeMessage { Positions.Count: > 0 });
                    Note("commanded", !fromTerminal && account == Target && message is CommandMessage { Do: WireDo.Open });
                    Note("acknowledged", !fromTerminal && account == Source && message is AckMessage or ServerBeatMessage { Ack: > 0 });
                },
            };
            new SimTerminal(new SimTerminalSettings { Key = KeyOf(account), Login = LoginOf(account), Server = "Walk-Demo" }, _brokers[account], wire, new SimRandom(4).Fork(account.Value)).Start();
        }

        private void Tick()
        {
            _hub.Tick();
            _clock.Schedule(TimeSpan.FromMilliseconds(250), Tick);
        }

        private void Note(string stage, bool happened)
        {
            if (happened && _traded && !_trace.Contains(stage))
            {
                _trace.Add(stage);
            }
        }

        /// <summary>Listens on both sides of a session.</summary>
        private sealed class Ear(Walk walk, TerminalSession session) : IAccountSession, ISessionSink
        {
            public AccountId Account => session.Account;

            public void Start(ISessionSink sink) => session.Start(this);

            public void Send(OrderCommand command)
            {
                walk.Note("sent", command is OpenMarket { Side: Side.Sell });
                session.Send(command);
            }

            public void Ask(AskId ask, Timestamp historyFrom) => session.Ask(ask, historyFrom);

            public void Stop() => session.Stop();

            public void Kept(PlatformEvent report) => session.Kept(report);

            public void Report(PlatformEvent report)
            {
                bool changed = report is BookChanged { Positions.Count: > 0 };
                walk.Note("reported", changed && Account == Source);
                walk.Note("shown", changed && Account == Target);
                walk.Note("answered", report is OrderAnswered { Outcome: OrderOutcome.Done });
                walk._core.Report(report);
                walk.Note("received", changed && Account == Source && walk._core.Waiting > 0);
            }

            public void Quote(AccountId account, SymbolName symbol, Quote quote) => walk._core.Quote(account, symbol, quote);

            public void Funds(AccountId account, AccountFunds funds) => walk._core.Funds(account, funds);
        }

        /// <summary>Listens where messages come in.</summary>
        private sealed class Door(Walk walk, AccountId account, ISimWireServer server) : ISimWireServer
        {
            public ISimWireServerLink? Connect(ITerminalTransport transport) => server.Connect(transport) is { } link ? new Inside(walk, account, link) : null;

            private sealed class Inside(Walk walk, AccountId account, ISimWireServerLink link) : ISimWireServerLink
            {
                public void Received(ReadOnlySpan<byte> text)
                {
                    walk.Note("arrived", account == Source && LinkCodec.Read(text) is ChangeMessage { Positions.Count: > 0 });
                    link.Received(text);
                }

                public void Closed(string why) => link.Closed(why);
            }
        }

        private sealed class Clock(VirtualSimClock clock) : TimeProvider
        {
            public override long TimestampFrequency => 1_000_000;

            public override long GetTimestamp() => clock.Now.Micros;

            public override DateTimeOffset GetUtcNow() => clock.Now.ToDateTimeOffset();
        }
    }
}
