using System.Security.Cryptography;
using System.Text;
using Lockstep.Server.Configuration;
using Lockstep.Storage;

namespace Lockstep.Server.Security;

/// <summary>
/// The key that everything secret in the data folder hangs on: from the configuration, from the environment variable LOCKSTEP_SECRET_KEY, or from the file <c>secret.key</c> in the data folder, which is made
/// when it is not there. Keys for single uses are derived from it.
/// </summary>
internal sealed class MasterKey
{
    /// <summary>The environment variable.</summary>
    public const string Variable = "LOCKSTEP_SECRET_KEY";

    /// <summary>The file's name.</summary>
    public const string FileName = "secret.key";

    private const int LengthMin = 32;
    private readonly byte[] _material;

    private MasterKey(string text, string place)
    {
        (_material, Place) = (Encoding.UTF8.GetBytes(text), place);
    }

    /// <summary>Where it comes from, for a message.</summary>
    public string Place { get; }

    /// <summary>Finds or makes the key. A <see cref="DataFolderException"/> says what is wrong with it.</summary>
    public static MasterKey Open(string dataFolder, SecretReference? configured, Func<string, string?> environment)
    {
        var reference = configured ?? (environment(Variable) is null ? null : new SecretReference(Variable, null));
        if (reference is null)
        {
            string path = Path.Combine(dataFolder, FileName);
            Make(path);
            reference = new SecretReference(null, path);
        }

        var (text, problem) = Secrets.Read(reference, environment, LengthMin);
        return text is not null ? new MasterKey(text, reference.ToString()) : throw new DataFolderException($"The key for what is secret, {reference}, {problem}. Tokens cannot be read or kept without it.");
    }

    /// <summary>32 bytes for one use, which say nothing about those for another.</summary>
    public byte[] Derive(string use) => HKDF.DeriveKey(HashAlgorithmName.SHA256, _material, 32, info: Encoding.UTF8.GetBytes($"lockstep {use}"));

    // Whole under its name or not there: a key that was half written before a crash would make all tokens unreadable.
    private static void Make(string path)
    {
        if (File.Exists(path))
        {
            return;
        }

        string draft = path + ".new";
        try
        {
            File.Delete(draft);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using (var file = new FileStream(draft, options))
            {
                file.Write(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)) + "\n"));
                file.Flush(flushToDisk: true);
            }

            File.Move(draft, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataFolderException($"The key file {path} could not be made: {e.Message}", e);
        }
    }
}
