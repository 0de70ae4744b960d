using Lockstep.Domain;
using Lockstep.Simulator;

namespace Lockstep.MqlHarness.Terminal;

/// <content>Events: what happened at the broker, queued as a terminal queues it, and delivered one after another.</content>
public sealed partial class EaTerminal
{
    /// <summary>A terminal keeps so many events; the oldest are lost.</summary>
    public const int QueueMost = 1024;

    private readonly LinkedList<(WireWriter Head, Action<WireWriter> Tail, bool Transaction)> _queue = new();
    private readonly object _wake = new();
    private bool _tick;
    private bool _tradeDue;

    /// <summary>Events lost because the queue was full.</summary>
    public long EventsLost { get; private set; }

    private void Listen(SimBroker broker)
    {
        broker.Changed += OnChanged;
        broker.Quoted += OnQuoted;
        if (broker is Mt5Broker mt5)
        {
            mt5.Transaction += OnTransaction;
        }
    }

    private void Unlisten(SimBroker broker)
    {
        broker.Changed -= OnChanged;
        broker.Quoted -= OnQuoted;
        if (broker is Mt5Broker mt5)
        {
            mt5.Transaction -= OnTransaction;
        }
    }

    private void OnChanged(SimBroker broker) => _bookDirty = true;

    private void OnQuoted(SymbolName symbol, Quote quote)
    {
        _prices.Add(symbol.Value, quote, _options.Time);
        if (Faults.Disconnected)
        {
            return;
        }

        _quotesDirty.Add(symbol.Value);
        if (symbol.Value == ChartSymbol)
        {
            // A tick that comes while one waits is no event of its own.
            lock (_wake)
            {
                _tick = true;
                Monitor.PulseAll(_wake);
            }
        }
    }

    private void OnTransaction(Mt5Transaction transaction)
    {
        // The broker tells of every request; a terminal hears of its own only, with request and result.
        if (transaction.Type == Mt5TransactionType.Request || Faults.Disconnected)
        {
            return;
        }

        var mt5 = (Mt5Broker)_broker;
        var deal = transaction.Deal == 0 ? null : mt5.History.OfType<Mt5Deal>().LastOrDefault(d => d.Ticket == transaction.Deal);
        var order = transaction.Order == 0 ? null
            : mt5.Orders.FirstOrDefault(o => o.Ticket == transaction.Order) ?? mt5.History.OfType<Mt5Order>().LastOrDefault(o => o.Ticket == transaction.Order);
        var position = transaction.Position == 0 || transaction.Type != Mt5TransactionType.Position ? null : mt5.PositionByTicket(transaction.Position);
        Transaction(w => w.U8((int)transaction.Type).I64(transaction.Deal).I64(transaction.Order)
            .Text(deal?.Symbol ?? order?.Symbol ?? position?.Symbol ?? "")
            .I32((int)(order?.Type ?? Mt5OrderType.Buy)).I32((int)(order?.State ?? Mt5OrderState.Started)).I32((int)(deal?.Type ?? Mt5DealType.Buy))
            .F64(deal?.Price ?? order?.PriceOpen ?? position?.PriceOpen ?? 0m)
            .F64(order?.Sl ?? position?.Sl ?? 0m).F64(order?.Tp ?? position?.Tp ?? 0m)
            .F64(deal?.Volume ?? order?.VolumeCurrent ?? position?.Volume ?? 0m)
            .I64(transaction.Type == Mt5TransactionType.Position ? transaction.Position : deal?.PositionId ?? order?.PositionId ?? 0)
            .U8(0));
    }

    private void RequestAnswered(MqlTradeRequest request, MqlTradeResult result, int requestId) =>
        Transaction(w => PutResult(
            w.U8((int)Mt5TransactionType.Request).I64(0).I64(0).Text("").I32(0).I32(0).I32(0).F64(0).F64(0).F64(0).F64(0).I64(0).U8(1)
                .I32((int)request.Action).Text(request.Symbol).F64(request.Volume).I64(request.Magic).I64(request.Order).I64(request.Position).I32((int)request.Type).Text(request.Comment),
            result,
            requestId));

    private void Transaction(Action<WireWriter> body)
    {
        var faults = Faults;
        if (_dice.Chance(faults.TransactionDroppedPercent))
        {
            return;
        }

        int times = _dice.Chance(faults.TransactionDuplicatedPercent) ? 2 : 1;
        bool early = _dice.Chance(faults.TransactionReorderedPercent);
        for (int i = 0; i < times; i++)
        {
            Enqueue(new WireWriter().U8(5), body, transaction: true, early);
        }
    }

    private void Enqueue(WireWriter head, Action<WireWriter> tail, bool transaction = false, bool early = false)
    {
        lock (_wake)
        {
            if (early && _queue.Last is { } last)
            {
                _queue.AddBefore(last, (head, tail, transaction));
            }
            else
            {
                _queue.AddLast((head, tail, transaction));
            }

            if (_queue.Count > QueueMost)
            {
                _queue.RemoveFirst();
                EventsLost++;
            }

            Monitor.PulseAll(_wake);
        }
    }

