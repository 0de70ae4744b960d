namespace Lockstep.Server.Alerts;

/// <summary>What a look at a value brought.</summary>
internal enum AlertTurn
{
    /// <summary>Nothing to tell.</summary>
    None,

    /// <summary>It is raised.</summary>
    Raised,

    /// <summary>It still stands, and is told again.</summary>
    Repeated,

    /// <summary>It is taken back.</summary>
    Cleared,
}

/// <summary>
/// One value under one rule: raised when the value was bad for long enough, taken back when it was good for long enough. Between the two thresholds it stays as it is, so that a value that swings about one of
/// them tells nothing twice.
/// </summary>
/// <param name="low">A low value is the bad one.</param>
internal sealed class Hysteresis(bool low)
{
    private TimeSpan? _badSince;
    private TimeSpan? _goodSince;
    private TimeSpan _toldAt;

    /// <summary>It stands.</summary>
    public bool Raised { get; private set; }

    /// <summary>Looks at the value at a moment of a clock that never goes back.</summary>
    public AlertTurn Look(RuleSettings rule, TimeSpan repeat, double value, TimeSpan now)
    {
        bool bad = low ? value <= rule.Raise : value >= rule.Raise;
        bool good = low ? value >= rule.Clear : value <= rule.Clear;
        _badSince = bad ? _badSince ?? now : null;
        _goodSince = good ? _goodSince ?? now : null;
        if (!Raised)
        {
            if (!bad || now - _badSince < rule.For)
            {
                return AlertTurn.None;
            }

            (Raised, _toldAt) = (true, now);
            return AlertTurn.Raised;
        }

        if (good && now - _goodSince >= rule.ClearFor)
        {
            Raised = false;
            return AlertTurn.Cleared;
        }

        if (now - _toldAt < repeat)
        {
            return AlertTurn.None;
        }

        _toldAt = now;
        return AlertTurn.Repeated;
    }
}
