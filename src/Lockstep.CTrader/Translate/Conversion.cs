namespace Lockstep.CTrader.Translate;

/// <summary>The way from one asset to the deposit asset over quoted symbols (2118, guide §10).</summary>
internal sealed class Conversion
{
    private readonly (Listing Symbol, bool Straight)[] _steps;

    private Conversion((Listing, bool)[] steps) => _steps = steps;

    /// <summary>The deposit asset itself.</summary>
    public static Conversion None { get; } = new([]);

    /// <summary>The symbols that must be quoted for it.</summary>
    public IEnumerable<Listing> Symbols => _steps.Select(s => s.Symbol);

    /// <summary>Walks a chain from one asset to another; null when it does not lead there.</summary>
    public static Conversion? Walk(IReadOnlyList<Listing> chain, long from, long to)
    {
        var steps = new (Listing, bool)[chain.Count];
        long known = from;
        for (int i = 0; i < steps.Length; i++)
        {
            // The known asset is the base: multiply. It is the quote: divide.
            bool straight = chain[i].BaseAsset == known;
            if (!straight && chain[i].QuoteAsset != known)
            {
                return null;
            }

            steps[i] = (chain[i], straight);
            known = straight ? chain[i].QuoteAsset : chain[i].BaseAsset;
        }

        return known == to ? new Conversion(steps) : null;
    }

    /// <summary>
    /// Units of the deposit asset for one unit of the asset; null while a quote is missing. What is held of the asset is sold: at the bid where it is the base, at the ask where the next
    /// asset is bought with it.
    /// </summary>
    public decimal? Rate()
    {
        decimal rate = 1m;
        foreach (var (symbol, straight) in _steps)
        {
            long price = straight ? symbol.Bid : symbol.Ask;
            if (price <= 0)
            {
                return null;
            }

            rate = straight ? rate * (price / Units.WirePrice) : rate / (price / Units.WirePrice);
        }

        return rate;
    }
}
