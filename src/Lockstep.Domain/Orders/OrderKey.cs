using System.Globalization;

namespace Lockstep.Domain;

/// <summary>
/// The identity of one order intent, worked out from the facts (link, source, purpose, attempt), never drawn at random, so that a
/// restart works out the same one. 64 bits; 0 is not a key. It travels to the platform as <c>LS</c> + 13 base-32 characters + one check
/// character (16 characters): in the comment on MetaTrader (27 characters can be had on MT4, 31 on MT5), in label and clientOrderId on cTrader; and as a magic number, see <see cref="Magic"/>.
/// </summary>
public readonly record struct OrderKey(ulong Value) : IComparable<OrderKey>
{
    /// <summary>First magic number that Lockstep uses (SPEC CP-11).</summary>
    public const int MagicFirst = 900_000;

    /// <summary>Last magic number that Lockstep uses (SPEC CP-11).</summary>
    public const int MagicLast = 999_999;

    /// <summary>How many characters <see cref="ToString"/> has.</summary>
    public const int TextLength = 16;

    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /// <summary>
    /// Works the key out from its facts: a 64-bit FNV-1a hash, finished with a mixing step, over the parts with separators. Stable for ever:
    /// journals of older versions depend on it (test vectors in OrderKeyTests).
    /// </summary>
    public static OrderKey From(string scope, long source, int generation, string purpose, int attempt)
    {
        ulong h = 14695981039346656037UL;
        Mix(ref h, scope);
        Mix(ref h, source);
        Mix(ref h, generation);
        Mix(ref h, purpose);
        Mix(ref h, attempt);
        h ^= h >> 33;
        h *= 0xff51afd7ed558ccdUL;
        h ^= h >> 33;
        h *= 0xc4ceb9fe1a85ec53UL;
        h ^= h >> 33;
        return new OrderKey(h == 0 ? 1 : h);
    }

    /// <summary>The magic number in 900000–999999 that goes with this key on MetaTrader. It survives where a comment is rewritten.</summary>
    public int Magic => MagicFirst + (int)(Value % (MagicLast - MagicFirst + 1));

    /// <summary>True when a magic number lies in Lockstep's range.</summary>
    public static bool IsOurMagic(long magic) => magic is >= MagicFirst and <= MagicLast;

    /// <summary>
    /// Finds a key at the start of a comment or label; text after it (what a broker appended) is ignored. False when there is none or its check
    /// character is wrong (the comment was cut or rewritten).
    /// </summary>
    public static bool TryFind(ReadOnlySpan<char> text, out OrderKey key)
    {
        key = default;
        if (text.Length < TextLength || text[0] != 'L' || text[1] != 'S')
        {
            return false;
        }

        ulong v = 0;
        for (int i = 2; i < 15; i++)
        {
            int d = Alphabet.IndexOf(text[i], StringComparison.Ordinal);
            if (d < 0 || (i == 2 && d > 15))
            {
                return false;
            }

            v = (v << 5) | (uint)d;
        }

        if (text[15] != Alphabet[(int)(v % 31)] || v == 0)
        {
            return false;
        }

        key = new OrderKey(v);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(OrderKey other) => Value.CompareTo(other.Value);

    /// <summary>The 16 characters that travel: <c>LS0ABC…</c>.</summary>
    public override string ToString() => string.Create(TextLength, Value, static (span, v) =>
    {
        span[0] = 'L';
        span[1] = 'S';
        ulong rest = v;
        for (int i = 14; i >= 2; i--)
        {
            span[i] = Alphabet[(int)(rest & 31)];
            rest >>= 5;
        }

        span[15] = Alphabet[(int)(v % 31)];
    });

    private static void Mix(ref ulong h, string s)
    {
        foreach (char c in s)
        {
            h = (h ^ (byte)c) * 1099511628211UL;
            h = (h ^ (byte)(c >> 8)) * 1099511628211UL;
        }

        h = (h ^ 0x1F) * 1099511628211UL;
    }

    private static void Mix(ref ulong h, long v)
    {
        for (int i = 0; i < 8; i++)
        {
            h = (h ^ (byte)(v >> (8 * i))) * 1099511628211UL;
        }
    }
}

/// <summary>What an order or position carries to be recognised by.</summary>
/// <param name="Magic">Magic number (MetaTrader; 0 where the platform has none or the trade was made by hand).</param>
/// <param name="Key">The Lockstep key read from comment or label, if there is an intact one.</param>
/// <param name="Comment">The comment or label as it stands on the platform.</param>
public sealed record OrderTag(long Magic, OrderKey? Key, string Comment)
{
    /// <summary>No tag: a trade made by hand.</summary>
    public static readonly OrderTag None = new(0, null, "");

    /// <summary>Reads the tag from a magic number and a comment or label.</summary>
    public static OrderTag Read(long magic, string comment) =>
        magic == 0 && comment.Length == 0 ? None : new(magic, OrderKey.TryFind(comment, out var key) ? key : null, comment);
}
