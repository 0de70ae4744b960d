using System.Buffers;
using System.Text;
using System.Text.Json;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.MetaTrader.Tests.Wire;

/// <summary>The same mutations in every run; LOCKSTEP_FUZZ_SEED and LOCKSTEP_FUZZ_COUNT try others and more. A failure shows the input: it belongs into the corpus.</summary>
public class FuzzTests
{
    private static readonly byte[][] JsonTokens =
    [
        .. new[]
        {
            "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u0000", "\\ud800", "\\u0074", "\\\"", "null", "true", "false", "NaN", "-", "-0", "0", "1", "-1", "0.0", "1.10", "1e5", "1E-5", "1.0", ".5",
            "00", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "999999999999999999.9999999999", "1234567890123456789", "0.00000000001", "0.0000000001", "10000000",
            "10000000.1", "253402300799999", "253402300800000", "\"t\":\"ack\",", "\"t\":\"beat\",", "\"n\":1,", "\"lots\":1,", "\"x\":{},", "\"x\":[[[]]],", "\"\"", "[]", "{}", " ", "\n", "\0",
            "\x7F", "€", "\u2028", "\"limit\":1,", "\"sl\":null,", "\"now\":1,", "\"why\":\"a\",", "stoplimit", "buy", "sell",
        }.Select(Encoding.UTF8.GetBytes),
        [0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xEF, 0xBB, 0xBF],
    ];

