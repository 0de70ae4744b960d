using Lockstep.Domain;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.MetaTrader.Session;

/// <content>Terminals come and go: one is active, the others stand by.</content>
public sealed partial class TerminalSession
{
    private const int TerminalsRemembered = 32;

    /// <summary>A terminal that may come in.</summary>
    internal void Admit(TerminalLink link, HelloMessage hello, string key)
    {
        (string Code, string Why, int Wait)? refused = null;
        lock (_gate)
        {
            if (_sink is null || _stopped)
            {
                refused = (RefusedCodes.Disabled, "the account is not served at the moment", 2_000);
            }
            else if (hello.Epoch > _epoch + 1_000_000)
            {
                refused = (RefusedCodes.Malformed, "epoch is far above any that was given", 60_000);
            }
            else if (_links.Count >= Options.TerminalsMost && !_links.Exists(l => l.Hello!.Terminal == hello.Terminal))
            {
                refused = (RefusedCodes.Rate, $"{_links.Count} terminals serve this account already", 60_000);
            }
            else if (!link.IsGone)
            {
                LetIn(link, hello, key);
            }
        }

        if (refused is { } no)
        {
            _hub.Expel(link, no.Code, no.Why, no.Wait, this);
        }

        Drain();
    }

    /// <summary>The transport of a link is gone.</summary>
    internal void LinkClosed(TerminalLink link, string why)
    {
        lock (_gate)
        {
            if (_links.Remove(link))
            {
                Log(TerminalLogLevel.Info, link, $"link closed: {Sentence(why, 100)}");
                if (link == _active)
                {
                    Deactivate($"the terminal's link is lost: {Sentence(why, 100)}");
                    Elect(_hub.Mono, atOnce: true);
                }

                TellHealth();
            }
        }

        Drain();
    }

    private void LetIn(TerminalLink link, HelloMessage hello, string key)
    {
        Counters.Add(TerminalCount.Welcomes);
        long now = _hub.Mono;
        link.Bind(this, hello, key, Peer(hello));
        link.LastHeard = now;
        link.NextBeat = now + (long)Options.Beat.TotalMilliseconds;
        if (hello.Epoch > Math.Max(_epoch, _epochSeen))
        {
            // Our own files are older than the terminal's: numbers that it has seen must not come again.
            Log(TerminalLogLevel.Warning, link, $"the terminal was in epoch {hello.Epoch}, ours is {_epoch}: the next one counts on from there");
            _epochSeen = hello.Epoch;
        }

        bool first = TakePlaceOf(link, hello.Terminal);
        _links.Add(link);
        Log(TerminalLogLevel.Info, link, $"let in: {link.Peer}, terminal {hello.Terminal}, {hello.Role}");
        if (hello.Clash > 0)
        {
            Log(TerminalLogLevel.Warning, link, $"{hello.Clash} orders carry magic numbers of 900000-999999 and are not ours");
        }

        // First in is active; one that was not the last active one gives that one a moment to come back too.
        if (_active is null && (first || hello.Epoch >= Math.Max(_epoch, _epochSeen) || Options.PreferLast <= TimeSpan.Zero))
        {
            Activate(link, welcome: true);
        }
        else
        {
            Send(link, new WelcomeMessage(1, _epoch, false, Resume(link), _hub.LinkNow, (int)Options.Beat.TotalMilliseconds, Options.QuotesMs, Settings.DailyBudget));
        }

        Put(EffectKind.KeyCameIn, link, null);
        TellHealth();
        Interlocked.MemoryBarrier();
        if (link.IsGone)
        {
            // It closed while it was let in, and found no session to tell.
            Put(EffectKind.LinkGone, link, null);
        }
    }

    /// <summary>A new connection of the same terminal replaces the old one; true when that was the active one.</summary>
    private bool TakePlaceOf(TerminalLink link, string terminal)
    {
        var old = _links.Find(l => l.Hello!.Terminal == terminal);
        if (old is null)
        {
            return false;
        }

        Counters.Add(TerminalCount.Replaced);
        bool active = old == _active;
        Drop(old, 4000, "another connection of this terminal took over");
        if (active)
        {
            Deactivate("the terminal connected anew");
        }

        Log(TerminalLogLevel.Info, link, "takes the place of an older connection of the same terminal");
        return active;
    }

    private void Drop(TerminalLink link, int code, string why)
    {
        _links.Remove(link);
        link.MarkGone();
        Put(EffectKind.Close, link, why, code);
    }

