namespace Lockstep.Server.Configuration;

/// <summary>Fetches secrets from where the configuration says they are. A secret is never logged and never part of a message.</summary>
internal static class Secrets
{
    private const int LengthMin = 16;
    private const int LengthMax = 512;

    /// <summary>The secret, or what is wrong with its place.</summary>
    public static (string? Secret, string? Problem) Read(SecretReference reference, Func<string, string?> environment)
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
        return text.Length is < LengthMin or > LengthMax ? (null, $"must hold {LengthMin} to {LengthMax} characters and holds {text.Length}")
            : text.Any(c => c is <= ' ' or > '~') ? (null, "may hold only printable ASCII characters without spaces, as it travels in an HTTP header")
            : (text, null);
    }
}