    private static readonly byte[][] FrameTokens =
    [
        [0x81], [0x01], [0x80], [0x00], [0x88], [0x89], [0x8A], [0x82], [0xC1], [0xFE, 0x00, 0x7E], [0xFF, 0, 0, 0, 0, 0, 1, 0, 0], [0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
        [0x81, 0x80, 1, 2, 3, 4], [0x80, 0x80, 1, 2, 3, 4], [0x01, 0x80, 1, 2, 3, 4], [0x00, 0x81, 0, 0, 0, 0, 0x61], [0x89, 0x81, 0, 0, 0, 0, 0x70], [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xE8],
    ];

    private static ulong Seed => ulong.TryParse(Environment.GetEnvironmentVariable("LOCKSTEP_FUZZ_SEED"), out ulong seed) ? seed : 20261121;

    private static int Count(int usual) => int.TryParse(Environment.GetEnvironmentVariable("LOCKSTEP_FUZZ_COUNT"), out int count) ? count : usual;

    [Fact]
    public void Whatever_comes_is_a_message_or_bad()
    {
        int good = 0;
        foreach (var (name, bytes) in Corpus.Messages)
        {
            Check(bytes, () => name, ref good);
        }

        var mutator = new Mutator(new Dice(Seed), [.. Corpus.Messages.Select(input => input.Bytes)], JsonTokens);
        for (int i = Count(150_000); i > 0; i--)
        {
            Check(mutator.Next(), mutator.Show, ref good);
        }

        // Mutations that are only ever bad would prove little.
        Assert.InRange(good, 1_000, int.MaxValue);
    }

    [Fact]
    public void Frames_are_the_same_wherever_they_are_cut()
    {
        var dice = new Dice(Seed + 1);
        int whole = 0;
        foreach (var (name, bytes) in Corpus.Frames)
        {
            var expected = Read(Segment.Sequence(bytes));
            for (int cut = 0; cut <= bytes.Length; cut++)
            {
                Same(expected, Read(Segment.Sequence(bytes, cut)), () => name);
                Same(expected, ReadAsItComes(bytes, cut, bytes.Length), () => name);
            }

            Same(expected, ReadAsItComes(bytes, [.. Enumerable.Range(0, bytes.Length + 1)]), () => name);
        }

        var mutator = new Mutator(dice, [.. Corpus.Frames.Select(input => input.Bytes)], FrameTokens);
        for (int i = Count(50_000); i > 0; i--)
        {
            byte[] bytes = mutator.Next().ToArray();
            var expected = Read(Segment.Sequence(bytes));
            whole += expected.Count;
            int first = dice.Below(bytes.Length + 1);
            int second = first + dice.Below(bytes.Length - first + 1);
            Same(expected, Read(Segment.Sequence(bytes, first, second)), mutator.Show);
            Same(expected, ReadAsItComes(bytes, first, second, bytes.Length), mutator.Show);
        }

        Assert.InRange(whole, 1_000, int.MaxValue);
    }

    [Fact]
    public void A_message_that_is_cut_is_bad()
    {
        foreach (var vector in Vectors.Good)
        {
            int end = Encoding.UTF8.GetString(vector.Text).TrimEnd().Length;
            for (int cut = 0; cut < end - 1; cut++)
            {
                Assert.True(LinkCodec.Read(vector.Text.AsSpan(0, cut)) is BadMessage, $"{vector.Name} cut at {cut}");
            }
        }
    }

    [Fact]
    public void A_key_is_never_told()
    {
        byte[] hello = Vectors.Good.Single(vector => vector.Name == "hello-mt5").Text;
        foreach (char c in "\"\\{}[]:,x0\0é")
        {
            byte[] put = Encoding.UTF8.GetBytes([c]);
            for (int at = 0; at < hello.Length; at++)
            {
                foreach (int remove in new[] { 0, 1 })
                {
                    byte[] text = [.. hello.AsSpan(0, at), .. put, .. hello.AsSpan(at + remove)];
                    var message = LinkCodec.Read(text);
                    string told = message is BadMessage bad ? bad.Why : message.ToString()!;
                    Assert.DoesNotContain("456", told);
                    Assert.DoesNotContain("abc", told);
                }
            }
        }
    }

    private static void Check(ReadOnlySpan<byte> input, Func<string> show, ref int good)
    {
        LinkMessage message;
        try
        {
            message = LinkCodec.Read(input);
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"thrown for {show()}", e);
        }

        switch (message)
        {
            case BadMessage bad:
                True(bad.Why.Length is > 4 and < 300, show);
                True(bad.Why == LinkIn.Printable(bad.Why), show);
                return;
            case UnknownMessage unknown:
                True(unknown.Type.Length is > 0 and <= 64, show);
                return;
        }

        good++;
        using (JsonDocument.Parse(input.ToArray()))
        {
            // What is good here is JSON to others.
        }

        byte[] written = VectorTests.Write(message);
        var again = LinkCodec.Read(written);
        True(again.GetType() == message.GetType(), show);
        True(VectorTests.Write(again).AsSpan().SequenceEqual(written), show);
        IEnumerable<WirePosition> positions = again switch { ChangeMessage m => m.Positions, SnapshotMessage m => m.Positions, _ => [] };
        True(positions.All(p => LinkCodec.Fingerprint(p) == p.Fingerprint), show);
        IEnumerable<WireOrder> orders = again switch { ChangeMessage m => m.Orders, SnapshotMessage m => m.Orders.Concat(m.Ended), _ => [] };
        True(orders.All(o => LinkCodec.Fingerprint(o) == o.Fingerprint), show);
    }

    private static void True(bool so, Func<string> show)
    {
        if (!so)
        {
            Assert.Fail(show());
        }
    }

    private static void Same(List<string> expected, List<string> found, Func<string> show)
    {
        if (!expected.SequenceEqual(found))
        {
            Assert.Fail($"{show()}\n{string.Join('|', expected)}\n{string.Join('|', found)}");
        }
    }

    private static List<string> Read(ReadOnlySequence<byte> input)
    {
        List<string> found = [];
        using var reader = new WsReader(fromClient: true);
        WsReaderTests.Drain(reader, ref input, found);
        return found;
    }

    /// <summary>Up to each of these places in turn; what was not taken is shown again together with the next.</summary>
    private static List<string> ReadAsItComes(byte[] bytes, params int[] upTo)
    {
        List<string> found = [];
        using var reader = new WsReader(fromClient: true);
        byte[] rest = [];
        int at = 0;
        foreach (int end in upTo)
        {
            var input = Segment.Sequence([.. rest, .. bytes.AsSpan(at, end - at)]);
            at = end;
            if (WsReaderTests.Drain(reader, ref input, found))
            {
                break;
            }

            rest = input.ToArray();
        }

        return found;
    }
}
