using System.Buffers;
using System.Text;
using Google.Protobuf;
using Lockstep.CTrader.Wire;
using Lockstep.CTrader.Wire.Proto;

namespace Lockstep.CTrader.Tests.Wire;

/// <summary>Whatever comes is messages, or one <see cref="OpenApiFormatException"/>; and cutting it elsewhere changes nothing.</summary>
public class FuzzTests
{
    private static readonly byte[][] Tokens =
    [
        [0, 0, 0, 4, 8, 0x33, 0x12, 0], [0, 0, 0, 0], [0x80, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], [0x23], [0x24], [0x1A, 1, 0x61], [0x08, 0xCE, 0x10], [0x12, 0], [0x10, 1], [0x9A, 1, 0], [0x0D, 0, 0, 0, 0],
    ];

    private static readonly byte[][] JsonTokens =
    [
        .. new[] { "{", "}", "[", "]", ",", ":", "\"", "\\", "\\ud800", "null", "true", "-1", "0.5", "1e400", "1e5", "9223372036854775808", "\"1\"", "\"payloadType\":2106,", "\"payload\":{", "\n", " ", "\0" }.Select(Encoding.UTF8.GetBytes),
        [0xFF], [0xC3], [0xED, 0xA0, 0x80],
    ];

    private static List<byte[]> Bodies => [.. Corpus.Frames.Where(f => f.Bytes.Length > 4).Select(f => f.Bytes[4..])];

    [Fact]
    public void Whatever_a_frame_holds_is_a_message_or_a_format_error()
    {
        var mutations = new Mutations(0, Bodies, Tokens);
        int good = 0;
        foreach (byte[] frame in Bodies.Concat(Enumerable.Range(0, Mutations.Count(60_000)).Select(_ => mutations.Next())))
        {
            string whole = Told(() => OpenApiCodec.Read(new ReadOnlySequence<byte>(frame)), frame);
            good += whole[0] == '+' ? 1 : 0;
            if (frame.Length > 1)
            {
                int first = mutations.Below(frame.Length);
                Assert.True(whole == Told(() => OpenApiCodec.Read(Piece.Cut(frame, first, first + 1)), frame), Mutations.Show(frame));
            }
        }

        // Mutations that are only ever bad would prove little.
        Assert.InRange(good, 5_000, int.MaxValue);
    }

    [Fact]
    public void An_envelope_is_taken_and_refused_as_the_library_takes_and_refuses_it()
    {
        var mutations = new Mutations(1, Bodies, Tokens);
        foreach (byte[] frame in Bodies.Concat(Enumerable.Range(0, Mutations.Count(60_000)).Select(_ => mutations.Next())))
        {
            Assert.True(Library(frame) == Ours(frame), Mutations.Show(frame));
        }
    }

    [Fact]
    public void A_stream_gives_the_same_frames_wherever_it_is_cut()
    {
        var mutations = new Mutations(2, [.. Corpus.Frames.Select(f => f.Bytes)], Tokens);
        foreach (byte[] stream in Corpus.Frames.Select(f => f.Bytes).Concat(Enumerable.Range(0, Mutations.Count(20_000)).Select(_ => mutations.Next())).Where(s => s.Length > 0))
        {
            var expected = Frames(stream, stream.Length);
            Assert.Equal(expected, Frames(stream, 1 + mutations.Below(stream.Length)));
            Assert.Equal(expected, Frames(stream, 1));
        }
    }

    [Fact]
    public void Whatever_an_object_says_is_a_message_or_a_format_error()
    {
        var mutations = new Mutations(3, [.. Corpus.Json.Select(j => j.Bytes)], JsonTokens);
        int good = 0;
        foreach (byte[] json in Corpus.Json.Select(j => j.Bytes).Concat(Enumerable.Range(0, Mutations.Count(40_000)).Select(_ => mutations.Next())).Where(j => j.Length > 0))
        {
            string whole = Told(() => OpenApiJson.Read(new ReadOnlySequence<byte>(json)), json);
            good += whole[0] == '+' ? 1 : 0;
            Assert.True(whole == Told(() => OpenApiJson.Read(Piece.Cut(json, mutations.Below(json.Length))), json), Mutations.Show(json));
            var expected = Objects(json, json.Length);
            Assert.Equal(expected, Objects(json, 1 + mutations.Below(json.Length)));
            Assert.Equal(expected, Objects(json, 1));
        }

        Assert.InRange(good, 1_000, int.MaxValue);
    }

    // '+' and the message, or '-' and why not; anything else fails the test with the input.
    private static string Told(Func<OpenApiMessage> read, byte[] input)
    {
        try
        {
            var message = read();
            return $"+{message.PayloadType} {message.ClientMsgId} {message.Body}";
        }
        catch (OpenApiFormatException e)
        {
            return $"-{e.Message}";
        }
        catch (Exception e)
        {
            throw new InvalidOperationException(Mutations.Show(input), e);
        }
    }

    private static (bool Read, bool HasType, uint Type, string Payload, bool HasId, string Id) Ours(byte[] frame) => Envelope.TryParse(frame, out var ours)
        ? (true, ours.HasPayloadType, ours.PayloadType, Convert.ToHexString(ours.Payload(frame)), ours.HasId, Encoding.UTF8.GetString(ours.Id(frame)))
        : default;

    private static (bool Read, bool HasType, uint Type, string Payload, bool HasId, string Id) Library(byte[] frame)
    {
        try
        {
            var theirs = ProtoMessage.Parser.ParseFrom(frame);
            return (true, theirs.HasPayloadType, theirs.PayloadType, Convert.ToHexString(theirs.Payload.Span), theirs.HasClientMsgId, theirs.ClientMsgId);
        }
        catch (InvalidProtocolBufferException)
        {
            return default;
        }
    }

    private delegate bool Taking(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> one);

    private static List<string> Frames(byte[] stream, int step) => Taken(stream, step, OpenApiCodec.TryTakeFrame);

    private static List<string> Objects(byte[] stream, int step) => Taken(stream, step, new OpenApiJsonStream().TryTake);

    // As a pipe brings it: step by step, and what was not taken is there again.
    private static List<string> Taken(byte[] stream, int step, Taking take)
    {
        var frames = new List<string>();
        int taken = 0;
        try
        {
            for (int have = step; ; have += step)
            {
                int end = Math.Min(have, stream.Length);
                if (taken < end)
                {
                    byte[] there = stream[taken..end];
                    var buffer = Piece.Cut(there, there.Length / 2);
                    while (take(ref buffer, out var frame))
                    {
                        frames.Add(Convert.ToHexString(frame.ToArray()));
                    }

                    taken = end - (int)buffer.Length;
                }

                if (end == stream.Length)
                {
                    // Blanks between objects are no part of anything.
                    frames.Add($"{stream.Length - taken} left");
                    return frames;
                }
            }
        }
        catch (OpenApiFormatException e)
        {
            frames.Add(e.Message);
            return frames;
        }
    }
}
