namespace Lockstep.Server.Configuration;

/// <summary>Fetches secrets from where the configuration says they are. A secret is never logged and never part of a message.</summary>
internal static class Secrets
{
    private const int LengthMin = 16;
    private const int LengthMax = 512;

    /// <summary>Where the configuration says that a secret is; null when it does not, or not rightly.</summary>
    public static SecretReference? Reference(ItemReader secret, string folder) =>
        secret.Text("env") is { } env ? new SecretReference(env, null)
        : secret.Text("file") is { } file ? new SecretReference(null, Path.GetFullPath(file, folder))
        : null;

    /// <summary>The secret, or what is wrong with its place. <paramref name="lengthMin"/>: a password of somebody else's making may be short.</summary>
    public static (string? Secret, string? Problem) Read(SecretReference reference, Func<string, string?> environment, int lengthMin = LengthMin)
    {
        string? text;
        if (reference.Env is not null)
        {
            text = environment(reference.Env);
            if (text is null)
            {
                return (null, "is not set");
            }
        }
        else
        {
            try
            {
                using var file = new FileStream(reference.File!, FileMode.Open, FileAccess.Read, FileShare.Read);
                if (file.Length > 4096)
                {
                    return (null, "is too large to be a key");
                }

                using var reader = new StreamReader(file);
                text = reader.ReadToEnd();
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                return (null, "is not there");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return (null, "cannot be read");
            }
        }

        text = text.TrimEnd('\r', '\n');
        return text.Length < lengthMin || text.Length > LengthMax ? (null, $"must hold {lengthMin} to {LengthMax} characters and holds {text.Length}")
            : text.Any(c => c is <= ' ' or > '~') ? (null, "may hold only printable ASCII characters without spaces, as it travels between programs")
            : (text, null);
    }
}
