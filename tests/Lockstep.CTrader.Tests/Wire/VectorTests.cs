using System.Buffers;
using Google.Protobuf;
using Lockstep.CTrader.Wire;
using Lockstep.CTrader.Wire.Proto;

namespace Lockstep.CTrader.Tests.Wire;

/// <summary>Frames that were worked out by hand: what is written is these bytes, and these bytes are read as what they say.</summary>
public class VectorTests
{
    // Fields that stand in no list cannot be set; such messages are compared after the strange field was taken off.
    private static readonly HashSet<string> Strange = ["execution-filled", "trader-res", "symbol-by-id-res"];
    private static readonly HashSet<string> ReadOnly = ["heartbeat-without-payload", "depth-unpacked", "unknown-kind"];

    public static TheoryData<string> Names => new(Contract.Vectors);

    [Theory]
    [MemberData(nameof(Names))]
    public void A_vector_is_read_as_what_it_says(string name)
    {
        var (body, id) = VectorMessages.Of(name);
        var read = Read(Contract.Vector(name));
        Assert.Equal(id, read.ClientMsgId);
        Assert.Equal(body, read.Body is { } came && Strange.Contains(name) ? VectorMessages.WithoutStrange(came) : read.Body);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_was_read_is_written_as_it_was_and_nothing_is_lost(string name)
    {
        if (ReadOnly.Contains(name))
        {
            return;
        }

        byte[] vector = Contract.Vector(name);
        var read = Read(vector);
        Assert.Equal(vector, Written(read.Body!, read.ClientMsgId));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_message_is_written_as_the_vector_says(string name)
    {
        if (ReadOnly.Contains(name) || Strange.Contains(name))
        {
            return;
        }

        var (body, id) = VectorMessages.Of(name);
        Assert.Equal(Convert.ToHexString(Contract.Vector(name)), Convert.ToHexString(Written(body!, id)));
    }

    [Fact]
    public void An_answer_with_an_empty_payload_has_its_key_all_the_same()
    {
        Assert.Equal("0000000808B5101200" + "1A0131", Convert.ToHexString(Written(new ProtoOAApplicationAuthRes(), "1")));
    }

    [Fact]
    public void A_message_of_an_unknown_kind_has_a_number_and_no_body()
    {
        Assert.Equal(new OpenApiMessage(3000, null, "z"), Read(Contract.Vector("unknown-kind")));
    }

    [Fact]
    public void Packed_and_unpacked_lists_are_the_same()
    {
        Assert.Equal(Read(Contract.Vector("depth-packed")), Read(Contract.Vector("depth-unpacked")));
    }

    private static OpenApiMessage Read(byte[] bytes)
    {
        var buffer = new ReadOnlySequence<byte>(bytes);
        Assert.True(OpenApiCodec.TryTakeFrame(ref buffer, out var frame));
        Assert.True(buffer.IsEmpty);
        return OpenApiCodec.Read(frame);
    }

    private static byte[] Written(IMessage body, string? id)
    {
        var output = new ArrayBufferWriter<byte>();
        OpenApiCodec.Write(output, body, id);
        return output.WrittenSpan.ToArray();
    }
}
