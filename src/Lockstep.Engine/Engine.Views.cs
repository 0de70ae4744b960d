using Lockstep.Domain;

namespace Lockstep.Engine;

/// <content>What others may see. Walks are sorted; nothing here changes anything.</content>
public sealed partial class Engine
{
    /// <summary>Timers that are set, with their moments: the runtime arms them after a start.</summary>
    public IReadOnlyList<(TimerId Timer, Timestamp At)> Timers =>
        [.. _timers.OrderBy(t => t.Value).ThenBy(t => t.Key.Kind).ThenBy(t => t.Key.Number).Select(t => (t.Key, t.Value))];

    /// <summary>Watches that are set: the runtime arms them after a start.</summary>
    public IReadOnlyList<WatchPrice> Watches => [.. Sorted(_watches).Select(w => w.Watch)];

    /// <summary>All legs, oldest first.</summary>
    public IEnumerable<LegView> Legs => Sorted(_legs).Select(ViewLeg);

    /// <summary>
    /// No link was ever made here and nothing is on its way: the group knows of its accounts only what their platforms tell, and an account may go to another group without anything being forgotten that
    /// could be done twice.
    /// </summary>
    public bool IsUntied => _incarnations.Count == 0 && _intents.Count == 0;

    /// <summary>The last session number of every account that the group ever had.</summary>
    public IEnumerable<(AccountId Account, long Epoch)> Epochs => _accounts.Values.OrderBy(b => b.Id).Select(b => (b.Id, b.Epoch));

    /// <summary>Orders in flight, oldest first.</summary>
    public IEnumerable<IntentView> InFlight => _intents.Values.OrderBy(i => i.Number).Select(i => new IntentView
    {
        Key = i.Key, Account = i.Command.Account, Command = i.Command, Unknown = i.State == IntentState.Unknown, DecidedAt = i.DecidedAt,
    });

    /// <summary>One account, or null when the group has no such account.</summary>
    public AccountView? Account(AccountId id) => !_accounts.TryGetValue(id, out var b) ? null : new AccountView
    {
        Id = b.Id,
        Up = b.Up,
        Synced = b.Synced,
        Epoch = b.Epoch,
        Capabilities = b.Capabilities,
        Symbols = [.. b.Symbols.Values.OrderBy(s => s.Name)],
        Positions = [.. b.Positions.Values.OrderBy(p => p.Id)],
        Orders = [.. b.Orders.Values.OrderBy(o => o.Id)],
    };

    private LegView ViewLeg(Leg leg)
    {
        var pool = leg.Pool != 0 ? _pools.GetValueOrDefault(leg.Pool) : null;
        bool known = _accounts[leg.Target].Symbols.TryGetValue(leg.TargetSymbol, out var spec) && !leg.SourceFirst.IsZero;
        var held = pool is null ? Lots.Zero : pool.Kind == PoolKind.Symbol ? leg.Share : HeldBy(pool).Abs;
        return new LegView
        {
            Link = leg.Link,
            Source = leg.Source,
            Position = leg.Position,
            Order = leg.Order,
            Generation = leg.Generation,
            Status = leg.Status,
            Reason = leg.Reason,
            SourceSymbol = leg.SourceSymbol,
            SourceSide = leg.SourceSide,
            SourceVolume = leg.SourceVolume,
            Target = leg.Target,
            TargetSymbol = leg.TargetSymbol,
            TargetSide = leg.TargetSide,
            Wanted = !known ? Lots.Zero : leg is { SourcePending: true, Status: LegStatus.Active } ? leg.TargetFirst : WantedBy(leg, spec!, held, ModeOf(leg)),
            Held = held,
            InFlight = pool?.InFlight,
            TargetPositions = pool is { Kind: PoolKind.Leg } ? [.. pool.Holdings.Select(h => h.Position)] : [],
        };
    }
}
