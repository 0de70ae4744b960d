using BenchmarkDotNet.Attributes;
using Lockstep.Engine;
using Lockstep.Storage;
using Lockstep.Storage.Format;

namespace Lockstep.Bench;

/// <summary>A journal record of a source opening that ten links took: encoding is on the way of every trade, decoding is what a start does.</summary>
[MemoryDiagnoser]
[Config(typeof(RepeatedRun))]
public class CodecBenchmarks
{
    private Numbered _numbered = null!;
    private List<Decision> _decisions = [];
    private JournalRecord _record = null!;
    private byte[] _bytes = [];

    [GlobalSetup]
    public void Build()
    {
        (_numbered, _decisions) = new BenchWorld().OneOpening();
        _record = JournalCodec.Encode(_numbered, _decisions);
        _bytes = RecordFormat.Write(_record);
        Console.WriteLine($"// event {_record.Event.Length} bytes, {_decisions.Count} decisions {_record.Decisions.Length} bytes");
    }

    [Benchmark]
    public int EncodeEvent() => JournalCodec.EncodeEvent(_numbered.Event).Length;

    [Benchmark]
    public int EncodeDecisions() => JournalCodec.EncodeDecisions(_decisions).Length;

    [Benchmark]
    public EngineEvent DecodeEvent() => JournalCodec.DecodeEvent(_record.Version, _record.Event.Span);

    [Benchmark]
    public int DecodeDecisions() => JournalCodec.DecodeDecisions(_record.Version, _record.Decisions.Span).Count;

    /// <summary>Frame and checksum around them.</summary>
    [Benchmark]
    public int WriteRecord() => RecordFormat.Write(_record).Length;

    /// <summary>Frame and checksum looked at.</summary>
    [Benchmark]
    public RecordState ReadRecord() => RecordFormat.Read(_bytes, out _, out _);
}
