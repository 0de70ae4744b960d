using System.Security.Cryptography;
using System.Text;
using Lockstep.Domain;
using Lockstep.MetaTrader.Session;
using Lockstep.MqlHarness.Terminal;
using Lockstep.Simulator;

namespace Lockstep.Conformance.Tests;

/// <summary>One account with terminals that run the real Expert Advisor, a hub that may die, and the keys that outlive it.</summary>
internal sealed class EaKeyHouse : IEaKeys, IDisposable
{
    /// <summary>The key that stands in the input of every terminal.</summary>
    public const string First = "lk_first_0123456789abcdef";

    private const long Login = 5_001_234;
    private const string Server = "Keys-Demo";
    private static readonly AccountId Account = new("keys");
    private readonly PlatformKind _platform;
    private readonly SimBroker _broker;
    private readonly List<EaDriver> _experts = [];
    private readonly Dictionary<string, (EaKey Key, string Text)> _keys = [];
    private TerminalHub? _hub;
    private TerminalSession? _session;
    private long _epoch;

    public EaKeyHouse(PlatformKind platform)
    {
        _platform = platform;
        _broker = SimBroker.Create(
            new BrokerSettings { Platform = platform, Symbols = SimCatalogue.For(platform, new CatalogueOptions { AlwaysOpen = true, Only = ["EURUSD"] }) }, Clock, new SimRandom(7));
        Add("first", First);
        StartServer();
        Every(TimeSpan.FromSeconds(1), () => _broker.OnQuote(new SymbolName("EURUSD"), new Price(1.085m), new Price(1.0851m)));
        Every(TimeSpan.FromMilliseconds(250), () => _hub!.Tick());
    }

    public VirtualSimClock Clock { get; } = new();

    /// <summary>What terminals came in with and answered, in order.</summary>
    public List<string> Told { get; } = [];

    /// <summary>Who is connected.</summary>
    public IReadOnlyList<TerminalSeat> Seats => _session!.Seats;

    /// <summary>Refusals since the server started.</summary>
    public long Refused => _hub!.Counters.Refused("wrong-key") + _hub.Counters.Refused("expired-key");

    /// <summary>A key that is good from now on.</summary>
    public void Add(string id, string text) => _keys[Hash(text)] = (new EaKey(Account, id), text);

    /// <summary>A key that is good no more.</summary>
    public void End(string id)
    {
        string hash = _keys.Single(k => k.Value.Key.Id == id).Key;
        _keys[hash] = (new EaKey(Account, id) { Refusal = "this key is over", IsExpired = true }, _keys[hash].Text);
    }

    /// <summary>Another terminal.</summary>
    public EaDriver Terminal()
    {
        var expert = new EaDriver(Clock, _broker, () => _hub, new EaTerminalOptions
        {
            Program = EaPrograms.Of(_platform), Login = Login, Server = Server, Time = new BrokerTime(7200), Inputs = new Dictionary<string, string> { ["LsKey"] = First },
        });
        _experts.Add(expert);
        expert.Start();
        return expert;
    }

    /// <summary>The server hands its newest key to whoever came in with another one, as it does in each life.</summary>
    public void HandOver(string id)
    {
        foreach (var seat in Seats.Where(s => s.Key != id && s.Handed is null))
        {
            _session!.HandOver(seat.Terminal, id, _keys.Values.Single(k => k.Key.Id == id).Text);
        }
    }

    /// <summary>The server's process dies and another one begins.</summary>
    public void RestartServer()
    {
        foreach (var expert in _experts)
        {
            expert.Line.Abandon();
        }

        StartServer();
    }

    /// <summary>Runs until something is so, at most so long.</summary>
    public void Until(Func<bool> isSo, int seconds, string what)
    {
        for (int i = 0; i < seconds * 4 && !isSo(); i++)
        {
            Clock.RunFor(TimeSpan.FromMilliseconds(250));
        }

        Assert.True(isSo(), $"{what}: {string.Join(", ", Told)}");
    }

    /// <summary>Every text that any terminal has printed.</summary>
    public IEnumerable<string> Printed => _experts.SelectMany(e => e.Terminal.Lines());

    public EaKey? Find(ReadOnlySpan<byte> sha256) => _keys.TryGetValue(Convert.ToHexString(sha256), out var found) ? found.Key : null;

    public void CameIn(AccountId account, string key, string terminal) => Told.Add($"in {key}");

    public void Kept(AccountId account, string key, string terminal, string? problem) => Told.Add(problem is null ? $"kept {key}" : $"not kept {key}: {problem}");

    public void Dispose() => _experts.ForEach(e => e.Dispose());

    private void StartServer()
    {
        _hub = new TerminalHub(new ClockTime(Clock), new TerminalHubOptions { Keys = this });
        _session = _hub.Open(new TerminalAccount { Id = Account, Platform = _platform, Login = Login, Server = Server }, _epoch += 100);
        _session.Start(new Nobody());
    }

    private static string Hash(string text) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private void Every(TimeSpan time, Action action)
    {
        action();
        Clock.Schedule(time, () => Every(time, action));
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

        public void Floating(AccountId account, IReadOnlyList<PositionMoney> positions)
        {
        }

        public void Health(AccountId account, SessionHealth health)
        {
        }
    }
}
