using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <summary>Which platforms the simulated accounts are on.</summary>
public enum SimTerminalPlatforms
{
    /// <summary>MT5, hedging.</summary>
    Mt5 = 0,

    /// <summary>MT4.</summary>
    Mt4 = 1,

    /// <summary>MT5 and MT4 in turn.</summary>
    Mixed = 2,
}

/// <summary>Many simulated accounts with a terminal each, connected to one server.</summary>
public sealed record SimTerminalHostOptions
{
    /// <summary>The server's EA address: <c>ws://127.0.0.1:8080/ea</c>.</summary>
    public Uri Connect { get; init; } = new("ws://127.0.0.1:8080/ea");

    /// <summary>How many accounts.</summary>
    public int Accounts { get; init; } = 2;

    /// <summary>Their platforms.</summary>
    public SimTerminalPlatforms Platforms { get; init; }

    /// <summary>EA keys in the order of the accounts; where it ends, <see cref="KeyPrefix"/> and the login make one.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>What keys begin with.</summary>
    public string KeyPrefix { get; init; } = "simulated-terminal";

    /// <summary>Login of the first account; the others count on.</summary>
    public long LoginFrom { get; init; } = 1;

    /// <summary>Broker server.</summary>
    public string Server { get; init; } = "Simulated-Demo";

    /// <summary>Trades by hand a second, over all accounts that trade.</summary>
    public double TradesPerSecond { get; init; }

    /// <summary>How many accounts trade by hand, from the first; 0 = one in ten, at least one.</summary>
    public int Traders { get; init; }

    /// <summary>Quotes of the market a second.</summary>
    public double QuotesPerSecond { get; init; } = 10;

    /// <summary>Symbols of the market.</summary>
    public IReadOnlyList<string> Symbols { get; init; } = ["EURUSD", "GBPUSD", "USDJPY", "XAUUSD"];

    /// <summary>Addresses that connections come from, on a loopback server: a server takes only so many connections a second from one.</summary>
    public int Addresses { get; init; } = 1;

    /// <summary>Connections a second from one address.</summary>
    public double ConnectionsPerSecond { get; init; } = 15;

    /// <summary>Seed of market, trader and chance.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The key of an account, from 0.</summary>
    public string KeyOf(int account) =>
        account < Keys.Count ? Keys[account] : string.Create(CultureInfo.InvariantCulture, $"{KeyPrefix}-{LoginFrom + account:000000}");

    /// <summary>The platform of an account, from 0.</summary>
    public PlatformKind PlatformOf(int account) => Platforms switch
    {
        SimTerminalPlatforms.Mt4 => PlatformKind.Mt4,
        SimTerminalPlatforms.Mixed when account % 2 == 1 => PlatformKind.Mt4,
        _ => PlatformKind.Mt5,
    };
}

/// <summary>
/// Runs simulated accounts with their terminals in real time against a server. One market serves all: an account hears a quote at once when it holds something or its server
/// watches the symbol, all others once a second, so that idle ones cost next to nothing.
/// </summary>
public sealed class SimTerminalHost : IDisposable
{
    private const int Slices = 10;
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(100);
    private readonly SimTerminalHostOptions _options;
    private readonly RealSimClock _clock = new();
    private readonly List<Account> _accounts = [];
    private readonly Dictionary<string, (QuoteTick Tick, long Number)> _latest = new(StringComparer.Ordinal);
    private readonly HashSet<Account> _awake = [];
    private readonly QuoteGenerator _market;
    private readonly SimRandom _trader;
    private readonly SimTickStore _ticks = new();
    private long _tickNumber;
    private int _slice;
    private double _tradesDue;
    private bool _disposed;

