using System.Security.Cryptography.X509Certificates;

namespace Lockstep.CTrader.Session;

/// <summary>Where an environment is reached.</summary>
/// <param name="Host">Its name, which its certificate must bear; or an address.</param>
/// <param name="Port">The Protobuf port.</param>
public sealed record OpenApiAddress(string Host, int Port = OpenApiAddress.ProtobufPort)
{
    /// <summary>5035 (guide §2).</summary>
    public const int ProtobufPort = 5035;

    /// <inheritdoc/>
    public override string ToString() => $"{Host}:{Port}";
}

/// <summary>How real connections are made.</summary>
public sealed record TlsDialerOptions
{
    /// <summary>The demo environment (guide §2).</summary>
    public OpenApiAddress Demo { get; init; } = new("demo.ctraderapi.com");

    /// <summary>The live environment (guide §2).</summary>
    public OpenApiAddress Live { get; init; } = new("live.ctraderapi.com");

    /// <summary>
    /// Certificates that are trusted beside those of this machine, for a simulated server: a root that signed the server's, or the server's own. Names and dates count all the same.
    /// </summary>
    public IReadOnlyList<X509Certificate2> Trusted { get; init; } = [];

    /// <summary>How long finding the name, connecting and TLS may take together; see <see cref="CTraderOptions.ConnectWithin"/>.</summary>
    public TimeSpan ConnectWithin { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Bytes that may wait to be sent; more, and the connection is ended.</summary>
    public int WaitingMost { get; init; } = 1024 * 1024;

    /// <summary>Measures <see cref="ConnectWithin"/>.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The certificates of a PEM file, for <see cref="Trusted"/>. What cannot be read is an <see cref="IOException"/> or a <see cref="System.Security.Cryptography.CryptographicException"/>.</summary>
    public static IReadOnlyList<X509Certificate2> Pem(string path)
    {
        var read = new X509Certificate2Collection();
        read.ImportFromPemFile(path);
        return [.. read];
    }
}
