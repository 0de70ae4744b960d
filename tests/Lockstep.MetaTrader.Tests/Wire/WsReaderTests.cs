using System.Buffers;
using System.Text;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.MetaTrader.Tests.Wire;

public class WsReaderTests
{
    private static readonly byte[] Key = [0x37, 0xFA, 0x21, 0x3D];

    [Fact]
    public void A_masked_text_is_the_one_of_the_standard()
    {
        // RFC 6455 §5.7.
        byte[] frame = [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58];
        Assert.Equal(frame, Frame(WsOpcode.Text, "Hello"));
        Assert.Equal(["message Hello"], Read(frame));
    }

    [Fact]
    public void A_text_without_a_mask_is_a_servers()
    {
        byte[] frame = [0x81, 0x05, .. "Hello"u8];
        Assert.Equal(frame, Frame(WsOpcode.Text, "Hello", masked: false));
        Assert.Equal(["message Hello"], Read(frame, fromClient: false));
        Assert.Equal(["error 1002"], Read(frame));
        Assert.Equal(["error 1002"], Read(Frame(WsOpcode.Text, "Hello"), fromClient: false));
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(125, 2)]
    [InlineData(126, 4)]
    [InlineData(65_535, 4)]
    [InlineData(65_536, 10)]
    public void A_length_is_written_the_shortest_way(int length, int header)
    {
        string text = new('x', length);
        foreach (bool masked in new[] { false, true })
        {
            byte[] frame = Frame(WsOpcode.Text, text, masked);
            Assert.Equal(header + (masked ? 4 : 0) + length, frame.Length);
            Assert.Equal(frame.Length, WsFrames.Size(length, masked));
            Assert.Equal([$"message {text}"], Read(frame, masked));
        }
    }

    [Fact]
    public void A_message_may_come_in_pieces_with_control_frames_between()
    {
        byte[] bytes =
        [
            .. Frame(WsOpcode.Text, "{\"t\":", last: false), .. Frame(WsOpcode.Ping, "p"), .. Frame(WsOpcode.Continuation, "\"ack\",", last: false), .. Frame(WsOpcode.Continuation, "", last: false),
            .. Frame(WsOpcode.Pong, ""), .. Frame(WsOpcode.Continuation, "\"n\":1}"), .. Frame(WsOpcode.Text, "next"),
        ];
        Assert.Equal(["ping p", "pong ", "message {\"t\":\"ack\",\"n\":1}", "message next"], Read(bytes));
    }

    [Fact]
    public void Where_the_bytes_are_cut_changes_nothing()
    {
        byte[] bytes =
        [
            .. Frame(WsOpcode.Text, new string('a', 200)), .. Frame(WsOpcode.Text, "b", last: false), .. Frame(WsOpcode.Ping, "ping"), .. Frame(WsOpcode.Continuation, "c"),
            .. Frame(WsOpcode.Text, ""), .. CloseFrame(1000, "bye"),
        ];
        string[] expected = [$"message {new string('a', 200)}", "ping ping", "message bc", "message ", "close 1000 bye"];
        for (int cut = 0; cut <= bytes.Length; cut++)
        {
            Assert.Equal(expected, Read(Segment.Sequence(bytes, cut)));
            Assert.Equal(expected, ReadInTwo(bytes, cut));
        }

        Assert.Equal(expected, Read(Segment.Sequence(bytes, [.. Enumerable.Range(1, bytes.Length - 1)])));
    }

    [Theory]
    [InlineData("C1 80 00 00 00 00", 1002)] // RSV1: compression
    [InlineData("A1 80 00 00 00 00", 1002)]
    [InlineData("91 80 00 00 00 00", 1002)]
    [InlineData("83 80 00 00 00 00", 1002)] // unknown kinds
    [InlineData("8B 80 00 00 00 00", 1002)]
    [InlineData("81 00", 1002)] // not masked
    [InlineData("82 80 00 00 00 00", 1003)]
    [InlineData("02 80 00 00 00 00", 1003)]
    [InlineData("80 80 00 00 00 00", 1002)] // a piece of nothing
    [InlineData("00 80 00 00 00 00", 1002)]
    [InlineData("01 80 00 00 00 00 81 80 00 00 00 00", 1002)] // a message within a message
    [InlineData("01 80 00 00 00 00 82 80 00 00 00 00", 1002)]
    [InlineData("09 80 00 00 00 00", 1002)] // control frames in pieces or too large
    [InlineData("08 80 00 00 00 00", 1002)]
    [InlineData("89 FE 00 7E", 1002)]
    [InlineData("8A FF", 1002)]
    [InlineData("81 FE 00 7D", 1002)] // lengths that are not the shortest
    [InlineData("81 FF 00 00 00 00 00 00 FF FF", 1002)]
    [InlineData("81 FF 80 00 00 00 00 00 00 00", 1002)]
    [InlineData("81 FF FF FF FF FF FF FF FF FF", 1002)]
    [InlineData("81 FF 00 00 00 00 00 01 00 01", 1009)] // one byte too many, refused before it came
    [InlineData("81 FF 7F FF FF FF FF FF FF FF", 1009)]
    [InlineData("88 81 00 00 00 00 03", 1002)] // close frames
    [InlineData("88 82 00 00 00 00 03 E7", 1002)]
    [InlineData("88 82 00 00 00 00 03 EC", 1002)]
    [InlineData("88 82 00 00 00 00 03 ED", 1002)]
    [InlineData("88 82 00 00 00 00 03 EE", 1002)]
    [InlineData("88 82 00 00 00 00 03 F7", 1002)]
    [InlineData("88 82 00 00 00 00 07 D0", 1002)]
    [InlineData("88 82 00 00 00 00 13 88", 1002)]
    [InlineData("88 83 00 00 00 00 03 E8 FF", 1002)]
    public void Broken_framing_ends_the_connection(string hex, int code)
    {
        byte[] bytes = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal($"error {code}", Read(bytes)[^1]);
        Assert.Equal($"error {code}", Read(Segment.Sequence(bytes, [.. Enumerable.Range(1, bytes.Length - 1)]))[^1]);
    }

