using System.Buffers;
using System.Collections.Concurrent;
using Lockstep.Domain;
using Lockstep.MetaTrader.Session;
using Lockstep.MetaTrader.Wire;
using Lockstep.Server.Security;
using Lockstep.Storage;
using Lockstep.Storage.Sqlite;
using Lockstep.Testing;
using Microsoft.Extensions.Logging;

namespace Lockstep.Server.Tests.Security;

/// <summary>A data folder, a clock, and a server with one account that may be killed and started again.</summary>
internal sealed class EaKeyWorld : IAsyncDisposable
{
    /// <summary>The account.</summary>
    public static readonly AccountId Prop = new("prop");

    /// <summary>The key of the configuration.</summary>
    public const string Configured = "ea-key-of-the-configuration";

    private readonly SqliteOptions _options = new();
    private long _epoch;

    private EaKeyWorld()
    {
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("lockstep-test-").FullName;

    public ManualTime Time { get; } = new();

    public LogLines Log { get; } = new();

    public SqliteStore Store { get; private set; } = null!;

    public KeyRing Ring { get; private set; } = null!;

    public EaKeyDesk Desk { get; private set; } = null!;

    public TerminalHub Hub { get; private set; } = null!;

    public TerminalSession Session { get; private set; } = null!;

    public static EaKeyWorld Begin()
    {
        var world = new EaKeyWorld();
        world.Open();
        return world;
    }

    /// <summary>The server dies and begins again; its terminals find out when they next say something.</summary>
    public async Task RestartAsync()
    {
        await CloseAsync();
        Open();
    }

    /// <summary>A look at the terminals, and everything that follows from it.</summary>
    public async Task LookAsync()
    {
        Assert.True(await Desk.LookAsync(Prop));
        await SettleAsync();
    }

    /// <summary>Everything that was told is done.</summary>
    public Task SettleAsync() => Desk.LookAsync(new AccountId("nobody"));

    /// <summary>Days pass.</summary>
    public void Days(double days) => Time.Advance(TimeSpan.FromDays(days));

    public KeyStanding Standing(string id) => Ring.StandingOf(Ring.Find(id)!);

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private async Task CloseAsync()
    {
        await Desk.DisposeAsync();
        Ring.Dispose();
        Store.Dispose();
    }

    private void Open()
    {
        Store = SqliteStore.Open(Folder, _options);
        Ring = new KeyRing(Store, Time);
        Desk = new EaKeyDesk(Ring, Store, Time, Log);
        Hub = new TerminalHub(Time, new TerminalHubOptions { Keys = Desk, ConnectionsPerSecond = 1_000_000 });
        Session = Hub.Open(
            new TerminalAccount { Id = Prop, Platform = PlatformKind.Mt5, Login = 5001, Server = "Broker-Demo", KeyHash = KeyText.Hash(Configured) }, _epoch += 1_000);
        Session.Start(new Nobody());
        Desk.Serve(id => id == Prop ? Session : null);
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

/// <summary>What was logged.</summary>
internal sealed class LogLines : ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyList<string> All => [.. _lines];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => _lines.Enqueue($"{logLevel} {formatter(state, exception)}");
}

/// <summary>A terminal that does with its keys what the Expert Advisor does: the newest first, then the one before it, then that of the input.</summary>
internal sealed class KeyedTerminal(EaKeyWorld world, string name, string input) : ITerminalTransport
{
    private readonly List<(string Id, string Text)> _handed = [];
    private TerminalLink? _link;

    public string Remote { get; set; } = "127.0.0.1";

    /// <summary>Its EA takes keys.</summary>
    public bool Takes { get; set; } = true;

    /// <summary>It does not answer to a key, which it has all the same.</summary>
    public bool Silent { get; set; }

    /// <summary>Why it cannot keep a key; null = it can.</summary>
    public string? Trouble { get; set; }

    /// <summary>Dies before a key is on its disk.</summary>
    public bool Forgets { get; set; }

    public bool IsIn { get; private set; }

    /// <summary>Ids of the keys that it was handed, in order.</summary>
    public List<string> Handed { get; } = [];

    /// <summary>What was refused on the way in.</summary>
    public List<RefusedMessage> Refusals { get; } = [];

    /// <summary>What the person at it was shown.</summary>
    public List<string> Shown { get; } = [];

    /// <summary>Every key that it ever had.</summary>
    public List<string> Texts { get; } = [input];

    /// <summary>Comes in, with one key after another; false: with none.</summary>
    public bool Connect()
    {
        Leave();
        Refusals.Clear();
        foreach (string key in _handed.Select(h => h.Text).Append(input))
        {
            _link = world.Hub.Connect(this)!;
            Say(new HelloMessage
            {
                Version = 1, Key = key, Login = 5001, Server = "Broker-Demo", Platform = "mt5", Role = "both", Mode = "hedging", Currency = "USD", Build = 4410,
                Ea = Takes ? "1.1.0" : "1.0.0", Terminal = name, First = 1, TakesKeys = Takes,
            });
            if (IsIn)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Its connection breaks.</summary>
    public void Leave()
    {
        IsIn = false;
        _link?.Closed("gone");
    }

    public bool Send(ReadOnlySpan<byte> text)
    {
        switch (LinkCodec.Read(text))
        {
            case WelcomeMessage:
                IsIn = true;
                break;
            case RefusedMessage refused:
                Refusals.Add(refused);
                break;
            case AlertMessage alert:
                Shown.Add(alert.Text);
                break;
            case KeyMessage key:
                Take(key);
                break;
        }

        return true;
    }

    public void Close(int code, string reason)
    {
        IsIn = false;
        _link?.Closed(reason);
    }

    private void Take(KeyMessage key)
    {
        Handed.Add(key.Id);
        Texts.Add(key.Key);
        if (Trouble is null && !Forgets && _handed.FirstOrDefault().Id != key.Id)
        {
            _handed.Insert(0, (key.Id, key.Key));
            if (_handed.Count > 2)
            {
                _handed.RemoveAt(2);
            }
        }

        if (!Silent && !Forgets)
        {
            Say(new KeptMessage(key.Id, Trouble ?? ""));
        }
    }

    private void Say(LinkMessage message)
    {
        var buffer = new ArrayBufferWriter<byte>();
        LinkCodec.Write(message, buffer);
        _link!.Received(buffer.WrittenSpan);
    }
}
