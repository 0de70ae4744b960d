using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Lockstep.Simulator;

/// <summary>How a generated certificate is.</summary>
public enum SimCertificateKind
{
    /// <summary>For localhost, 127.0.0.1 and ::1, signed by the root that <see cref="SimCertificate.Pem"/> holds.</summary>
    Good = 0,

    /// <summary>For another host.</summary>
    WrongHost = 1,

    /// <summary>It ended yesterday.</summary>
    Expired = 2,

    /// <summary>Signed by a root that <see cref="SimCertificate.Pem"/> does not hold.</summary>
    Untrusted = 3,
}

/// <summary>The simulated server's certificate with its key (guide §15), and what a client must trust to accept it.</summary>
public sealed class SimCertificate : IDisposable
{
    private static readonly TimeSpan Back = TimeSpan.FromDays(2);
    private readonly X509Certificate2 _leaf;

    private SimCertificate(X509Certificate2 leaf, X509Certificate2Collection rest, string pem)
    {
        (_leaf, Pem) = (leaf, pem);
        Context = SslStreamCertificateContext.Create(leaf, rest, offline: true);
    }

    /// <summary>The certificate and its root, PEM: a client trusts this.</summary>
    public string Pem { get; }

    internal SslStreamCertificateContext Context { get; }

    /// <summary>A fresh root and a certificate of it. They are made by real chance: keys never repeat.</summary>
    public static SimCertificate Generate(TimeProvider? time = null, SimCertificateKind kind = SimCertificateKind.Good)
    {
        var now = (time ?? TimeProvider.System).GetUtcNow();
        using var root = Root(now);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Lockstep simulated Open API", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (kind == SimCertificateKind.WrongHost)
        {
            names.AddDnsName("elsewhere.invalid");
        }
        else
        {
            names.AddDnsName("localhost");
            names.AddIpAddress(IPAddress.Loopback);
            names.AddIpAddress(IPAddress.IPv6Loopback);
        }

        // Strict clients ask for all of these.
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(root, true, false));
        using var made = request.Create(root, now - Back, kind == SimCertificateKind.Expired ? now.AddDays(-1) : now.AddYears(1), RandomNumberGenerator.GetBytes(12)).CopyWithPrivateKey(key);
        using var other = Root(now);

        // Windows serves only keys that went through its store.
        var leaf = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
        var shown = X509CertificateLoader.LoadCertificate(root.RawData);
        string pem = kind == SimCertificateKind.Untrusted ? other.ExportCertificatePem() : $"{made.ExportCertificatePem()}\n{root.ExportCertificatePem()}";
        return new SimCertificate(leaf, [shown], pem + "\n");
    }

    /// <summary>A certificate, with what stands behind it in the same file, and its key, both PEM. What cannot be used is an <see cref="IOException"/> or a <see cref="CryptographicException"/>.</summary>
    public static SimCertificate Load(string certificate, string key)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(certificate);
        using var own = X509Certificate2.CreateFromPemFile(certificate, key);
        return new SimCertificate(X509CertificateLoader.LoadPkcs12(own.Export(X509ContentType.Pkcs12), null), chain, File.ReadAllText(certificate));
    }

    /// <inheritdoc/>
    public void Dispose() => _leaf.Dispose();

    private static X509Certificate2 Root(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Lockstep simulated root", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request.CreateSelfSigned(now - Back - Back, now.AddYears(2));
    }
}
