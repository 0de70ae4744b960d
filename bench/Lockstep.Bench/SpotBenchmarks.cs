using System.Buffers;
using System.Buffers.Binary;
using BenchmarkDotNet.Attributes;
using Google.Protobuf;
using Lockstep.CTrader.Wire;
using Lockstep.CTrader.Wire.Proto;

namespace Lockstep.Bench;

/// <summary>
/// cTrader's prices: the bytes of 1,000 spot events of 50 symbols, as a socket brings them, to messages. Beside it what the Protobuf library does with the same bytes when it is simply asked, without any
/// check of required fields.
/// </summary>
[MemoryDiagnoser]
[Config(typeof(RepeatedRun))]
public class SpotBenchmarks
{
    private const int Events = 1_000;
    private const int Symbols = 50;
    private readonly ArrayBufferWriter<byte> _order = new(512);
    private readonly ProtoOANewOrderReq _request = new()
    {
        CtidTraderAccountId = 41_000_001,
        SymbolId = 1,
        OrderType = ProtoOAOrderType.Market,
        TradeSide = ProtoOATradeSide.Buy,
        Volume = 1_000_000,
        TimeInForce = ProtoOATimeInForce.ImmediateOrCancel,
        Label = "LS",
        ClientOrderId = "LS0123456789ABC0",
        RelativeStopLoss = 2_000,
    };

    private byte[] _stream = [];
    private ReadOnlySequence<byte> _cut;

    [GlobalSetup]
    public void Build()
    {
        var stream = new ArrayBufferWriter<byte>();
        for (int i = 0; i < Events; i++)
        {
            var spot = new ProtoOASpotEvent { CtidTraderAccountId = 41_000_001, SymbolId = 1 + (i % Symbols), Timestamp = 1_764_028_800_000 + i };
            if (i % 3 != 1)
            {
                spot.Bid = (ulong)(111_900 + (i % 97));
            }

            if (i % 3 != 2)
            {
                spot.Ask = (ulong)(111_910 + (i % 89));
            }

            OpenApiCodec.Write(stream, spot, null);
        }

        _stream = stream.WrittenSpan.ToArray();
        _cut = Cut(_stream, 4_096);
        Console.WriteLine($"// {Events} spot events, {_stream.Length} bytes");
    }

    /// <summary>In one piece.</summary>
    [Benchmark(OperationsPerInvoke = Events)]
    public ulong Decode() => Read(new ReadOnlySequence<byte>(_stream));

    /// <summary>In pieces of 4 KiB, so that some frames are in two.</summary>
    [Benchmark(OperationsPerInvoke = Events)]
    public ulong DecodePieces() => Read(_cut);

    [Benchmark(Baseline = true, OperationsPerInvoke = Events)]
    public ulong Library()
    {
        ulong sum = 0;
        for (int at = 0; at < _stream.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(_stream.AsSpan(at));
            var envelope = ProtoMessage.Parser.ParseFrom(_stream, at + 4, length);
            sum += ProtoOASpotEvent.Parser.ParseFrom(envelope.Payload).Bid;
            at += 4 + length;
        }

        return sum;
    }

    /// <summary>An order to the bytes of its frame.</summary>
    [Benchmark]
    public int WriteOrder()
    {
        _order.ResetWrittenCount();
        OpenApiCodec.Write(_order, _request, "LS0123456789ABC0/1");
        return _order.WrittenCount;
    }

    private static ulong Read(ReadOnlySequence<byte> buffer)
    {
        ulong sum = 0;
        while (OpenApiCodec.TryTakeFrame(ref buffer, out var frame))
        {
            sum += ((ProtoOASpotEvent)OpenApiCodec.Read(frame).Body!).Bid;
        }

        return sum;
    }

    private static ReadOnlySequence<byte> Cut(byte[] bytes, int size)
    {
        var first = new Piece(bytes.AsMemory(0, Math.Min(size, bytes.Length)), 0);
        var last = first;
        for (int at = size; at < bytes.Length; at += size)
        {
            last = last.Follow(bytes.AsMemory(at, Math.Min(size, bytes.Length - at)));
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, long at) => (Memory, RunningIndex) = (memory, at);

        public Piece Follow(ReadOnlyMemory<byte> memory)
        {
            var next = new Piece(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
