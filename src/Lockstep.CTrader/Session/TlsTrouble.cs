using System.Net.Sockets;
using System.Security.Authentication;
using Lockstep.CTrader.Wire;

namespace Lockstep.CTrader.Session;

/// <summary>What went wrong with a connection, in a sentence that says what to do.</summary>
internal static class TlsTrouble
{
    /// <summary>While connecting; <paramref name="certificate"/> = what was found wrong with the server's certificate.</summary>
    public static string Connecting(OpenApiAddress server, Exception error, string? certificate) => error switch
    {
        _ when certificate is not null => certificate,
        OperationCanceledException => $"no connection to {server} in time: check this machine's network and firewall",
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain or SocketError.NoRecovery } => $"the name {server.Host} cannot be resolved: check how it is written, and this machine's DNS",
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => $"{server} refuses the connection: nothing listens there; check host and port",
        SocketException e => $"no connection to {server}: {e.Message}; check this machine's network and firewall",
        AuthenticationException e => $"no TLS with {server}: {e.Message} Is it the Protobuf port ({OpenApiAddress.ProtobufPort} on the real servers)?",
        IOException => $"{server} ended the connection before TLS was up; is it the Protobuf port ({OpenApiAddress.ProtobufPort} on the real servers)?",
        _ => $"no connection to {server}: {error.Message}",
    };

    /// <summary>Afterwards.</summary>
    public static string Reading(OpenApiAddress server, Exception error) => error switch
    {
        OpenApiFormatException e => $"{server} sent {e.Message}",
        IOException { InnerException: SocketException inner } => $"the connection to {server} broke: {inner.Message}",
        IOException or SocketException or ObjectDisposedException => $"the connection to {server} broke: {error.Message}",
        _ => $"a fault of this program at a frame from {server}: {error.GetType().Name}: {error.Message}",
    };
}