    private bool HasSomethingDue()
    {
        lock (_wake)
        {
            return State == EaState.Running && (_queue.Count > 0 || _tick || _tradeDue || (_timer > TimeSpan.Zero && _timerDue <= _clock.Now));
        }
    }

    private bool Deliver()
    {
        while (State == EaState.Running && TakeEvent() is { } next)
        {
            Event(next.Kind, next.Tail);
        }

        if (State == EaState.Running && _timer > TimeSpan.Zero && _timerDue <= _clock.Now)
        {
            Event(3, null);

            // What fell due while the handler ran is one event, not many.
            while (_timer > TimeSpan.Zero && _timerDue <= _clock.Now)
            {
                _timerDue = _timerDue + _timer <= _clock.Now - _timer ? _clock.Now : _timerDue + _timer;
            }
        }

        return State == EaState.Running;
    }

    private (int Kind, Action<WireWriter>? Tail)? TakeEvent()
    {
        lock (_wake)
        {
            if (_queue.First is { } first)
            {
                _queue.RemoveFirst();
                _tradeDue |= first.Value.Transaction;
                return (first.Value.Head.Bytes[0], first.Value.Tail);
            }

            if (_tradeDue)
            {
                // One OnTrade for several transactions.
                _tradeDue = false;
                return (4, null);
            }

            if (_tick)
            {
                _tick = false;
                return (2, null);
            }

            return null;
        }
    }

    private void Loop()
    {
        while (!_stopping && State == EaState.Running)
        {
            try
            {
                Deliver();
            }
            catch (TimeoutException)
            {
                // It hung and was killed; its state says so.
                return;
            }

            lock (_wake)
            {
                if (_stopping || HasSomethingDue())
                {
                    continue;
                }

                // The terminal's timer is not finer than 10 to 16 ms.
                var wait = _timer > TimeSpan.Zero ? _timerDue - _clock.Now : TimeSpan.FromMilliseconds(200);
                Monitor.Wait(_wake, wait < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : wait);
            }
        }
    }

    /// <summary>One event from beginning to end; null when the program did not survive it.</summary>
    private int? Event(int kind, Action<WireWriter>? tail)
    {
        if (State != EaState.Running)
        {
            return null;
        }

        byte[] message = OnClock(() =>
        {
            var w = new WireWriter().U8(2).U8(kind);
            WriteState(w);
            tail?.Invoke(w);
            return w.Bytes;
        });
        int? result = Exchange(message);
        if (result is not null && _removeAsked && kind != 1)
        {
            _removeAsked = false;
            Event(1, w => w.I32(0));
            EndProcess();
            State = State == EaState.Running ? EaState.Removed : State;
        }

        return result;
    }

    /// <summary>Sends a message and serves the program until it is done with it.</summary>
    private int? Exchange(byte[] message)
    {
        var process = _process!;
        process.Send(message);
        while (true)
        {
            byte[]? bytes;
            try
            {
                bytes = process.Receive();
            }
            catch (TimeoutException)
            {
                process.Kill();
                Died(process, hung: true);
                throw;
            }

            if (bytes is null)
            {
                Died(process, hung: false);
                return null;
            }

            var r = new WireReader(bytes);
            switch ((FromProgram)r.U8())
            {
                case FromProgram.Done:
                    int result = r.I32();
                    PlatformCalls = r.I64();
                    SocketBytesSent = r.I64();
                    SocketBytesReceived = r.I64();
                    return result;
                case FromProgram.Log:
                    AddLog((EaLogKind)r.U8(), r.Text());
                    break;
                case FromProgram.Timer:
                    _timer = TimeSpan.FromMilliseconds(r.I32());
                    _timerDue = _clock.Now + _timer;
                    break;
                case FromProgram.Remove:
                    _removeAsked = true;
                    break;
                case FromProgram.Critical:
                    _critical = r.Text();
                    break;
                case FromProgram.Call:
                    if (Serve(r) is { } answer)
                    {
                        process.Send(answer);
                    }

                    break;
                default:
                    throw new InvalidOperationException("the program says something unknown");
            }
        }
    }

    private void Died(ProgramProcess process, bool hung)
    {
        int code = process.End();
        State = _critical.Length > 0 || (code is not (137 or 0 or 128 + 9) && !hung) ? EaState.Crashed : EaState.Killed;
        EndProcess();
    }

    private void AddLog(EaLogKind kind, string text)
    {
        var line = new EaLogLine(_clock.Now, kind, text);
        lock (_gate)
        {
            _log.Add(line);
            if (kind == EaLogKind.Comment)
            {
                Panel = text;
            }
            else if (kind == EaLogKind.ChartObject)
            {
                int tab = text.IndexOf('\t', StringComparison.Ordinal);
                if (tab < 0)
                {
                    _objects.Remove(text);
                }
                else
                {
                    _objects[text[..tab]] = text[(tab + 1)..];
                }
            }
        }

        Logged?.Invoke(line);
    }
}
