using System.Globalization;
using System.Text;

namespace Lockstep.CTrader.Tests.Wire;

/// <summary>Inputs that are kept: whatever once was a trouble, or might be.</summary>
internal static class Corpus
{
    public static IReadOnlyList<(string Name, byte[] Bytes)> Frames { get; } =
    [
        .. Files("frames").Select(f => (Path.GetFileNameWithoutExtension(f), Hex(f))),
        .. Contract.Vectors.Select(v => (v, Contract.Vector(v))),
    ];

    public static IReadOnlyList<(string Name, byte[] Bytes)> Json { get; } = [.. Files("json").Select(f => (Path.GetFileNameWithoutExtension(f), File.ReadAllBytes(f)))];

    private static IEnumerable<string> Files(string kind) =>
        Directory.GetFiles(Path.Combine(Contract.Folder, "..", "..", "tests", "Lockstep.CTrader.Tests", "corpus", kind), "*.txt").Order(StringComparer.Ordinal);

    private static byte[] Hex(string file) => Convert.FromHexString(string.Concat(File.ReadLines(file).Select(l => l.Split('#')[0].Replace(" ", "", StringComparison.Ordinal))));
}

/// <summary>The same inputs in every run; LOCKSTEP_FUZZ_SEED and LOCKSTEP_FUZZ_COUNT try others and more. A failure shows the input: it belongs into the corpus.</summary>
internal sealed class Mutations(int salt, IReadOnlyList<byte[]> from, IReadOnlyList<byte[]> tokens)
{
    private readonly Random _dice = new(Seed + salt);

    private static int Seed => int.TryParse(Environment.GetEnvironmentVariable("LOCKSTEP_FUZZ_SEED"), CultureInfo.InvariantCulture, out int seed) ? seed : 20261121;

    public static int Count(int usual) => int.TryParse(Environment.GetEnvironmentVariable("LOCKSTEP_FUZZ_COUNT"), CultureInfo.InvariantCulture, out int count) ? count : usual;

    public static string Show(byte[] bytes) => $"{Convert.ToHexString(bytes)} = {Encoding.Latin1.GetString(bytes)}";

    public int Below(int end) => _dice.Next(end);

    public byte[] Next()
    {
        var bytes = new List<byte>(from[_dice.Next(from.Count)]);
        for (int i = _dice.Next(4); i >= 0; i--)
        {
            Change(bytes);
        }

        return [.. bytes];
    }

    private void Change(List<byte> bytes)
    {
        int at = _dice.Next(bytes.Count + 1);
        switch (_dice.Next(7))
        {
            case 0 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << _dice.Next(8));
                break;
            case 1 when at < bytes.Count:
                bytes[at] = (byte)_dice.Next(256);
                break;
            case 2:
                bytes.RemoveRange(at, Math.Min(_dice.Next(4), bytes.Count - at));
                break;
            case 3:
                bytes.InsertRange(at, tokens[_dice.Next(tokens.Count)]);
                break;
            case 4:
                byte[] other = from[_dice.Next(from.Count)];
                int start = _dice.Next(other.Length);
                bytes.InsertRange(at, other.AsSpan(start, _dice.Next(other.Length - start)).ToArray());
                break;
            case 5:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            default:
                bytes.Insert(at, (byte)_dice.Next(256));
                break;
        }
    }
}
