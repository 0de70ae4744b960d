using Lockstep.Domain;

namespace Lockstep.CTrader.Translate;

/// <summary>The wire's numbers as decimals. Nothing that came from outside makes one of these throw.</summary>
internal static class Units
{
    /// <summary>Spots, bars and ticks: price × 100000, whatever the symbol's digits (guide §10).</summary>
    public const decimal WirePrice = 100_000m;

    /// <summary>An average opening price has more decimals than the symbol (guide §9: 1.1198733 on five digits).</summary>
    public const int AverageDigits = 8;

    private const double PriceMost = 1e12;

    private static readonly Timestamp Oldest = Timestamp.From(new DateTimeOffset(1990, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private static readonly decimal[] Powers = [1m, 10m, 100m, 1_000m, 10_000m, 100_000m, 1_000_000m, 10_000_000m, 100_000_000m, 1_000_000_000m, 10_000_000_000m];

    /// <summary>A price in force; null when there is none (absent and 0 are the same) or it cannot be one.</summary>
    public static decimal? Price(double price, int digits) =>
        double.IsFinite(price) && price is > 0 and < PriceMost && Math.Round((decimal)price, digits, MidpointRounding.AwayFromZero) is > 0 and var sound ? sound : null;

    /// <summary>A level, or none.</summary>
    public static Price? Level(bool has, double price, int digits) => has && Price(price, digits) is { } level ? new Price(level) : null;

    /// <summary>Money by the decimals of the message that carries it (guide §9).</summary>
    public static decimal Money(long amount, uint digits) => amount / Powers[(int)Math.Min(digits, (uint)Powers.Length - 1)];

    /// <summary>Milliseconds of the server; null when that cannot be a moment.</summary>
    public static Timestamp? Time(long ms, Timestamp now) =>
        ms is > 0 and < 253_402_300_799_000 && Timestamp.FromMs(ms) is var at && at >= Oldest && at <= now + TimeSpan.FromDays(2) ? at : null;

    /// <summary>Milliseconds for the server.</summary>
    public static long Ms(Timestamp at) => Math.Clamp(at.Micros / 1_000, 0, 2_147_483_646_000);

    /// <summary>10 to the power of −<paramref name="digits"/>.</summary>
    public static decimal Point(int digits) => 1m / Powers[Math.Clamp(digits, 0, Powers.Length - 1)];

    /// <summary>The smallest step of a relative level, in 1/100000 of price: 10^(5−digits), at least 1 (guide §8).</summary>
    public static long RelativeUnit(int digits) => digits >= 5 ? 1 : (long)Powers[5 - Math.Max(0, digits)];
}
