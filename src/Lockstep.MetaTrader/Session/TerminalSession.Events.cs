using Lockstep.Domain;
using Lockstep.MetaTrader.Translate;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.MetaTrader.Session;

/// <content>Numbered events: changes and answers, repeats and gaps, and what may be let go of.</content>
public sealed partial class TerminalSession
{
    private const int DealsFolded = 100_000;

    /// <summary>A number further on than this is none: believing it would make repeats of all events to come.</summary>
    private const long GapMost = 1_000_000;

    private Dictionary<long, DealReport>? _folded;
    private BookSnapshot? _lastSnapshot;
    private bool _lastSnapshotKept;
    private long _snapshotNumber = -1;
    private long _sequence;
    private long _differsAt = -1;

    /// <inheritdoc/>
    public void Kept(PlatformEvent report)
    {
        if (report is not (BookChanged or OrderAnswered or BookSnapshot))
        {
            return;
        }

        lock (_gate)
        {
            _lastSnapshotKept |= ReferenceEquals(report, _lastSnapshot);
            if (_active?.Events is not { } line)
            {
                return;
            }

            long before = line.Durable;
            line.Kept(report);
            if (line.Durable > before)
            {
                Remember(_active, line.Durable);
                if (line.Durable - line.Acknowledged >= Options.AckAtOnce)
                {
                    Acknowledge(_active, line);
                }
            }
        }

        Drain();
    }

    private void Acknowledge(TerminalLink link, EventLine line)
    {
        Acknowledged(link);
        Send(link, new AckMessage(line.Durable));
    }

    private void Acknowledged(TerminalLink link)
    {
        if (link.Events is { HasNews: true } line)
        {
            Counters.Add(TerminalCount.Acks);
            line.Acknowledged = line.Durable;
            line.AcknowledgeAgain = false;
        }
    }

    /// <summary>True when the event is the next one, or comes after a gap; false when it was told before.</summary>
    private bool IsNew(TerminalLink link, long number, long now)
    {
        var line = link.Events!;
        if (number <= line.Received)
        {
            Counters.Add(TerminalCount.Repeats);
            line.AcknowledgeAgain = true;
            return false;
        }

        if (number - line.Received > GapMost)
        {
            Refuse(link, $"event {number} cannot follow {line.Received}", now);
            return false;
        }

        Counters.Add(TerminalCount.Events);
        if (number > line.Received + 1)
        {
            Counters.Add(TerminalCount.Gaps);
            Log(TerminalLogLevel.Warning, link, $"events {line.Received + 1}..{number - 1} never came: the whole truth is asked for");
            line.AddForSnapshot(number - 1);
            Differs(number - 1);
        }

        line.Received = number;
        return true;
    }

    /// <summary>What was taken in is not what the terminal has: the engine is to ask, and is told so until a snapshot includes the event.</summary>
    private void Differs(long number)
    {
        _differsAt = Math.Max(_differsAt, number);
        if (_open)
        {
            Report(new Heartbeat { Account = Account, Epoch = _epoch, Sequence = _sequence, Differs = true });
        }
    }

    private void TakeChange(TerminalLink link, ChangeMessage change, long now)
    {
        if (!IsNew(link, change.Number, now))
        {
            return;
        }

        var line = link.Events!;
        if (Reports.Problem(change.Positions, change.Orders, change.Deals, _clock, _hub.Now) is { } problem)
        {
            Refuse(link, problem, now);
            line.AddForSnapshot(change.Number);
            Differs(change.Number);
            return;
        }

        if (!_open || change.Number <= line.HistoryUpTo)
        {
            Fold(line, change);
            return;
        }

        if (change.Quotes.Count > 0)
        {
            TakeQuotes(change.Quotes);
        }

        var report = Translate(change, ++_sequence);
        _ask?.Changed(change, _sequence);
        line.Add(change.Number, report);
        Report(report);
    }

