using Lockstep.Domain;
using Lockstep.MetaTrader.Translate;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.MetaTrader.Session;

/// <content>Commands: at once on MT5, one after another on MT4.</content>
public sealed partial class TerminalSession
{
    private const int InFlightMost = 10_000;
    private const long InFlightForgotten = 120_000;

    private Dictionary<OrderKey, (long SentAt, WireDo Do)>? _inFlight;
    private List<OrderCommand>? _waiting;
    private OrderKey? _busy;
    private long _busySince;

    /// <inheritdoc/>
    public void Send(OrderCommand command)
    {
        ArgumentNullException.ThrowIfNull(command);
        lock (_gate)
        {
            if (NotSendable(command) is { } why)
            {
                NotSent(command.Key, why);
            }
            else if (Settings.Platform == PlatformKind.Mt4)
            {
                Queue(command);
                Pump();
            }
            else
            {
                Transmit(command);
            }
        }

        Drain();
    }

    private string? NotSendable(OrderCommand command) =>
        _stopped || !_open || _active is not { IsGone: false } link ? "no session"
        : link.Hello!.Role == "monitor" ? "the terminal only monitors"
        : _hub.Now > command.Deadline ? "deadline passed"
        : null;

    /// <summary>Less risk first, then new trades, then levels; in their order otherwise. A command of the same key that waits is the same command.</summary>
    private void Queue(OrderCommand command)
    {
        _waiting ??= [];
        int rank = Commands.Rank(command);
        int at = _waiting.Count;
        for (int i = 0; i < _waiting.Count; i++)
        {
            if (_waiting[i].Key == command.Key)
            {
                return;
            }

            if (at == _waiting.Count && Commands.Rank(_waiting[i]) > rank)
            {
                at = i;
            }
        }

        _waiting.Insert(at, command);
    }

    /// <summary>MT4 has one trade context: the next command goes when the last one was answered.</summary>
    private void Pump()
    {
        while (_busy is null && _waiting is { Count: > 0 })
        {
            var next = _waiting[0];
            _waiting.RemoveAt(0);
            if (NotSendable(next) is { } why)
            {
                NotSent(next.Key, why);
            }
            else if (Transmit(next))
            {
                _busy = next.Key;
                _busySince = _hub.Mono;
            }
        }
    }

    private bool Transmit(OrderCommand command)
    {
        if (Commands.Of(command, _epoch, _hub.LinkNow, command.Deadline - _hub.Now, _clock) is not { } message)
        {
            Report(new OrderAnswered
            {
                Account = Account, Epoch = _openedEpoch, Key = command.Key, Outcome = OrderOutcome.Refused, Refusal = Refusal.InvalidRequest, Code = command.GetType().Name,
            });
            return false;
        }

        Counters.Add(TerminalCount.Commands);
        _inFlight ??= [];
        if (_inFlight.Count < InFlightMost)
        {
            _inFlight[command.Key] = (_hub.Mono, message.Do);
        }

        Put(EffectKind.SendCommand, _active, message, (long)command.Key.Value);
        return true;
    }

    /// <summary>The moment of writing. What the transport did not take never left.</summary>
    private void RunCommand(TerminalLink link, CommandMessage message, OrderKey key)
    {
        bool handed = false;
        bool sent;
        try
        {
            sent = !link.IsGone && link.Write(message, ref handed);
        }
        catch when (!handed)
        {
            // A message that cannot be written at all. What a transport throws goes on: it may have sent the message, and nobody can say.
            NeverLeft(link, message, key, "it could not be written", next: true);
            throw;
        }

        if (!sent)
        {
            NeverLeft(link, message, key, "the link was closed", next: false);
            if (!link.IsGone)
            {
                Lost(link);
            }
        }
    }

    private void NeverLeft(TerminalLink link, CommandMessage message, OrderKey key, string why, bool next)
    {
        lock (_gate)
        {
            if (!_open || link != _active || message.Epoch != _epoch)
            {
                return;
            }

            _inFlight?.Remove(key);
            NotSent(key, why);
            if (next && _busy == key)
            {
                _busy = null;
                Pump();
            }
        }
    }

    private void NotSent(OrderKey key, string why)
    {
        Counters.Add(TerminalCount.CommandsNotSent);
        Report(new OrderAnswered { Account = Account, Epoch = _openedEpoch, Key = key, Outcome = OrderOutcome.Refused, Refusal = Refusal.NotSent, Code = why });
    }

    private void CommandAnswered(OrderKey key, long now)
    {
        if (_inFlight is null || !_inFlight.Remove(key))
        {
            Counters.Add(TerminalCount.LateAnswers);
        }

        if (_busy == key)
        {
            _busy = null;
            Pump();
        }
    }

    private void RefuseWaiting(string why)
    {
        if (_waiting is not { Count: > 0 } waiting)
        {
            return;
        }

        _waiting = null;
        foreach (var command in waiting)
        {
            NotSent(command.Key, why);
        }
    }

    private void TickCommands(long now)
    {
        if (_waiting is { Count: > 0 } waiting)
        {
            var clock = _hub.Now;
            for (int i = 0; i < waiting.Count;)
            {
                if (clock > waiting[i].Deadline)
                {
                    NotSent(waiting[i].Key, "deadline passed");
                    waiting.RemoveAt(i);
                }
                else
                {
                    i++;
                }
            }
        }

        if (_busy is { } busy && now - _busySince >= (long)Options.ContextBusyMost.TotalMilliseconds)
        {
            Counters.Add(TerminalCount.ContextsStuck);
            Log(TerminalLogLevel.Warning, _active, $"no answer to {busy} for {(now - _busySince) / 1000} s: the next command goes all the same");
            _busy = null;
            Pump();
        }

        if (_inFlight is { Count: > 0 } inFlight)
        {
            foreach (var (key, (sentAt, _)) in inFlight)
            {
                if (now - sentAt >= InFlightForgotten)
                {
                    inFlight.Remove(key);
                }
            }
        }
    }
}
