using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Lockstep.CTrader.Session;

/// <summary>Looks at one server's certificate as usual, with some more trusted ones; and says in words what is wrong with it.</summary>
internal sealed class TlsTrust(OpenApiAddress server, IReadOnlyList<X509Certificate2> trusted)
{
    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");

    /// <summary>What is wrong; null while nothing was found.</summary>
    public string? Problem { get; private set; }

    /// <summary>For the TLS stream.</summary>
    public bool Accepts(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
        {
            return true;
        }

        Problem = certificate is X509Certificate2 shown && chain is not null && !errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable)
            ? Look(shown, chain, errors)
            : $"{server} showed no certificate";
        return Problem is null;
    }

    private string? Look(X509Certificate2 shown, X509Chain chain, SslPolicyErrors errors)
    {
        bool known = !errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) || trusted.Any(t => t.RawDataMemory.Span.SequenceEqual(shown.RawDataMemory.Span));
        var state = Flags(chain);
        if (!known && trusted.Count > 0)
        {
            using var own = new X509Chain();
            own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            own.ChainPolicy.ApplicationPolicy.Add(ServerAuthentication);
            own.ChainPolicy.CustomTrustStore.AddRange(trusted.ToArray());
            own.ChainPolicy.ExtraStore.AddRange(chain.ChainPolicy.ExtraStore);
            known = own.Build(shown);
            state = known ? X509ChainStatusFlags.NoError : Flags(own);
        }

        if (state.HasFlag(X509ChainStatusFlags.NotTimeValid))
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{server} shows a certificate for {shown.NotBefore.ToUniversalTime():yyyy-MM-dd HH:mm} to {shown.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm} UTC, which is not now: is this machine's clock right? Otherwise the server must renew it");
        }

        return errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)
            ? $"{server} shows a certificate for another name ({shown.Subject}): connect to the name that it bears"
            : known ? null : $"{server} shows a certificate that this machine does not trust ({shown.Subject}, {state}): for a simulated server, name its certificate as trusted; for a real one, something stands in between";
    }

    private static X509ChainStatusFlags Flags(X509Chain chain) => chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
}
