using System.Buffers;

namespace Lockstep.CTrader.Wire;

/// <summary>
/// Finds the objects of a JSON stream by the depth of their braces; blanks and line ends between them are skipped. The guide does not say how the JSON port divides its stream, so this takes
/// whatever a client may reasonably send. It remembers how far it looked: bytes that come one by one are looked at once.
/// </summary>
public sealed class OpenApiJsonStream
{
    private long _looked;
    private int _depth;
    private bool _inString;
    private bool _escaped;

    /// <summary>
    /// Takes the next object off the front of <paramref name="buffer"/>, which must begin where the last call left it; false = not all of it is there yet. Something else than an object, or one
    /// longer than <see cref="OpenApiCodec.FrameMax"/>, is an <see cref="OpenApiFormatException"/>.
    /// </summary>
    public bool TryTake(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> json)
    {
        json = default;
        var reader = new SequenceReader<byte>(buffer);
        if (_depth == 0)
        {
            reader.AdvancePastAny((byte)' ', (byte)'\t', (byte)'\r', (byte)'\n');
            buffer = buffer.Slice(reader.Position);
            reader = new SequenceReader<byte>(buffer);
            if (!reader.TryPeek(out byte first))
            {
                return false;
            }

            if (first != (byte)'{')
            {
                throw new OpenApiFormatException("text that is no JSON object");
            }
        }

        reader.Advance(_looked);
        while (reader.TryRead(out byte next))
        {
            if (Ends(next))
            {
                json = buffer.Slice(0, reader.Consumed);
                buffer = buffer.Slice(reader.Consumed);
                _looked = 0;
                return true;
            }
        }

        _looked = reader.Consumed;
        return _looked <= OpenApiCodec.FrameMax ? false : throw new OpenApiFormatException($"an object of more than {OpenApiCodec.FrameMax} bytes");
    }

    private bool Ends(byte next)
    {
        if (_inString)
        {
            (_inString, _escaped) = (_escaped || next != (byte)'"', !_escaped && next == (byte)'\\');
            return false;
        }

        switch (next)
        {
            case (byte)'"':
                _inString = true;
                return false;
            case (byte)'{' or (byte)'[':
                _depth++;
                return false;
            case (byte)'}' or (byte)']':
                return --_depth == 0;
            default:
                return false;
        }
    }
}
