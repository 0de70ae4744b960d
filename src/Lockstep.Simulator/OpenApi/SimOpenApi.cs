using Google.Protobuf;
using Lockstep.CTrader.Session;
using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <summary>
/// A simulated server of cTrader's Open API 2.0 over simulated accounts (guide §14): the protocol, without sockets. Both environments live in one. Everything is called on the clock's thread.
/// </summary>
/// <remarks>
/// Deterministic under a virtual clock: every choice comes from the random source given, and each request and message casts dice of its own, so that one fault does not move the others.
/// </remarks>
public sealed class SimOpenApi
{
    private readonly SimRandom _dice;
    private readonly SortedDictionary<long, SimDesk> _desks = [];
    private readonly SortedDictionary<long, SimLine> _lines = [];
    private readonly SortedDictionary<string, SimServerIds> _ids = new(StringComparer.Ordinal);
    private SimOpenApiFaults _faults = SimOpenApiFaults.None;
    private long _lastLine;
    private long _casts;

    /// <summary>No account yet.</summary>
    public SimOpenApi(ISimClock clock, SimRandom random, SimOpenApiSettings? settings = null)
    {
        (Clock, _dice, Settings) = (clock, random.Fork("messages"), settings ?? new SimOpenApiSettings());
        Grants = new SimOAuth(clock, random.Fork("tokens"), () => Settings);
        Grants.Died += OnTokenDied;
    }

    /// <summary>How it is.</summary>
    public SimOpenApiSettings Settings { get; }

    /// <summary>What goes wrong from now on.</summary>
    public SimOpenApiFaults Faults
    {
        get => _faults;
        set
        {
            MaintenanceUntil = value.MaintenanceFor is { } span ? Clock.Now + span : null;
            _faults = value;
        }
    }

    /// <summary>Authorisations.</summary>
    public SimOAuth Grants { get; }

    /// <summary>
    /// For simulations: the key of the command behind a trade request, by ctidTraderAccountId and message, so that <see cref="SimBroker.ExecutionsByKey"/> counts it. New orders carry their
    /// key in clientOrderId or label and need no help; closes, amendments and cancellations carry nothing on this wire.
    /// </summary>
    public Func<long, IMessage, ulong?>? KeyOf { get; set; }

    /// <summary>Connections that stand.</summary>
    public int Connections => _lines.Count;

    internal ISimClock Clock { get; }

    internal Timestamp? MaintenanceUntil { get; private set; }

    /// <summary>Adds a trading account.</summary>
    public void Add(SimOpenApiAccount account)
    {
        // Ids belong to a broker's server: one broker's demo and live differ, and so do two brokers.
        string server = $"{account.BrokerName} {(account.IsLive ? "live" : "demo")}";
        if (!_ids.TryGetValue(server, out var ids))
        {
            _ids[server] = ids = new SimServerIds(_ids.Count);
        }

        ids.Add(account.Broker);
        var desk = new SimDesk(this, account, ids);
        _desks.Add(account.CtidTraderAccountId, desk);
        foreach (var (symbol, quote) in account.Broker.Quotes)
        {
            desk.Market.Remember(symbol, quote);
        }

        Grants.Register(account);
    }

    /// <summary>The number of a symbol on an account's server, as all requests name it; null = not there.</summary>
    public long? SymbolId(long ctidTraderAccountId, string symbol) => _desks.GetValueOrDefault(ctidTraderAccountId)?.Ids.SymbolId(symbol);

    /// <summary>A tick of the past, for ticks and candles; each later than the one before.</summary>
    public void AddTick(long ctidTraderAccountId, string symbol, Quote quote) => _desks[ctidTraderAccountId].Market.Remember(symbol, quote);

    /// <summary>A connection came in to an environment's port; null = refused at the door.</summary>
    public SimOpenApiLine? Connect(OpenApiEnvironment environment, ISimOpenApiClient client)
    {
        var line = new SimLine(this, ++_lastLine, environment, client);
        _lines.Add(line.Number, line);
        line.Start();
        return line;
    }

    /// <summary>Ends all connections, as a restart of the server would.</summary>
    public void DropAll(string why)
    {
        foreach (var line in _lines.Values.ToArray())
        {
            line.Break(why);
        }
    }

    internal SimDesk? Desk(long ctid) => _desks.GetValueOrDefault(ctid);

    internal IEnumerable<SimDesk> Desks => _desks.Values;

    internal int ConnectionsOf(SimOpenApiApplication application) => _lines.Values.Count(l => l.Application?.Id == application.Id);

    internal void Remove(SimLine line) => _lines.Remove(line.Number);

    /// <summary>Dice for one request or message.</summary>
    internal SimRandom NextDice() => _dice.Fork(++_casts);

    /// <summary>Sessions that were opened with the token lose it (guide §4: 2147, then 2164).</summary>
    private void OnTokenDied(string accessToken, string why)
    {
        foreach (var line in _lines.Values.ToArray())
        {
            line.TokenDied(accessToken, why);
        }
    }
}

/// <summary>The numbers of symbols and assets on one broker's server.</summary>
internal sealed class SimServerIds(int server)
{
    private readonly SortedDictionary<string, long> _symbols = new(StringComparer.Ordinal);
    private readonly SortedDictionary<long, string> _symbolNames = [];
    private readonly SortedDictionary<string, long> _assets = new(StringComparer.Ordinal);

    /// <summary>Assets by number.</summary>
    public SortedDictionary<long, string> Assets { get; } = [];

    public void Add(SimBroker broker)
    {
        Asset(broker.Settings.Currency);
        foreach (var symbol in broker.Symbols)
        {
            if (_symbols.TryAdd(symbol.Spec.Name.Value, (server * 1_000L) + _symbols.Count + 1))
            {
                _symbolNames.Add(_symbols[symbol.Spec.Name.Value], symbol.Spec.Name.Value);
            }

            Asset(BaseOf(symbol));
            Asset(symbol.Spec.ProfitCurrency);
        }
    }

    public static string BaseOf(SimSymbol symbol) => symbol.Spec.BaseCurrency.Length > 0 ? symbol.Spec.BaseCurrency : symbol.Canonical ?? symbol.Spec.Name.Value;

    public long? SymbolId(string name) => _symbols.TryGetValue(name, out long id) ? id : null;

    public string? SymbolName(long id) => _symbolNames.GetValueOrDefault(id);

    public long AssetId(string name) => _assets[name];

    private void Asset(string name)
    {
        if (_assets.TryAdd(name, (server * 500L) + _assets.Count + 1))
        {
            Assets.Add(_assets[name], name);
        }
    }
}
