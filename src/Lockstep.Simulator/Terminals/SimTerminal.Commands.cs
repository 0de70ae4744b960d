using System.Globalization;
using Lockstep.Domain;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.Simulator;

/// <content>Commands: at most once, in their epoch, in time.</content>
public sealed partial class SimTerminal
{
    private static readonly TimeSpan SearchBack = TimeSpan.FromDays(2);
    private readonly HashSet<string> _underWay = new(StringComparer.Ordinal);
    private bool _draining;
    private long _usedOn;
    private int _used;

    /// <summary>Trade calls since midnight of the broker's clock.</summary>
    public int UsedToday
    {
        get
        {
            long day = _settings.Time.Show(_clock.Now) / 86_400_000;
            if (day != _usedOn)
            {
                (_usedOn, _used) = (day, 0);
            }

            return _used;
        }
    }

    private void OnCommand(CommandMessage command)
    {
        if (State != SimTerminalState.Live)
        {
            Strange++;
            return;
        }

        _settings.Totals?.Command();
        bool forgetful = _settings.Mistake == TerminalMistake.IgnoresLedger;
        if (!forgetful && _underWay.Contains(command.Id))
        {
            // Its answer comes when the call is back.
            return;
        }

        if (!forgetful && Disk.Entry(command.Id) is { } entry)
        {
            Repeat(entry);
            return;
        }

        var left = TimeSpan.FromMilliseconds(command.Expires - (ServerNow ?? command.Now));
        left = _settings.Mistake == TerminalMistake.IgnoresExpiry && left < TimeSpan.FromSeconds(2) ? TimeSpan.FromSeconds(2) : left;
        var order = WireWords.Of(command, _clock.Now + left, _settings.Time, _clock.Now);
        string why =
            left < TimeSpan.Zero ? "expired"
            : command.Epoch != Disk.Epoch ? "epoch"
            : !_brokerConnected ? "offline"
            : !MayTrade ? "not-allowed"
            : _budget > 0 && UsedToday >= _budget && command.Do is not (WireDo.Reduce or WireDo.Cancel or WireDo.CloseBy) ? "budget"
            : order is null ? "invalid"
            : order is SetStops && !IsHeld(command) ? "not-found"
            : "";
        if (why.Length > 0)
        {
            Answer(new AnswerMessage { Number = 0, Id = command.Id, Outcome = "refused", Code = 0, Why = why });
            return;
        }

        if (!forgetful && command.Do is WireDo.Open or WireDo.Place && Search(command) is { } found)
        {
            Answer(found);
            return;
        }

        Write(TerminalStep.LedgerBegin, () => Disk.Enter(new LedgerEntry(command.Id, null, _clock.Now), _settings.LedgerEntries, _clock.Now - SearchBack));
        _underWay.Add(command.Id);
        _busy = _mt4;
        var began = _clock.Now;
        _translator.Carry(order!, result => Finish(command.Id, result, _clock.Now - began));
    }

    private bool IsHeld(CommandMessage command) =>
        _translator.Positions().Any(p => p.Id.Value == command.Position && (command.Side.Length == 0 || command.Side == (p.Side == Side.Buy ? "buy" : "sell")));

    /// <summary>A trade call, as the platform's function for it: it comes back with an answer, or with "no answer" after a while.</summary>
    private void Call(NativeRequest request, Action<NativeReply> reply)
    {
        _used = UsedToday + 1;
        long life = _life;
        bool back = false;
        Moment(TerminalStep.Trade, after: false);
        if (_brokerConnected)
        {
            _broker.Submit(request, answer =>
            {
                // An answer that comes while the terminal has no connection never arrives.
                if (life == _life && !back && _brokerConnected)
                {
                    back = true;
                    Enter(() => reply(answer));
                }
            });
        }

        Moment(TerminalStep.Trade, after: true);
        Later(_settings.TradeTimeout, () =>
        {
            if (!back)
            {
                back = true;
                reply(_mt4 ? new Mt4Result(-1, Mt4Error.Timeout) : new MqlTradeResult { Retcode = Mt5Retcode.Timeout });
            }
        });
    }

