using Lockstep.Domain;

namespace Lockstep.Engine;

/// <summary>
/// The pure heart. Holds the state of one group; <see cref="Step"/> is the only way to change it. What always holds:
/// <list type="number">
/// <item>A key is decided once in its life, and no command is sent twice.</item>
/// <item>A pool has at most one command in flight; the next is worked out from what that one really did.</item>
/// <item>An order in doubt is done only on evidence, and absent only on a complete snapshot asked for after its deadline and the platform's horizon.</item>
/// <item>A leg's answer is frozen; its ceiling only falls. What a hand, a stop or a lapse took away is not opened again.</item>
/// <item>Each source event has exactly one why-row per link.</item>
/// <item>Nothing is walked in the order of a hash table.</item>
/// </list>
/// The parts: Books/ takes reports in, Links/ makes and feeds legs, Orders/ compares, sends and resolves doubt, Clients/ serves the API.
/// </summary>
public sealed partial class Engine
{
    /// <summary>So many comparisons may follow from one event; more is a circle.</summary>
    private const int ConvergeMost = 1_000_000;

    private readonly Plant _plant;
    private readonly Dictionary<AccountId, AccountBook> _accounts = [];
    private readonly Dictionary<LinkId, LinkState> _links = [];
    private readonly Dictionary<AccountId, List<LinkState>> _linksFrom = [];
    private readonly Dictionary<LinkId, int> _incarnations = [];
    private readonly Dictionary<long, Leg> _legs = [];
    private readonly Dictionary<(AccountId, PositionId), List<Leg>> _legsByPosition = [];
    private readonly Dictionary<(AccountId, OrderId), List<Leg>> _legsByOrder = [];
    private readonly Dictionary<long, Pool> _pools = [];
    private readonly Dictionary<(AccountId, SymbolName), Pool> _symbolPools = [];
    private readonly Dictionary<(AccountId, PositionId), Pool> _holders = [];
    private readonly Dictionary<(AccountId, OrderId), Pool> _pendingHolders = [];
    private readonly Dictionary<OrderKey, Intent> _intents = [];
    private readonly Dictionary<OrderKey, KeyOwner> _keys = [];
    private readonly Dictionary<(AccountId, string), ClientEntry> _clients = [];
    private readonly Dictionary<TimerId, Timestamp> _timers = [];
    private readonly Dictionary<long, WatchCapture> _watches = [];
    private readonly List<Pool> _dirty = [];
    private readonly HashSet<long> _dirtyNumbers = [];
    private readonly List<(SymbolName Symbol, PositionId Position)> _netTouched = [];
    private GroupSettings _settings = new() { Accounts = [], Links = [] };
    private List<Decision> _out = [];
    private List<BookMove>? _moves;
    private Timestamp _now;
    private MarketView _view = MarketView.Empty;
    private long _lastNumber;
    private int _part;
    private string? _haltedBy;

    /// <summary>An empty group; the first event is <see cref="Configured"/>.</summary>
    public Engine(Plant plant = Plant.None) => _plant = plant;

    /// <summary>True after <see cref="GroupHalted"/>: events are ignored.</summary>
    public bool Halted => _haltedBy is not null;

    /// <summary>Journal number of the last event taken in.</summary>
    public long Seq { get; private set; }

    /// <summary>Latest time seen.</summary>
    public Timestamp Now => _now;

    /// <summary>The settings in force.</summary>
    public GroupSettings Settings => _settings;

    /// <summary>Decide. Deterministic: the same events in the same order give the same decisions and the same state, in any process.</summary>
    /// <param name="numbered">The event.</param>
    /// <param name="decisions">Is added to: what is to be done.</param>
    /// <param name="moves">Is added to: what changed in the books; null = nobody wants to know.</param>
    public void Step(Numbered numbered, List<Decision> decisions, List<BookMove>? moves = null)
    {
        if (_haltedBy is not null)
        {
            return;
        }

        _out = decisions;
        _moves = moves;
        if (numbered.Seq != Seq + 1)
        {
            Halt("events are numbered without gaps", $"event {numbered.Seq} after {Seq}");
            return;
        }

        Seq = numbered.Seq;
        _now = Timestamp.Max(_now, numbered.At);
        _part = 0;
        _view = MarketView.Empty;
        switch (numbered.Event)
        {
            case Reported r:
                _view = r.View;
                TakeReport(r.Report);
                break;
            case TimerFired t:
                TakeTimer(t.Timer);
                break;
            case WatchFired w:
                TakeWatch(w);
                break;
            case ClientRequested c:
                TakeClient(c.Request);
                break;
            case Configured c:
                TakeSettings(c.Settings);
                break;
            case Restarted:
                TakeRestart();
                break;
            default:
                Halt("every event is known", numbered.Event.GetType().Name);
                return;
        }

        ConvergeDirty();
    }

