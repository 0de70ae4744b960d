using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Runtime;
using Lockstep.Storage;

namespace Lockstep.Server.Hosting;

/// <summary>
/// Tells the log what became durable in one group: alerts by their urgency, every request, every order that left and what the platform answered, every answer to a client, each row of the why-ledger for who
/// wants to see them. Lines of one trade have one id (<see cref="Traces"/>).
/// </summary>
internal sealed class GroupLog(ILogger log, Traces traces) : IGroupObserver
{
    private string _id = "";

    /// <inheritdoc/>
    public void Decided(string group, Numbered e, IReadOnlyList<Decision> decisions)
    {
        _id = traces.Of(group, e);
        switch (e.Event)
        {
            case ClientRequested { Request: { } request }:
                log.LogInformation("requested {CorrelationId} {Group} {Event} {Account} {ClientId}", _id, group, e.Seq, request.Account.Value, request.ClientId);
                break;
            case Reported { Report: OrderAnswered answer }:
                log.LogInformation("replied {CorrelationId} {Group} {Event} {Account} {Key} {Outcome} {Refusal} {Code}", _id, group, e.Seq, answer.Account.Value, answer.Key.ToString(), answer.Outcome, answer.Refusal, answer.Code);
                break;
        }
    }

    /// <inheritdoc/>
    public void Why(WhyRow row) => log.LogDebug(
        "why {CorrelationId} {Group} {Event} {Link} {Kind} {Outcome} {Reason} {Detail}", traces.OfPosition(row.Entry.Source, row.Entry.Position), row.Group, row.Entry.EventSeq, row.Entry.Link.Value, row.Entry.Kind,
        row.Entry.Outcome, row.Entry.Reason, row.Entry.Detail);

    /// <inheritdoc/>
    public void Alert(AlertRow row)
    {
        var level = row.Alert.Level switch { AlertLevel.Critical => LogLevel.Critical, AlertLevel.Warning => LogLevel.Warning, _ => LogLevel.Information };
        log.Log(level, "alert {Code} {Account} {Link} {Text}", row.Alert.Code, row.Alert.Account?.Value, row.Alert.Link?.Value, row.Alert.Text);
    }

    /// <inheritdoc/>
    public void Divergence(string group, long seq, DivergenceFound divergence) =>
        log.LogWarning("divergence {Group} {Event} {Account} {What} {Believed} {Reported}", group, seq, divergence.Account.Value, divergence.What, divergence.Believed, divergence.Reported);

    /// <inheritdoc/>
    public void Answered(string group, ClientAnswered answer) => log.LogInformation(
        "answered {CorrelationId} {Account} {ClientId} {State} {Refusal} {Code}", traces.OfRequest(answer.Account, answer.ClientId), answer.Account.Value, answer.ClientId, answer.Answer.State, answer.Answer.Refusal, answer.Answer.Code);

    /// <inheritdoc/>
    public void Sent(string group, long seq, OrderCommand command)
    {
        traces.Sent(command.Key, _id);
        log.LogInformation("sent {CorrelationId} {Group} {Event} {Account} {Key} {Order}", _id, group, seq, command.Account.Value, command.Key.ToString(), OrderText.Of(command));
    }

    /// <inheritdoc/>
    public void Halted(string group, string text) => log.LogCritical("halted {Group} {Text}", group, text);
}
