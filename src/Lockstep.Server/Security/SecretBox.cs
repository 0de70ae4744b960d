using System.Security.Cryptography;
using System.Text;

namespace Lockstep.Server.Security;

/// <summary>
/// Seals bytes with AES-256-GCM. The envelope is version (1), nonce (12 bytes), tag (16 bytes), ciphertext; kind and name of the record are authenticated with it, so that a record that was put in
/// another's place does not open.
/// </summary>
internal sealed class SecretBox(ReadOnlyMemory<byte> key)
{
    private const byte Version = 1;
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int Head = 1 + NonceLength + TagLength;

    /// <summary>Seals.</summary>
    public byte[] Seal(string kind, string id, ReadOnlySpan<byte> plain)
    {
        byte[] envelope = new byte[Head + plain.Length];
        envelope[0] = Version;
        var nonce = envelope.AsSpan(1, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(key.Span, TagLength);
        aes.Encrypt(nonce, plain, envelope.AsSpan(Head), envelope.AsSpan(1 + NonceLength, TagLength), Name(kind, id));
        return envelope;
    }

    /// <summary>Opens, or says what is wrong.</summary>
    public (byte[]? Plain, string? Problem) Open(string kind, string id, ReadOnlySpan<byte> envelope)
    {
        if (envelope.Length < Head)
        {
            return (null, "the record is damaged: it is too short");
        }

        if (envelope[0] != Version)
        {
            return (null, $"the record has version {envelope[0]}, and this program knows {Version}: start the newer one");
        }

        byte[] plain = new byte[envelope.Length - Head];
        try
        {
            using var aes = new AesGcm(key.Span, TagLength);
            aes.Decrypt(envelope.Slice(1, NonceLength), envelope[Head..], envelope.Slice(1 + NonceLength, TagLength), plain, Name(kind, id));
            return (plain, null);
        }
        catch (AuthenticationTagMismatchException)
        {
            return (null, "the record was written under another key, or is damaged");
        }
    }

    private static byte[] Name(string kind, string id) => Encoding.UTF8.GetBytes($"lockstep secret {Version}\n{kind}\n{id}");
}
