using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Lockstep.Conformance.Tests;

/// <summary>TLS in front of a port of this PC, with a certificate made for it. It has its own threads: what goes through it takes real time.</summary>
internal sealed class TlsTunnel : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly X509Certificate2 _certificate;
    private readonly int _to;

    public TlsTunnel(int to)
    {
        _to = to;
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        _certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
        PemFile = Path.Combine(Path.GetTempPath(), $"lockstep-{Guid.NewGuid():N}.pem");
        File.WriteAllText(PemFile, _certificate.ExportCertificatePem());
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _ = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>The certificate, for whoever shall trust it.</summary>
    public string PemFile { get; }

    /// <summary>What a trader copies into the input.</summary>
    public string Thumbprint => _certificate.Thumbprint;

    public void Dispose()
    {
        _listener.Dispose();
        _certificate.Dispose();
        File.Delete(PemFile);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = CarryAsync(await _listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task CarryAsync(TcpClient from)
    {
        try
        {
            using var client = from;
            await using var tls = new SslStream(client.GetStream());
            await tls.AuthenticateAsServerAsync(_certificate);
            using var server = new TcpClient();
            await server.ConnectAsync(IPAddress.Loopback, _to);
            var plain = server.GetStream();
            await Task.WhenAny(tls.CopyToAsync(plain), plain.CopyToAsync(tls));
        }
        catch (Exception error) when (error is IOException or SocketException or System.Security.Authentication.AuthenticationException or ObjectDisposedException)
        {
        }
    }
}