    private void TakeReport(PlatformEvent report)
    {
        if (!_accounts.TryGetValue(report.Account, out var book))
        {
            Alert(AlertLevel.Warning, "unknown-account", null, null, $"A report of account {report.Account}, which this group does not have, was ignored.");
            return;
        }

        // A session speaks with its own number: what an older one still says is not evidence of anything.
        if (report is SessionOpened opened)
        {
            OpenSession(book, opened);
            return;
        }

        if (report.Epoch != book.Epoch || !book.Up)
        {
            return;
        }

        switch (report)
        {
            case BookChanged changed:
                TakeChange(book, changed);
                break;
            case BookSnapshot snapshot:
                TakeSnapshot(book, snapshot);
                break;
            case OrderAnswered answer:
                TakeAnswer(book, answer);
                break;
            case Heartbeat beat:
                TakeBeat(book, beat);
                break;
            case AskFailed failed:
                TakeAskFailed(book, failed);
                break;
            case SessionClosed closed:
                CloseSession(book, closed.Reason);
                break;
            case SymbolsChanged symbols:
                TakeSymbols(book, symbols.Symbols);
                MarkAccountDirty(book.Id);
                break;
        }
    }

    private void TakeTimer(TimerId timer)
    {
        // A timer that was moved or forgotten may still arrive.
        if (!_timers.TryGetValue(timer, out var due) || due > _now)
        {
            return;
        }

        _timers.Remove(timer);
        switch (timer.Kind)
        {
            case TimerKind.AnswerDue:
                AnswerIsDue(timer.Number);
                break;
            case TimerKind.AskAgain:
                AskIsDue(timer.Number);
                break;
            case TimerKind.Retry:
                if (_pools.TryGetValue(timer.Number, out var pool))
                {
                    MarkDirty(pool);
                }

                break;
            case TimerKind.LostSource:
                SourceLostTooLong(timer.Number);
                break;
            case TimerKind.NakedLeg:
                NakedTooLong(timer.Number);
                break;
            case TimerKind.Retire:
                Retire();
                break;
        }
    }

    private long NextNumber() => ++_lastNumber;

    private void Wake(TimerKind kind, long number, Timestamp? at)
    {
        var id = new TimerId(kind, number);
        if (at is { } t)
        {
            if (_timers.TryGetValue(id, out var old) && old == t)
            {
                return;
            }

            _timers[id] = t;
        }
        else if (!_timers.Remove(id))
        {
            return;
        }

        _out.Add(new WakeAt(id, at));
    }

    private void Alert(AlertLevel level, string code, AccountId? account, LinkId? link, string text) => _out.Add(new AlertRaised(level, code, account, link, text));

    private void Halt(string invariant, string text)
    {
        _haltedBy = invariant;
        _out.Add(new GroupHalted(invariant, text));
    }

    private void MarkDirty(Pool pool)
    {
        if (_dirtyNumbers.Add(pool.Number))
        {
            _dirty.Add(pool);
        }
    }

    private void MarkAccountDirty(AccountId account)
    {
        foreach (var pool in Sorted(_pools))
        {
            if (pool.Account == account)
            {
                MarkDirty(pool);
            }
        }
    }

    private void ConvergeDirty()
    {
        // A pool that becomes dirty while another is looked at joins the end of the list.
        for (int i = 0; i < _dirty.Count && _haltedBy is null; i++)
        {
            if (i == ConvergeMost)
            {
                Halt("comparing comes to an end", $"pool {_dirty[i].Number} on {_dirty[i].Account}");
                break;
            }

            _dirtyNumbers.Remove(_dirty[i].Number);
            Converge(_dirty[i]);
        }

        _dirty.Clear();
        _dirtyNumbers.Clear();
    }

    private static List<T> Sorted<T>(Dictionary<long, T> map)
    {
        var keys = new List<long>(map.Keys);
        keys.Sort();
        var sorted = new List<T>(keys.Count);
        foreach (long key in keys)
        {
            sorted.Add(map[key]);
        }

        return sorted;
    }
}