    /// <summary>Accounts that are not started.</summary>
    public SimTerminalHost(SimTerminalHostOptions options)
    {
        _options = options;
        var random = new SimRandom(options.Seed);
        _trader = random.Fork("trader");
        var catalogue = new CatalogueOptions { Only = options.Symbols, AlwaysOpen = true };
        var mt5 = new BrokerSettings { Platform = PlatformKind.Mt5, Symbols = SimCatalogue.For(PlatformKind.Mt5, catalogue) };
        var mt4 = new BrokerSettings { Platform = PlatformKind.Mt4, Symbols = SimCatalogue.For(PlatformKind.Mt4, catalogue) };
        _market = new QuoteGenerator(random, mt5.Symbols);
        var time = new BrokerTime(7200);
        var server = Resolve(options.Connect);
        string host = options.Connect.Authority;
        string target = options.Connect.AbsolutePath.Length > 1 ? options.Connect.AbsolutePath : "/ea";
        for (int i = 0; i < options.Accounts; i++)
        {
            var settings = options.PlatformOf(i) == PlatformKind.Mt4 ? mt4 : mt5;
            var dice = random.Fork(i);
            var broker = SimBroker.Create(settings, _clock, dice.Fork("broker"));
            var from = options.Addresses > 1 && IPAddress.IsLoopback(server.Address) && server.AddressFamily == AddressFamily.InterNetwork ? AddressOf(i % options.Addresses) : null;
            var road = new WsTerminalTransport(_clock, server, host, target, from);
            var terminal = new SimTerminal(
                new SimTerminalSettings
                {
                    Key = options.KeyOf(i),
                    Login = options.LoginFrom + i,
                    Server = options.Server,
                    Time = time,
                    Totals = Totals,
                    Ticks = _ticks,
                },
                broker,
                road,
                dice.Fork("terminal"));
            _accounts.Add(new Account(broker, terminal, road));
        }

        TraderCount = Math.Min(options.Accounts, options.Traders > 0 ? options.Traders : Math.Max(1, options.Accounts / 10));
    }

    /// <summary>What the terminals did.</summary>
    public SimTerminalTotals Totals { get; } = new();

    /// <summary>Trades made by hand.</summary>
    public long Traded { get; private set; }

    /// <summary>How many accounts trade by hand.</summary>
    public int TraderCount { get; }

    /// <summary>The terminals, in the order of their accounts.</summary>
    public IEnumerable<SimTerminal> Terminals => _accounts.Select(a => a.Terminal);

    /// <summary>Starts market, trader and, at the pace the server takes them, terminals.</summary>
    public void Start()
    {
        _clock.Schedule(TimeSpan.Zero, () =>
        {
            foreach (string symbol in _market.Symbols)
            {
                Deliver(_market.Next(symbol, _clock.Now));
            }

            Quotes();
            NextSlice();
            if (_options.TradesPerSecond > 0)
            {
                Trades();
            }
        });
        double pace = _options.ConnectionsPerSecond * Math.Max(1, _options.Addresses);
        for (int i = 0; i < _accounts.Count; i++)
        {
            var account = _accounts[i];
            _clock.Schedule(TimeSpan.FromSeconds(i / pace), () =>
            {
                Freshen(account);
                account.Terminal.Start();
            });
        }
    }

    /// <summary>Closes the terminals in order.</summary>
    public async Task StopAsync()
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _clock.Schedule(TimeSpan.Zero, () =>
        {
            _disposed = true;
            foreach (var account in _accounts)
            {
                account.Terminal.Stop();
            }

            closed.SetResult();
        });
        await closed.Task.ConfigureAwait(false);

