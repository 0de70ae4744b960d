using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Lockstep.Server.Configuration;

/// <summary>A certificate with its private key, and the rest of its chain.</summary>
internal sealed record ServerCertificate(X509Certificate2 Certificate, X509Certificate2Collection Chain);

/// <summary>Loads the certificate of HTTPS.</summary>
internal static class Certificates
{
    /// <summary>The certificate, or what is wrong with it. The password is part of no message.</summary>
    public static (ServerCertificate? Certificate, string? Problem) Load(TlsConfig config, Func<string, string?> environment)
    {
        string? password = null;
        if (config.Password is { } reference)
        {
            (password, string? problem) = Secrets.Read(reference, environment, lengthMin: 1);
            if (password is null)
            {
                return (null, $"{reference} {problem}");
            }
        }

        try
        {
            bool packed = Path.GetExtension(config.Certificate).ToUpperInvariant() is ".PFX" or ".P12";
            if (packed == config.Key is not null)
            {
                return (null, packed ? "a PKCS#12 file holds its key: leave \"key\" out" : "a PEM certificate needs \"key\", the file of its private key");
            }

            var chain = new X509Certificate2Collection();
            if (packed)
            {
                chain.AddRange(X509CertificateLoader.LoadPkcs12CollectionFromFile(config.Certificate, password));
                var own = chain.FirstOrDefault(c => c.HasPrivateKey);
                return own is null ? (null, $"{config.Certificate} holds no private key") : (new ServerCertificate(own, chain), null);
            }

            chain.ImportFromPemFile(config.Certificate);
            var certificate = password is null
                ? X509Certificate2.CreateFromPemFile(config.Certificate, config.Key)
                : X509Certificate2.CreateFromEncryptedPemFile(config.Certificate, password, config.Key);

            // Windows serves only keys that went through its store.
            return (new ServerCertificate(OperatingSystem.IsWindows() ? X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null) : certificate, chain), null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            return (null, $"cannot be used: {e.Message}");
        }
    }
}
