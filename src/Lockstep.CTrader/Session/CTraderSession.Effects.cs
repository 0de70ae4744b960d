using Lockstep.CTrader.OAuth;
using Lockstep.CTrader.Translate;
using Lockstep.Domain;

namespace Lockstep.CTrader.Session;

/// <content>What follows for the world outside, carried out in order and without the lock.</content>
public sealed partial class CTraderSession
{
    private readonly Queue<Effect> _effects = new();
    private bool _draining;
    private bool _silent;

    private enum EffectKind
    {
        Report,
        Quote,
        Funds,
        Floating,
        Health,
        Fetched,
        TokenRefused,
        Info,
        Warning,
        Alert,
    }

    void IOpenApiSeat.Drain() => Drain();

    private void Report(PlatformEvent report) => _effects.Enqueue(new Effect(EffectKind.Report, report, null, 0));

    private void Log(CTraderLogLevel level, string text) => _effects.Enqueue(new Effect(
        level switch { CTraderLogLevel.Info => EffectKind.Info, CTraderLogLevel.Warning => EffectKind.Warning, _ => EffectKind.Alert }, text, null, 0));

    /// <summary>Carries out what waits, unless another thread is at it: then that one goes on. Never called with the lock held.</summary>
    private void Drain()
    {
        lock (Hub.Gate)
        {
            if (_draining || _effects.Count == 0)
            {
                return;
            }

            _draining = true;
        }

        while (true)
        {
            Effect effect;
            Quote quote = default;
            lock (Hub.Gate)
            {
                if (!_effects.TryDequeue(out effect))
                {
                    _draining = false;
                    return;
                }

                if (effect.Kind == EffectKind.Quote)
                {
                    // The latest wins: what came while this one waited goes with it.
                    var symbol = (Listing)effect.Subject;
                    symbol.IsQuoteWaiting = false;
                    quote = symbol.Quote;
                }
            }

            Run(effect, quote);
        }
    }

    private void Run(in Effect effect, Quote quote)
    {
        try
        {
            switch (effect.Kind)
            {
                case EffectKind.Fetched:
                    ((Action<DataAnswer>)effect.Subject)((DataAnswer)effect.What!);
                    break;
                case EffectKind.TokenRefused:
                    Hub.Tokens.Refused((GrantId)effect.What!, effect.Number, (string)effect.Subject);
                    break;
                case EffectKind.Info:
                    Hub.Log?.Write(CTraderLogLevel.Info, Account, (string)effect.Subject);
                    break;
                case EffectKind.Warning:
                    Hub.Log?.Write(CTraderLogLevel.Warning, Account, (string)effect.Subject);
                    break;
                case EffectKind.Alert:
                    Hub.Log?.Write(CTraderLogLevel.Alert, Account, (string)effect.Subject);
                    break;
                default:
                    Tell(effect, quote);
                    break;
            }
        }
#pragma warning disable CA1031 // Whatever breaks at the receiver's side must not stop what comes after it, nor the connection's thread.
        catch (Exception error)
#pragma warning restore CA1031
        {
            Hub.Counters.Add(CTraderCount.SinkErrors);
            Hub.Log?.Write(CTraderLogLevel.Warning, Account, $"{effect.Kind} failed: {error.GetType().Name}");
        }
    }

    private void Tell(in Effect effect, Quote quote)
    {
        if (_sink is not { } sink || Volatile.Read(ref _silent))
        {
            return;
        }

        switch (effect.Kind)
        {
            case EffectKind.Report:
                sink.Report((PlatformEvent)effect.Subject);
                break;
            case EffectKind.Quote:
                sink.Quote(Account, ((Listing)effect.Subject).Name, quote);
                break;
            case EffectKind.Funds:
                sink.Funds(Account, (AccountFunds)effect.Subject);
                break;
            case EffectKind.Floating:
                sink.Floating(Account, (IReadOnlyList<PositionMoney>)effect.Subject);
                break;
            case EffectKind.Health:
                sink.Health(Account, (SessionHealth)effect.Subject);
                break;
        }
    }

    /// <summary>A text from outside as it may stand in a log: short, one line.</summary>
    private static string Sentence(string text)
    {
        var plain = text.Length > 200 ? text.AsSpan(0, 200) : text;
        return string.Create(plain.Length, plain, static (span, from) =>
        {
            for (int i = 0; i < span.Length; i++)
            {
                span[i] = char.IsControl(from[i]) ? ' ' : from[i];
            }
        });
    }

    private readonly record struct Effect(EffectKind Kind, object Subject, object? What, long Number);
}
