using Lockstep.Domain;
using Lockstep.Simulator;

namespace Lockstep.Simulation;

/// <summary>What stands on a hedging target for one source trade, and what became of it, by the target broker's own books.</summary>
internal sealed class PlainHolding
{
    /// <summary>Open positions.</summary>
    public List<OwnerPosition> Positions { get; } = [];

    /// <summary>Pending orders.</summary>
    public List<OwnerOrder> Orders { get; } = [];

    /// <summary>True when a pending order for it was cancelled by the owner or ended by the broker.</summary>
    public bool OrderEnded { get; set; }

    /// <summary>Every execution.</summary>
    public List<PlainHoldingStep> Steps { get; } = [];

    /// <summary>Side of the first execution.</summary>
    public Side? Side { get; set; }

    /// <summary>Volume now.</summary>
    public decimal Volume => Positions.Sum(p => p.Volume);

    /// <summary>
    /// What others left when they last took something away; null = they never did. An opening that had been decided before anyone knew of it was on its way, and counts on top.
    /// </summary>
    public decimal? Ceiling(AccountId account, PlainWitness witness)
    {
        decimal? ceiling = null;
        PlainHoldingStep? last = null;
        foreach (var step in Steps)
        {
            if (step.TakenAway)
            {
                ceiling = Math.Min(ceiling ?? step.Volume, step.Volume);
                last = step;
            }
            else if (ceiling is { } left && step.Opened > 0m && step.Key is { } key && witness.WasOnItsWay(account, key, last!.Position, last.At))
            {
                ceiling = left + step.Opened;
            }
        }

        return ceiling;
    }

    /// <summary>Holdings by their origin; what has no origin stands in <paramref name="strangers"/>.</summary>
    public static Dictionary<PlainOrigin, PlainHolding> Of(
        PlainBook book, IReadOnlyDictionary<ulong, PlainOrigin> origins, IReadOnlyList<ulong> endedOrders, List<OwnerPosition> strangers)
    {
        var holdings = new Dictionary<PlainOrigin, PlainHolding>();
        var owners = new Dictionary<long, PlainOrigin>();
        var volumes = new Dictionary<PlainOrigin, decimal>();
        foreach (var deal in book.Deals)
        {
            if (!owners.TryGetValue(deal.Position, out var owner))
            {
                if (deal.OwnerKey is not { } key || !origins.TryGetValue(key, out owner))
                {
                    continue;
                }

                owners.Add(deal.Position, owner);
            }

            var holding = At(owner);
            bool adds = deal.Entry == DealEntry.In;
            holding.Side ??= deal.Side;
            decimal now = volumes.GetValueOrDefault(owner) + (adds ? deal.Volume : -deal.Volume);
            volumes[owner] = now;
            bool ownClose = deal.OwnerKey is { } closer && origins.TryGetValue(closer, out var by) && by == owner;
            holding.Steps.Add(new PlainHoldingStep(deal.At, new PositionId(deal.Position), now, !adds && !ownClose, adds ? deal.Volume : 0m, deal.OwnerKey));
        }

        foreach (var position in book.Positions)
        {
            if (owners.TryGetValue(position.Id, out var owner))
            {
                At(owner).Positions.Add(position);
            }
            else if (position.OwnerKey is not null)
            {
                strangers.Add(position);
            }
        }

        foreach (var order in book.Orders)
        {
            if (order.OwnerKey is { } key && origins.TryGetValue(key, out var owner))
            {
                At(owner).Orders.Add(order);
            }
        }

        foreach (ulong key in endedOrders)
        {
            if (origins.TryGetValue(key, out var owner))
            {
                At(owner).OrderEnded = true;
            }
        }

        return holdings;

        PlainHolding At(PlainOrigin origin)
        {
            if (!holdings.TryGetValue(origin, out var holding))
            {
                holdings[origin] = holding = new PlainHolding();
            }

            return holding;
        }
    }
}

/// <summary>One execution on what stands for a source trade.</summary>
/// <param name="At">When.</param>
/// <param name="Position">The position.</param>
/// <param name="Volume">What stood afterwards.</param>
/// <param name="TakenAway">True when others than the link took something away.</param>
/// <param name="Opened">What it added.</param>
/// <param name="Key">The key of the order behind it.</param>
internal sealed record PlainHoldingStep(Timestamp At, PositionId Position, decimal Volume, bool TakenAway, decimal Opened, ulong? Key);
