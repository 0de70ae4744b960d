using Lockstep.Domain;
using Lockstep.MetaTrader.Translate;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.MetaTrader.Session;

/// <summary>The platform port of an account that is served by terminals.</summary>
/// <remarks>
/// One lock an account. What follows from a message (frames, reports, quotes, log lines) is put into one queue under the lock and carried out after it, in order, by one thread
/// at a time: no foreign code runs under our lock, and the sink hears everything in the order in which it came.
/// </remarks>
public sealed partial class TerminalSession : IAccountSession, IAccountData
{
    private readonly TerminalHub _hub;
    private readonly Lock _gate = new();
    private readonly ServerClock _clock = new();
    private readonly Known _known = new();
    private readonly List<TerminalLink> _links = new(1);
    private readonly Dictionary<string, long> _acknowledged;
    private ISessionSink? _sink;
    private TerminalLink? _active;
    private SymbolSpec[] _symbols = [];
    private long _epoch;
    private long _epochSeen;
    private long _openedEpoch;
    private bool _open;
    private bool _stopped;
    private int _opened;

    internal TerminalSession(TerminalHub hub, TerminalAccount settings, long firstEpoch, TerminalSession? before)
    {
        _hub = hub;
        Settings = settings;
        _epoch = firstEpoch - 1;
        _openedEpoch = _epoch;
        _acknowledged = before?._acknowledged ?? new(1, StringComparer.Ordinal);
    }

    /// <inheritdoc/>
    public AccountId Account => Settings.Id;

    internal TerminalAccount Settings { get; }

    internal bool IsStopped => Volatile.Read(ref _stopped);

    private TerminalCounters Counters => _hub.Counters;

    private TerminalHubOptions Options => _hub.Options;

    /// <inheritdoc/>
    public void Start(ISessionSink sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        lock (_gate)
        {
            _sink ??= sink;
        }
    }

    /// <inheritdoc/>
    public void Stop()
    {
        lock (_gate)
        {
            if (_stopped)
            {
                return;
            }

            string why = _hub.Ends ? "the server stops" : "the account was stopped";
            CloseBook(why);
            FailFetches(why);
            foreach (var link in _links)
            {
                link.MarkGone();
                Put(EffectKind.Close, link, why, 1001);
            }

            _links.Clear();
            _active = null;
            Volatile.Write(ref _stopped, true);
        }

        Drain();
        lock (_gate)
        {
            _silent = true;
        }
    }

    /// <summary>A message of a terminal that was let in.</summary>
    internal void Receive(TerminalLink link, LinkMessage message, long now)
    {
        lock (_gate)
        {
            if (!link.IsGone && !_stopped)
            {
                link.LastHeard = now;
                Take(link, message, now);
            }
        }

        Drain();
    }

    /// <summary>Looks at the clock.</summary>
    internal void Tick(long now)
    {
        lock (_gate)
        {
            if (_stopped)
            {
                return;
            }

            TickLinks(now);
            TickCommands(now);
            TickAsk(now);
            TickFetches(now);
        }

        Drain();
    }

    private void Take(TerminalLink link, LinkMessage message, long now)
    {
        switch (message)
        {
            case BeatMessage beat:
                TakeBeat(link, beat, now);
                return;
            case LogMessage line:
                TakeLog(link, line, now);
                return;
            case KeptMessage kept:
                TakeKept(link, kept, now);
                return;
            case UnknownMessage:
                Counters.Add(TerminalCount.UnknownTypes);
                return;
            case BadMessage bad:
                Refuse(link, bad.Why, now);
                Unread(link);
                return;
        }

        if (link != _active)
        {
            OutOfOrder(link, "a standby sends beats only", now);
            return;
        }

        switch (message)
        {
            case SymbolsMessage symbols:
                TakeSymbols(link, symbols, now);
                break;
            case QuotesMessage quotes:
                TakeQuotes(quotes.List);
                break;
            case FundsMessage funds:
                TakeFunds(link, funds);
                break;
            case AskFailedMessage failed:
                TakeAskFailed(failed);
                break;
            case DataMessage data:
                TakeData(link, data, now);
                break;
            case ChangeMessage or AnswerMessage or SnapshotMessage when !link.SymbolsTold:
                OutOfOrder(link, "symbols come first", now);
                break;
            case ChangeMessage change:
                TakeChange(link, change, now);
                break;
            case AnswerMessage answer:
                TakeAnswer(link, answer, now);
                break;
            case SnapshotMessage part:
                TakePart(link, part, now);
                break;
            case HelloMessage:
                OutOfOrder(link, "hello was said already", now);
                break;
            default:
                OutOfOrder(link, "no terminal says this", now);
                break;
        }
    }

    private void OutOfOrder(TerminalLink link, string why, long now)
    {
        Counters.Add(TerminalCount.WrongOrder);
        Refuse(link, why, now);
    }

    /// <summary>A message is refused as a whole; too many of them end the link.</summary>
    private void Refuse(TerminalLink link, string why, long now)
    {
        Counters.Add(TerminalCount.BadMessages);
        bool few = link.MayBeBad(now);
        if (few || link.Events is { IsReplaying: true })
        {
            // Kept events that nobody can read would come again with each connection: they must not be what ends it, or the account would never be served again.
            Send(link, new BadReplyMessage(why.Length > 300 ? why[..300] : why));
            if (few)
            {
                Log(TerminalLogLevel.Warning, link, $"refused a message: {Sentence(why, 200)}");
            }

            return;
        }

        Counters.Add(TerminalCount.TooManyBad);
        Put(EffectKind.Expel, link, (RefusedCodes.Malformed, "too many bad messages"));
    }

    /// <summary>Nobody knows what stood in a message that could not be read: an event, or a part of what was asked for.</summary>
    private void Unread(TerminalLink link)
    {
        if (!_open || link != _active)
        {
            return;
        }

        if (_fetch is { } fetch)
        {
            End(fetch, new DataRefused(Refusal.Other, "a message of the terminal could not be read meanwhile"));
        }

        if (_ask is not null)
        {
            FailAsk("a message of the terminal could not be read meanwhile");
        }
        else
        {
            Differs(link.Events!.Received);
        }
    }

    /// <summary>A link of this account goes, with a reason.</summary>
    internal void Expel(TerminalLink link, string code, string why)
    {
        lock (_gate)
        {
            Put(EffectKind.Expel, link, (code, why));
        }

        Drain();
    }
}