    private void Finish(string id, CommandResult result, TimeSpan took)
    {
        _underWay.Remove(id);
        _busy = false;

        // What the order changed is told before its answer.
        Look();
        bool native = int.TryParse(result.Code, NumberStyles.None, CultureInfo.InvariantCulture, out int code);
        if (result.Outcome == OrderOutcome.Done && native && !MeansDone(code))
        {
            // Not the call did it: it was so already, or earlier parts had been done when a later one was refused. The code would say something else than the outcome.
            (native, code) = (false, 0);
        }

        string why = native ? "" : result switch
        {
            { Outcome: OrderOutcome.Done } => result.Filled.IsZero ? "already" : "",
            { Refusal: Refusal.PriceGuard } => "price-guard",
            { Refusal: Refusal.NotFound } => "not-found",
            { Refusal: Refusal.NotSent } => "expired",
            _ => "invalid",
        };
        if (result.Outcome == OrderOutcome.Done)
        {
            _settings.Totals?.CommandDone();
        }

        Answer(new AnswerMessage
        {
            Number = 0,
            Id = id,
            Outcome = result.Outcome switch { OrderOutcome.Done => "done", OrderOutcome.Refused => "refused", _ => "unknown" },
            Code = code,
            Why = why,
            Text = native || result.Code == why ? "" : result.Code,
            Position = result.Position?.Value ?? 0,
            Order = result.Order?.Value ?? 0,
            Lots = result.Filled.Value,
            Price = result.Price?.Value ?? 0m,
            Took = (int)took.TotalMilliseconds,
        });
        if (_beatDue)
        {
            Beat();
        }

        DrainOnce();
    }

    private bool MeansDone(int code) => _mt4 ? code == 0 : code is Mt5Retcode.Placed or Mt5Retcode.Done or Mt5Retcode.DonePartial or Mt5Retcode.NoChanges;

    private void DrainOnce()
    {
        if (!_draining)
        {
            _draining = true;
            try
            {
                Drain();
            }
            finally
            {
                _draining = false;
            }
        }
    }

    /// <summary>The ledger first, then the event: what is answered once is answered the same for ever.</summary>
    private void Answer(AnswerMessage answer)
    {
        var numbered = answer with { Number = Disk.Last + 1 };
        Write(TerminalStep.LedgerEnd, () => Disk.Enter(new LedgerEntry(answer.Id, numbered, _clock.Now), _settings.LedgerEntries, _clock.Now - SearchBack));
        Event(_ => numbered);
    }

    private void Repeat(LedgerEntry entry)
    {
        if (entry.Answer is not { } answer)
        {
            // Killed between the call and its result: nobody knows what came of it.
            Answer(new AnswerMessage { Number = 0, Id = entry.Id, Outcome = "unknown", Code = 0, Why = "killed" });
            return;
        }

        byte[] text = Text(answer).ToArray();
        if (Disk.Outbox.FirstOrDefault(kept => kept.Number == answer.Number) is { } kept && kept.Text.AsSpan().SequenceEqual(text))
        {
            Queue(kept.Text);
            return;
        }

        Answer(answer);
    }

    /// <summary>Is an opening with this key in the account already? The files may be others than those that were there when it was sent.</summary>
    private AnswerMessage? Search(CommandMessage command)
    {
        string id = command.Id;
        var found = new AnswerMessage { Number = 0, Id = id, Outcome = "done", Code = 0, Why = "found" };
        if (_translator.Orders().FirstOrDefault(o => o.Tag.Comment.StartsWith(id, StringComparison.Ordinal)) is { } pending)
        {
            return found with { Order = pending.Id.Value };
        }

        var deals = _translator.DealsSince(_clock.Now - SearchBack).Where(d => d.Entry != DealEntry.Out && d.Tag.Comment.StartsWith(id, StringComparison.Ordinal)).ToArray();
        var position = _translator.Positions().FirstOrDefault(p => p.Tag.Comment.StartsWith(id, StringComparison.Ordinal));
        if (deals.Length == 0 && position is null)
        {
            return null;
        }

        bool pendingOnce = command.Do == WireDo.Place;
        decimal lots = deals.Length > 0 ? deals.Sum(d => d.Volume.Value) : position!.Volume.Value;
        return found with
        {
            Position = pendingOnce ? 0 : (deals.Length > 0 ? deals[0].Position : position!.Id).Value,
            Order = !pendingOnce ? 0 : (deals.Length > 0 ? deals[0].Order : position!.OpeningOrder)?.Value ?? 0,
            Lots = pendingOnce ? 0m : lots,
            Price = pendingOnce ? 0m : (deals.Length > 0 ? deals[0].Price : position!.OpenPrice).Value,
        };
    }
}
