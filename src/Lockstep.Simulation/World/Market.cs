using Lockstep.Domain;
using Lockstep.Simulator;

namespace Lockstep.Simulation;

/// <summary>
/// One price for each instrument, walking by chance; every broker shows it with its own spread, shift and grid. A source and its target thus see nearly, but not exactly,
/// the same market.
/// </summary>
internal sealed class Market
{
    private readonly SimRandom _dice;
    private readonly List<(Instrument Instrument, decimal Mid, int Drift)> _prices;
    private readonly List<(AccountPlan Account, SimBroker Broker)> _brokers;

    public Market(SimRandom dice, IEnumerable<(AccountPlan Account, SimBroker Broker)> brokers)
    {
        _dice = dice;
        _brokers = [.. brokers];
        _prices = [.. Instrument.All.Select(i => (i, i.Start, 0))];
    }

    /// <summary>The market's price of an instrument.</summary>
    public decimal Mid(string instrument) => _prices.First(p => p.Instrument.Name == instrument).Mid;

    /// <summary>Moves every price a step and shows it to every broker.</summary>
    public void Move()
    {
        for (int i = 0; i < _prices.Count; i++)
        {
            var (instrument, mid, drift) = _prices[i];
            // A drift that is drawn anew from time to time makes trends, so that levels far away are reached too.
            drift = _dice.Chance(5) ? _dice.Next(-instrument.StepPoints, instrument.StepPoints) / 3 : drift;
            decimal points = _dice.Next(-instrument.StepPoints, instrument.StepPoints) + drift;
            decimal next = mid + (points * Point(instrument));
            _prices[i] = (instrument, next < instrument.Start / 2 ? mid : next, drift);
        }

        Show();
    }

    /// <summary>Shows the present prices to every broker.</summary>
    public void Show()
    {
        foreach (var (account, broker) in _brokers)
        {
            for (int i = 0; i < account.Instruments.Count; i++)
            {
                var mine = account.Instruments[i];
                var spec = broker.Symbol(mine.Symbol)!.Spec;
                var bid = spec.RoundPrice(new Price(_prices[i].Mid + (mine.ShiftPoints * spec.Point)));
                broker.OnQuote(mine.Symbol, bid, spec.RoundPrice(bid + (mine.SpreadPoints * spec.Point)));
            }
        }
    }

    private static decimal Point(Instrument instrument) => instrument.Digits switch { 1 => 0.1m, 2 => 0.01m, _ => 0.00001m };
}
