using Lockstep.CTrader.Translate;
using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.CTrader.Session;

/// <content>Quotes, money, beats, health.</content>
public sealed partial class CTraderSession
{
    private bool _fundsDirty;
    private long _fundsAt;
    private long _fundsLastAt;
    private long _beatAt = Never;
    private long _healthAt = Never;
    private long _reconcileAt = Never;
    private long _tickAt = -1;
    private bool _suspect;

    private void TakeSpot(ProtoOASpotEvent spot)
    {
        Hub.Counters.Add(CTraderCount.Spots);
        if (_catalogue.Find(spot.SymbolId) is not { } symbol)
        {
            Hub.Counters.Add(CTraderCount.Nonsense);
            return;
        }

        // One side alone is normal: the other stays as it was (guide §11).
        bool moved = false;
        if (spot.HasBid && spot.Bid is > 0 and < long.MaxValue / 2)
        {
            moved |= symbol.Bid != (long)spot.Bid;
            symbol.Bid = (long)spot.Bid;
        }

        if (spot.HasAsk && spot.Ask is > 0 and < long.MaxValue / 2)
        {
            moved |= symbol.Ask != (long)spot.Ask;
            symbol.Ask = (long)spot.Ask;
        }

        symbol.QuotedAt = Hub.Now;
        ServerTime(spot.Timestamp);
        _tickAt = Hub.Mono;
        if (spot.Trendbar.Count > 0)
        {
            TakeLiveBars(symbol, spot);
        }

        if (moved)
        {
            // Whichever symbol it is, it may convert the result of another one.
            _fundsDirty |= _book.Positions.Count > 0;
        }

        if (_open)
        {
            TellQuote(symbol);
        }
    }

    private void TellQuote(Listing symbol)
    {
        if (symbol.IsQuoted && symbol.Spec is not null && !symbol.IsQuoteWaiting)
        {
            symbol.IsQuoteWaiting = true;
            _effects.Enqueue(new Effect(EffectKind.Quote, symbol, null, 0));
        }
    }

    private void TickMoney(long now)
    {
        if (_spotsAt <= now && _authorised && !_loading)
        {
            _spotsAt = Never;
            _chainsAsked.ExceptWith(_chainsFailed);
            _chainsFailed.Clear();
            EnsureMarket();
        }

        if (_symbolsAt <= now)
        {
            ReadSymbols([]);
        }

        if (!_fundsDirty || !_open || now < _fundsAt)
        {
            return;
        }

        var funds = Funds(out var floating);
        if (floating.Count < _book.Positions.Count && now - _fundsLastAt < 5_000 && _fundsLastAt > 0)
        {
            // A quote is missing: a moment later it is there.
            return;
        }

        _fundsDirty = false;
        _fundsLastAt = now;
        _fundsAt = now + (long)Options.FundsEach.TotalMilliseconds;
        _effects.Enqueue(new Effect(EffectKind.Funds, funds, null, 0));
        _effects.Enqueue(new Effect(EffectKind.Floating, floating, null, 0));
    }

    /// <summary>The account's money by the last quotes; positions that cannot be valued yet count with swap and commission only, and are not in <paramref name="floating"/>.</summary>
    private AccountFunds Funds(out List<PositionMoney> floating)
    {
        uint digits = _book.MoneyDigits;
        decimal equity = _book.Balance;
        floating = new List<PositionMoney>(_book.Positions.Count);
        foreach (var held in _book.Positions.Values)
        {
            decimal swap = MoneyDesk.Swap(held, digits);
            equity += swap + MoneyDesk.Commission(held, digits);
            if (MoneyDesk.Gross(held, ConversionOf(held.Symbol), digits) is { } gross)
            {
                equity += gross;
                floating.Add(new PositionMoney(held.Report.Id, new Money(gross), new Money(swap)));
            }
        }

        decimal margin = MoneyDesk.Margin(_book.Positions.Values, _trader?.TotalMarginCalculationType ?? ProtoOATotalMarginCalculationType.Max, digits);
        return new AccountFunds
        {
            Balance = new Money(_book.Balance),
            Equity = new Money(equity),
            Margin = new Money(margin),
            FreeMargin = new Money(equity - margin),
            Currency = Currency,
            At = Hub.Now,
        };
    }

    private void TickBeats(long now)
    {
        if (!_open)
        {
            return;
        }

        if (now >= _beatAt)
        {
            _beatAt = now + 5_000;
            Report(new Heartbeat { Account = Account, Epoch = Epoch, Sequence = _sequence, Differs = _differs });
        }

        if (now >= _healthAt)
        {
            _healthAt = now + 5_000;
            TellHealth();
        }

        if (now >= _reconcileAt)
        {
            _reconcileAt = now + (long)Options.ReconcileEach.TotalMilliseconds;
            Reconcile(again: 3);
        }
    }

    /// <summary>
    /// Is the server's state what its events added up to? Compared only when nothing came in between, and told only when two looks in a row say so: an event may be on its way.
    /// </summary>
    private void Reconcile(int again)
    {
        if (_walk is not null)
        {
            return;
        }

        long events = _events;
        AskTrader();
        Submit(Lane.Read, new ProtoOAReconcileReq { CtidTraderAccountId = Ctid, ReturnProtectionOrders = true }, end =>
        {
            if (end.Message?.Body is not ProtoOAReconcileRes state)
            {
                ReadFailed(end.Error);
                return;
            }

            if (!_open || _walk is not null)
            {
                return;
            }

            if (_events != events)
            {
                if (again > 0)
                {
                    Reconcile(again - 1);
                }

                return;
            }

            if (_book.Agrees(state, Hub.Now))
            {
                _suspect = false;
                _fundsDirty |= _book.Refresh(state);
                return;
            }

            if (!_suspect)
            {
                _suspect = true;
                _reconcileAt = Hub.Mono + 1_000;
                return;
            }

            Hub.Counters.Add(CTraderCount.Differences);
            Log(CTraderLogLevel.Warning, "the server's positions and orders are not what its events add up to: the whole truth is asked for");
            Differs();
        });
    }

    private void TellHealth()
    {
        bool mayTrade = _trader is not { AccessRights: ProtoOAAccessRights.NoTrading or ProtoOAAccessRights.NoLogin };
        _effects.Enqueue(new Effect(EffectKind.Health, new SessionHealth
        {
            Connected = _open,
            TradeAllowed = _open && mayTrade && _tradeProblem.Length == 0,
            TradeProblem = !_open ? Standing
                : !mayTrade ? $"the account may not trade ({_trader!.AccessRights})"
                : _tradeProblem.Length > 0 ? _tradeProblem
                : _trader is { AccessRights: ProtoOAAccessRights.CloseOnly } ? "the account may only close"
                : "",
            RoundTrip = _connection?.RoundTrip,
            TickAge = _tickAt >= 0 ? TimeSpan.FromMilliseconds(Hub.Mono - _tickAt) : null,
            Reconnects = Math.Max(0, _opened - 1),
            Peer = _peer,
            At = Hub.Now,
        }, null, 0));
    }
}