        // The goodbyes are on their way.
        await Task.Delay(100).ConfigureAwait(false);
        Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        _clock.Dispose();
        foreach (var account in _accounts)
        {
            account.Road.Dispose();
        }
    }

    private static IPEndPoint Resolve(Uri uri)
    {
        int port = uri.Port > 0 ? uri.Port : 80;
        if (IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address))
        {
            return new IPEndPoint(address, port);
        }

        var found = Dns.GetHostAddresses(uri.Host);
        return new IPEndPoint(found.FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork) ?? found[0], port);
    }

    private static IPAddress AddressOf(int number) => new([127, 1, (byte)(number / 250), (byte)((number % 250) + 1)]);

    private void Quotes() => _clock.Schedule(TimeSpan.FromSeconds(1 / Math.Max(0.1, _options.QuotesPerSecond)), () =>
    {
        if (_disposed)
        {
            return;
        }

        if (_market.Next(_clock.Now) is { } tick)
        {
            Deliver(tick);
        }

        Quotes();
    });

    private void Deliver(QuoteTick tick)
    {
        _latest[tick.Symbol] = (tick, ++_tickNumber);
        _ticks.Add(tick.Symbol, new Quote(new Price(tick.Bid), new Price(tick.Ask), tick.At));
        var symbol = new SymbolName(tick.Symbol);
        foreach (var account in _awake)
        {
            account.Broker.OnQuote(symbol, new Price(tick.Bid), new Price(tick.Ask));
        }
    }

    private void NextSlice() => _clock.Schedule(Slice, () =>
    {
        if (_disposed)
        {
            return;
        }

        _slice = (_slice + 1) % Slices;
        for (int i = _slice; i < _accounts.Count; i += Slices)
        {
            var account = _accounts[i];
            if (account.Terminal.WatchesQuotes)
            {
                _awake.Add(account);
            }
            else
            {
                _awake.Remove(account);
            }

            if (account.Terminal.IsLive)
            {
                Freshen(account);
            }
        }

        NextSlice();
    });

    /// <summary>Gives an account the quotes that it has not heard.</summary>
    private void Freshen(Account account)
    {
        foreach (var (symbol, (tick, number)) in _latest)
        {
            if (number > account.Heard)
            {
                account.Broker.OnQuote(new SymbolName(symbol), new Price(tick.Bid), new Price(tick.Ask));
            }
        }

        account.Heard = _tickNumber;
    }

    private void Trades() => _clock.Schedule(TimeSpan.FromMilliseconds(10), () =>
    {
        if (_disposed)
        {
            return;
        }

        for (_tradesDue += _options.TradesPerSecond / 100; _tradesDue >= 1; _tradesDue--)
        {
            var account = _accounts[_trader.Next(TraderCount)];
            if (account.Terminal.IsLive)
            {
                Freshen(account);
                Trade(account.Broker);
                Traded++;
            }
        }

        Trades();
    });

    private void Trade(SimBroker broker)
    {
        var held = broker.OpenPositions;
        string symbol = _trader.Pick(_options.Symbols);
        decimal lots = _trader.NextDecimal(0.01m, 0.1m, 0.01m);
        bool buy = _trader.Chance(50);
        bool opens = held.Count == 0 || (held.Count < 5 && _trader.Chance(50));
        var target = held.Count > 0 ? held[_trader.Next(held.Count)] : null;
        if (broker is Mt4Broker mt4)
        {
            if (opens)
            {
                mt4.OrderSend(new Mt4OrderSend { Symbol = symbol, Op = buy ? Mt4Op.Buy : Mt4Op.Sell, Lots = lots });
            }
            else
            {
                mt4.OrderClose((int)target!.Ticket, target.Volume);
            }
        }
        else if (broker is Mt5Broker mt5)
        {
            mt5.OrderSend(opens
                ? new MqlTradeRequest { Action = MqlAction.Deal, Symbol = symbol, Type = buy ? Mt5OrderType.Buy : Mt5OrderType.Sell, Volume = lots }
                : new MqlTradeRequest
                {
                    Action = MqlAction.Deal, Symbol = target!.Symbol, Type = target.Side == Side.Buy ? Mt5OrderType.Sell : Mt5OrderType.Buy, Volume = target.Volume, Position = target.Ticket,
                });
        }
    }

    private sealed class Account(SimBroker broker, SimTerminal terminal, WsTerminalTransport road)
    {
        public SimBroker Broker => broker;

        public SimTerminal Terminal => terminal;

        public WsTerminalTransport Road => road;

        public long Heard { get; set; }
    }
}
