using System.Text.Json;
using Lockstep.Domain;
using Lockstep.Server.Configuration;
using Lockstep.Server.Hosting;
using Lockstep.Simulator;
using Lockstep.Storage;
using Lockstep.Storage.Sqlite;

namespace Lockstep.Server.Tests.Hosting;

/// <summary>A paper account goes on where it was, on a real file.</summary>
public sealed class PaperBooksTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lockstep-test-").FullName;
    private readonly VirtualSimClock _clock = new(Timestamp.FromMs(1_700_000_000_000));

    public static TheoryData<string> Kinds => [.. BrokerKinds.Names];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_broker_comes_back_as_it_was(string kind)
    {
        string left;
        using (var store = SqliteStore.Open(_folder))
        {
            var broker = new PaperBooks(store).Open(new("a"), Settings(kind), _clock);
            broker.OnQuote(new("EURUSD"), new(1.1m), new(1.1001m));
            var sink = new Sink();
            var session = new SimSession(new("a"), broker, _clock, settings: SessionSettings.Immediate);
            session.Start(sink);
            Run();
            Open(session, 1, 0.5m);
            Open(session, 2, 0.3m);
            session.Send(new PlacePending { Account = new("a"), Key = new(3), Symbol = new("EURUSD"), Deadline = Later(), Side = Side.Buy, Type = PendingType.Limit, Volume = new(0.2m), Price = new(1.05m) });
            Run();
            var oldest = broker.OpenPositions[0];
            session.Send(new ReducePosition { Account = new("a"), Key = new(4), Symbol = new("EURUSD"), Deadline = Later(), Position = new(oldest.Id), TargetVolume = new(0.2m) });
            Run();
            Assert.All(sink.Answers, a => Assert.Equal(OrderOutcome.Done, a.Outcome));
            Assert.Equal(4, sink.Answers.Count);

            // One more is on its way inside the broker when everything stops: it has touched no book, nobody was told of it, and it is gone.
            Open(session, 5, 0.1m);
            _clock.RunFor(TimeSpan.FromMilliseconds(1));
            left = Books(broker);
        }

        using (var store = SqliteStore.Open(_folder))
        {
            var clock = new VirtualSimClock(_clock.Now);
            var broker = new PaperBooks(store).Open(new("a"), Settings(kind), clock);
            Assert.Equal(left, Books(broker));
            clock.RunFor(TimeSpan.FromSeconds(2));
            Assert.Equal(left, Books(broker));
        }
    }

    [Fact]
    public void Another_kind_is_not_taken_for_the_same_account()
    {
        using var store = SqliteStore.Open(_folder);
        new PaperBooks(store).Open(new("a"), Settings("mt5-hedging"), _clock);
        string says = Assert.Throws<DataFolderException>(() => new PaperBooks(store).Open(new("a"), Settings("mt5-netting"), _clock)).Message;
        Assert.Contains("'a' as mt5-hedging", says, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static BrokerSettings Settings(string kind)
    {
        var (platform, mode) = BrokerKinds.Of(kind);
        return new() { Platform = platform, Mode = mode, Symbols = SimCatalogue.For(platform, new CatalogueOptions { AlwaysOpen = true, Only = ["EURUSD"] }) };
    }

    private static string Books(SimBroker broker) =>
        JsonSerializer.Serialize(new { broker.Balance, broker.OpenPositions, broker.PendingOrders, broker.Deals, Keys = broker.ExecutionsByKey.Keys });

    private void Open(SimSession session, ulong key, decimal volume)
    {
        session.Send(new OpenMarket { Account = new("a"), Key = new(key), Symbol = new("EURUSD"), Deadline = Later(), Side = Side.Buy, Volume = new(volume) });
        if (key != 5)
        {
            Run();
        }
    }

    private void Run() => _clock.RunFor(TimeSpan.FromSeconds(2));

    private Timestamp Later() => _clock.Now + TimeSpan.FromSeconds(5);

    private sealed class Sink : ISessionSink
    {
        public List<OrderAnswered> Answers { get; } = [];

        public void Report(PlatformEvent report)
        {
            if (report is OrderAnswered answer)
            {
                Answers.Add(answer);
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
