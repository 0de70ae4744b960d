using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <content>Margin calls: three thresholds of the margin level in percent (guide §9).</content>
internal sealed partial class SimDesk
{
    private static readonly TimeSpan CallEach = TimeSpan.FromMinutes(10);
    private readonly SortedDictionary<ProtoOANotificationType, (double Threshold, Timestamp UpdatedAt)> _calls = new()
    {
        [ProtoOANotificationType.MarginLevelThreshold1] = (100d, Timestamp.Epoch),
        [ProtoOANotificationType.MarginLevelThreshold2] = (75d, Timestamp.Epoch),
        [ProtoOANotificationType.MarginLevelThreshold3] = (60d, Timestamp.Epoch),
    };

    private readonly SortedDictionary<ProtoOANotificationType, Timestamp> _called = [];
    private Timestamp _marginLookedAt;

    private ProtoOAMarginCallListRes MarginCalls()
    {
        var answer = new ProtoOAMarginCallListRes();
        answer.MarginCall.AddRange(_calls.Keys.Select(Call));
        return answer;
    }

    private ProtoOAMarginCallUpdateRes UpdateMarginCall(ProtoOAMarginCallUpdateReq request)
    {
        if (!_calls.ContainsKey(request.MarginCall.MarginCallType) || !double.IsFinite(request.MarginCall.MarginLevelThreshold) || request.MarginCall.MarginLevelThreshold <= 0d)
        {
            throw new SimRefusal("Unknown margin call, or a threshold that is none");
        }

        _calls[request.MarginCall.MarginCallType] = (request.MarginCall.MarginLevelThreshold, Server.Clock.Now);
        Push(new ProtoOAMarginCallUpdateEvent { CtidTraderAccountId = Ctid, MarginCall = Call(request.MarginCall.MarginCallType) });
        return new ProtoOAMarginCallUpdateRes();
    }

    private ProtoOAMarginCall Call(ProtoOANotificationType type)
    {
        var (threshold, updatedAt) = _calls[type];
        return new ProtoOAMarginCall { MarginCallType = type, MarginLevelThreshold = threshold, UtcLastUpdateTimestamp = Ms(updatedAt) };
    }

    /// <summary>Looked at once a second at most; each threshold is told every ten minutes at most.</summary>
    private void WatchMargin()
    {
        var now = Server.Clock.Now;
        if (_lines.Count == 0 || now - _marginLookedAt < TimeSpan.FromSeconds(1) || !Broker.Positions.Any())
        {
            return;
        }

        _marginLookedAt = now;
        var funds = Broker.Funds();
        if (funds.Margin.Value <= 0m)
        {
            return;
        }

        double level = (double)(funds.Equity.Value * 100m / funds.Margin.Value);
        foreach (var (type, call) in _calls)
        {
            if (level < call.Threshold && (!_called.TryGetValue(type, out var last) || now - last >= CallEach))
            {
                _called[type] = now;
                Push(new ProtoOAMarginCallTriggerEvent { CtidTraderAccountId = Ctid, MarginCall = Call(type) });
            }
        }
    }
}
