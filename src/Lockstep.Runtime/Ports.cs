using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Storage;

namespace Lockstep.Runtime;

/// <summary>What a group needs of the world.</summary>
public interface IGroupPorts
{
    /// <summary>The timers.</summary>
    ITimerQueue Timers { get; }

    /// <summary>Who wants to know.</summary>
    IGroupObserver Observer { get; }

    /// <summary>
    /// Makes an account's session, not started yet. It numbers its connections from <paramref name="firstEpoch"/> upwards, above every number that an earlier
    /// session of the account had.
    /// </summary>
    IAccountSession OpenSession(AccountId account, long firstEpoch);
}

/// <summary>The engine's timers: a moment for each.</summary>
public interface ITimerQueue
{
    /// <summary>Called when a timer's moment has come, once for each time it was set. From any thread.</summary>
    Action<TimerId>? Fired { get; set; }

    /// <summary>Sets a timer, in place of its earlier moment; null forgets it.</summary>
    void Set(TimerId timer, Timestamp? at);
}

/// <summary>Is told of what became durable, in order, on the group's own thread. Must return soon and must not throw.</summary>
public interface IGroupObserver
{
    /// <summary>An event and what was decided on it. Comes before everything else that follows from the event.</summary>
    void Decided(string group, Numbered e, IReadOnlyList<Decision> decisions)
    {
    }

    /// <summary>A row of the why-ledger.</summary>
    void Why(WhyRow row)
    {
    }

    /// <summary>Something a person should look at.</summary>
    void Alert(AlertRow row)
    {
    }

    /// <summary>Belief and report differed.</summary>
    void Divergence(string group, long seq, DivergenceFound divergence)
    {
    }

    /// <summary>A client request stands so.</summary>
    void Answered(string group, ClientAnswered answer)
    {
    }

    /// <summary>An order was handed to its session.</summary>
    void Sent(string group, long seq, OrderCommand command)
    {
    }

    /// <summary>The group takes nothing more until a person restarts it.</summary>
    void Halted(string group, string text)
    {
    }

    /// <summary>
    /// Events that were made durable, numbered. In order within a group; those of different groups may overtake one another, and only their numbers say which came first.
    /// </summary>
    void Told(IReadOnlyList<EventRow> events)
    {
    }

    /// <summary>A quote. From any thread, at the rate of the market: keep it and return.</summary>
    void Quoted(AccountId account, SymbolName symbol, Quote quote)
    {
    }

    /// <summary>An account's money. From any thread: keep it and return.</summary>
    void Funded(AccountId account, AccountFunds funds)
    {
    }

    /// <summary>Floating results. From any thread; the list may change when this has returned.</summary>
    void Floated(AccountId account, IReadOnlyList<PositionMoney> positions)
    {
    }

    /// <summary>How a session is. From any thread: keep it and return.</summary>
    void Healthy(AccountId account, SessionHealth health)
    {
    }
}

/// <summary>Tells several observers, one after another.</summary>
public sealed class Observers(params IReadOnlyList<IGroupObserver> all) : IGroupObserver
{
    /// <inheritdoc/>
    public void Decided(string group, Numbered e, IReadOnlyList<Decision> decisions)
    {
        foreach (var one in all)
        {
            one.Decided(group, e, decisions);
        }
    }

    /// <inheritdoc/>
    public void Why(WhyRow row)
    {
        foreach (var one in all)
        {
            one.Why(row);
        }
    }

    /// <inheritdoc/>
    public void Alert(AlertRow row)
    {
        foreach (var one in all)
        {
            one.Alert(row);
        }
    }

    /// <inheritdoc/>
    public void Divergence(string group, long seq, DivergenceFound divergence)
    {
        foreach (var one in all)
        {
            one.Divergence(group, seq, divergence);
        }
    }

    /// <inheritdoc/>
    public void Answered(string group, ClientAnswered answer)
    {
        foreach (var one in all)
        {
            one.Answered(group, answer);
        }
    }

    /// <inheritdoc/>
    public void Sent(string group, long seq, OrderCommand command)
    {
        foreach (var one in all)
        {
            one.Sent(group, seq, command);
        }
    }

    /// <inheritdoc/>
    public void Halted(string group, string text)
    {
        foreach (var one in all)
        {
            one.Halted(group, text);
        }
    }

    /// <inheritdoc/>
    public void Told(IReadOnlyList<EventRow> events)
    {
        foreach (var one in all)
        {
            one.Told(events);
        }
    }

    /// <inheritdoc/>
    public void Quoted(AccountId account, SymbolName symbol, Quote quote)
    {
        foreach (var one in all)
        {
            one.Quoted(account, symbol, quote);
        }
    }

    /// <inheritdoc/>
    public void Funded(AccountId account, AccountFunds funds)
    {
        foreach (var one in all)
        {
            one.Funded(account, funds);
        }
    }

    /// <inheritdoc/>
    public void Floated(AccountId account, IReadOnlyList<PositionMoney> positions)
    {
        foreach (var one in all)
        {
            one.Floated(account, positions);
        }
    }

    /// <inheritdoc/>
    public void Healthy(AccountId account, SessionHealth health)
    {
        foreach (var one in all)
        {
            one.Healthy(account, health);
        }
    }
}