    /// <summary>The active terminal is no longer.</summary>
    private void Deactivate(string why)
    {
        CloseBook(why);
        FailFetches(why);
        _active = null;
        _held?.Clear();
    }

    /// <summary>One of those that stand by becomes active: connected to its broker, last active, first in.</summary>
    private void Elect(long now, bool atOnce)
    {
        if (_active is not null || _links.Count == 0)
        {
            return;
        }

        TerminalLink? best = null;
        foreach (var link in _links)
        {
            if (best is null || (link.Connected && !best.Connected) || (link.Connected == best.Connected && link.Hello!.Epoch > best.Hello!.Epoch))
            {
                best = link;
            }
        }

        if (atOnce || now - best!.ConnectedAt >= (long)Options.PreferLast.TotalMilliseconds)
        {
            if (_opened > 0)
            {
                Counters.Add(TerminalCount.Takeovers);
            }

            Activate(best!, welcome: false);
        }
    }

    private void Activate(TerminalLink link, bool welcome)
    {
        NextEpoch();
        _active = link;
        long resume = Resume(link);
        var hello = link.Hello!;
        if (link.Events is null)
        {
            if (hello.First > resume)
            {
                Counters.Add(TerminalCount.Overflows);
                Log(TerminalLogLevel.Warning, link, $"the terminal no longer has events {resume}..{hello.First - 1}: the snapshot tells what they made");
            }

            long last = Math.Max(hello.Last, link.Beat?.Number ?? 0);
            link.Events = new EventLine(Math.Max(resume, hello.First) - 1, last);
            link.Expect(last - resume + 1);
            if (_clock.Set(link.Beat?.Offset ?? hello.Offset) && _opened > 0)
            {
                OffsetChanged(link);
            }
        }

        Send(link, welcome
            ? new WelcomeMessage(1, _epoch, true, resume, _hub.LinkNow, (int)Options.Beat.TotalMilliseconds, Options.QuotesMs, Settings.DailyBudget)
            : new ActiveMessage(_epoch, resume));
        Send(link, new DutyMessage(Settings.Hedge));
        if (_watched is { Count: > 0 } watched)
        {
            Send(link, new WatchMessage(watched));
        }
    }

    /// <summary>Above all that were given, here or by a server whose files were lost. The one that is open goes on under its own.</summary>
    private void NextEpoch() => _epoch = Math.Max(_epoch, _epochSeen) + 1;

    /// <summary>The first event that is wanted. What lies below is durable, and the terminal lets go of it.</summary>
    private long Resume(TerminalLink link)
    {
        if (link.Events is { } line)
        {
            return line.Durable + 1;
        }

        var hello = link.Hello!;
        _acknowledged.TryGetValue(hello.Terminal, out long known);
        if (known > hello.Last)
        {
            // The terminal's files are older than what it once told (a restored backup): its numbers begin anew, and what is remembered is of other events.
            _acknowledged.Remove(hello.Terminal);
            known = 0;
        }

        return Math.Max(known, hello.Acked) + 1;
    }

    private void Remember(TerminalLink link, long durable)
    {
        string terminal = link.Hello!.Terminal;
        if (_acknowledged.Count >= TerminalsRemembered && !_acknowledged.ContainsKey(terminal))
        {
            // Only a saving: an acknowledgement that is forgotten makes the terminal tell its events again.
            _acknowledged.Clear();
        }

        _acknowledged[terminal] = durable;
    }

    private void TickLinks(long now)
    {
        long beat = (long)Options.Beat.TotalMilliseconds;
        bool atOnce = false;
        for (int i = _links.Count - 1; i >= 0; i--)
        {
            var link = _links[i];
            long silent = now - link.LastHeard;
            if (silent >= beat * Options.BeatsMissed)
            {
                Counters.Add(TerminalCount.DeadByBeats);
                Log(TerminalLogLevel.Warning, link, $"no message for {silent / 1000} s");
                Drop(link, 4001, "no beat");
                if (link == _active)
                {
                    Deactivate($"nothing was heard of the terminal for {silent / 1000} s");
                    atOnce = true;
                }

                TellHealth();
            }
            else if (now >= link.NextBeat)
            {
                link.NextBeat = now + beat;
                long durable = link.Events?.Durable ?? link.Hello!.Acked;
                if (link == _active)
                {
                    Acknowledged(link);
                }

                Send(link, new ServerBeatMessage(_hub.LinkNow, durable));
            }
        }

        Elect(now, atOnce);
        if (_active?.Events is { HasNews: true } line)
        {
            Acknowledge(_active, line);
        }

        MissedBeats(now, beat);
    }
}
