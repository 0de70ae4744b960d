using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Lockstep.Server.Relay;

/// <summary>The server that the relay leads to, and how its certificate is judged.</summary>
/// <param name="Address"><c>wss://host:port/ea</c>; <c>ws://</c> only to this machine.</param>
/// <param name="Trusted">Certificates to trust beside none of the system's: authorities, or the server's own; null = the system's authorities.</param>
/// <param name="Pin">SHA-256 of the server's certificate, upper-case hex digits; stands over everything else; null = none.</param>
internal sealed record RelayTarget(Uri Address, X509Certificate2Collection? Trusted = null, string? Pin = null)
{
    /// <summary>With TLS.</summary>
    public bool Secure => Address.Scheme == Uri.UriSchemeWss;

    /// <summary>True when the server may be talked to.</summary>
    public bool Accepts(X509Certificate? shown, X509Chain? chain, SslPolicyErrors errors)
    {
        if (shown is null)
        {
            return false;
        }

        if (Pin is not null)
        {
            return CryptographicOperations.FixedTimeEquals(SHA256.HashData(shown.GetRawCertData()), Convert.FromHexString(Pin));
        }

        if (Trusted is null || errors == SslPolicyErrors.None)
        {
            return errors == SslPolicyErrors.None;
        }

        // The very certificate was given: its name says nothing more.
        if (Trusted.Any(t => t.RawDataMemory.Span.SequenceEqual(shown.GetRawCertData())))
        {
            return true;
        }

        if ((errors & SslPolicyErrors.RemoteCertificateNameMismatch) != 0)
        {
            return false;
        }

        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.AddRange(Trusted);
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        own.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1"));
        if (chain is not null)
        {
            own.ChainPolicy.ExtraStore.AddRange((X509Certificate2[])[.. chain.ChainElements.Select(e => e.Certificate)]);
        }

        using var leaf = X509CertificateLoader.LoadCertificate(shown.GetRawCertData());
        return own.Build(leaf);
    }
}
