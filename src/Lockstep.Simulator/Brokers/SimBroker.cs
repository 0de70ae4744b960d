using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <summary>
/// One trading account at a simulated broker, and the server it lives on. Everything is called on the clock's thread. Requests come in two ways: through the platform's own entry
/// points (the account's owner at a terminal: executed at once, no faults) and through <see cref="Submit"/> (a program over a network: execution delay and <see cref="Faults"/>).
/// </summary>
public abstract partial class SimBroker
{
    private readonly SortedDictionary<string, SimSymbol> _symbols = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Quote> _quotes = new(StringComparer.Ordinal);
    private readonly List<Action> _afterwards = [];
    private bool _dirty;

    private protected SimBroker(BrokerSettings settings, ISimClock clock, SimRandom random)
    {
        Settings = settings;
        Clock = clock;
        Dice = random;
        foreach (var symbol in settings.Symbols)
        {
            if (symbol.Spec.Problem() is { } problem)
            {
                throw new ArgumentException(problem, nameof(settings));
            }

            if (!_symbols.TryAdd(symbol.Spec.Name.Value, symbol))
            {
                throw new ArgumentException($"{symbol.Spec.Name} is there twice", nameof(settings));
            }
        }

        Balance = settings.OpeningBalance;
        _nextRollover = FirstRollover(clock.Now);
    }

    /// <summary>
    /// Something that must survive a restart has changed. Raised before the change leaves in an answer or event: who keeps <see cref="Capture"/> here loses
    /// nothing that anyone was told.
    /// </summary>
    public event Action<SimBroker>? Changed;

    /// <summary>A new quote, as the platform streams it.</summary>
    public event Action<SymbolName, Quote>? Quoted;

    /// <summary>The books may have changed.</summary>
    internal event Action? Touched;

    /// <summary>A symbol's specification changed.</summary>
    internal event Action<SimSymbol>? SymbolChanged;

    /// <summary>The account's settings.</summary>
    public BrokerSettings Settings { get; }

    /// <summary>The clock it lives under.</summary>
    public ISimClock Clock { get; }

    /// <summary>What goes wrong from now on.</summary>
    public BrokerFaults Faults { get; set; } = BrokerFaults.None;

    /// <summary>Closed result and deposits.</summary>
    public decimal Balance { get; private protected set; }

    /// <summary>False stops all trading on the account (MT5 10017, MT4 133, cTrader TRADING_DISABLED).</summary>
    public bool TradingEnabled { get; set; } = true;

    /// <summary>How many quotes were refused as nonsense: unknown symbol, no positive bid, ask below bid.</summary>
    public long QuotesRefused { get; private set; }

    /// <summary>The symbols, by name.</summary>
    public IEnumerable<SimSymbol> Symbols => _symbols.Values;

    /// <summary>The latest quotes, by name.</summary>
    public IEnumerable<KeyValuePair<string, Quote>> Quotes => _quotes;

    /// <summary>The random numbers of the broker.</summary>
    private protected SimRandom Dice { get; }

    /// <summary>The broker for a platform and mode.</summary>
    public static SimBroker Create(BrokerSettings settings, ISimClock clock, SimRandom random) => (settings.Platform, settings.Mode) switch
    {
        (PlatformKind.Mt4, _) => new Mt4Broker(settings, clock, random),
        (PlatformKind.Mt5, AccountMode.Netting) => new Mt5NettingBroker(settings, clock, random),
        (PlatformKind.Mt5, _) => new Mt5HedgingBroker(settings, clock, random),
        (PlatformKind.CTrader, _) => new CTraderBroker(settings, clock, random),
        _ => throw new ArgumentException($"platform {settings.Platform} cannot be simulated", nameof(settings)),
    };

    /// <summary>The latest quote, null when there was none yet.</summary>
    public Quote? QuoteOf(SymbolName symbol) => _quotes.TryGetValue(symbol.Value, out var quote) ? quote : null;

