using Lockstep.Domain;

namespace Lockstep.Engine;

/// <summary>What a report may not say. A message with one bad object is refused whole: half of a truth is none.</summary>
public static class BookCheck
{
    private static readonly Timestamp Oldest = Timestamp.From(new DateTimeOffset(1990, 1, 1, 0, 0, 0, TimeSpan.Zero));

    /// <summary>What is wrong, with the value, or null.</summary>
    public static string? Problem(
        IReadOnlyList<PositionReport> positions, IReadOnlyList<PendingReport> orders, IReadOnlyList<DealReport> deals, Timestamp now)
    {
        for (int i = 0; i < positions.Count; i++)
        {
            var p = positions[i];
            string? problem =
                p.Volume.Value <= 0 ? $"volume {p.Volume} must be above 0"
                : p.OpenPrice.Value <= 0 ? $"opening price {p.OpenPrice} must be above 0"
                : p.Side is not (Side.Buy or Side.Sell) ? $"side {(int)p.Side} is neither buy nor sell"
                : p.StopLoss is { Value: <= 0 } || p.TakeProfit is { Value: <= 0 } ? "a protection level must be above 0"
                : Absurd(p.OpenedAt, now) ? $"opening time {p.OpenedAt} cannot be"
                : null;
            if (problem is not null)
            {
                return $"position {p.Id}: {problem}";
            }
        }

        for (int i = 0; i < orders.Count; i++)
        {
            var o = orders[i];
            string? problem =
                o.Volume.Value <= 0 ? $"volume {o.Volume} must be above 0"
                : o.Price.Value <= 0 ? $"price {o.Price} must be above 0"
                : o.Side is not (Side.Buy or Side.Sell) ? $"side {(int)o.Side} is neither buy nor sell"
                : Absurd(o.PlacedAt, now) ? $"placing time {o.PlacedAt} cannot be"
                : null;
            if (problem is not null)
            {
                return $"order {o.Id}: {problem}";
            }
        }

        for (int i = 0; i < deals.Count; i++)
        {
            if (deals[i].Volume.Value <= 0)
            {
                return $"deal {deals[i].Id}: volume {deals[i].Volume} must be above 0";
            }
        }

        return null;
    }

    private static bool Absurd(Timestamp t, Timestamp now) => t < Oldest || t > now + TimeSpan.FromDays(2);
}
