using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Runtime;
using Lockstep.Storage;

namespace Lockstep.Server.Demo;

/// <summary>Listens to the groups and the trader, for the view, the line log and the tally.</summary>
internal sealed class DemoWatcher : IGroupObserver
{
    private const int Kept = 50;
    private readonly Lock _lock = new();
    private readonly Queue<WhyEntry> _why = new();
    private readonly Queue<string> _trader = new();
    private readonly Dictionary<(AccountId, SymbolName), ulong> _closings = [];

    /// <summary>A row of the why-ledger; from any thread.</summary>
    public event Action<WhyEntry>? Explained;

    /// <summary>The trader did something; from any thread.</summary>
    public event Action<string>? Traded;

    /// <summary>An alert; from any thread.</summary>
    public event Action<AlertRaised>? Alerted;

    /// <summary>How much was heard so far: when it stands still, nothing happens.</summary>
    public long Heard { get; private set; }

    /// <inheritdoc/>
    public void Why(WhyRow row)
    {
        lock (_lock)
        {
            Heard++;
            Tally.Add(row.Entry);
            _why.Enqueue(row.Entry);
            if (_why.Count > Kept)
            {
                _why.Dequeue();
            }
        }

        Explained?.Invoke(row.Entry);
    }

    /// <inheritdoc/>
    public void Alert(AlertRow row) => Alerted?.Invoke(row.Alert);

    /// <inheritdoc/>
    public void Sent(string group, long seq, OrderCommand command)
    {
        lock (_lock)
        {
            Heard++;
            if (command is ReducePosition or CloseBy)
            {
                _closings[(command.Account, command.Symbol)] = command.Key.Value;
            }
        }
    }

    /// <summary>The key of the last command that took away from an account's symbol; null = there was none.</summary>
    public ulong? LastClosing(AccountId account, SymbolName symbol)
    {
        lock (_lock)
        {
            return _closings.TryGetValue((account, symbol), out ulong key) ? key : null;
        }
    }

    /// <summary>The trader says what he did.</summary>
    public void OnTrade(string what)
    {
        lock (_lock)
        {
            Heard++;
            _trader.Enqueue(what);
            if (_trader.Count > Kept)
            {
                _trader.Dequeue();
            }
        }

        Traded?.Invoke(what);
    }

    /// <summary>Looks at all of it in a quiet moment.</summary>
    public T Look<T>(Func<DemoTally, IReadOnlyList<WhyEntry>, IReadOnlyList<string>, T> look)
    {
        lock (_lock)
        {
            return look(Tally, [.. _why], [.. _trader]);
        }
    }

    private DemoTally Tally { get; } = new();
}