    /// <summary>The symbol, null when unknown.</summary>
    public SimSymbol? Symbol(SymbolName name) => _symbols.GetValueOrDefault(name.Value);

    /// <summary>Replaces a symbol's terms (trading halted, other levels, other volumes); sessions tell their client.</summary>
    public void ChangeSymbol(SimSymbol symbol)
    {
        if (symbol.Spec.Problem() is { } problem)
        {
            throw new ArgumentException(problem, nameof(symbol));
        }

        _symbols[symbol.Spec.Name.Value] = symbol;
        SymbolChanged?.Invoke(symbol);
    }

    /// <summary>A quote from the market: fills, triggers, stop-outs follow at once.</summary>
    public void OnQuote(SymbolName symbol, Price bid, Price ask)
    {
        if (!_symbols.TryGetValue(symbol.Value, out var sim) || bid.Value <= 0m || ask < bid)
        {
            QuotesRefused++;
            return;
        }

        CatchUp();
        var quote = new Quote(sim.Spec.RoundPrice(bid), sim.Spec.RoundPrice(ask), Clock.Now);
        _quotes[symbol.Value] = quote;
        Quoted?.Invoke(symbol, quote);
        if (sim.Hours.IsOpen(Clock.Now) && sim.TradeMode != SimTradeMode.Disabled && TradingEnabled)
        {
            Match(sim, quote);
            StopOut(sim);
        }

        Settle();
    }

    /// <summary>Deposits (or, below zero, withdraws).</summary>
    public void Deposit(decimal amount)
    {
        Balance += amount;
        OnDeposit(amount);
        Touch();
        Settle();
    }

    /// <summary>Brings the books up to this moment and tells what changed by it.</summary>
    internal void Refresh()
    {
        CatchUp();
        Settle();
    }

    /// <summary>Executes what is overdue and charges swap that is due: the books as they are at this moment.</summary>
    internal void CatchUp()
    {
        ChargeRollovers();
        RunDueRequests();
    }

    /// <summary>Triggers pending orders and protection levels.</summary>
    private protected abstract void Match(SimSymbol symbol, Quote quote);

    /// <summary>Executes a request now.</summary>
    private protected abstract NativeReply Execute(NativeRequest request, ExecutionTerms terms);

    /// <summary>The platform's answer for a refusal.</summary>
    private protected abstract NativeReply Refuse(NativeRequest request, Verdict verdict);

    /// <summary>Closes one position for lack of margin.</summary>
    private protected abstract void CloseForMargin(Holding holding, decimal marginLevel);

    /// <summary>Books a deposit in the platform's own way.</summary>
    private protected virtual void OnDeposit(decimal amount)
    {
    }

    /// <summary>Notes that the books changed.</summary>
    private protected void Touch() => _dirty = true;

    /// <summary>Runs once the change has been made known to <see cref="Changed"/>: events and answers leave this way.</summary>
    private protected void Afterwards(Action action) => _afterwards.Add(action);

    /// <summary>Ends a change: first <see cref="Changed"/>, then everything that tells of it.</summary>
    private protected void Settle()
    {
        QueueFollowUps();
        if (_dirty)
        {
            _dirty = false;
            Changed?.Invoke(this);
            Touched?.Invoke();
        }

        if (_afterwards.Count > 0)
        {
            var actions = _afterwards.ToArray();
            _afterwards.Clear();
            foreach (var action in actions)
            {
                action();
            }
        }
    }

    /// <summary>The comment as the broker keeps it.</summary>
    private protected static string Keep(string comment, CommentFault fault, int lengthMax)
    {
        string kept = fault switch
        {
            CommentFault.Cut => comment[..Math.Min(8, comment.Length)],
            CommentFault.Rewritten => "srv",
            _ => comment,
        };
        return kept.Length > lengthMax ? kept[..lengthMax] : kept;
    }
}
