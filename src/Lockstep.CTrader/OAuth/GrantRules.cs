using Lockstep.Domain;

namespace Lockstep.CTrader.OAuth;

/// <summary>When tokens are refreshed, and how long one waits (guide §4).</summary>
public sealed record GrantRules
{
    /// <summary>How long before its end a token of many days is refreshed.</summary>
    public TimeSpan Ahead { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Tokens that live at least ten times <see cref="Ahead"/> are refreshed that long before their end; shorter ones a tenth of their life, and an hour where that is possible.</summary>
    public TimeSpan AheadLeast { get; init; } = TimeSpan.FromHours(1);

    /// <summary>After a refusal of a token that itself came of a refusal, so much must pass before another refresh: each one ends the sessions of all accounts of the grant.</summary>
    public TimeSpan RefusedEach { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Pauses between tries that had no answer; the last one is repeated.</summary>
    public IReadOnlyList<TimeSpan> Pauses { get; init; } =
        [TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(30), TimeSpan.FromHours(1)];

    /// <summary>So many tries without an answer are told as an alert.</summary>
    public int TriesBeforeAlert { get; init; } = 4;

    /// <summary>How long an end waits for a refresh under way: an answer that nobody hears is a lost grant.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long before its end a token of this life is refreshed, without jitter.</summary>
    public TimeSpan AheadOf(TimeSpan life)
    {
        if (life >= Ahead * 10)
        {
            return Ahead;
        }

        var least = AheadLeast < life / 2 ? AheadLeast : life / 2;
        return life / 10 > least ? life / 10 : least;
    }

    /// <summary>When a pair is refreshed. Jitter is up to a tenth, and only ever makes it earlier: grants given on one day do not all come due in one second.</summary>
    internal Timestamp DueOf(GrantRecord grant, double dice)
    {
        var ahead = AheadOf(grant.ExpiresAt - grant.IssuedAt);
        return grant.ExpiresAt - ahead - (ahead / 10 * dice);
    }

    internal TimeSpan PauseAfter(int tries) => Pauses[Math.Clamp(tries - 1, 0, Pauses.Count - 1)];
}

/// <summary>How a grant stands.</summary>
/// <param name="Id">The grant.</param>
/// <param name="Version">Number of its pair.</param>
/// <param name="ExpiresAt">End of the access token.</param>
/// <param name="RefreshAt">When it is refreshed next; null = not at all.</param>
/// <param name="Problem">What a person should know or do; null = nothing.</param>
/// <param name="Usable">True when there is a token to work with.</param>
public sealed record GrantStanding(GrantId Id, long Version, Timestamp ExpiresAt, Timestamp? RefreshAt, string? Problem, bool Usable);
