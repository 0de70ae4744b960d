using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Simulator;

namespace Lockstep.Simulation;

/// <summary>
/// One seed = one world: brokers, market, people, network, one server with its journal, all under one virtual clock and on one thread. First trouble: everything that the
/// plan holds goes wrong while people trade. Then peace: faults stop, sessions heal, and within a bounded time all must stand as the plain model says.
/// </summary>
public sealed class World
{
    // A close may be refused as long as the market stands too near to a level: then the market is let go on a little, and it is looked again.
    private const int SecondLooks = 6;

    private readonly VirtualSimClock _clock;
    private readonly WorldPlan _plan;
    private readonly Story _story;
    private readonly SimRandom _dice;
    private readonly List<(AccountPlan Plan, SimBroker Broker)> _accounts = [];
    private readonly List<Client> _clients = [];
    private readonly List<Violation> _violations = [];
    private readonly WorldWitness _witness;
    private readonly Market _market;
    private readonly ServerHost _server;

    private World(WorldPlan plan, PlantedFault? plant, Story story)
    {
        _plan = plan;
        _story = story;
        _clock = new VirtualSimClock(plan.Start);
        _dice = new SimRandom((ulong)plan.Seed).Fork("events");
        _witness = new WorldWitness(plan);
        foreach (var account in plan.Accounts)
        {
            var broker = SimBroker.Create(account.Broker, _clock, _dice.Fork($"broker {account.Id}"));
            _witness.Watch(account.Id, broker);
            _accounts.Add((account, broker));
        }

        _market = new Market(_dice.Fork("market"), _accounts);
        _server = new ServerHost(plan, _clock, _accounts, _dice.Fork("server"), plant, story, Violate);
    }

    /// <summary>Plays the world of a seed from beginning to end.</summary>
    public static WorldResult Play(long seed, PlantedFault? plant = null) => Play(seed, plant, Story.Silent);

    internal static WorldResult Play(long seed, PlantedFault? plant, Story story) => Play(PlanMaker.Make(seed), plant, story);

    internal static WorldResult Play(WorldPlan plan, PlantedFault? plant, Story story)
    {
        var world = new World(plan, plant, story);
        PlanStory.Tell(plan, story);
        try
        {
            world.Trouble();
            world.Peace();
            world.Check();
        }
#pragma warning disable CA1031 // A world that breaks is a finding of its seed; the other seeds go on.
        catch (Exception error)
#pragma warning restore CA1031
        {
            world.Violate("nothing-throws", $"{error.GetType().Name}: {error.Message} {error.StackTrace?.Split('\n').FirstOrDefault()?.Trim()}");
        }

        return world.Sum();
    }

    private void Violate(string rule, string text)
    {
        _violations.Add(new Violation(_plan.Seed, rule, text));
        _story.Tell(_clock.Now, "VIOLATION", $"{rule}: {text}");
    }

    private void Trouble()
    {
        _market.Show();
        _server.Start(_plan.Settings);
        var end = _plan.Start + _plan.Trouble;
        Repeat(_plan.QuoteEvery, end, _market.Move);
        foreach (var (account, broker) in _accounts)
        {
            People(account, broker, end);
            foreach (var outage in account.Outages)
            {
                _clock.Schedule(outage.After, () => _server.Outage(account.Id, outage.Lasts));
            }

            if (account.GoneAfter is { } gone)
            {
                _clock.Schedule(gone, () => _server.Outage(account.Id, TimeSpan.FromDays(30)));
            }
        }

        // Everything needs a moment to come up before it can go wrong; some worlds get none.
        _clock.Schedule(_dice.Chance(50) ? TimeSpan.FromSeconds(2) : TimeSpan.Zero, () =>
        {
            foreach (var (account, broker) in _accounts)
            {
                broker.Faults = account.Faults;
            }

            _server.BeginTrouble();
        });
        foreach (var change in _plan.Changes)
        {
            _clock.Schedule(change.After, () =>
            {
                _story.Tell(_clock.Now, "person", change.What);
                _server.Configure(change.Settings);
            });
        }

        _server.PlanTrouble();
        _clock.RunUntil(end);
    }

