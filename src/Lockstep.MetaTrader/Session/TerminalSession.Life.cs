using Lockstep.Domain;
using Lockstep.MetaTrader.Translate;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.MetaTrader.Session;

/// <content>The session opens, when the symbols are told and the terminal has its broker, and closes.</content>
public sealed partial class TerminalSession
{
    private List<SymbolSpec>? _collecting;
    private List<(AnswerMessage Answer, OrderKey Key, object Event)>? _held;

    private void TakeSymbols(TerminalLink link, SymbolsMessage message, long now)
    {
        if (!link.SymbolsTold)
        {
            _collecting ??= new(message.List.Count);
            if (_collecting.Count + message.List.Count > Options.ObjectsMost)
            {
                Refuse(link, "too many symbols", now);
                return;
            }

            foreach (var symbol in message.List)
            {
                _collecting.Add(Reports.Symbol(symbol));
            }

            if (!message.More)
            {
                _symbols = [.. _collecting];
                _collecting = null;
                link.SymbolsTold = true;
                OpenBook(link);
            }

            return;
        }

        var changed = new SymbolSpec[message.List.Count];
        for (int i = 0; i < changed.Length; i++)
        {
            changed[i] = Reports.Symbol(message.List[i]);
        }

        Merge(changed);
        if (_open && changed.Length > 0)
        {
            Report(new SymbolsChanged { Account = Account, Epoch = _epoch, Symbols = changed });
        }
    }

    private void Merge(SymbolSpec[] changed)
    {
        var places = new Dictionary<SymbolName, int>(_symbols.Length);
        for (int i = 0; i < _symbols.Length; i++)
        {
            places[_symbols[i].Name] = i;
        }

        var all = new List<SymbolSpec>(_symbols);
        foreach (var spec in changed)
        {
            if (places.TryGetValue(spec.Name, out int place))
            {
                all[place] = spec;
            }
            else if (all.Count < Options.ObjectsMost)
            {
                places[spec.Name] = all.Count;
                all.Add(spec);
            }
        }

        _symbols = [.. all];
    }

    /// <summary>The terminal lost its broker: what is in flight is unknown. It found it again: a new epoch.</summary>
    private void BrokerChanged(TerminalLink link, bool connected)
    {
        if (link != _active)
        {
            return;
        }

        if (!connected)
        {
            CloseBook("the terminal has lost its broker");
            FailFetches("the terminal has lost its broker");
        }
        else if (link.SymbolsTold && !_open)
        {
            NextEpoch();
            Send(link, new ActiveMessage(_epoch, Resume(link)));
            OpenBook(link);
        }
    }

    private void OpenBook(TerminalLink link)
    {
        if (_open || !link.Connected)
        {
            return;
        }

        var hello = link.Hello!;
        bool mt5 = Settings.Platform == PlatformKind.Mt5;
        _open = true;
        _opened++;
        _openedEpoch = _epoch;
        _sequence = 0;
        _snapshotNumber = -1;
        _lastSnapshot = null;
        _differsAt = -1;
        _laggedAt = -1;
        _known.Doubt();
        Counters.Add(TerminalCount.SessionsOpened);
        Counters.AddActive(1);
        Log(TerminalLogLevel.Info, link, $"session open: epoch {_epoch}, {_symbols.Length} symbols");
        Report(new SessionOpened
        {
            Account = Account,
            Epoch = _epoch,
            Symbols = _symbols,
            Capabilities = new AccountCapabilities
            {
                Platform = Settings.Platform,
                Mode = Settings.Mode ?? Reports.ModeOf(hello.Mode)!.Value,
                AbsenceHorizon = Settings.AbsenceHorizon ?? TimeSpan.FromSeconds(mt5 ? 10 : 60),
                AnswerTimeout = Settings.AnswerTimeout ?? TimeSpan.FromSeconds(mt5 ? 2 : 5),
                StopLimitOrders = mt5 && hello.StopLimit,
                PendingExpiry = hello.Expiry,
                ClosingDealsTagged = mt5,
                CloseBy = hello.CloseBy && Settings.Mode != AccountMode.Fifo,
                Currency = hello.Currency,
            },
        });
        if (_held is { Count: > 0 } held)
        {
            foreach (var (answer, key, later) in held)
            {
                var answered = Answered(answer, key);
                link.Events!.Bind(later, answered);
                Report(answered);
            }

            held.Clear();
        }

        TellHealth();
    }

    private void CloseBook(string reason)
    {
        _collecting = null;
        if (!_open)
        {
            return;
        }

        // What waits at our side never left: that is certain, and said while the session still speaks.
        RefuseWaiting("no session");
        _open = false;
        _busy = null;
        _ask = null;
        Counters.Add(TerminalCount.SessionsClosed);
        Counters.AddActive(-1);
        Report(new SessionClosed { Account = Account, Epoch = _epoch, Reason = reason });
        TellHealth();
    }
}
