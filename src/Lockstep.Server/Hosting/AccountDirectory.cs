using System.Security.Cryptography;
using System.Text;
using Lockstep.Domain;
using Lockstep.Server.Configuration;

namespace Lockstep.Server.Hosting;

/// <summary>
/// Finds accounts by what others call them: the name of the configuration, or the UUID that programs of the parity face want. The UUID follows from the data folder's own identity and the name, so that
/// it stays as long as both do and has to be kept nowhere.
/// </summary>
/// <param name="instance">The store's identity.</param>
/// <param name="config">The configuration in force.</param>
internal sealed class AccountDirectory(Guid instance, Func<LockstepConfig> config)
{
    /// <summary>All accounts of the configuration in force.</summary>
    public IReadOnlyList<AccountConfig> All => config().Accounts;

    /// <summary>The account under a name or UUID, or null.</summary>
    public AccountConfig? Find(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        var accounts = config().Accounts;
        return accounts.FirstOrDefault(a => a.Id.Value == text) ?? (Guid.TryParse(text, out var uuid) ? accounts.FirstOrDefault(a => UuidOf(a.Id) == uuid) : null);
    }

    /// <summary>An account's UUID.</summary>
    public Guid UuidOf(AccountId account)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData([.. instance.ToByteArray(bigEndian: true), .. Encoding.UTF8.GetBytes(account.Value)], hash);

        // RFC 9562, version 8: the rest is ours to say.
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}