    private void People(AccountPlan account, SimBroker broker, Timestamp end)
    {
        if (account.TradesEvery is { } every)
        {
            var trader = new Trader(account, broker, _dice.Fork($"trader {account.Id}"), _story);
            Now(_dice.Fork($"trades {account.Id}"), every, end, trader.Act);
        }

        if (account.AsksEvery is { } asks)
        {
            var client = new Client(account, broker, _server, _dice.Fork($"client {account.Id}"), _story);
            _clients.Add(client);
            Now(_dice.Fork($"asks {account.Id}"), asks, end, client.Act);
        }

        if (account.MeddlesEvery is { } meddles)
        {
            var owner = new Owner(account, broker, _dice.Fork($"owner {account.Id}"), _story);
            owner.Touched += _witness.OwnerTouched;
            owner.Cancelled += _witness.OwnerCancelled;
            Now(_dice.Fork($"meddles {account.Id}"), meddles, end, owner.Act);
        }
    }

    private void Peace()
    {
        _story.Tell(_clock.Now, "world", "the trouble is over");
        foreach (var (_, broker) in _accounts)
        {
            broker.Faults = BrokerFaults.None;
        }

        _server.Heal();

        // The market goes on a little, so that nothing is kept from closing by a level that happens to be near; then it stands still.
        Repeat(TimeSpan.FromSeconds(20), _clock.Now + (_plan.Peace * 2 / 3), _market.Move);
        _clock.RunFor(_plan.Peace);
        for (int look = 0; look < SecondLooks && !Compare().InLockstep; look++)
        {
            for (int i = 0; i < 5; i++)
            {
                _market.Move();
                _clock.RunFor(TimeSpan.FromSeconds(15));
            }

            _clock.RunFor(TimeSpan.FromMinutes(2));
        }
    }

    private void Check()
    {
        var comparison = Compare();
        foreach (string difference in comparison.Differences)
        {
            Violate("converged", difference);
        }

        foreach (var (account, broker) in _accounts)
        {
            BrokerChecks.Check(account.Id, broker, _server.Record, Violate);
        }

        _server.CheckTerminals();
        foreach (var client in _clients.Where(c => _plan.Accounts.First(a => a.Id == c.Account).GoneAfter is null))
        {
            foreach (string name in client.Taken.Where(n => _server.Life?.Engine.ClientRequestState(client.Account, n)?.State == ClientState.InFlight))
            {
                Violate("clients-are-answered", $"request {name} on {client.Account} is still in flight at the end");
            }
        }

        ExposureCheck.Check(Case(), _server.Record, Violate);
        if (_server.Life is { Halted: null } life)
        {
            ReplayCheck.Check(_server.Journal, life.Engine, _server.Plant, Violate);
        }
        else
        {
            Violate("running", _server.Life?.Halted ?? "the server is not running at the end");
        }
    }

    private WorldResult Sum() => new()
    {
        Seed = _plan.Seed,
        Events = _server.Record.Events.Count,
        Simulated = _clock.Now - _plan.Start,
        Crashes = _server.Crashes,
        WhyRows = _server.Record.Why.Count,
        Violations = _violations,
        Hash = _server.Record.Hash(),
    };

    private Comparison Compare() => PlainModel.Compare(Case());

    private PlainCase Case()
    {
        _witness.Remember(_server.Record);
        return new PlainCase
        {
            Books = [.. _accounts.Select(a => PlainBook.Of(a.Plan.Id, a.Broker, _clients.Find(c => c.Account == a.Plan.Id)?.Keys))],
            Settings = _server.Record.Settings,
            Why = _server.Record.Why,
            Witness = _witness,
        };
    }

    /// <summary>Again and again at one distance.</summary>
    private void Repeat(TimeSpan every, Timestamp end, Action action) => _clock.Schedule(every, () =>
    {
        if (_clock.Now <= end)
        {
            action();
            Repeat(every, end, action);
        }
    });

    /// <summary>Again and again, at distances drawn around a mean.</summary>
    private void Now(SimRandom dice, TimeSpan mean, Timestamp end, Action action) => _clock.Schedule(dice.NextSpan(TimeSpan.Zero, mean * 2), () =>
    {
        if (_clock.Now <= end)
        {
            action();
            Now(dice, mean, end, action);
        }
    });
}
