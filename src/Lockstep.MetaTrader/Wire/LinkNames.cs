using System.Text;

namespace Lockstep.MetaTrader.Wire;

/// <summary>
/// Texts that many terminals say again and again (symbols, currencies, servers), once each. A table of fixed size whose entries push each other out: nothing that comes in
/// can make it grow. Read and written by many threads without a lock, as an entry is one reference and a lost one costs a new text only.
/// </summary>
internal static class LinkNames
{
    private const int Size = 4096;
    private const int Longest = 32;
    private static readonly string?[] Table = new string?[Size];

    /// <summary>The text of ASCII bytes.</summary>
    public static string Get(ReadOnlySpan<byte> ascii)
    {
        if (ascii.IsEmpty)
        {
            return "";
        }

        if (ascii.Length > Longest)
        {
            return Encoding.ASCII.GetString(ascii);
        }

        ulong hash = Fnv.Of(ascii);
        ref string? place = ref Table[(int)((hash ^ (hash >> 32)) & (Size - 1))];
        string? known = Volatile.Read(ref place);
        if (known is not null && Ascii.Equals(ascii, known))
        {
            return known;
        }

        string text = Encoding.ASCII.GetString(ascii);
        Volatile.Write(ref place, text);
        return text;
    }
}

/// <summary>FNV-1a, 64 bits.</summary>
internal static class Fnv
{
    /// <summary>The hash of the bytes.</summary>
    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        ulong hash = 14695981039346656037UL;
        foreach (byte b in bytes)
        {
            hash = (hash ^ b) * 1099511628211UL;
        }

        return hash;
    }
}
