using Lockstep.Domain;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.MetaTrader.Session;

/// <content>The terminals' keys: handed over while they are connected, so that nobody has to type the next one.</content>
public sealed partial class TerminalSession
{
    /// <summary>The terminals that are connected now, standbys included.</summary>
    public IReadOnlyList<TerminalSeat> Seats
    {
        get
        {
            lock (_gate)
            {
                return [.. _links.Select(l => new TerminalSeat(l.Hello!.Terminal, l.Key, l.Hello.TakesKeys, l.IsPrivate, l.Handed, l.Peer))];
            }
        }
    }

    /// <summary>
    /// Hands a terminal its next key; it answers when it has it on its disk. False: it is not connected, its EA takes none, or others could read it on the way. What the key replaces must go on working.
    /// </summary>
    public bool HandOver(string terminal, string id, string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        ArgumentException.ThrowIfNullOrEmpty(key);
        lock (_gate)
        {
            if (_stopped || _links.Find(l => l.Hello!.Terminal == terminal) is not { IsPrivate: true, Hello.TakesKeys: true } link)
            {
                return false;
            }

            link.Handed = id;
            Counters.Add(TerminalCount.KeysHanded);
            Log(TerminalLogLevel.Info, link, $"key {id} is handed over");
            Send(link, new KeyMessage(id, key));
        }

        Drain();
        return true;
    }

    /// <summary>Turns away every terminal that came in with a key: somebody took it back.</summary>
    public void TurnAway(string key, string why)
    {
        lock (_gate)
        {
            foreach (var link in _links.FindAll(l => l.Key == key))
            {
                Put(EffectKind.Expel, link, (RefusedCodes.WrongKey, why));
            }
        }

        Drain();
    }

    private void TakeKept(TerminalLink link, KeptMessage kept, long now)
    {
        if (link.Handed != kept.Id)
        {
            OutOfOrder(link, "this key was not handed over", now);
            return;
        }

        link.Handed = null;
        if (kept.Why.Length == 0)
        {
            Counters.Add(TerminalCount.KeysKept);
            Log(TerminalLogLevel.Info, link, $"key {kept.Id} is kept");
        }
        else
        {
            Log(TerminalLogLevel.Warning, link, $"key {kept.Id} could not be kept: {Sentence(kept.Why, 200)}");
        }

        Put(EffectKind.KeyKept, link, kept);
    }

    private void RunKey(in Effect effect)
    {
        var link = (TerminalLink)effect.Subject!;
        if (effect.What is KeptMessage kept)
        {
            Options.Keys?.Kept(Account, kept.Id, link.Hello!.Terminal, kept.Why.Length == 0 ? null : kept.Why);
        }
        else
        {
            Options.Keys?.CameIn(Account, link.Key, link.Hello!.Terminal);
        }
    }

    /// <summary>Whether it is a key of ours: such a word is in no log.</summary>
    private bool IsKey(ReadOnlySpan<byte> hash) => (Settings.KeyHash is { } own && hash.SequenceEqual(own)) || Options.Keys?.Find(hash) is not null;
}
