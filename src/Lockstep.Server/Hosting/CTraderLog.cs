using Lockstep.CTrader.Session;
using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Server.Hosting;

/// <summary>Lines of the cTrader rooms in the log; those that a person must act on become alerts.</summary>
/// <param name="log">The log.</param>
/// <param name="code">Code of the alerts.</param>
internal sealed class CTraderLog(ILogger log, string code) : ICTraderLog
{
    private readonly Lock _gate = new();
    private List<AlertRaised> _early = [];
    private Action<AlertRaised>? _to;

    /// <summary>Tells of the alerts that came so far, and of each that comes.</summary>
    public void Listen(Action<AlertRaised> to)
    {
        lock (_gate)
        {
            _early.ForEach(to);
            (_early, _to) = ([], to);
        }
    }

    /// <inheritdoc/>
    public void Write(CTraderLogLevel level, AccountId? account, string text)
    {
        if (level != CTraderLogLevel.Alert)
        {
            log.Log(level == CTraderLogLevel.Info ? LogLevel.Information : LogLevel.Warning, "ctrader {Account} {Text}", account?.Value ?? "connection", text);
            return;
        }

        var alert = new AlertRaised(AlertLevel.Critical, code, account, null, text);
        lock (_gate)
        {
            if (_to is { } to)
            {
                to(alert);
            }
            else
            {
                _early.Add(alert);
            }
        }
    }
}
