using System.Numerics;
using Google.Protobuf;
using Lockstep.CTrader.Translate;
using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.CTrader.Session;

/// <content>Events into the book, and what is told of them.</content>
public sealed partial class CTraderSession
{
    private List<IMessage>? _since;
    private List<DealReport>? _dealsSince;
    private ProtoOAExecutionEvent? _lastTaken;
    private long _events;
    private bool _differs;
    private bool _missed;
    private long _nonsense;

    /// <summary>
    /// Takes an execution event in, once: an event of our own request is seen by the request first and comes as a push as well. The change is told before any answer that follows from it.
    /// </summary>
    private void TakeExecution(ProtoOAExecutionEvent e)
    {
        if (ReferenceEquals(e, _lastTaken))
        {
            return;
        }

        _lastTaken = e;
        _events++;
        ServerTime(e.Order?.UtcLastUpdateTimestamp ?? 0);
        _since?.Add(e);
        if (_loading)
        {
            // The whole state is on its way: what this event made is taken in after it.
            AnswerLate(e);
            return;
        }

        var change = new Change();
        if (_book.Apply(e, change, Hub.Now))
        {
            Noticed(change);
            Tell(change);
        }

        AnswerLate(e);
    }

    private void TakeTrailing(ProtoOATrailingSLChangedEvent e)
    {
        _events++;
        _since?.Add(e);
        if (!_loading)
        {
            var change = new Change();
            _book.Apply(e, change, Hub.Now);
            Tell(change);
        }
    }

    private void TakeTrader(ProtoOATrader trader, bool anew)
    {
        if (trader.CtidTraderAccountId != 0 && trader.CtidTraderAccountId != Ctid)
        {
            Hub.Counters.Add(CTraderCount.Nonsense);
            return;
        }

        bool rights = _trader is { } before && before.AccessRights != trader.AccessRights;
        _trader = trader;
        _book.Trader(trader, anew);
        _fundsDirty = true;
        if (rights)
        {
            TellHealth();
        }
    }

    private void Noticed(Change change)
    {
        if (change.Nonsense > 0)
        {
            Hub.Counters.Add(CTraderCount.Nonsense, change.Nonsense);
            bool told = BitOperations.IsPow2(++_nonsense);
            if (change.UnknownSymbol is { } unknown)
            {
                _missed = true;
                ReadSymbols([unknown]);
                if (told)
                {
                    Log(CTraderLogLevel.Warning, $"symbol {unknown} is in no list: what is held in it cannot be told before it is ({_nonsense} times so far)");
                }
            }
            else if (told)
            {
                Log(CTraderLogLevel.Warning, $"values made no sense and were not passed on ({_nonsense} times so far)");
            }
        }

        _fundsDirty |= change.Money;
        if (change.AskTrader)
        {
            AskTrader();
        }
    }

    private void Tell(Change change)
    {
        if (!_open || change.IsEmpty)
        {
            return;
        }

        Report(new BookChanged
        {
            Account = Account,
            Epoch = Epoch,
            Sequence = ++_sequence,
            Positions = change.Positions,
            ClosedPositions = change.Closed,
            Orders = change.Orders,
            GoneOrders = change.Gone,
            Deals = change.Deals,
        });
        _dealsSince?.AddRange(change.Deals);
        if (!QuotesAll && (change.Positions.Count > 0 || change.Orders.Count > 0))
        {
            EnsureMarket();
        }
    }

    /// <summary>What was taken in is not what the server has: the engine is to ask.</summary>
    private void Differs()
    {
        _differs = true;
        if (_open)
        {
            Report(new Heartbeat { Account = Account, Epoch = Epoch, Sequence = _sequence, Differs = true });
        }
    }

    private void AskTrader() => Submit(Lane.Read, new ProtoOATraderReq { CtidTraderAccountId = Ctid }, end =>
    {
        if (end.Message?.Body is ProtoOATraderRes answer)
        {
            TakeTrader(answer.Trader, anew: false);
        }
    });
}
