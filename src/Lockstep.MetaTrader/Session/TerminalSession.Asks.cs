using Lockstep.Domain;
using Lockstep.MetaTrader.Translate;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.MetaTrader.Session;

/// <content>The whole truth, asked for and collected.</content>
public sealed partial class TerminalSession
{
    /// <summary>Clocks differ, and an hour comes and goes twice a year: history is asked from a little earlier.</summary>
    private static readonly TimeSpan HistorySafety = TimeSpan.FromHours(1);

    private AskInProgress? _ask;

    /// <inheritdoc/>
    public void Ask(AskId ask, Timestamp historyFrom)
    {
        lock (_gate)
        {
            Counters.Add(TerminalCount.Asks);
            if (_stopped || !_open || _active is not { Events: { } line } link)
            {
                FailAsk(ask, "there is no session");
            }
            else
            {
                // A question that the engine no longer waits for is forgotten: its answer would be older than the new one.
                _ask = new AskInProgress(ask, historyFrom, _hub.Now, _hub.Mono, line.Received, _sequence);
                Send(link, new AskMessage(ask.Value, Math.Max(0, _clock.ToBroker(historyFrom - HistorySafety))));
            }
        }

        Drain();
    }

    private void FailAsk(AskId ask, string reason)
    {
        Counters.Add(TerminalCount.AsksFailed);
        Report(new AskFailed { Account = Account, Epoch = _openedEpoch, Ask = ask, Reason = reason });
    }

    private void FailAsk(string reason)
    {
        var ask = _ask!;
        _ask = null;
        FailAsk(ask.Id, reason);
    }

    private void TickAsk(long now)
    {
        if (_ask is { } ask && now - ask.AskedAt >= (long)Options.AskWithin.TotalMilliseconds)
        {
            FailAsk($"the terminal did not answer in {Options.AskWithin.TotalSeconds:0} s");
        }
    }

    private void TakeAskFailed(AskFailedMessage failed)
    {
        if (_ask is { } ask && ask.Id.Value == failed.Id)
        {
            FailAsk(Sentence(failed.Why, 200));
        }
    }

    private void TakePart(TerminalLink link, SnapshotMessage part, long now)
    {
        if (_ask is not { } ask || ask.Id.Value != part.Id)
        {
            // The answer to a question that nobody waits for any more.
            return;
        }

        if (ask.Add(part, Options.PartsMost, Options.ObjectsMost) is { } problem
            || (problem = Reports.Problem(part.Positions, part.Orders, part.Deals, _clock, _hub.Now)) is not null)
        {
            Refuse(link, problem, now);
            FailAsk($"the terminal's answer cannot be used: {Sentence(problem, 200)}");
            return;
        }

        if (!ask.IsWhole)
        {
            return;
        }

        _ask = null;
        var snapshot = Snapshot(link, ask);
        _snapshotNumber = ask.Number;
        _lastSnapshot = snapshot;
        _lastSnapshotKept = false;
        link.Events!.BindSnapshot(snapshot, ask.Number);
        if (_differsAt <= ask.Number)
        {
            _differsAt = -1;
        }

        Report(snapshot);
    }

    private BookSnapshot Snapshot(TerminalLink link, AskInProgress ask)
    {
        var positions = new PositionReport[ask.Positions.Count];
        var orders = new PendingReport[ask.Orders.Count];
        var ended = new PendingReport[ask.Ended.Count];
        for (int i = 0; i < ended.Length; i++)
        {
            ended[i] = Reports.Order(ask.Ended[i], _known.Ended(ask.Ended[i], _clock));
        }

        _known.Renew(() =>
        {
            for (int i = 0; i < positions.Length; i++)
            {
                positions[i] = Reports.Position(ask.Positions[i], _known.Position(ask.Positions[i], _clock));
            }

            for (int i = 0; i < orders.Length; i++)
            {
                orders[i] = Reports.Order(ask.Orders[i], _known.Order(ask.Orders[i], _clock));
            }

            // What changed after the moment of the snapshot was told already; the fingerprints go on from there.
            foreach (var (change, sequence) in ask.Later)
            {
                if (change.Number > ask.Number)
                {
                    Translate(change, sequence);
                }
            }
        });

        var deals = _folded ?? [];
        _folded = null;
        foreach (var deal in ask.Deals)
        {
            deals.TryAdd(deal.Id, Reports.Deal(deal, _clock));
        }

        return new BookSnapshot
        {
            Account = Account,
            Epoch = _epoch,
            Ask = ask.Id,
            Sequence = ask.Sequence,
            TakenAt = ask.TakenAt,
            Funds = Reports.Funds(ask.Funds!, link.Hello!.Currency, _hub.Now),
            Positions = positions,
            Orders = orders,
            // Older ones the engine may have forgotten that it counted.
            Deals = [.. deals.Values.Where(d => d.At >= ask.HistoryFrom).OrderBy(d => d.At).ThenBy(d => d.Id)],
            EndedOrders = ended,
            HistoryFrom = ask.HistoryFrom,
        };
    }
}
