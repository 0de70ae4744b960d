using Lockstep.Domain;
using Lockstep.MetaTrader.Translate;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.MetaTrader.Session;

/// <content>Beats, health, quotes, money, and what is shown at the terminal.</content>
public sealed partial class TerminalSession
{
    private List<string>? _watched;
    private long _laggedAt = -1;
    private int _missed;

    /// <summary>Symbols that must be quoted fast.</summary>
    public void Watch(IReadOnlyCollection<SymbolName> symbols)
    {
        ArgumentNullException.ThrowIfNull(symbols);
        var names = new List<string>(symbols.Count);
        foreach (var symbol in symbols)
        {
            names.Add(symbol.Value);
        }

        lock (_gate)
        {
            bool any = names.Count > 0 || _watched is { Count: > 0 };
            _watched = names;
            if (any && !_stopped && _active is { } link)
            {
                Send(link, new WatchMessage(names));
            }
        }

        Drain();
    }

    /// <summary>Shows a text to the person at the terminal, pushed to the phone on wish.</summary>
    public void Alert(string text, bool push)
    {
        ArgumentNullException.ThrowIfNull(text);
        lock (_gate)
        {
            if (!_stopped && (_active ?? (_links.Count > 0 ? _links[0] : null)) is { } link)
            {
                Send(link, new AlertMessage(text.Length > 500 ? text[..500] : text, push));
            }
        }

        Drain();
    }

    private void TakeBeat(TerminalLink link, BeatMessage beat, long now)
    {
        if (!ServerClock.IsSane(beat.Offset))
        {
            Refuse(link, $"offset {beat.Offset} cannot be", now);
            return;
        }

        link.Beat = beat;
        long trip = _hub.LinkNow - beat.Echo - beat.Held;
        link.RoundTrip = beat.Echo > 0 && trip is >= 0 and < 60_000 ? trip : -1;
        bool was = link.Connected;
        link.Connected = beat.Connected;
        if (link == _active && _clock.Set(beat.Offset))
        {
            OffsetChanged(link);
        }

        if (was != beat.Connected)
        {
            Log(beat.Connected ? TerminalLogLevel.Info : TerminalLogLevel.Warning, link, beat.Connected ? "the terminal is connected to its broker" : "the terminal has lost its broker");
            BrokerChanged(link, beat.Connected);
        }

        if (link == _active)
        {
            _missed = 0;
            Compare(link, beat);
            TellHealth();
        }
    }

    private void OffsetChanged(TerminalLink link)
    {
        Counters.Add(TerminalCount.OffsetChanges);
        Log(TerminalLogLevel.Info, link, $"the broker's clock is {_clock.OffsetSeconds} s ahead of UTC now");
    }

    /// <summary>Is what was received what the terminal told?</summary>
    private void Compare(TerminalLink link, BeatMessage beat)
    {
        if (!_open)
        {
            return;
        }

        long received = link.Events!.Received;
        bool differs = _differsAt >= 0;
        if (beat.Number == received && _known.Whole && _ask is null)
        {
            Counters.Add(TerminalCount.Digests);
            if (beat.Digest != _known.Digest)
            {
                Counters.Add(TerminalCount.DigestMismatches);
                Log(TerminalLogLevel.Warning, link, $"digest {beat.Digest:x16} at event {beat.Number}, ours is {_known.Digest:x16}: the whole truth is asked for");
                differs = true;
            }
        }

        // Told of by two beats, and still not come: it will not come.
        if (beat.Number > received && _laggedAt == received)
        {
            Counters.Add(TerminalCount.Gaps);
            differs = true;
        }

        _laggedAt = beat.Number > received ? received : -1;
        Report(new Heartbeat { Account = Account, Epoch = _epoch, Sequence = _sequence, Differs = differs });
    }

    private void MissedBeats(long now, long beat)
    {
        int missed = _active is { } link ? (int)((now - link.LastHeard) / beat) : 0;
        if (missed != _missed)
        {
            _missed = missed;
            TellHealth();
        }
    }

    private void TellHealth()
    {
        var link = _active;
        var beat = link?.Beat;
        Put(EffectKind.Health, null, new SessionHealth
        {
            Connected = _open,
            TradeAllowed = _open && beat is not { Trade: false } && link!.Hello!.Role != "monitor",
            TradeProblem = link is null ? "no terminal is connected"
                : !link.Connected ? "the terminal is not connected to its broker"
                : link.Hello!.Role == "monitor" ? "the terminal only monitors"
                : Sentence(beat?.Why ?? "", 200),
            RoundTrip = link is { RoundTrip: >= 0 } ? TimeSpan.FromMilliseconds(link.RoundTrip) : null,
            BrokerPing = beat is { Ping: >= 0 } ? TimeSpan.FromMilliseconds(beat.Ping) : null,
            TickAge = beat is { Tick: >= 0 and < 31_536_000_000 } ? TimeSpan.FromMilliseconds(beat.Tick) : null,
            MissedBeats = _missed,
            Reconnects = Math.Max(0, _opened - 1),
            ServerOffset = link is null ? null : TimeSpan.FromSeconds(_clock.OffsetSeconds),
            Standby = _links.Count - (link is null ? 0 : 1),
            Peer = link?.Peer ?? "",
            At = _hub.Now,
        });
    }

    private string Peer(HelloMessage hello) => Sentence($"{hello.Platform.ToUpperInvariant()} build {hello.Build}, EA {hello.Ea}", 60);

    private void TakeQuotes(IReadOnlyList<WireQuote> quotes)
    {
        var now = _hub.Now;
        var good = new List<(SymbolName, Quote)>(quotes.Count);
        for (int i = 0; i < quotes.Count; i++)
        {
            var q = quotes[i];
            if (q.Bid > 0 && q.Ask > 0 && q.Symbol.Length > 0)
            {
                good.Add((new SymbolName(q.Symbol), new Quote(new Price(q.Bid), new Price(q.Ask), _clock.QuotedAt(q.Time, now))));
            }
        }

        if (good.Count > 0)
        {
            Put(EffectKind.Quotes, null, good);
        }
    }

    private void TakeFunds(TerminalLink link, FundsMessage funds)
    {
        Put(EffectKind.Funds, null, Reports.Funds(funds.Funds, link.Hello!.Currency, _hub.Now));
        if (funds.Floating.Count > 0)
        {
            var floating = new PositionMoney[funds.Floating.Count];
            for (int i = 0; i < floating.Length; i++)
            {
                var f = funds.Floating[i];
                floating[i] = new PositionMoney(new PositionId(f.Position), new Money(f.Profit), new Money(f.Swap));
            }

            Put(EffectKind.Floating, null, floating);
        }
    }
}
