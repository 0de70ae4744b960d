using System.Security.Cryptography;
using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Simulation;

/// <summary>What the journal holds by now: every event with its decisions, durable, in its order. Built up as commits come, so that nobody has to decode it again.</summary>
internal sealed class Record
{
    private readonly List<Numbered> _events = [];
    private readonly List<IReadOnlyList<Decision>> _decisions = [];
    private readonly List<WhyEntry> _why = [];
    private readonly List<PlainSettings> _settings = [];
    private readonly HashSet<OrderKey> _decided = [];
    private readonly HashSet<OrderKey> _sent = [];
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public IReadOnlyList<Numbered> Events => _events;

    public IReadOnlyList<IReadOnlyList<Decision>> Decisions => _decisions;

    public IReadOnlyList<WhyEntry> Why => _why;

    public IReadOnlyList<PlainSettings> Settings => _settings;

    /// <summary>True when the durable journal holds the decision to send this.</summary>
    public bool Holds(OrderKey key) => _decided.Contains(key);

    /// <summary>Notes that a command reached its session; false when it had before.</summary>
    public bool Sent(OrderKey key) => _sent.Add(key);

    /// <summary>A committed event with its decisions; <paramref name="bytes"/> are the decisions as the journal holds them.</summary>
    public void Add(Numbered numbered, IReadOnlyList<Decision> decisions, ReadOnlySpan<byte> bytes)
    {
        _events.Add(numbered);
        _decisions.Add(decisions);
        _hash.AppendData(bytes);
        if (numbered.Event is Configured configured)
        {
            _settings.Add(new PlainSettings(numbered.At, configured.Settings));
        }

        foreach (var decision in decisions)
        {
            switch (decision)
            {
                case WhyRecorded why:
                    _why.Add(why.Entry);
                    break;
                case SendOrder send:
                    _decided.Add(send.Command.Key);
                    break;
            }
        }
    }

    /// <summary>The hash over all decisions.</summary>
    public byte[] Hash() => _hash.GetCurrentHash();
}
