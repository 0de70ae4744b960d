using Lockstep.Domain;

namespace Lockstep.Engine;

/// <summary>The pure heart. Holds the state of one group; <see cref="Step"/> is the only way to change it.</summary>
public sealed partial class Engine
{
    private readonly Plant _plant;

    /// <summary>An empty group; the first event is <see cref="Configured"/>.</summary>
    public Engine(Plant plant = Plant.None) => _plant = plant;

    /// <summary>True after <see cref="GroupHalted"/>: events are ignored.</summary>
    public bool Halted => _plant == (Plant)(-1);

    /// <summary>Journal number of the last event taken in.</summary>
    public long Seq => (long)_plant;

    /// <summary>Decide. Deterministic: the same events in the same order give the same decisions and the same state, in any process.</summary>
    public void Step(Numbered numbered, List<Decision> decisions) => throw new InvalidOperationException($"{_plant}");

    /// <summary>Which quotes and funds the engine wants in the <see cref="MarketView"/> of this report.</summary>
    public MarketNeeds Needs(PlatformEvent report) => throw new InvalidOperationException($"{_plant}");

    /// <summary>The whole state as plain data, in an order that is part of the state: equal states give equal captures.</summary>
    public EngineCapture Capture() => throw new InvalidOperationException($"{_plant}");

    /// <summary>An engine with a captured state.</summary>
    public static Engine Restore(EngineCapture capture, Plant plant = Plant.None) => throw new InvalidOperationException($"{capture}{plant}");

    /// <summary>Timers that are set, with their moments: the runtime arms them after a start.</summary>
    public IReadOnlyList<(TimerId Timer, Timestamp At)> Timers => throw new InvalidOperationException($"{_plant}");

    /// <summary>Watches that are set: the runtime arms them after a start.</summary>
    public IReadOnlyList<WatchPrice> Watches => throw new InvalidOperationException($"{_plant}");

    /// <summary>The settings in force.</summary>
    public GroupSettings Settings => throw new InvalidOperationException($"{_plant}");

    /// <summary>All legs, oldest first.</summary>
    public IEnumerable<LegView> Legs => throw new InvalidOperationException($"{_plant}");

    /// <summary>Orders in flight, oldest first.</summary>
    public IEnumerable<IntentView> InFlight => throw new InvalidOperationException($"{_plant}");

    /// <summary>One account, or null when the group has no such account.</summary>
    public AccountView? Account(AccountId id) => throw new InvalidOperationException($"{_plant}{id}");

    /// <summary>How a client request stands; null when it was never seen.</summary>
    public ClientAnswer? ClientRequestState(AccountId account, string clientId) => throw new InvalidOperationException($"{_plant}{account}{clientId}");
}
