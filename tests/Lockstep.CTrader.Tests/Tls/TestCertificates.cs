using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Lockstep.CTrader.Tests.Tls;

/// <summary>Certificates that are thrown away with the test.</summary>
internal static class TestCertificates
{
    public static readonly X509Certificate2 Root = MakeRoot();

    /// <summary>Signed by <see cref="Root"/>, for 127.0.0.1.</summary>
    public static readonly X509Certificate2 Good = Make(Root, "127.0.0.1", -1, 10);

    public static readonly X509Certificate2 OtherName = Make(Root, "127.0.0.9", -1, 10);

    public static readonly X509Certificate2 Expired = Make(Root, "127.0.0.1", -10, -1);

    public static readonly X509Certificate2 SelfSigned = Make(null, "127.0.0.1", -1, 10);

    public static readonly X509Certificate2 SelfSignedExpired = Make(null, "127.0.0.1", -10, -1);

    private static X509Certificate2 MakeRoot()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Test root", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-20), DateTimeOffset.UtcNow.AddDays(20));
    }

    private static X509Certificate2 Make(X509Certificate2? root, string address, int fromDays, int toDays)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=Test {address}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Parse(address));
        request.CertificateExtensions.Add(names.Build());
        var (from, to) = (DateTimeOffset.UtcNow.AddDays(fromDays), DateTimeOffset.UtcNow.AddDays(toDays));
        using var made = root is null ? request.CreateSelfSigned(from, to) : request.Create(root, from, to, [1, (byte)address.Length, (byte)(toDays + 128)]).CopyWithPrivateKey(key);

        // Windows serves only keys that went through its store.
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
