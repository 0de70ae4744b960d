using System.Buffers;
using BenchmarkDotNet.Attributes;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.Bench;

/// <summary>The EA link's hot messages: what a terminal says all day is read, what it is told is written. Reading a trade is on the way of every copy.</summary>
[MemoryDiagnoser]
[Config(typeof(RepeatedRun))]
public class LinkBenchmarks
{
    private readonly ArrayBufferWriter<byte> _buffer = new(1024);
    private readonly byte[] _key = [0x37, 0xFA, 0x21, 0x3D];

    private readonly byte[] _change = """{"t":"change","n":132,"positions":[{"id":7001,"ticket":7003,"symbol":"EURUSD","side":"buy","lots":0.3,"price":1.10012,"time":1764028800123,"sl":1.095,"tp":1.11,"order":7001,"magic":912345,"comment":"LS0123456789ABC0"}],"deals":[{"id":8001,"position":7001,"order":7001,"symbol":"EURUSD","side":"buy","lots":0.3,"price":1.10012,"entry":"in","reason":"request","time":1764028800123,"magic":912345,"comment":"LS0123456789ABC0","profit":0,"swap":0,"commission":-1.05}],"quotes":[["EURUSD",1.1,1.1001,1764028800123]]}"""u8.ToArray();

    private readonly byte[] _answer = """{"t":"answer","n":133,"id":"LS0123456789ABC0","out":"done","code":10009,"position":7001,"order":7001,"lots":0.3,"price":1.10012,"took":51}"""u8.ToArray();

    private readonly byte[] _beat = """{"t":"beat","n":132,"digest":"9e3779b97f4a7c15","conn":true,"ping":23,"trade":true,"why":"","tick":350,"offset":10800,"used":57,"queue":0,"echo":1764028800100,"held":3100}"""u8.ToArray();

    private readonly byte[] _quotes = """{"t":"quotes","list":[["EURUSD",1.1,1.1001,1764028800123],["GBPUSD",1.25,1.25002,1764028800000],["USDJPY",155.1,155.103,1764028800000],["XAUUSD",4100.5,4100.72,1764028800000]]}"""u8.ToArray();

    private readonly byte[] _bad = """{"t":"ack","n":"132"}"""u8.ToArray();

    private readonly byte[] _broken = """{"t":"ack","n":132"""u8.ToArray();

    private readonly CommandMessage _command = new()
    {
        Id = "LS0123456789ABC0",
        Epoch = 13,
        Now = 1764028800100,
        Expires = 1764028802100,
        Do = WireDo.Open,
        Symbol = "EURUSD",
        Side = "buy",
        Lots = 0.3m,
        Sl = 1.095m,
        Worst = 1.1005m,
        Magic = 912345,
    };

    private byte[] _frame = [];

    [GlobalSetup]
    public void Build()
    {
        _frame = new byte[WsFrames.Size(_change.Length, masked: true)];
        WsFrames.Write(_frame, WsOpcode.Text, _change, _key);
        Console.WriteLine($"// change {_change.Length} bytes, answer {_answer.Length}, beat {_beat.Length}, quotes {_quotes.Length}");
    }

    [Benchmark]
    public LinkMessage ReadChange() => LinkCodec.Read(_change);

    [Benchmark]
    public LinkMessage ReadAnswer() => LinkCodec.Read(_answer);

    [Benchmark]
    public LinkMessage ReadBeat() => LinkCodec.Read(_beat);

    [Benchmark]
    public LinkMessage ReadFourQuotes() => LinkCodec.Read(_quotes);

    /// <summary>A wrong value: refused without an exception.</summary>
    [Benchmark]
    public LinkMessage ReadBad() => LinkCodec.Read(_bad);

    /// <summary>No JSON: the library throws once. Twenty of these a minute end a link.</summary>
    [Benchmark]
    public LinkMessage ReadBroken() => LinkCodec.Read(_broken);

    [Benchmark]
    public int WriteCommand()
    {
        _buffer.ResetWrittenCount();
        LinkCodec.Write(_command, _buffer);
        return _buffer.WrittenCount;
    }

    /// <summary>What a frame costs beside its message. It is masked again afterwards, as reading it unmasks it where it lies.</summary>
    [Benchmark]
    public int ReadFrame()
    {
        var reader = new WsReader(fromClient: true);
        var input = new ReadOnlySequence<byte>(_frame);
        int length = reader.Read(ref input).Payload.Length;
        WsFrames.Mask(_frame.AsSpan(8), _key);
        return length;
    }
}
