using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Runtime;

/// <content>What was decided is carried out here.</content>
public sealed partial class GroupCore
{
    private const int MostRemembered = 10_000;

    private readonly Dictionary<OrderKey, long> _sentAt = [];
    private readonly Lock _sentGate = new();

    private void CarryOut(Batch batch)
    {
        long durableAt = Latency.Now();
        foreach (var step in batch.Steps)
        {
            Latency.Record(LatencyStage.Durable, step.DecidedAt, durableAt);
            _ports.Observer.Decided(Group, step.Event, step.Decisions);
            foreach (var decision in step.Decisions)
            {
                CarryOut(step, decision, durableAt);
            }
        }

        foreach (var row in batch.Journal.Why)
        {
            _ports.Observer.Why(row);
        }

        foreach (var row in batch.Journal.Alerts)
        {
            _ports.Observer.Alert(row);
        }

        if (batch.Journal.Events.Count > 0)
        {
            _ports.Observer.Told(batch.Journal.Events);
        }

        if (batch.Halted is { } text)
        {
            // Nobody listens to the sessions any more: they end, so that the platforms' side shows it too.
            Stop(drop: true);
            TellHalt(text);
        }
    }

    /// <summary>What the batch's reports brought about was carried out: a platform that keeps its messages until then may let go of them.</summary>
    private void TellKept(Batch batch)
    {
        foreach (var step in batch.Steps)
        {
            if (step.Event.Event is Reported { Report: var report } && SessionOf(report.Account) is { } session)
            {
                Guard(report.Account, "kept", () => session.Kept(report));
            }
        }
    }

    private void CarryOut(Step step, Decision decision, long durableAt)
    {
        switch (decision)
        {
            case SendOrder send:
                Send(step, send.Command, durableAt);
                break;
            case AskAccount ask:
                Ask(ask);
                break;
            case WakeAt wake:
                SetTimer(wake.Timer, wake.At);
                break;
            case WatchPrice watch:
                Watches.Arm(watch);
                break;
            case Unwatch unwatch:
                Watches.Disarm(unwatch.Watch);
                break;
            case DivergenceFound divergence:
                _ports.Observer.Divergence(Group, step.Event.Seq, divergence);
                break;
            case ClientAnswered answer:
                _ports.Observer.Answered(Group, answer);
                break;
        }
    }

    private void Send(Step step, OrderCommand command, long durableAt)
    {
        if (SessionOf(command.Account) is not { } session)
        {
            // It never left: that is certain, and the engine may decide again.
            Report(new OrderAnswered
            {
                Account = command.Account, Epoch = EpochOf(command.Account), Key = command.Key,
                Outcome = OrderOutcome.Refused, Refusal = Refusal.NotSent, Code = "no session",
            });
            return;
        }

        long sentAt = Latency.Now();
        lock (_sentGate)
        {
            if (_sentAt.Count >= MostRemembered)
            {
                // Only a measurement: answers that never came must not pile up.
                _sentAt.Clear();
            }

            _sentAt[command.Key] = sentAt;
        }

        Latency.Record(LatencyStage.Sent, durableAt, sentAt);
        Latency.Record(LatencyStage.Through, step.ReceivedAt, sentAt);
        Guard(command.Account, "send", () => session.Send(command));
        _ports.Observer.Sent(Group, step.Event.Seq, command);
    }

    private void Ask(AskAccount ask)
    {
        if (SessionOf(ask.Account) is { } session)
        {
            Guard(ask.Account, "ask", () => session.Ask(ask.Ask, ask.HistoryFrom));
            return;
        }

        Report(new AskFailed { Account = ask.Account, Epoch = EpochOf(ask.Account), Ask = ask.Ask, Reason = "there is no session" });
    }

    private void SetTimer(TimerId timer, Timestamp? at)
    {
        if (at is { } moment)
        {
            _timers[timer] = moment;
        }
        else
        {
            _timers.Remove(timer);
        }

        _ports.Timers.Set(timer, at);
    }

    private void RecordAnswer(OrderKey key)
    {
        long sentAt;
        lock (_sentGate)
        {
            if (!_sentAt.Remove(key, out sentAt))
            {
                return;
            }
        }

        Latency.Record(LatencyStage.Answered, sentAt, Latency.Now());
    }

    /// <summary>A session that throws breaks its promise; what it was told counts as unknown, and nobody else is stopped by it.</summary>
    private void Guard(AccountId account, string what, Action call)
    {
        try
        {
            call();
        }
#pragma warning disable CA1031 // See above.
        catch (Exception error)
#pragma warning restore CA1031
        {
            RaiseOwn(AlertLevel.Critical, "session-threw", account, $"The session of account {account} failed in \"{what}\": {error.Message} Whether anything reached the platform is not known; the platform will be asked.");
        }
    }
}