    [Theory]
    [InlineData("88 80 00 00 00 00", "close 1005 ")]
    [InlineData("88 82 00 00 00 00 03 E8", "close 1000 ")]
    [InlineData("88 82 00 00 00 00 0F A1", "close 4001 ")]
    [InlineData("88 85 00 00 00 00 03 F0 61 0A 62", "close 1008 a?b")]
    public void A_close_frame_is_told(string hex, string expected) => Assert.Equal([expected], Read(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal))));

    [Fact]
    public void Pieces_together_may_not_be_larger_than_a_message()
    {
        byte[] first = Frame(WsOpcode.Text, new string('a', 40_000), last: false);
        byte[] exact = [.. first, .. Frame(WsOpcode.Continuation, new string('a', 25_536))];
        byte[] over = [.. first, .. Frame(WsOpcode.Continuation, new string('a', 25_537))];
        Assert.Equal([$"message {new string('a', 65_536)}"], Read(exact));
        Assert.Equal(["error 1009"], Read(over));
    }

    [Fact]
    public void Nothing_is_read_after_the_end()
    {
        byte[] bytes = [.. CloseFrame(1001, ""), .. Frame(WsOpcode.Text, "late")];
        using var reader = new WsReader(fromClient: true);
        var input = new ReadOnlySequence<byte>(bytes);
        Assert.Equal(WsEventKind.Close, reader.Read(ref input).Kind);
        var again = reader.Read(ref input);
        Assert.Equal((WsEventKind.Close, 1001), (again.Kind, again.Code));
        Assert.Equal(bytes.Length - CloseFrame(1001, "").Length, input.Length);
    }

    [Fact]
    public void A_close_reason_is_cut_between_characters()
    {
        byte[] frame = CloseFrame(4000, new string('é', 100), masked: false);
        Assert.Equal(2 + 2 + 122, frame.Length);
        Assert.Equal([$"close 4000 {new string('é', 61)}"], Read(frame, fromClient: false));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(63)]
    [InlineData(100)]
    [InlineData(1027)]
    public void Masking_is_byte_by_byte(int length)
    {
        byte[] data = [.. Enumerable.Range(0, length).Select(i => (byte)(i * 7))];
        byte[] expected = [.. data.Select((b, i) => (byte)(b ^ Key[i & 3]))];
        WsFrames.Mask(data, Key);
        Assert.Equal(expected, data);
    }

    [Fact]
    public void A_frame_that_cannot_be_is_not_written()
    {
        Assert.Throws<ArgumentException>(() => Frame(WsOpcode.Ping, new string('x', 126)));
        Assert.Throws<ArgumentException>(() => WsFrames.Write(new byte[20], WsOpcode.Text, "x"u8, new byte[3]));
    }

    internal static byte[] Frame(WsOpcode opcode, string text, bool masked = true, bool last = true)
    {
        var buffer = new ArrayBufferWriter<byte>();
        WsFrames.Write(buffer, opcode, Encoding.UTF8.GetBytes(text), masked ? Key : default, last);
        return buffer.WrittenSpan.ToArray();
    }

    internal static byte[] CloseFrame(int code, string reason, bool masked = true)
    {
        Span<byte> frame = stackalloc byte[WsFrames.MaxHeader + WsFrames.MaxControl];
        return frame[..WsFrames.WriteClose(frame, code, reason, masked ? Key : default)].ToArray();
    }

    internal static List<string> Read(ReadOnlySpan<byte> bytes, bool fromClient = true) => Read(Segment.Sequence(bytes), fromClient);

    internal static List<string> Read(ReadOnlySequence<byte> input, bool fromClient = true)
    {
        List<string> found = [];
        using var reader = new WsReader(fromClient);
        Drain(reader, ref input, found);
        return found;
    }

    /// <summary>The first part comes, then the rest.</summary>
    private static List<string> ReadInTwo(byte[] bytes, int cut)
    {
        List<string> found = [];
        using var reader = new WsReader(fromClient: true);
        var input = Segment.Sequence(bytes.AsSpan(0, cut));
        if (!Drain(reader, ref input, found))
        {
            input = Segment.Sequence([.. input.ToArray(), .. bytes.AsSpan(cut)]);
            Drain(reader, ref input, found);
        }

        return found;
    }

    /// <summary>Reads what is there; true when the connection has ended.</summary>
    internal static bool Drain(WsReader reader, ref ReadOnlySequence<byte> input, List<string> found)
    {
        while (true)
        {
            var next = reader.Read(ref input);
            switch (next.Kind)
            {
                case WsEventKind.None:
                    return false;
                case WsEventKind.Message:
                    found.Add("message " + Encoding.UTF8.GetString(next.Payload));
                    break;
                case WsEventKind.Ping:
                    found.Add("ping " + Encoding.UTF8.GetString(next.Payload));
                    break;
                case WsEventKind.Pong:
                    found.Add("pong " + Encoding.UTF8.GetString(next.Payload));
                    break;
                case WsEventKind.Close:
                    found.Add($"close {next.Code} {next.Reason}");
                    return true;
                case WsEventKind.Error:
                    Assert.NotEmpty(next.Reason);
                    found.Add($"error {next.Code}");
                    return true;
            }
        }
    }
}
