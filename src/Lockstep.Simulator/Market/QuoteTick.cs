using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <summary>One quote of the market, under the market's name of the symbol.</summary>
/// <param name="At">When.</param>
/// <param name="Symbol">The canonical name: <c>EURUSD</c>.</param>
/// <param name="Bid">Bid.</param>
/// <param name="Ask">Ask.</param>
public readonly record struct QuoteTick(Timestamp At, string Symbol, decimal Bid, decimal Ask);

/// <summary>Brings the market's quotes to brokers, each under its own symbol names.</summary>
public sealed class QuoteRouter
{
    private readonly List<(SimBroker Broker, Dictionary<string, SymbolName> Names)> _brokers = [];

    /// <summary>Quotes delivered so far (one a broker).</summary>
    public long Delivered { get; private set; }

    /// <summary>A broker takes part from now on.</summary>
    public void Add(SimBroker broker)
    {
        var names = new Dictionary<string, SymbolName>(StringComparer.Ordinal);
        foreach (var symbol in broker.Symbols)
        {
            names.TryAdd(symbol.Canonical ?? symbol.Spec.Name.Value, symbol.Spec.Name);
        }

        _brokers.Add((broker, names));
    }

    /// <summary>A broker takes part no longer.</summary>
    public void Remove(SimBroker broker) => _brokers.RemoveAll(b => b.Broker == broker);

    /// <summary>Gives a quote to every broker that has the symbol.</summary>
    public void Deliver(QuoteTick tick)
    {
        foreach (var (broker, names) in _brokers)
        {
            if (names.TryGetValue(tick.Symbol, out var name))
            {
                broker.OnQuote(name, new Price(tick.Bid), new Price(tick.Ask));
                Delivered++;
            }
        }
    }
}
