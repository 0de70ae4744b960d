using System.Globalization;

namespace Lockstep.MetaTrader.Tests.Wire;

/// <summary>SplitMix64: the same numbers on every machine and every runtime.</summary>
internal sealed class Dice(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15UL;
        ulong z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    public int Below(int limit) => (int)(Next() % (ulong)limit);

    public bool Chance(int of) => Below(of) == 0;

    public T Of<T>(IReadOnlyList<T> list) => list[Below(list.Count)];
}

/// <summary>The stored inputs: vectors, and whatever was nasty once.</summary>
internal static class Corpus
{
    private static readonly string Root = Path.Combine(Vectors.Root, "tests", "Lockstep.MetaTrader.Tests", "corpus");

    public static IReadOnlyList<(string Name, byte[] Bytes)> Messages { get; } =
    [
        .. Directory.GetFiles(Path.Combine(Root, "codec"), "*.txt").Order(StringComparer.Ordinal).Select(file => (Path.GetFileNameWithoutExtension(file), File.ReadAllBytes(file))),
        .. Vectors.Good.Concat(Vectors.Bad).Select(vector => (vector.Name, vector.Text)),
    ];

    public static IReadOnlyList<(string Name, byte[] Bytes)> Frames { get; } =
    [
        .. Directory.GetFiles(Path.Combine(Root, "frames"), "*.hex").Order(StringComparer.Ordinal)
            .Select(file => (Path.GetFileNameWithoutExtension(file), Convert.FromHexString(File.ReadAllText(file).Trim()))),
    ];
}

/// <summary>Changes bytes as a seed says.</summary>
internal sealed class Mutator(Dice dice, IReadOnlyList<byte[]> seeds, IReadOnlyList<byte[]> tokens)
{
    private readonly byte[] _buffer = new byte[8192];
    private int _length;

    public ReadOnlySpan<byte> Next()
    {
        byte[] seed = dice.Of(seeds);
        _length = Math.Min(seed.Length, _buffer.Length / 2);
        seed.AsSpan(0, _length).CopyTo(_buffer);
        for (int i = 1 + dice.Below(4); i > 0; i--)
        {
            Change();
        }

        return _buffer.AsSpan(0, _length);
    }

    private void Change()
    {
        int at = dice.Below(_length + 1);
        int some = Math.Min(1 + dice.Below(dice.Chance(4) ? 64 : 4), _length - at);
        switch (dice.Below(9))
        {
            case 0 when at < _length:
                _buffer[at] ^= (byte)(1 << dice.Below(8));
                break;
            case 1 when at < _length:
                _buffer[at] = (byte)dice.Next();
                break;
            case 2:
                Replace(at, some, default);
                break;
            case 3:
                Replace(at, 0, _buffer.AsSpan(at, some).ToArray());
                break;
            case 4:
                byte[] other = dice.Of(seeds);
                int from = dice.Below(other.Length + 1);
                Replace(at, dice.Chance(2) ? some : 0, other.AsSpan(from, Math.Min(dice.Below(80), other.Length - from)));
                break;
            case 5:
                _length = at;
                break;
            case 6:
                Number();
                break;
            default:
                Replace(at, dice.Chance(2) ? some : 0, dice.Of(tokens));
                break;
        }
    }

    /// <summary>Puts something where a number is.</summary>
    private void Number()
    {
        for (int tries = 0; tries < 8 && _length > 0; tries++)
        {
            int at = dice.Below(_length);
            if (_buffer[at] is >= (byte)'0' and <= (byte)'9')
            {
                int end = at;
                while (end < _length && _buffer[end] is (>= (byte)'0' and <= (byte)'9') or (byte)'.')
                {
                    end++;
                }

                Replace(at, end - at, dice.Of(tokens));
                return;
            }
        }
    }

    private void Replace(int at, int remove, ReadOnlySpan<byte> with)
    {
        byte[] rest = _buffer.AsSpan(at + remove, _length - at - remove).ToArray();
        int room = _buffer.Length - at;
        with = with[..Math.Min(with.Length, room)];
        with.CopyTo(_buffer.AsSpan(at));
        room -= with.Length;
        rest.AsSpan(0, Math.Min(rest.Length, room)).CopyTo(_buffer.AsSpan(at + with.Length));
        _length = at + with.Length + Math.Min(rest.Length, room);
    }

    /// <summary>The present input, to be put into the corpus.</summary>
    public string Show() => string.Create(CultureInfo.InvariantCulture, $"{_length} bytes {Convert.ToBase64String(_buffer, 0, _length)}");
}
