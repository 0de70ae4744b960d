using Lockstep.Domain;
using Lockstep.Runtime;
using Lockstep.Server.Configuration;
using Lockstep.Simulator;

namespace Lockstep.Server.Hosting;

/// <summary>What a group gets of the world: timers on the system's clock, who listens, and sessions on simulated brokers, terminals or the Open API.</summary>
internal sealed class GroupPorts(Func<LockstepConfig> config, PaperWorld world, Terminals terminals, CTraderAccounts? ctrader, IGroupObserver observer, TimeProvider time) : IGroupPorts, IDisposable
{
    private readonly SystemTimers _timers = new(time);

    /// <inheritdoc/>
    public ITimerQueue Timers => _timers;

    /// <inheritdoc/>
    public IGroupObserver Observer => observer;

    /// <inheritdoc/>
    public IAccountSession OpenSession(AccountId account, long firstEpoch)
    {
        var present = config();
        if (present.Account(account) is { Terminal: not null } served)
        {
            return terminals.Open(served, firstEpoch);
        }

        if (present.Account(account) is { CTrader: not null } open)
        {
            return ctrader!.Open(open, firstEpoch);
        }

        if (present.Account(account) is null or { Enabled: false })
        {
            return new DisabledSession(account, firstEpoch);
        }

        return new SimSession(account, world.Brokers[account], world.Clock, new SimRandom((ulong)firstEpoch).Fork(account.Value), firstEpoch);
    }

    /// <inheritdoc/>
    public void Dispose() => _timers.Dispose();

    /// <summary>An account that is disabled has a session that never comes up; what is sent to it all the same has certainly not left.</summary>
    private sealed class DisabledSession(AccountId account, long epoch) : IAccountSession
    {
        private ISessionSink? _sink;

        public AccountId Account => account;

        public void Start(ISessionSink sink) => _sink = sink;

        public void Send(OrderCommand command) => _sink?.Report(new OrderAnswered
        {
            Account = account, Epoch = epoch, Key = command.Key, Outcome = OrderOutcome.Refused, Refusal = Refusal.NotSent, Code = "the account is disabled",
        });

        public void Ask(AskId ask, Timestamp historyFrom) => _sink?.Report(new AskFailed { Account = account, Epoch = epoch, Ask = ask, Reason = "the account is disabled" });

        public void Stop() => _sink = null;
    }
}
