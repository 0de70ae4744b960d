using Lockstep.Domain;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.Simulator;

/// <content>What may be skipped: quotes, funds, log lines.</content>
public sealed partial class SimTerminal
{
    private static readonly TimeSpan FundsEvery = TimeSpan.FromSeconds(1);
    private HashSet<string>? _watched;
    private List<string>? _quotesDue;
    private bool _quotesScheduled;
    private bool _slowScheduled;
    private bool _fundsScheduled;
    private Timestamp _fundsAt;
    private FundsMessage? _lastFunds;
    private Timestamp? _tickAt;
    private long _logMinute;
    private int _logsInMinute;

    /// <summary>True when some symbol must be quoted to the server without delay.</summary>
    public bool WatchesQuotes => _told.Count > 0 || _toldOrders.Count > 0 || _watched is not null;

    /// <summary>Sends a line to the server's log: at most ten a minute, cut to 200 characters.</summary>
    public void Log(string level, string text) => Enter(() =>
    {
        long minute = _clock.Now.Micros / 60_000_000;
        if (minute != _logMinute)
        {
            (_logMinute, _logsInMinute) = (minute, 0);
        }

        if (State == SimTerminalState.Live && _logsInMinute++ < 10)
        {
            Queue(new LogMessage(level, text.Length > 200 ? text[..200] : text));
        }
    });

    private void OnQuoted(SymbolName symbol, Quote quote)
    {
        _tickAt = _clock.Now;
        if (State != SimTerminalState.Live || !_brokerConnected)
        {
            return;
        }

        if (_told.Count > 0)
        {
            FundsMayDiffer();
        }

        QuoteDue(symbol.Value);
    }

    private void QuoteAll()
    {
        foreach (var (symbol, _) in _broker.Quotes)
        {
            QuoteDue(symbol);
        }
    }

    private void QuoteDue(string symbol)
    {
        bool fast = IsFast(symbol);
        if (!fast && _quotesMs <= 0)
        {
            return;
        }

        // The price itself is read when it is sent: the latest wins.
        _quotesDue ??= new List<string>(4);
        if (!_quotesDue.Contains(symbol))
        {
            _quotesDue.Add(symbol);
        }

        if (fast && !_quotesScheduled)
        {
            _quotesScheduled = true;
            Later(_settings.Pump, SendFastQuotes);
        }
        else if (!fast && !_slowScheduled)
        {
            _slowScheduled = true;
            Later(TimeSpan.FromMilliseconds(_quotesMs), SendSlowQuotes);
        }
    }

    private bool IsFast(string symbol)
    {
        if (_watched is not null && _watched.Contains(symbol))
        {
            return true;
        }

        foreach (var (position, _) in _told.Values)
        {
            if (position.Symbol == symbol)
            {
                return true;
            }
        }

        foreach (var (order, _) in _toldOrders.Values)
        {
            if (order.Symbol == symbol)
            {
                return true;
            }
        }

        return false;
    }

    private void SendFastQuotes()
    {
        _quotesScheduled = false;
        SendQuotes(all: false);
    }

    private void SendSlowQuotes()
    {
        _slowScheduled = false;
        SendQuotes(all: true);
    }

    private void SendQuotes(bool all)
    {
        if (State != SimTerminalState.Live || _quotesDue is not { Count: > 0 } due)
        {
            return;
        }

        if (_busy || _out.Count > 0)
        {
            _quotesScheduled = true;
            Later(_settings.Pump, all ? () => { _quotesScheduled = false; SendQuotes(all: true); } : SendFastQuotes);
            return;
        }

        var list = new List<WireQuote>(due.Count);
        for (int i = due.Count - 1; i >= 0; i--)
        {
            if ((all || IsFast(due[i])) && list.Count < 300)
            {
                if (_broker.QuoteOf(new SymbolName(due[i])) is { } quote)
                {
                    list.Add(WireWords.Of(due[i], quote, _settings.Time));
                }

                due.RemoveAt(i);
            }
        }

        if (list.Count > 0)
        {
            SendNow(new QuotesMessage(list));
        }
    }

    private void FundsMayDiffer()
    {
        if (_fundsScheduled || State != SimTerminalState.Live)
        {
            return;
        }

        _fundsScheduled = true;
        var wait = _fundsAt + FundsEvery - _clock.Now;
        Later(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, () =>
        {
            _fundsScheduled = false;
            if (State != SimTerminalState.Live || !_brokerConnected)
            {
                return;
            }

            _fundsAt = _clock.Now;
            if (_busy || _out.Count > 0)
            {
                FundsMayDiffer();
                return;
            }

            var funds = new FundsMessage(WireWords.Of(_broker.Funds()), Floating());
            if (_lastFunds is { } last && last.Funds == funds.Funds && last.Floating.SequenceEqual(funds.Floating))
            {
                return;
            }

            _lastFunds = funds;
            SendNow(funds);
        });
    }

    private List<WireFloating> Floating()
    {
        var floating = new List<WireFloating>(_told.Count);
        foreach (var (position, _) in _told.Values)
        {
            // The list need not be whole, the message must not be too large.
            if (floating.Count < 900 && _broker.Symbol(new SymbolName(position.Symbol)) is { } symbol && _broker.QuoteOf(symbol.Spec.Name) is { } quote)
            {
                decimal points = position.Buy ? quote.Bid.Value - position.Price : position.Price - quote.Ask.Value;
                decimal profit = Math.Round(points * position.Lots * symbol.Spec.ContractSize * Rate(symbol.Spec.ProfitCurrency), 2, MidpointRounding.AwayFromZero);
                floating.Add(new WireFloating(position.Id, profit, SwapOf(position)));
            }
        }

        return floating;
    }

    private decimal SwapOf(WirePosition position) => _broker switch
    {
        Mt4Broker mt4 => mt4.OrderSelect((int)position.Ticket)?.Swap ?? 0m,
        Mt5Broker mt5 => mt5.PositionByTicket(position.Ticket)?.Swap ?? 0m,
        _ => 0m,
    };
}
