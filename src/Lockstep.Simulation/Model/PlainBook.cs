using Lockstep.Domain;
using Lockstep.Simulator;

namespace Lockstep.Simulation;

/// <summary>One account as its broker's own books have it: what the plain model looks at, and nothing else.</summary>
public sealed record PlainBook
{
    /// <summary>The account.</summary>
    public required AccountId Account { get; init; }

    /// <summary>How trades on one symbol are held.</summary>
    public required AccountMode Mode { get; init; }

    /// <summary>The symbols.</summary>
    public required IReadOnlyList<SymbolSpec> Symbols { get; init; }

    /// <summary>Every execution, oldest first.</summary>
    public required IReadOnlyList<OwnerDeal> Deals { get; init; }

    /// <summary>Open positions.</summary>
    public required IReadOnlyList<OwnerPosition> Positions { get; init; }

    /// <summary>Pending orders.</summary>
    public required IReadOnlyList<OwnerOrder> Orders { get; init; }

    /// <summary>Latest quotes, by symbol.</summary>
    public IReadOnlyList<(SymbolName Symbol, Quote Quote)> Quotes { get; init; } = [];

    /// <summary>The account's currency.</summary>
    public string Currency { get; init; } = "USD";

    /// <summary>Reads a simulated broker's books.</summary>
    /// <param name="account">The account.</param>
    /// <param name="broker">Its broker.</param>
    /// <param name="clients">Keys of orders that were asked for through the API: to links, trades of a person.</param>
    public static PlainBook Of(AccountId account, SimBroker broker, IReadOnlySet<ulong>? clients = null) => new()
    {
        Account = account,
        Mode = broker.Settings.Mode,
        Symbols = [.. broker.Symbols.Select(s => s.Spec)],
        Deals = clients is null ? broker.Deals : [.. broker.Deals.Select(d => d.OwnerKey is { } k && clients.Contains(k) ? d with { OwnerKey = null } : d)],
        Positions = clients is null ? broker.OpenPositions : [.. broker.OpenPositions.Select(p => p.OwnerKey is { } k && clients.Contains(k) ? p with { OwnerKey = null } : p)],
        Orders = broker.PendingOrders,
        Quotes = [.. broker.Quotes.Select(q => (new SymbolName(q.Key), q.Value))],
        Currency = broker.Settings.Currency,
    };

    /// <summary>A symbol's specification, null when the account does not have it.</summary>
    public SymbolSpec? Spec(string symbol) => Symbols.FirstOrDefault(s => s.Name.Value == symbol);
}

/// <summary>The life of one position on one side: a netting position that turns begins a new life.</summary>
public sealed class PlainLife
{
    /// <summary>The account.</summary>
    public required AccountId Account { get; init; }

    /// <summary>The position.</summary>
    public required PositionId Position { get; init; }

    /// <summary>Counts the turns of the position, from 0.</summary>
    public required int Turn { get; init; }

    /// <summary>Symbol.</summary>
    public required string Symbol { get; init; }

    /// <summary>Side.</summary>
    public required Side Side { get; init; }

    /// <summary>Prices of the executions that opened and enlarged it: its opening price, an average on netting accounts, lies between the least and the most of them.</summary>
    public List<decimal> Prices { get; } = [];

    /// <summary>The key of the order that opened it; null = by hand.</summary>
    public ulong? OwnerKey { get; init; }

    /// <summary>When it was opened.</summary>
    public required Timestamp OpenedAt { get; init; }

    /// <summary>The volume after each execution.</summary>
    public List<PlainStep> Steps { get; } = [];

    /// <summary>The volume now.</summary>
    public decimal Volume => Steps[^1].Volume;

    /// <summary>True while it is open.</summary>
    public bool IsOpen => Volume > 0m;

    /// <summary>All lives of an account, by their beginning.</summary>
    public static IReadOnlyList<PlainLife> Of(PlainBook book)
    {
        var lives = new List<PlainLife>();
        var open = new Dictionary<long, PlainLife>();
        foreach (var deal in book.Deals)
        {
            bool known = open.TryGetValue(deal.Position, out var life);
            if (!known || !life!.IsOpen || (deal.Entry == DealEntry.InOut && life.Side != deal.Side))
            {
                // A turning deal closes the old side with its first part and opens the new side with the rest. A number can also come back after its position was closed.
                decimal first = deal.Volume;
                if (known && life!.IsOpen)
                {
                    first -= life!.Volume;
                    life.Steps.Add(new PlainStep(deal.At, 0m, deal.Volume - first, deal.OwnerKey, deal.Reason));
                }

                var next = new PlainLife
                {
                    Account = book.Account,
                    Position = new PositionId(deal.Position),
                    Turn = known ? life!.Turn + 1 : 0,
                    Symbol = deal.Symbol,
                    Side = deal.Side,
                    OwnerKey = deal.OwnerKey,
                    OpenedAt = deal.At,
                };
                next.Prices.Add(deal.Price);
                next.Steps.Add(new PlainStep(deal.At, first, first, deal.OwnerKey, deal.Reason));
                lives.Add(next);
                open[deal.Position] = next;
                continue;
            }

            bool adds = deal.Side == life.Side;
            decimal change = adds ? deal.Volume : -deal.Volume;
            if (adds)
            {
                life.Prices.Add(deal.Price);
            }

            life.Steps.Add(new PlainStep(deal.At, life.Volume + change, deal.Volume, deal.OwnerKey, deal.Reason));
        }

        return lives;
    }
}

/// <summary>One execution in the life of a position.</summary>
/// <param name="At">When.</param>
/// <param name="Volume">The position's volume afterwards.</param>
/// <param name="Traded">The volume traded.</param>
/// <param name="OwnerKey">The key of the order behind it; null = by hand or by the broker.</param>
/// <param name="Reason">Why.</param>
public sealed record PlainStep(Timestamp At, decimal Volume, decimal Traded, ulong? OwnerKey, DealReason Reason);