    /// <summary>History: the state it tells is over. Its deals go into the next snapshot, unless one that was told has them.</summary>
    private void Fold(EventLine line, ChangeMessage change)
    {
        Counters.Add(TerminalCount.HistoryEvents);
        if (_open && change.Number <= _snapshotNumber)
        {
            if (_lastSnapshotKept)
            {
                line.AddDone(change.Number);
            }
            else
            {
                line.AddForSnapshot(change.Number);
                line.BindSnapshot(_lastSnapshot!, change.Number);
            }

            return;
        }

        foreach (var deal in change.Deals)
        {
            _folded ??= [];
            if (_folded.Count < DealsFolded)
            {
                _folded.TryAdd(deal.Id, Reports.Deal(deal, _clock));
            }
        }

        line.AddForSnapshot(change.Number);
        if (_open && _snapshotNumber >= 0)
        {
            Differs(change.Number);
        }
    }

    private BookChanged Translate(ChangeMessage change, long sequence)
    {
        var positions = change.Positions.Count == 0 ? [] : new PositionReport[change.Positions.Count];
        for (int i = 0; i < positions.Length; i++)
        {
            positions[i] = Reports.Position(change.Positions[i], _known.Position(change.Positions[i], _clock));
        }

        var orders = change.Orders.Count == 0 ? [] : new PendingReport[change.Orders.Count];
        for (int i = 0; i < orders.Length; i++)
        {
            orders[i] = Reports.Order(change.Orders[i], _known.Order(change.Orders[i], _clock));
        }

        var closed = change.Closed.Count == 0 ? [] : new PositionId[change.Closed.Count];
        for (int i = 0; i < closed.Length; i++)
        {
            closed[i] = new PositionId(change.Closed[i]);
            _known.PositionGone(change.Closed[i]);
        }

        var gone = change.Gone.Count == 0 ? [] : new OrderId[change.Gone.Count];
        for (int i = 0; i < gone.Length; i++)
        {
            gone[i] = new OrderId(change.Gone[i]);
            _known.OrderGone(change.Gone[i]);
        }

        var deals = change.Deals.Count == 0 ? [] : new DealReport[change.Deals.Count];
        for (int i = 0; i < deals.Length; i++)
        {
            deals[i] = Reports.Deal(change.Deals[i], _clock);
        }

        return new BookChanged
        {
            Account = Account, Epoch = _epoch, Sequence = sequence,
            Positions = positions, ClosedPositions = closed, Orders = orders, GoneOrders = gone, Deals = deals,
        };
    }

    private void TakeAnswer(TerminalLink link, AnswerMessage answer, long now)
    {
        if (!IsNew(link, answer.Number, now))
        {
            return;
        }

        var line = link.Events!;
        if (answer.Id.Length != OrderKey.TextLength || !OrderKey.TryFind(answer.Id, out var key))
        {
            Refuse(link, $"answer {answer.Number}: the id is no order key", now);
            line.AddDone(answer.Number);
            return;
        }

        Counters.Add(TerminalCount.Answers);
        if (!_open)
        {
            (_held ??= []).Add((answer, key, line.AddForLater(answer.Number)));
            return;
        }

        var answered = Answered(answer, key);
        line.Add(answer.Number, answered);
        Report(answered);
        CommandAnswered(key, now);
    }

    private OrderAnswered Answered(AnswerMessage answer, OrderKey key)
    {
        WireDo? what = _inFlight is not null && _inFlight.TryGetValue(key, out var sent) ? sent.Do : null;
        var answered = Answers.Of(answer, key, Account, _epoch, Settings.Platform, what, out bool doubtful);
        if (doubtful)
        {
            Counters.Add(TerminalCount.DoubtfulAnswers);
            Log(TerminalLogLevel.Warning, _active, $"answer to {key}: {Sentence(answer.Outcome, 20)} with code {answer.Code} is taken as unknown");
        }

        return answered;
    }
}
