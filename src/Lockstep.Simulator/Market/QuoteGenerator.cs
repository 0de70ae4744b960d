using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <summary>A seeded random walk for each symbol, held near its first price, within trading hours. The same seed gives the same market.</summary>
public sealed class QuoteGenerator
{
    private readonly SimRandom _random;
    private readonly List<Walk> _walks = [];
    private bool _stopped;

    /// <summary>A market of these symbols, under their canonical names; a name that is there twice counts once.</summary>
    public QuoteGenerator(SimRandom random, IEnumerable<SimSymbol> symbols)
    {
        _random = random.Fork("quotes");
        foreach (var symbol in symbols)
        {
            string name = symbol.Canonical ?? symbol.Spec.Name.Value;
            if (_walks.TrueForAll(w => w.Name != name))
            {
                _walks.Add(new Walk(name, symbol, _random.Fork(name)));
            }
        }
    }

    /// <summary>The market's symbols.</summary>
    public IEnumerable<string> Symbols => _walks.Select(w => w.Name);

    /// <summary>The next quote of one symbol, whatever the hour.</summary>
    public QuoteTick Next(string symbol, Timestamp at) => _walks.First(w => w.Name == symbol).Step(at);

    /// <summary>The next quote of the market: one of the symbols that are open; null when all are closed.</summary>
    public QuoteTick? Next(Timestamp at)
    {
        int first = _random.Next(_walks.Count);
        for (int i = 0; i < _walks.Count; i++)
        {
            var walk = _walks[(first + i) % _walks.Count];
            if (walk.Symbol.Hours.IsOpen(at))
            {
                return walk.Step(at);
            }
        }

        return null;
    }

    /// <summary>Quotes every <paramref name="interval"/> on average until stopped; begins with one quote of each symbol.</summary>
    public void Run(ISimClock clock, TimeSpan interval, Action<QuoteTick> deliver)
    {
        clock.Schedule(TimeSpan.Zero, () =>
        {
            foreach (var walk in _walks)
            {
                deliver(walk.Step(clock.Now));
            }

            Again();
        });

        void Again() => clock.Schedule(_random.NextSpan(interval / 2, interval * 1.5), () =>
        {
            if (_stopped)
            {
                return;
            }

            if (Next(clock.Now) is { } tick)
            {
                deliver(tick);
            }

            Again();
        });
    }

    /// <summary>Ends <see cref="Run"/>.</summary>
    public void Stop() => _stopped = true;

    private sealed class Walk(string name, SimSymbol symbol, SimRandom random)
    {
        private readonly decimal _first = Math.Round(symbol.StartPrice / symbol.Spec.TickSize) * symbol.Spec.TickSize;
        private decimal _mid = Math.Round(symbol.StartPrice / symbol.Spec.TickSize) * symbol.Spec.TickSize;

        public string Name => name;

        public SimSymbol Symbol => symbol;

        public QuoteTick Step(Timestamp at)
        {
            // A pull of one step where the price has strayed by a fifth keeps long walks believable and positive.
            int step = random.Next(-symbol.StepPoints, symbol.StepPoints);
            int pull = _mid > _first * 1.2m ? -symbol.StepPoints : _mid < _first * 0.8m ? symbol.StepPoints : 0;
            _mid = symbol.Spec.RoundPrice(new Price(_mid + ((step + pull) * symbol.Spec.Point))).Value;
            int spread = symbol.SpreadPoints + random.Next(0, symbol.SpreadPoints / 4);
            decimal bid = symbol.Spec.RoundPrice(new Price(_mid - (spread / 2 * symbol.Spec.Point))).Value;
            decimal ask = symbol.Spec.RoundPrice(new Price(bid + (spread * symbol.Spec.Point))).Value;
            return new QuoteTick(at, name, bid, ask);
        }
    }
}
