using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Lockstep.Domain;
using Lockstep.MetaTrader.Session;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.MetaTrader.Tests.Session;

/// <summary>A hub, its clock, its log, and accounts that report into lists.</summary>
internal sealed class Desk : ITerminalLog
{
    public const string Key = "k-0123456789abcdef-desk";
    public const long Login = 5001234;
    public const string Server = "Broker-Demo";

    public Desk(TerminalHubOptions? options = null)
    {
        Hub = new TerminalHub(Time, options, this);
    }

    public HandClock Time { get; } = new();

    public TerminalHub Hub { get; }

    public List<string> Lines { get; } = [];

    public Timestamp Now => Timestamp.From(Time.GetUtcNow());

    public long NowMs => Now.Micros / 1000;

    public static byte[] HashOf(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    public static TerminalAccount AccountOf(PlatformKind platform = PlatformKind.Mt5, string name = "prop", string key = Key, long login = Login) => new()
    {
        Id = new AccountId(name), Platform = platform, Login = login, Server = Server, KeyHash = HashOf(key),
    };

    /// <summary>An account that is served, and what it reports.</summary>
    public (TerminalSession Session, Sink Sink) Serve(PlatformKind platform = PlatformKind.Mt5, long firstEpoch = 1, TerminalAccount? account = null)
    {
        var session = Hub.Open(account ?? AccountOf(platform), firstEpoch);
        var sink = new Sink();
        session.Start(sink);
        return (session, sink);
    }

    public Terminal Plug(string remote = "10.0.0.1", string name = "1111111111111111") => new(this, remote, name);

    /// <summary>Time passes; the hub looks at its clock on the way.</summary>
    public void Pass(double seconds, params Terminal[] beating)
    {
        for (double done = 0; done < seconds; done += 0.25)
        {
            Time.Advance(TimeSpan.FromMilliseconds(250));
            Hub.Tick();
            foreach (var terminal in beating)
            {
                if (Math.Abs((done + 0.25) % 5) < 0.001 && !terminal.IsClosed)
                {
                    terminal.Beat();
                }
            }
        }
    }

    public long Count(TerminalCount count) => Hub.Counters[count];

    public void Write(TerminalLogLevel level, AccountId? account, string remote, string text)
    {
        lock (Lines)
        {
            Lines.Add($"{level} {account} {remote} {text}");
        }
    }
}

/// <summary>What a session reported.</summary>
internal sealed class Sink : ISessionSink
{
    public List<PlatformEvent> Events { get; } = [];

    public List<(SymbolName Symbol, Quote Quote)> Quotes { get; } = [];

    public List<AccountFunds> Money { get; } = [];

    public List<PositionMoney> Floats { get; } = [];

    public List<SessionHealth> Healths { get; } = [];

    public Action<PlatformEvent>? OnReport { get; set; }

    public SessionHealth Last => Healths[^1];

    public void Report(PlatformEvent report)
    {
        Events.Add(report);
        OnReport?.Invoke(report);
    }

    public void Quote(AccountId account, SymbolName symbol, Quote quote) => Quotes.Add((symbol, quote));

    public void Funds(AccountId account, AccountFunds funds) => Money.Add(funds);

    public void Floating(AccountId account, IReadOnlyList<PositionMoney> positions) => Floats.AddRange(positions);

    public void Health(AccountId account, SessionHealth health) => Healths.Add(health);

    public IReadOnlyList<T> Of<T>() where T : PlatformEvent => [.. Events.OfType<T>()];

    /// <summary>The only one of a kind since the last look, taken out.</summary>
    public T Take<T>() where T : PlatformEvent
    {
        var one = Assert.Single(Events.OfType<T>());
        Events.Remove(one);
        return one;
    }
}

/// <summary>A terminal that says what the test wants, over a transport in memory.</summary>
internal sealed class Terminal : ITerminalTransport
{
    private readonly Desk _desk;
    private readonly Queue<LinkMessage> _in = new();

    public Terminal(Desk desk, string remote, string name)
    {
        _desk = desk;
        Remote = remote;
        Name = name;
        Link = desk.Hub.Connect(this);
    }

    public string Remote { get; }

    public string Name { get; }

    public TerminalLink? Link { get; }

    public bool IsClosed => Code != 0;

    public int Code { get; private set; }

    /// <summary>Reads nothing any more: what is sent to it fails.</summary>
    public bool Stuck { get; set; }

    /// <summary>What is sent to it ends in an exception.</summary>
    public bool Throws { get; set; }

    /// <summary>Its close never comes back to the hub, as with a transport that hangs.</summary>
    public bool Deaf { get; set; }

    public long Number { get; set; }

    public ulong Digest { get; set; }

    public bool Connected { get; set; } = true;

    public bool Trade { get; set; } = true;

    public int Offset { get; set; } = 10_800;

    public long Epoch { get; private set; }

    public bool IsActive { get; private set; }

