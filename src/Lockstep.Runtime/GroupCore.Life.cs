using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Storage;

namespace Lockstep.Runtime;

/// <content>Starting, sessions, halting, stopping.</content>
public sealed partial class GroupCore
{
    private const int MostDiverged = 10;

    private readonly SortedDictionary<AccountId, IAccountSession> _sessions = [];
    private readonly Dictionary<AccountId, long> _epochs = [];
    private readonly Lock _sessionGate = new();
    private bool _broken;
    private bool _stopped;
    private bool _haltTold;

    /// <summary>
    /// Sets the group going: tells the engine that it was restarted and, if they differ from what it knows, its settings; arms timers and watches as the journal left
    /// them; starts the sessions.
    /// </summary>
    public void Start(Recovered recovered, GroupSettings settings)
    {
        foreach (string warning in recovered.Warnings)
        {
            RaiseOwn(AlertLevel.Warning, "journal-mended", null, warning);
        }

        foreach (var diverged in recovered.Diverged.Take(MostDiverged))
        {
            RaiseOwn(AlertLevel.Critical, "replay-diverged", null, diverged.ToString());
        }

        if (recovered.Diverged.Count > MostDiverged)
        {
            RaiseOwn(AlertLevel.Critical, "replay-diverged", null, $"Group {Group}: {recovered.Diverged.Count - MostDiverged} more events replay differently, up to event {recovered.Diverged[^1].Seq}.");
        }

        if (Engine.Halted)
        {
            HaltReason = "the group was halted before the restart, and nobody has cleared it";
            RaiseOwn(AlertLevel.Critical, "group-halted", null, $"Group {Group} still stands still: {HaltReason}. Look at its alerts, then start the server once with --clear-halt.");
            _inbox.Close(drop: true);
            Arrived?.Invoke();
            return;
        }

        if (!recovered.Fresh)
        {
            Post(new Restarted());
        }

        if (recovered.Fresh || !JournalCodec.EncodeSettings(settings).AsSpan().SequenceEqual(JournalCodec.EncodeSettings(Engine.Settings)))
        {
            Post(new Configured(settings));
        }

        foreach (var (timer, at) in Engine.Timers)
        {
            SetTimer(timer, at);
        }

        foreach (var watch in Engine.Watches)
        {
            Watches.Arm(watch);
        }

        foreach (var account in settings.Accounts)
        {
            OpenSession(account);
        }
    }

    /// <summary>New settings while running: accounts that are new get a session, those that are gone lose theirs.</summary>
    public bool Reconfigure(GroupSettings settings)
    {
        if (!Post(new Configured(settings)))
        {
            return false;
        }

        List<AccountId> gone;
        lock (_sessionGate)
        {
            gone = [.. _sessions.Keys.Except(settings.Accounts)];
        }

        foreach (var account in gone)
        {
            CloseSession(account);
        }

        foreach (var account in settings.Accounts)
        {
            if (SessionOf(account) is null)
            {
                OpenSession(account);
            }
        }

        return true;
    }

    /// <summary>Ends an account's session and makes it anew, as what it is made from has changed. On the group's own thread only.</summary>
    public void RenewSession(AccountId account, string reason)
    {
        if (SessionOf(account) is not null)
        {
            CloseSession(account);
            Report(new SessionClosed { Account = account, Epoch = EpochOf(account), Reason = reason });
            OpenSession(account);
        }
    }

    /// <summary>The greatest number that a session of an account had here; 0 = none had one.</summary>
    public long HighestEpoch(AccountId account) => EpochOf(account);

    /// <summary>An account comes from another group: its sessions are numbered above what they were there.</summary>
    public void RaiseEpoch(AccountId account, long epoch)
    {
        lock (_sessionGate)
        {
            _epochs[account] = Math.Max(_epochs.GetValueOrDefault(account), epoch);
        }
    }

    /// <summary>The live session of an account, or null.</summary>
    public IAccountSession? SessionOf(AccountId account)
    {
        lock (_sessionGate)
        {
            return _sessions.GetValueOrDefault(account);
        }
    }

    /// <summary>Ends the sessions and takes nothing more in. What already waits can still be taken, unless it is to be dropped.</summary>
    public void Stop(bool drop = false)
    {
        _stopped = true;
        _inbox.Close(drop);
        List<AccountId> accounts;
        lock (_sessionGate)
        {
            accounts = [.. _sessions.Keys];
        }

        foreach (var account in accounts)
        {
            CloseSession(account);
        }
    }

