using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Lockstep.Server.Tests.Amqp;

/// <summary>A certificate for localhost that is signed by itself.</summary>
internal static class Tls
{
    public static void Make(string certificateFile, string keyFile, int days = 1, string name = "localhost")
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-400), DateTimeOffset.UtcNow.AddDays(days));
        File.WriteAllText(certificateFile, certificate.ExportCertificatePem());
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
    }
}