    public long EchoNow { get; private set; }

    public bool Send(ReadOnlySpan<byte> text)
    {
        if (Throws)
        {
            throw new IOException("broken pipe");
        }

        if (IsClosed || Stuck)
        {
            return false;
        }

        var message = LinkCodec.Read(text);
        Assert.False(message is BadMessage, (message as BadMessage)?.Why + ": " + Encoding.UTF8.GetString(text));
        switch (message)
        {
            case WelcomeMessage w:
                (Epoch, IsActive) = (w.Epoch, w.Active);
                break;
            case ActiveMessage a:
                (Epoch, IsActive) = (a.Epoch, true);
                break;
            case ServerBeatMessage b:
                EchoNow = b.Now;
                break;
        }

        lock (_in)
        {
            _in.Enqueue(message);
        }

        return true;
    }

    public void Close(int code, string reason)
    {
        if (!IsClosed)
        {
            Code = code;
            IsActive = false;
            if (!Deaf)
            {
                Link?.Closed("closed");
            }
        }
    }

    /// <summary>The transport dies.</summary>
    public void Die()
    {
        Code = Code == 0 ? 1006 : Code;
        IsActive = false;
        Link?.Closed("connection lost");
    }

    public void Say(LinkMessage message)
    {
        var buffer = new ArrayBufferWriter<byte>();
        LinkCodec.Write(message, buffer);
        Link!.Received(buffer.WrittenSpan);
    }

    public void Say(string json) => Link!.Received(Encoding.UTF8.GetBytes(json));

    public HelloMessage Hello(string platform = "mt5") => new()
    {
        Version = 1, Key = Desk.Key, Login = Desk.Login, Server = Desk.Server, Platform = platform, Role = "both", Mode = "hedging", Currency = "USD", Leverage = 100,
        Build = 4410, Ea = "1.0.0", Terminal = Name, Offset = Offset, CloseBy = true, StopLimit = true, Expiry = true, First = 1,
    };

    /// <summary>Comes in and tells its symbols.</summary>
    public Terminal Enter(string platform = "mt5", Func<HelloMessage, HelloMessage>? with = null, bool symbols = true)
    {
        var hello = with?.Invoke(Hello(platform)) ?? Hello(platform);
        Number = hello.Last;
        Say(hello);
        if (symbols && IsActive)
        {
            Symbols();
        }

        return this;
    }

    public void Symbols() => Say(new SymbolsMessage([Symbol("EURUSD"), Symbol("XAUUSD") with { Digits = 2, Tick = 0.01m, Size = 100 }], false));

    public static WireSymbol Symbol(string name) => new()
    {
        Name = name, Size = 100_000, Digits = 5, Tick = 0.00001m, Min = 0.01m, Step = 0.01m, Max = 100, Base = "EUR", Profit = "USD", Fill = 3, Execution = "market", Value = 1,
    };

    public void Beat() => Say(new BeatMessage
    {
        Number = Number, Digest = Digest, Connected = Connected, Ping = 23, Trade = Trade, Tick = 350, Offset = Offset, Echo = EchoNow, Held = EchoNow == 0 ? 0 : _desk.NowMs - EchoNow,
    });

    public void Change(params WirePosition[] positions) => Say(new ChangeMessage { Number = ++Number, Positions = positions });

    public WirePosition Position(long id, decimal lots = 0.3m) => new()
    {
        Id = id, Ticket = id, Symbol = "EURUSD", Buy = true, Lots = lots, Price = 1.10012m, Time = _desk.NowMs + (Offset * 1000L), Order = id,
    };

    public WireDeal Deal(long id, long position, TimeSpan ago = default) => new()
    {
        Id = id, Position = position, Order = position, Symbol = "EURUSD", Buy = true, Lots = 0.3m, Price = 1.10012m, Entry = "in", Reason = "request",
        Time = _desk.NowMs + (Offset * 1000L) - (long)ago.TotalMilliseconds,
    };

    public void Answer(string id, string outcome = "done", int code = 10009, string why = "", long position = 7001) => Say(new AnswerMessage
    {
        Number = ++Number, Id = id, Outcome = outcome, Code = code, Why = why, Position = outcome == "done" ? position : 0, Lots = outcome == "done" ? 0.3m : 0, Price = outcome == "done" ? 1.1m : 0,
    });

    public SnapshotMessage Whole(long ask, params WirePosition[] positions) => new()
    {
        Id = ask, Part = 1, Of = 1, Number = Number, Funds = new WireFunds(10000, 10012.5m, 110, 9902.5m, 0), Positions = positions,
    };

    /// <summary>What came, taken out.</summary>
    public IReadOnlyList<LinkMessage> Heard()
    {
        lock (_in)
        {
            var all = _in.ToArray();
            _in.Clear();
            return all;
        }
    }

    public T Heard<T>() where T : LinkMessage => Assert.Single(Heard().OfType<T>());
}