    /// <summary>
    /// Ends the group at once because the journal failed (or what drives the group): what was decided and is not durable is never carried out. The observers are told
    /// directly, as nothing can be written any more.
    /// </summary>
    public void JournalFailed(string text, string code = "journal-failed")
    {
        HaltReason = text;
        _broken = true;
        _ownAlerts.Clear();
        Stop(drop: true);
        _ports.Observer.Alert(new AlertRow(Group, _lastSeq, _stamp, new AlertRaised(AlertLevel.Critical, code, null, null, $"Group {Group} stands still. {text}")));
        TellHalt(text);
    }

    private void OpenSession(AccountId account)
    {
        if (_stopped)
        {
            return;
        }

        IAccountSession session;
        try
        {
            session = _ports.OpenSession(account, NextEpoch(account));
        }
#pragma warning disable CA1031 // One account that cannot be reached must not keep the others from working.
        catch (Exception error)
#pragma warning restore CA1031
        {
            RaiseOwn(AlertLevel.Critical, "session-failed", account, $"The session of account {account} could not be made: {error.Message}");
            return;
        }

        lock (_sessionGate)
        {
            _sessions[account] = session;
        }

        Guard(account, "start", () => session.Start(this));
    }

    private void CloseSession(AccountId account)
    {
        IAccountSession? session;
        lock (_sessionGate)
        {
            _sessions.Remove(account, out session);
        }

        if (session is not null)
        {
            Guard(account, "stop", session.Stop);
        }
    }

    private void RenewOverflowedSessions()
    {
        foreach (var account in _inbox.Recover())
        {
            RaiseOwn(AlertLevel.Warning, "inbox-overflow", account, $"Account {account} reported more than could be taken in. Its session is made anew, and its snapshot will tell what was missed.");
            CloseSession(account);
            OpenSession(account);
        }
    }

    /// <summary>What a session reports, taken in or not, shows how far it has numbered its connections: the next session goes on above that.</summary>
    private void NoteEpoch(PlatformEvent report)
    {
        lock (_sessionGate)
        {
            if (report.Epoch > _epochs.GetValueOrDefault(report.Account))
            {
                _epochs[report.Account] = report.Epoch;
            }
        }
    }

    private long EpochOf(AccountId account)
    {
        lock (_sessionGate)
        {
            return _epochs.GetValueOrDefault(account);
        }
    }

    private long NextEpoch(AccountId account)
    {
        lock (_sessionGate)
        {
            return _epochs[account] = _epochs.GetValueOrDefault(account) + 1;
        }
    }

    /// <summary>The engine itself found that something does not hold.</summary>
    private void NoteHalt(Step step)
    {
        foreach (var decision in step.Decisions)
        {
            if (decision is GroupHalted halted)
            {
                Halt($"{halted.Invariant}: {halted.Text}");
            }
        }
    }

    /// <summary>The engine threw: its state cannot be trusted any more. The event is not journalled, or the next start would break on it again; the alert holds it.</summary>
    private void Break(Exception error, EngineEvent e)
    {
        _broken = true;
        string text = $"the engine failed on the event after {_lastSeq} with {error.GetType().Name}: {error.Message}";
        RaiseOwn(AlertLevel.Critical, "engine-failed", null, $"Group {Group} stands still: {text} Nothing more is sent for its accounts until a person restarts it; a restart continues with the event before. The event was {Words(e)}. {error.StackTrace}");
        Halt(text);
    }

    /// <summary>As the journal would hold it. What breaks the engine may be too strange to be written down.</summary>
    private static string Words(EngineEvent e)
    {
        try
        {
            return System.Text.Encoding.UTF8.GetString(JournalCodec.EncodeEvent(e));
        }
#pragma warning disable CA1031 // An alert without the event is better than none.
        catch (Exception error)
#pragma warning restore CA1031
        {
            return $"a {e.GetType().Name} that cannot be written ({error.Message})";
        }
    }

    private void Halt(string reason)
    {
        HaltReason = reason;
        _inbox.Close(drop: true);
    }

    private void TellHalt(string text)
    {
        if (!_haltTold)
        {
            _haltTold = true;
            _ports.Observer.Halted(Group, text);
        }
    }

    private void RaiseOwn(AlertLevel level, string code, AccountId? account, string text)
    {
        _ownAlerts.Add(new AlertRaised(level, code, account, null, text));
        Arrived?.Invoke();
    }
}
