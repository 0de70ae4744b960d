using Lockstep.Domain;
using Lockstep.Simulator;

namespace Lockstep.MqlHarness.Terminal;

/// <content>Calls of the program: they return when the terminal's would, and time passes meanwhile.</content>
public sealed partial class EaTerminal
{
    private const int NoConnection5 = 10031;
    private const int AutoTradingOff5 = 10027;
    private const int NoConnection4 = 6;
    private const int ContextBusy4 = 146;
    private const int NotAllowed4 = 4109;
    private const int SendFailed5 = 4756;

    private int _requestId;

    /// <summary>The answer's bytes; null when the program is not waiting for one any more.</summary>
    private byte[]? Serve(WireReader r)
    {
        var w = new WireWriter();
        switch ((ProgramCall)r.U8())
        {
            case ProgramCall.Trade5:
                Trade5(r, w);
                break;
            case ProgramCall.Trade4:
                Trade4(r, w);
                break;
            case ProgramCall.Check5:
                _ = ReadRequest(r);
                w.I32(Faults.Disconnected ? NoConnection5 : Faults.AutoTradingOff ? AutoTradingOff5 : 0);
                break;
            case ProgramCall.Sleep:
                Await(TimeSpan.FromMilliseconds(r.I32()), _ => { });
                break;
            case ProgramCall.Rates:
                Rates(r, w);
                break;
            case ProgramCall.Ticks:
                Ticks(r, w);
                break;
            default:
                throw new InvalidOperationException("the program calls something unknown");
        }

        byte[] answer = w.Bytes;
        return OnClock(() =>
        {
            var message = new WireWriter().U8(3).I32(answer.Length).Raw(answer);
            WriteState(message);
            return message.Bytes;
        });
    }

    private void Trade5(WireReader r, WireWriter w)
    {
        bool async = r.U8() != 0;
        var request = ReadRequest(r);
        int id = ++_requestId;
        var faults = Faults;
        int refused = faults.Disconnected ? NoConnection5 : faults.AutoTradingOff ? AutoTradingOff5 : 0;
        if (refused != 0)
        {
            w.U8(0).I32(SendFailed5);
            PutResult(w, new MqlTradeResult { Retcode = refused }, id);
            return;
        }

        if (async)
        {
            OnClock(() =>
            {
                Later(faults.SlowTrade, () => _broker.Submit(Owned(request), reply => Answered(request, (MqlTradeResult)reply, id)));
                return 0;
            });
            w.U8(1).I32(0);
            PutResult(w, new MqlTradeResult { Retcode = Mt5Retcode.Placed }, id);
            return;
        }

        MqlTradeResult? result = null;
        Await(_options.TradeTimeout, done => Later(faults.SlowTrade, () => _broker.Submit(Owned(request), reply =>
        {
            // The answer of a broker that nobody is connected to reaches nobody.
            if (!Faults.Disconnected)
            {
                result ??= (MqlTradeResult)reply;
                Answered(request, (MqlTradeResult)reply, id);
                done();
            }
        })));
        result ??= new MqlTradeResult { Retcode = Mt5Retcode.Timeout };
        w.U8(result.Executed ? 1 : 0).I32(result.LastError != 0 ? result.LastError : result.Executed ? 0 : SendFailed5);
        PutResult(w, result, id);
    }

    private void Answered(MqlTradeRequest request, MqlTradeResult result, int id)
    {
        if (!Faults.Disconnected)
        {
            RequestAnswered(request, result, id);
        }
    }

    private void Later(TimeSpan delay, Action action)
    {
        if (delay <= TimeSpan.Zero)
        {
            action();
        }
        else
        {
            _clock.Schedule(delay, action);
        }
    }

    private NativeRequest Owned(NativeRequest request) =>
        request.OwnerKey is null && _options.KeyOfRequest?.Invoke(request) is { } key ? request with { OwnerKey = key } : request;

    private MqlTradeRequest ReadRequest(WireReader r)
    {
        var action = (MqlAction)r.I32();
        long magic = r.I64();
        long order = r.I64();
        string symbol = r.Text();
        decimal volume = Number(r);
        decimal price = Number(r);
        decimal stopLimit = Number(r);
        decimal sl = Number(r);
        decimal tp = Number(r);
        long deviation = r.I64();
        int type = r.I32();
        int filling = r.I32();
        int typeTime = r.I32();
        long expiration = r.I64();
        string comment = r.Text();
        long position = r.I64();
        long positionBy = r.I64();
        return new MqlTradeRequest
        {
            Action = action,
            Magic = magic,
            Order = order,
            Symbol = symbol,
            Volume = volume,
            Price = price,
            StopLimit = stopLimit,
            Sl = sl,
            Tp = tp,
            Deviation = (int)Math.Min(deviation, int.MaxValue),
            Type = (Mt5OrderType)type,
            TypeFilling = (Mt5Filling)filling,
            TypeTime = typeTime == 0 ? Mt5TypeTime.Gtc : Mt5TypeTime.Specified,
            Expiration = typeTime == 0 ? null : Expiry(typeTime, expiration),
            Comment = comment,
            Position = position,
            PositionBy = positionBy,
            OwnerKey = comment.Length > 0 ? _options.KeyOfComment?.Invoke(comment) : null,
        };
    }

