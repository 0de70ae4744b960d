using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Lockstep.Server.Security;

/// <summary>
/// How a key reads: <c>lk_</c>, its id, <c>_</c>, and 32 random bytes. Only characters that an address needs no escapes for, and never the letters <c>http</c>: clients put it into an address as the password, and
/// some of them look for these letters in it.
/// </summary>
internal static class KeyText
{
    /// <summary>What every key begins with, so that people and scanners for leaked secrets know one when they see it.</summary>
    public const string Prefix = "lk_";

    private const int IdLength = 10;
    private const string IdLetters = "abcdefghijkmnpqrstuvwxyz23456789";

    /// <summary>A new id.</summary>
    public static string NewId() => RandomNumberGenerator.GetString(IdLetters, IdLength);

    /// <summary>The id that follows from a text in hex digits, always the same.</summary>
    public static string IdFrom(string hex) => string.Concat(Convert.FromHexString(hex).Take(2 * IdLength).Select(b => IdLetters[b % IdLetters.Length]));

    /// <summary>A new key under an id, which may not hold an underscore.</summary>
    public static string Make(string id)
    {
        while (true)
        {
            string text = $"{Prefix}{id}_{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32))}";
            if (!text.Contains("http", StringComparison.OrdinalIgnoreCase))
            {
                return text;
            }
        }
    }

    /// <summary>The id in a key's text; null when it is none of ours.</summary>
    public static string? IdOf(string text)
    {
        int end = text.StartsWith(Prefix, StringComparison.Ordinal) ? text.IndexOf('_', Prefix.Length) : -1;
        return end > Prefix.Length ? text[Prefix.Length..end] : null;
    }

    /// <summary>What is kept of a key.</summary>
    public static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
