using System.Buffers.Text;
using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.MetaTrader.Wire;
using Lockstep.Runtime;
using Lockstep.Simulator;

namespace Lockstep.Simulation;

/// <summary>
/// An onlooker at the server's end of an account's terminals, for one session of it: who is active, what is acknowledged, what is made of kept events, and which epoch speaks.
/// It reads the wire and the reports, and nothing of the hub.
/// </summary>
internal sealed class LinkWatch(AccountId account, long epoch, LinkWatch? before, Action<string, string> violate)
{
    private readonly Dictionary<string, Told> _told = before?._told ?? new(StringComparer.Ordinal);
    private readonly HashSet<PlatformEvent> _durable = before?._durable ?? new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<ulong> _answered = before?._answered ?? [];
    private LinkLine? _active = before?._active;
    private LinkLine? _speaks;
    private Sort _kind;
    private long _number;
    private long _opened = epoch;
    private long _given = before?._given ?? 0;

    private enum Sort
    {
        None,
        Change,
        Snapshot,
    }

    /// <summary>A message of a terminal is handed to the hub.</summary>
    public void Begin(LinkLine line, ReadOnlySpan<byte> text)
    {
        (_speaks, _kind) = (line, Sort.None);
        if (text.StartsWith("{\"t\":\"hello\""u8) && LinkCodec.Read(text) is HelloMessage hello)
        {
            if (!_told.TryGetValue(hello.Terminal, out var told))
            {
                _told[hello.Terminal] = told = new Told();
            }

            told.Safe = Math.Max(told.Safe, hello.Acked);
            (line.Told, line.HistoryUpTo) = (told, hello.Last);
        }
        else if (Number(text, "{\"t\":\"change\",\"n\":"u8) is { } change)
        {
            (_kind, _number) = (Sort.Change, change);
        }
        else if (Number(text, "{\"t\":\"answer\",\"n\":"u8) is { } answer)
        {
            int at = text.IndexOf("\"id\":\""u8) + 6;
            if (OrderKey.TryFind(System.Text.Encoding.ASCII.GetString(text.Slice(at, OrderKey.TextLength)), out var key))
            {
                line.Told?.Waiting.TryAdd(answer, (null, key.Value));
            }
        }
        else if (text.StartsWith("{\"t\":\"snapshot\""u8) && Number(text[text.IndexOf("\"n\":"u8)..], "\"n\":"u8) is { } upTo)
        {
            (_kind, _number) = (Sort.Snapshot, upTo);
        }
    }

    /// <summary>The hub has done what follows from it.</summary>
    public void End() => (_speaks, _kind) = (null, Sort.None);

    /// <summary>The session reports to the engine.</summary>
    public void Reported(PlatformEvent report)
    {
        if (report is SessionOpened ? report.Epoch <= _opened : report.Epoch != _opened)
        {
            violate("epoch-of-the-session", $"{account}: a {report.GetType().Name} of epoch {report.Epoch} was reported while epoch {_opened} was the last one open");
        }

        _opened = Math.Max(_opened, report.Epoch);
        if (report is BookChanged && _kind == Sort.Change)
        {
            if (_number <= _speaks!.HistoryUpTo)
            {
                violate("history-is-no-news", $"{account}: event {_number} was kept over an outage (up to {_speaks.HistoryUpTo}), and was reported as a change");
            }

            _speaks.Told?.Waiting.TryAdd(_number, (report, 0));
        }
        else if (report is BookSnapshot && _kind == Sort.Snapshot)
        {
            _speaks!.Told?.Snapshots.Add((report, _number));
        }
    }

    /// <summary>A batch is in the journal.</summary>
    public void Durable(Batch batch)
    {
        foreach (var step in batch.Steps)
        {
            if (step.Event.Event is not Reported { Report: var report } || report.Account != account)
            {
                continue;
            }

            if (report is OrderAnswered answer)
            {
                _answered.Add(answer.Key.Value);
            }
            else if (report is BookChanged or BookSnapshot)
            {
                _durable.Add(report);
            }
        }
    }

    /// <summary>The server sends something to a terminal.</summary>
    public void Sends(LinkLine line, ReadOnlySpan<byte> text)
    {
        if (Number(text, "{\"t\":\"ack\",\"n\":"u8) is { } acknowledged)
        {
            Acknowledged(line, acknowledged);
        }
        else if (text.StartsWith("{\"t\":\"beat\""u8) && LinkCodec.Read(text) is ServerBeatMessage beat)
        {
            Acknowledged(line, beat.Ack);
        }
        else if (text.StartsWith("{\"t\":\"active\""u8) && LinkCodec.Read(text) is ActiveMessage active)
        {
            Acknowledged(line, active.Resume - 1);
            Activated(line, active.Epoch);
        }
        else if (text.StartsWith("{\"t\":\"welcome\""u8) && LinkCodec.Read(text) is WelcomeMessage welcome)
        {
            Acknowledged(line, welcome.Resume - 1);
            if (welcome.Active)
            {
                Activated(line, welcome.Epoch);
            }
        }
    }

    private void Activated(LinkLine line, long epoch)
    {
        if (_active is { IsOpen: true } other && other != line)
        {
            violate("one-active", $"{account}: a terminal was made the active one in epoch {epoch} while another one still was");
        }

        if (epoch <= _given)
        {
            violate("epochs-grow", $"{account}: epoch {epoch} was given after {_given}");
        }

        (_active, _given) = (line, epoch);
    }

    /// <summary>What is acknowledged must be in the journal: as the report that carries it, or in a whole truth that is as of later.</summary>
    private void Acknowledged(LinkLine line, long upTo)
    {
        if (line.Told is not { } told || upTo <= told.Safe)
        {
            return;
        }

        foreach (var (report, number) in told.Snapshots)
        {
            told.Covered = _durable.Contains(report) ? Math.Max(told.Covered, number) : told.Covered;
        }

        told.Snapshots.RemoveAll(s => s.Number <= told.Covered);
        for (long n = told.Safe + 1; n <= upTo; n++)
        {
            bool known = told.Waiting.Remove(n, out var what);
            if (n > told.Covered && !(known && (what.Report is { } report ? _durable.Contains(report) : _answered.Contains(what.Key))))
            {
                violate("acknowledged-is-durable", $"{account}: event {n} was acknowledged and is not in the journal");
                break;
            }
        }

        told.Safe = upTo;
    }

    /// <summary>The number that follows a beginning; null when the text does not begin so.</summary>
    internal static long? Number(ReadOnlySpan<byte> text, ReadOnlySpan<byte> beginning) =>
        text.StartsWith(beginning) && Utf8Parser.TryParse(text[beginning.Length..], out long number, out _) ? number : null;

    /// <summary>What one terminal told in this life of the server.</summary>
    internal sealed class Told
    {
        /// <summary>Everything up to here was durable when it was acknowledged.</summary>
        public long Safe { get; set; }

        /// <summary>A durable whole truth includes everything up to here.</summary>
        public long Covered { get; set; }

        public Dictionary<long, (PlatformEvent? Report, ulong Key)> Waiting { get; } = [];

        public List<(PlatformEvent Report, long Number)> Snapshots { get; } = [];
    }
}
