using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <content>Commands and questions.</content>
public sealed partial class SimSession
{
    private readonly Queue<(OrderCommand Command, object? Link)> _context = new();
    private long _contextHolder;
    private bool _contextBusy;

    /// <inheritdoc/>
    public void Send(OrderCommand command) => _clock.Schedule(TimeSpan.Zero, () =>
    {
        if (!IsUp)
        {
            ReportHere(AnswerOf(command, CommandResult.NotSent("no session")));
        }
        else if (_clock.Now > command.Deadline)
        {
            ReportHere(AnswerOf(command, CommandResult.NotSent("deadline passed")));
        }
        else
        {
            Up(() => Arrive(command));
        }
    });

    /// <inheritdoc/>
    public void Ask(AskId ask, Timestamp historyFrom) => _clock.Schedule(TimeSpan.Zero, () =>
    {
        var takenAt = _clock.Now;
        if (!IsUp)
        {
            ReportHere(new AskFailed { Account = Account, Epoch = _epoch, Ask = ask, Reason = "no session" });
            return;
        }

        Up(() => AnswerAsk(ask, historyFrom, takenAt));
    });

    private void AnswerAsk(AskId ask, Timestamp historyFrom, Timestamp takenAt)
    {
        var faults = _broker.Faults;
        bool fails = _dice.Chance(faults.AskFailsPercent);
        bool lost = _dice.Chance(faults.AskLostPercent);
        if (lost)
        {
            return;
        }

        // A terminal that is not synchronised knows a part of the truth; a part is no answer.
        if (fails || _clock.Now < _synchronisedAt)
        {
            var failed = new AskFailed { Account = Account, Epoch = _epoch, Ask = ask, Reason = fails ? "the server did not answer" : "the terminal is not synchronised" };
            Down(() => _sink!.Report(failed));
            return;
        }

        _broker.Refresh();
        ReportChanges();
        var snapshot = new BookSnapshot
        {
            Account = Account,
            Epoch = _epoch,
            Ask = ask,
            Sequence = _sequence,
            TakenAt = takenAt,
            Funds = _broker.Funds(),
            Positions = _translator.Positions(),
            Orders = _translator.Orders(),
            Deals = _translator.DealsSince(historyFrom),
            EndedOrders = _translator.EndedSince(historyFrom),
            HistoryFrom = historyFrom,
        };
        Down(() => _sink!.Report(snapshot));
        MaybeDisconnect();
    }

    /// <summary>The command is at the broker's side: in the EA, or in the server's gateway.</summary>
    private void Arrive(OrderCommand command)
    {
        if (_broker.Settings.Platform != PlatformKind.Mt4)
        {
            CarryOut(command, _link, static () => { });
            return;
        }

        // A terminal of MT4 has one trade context: one call after another.
        _context.Enqueue((command, _link));
        PumpContext();
    }

    private void PumpContext()
    {
        if (_contextBusy || !_context.TryDequeue(out var next))
        {
            return;
        }

        _contextBusy = true;
        long holder = ++_contextHolder;
        _clock.Schedule(_settings.Mt4ContextTimeout, Release);
        CarryOut(next.Command, next.Link, Release);

        void Release()
        {
            if (_contextBusy && holder == _contextHolder)
            {
                _contextBusy = false;
                PumpContext();
            }
        }
    }

    private void CarryOut(OrderCommand command, object? link, Action finished)
    {
        if (_clock.Now > command.Deadline)
        {
            Finish(CommandResult.NotSent("deadline passed"));
            return;
        }

        _translator.Carry(command, Finish);

        void Finish(CommandResult result)
        {
            // An answer to a session that is over reaches nobody.
            if (link is not null && link == _link)
            {
                ReportChanges();
                var answer = AnswerOf(command, result);
                Down(() => _sink!.Report(answer));
                if (_dice.Chance(_broker.Faults.AnswerTwicePercent))
                {
                    Down(() => _sink!.Report(answer), _dice.NextSpan(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(400)));
                }

                MaybeDisconnect();
            }

            finished();
        }
    }

    private OrderAnswered AnswerOf(OrderCommand command, CommandResult result) => new()
    {
        Account = Account,
        Epoch = _epoch,
        Key = command.Key,
        Outcome = result.Outcome,
        Refusal = result.Refusal,
        Code = result.Code,
        Position = result.Position,
        Order = result.Order,
        Filled = result.Filled,
        Price = result.Price,
    };

    private void MaybeDisconnect()
    {
        bool breaks = _dice.Chance(_broker.Faults.DisconnectPercent);
        var pause = _dice.NextSpan(TimeSpan.FromMilliseconds(100), _broker.Faults.DisconnectMax);
        if (breaks)
        {
            _clock.Schedule(_dice.NextSpan(TimeSpan.Zero, TimeSpan.FromMilliseconds(20)), () => Disconnect("connection lost", pause));
        }
    }
}
