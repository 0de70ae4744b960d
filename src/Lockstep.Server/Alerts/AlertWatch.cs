using System.Globalization;
using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Server.Configuration;

namespace Lockstep.Server.Alerts;

/// <summary>A value under a rule.</summary>
/// <param name="Subject">What it is the value of: an account, a group, a reader; empty = the server.</param>
/// <param name="Account">The account, where it is one.</param>
/// <param name="Value">The value, in the rule's unit.</param>
/// <param name="Advice">What a person can do when it is bad.</param>
internal readonly record struct Reading(string Subject, AccountId? Account, double Value, string Advice);

/// <summary>Looks at all values each second and says what is to be told.</summary>
/// <param name="config">The section in force.</param>
/// <param name="read">Reads the values under a rule.</param>
/// <param name="time">The clock.</param>
internal sealed class AlertWatch(Func<AlertsConfig> config, Func<RuleKind, IEnumerable<Reading>> read, TimeProvider time)
{
    private readonly Dictionary<(string Rule, string Subject), (Hysteresis State, AccountId? Account)> _states = [];
    private readonly long _began = time.GetTimestamp();

    /// <summary>One look: what is to be told now, in the order of the rules.</summary>
    public IReadOnlyList<AlertRaised> Look()
    {
        var alerts = new List<AlertRaised>();
        var now = time.GetElapsedTime(_began);
        var section = config();
        var seen = new HashSet<(string, string)>();
        foreach (var kind in RuleKind.All)
        {
            var rule = section.Rules[kind.Name];
            foreach (var reading in rule.On ? read(kind) : [])
            {
                var place = (kind.Name, reading.Subject);
                if (!_states.TryGetValue(place, out var entry))
                {
                    entry = (new Hysteresis(kind.Low), reading.Account);
                    _states.Add(place, entry);
                }

                seen.Add(place);
                if (entry.State.Look(rule, section.Repeat, reading.Value, now) is var turn and not AlertTurn.None)
                {
                    alerts.Add(turn == AlertTurn.Cleared ? Over(kind, rule, reading) : Alert(kind, rule, reading, turn));
                }
            }
        }

        foreach (var place in _states.Keys.Where(p => !seen.Contains(p)).ToList())
        {
            // An account that was removed, a key that was taken back, a rule that was turned off: nothing is wrong with what is not there.
            _states.Remove(place, out var gone);
            if (gone.State.Raised)
            {
                alerts.Add(new AlertRaised(AlertLevel.Info, RuleKind.Of(place.Rule).Code + "-over", gone.Account, null, $"{Subject(place.Subject)}is not watched any more."));
            }
        }

        return alerts;
    }

    private static AlertRaised Alert(RuleKind kind, RuleSettings rule, Reading reading, AlertTurn turn) => new(
        rule.Level, kind.Code, reading.Account, null,
        $"{Subject(reading.Subject)}{kind.Says}: {Value(reading.Value, kind)}, {(turn == AlertTurn.Repeated ? "still " : "")}{(kind.Low ? "at or below" : "at or above")} {Value(rule.Raise, kind)}{(rule.For > TimeSpan.Zero ? $" for {DurationShape.Show(rule.For)}" : "")}. {reading.Advice}");

    private static AlertRaised Over(RuleKind kind, RuleSettings rule, Reading reading) => new(
        AlertLevel.Info, kind.Code + "-over", reading.Account, null, $"{Subject(reading.Subject)}{kind.Says}: {Value(reading.Value, kind)}. It is in order again ({(kind.Low ? "at least" : "at most")} {Value(rule.Clear, kind)}).");

    private static string Subject(string subject) => subject.Length == 0 ? "" : subject + ": ";

    private static string Value(double value, RuleKind kind) => value.ToString("0.##", CultureInfo.InvariantCulture) + (kind.Unit.Length == 0 ? "" : " " + kind.Unit);
}
