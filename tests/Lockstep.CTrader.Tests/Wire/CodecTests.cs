using System.Buffers;
using System.Buffers.Binary;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Lockstep.CTrader.Wire;
using Lockstep.CTrader.Wire.Proto;

namespace Lockstep.CTrader.Tests.Wire;

public class CodecTests
{
    public static TheoryData<uint> Kinds => new(PayloadTypes.All.Order());

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_comes_back_as_it_left_on_both_ports(uint kind)
    {
        var dice = new Random((int)kind);
        for (int i = 0; i < 20; i++)
        {
            var body = MessageMaker.Make(PayloadTypes.Parser(kind)!.ParseFrom(ReadOnlySpan<byte>.Empty).Descriptor, dice);
            string? id = i % 3 == 0 ? null : $"é€😀{i}";
            Assert.Equal(new OpenApiMessage(kind, body, id), OpenApiCodec.Read(new ReadOnlySequence<byte>(Bytes(body, id)[4..])));
            Assert.Equal(new OpenApiMessage(kind, body, id), OpenApiJson.Read(new ReadOnlySequence<byte>(Json(body, id))));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_is_written_is_what_the_library_writes(uint kind)
    {
        var body = MessageMaker.Make(PayloadTypes.Parser(kind)!.ParseFrom(ReadOnlySpan<byte>.Empty).Descriptor, new Random((int)kind + 1));
        byte[] envelope = new ProtoMessage { PayloadType = kind, Payload = body.ToByteString(), ClientMsgId = "ä" }.ToByteArray();
        byte[] bytes = Bytes(body, "ä");
        Assert.Equal(envelope.Length, BinaryPrimitives.ReadInt32BigEndian(bytes));
        Assert.Equal(envelope, bytes[4..]);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Each_required_field_is_asked_for_on_both_sides(uint kind)
    {
        var descriptor = PayloadTypes.Parser(kind)!.ParseFrom(ReadOnlySpan<byte>.Empty).Descriptor;
        foreach (var field in descriptor.Fields.InDeclarationOrder().Where(f => f.IsRequired))
        {
            var body = MessageMaker.Make(descriptor, new Random((int)kind));
            field.Accessor.Clear(body);
            Assert.Contains(field.Name, Assert.Throws<InvalidOperationException>(() => Bytes(body, null)).Message, StringComparison.Ordinal);
            Assert.Throws<InvalidOperationException>(() => Json(body, null));
            byte[] envelope = new ProtoMessage { PayloadType = kind, Payload = body.ToByteString() }.ToByteArray();
            var error = Assert.Throws<OpenApiFormatException>(() => OpenApiCodec.Read(new ReadOnlySequence<byte>(envelope)));
            Assert.Equal($"a {descriptor.Name} that lacks {field.Name}", error.Message);
            Assert.Equal(body, OpenApiCodec.Read(new ReadOnlySequence<byte>(envelope), demandRequired: false).Body);
        }
    }

    [Fact]
    public void A_required_field_deep_inside_is_asked_for_too()
    {
        var body = new ProtoOASubscribeSpotsReq { CtidTraderAccountId = 1 };
        var list = new ProtoOASymbolByIdRes { CtidTraderAccountId = 1, Symbol = { new ProtoOASymbol { SymbolId = 1, Digits = 2, PipPosition = 1, Schedule = { new ProtoOAInterval { StartSecond = 1 } } } } };
        Assert.NotEmpty(Bytes(body, null));
        Assert.Contains("symbol.schedule.endSecond", Assert.Throws<InvalidOperationException>(() => Bytes(list, null)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(15_000_001u)]
    [InlineData(0x8000_0000u)]
    [InlineData(0xFFFF_FFFFu)]
    public void A_length_that_no_frame_has_is_a_format_error_before_anything_of_it_came(uint length)
    {
        byte[] head = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(head, length);
        for (int cut = 0; cut < 4; cut++)
        {
            var buffer = Piece.Cut(head, cut);
            Assert.Throws<OpenApiFormatException>(() => OpenApiCodec.TryTakeFrame(ref buffer, out _));
        }
    }

    [Fact]
    public void The_longest_frame_is_taken_and_a_longer_one_not_written()
    {
        // 13 bytes around the text: type, payload's head, token's head.
        var body = new ProtoOARefreshTokenReq { RefreshToken = new string('x', OpenApiCodec.FrameMax - 13) };
        byte[] longest = Bytes(body, null);
        Assert.Equal(OpenApiCodec.FrameMax, longest.Length - 4);
        var buffer = Piece.Cut(longest, 2, 1_000_000);
        Assert.True(OpenApiCodec.TryTakeFrame(ref buffer, out var frame));
        Assert.Equal(body, OpenApiCodec.Read(frame).Body);
        Assert.Throws<InvalidOperationException>(() => Bytes(new ProtoOARefreshTokenReq { RefreshToken = body.RefreshToken + "x" }, null));
    }

    [Fact]
    public void Many_frames_in_one_read_are_taken_one_by_one_wherever_the_read_was_cut()
    {
        byte[] stream = [.. Contract.Vectors.SelectMany(Contract.Vector)];
        string[] expected = [.. Contract.Vectors.Select(v => Convert.ToHexString(Contract.Vector(v)[4..]))];
        for (int cut = 1; cut < stream.Length; cut++)
        {
            var buffer = Piece.Cut(stream, cut);
            var got = new List<string>();
            while (OpenApiCodec.TryTakeFrame(ref buffer, out var frame))
            {
                got.Add(Convert.ToHexString(frame.ToArray()));
            }

            Assert.Equal(expected, got);
            Assert.True(buffer.IsEmpty);
        }
    }

    [Fact]
    public void Reading_a_spot_allocates_the_message_and_nothing_else()
    {
        var frame = new ReadOnlySequence<byte>(Contract.Vector("spot-bid-only")[4..]);
        OpenApiCodec.Read(frame);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++)
        {
            OpenApiCodec.Read(frame);
        }

        // The event itself with its empty list is 120 bytes, the record around it 40; the rest is head room for another runtime.
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 1_000, 1, 256);
    }

    private static byte[] Bytes(IMessage body, string? id)
    {
        var output = new ArrayBufferWriter<byte>();
        OpenApiCodec.Write(output, body, id);
        return output.WrittenSpan.ToArray();
    }

    private static byte[] Json(IMessage body, string? id)
    {
        var output = new ArrayBufferWriter<byte>();
        OpenApiJson.Write(output, body, id);
        return output.WrittenSpan.ToArray();
    }
}