    // ORDER_TIME_DAY and ORDER_TIME_SPECIFIED_DAY end with the broker's day.
    private Timestamp Expiry(int typeTime, long expiration)
    {
        const long day = 86_400;
        long now = _options.Time.Show(_clock.Now) / 1000;
        long until = typeTime switch
        {
            1 => ((now / day) + 1) * day,
            3 => ((expiration / day) + 1) * day,
            _ => expiration,
        };
        return _options.Time.Meant(until * 1000, _clock.Now);
    }

    private void Trade4(WireReader r, WireWriter w)
    {
        NativeRequest request = r.U8() switch
        {
            0 => ReadSend4(r),
            1 => new Mt4OrderClose(r.I32(), Number(r), Number(r), r.I32()),
            2 => new Mt4OrderModify(r.I32(), Number(r), Number(r), Number(r), Expiry4(r.I64())),
            3 => new Mt4OrderDelete(r.I32()),
            _ => new Mt4OrderCloseBy(r.I32(), r.I32()),
        };
        var faults = Faults;
        int refused = faults.AutoTradingOff ? NotAllowed4 : faults.ContextBusy ? ContextBusy4 : faults.Disconnected ? NoConnection4 : 0;
        if (refused != 0)
        {
            w.I32(-1).I32(refused);
            return;
        }

        Mt4Result? result = null;
        Await(_options.TradeTimeout, done => Later(faults.SlowTrade, () => _broker.Submit(Owned(request), reply =>
        {
            if (!Faults.Disconnected)
            {
                result ??= (Mt4Result)reply;
                done();
            }
        })));
        result ??= new Mt4Result(-1, Mt4Error.Timeout);
        w.I32(result.Ticket).I32(result.Error);
    }

    private Mt4OrderSend ReadSend4(WireReader r)
    {
        string symbol = r.Text();
        int op = r.I32();
        decimal lots = Number(r);
        decimal price = Number(r);
        int slippage = r.I32();
        decimal sl = Number(r);
        decimal tp = Number(r);
        string comment = r.Text();
        int magic = r.I32();
        return new Mt4OrderSend
        {
            Symbol = symbol,
            Op = (Mt4Op)op,
            Lots = lots,
            Price = price,
            Slippage = slippage,
            StopLoss = sl,
            TakeProfit = tp,
            Comment = comment,
            Magic = magic,
            Expiration = Expiry4(r.I64()),
            OwnerKey = comment.Length > 0 ? _options.KeyOfComment?.Invoke(comment) : null,
        };
    }

    private Timestamp? Expiry4(long seconds) => seconds == 0 ? null : _options.Time.Meant(seconds * 1000, _clock.Now);

    private static WireWriter PutResult(WireWriter w, MqlTradeResult result, int id) =>
        w.I32(result.Retcode).I64(result.Deal).I64(result.Order).F64(result.Volume).F64(result.Price).F64(result.Bid).F64(result.Ask).Text("").I32(id);

    // The shortest decimal of a double; what is no number is refused by the broker as one below zero.
    private static decimal Number(WireReader r)
    {
        double value = r.F64();
        return double.IsFinite(value) && Math.Abs(value) < 1e15 ? (decimal)value : -1m;
    }

    private void Rates(WireReader r, WireWriter w)
    {
        string symbol = r.Text();
        int minutes = r.I32();
        int mode = r.U8();
        long from = r.I64();
        long to = r.I64();
        var all = _prices.Candles(symbol, minutes);
        if (all is null)
        {
            w.I32(_broker.Settings.Platform == PlatformKind.Mt4 ? -4066 : -4401);
            return;
        }

        var rows = mode switch
        {
            0 => all.SkipLast((int)from).TakeLast((int)to),
            1 => all.Where(c => c.Time <= from).TakeLast((int)to),
            _ => all.Where(c => c.Time >= from && c.Time <= to),
        };
        var list = rows.ToList();
        w.I32(list.Count);
        foreach (var (time, open, high, low, close, count) in list)
        {
            w.I64(time).F64(open).F64(high).F64(low).F64(close).I64(count);
        }
    }

    private void Ticks(WireReader r, WireWriter w)
    {
        string symbol = r.Text();
        var ticks = _prices.Ticks(symbol, r.I64(), r.I64(), r.I32());
        if (ticks is null)
        {
            w.I32(-4401);
            return;
        }

        w.I32(ticks.Count);
        foreach (var (ms, bid, ask) in ticks)
        {
            w.I64(ms).F64(bid).F64(ask);
        }
    }
}
