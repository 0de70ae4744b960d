using System.Collections.Concurrent;
using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.MetaTrader.Session;
using Lockstep.Server.Rest;

namespace Lockstep.Server.Security;

/// <summary>What a person must see to about the keys of terminals: told once each, in the log, among the alerts and on the terminal's screen.</summary>
internal sealed class EaKeyAlerts(TimeProvider time, ILogger log)
{
    private const int Most = 500;
    private readonly ConcurrentDictionary<(string Terminal, string About), bool> _told = [];
    private readonly ConcurrentQueue<AlertSeen> _alerts = new();

    /// <summary>Oldest first; the latest of this run.</summary>
    public IReadOnlyList<AlertSeen> All => [.. _alerts];

    /// <summary>Who is told of each besides; from any thread.</summary>
    public Action<AlertRaised>? Told { get; set; }

    /// <summary>Tells it, unless the same was told of this terminal before.</summary>
    public void Raise(AccountId account, string terminal, string about, AlertLevel level, string text, TerminalSession? session = null)
    {
        if (!_told.TryAdd((terminal, about), true))
        {
            return;
        }

        log.Log(level == AlertLevel.Critical ? LogLevel.Critical : LogLevel.Warning, "ea key alert {Account} {Text}", account.Value, text);
        var alert = new AlertRaised(level, "ea-key", account, null, text);
        _alerts.Enqueue(new AlertSeen(Timestamp.From(time.GetUtcNow()), alert));
        Told?.Invoke(alert);
        while (_alerts.Count > Most && _alerts.TryDequeue(out _))
        {
            // The log has all of them.
        }

        session?.Alert(text, push: level == AlertLevel.Critical);
    }
}
