using System.Security.Cryptography;
using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Simulation;

/// <summary>What the journal holds by now: every event with its decisions, durable, in its order. Built up as commits come, so that nobody has to decode it again.</summary>
internal sealed class Record
{
    private readonly List<Numbered> _events = [];
    private readonly List<Timestamp> _durableAt = [];
    private readonly List<IReadOnlyList<Decision>> _decisions = [];
    private readonly List<WhyEntry> _why = [];
    private readonly List<PlainSettings> _settings = [];
    private readonly Dictionary<OrderKey, long> _decided = [];
    private readonly HashSet<OrderKey> _sent = [];
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public IReadOnlyList<Numbered> Events => _events;

    public IReadOnlyList<IReadOnlyList<Decision>> Decisions => _decisions;

    public IReadOnlyList<WhyEntry> Why => _why;

    public IReadOnlyList<PlainSettings> Settings => _settings;

    /// <summary>True when the durable journal holds the decision to send this.</summary>
    public bool Holds(OrderKey key) => _decided.ContainsKey(key);

    /// <summary>The event on which it was decided to send this; null = none.</summary>
    public long? DecidedIn(OrderKey key) => _decided.TryGetValue(key, out long seq) ? seq : null;

    /// <summary>When an event became durable, by the brokers' clock.</summary>
    public Timestamp DurableAt(long seq) => _durableAt[(int)seq - 1];

    /// <summary>Notes that a command reached its session; false when it had before.</summary>
    public bool Sent(OrderKey key) => _sent.Add(key);

    /// <summary>A committed event with its decisions; <paramref name="bytes"/> are the decisions as the journal holds them, <paramref name="now"/> is the brokers' time.</summary>
    public void Add(Numbered numbered, IReadOnlyList<Decision> decisions, ReadOnlySpan<byte> bytes, Timestamp now)
    {
        _events.Add(numbered);
        _durableAt.Add(now);
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
                    _decided.TryAdd(send.Command.Key, numbered.Seq);
                    break;
            }
        }
    }

    /// <summary>The hash over all decisions.</summary>
    public byte[] Hash() => _hash.GetCurrentHash();
}
