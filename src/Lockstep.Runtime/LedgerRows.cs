using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Storage;

namespace Lockstep.Runtime;

/// <summary>Collects from decisions the rows that people look up.</summary>
internal sealed class LedgerRows(string group)
{
    private readonly List<WhyRow> _why = [];
    private readonly List<AlertRow> _alerts = [];

    public IReadOnlyList<WhyRow> Why => _why;

    public IReadOnlyList<AlertRow> Alerts => _alerts;

    public void Add(Step step)
    {
        foreach (var decision in step.Decisions)
        {
            switch (decision)
            {
                case WhyRecorded why:
                    _why.Add(new WhyRow(group, step.Event.Seq, why.Entry));
                    break;
                case AlertRaised alert:
                    _alerts.Add(new AlertRow(group, step.Event.Seq, step.Event.At, alert));
                    break;
                case GroupHalted halted:
                    _alerts.Add(new AlertRow(group, step.Event.Seq, step.Event.At, Halted(halted)));
                    break;
            }
        }
    }

    public void Add(long seq, Timestamp at, IEnumerable<AlertRaised> own)
    {
        foreach (var alert in own)
        {
            _alerts.Add(new AlertRow(group, seq, at, alert));
        }
    }

    private AlertRaised Halted(GroupHalted halted) => new(
        AlertLevel.Critical, "group-halted", null, null,
        $"Group {group} stands still: it found that this does not hold: {halted.Invariant}. {halted.Text} Nothing more is sent for its accounts until a person restarts it; the journal replays how it came to this.");
}
