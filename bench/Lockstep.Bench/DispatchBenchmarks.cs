using System.Buffers;
using BenchmarkDotNet.Attributes;
using Lockstep.CTrader.OAuth;
using Lockstep.CTrader.Session;
using Lockstep.CTrader.Wire;
using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;
using Lockstep.Simulator;

namespace Lockstep.Bench;

/// <summary>
/// cTrader's prices, the whole way: 1,000 spot events from the bytes of a frame through hub, connection and a live session to its sink, as quotes. The session was brought up by the simulated server; the clock stands
/// still, so the account's money, told twice a second, is not in it.
/// </summary>
[MemoryDiagnoser]
[Config(typeof(RepeatedRun))]
public class DispatchBenchmarks : IOpenApiDialer, ITokens, ISessionSink
{
    private const int Events = 1_000;
    private const long Ctid = 41_000_001;
    private readonly VirtualSimClock _clock = new(Timestamp.From(new DateTimeOffset(2026, 1, 6, 10, 0, 0, TimeSpan.Zero)));
    private readonly List<ReadOnlySequence<byte>> _frames = [];
    private SimOpenApiWire? _wire;
    private IOpenApiWireEnd? _end;
    private AccessToken? _token;
    private long _quotes;

    /// <inheritdoc/>
    event Action<GrantId>? ITokens.Changed
    {
        add
        {
        }

        remove
        {
        }
    }

    [GlobalSetup]
    public void Build()
    {
        var symbols = SimCatalogue.For(PlatformKind.CTrader, new CatalogueOptions { AlwaysOpen = true });
        var broker = new CTraderBroker(new BrokerSettings { Platform = PlatformKind.CTrader, Symbols = symbols }, _clock, new SimRandom(1));
        foreach (var symbol in symbols)
        {
            broker.OnQuote(symbol.Spec.Name, new Price(symbol.StartPrice), new Price(symbol.StartPrice + symbol.Spec.TickSize));
        }

        var server = new SimOpenApi(_clock, new SimRandom(2));
        server.Add(new SimOpenApiAccount(Ctid, 1, IsLive: false, "trader", broker));
        _wire = new SimOpenApiWire(server, _clock, new SimRandom(3));
        var pair = server.Grants.Grant("trader", trading: true);
        _token = new AccessToken(pair.Access, 1, pair.ExpiresAt);
        var application = server.Settings.Applications[0];
        var hub = new CTraderHub(new StandingTime(_clock), new OpenApiApplication(application.Id, application.Secret), this, this);
        var session = hub.Open(new CTraderAccount { Id = new AccountId("a"), CtidTraderAccountId = Ctid, Environment = OpenApiEnvironment.Demo, Grant = new GrantId("trader") }, 1);
        session.Start(this);
        for (int i = 0; i < 100 && session.Standing != "live"; i++)
        {
            hub.Tick();
            _clock.RunFor(TimeSpan.FromMilliseconds(50));
        }

        long[] ids = [.. symbols.Select(s => server.SymbolId(Ctid, s.Spec.Name.Value)!.Value)];
        for (int i = 0; i < Events; i++)
        {
            ulong price = (ulong)(symbols[i % ids.Length].StartPrice * 100_000m) + (ulong)(i % 7 * 1_000);
            var spot = new ProtoOASpotEvent { CtidTraderAccountId = Ctid, SymbolId = ids[i % ids.Length] };
            if (i % 3 != 1)
            {
                spot.Bid = price;
            }

            if (i % 3 != 2)
            {
                spot.Ask = price + 10_000;
            }

            var bytes = new ArrayBufferWriter<byte>();
            OpenApiCodec.Write(bytes, spot, null);
            _frames.Add(new ReadOnlySequence<byte>(bytes.WrittenMemory[4..].ToArray()));
        }

        _quotes = 0;
        Dispatch();
        if (_quotes < Events / 2)
        {
            throw new InvalidOperationException($"{session.Standing}: {_quotes} quotes came of {Events} events");
        }
    }

    [Benchmark(OperationsPerInvoke = Events)]
    public long Dispatch()
    {
        foreach (var frame in _frames)
        {
            _end!.Received(frame);
        }

        return _quotes;
    }

    /// <inheritdoc/>
    IOpenApiWire IOpenApiDialer.Dial(OpenApiEnvironment environment, IOpenApiWireEnd end)
    {
        _end = end;
        return _wire!.Dial(environment, end);
    }

    /// <inheritdoc/>
    AccessToken? ITokens.Current(GrantId grant) => _token;

    /// <inheritdoc/>
    void ITokens.Refused(GrantId grant, long version, string code) => throw new InvalidOperationException(code);

    /// <inheritdoc/>
    void ISessionSink.Report(PlatformEvent report)
    {
    }

    /// <inheritdoc/>
    void ISessionSink.Quote(AccountId account, SymbolName symbol, Quote quote) => _quotes++;

    /// <inheritdoc/>
    void ISessionSink.Funds(AccountId account, AccountFunds funds)
    {
    }

    private sealed class StandingTime(VirtualSimClock clock) : TimeProvider
    {
        public override long TimestampFrequency => 1_000_000;

        public override long GetTimestamp() => clock.Now.Micros;

        public override DateTimeOffset GetUtcNow() => clock.Now.ToDateTimeOffset();
    }
}
