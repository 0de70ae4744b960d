using System.Collections.Concurrent;
using Lockstep.CTrader.Session;
using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Server.Rest;

namespace Lockstep.Server.Hosting;

/// <summary>Lines of the cTrader rooms in the log; those that a person must act on among the alerts too, the latest of this run.</summary>
internal sealed class CTraderLog(ILogger log, TimeProvider time) : ICTraderLog
{
    private const int Most = 500;
    private readonly ConcurrentQueue<AlertSeen> _alerts = new();

    /// <summary>The alerts, oldest first.</summary>
    public IReadOnlyList<AlertSeen> Alerts => [.. _alerts];

    /// <inheritdoc/>
    public void Write(CTraderLogLevel level, AccountId? account, string text)
    {
        log.Log(level switch { CTraderLogLevel.Info => LogLevel.Information, CTraderLogLevel.Warning => LogLevel.Warning, _ => LogLevel.Critical }, "ctrader {Account} {Text}", account?.Value ?? "connection", text);
        if (level != CTraderLogLevel.Alert)
        {
            return;
        }

        _alerts.Enqueue(new AlertSeen(Timestamp.From(time.GetUtcNow()), new AlertRaised(AlertLevel.Critical, "ctrader", account, null, text)));
        while (_alerts.Count > Most && _alerts.TryDequeue(out _))
        {
            // The log has all of them.
        }
    }
}
