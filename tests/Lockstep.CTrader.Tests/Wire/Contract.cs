using System.Buffers;

namespace Lockstep.CTrader.Tests.Wire;

/// <summary>What lies in contracts/ctrader, read where it lies.</summary>
internal static class Contract
{
    public static string Folder { get; } = Find();

    public static IReadOnlyList<string> Vectors { get; } =
        [.. Directory.GetFiles(Path.Combine(Folder, "vectors"), "*.txt").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)];

    /// <summary>The rows of the table, by kind; comments and the head left out.</summary>
    public static IEnumerable<string[]> Rows() =>
        File.ReadLines(Path.Combine(Folder, "open-api.tsv")).Where(l => l[0] != '#').Skip(1).Select(l => l.Split('\t'));

    /// <summary>The bytes of a vector, length included.</summary>
    public static byte[] Vector(string name) =>
        Convert.FromHexString(string.Concat(File.ReadLines(Path.Combine(Folder, "vectors", name + ".txt")).Select(l => l.Split('#')[0].Replace(" ", "", StringComparison.Ordinal))));

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!Directory.Exists(Path.Combine(folder.FullName, "contracts", "ctrader")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("contracts/ctrader was not found above the tests");
        }

        return Path.Combine(folder.FullName, "contracts", "ctrader");
    }
}

/// <summary>Bytes in pieces, as a network brings them.</summary>
internal sealed class Piece : ReadOnlySequenceSegment<byte>
{
    private Piece(ReadOnlyMemory<byte> memory, long at) => (Memory, RunningIndex) = (memory, at);

    /// <summary>The same bytes, cut where it is said.</summary>
    public static ReadOnlySequence<byte> Cut(byte[] bytes, params int[] cuts)
    {
        Piece? first = null;
        Piece? last = null;
        int from = 0;
        foreach (int to in cuts.Where(c => c > 0 && c < bytes.Length).Append(bytes.Length))
        {
            var piece = new Piece(bytes.AsMemory(from, to - from), from);
            first ??= piece;
            last?.Next = piece;
            last = piece;
            from = to;
        }

        return new ReadOnlySequence<byte>(first!, 0, last!, last!.Memory.Length);
    }
}
