using System.Buffers;

namespace Lockstep.MetaTrader.Tests.Wire;

/// <summary>Bytes in several pieces of memory, as a pipe gives them.</summary>
internal sealed class Segment : ReadOnlySequenceSegment<byte>
{
    /// <summary>The bytes, cut at these places, in memory of their own.</summary>
    public static ReadOnlySequence<byte> Sequence(ReadOnlySpan<byte> bytes, params int[] cuts)
    {
        Segment? first = null;
        Segment? end = null;
        int from = 0;
        foreach (int cut in cuts.Append(bytes.Length))
        {
            var next = new Segment { Memory = bytes[from..cut].ToArray(), RunningIndex = from };
            if (end is null)
            {
                first = next;
            }
            else
            {
                end.Next = next;
            }

            end = next;
            from = cut;
        }

        return new(first!, 0, end!, end!.Memory.Length);
    }
}
