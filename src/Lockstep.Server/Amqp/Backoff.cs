namespace Lockstep.Server.Amqp;

/// <summary>Pauses between attempts to connect.</summary>
internal static class Backoff
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(30);

    /// <summary>Doubles from half a second to thirty, and is shortened by chance by up to a half, so that many servers do not come at once.</summary>
    /// <param name="attempt">Attempts in vain so far.</param>
    /// <param name="chance">From 0 to 1.</param>
    public static TimeSpan Delay(int attempt, double chance)
    {
        var full = attempt >= 6 ? Most : First * Math.Pow(2, Math.Max(0, attempt));
        return full * (1 - (chance / 2));
    }
}
