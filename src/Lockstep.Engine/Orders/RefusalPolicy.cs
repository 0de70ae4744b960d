using Lockstep.Domain;

namespace Lockstep.Engine;

/// <summary>What to do about a refusal.</summary>
public enum RefusalAction
{
    /// <summary>Try again after a while.</summary>
    RetryLater = 1,

    /// <summary>Open without levels and set them afterwards.</summary>
    OpenBare = 2,

    /// <summary>What it was about is gone: ask the account what is true.</summary>
    AskAccount = 3,

    /// <summary>It will not get better.</summary>
    GiveUp = 4,
}

/// <summary>One page: every refusal, and what openings and reductions do about it.</summary>
public static class RefusalPolicy
{
    /// <summary>For an order that opens exposure or places a pending order: limited by attempts and age, which the caller counts.</summary>
    public static (RefusalAction Action, TimeSpan After) Opening(Refusal refusal) => refusal switch
    {
        Refusal.PriceMoved => (RefusalAction.RetryLater, TimeSpan.FromMilliseconds(200)),
        Refusal.PriceGuard => (RefusalAction.RetryLater, TimeSpan.FromMilliseconds(500)),
        Refusal.NoQuotes or Refusal.Busy or Refusal.Rejected or Refusal.NotSent => (RefusalAction.RetryLater, TimeSpan.FromSeconds(1)),
        Refusal.TooManyRequests => (RefusalAction.RetryLater, TimeSpan.FromSeconds(5)),
        Refusal.MarketClosed => (RefusalAction.RetryLater, TimeSpan.FromSeconds(15)),
        Refusal.InvalidStops => (RefusalAction.OpenBare, TimeSpan.FromMilliseconds(100)),
        _ => (RefusalAction.GiveUp, TimeSpan.Zero),
    };

    /// <summary>For an order that lowers exposure, cancels, or changes levels: tried until done, with a growing pause.</summary>
    public static (RefusalAction Action, TimeSpan After) Reducing(Refusal refusal, int inARow) => refusal switch
    {
        Refusal.NotFound or Refusal.FifoOrder => (RefusalAction.AskAccount, Backoff(inARow)),
        _ => (RefusalAction.RetryLater, Backoff(inARow)),
    };

    /// <summary>0.5 s, 1 s, 2 s, … at most 30 s.</summary>
    public static TimeSpan Backoff(int inARow) => TimeSpan.FromMilliseconds(Math.Min(30_000, 500L << Math.Min(Math.Max(inARow - 1, 0), 6)));
}
