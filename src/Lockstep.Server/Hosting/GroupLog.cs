using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Runtime;
using Lockstep.Storage;

namespace Lockstep.Server.Hosting;

/// <summary>Tells the log what became durable: alerts by their urgency, every order that left, every answer to a client, each row of the why-ledger for who wants to see them.</summary>
internal sealed class GroupLog(ILogger log) : IGroupObserver
{
    /// <inheritdoc/>
    public void Why(WhyRow row) => log.LogDebug(
        "why {Group} {Event} {Link} {Kind} {Outcome} {Reason} {Detail}", row.Group, row.Entry.EventSeq, row.Entry.Link.Value, row.Entry.Kind, row.Entry.Outcome, row.Entry.Reason, row.Entry.Detail);

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
    public void Answered(string group, ClientAnswered answer) =>
        log.LogInformation("answered {Account} {ClientId} {State} {Refusal} {Code}", answer.Account.Value, answer.ClientId, answer.Answer.State, answer.Answer.Refusal, answer.Answer.Code);

    /// <inheritdoc/>
    public void Sent(string group, long seq, OrderCommand command) =>
        log.LogInformation("sent {Group} {Event} {Account} {Key} {Order}", group, seq, command.Account.Value, command.Key.ToString(), OrderText.Of(command));

    /// <inheritdoc/>
    public void Halted(string group, string text) => log.LogCritical("halted {Group} {Text}", group, text);
}
