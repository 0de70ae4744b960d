using System.Buffers;
using System.Text;
using Google.Protobuf;
using Lockstep.CTrader.Wire;
using Lockstep.CTrader.Wire.Proto;

namespace Lockstep.CTrader.Tests.Wire;

public class JsonTests
{
    [Fact]
    public void Numbers_of_64_bits_are_written_as_numbers_and_enums_as_integers()
    {
        var order = new ProtoOANewOrderReq { CtidTraderAccountId = 12345678, SymbolId = 1, OrderType = ProtoOAOrderType.Limit, TradeSide = ProtoOATradeSide.Sell, Volume = 9_007_199_254_740_993, LimitPrice = 1.11987, GuaranteedStopLoss = false };
        Assert.Equal(
            """{"clientMsgId":"a","payloadType":2106,"payload":{"ctidTraderAccountId":12345678,"symbolId":1,"orderType":2,"tradeSide":2,"volume":9007199254740993,"limitPrice":1.11987,"guaranteedStopLoss":false}}""",
            Written(order, "a"));
    }

    [Fact]
    public void An_empty_payload_is_left_out_and_so_is_an_id_that_nobody_gave()
    {
        Assert.Equal("""{"payloadType":51}""", Written(new ProtoHeartbeatEvent(), null));
        Assert.Equal("""{"clientMsgId":"1","payloadType":2101}""", Written(new ProtoOAApplicationAuthRes(), "1"));
    }

    [Fact]
    public void Line_ends_are_written_so_that_an_object_stays_on_its_line()
    {
        Assert.DoesNotContain('\n', Written(new ProtoOAErrorRes { ErrorCode = "X", Description = "a\nb\r" }, null));
    }

    [Theory]
    [InlineData("strings-for-numbers")]
    [InlineData("numbers")]
    public void Numbers_are_read_as_numbers_and_as_strings(string name)
    {
        var read = Read(Corpus.Json.First(j => j.Name == name).Bytes);
        var order = Assert.IsType<ProtoOANewOrderReq>(read.Body);
        Assert.Equal(("a", 12345678L, 1L, ProtoOAOrderType.Market, ProtoOATradeSide.Sell, 1_000_000L), (read.ClientMsgId, order.CtidTraderAccountId, order.SymbolId, order.OrderType, order.TradeSide, order.Volume));
    }

    [Theory]
    [InlineData("unknown-keys")]
    [InlineData("heartbeat")]
    [InlineData("brace-in-string")]
    public void What_is_in_no_list_is_left_alone(string name)
    {
        Assert.Equal(new ProtoHeartbeatEvent(), Read(Corpus.Json.First(j => j.Name == name).Bytes).Body);
    }

    [Fact]
    public void A_kind_that_is_in_no_list_has_no_body()
    {
        Assert.Equal(new OpenApiMessage(3000, null, "z"), Read("""{"payloadType":3000,"clientMsgId":"z","payload":{"a":1}}"""u8.ToArray()));
    }

    [Fact]
    public void A_value_of_an_enum_that_is_in_no_list_survives()
    {
        var read = Assert.IsType<ProtoOAExecutionEvent>(Read("""{"payloadType":2126,"payload":{"ctidTraderAccountId":1,"executionType":99}}"""u8.ToArray()).Body);
        Assert.Equal((ProtoOAExecutionType)99, read.ExecutionType);
    }

    [Theory]
    [InlineData("no-type", "a message without a payload type")]
    [InlineData("type-negative", "payloadType is no whole number that fits")]
    [InlineData("type-fraction", "payloadType is no whole number that fits")]
    [InlineData("id-number", "clientMsgId is no string")]
    [InlineData("payload-array", "a ProtoHeartbeatEvent that is no object")]
    [InlineData("list-not-array", "symbolId is no array")]
    [InlineData("list-null", "symbolId is no whole number that fits")]
    [InlineData("long-too-large", "ctidTraderAccountId is no whole number that fits")]
    [InlineData("enum-wrong-name", "period is no whole number that fits")]
    [InlineData("huge-exponent", "volume is no whole number that fits")]
    [InlineData("half-surrogate", "text that is no JSON")]
    [InlineData("cut", "text that is no JSON")]
    [InlineData("deep", "text that is no JSON")]
    public void What_cannot_be_read_says_why(string name, string why)
    {
        Assert.Equal(why, Assert.Throws<OpenApiFormatException>(() => Read(Corpus.Json.First(j => j.Name == name).Bytes)).Message);
    }

    [Fact]
    public void A_message_that_lacks_a_field_says_which()
    {
        var error = Assert.Throws<OpenApiFormatException>(() => Read("""{"payloadType":2102,"payload":{"ctidTraderAccountId":1}}"""u8.ToArray()));
        Assert.Equal("a ProtoOAAccountAuthReq that lacks accessToken", error.Message);
        var read = OpenApiJson.Read(new ReadOnlySequence<byte>("""{"payloadType":2102,"payload":{"ctidTraderAccountId":1}}"""u8.ToArray()), demandRequired: false);
        Assert.Equal(new ProtoOAAccountAuthReq { CtidTraderAccountId = 1 }, read.Body);
    }

    [Theory]
    [InlineData("x{}")]
    [InlineData("  [1]")]
    [InlineData("\"{}\"")]
    public void A_stream_that_does_not_go_on_with_an_object_is_of_no_use(string text)
    {
        var buffer = new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(text));
        Assert.Throws<OpenApiFormatException>(() => new OpenApiJsonStream().TryTake(ref buffer, out _));
    }

    [Fact]
    public void An_object_that_never_ends_is_given_up()
    {
        var buffer = new ReadOnlySequence<byte>([(byte)'{', .. new byte[OpenApiCodec.FrameMax]]);
        Assert.Throws<OpenApiFormatException>(() => new OpenApiJsonStream().TryTake(ref buffer, out _));
    }

    private static OpenApiMessage Read(byte[] json) => OpenApiJson.Read(new ReadOnlySequence<byte>(json));

    private static string Written(IMessage body, string? id)
    {
        var output = new ArrayBufferWriter<byte>();
        OpenApiJson.Write(output, body, id);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
