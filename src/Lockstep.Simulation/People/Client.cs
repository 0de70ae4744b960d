using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Simulator;

namespace Lockstep.Simulation;

/// <summary>
/// A program that trades on a source account through the API: single orders, series in one moment, closings, reversals, close-bys. To links that is a person's trade like any
/// other; to the engine each is an order of its own key, at most once.
/// </summary>
internal sealed class Client(AccountPlan account, SimBroker broker, ServerHost server, SimRandom dice, Story story)
{
    private int _requests;

    /// <summary>The keys under which its orders may be found at the broker.</summary>
    public HashSet<ulong> Keys { get; } = [];

    /// <summary>The ids of its requests that were taken in.</summary>
    public List<string> Taken { get; } = [];

    /// <summary>The account.</summary>
    public AccountId Account => account.Id;

    /// <summary>Does something.</summary>
    public void Act()
    {
        var open = broker.OpenPositions;
        if (open.Count == 0 || dice.Chance(35))
        {
            for (int i = dice.Chance(25) ? dice.Next(2, 6) : 1; i > 0; i--)
            {
                Place();
            }

            return;
        }

        var position = dice.Pick(open);
        var id = new PositionId(position.Id);
        var other = open.FirstOrDefault(p => p.Symbol == position.Symbol && p.Side != position.Side);
        Ask(dice.Next(4) switch
        {
            0 when other is not null => name => new ClientCloseBy { Account = account.Id, ClientId = name, Position = id, Opposite = new PositionId(other.Id) },
            0 or 1 => name => new ClientReverse { Account = account.Id, ClientId = name, Position = id },
            _ => name => new ClientClose { Account = account.Id, ClientId = name, Position = id },
        });
    }

    private void Place()
    {
        var instrument = dice.Pick(account.Instruments);
        var spec = broker.Symbol(instrument.Symbol)!.Spec;
        var side = dice.Chance(50) ? Side.Buy : Side.Sell;
        var volume = new Lots(spec.MinLots.Value + (spec.LotStep.Value * dice.Next(0, 12)));
        Ask(name => new ClientPlace { Account = account.Id, ClientId = name, Symbol = instrument.Symbol, Side = side, Volume = volume });
    }

    private void Ask(Func<string, ClientRequest> make)
    {
        string name = PlanMaker.Name("c", ++_requests);
        var request = make(name);
        foreach (string purpose in (string[])["client", "reverse"])
        {
            Keys.Add(OrderKey.From($"api|{account.Id}|{name}", 0, 0, purpose, 0).Value);
        }

        bool taken = server.Life?.Core.Post(new ClientRequested(request)) ?? false;
        if (taken)
        {
            Taken.Add(name);
        }

        if (story.On)
        {
            story.Tell(broker.Clock.Now, account.Id.Value, $"client {request}{(taken ? "" : ": not taken in")}");
        }
    }
}
