using System.Security.Cryptography;
using System.Text;
using Lockstep.Domain;
using Lockstep.MetaTrader.Translate;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.MetaTrader.Session;

/// <content>What follows from a message, carried out in order and outside the lock.</content>
public sealed partial class TerminalSession
{
    private Queue<Effect>? _effects;
    private bool _draining;
    private bool _silent;

    private enum EffectKind
    {
        Send,
        SendCommand,
        Close,
        Expel,
        LinkGone,
        Report,
        Quotes,
        Funds,
        Floating,
        Health,
        Fetched,
        KeyCameIn,
        KeyKept,
        Info,
        Warning,
    }

    private void Put(EffectKind kind, object? subject, object? what, long number = 0) => (_effects ??= new(4)).Enqueue(new Effect(kind, subject, what, number));

    private void Send(TerminalLink link, LinkMessage message) => Put(EffectKind.Send, link, message);

    private void Report(PlatformEvent report) => Put(EffectKind.Report, null, report);

    private void Log(TerminalLogLevel level, TerminalLink? link, string text) =>
        Put(level == TerminalLogLevel.Info ? EffectKind.Info : EffectKind.Warning, link, text);

    /// <summary>Carries out what waits, unless another thread is at it: then that one goes on. Never called with the lock held.</summary>
    private void Drain()
    {
        lock (_gate)
        {
            if (_draining || _effects is not { Count: > 0 })
            {
                return;
            }

            _draining = true;
        }

        while (true)
        {
            Effect effect;
            lock (_gate)
            {
                if (!_effects.TryDequeue(out effect))
                {
                    _draining = false;
                    if (_effects.EnsureCapacity(0) > 64)
                    {
                        _effects = null;
                    }

                    return;
                }
            }

            Run(effect);
        }
    }

    private void Run(in Effect effect)
    {
        try
        {
            switch (effect.Kind)
            {
                case EffectKind.Send:
                    if (effect.Subject is TerminalLink { IsGone: false } to && !to.Write((LinkMessage)effect.What!))
                    {
                        Lost(to);
                    }

                    break;
                case EffectKind.SendCommand:
                    RunCommand((TerminalLink)effect.Subject!, (CommandMessage)effect.What!, new OrderKey((ulong)effect.Number));
                    break;
                case EffectKind.Close:
                    ((TerminalLink)effect.Subject!).CloseTransport((int)effect.Number, (string)effect.What!);
                    break;
                case EffectKind.Expel:
                    var (code, why) = ((string, string))effect.What!;
                    _hub.Expel((TerminalLink)effect.Subject!, code, why, 5_000, this);
                    break;
                case EffectKind.LinkGone:
                    LinkClosed((TerminalLink)effect.Subject!, "closed at once");
                    break;
                case EffectKind.Fetched:
                    ((Action<DataAnswer>)effect.Subject!)((DataAnswer)effect.What!);
                    break;
                case EffectKind.KeyCameIn or EffectKind.KeyKept:
                    RunKey(effect);
                    break;
                case EffectKind.Info:
                    _hub.Log(TerminalLogLevel.Info, Account, (effect.Subject as TerminalLink)?.Remote ?? "", (string)effect.What!);
                    break;
                case EffectKind.Warning:
                    _hub.Log(TerminalLogLevel.Warning, Account, (effect.Subject as TerminalLink)?.Remote ?? "", (string)effect.What!);
                    break;
                default:
                    Tell(effect);
                    break;
            }
        }
#pragma warning disable CA1031 // Whatever breaks at the receiver's side must not stop what comes after it, nor the transport's thread.
        catch (Exception error)
#pragma warning restore CA1031
        {
            Counters.Add(TerminalCount.SinkErrors);
            _hub.Log(TerminalLogLevel.Warning, Account, "", $"{effect.Kind} failed: {error.GetType().Name}");
        }
    }

    private void Tell(in Effect effect)
    {
        if (_sink is not { } sink || Volatile.Read(ref _silent))
        {
            return;
        }

        switch (effect.Kind)
        {
            case EffectKind.Report:
                sink.Report((PlatformEvent)effect.What!);
                break;
            case EffectKind.Quotes:
                foreach (var (symbol, quote) in (List<(SymbolName, Quote)>)effect.What!)
                {
                    sink.Quote(Account, symbol, quote);
                }

                break;
            case EffectKind.Funds:
                sink.Funds(Account, (AccountFunds)effect.What!);
                break;
            case EffectKind.Floating:
                sink.Floating(Account, (IReadOnlyList<PositionMoney>)effect.What!);
                break;
            case EffectKind.Health:
                sink.Health(Account, (SessionHealth)effect.What!);
                break;
        }
    }

    /// <summary>The transport took nothing any more: whatever it says later, the link is lost now.</summary>
    private static void Lost(TerminalLink link)
    {
        link.CloseTransport(1013, "reads too slowly");
        link.Closed("the link was closed, or reads too slowly");
    }

    /// <summary>A line of the terminal's own: short, plain, few, and without a key, whatever the EA writes.</summary>
    private void TakeLog(TerminalLink link, LogMessage line, long now)
    {
        if (now - link.LogSince >= 60_000 || link.LogSince == 0)
        {
            link.LogSince = Math.Max(1, now);
            link.LogLines = new Allowance(0, Options.LogLinesPerMinute, now);
        }

        if (link.LogLines.Take(now))
        {
            Log(line.Level is "warn" or "error" ? TerminalLogLevel.Warning : TerminalLogLevel.Info, link, "terminal: " + Sentence(line.Text, 200));
        }
    }

    /// <summary>A text from outside as it may stand in a log.</summary>
    private string Sentence(string text, int most)
    {
        if (text.Length == 0)
        {
            return "";
        }

        var plain = new StringBuilder(Math.Min(text.Length, most));
        foreach (char c in text.Length > most ? text.AsSpan(0, most) : text)
        {
            plain.Append(char.IsControl(c) ? ' ' : c);
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        var words = text.Split(Separators, StringSplitOptions.RemoveEmptyEntries);
        for (int i = 0; i < words.Length && i < 200; i++)
        {
            SHA256.HashData(Encoding.UTF8.GetBytes(words[i]), hash);
            if (IsKey(hash))
            {
                return "(left out: a key stood in it)";
            }
        }

        return plain.ToString();
    }

    private static readonly char[] Separators = [' ', '"', '\'', '=', ':', ',', ';', '/', '?', '&', '(', ')', '[', ']', '{', '}', '<', '>', '\t', '\r', '\n'];

    private readonly record struct Effect(EffectKind Kind, object? Subject, object? What, long Number);
}
