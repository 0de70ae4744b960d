using System.Net.Sockets;
using System.Security.Authentication;
using Lockstep.Server.Configuration;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Lockstep.Server.Amqp;

/// <summary>Publishing cannot go on over this connection; the message says why, and what to do, without user or password.</summary>
internal sealed class AmqpTroubleException : Exception
{
    public AmqpTroubleException(string message)
        : base(message)
    {
    }
}

/// <summary>Says in a sentence what went wrong.</summary>
internal static class AmqpTrouble
{
    private const int AccessRefused = 403;
    private const int NotFound = 404;
    private const int PreconditionFailed = 406;
    private const int NotAllowed = 530;

    /// <summary>From an exception of the client library.</summary>
    public static string Of(Exception error, AmqpAddress address, string exchange) => error switch
    {
        AmqpTroubleException own => own.Message,
        BrokerUnreachableException { InnerException: { } inner } => Of(inner, address, exchange),
        AggregateException { InnerException: { } inner } => Of(inner, address, exchange),
        AuthenticationFailureException or PossibleAuthenticationFailureException =>
            $"{address} refused the user name or the password of the URL (ACCESS_REFUSED): correct them, or the user's rights on the broker",
        OperationInterruptedException { ShutdownReason: { } reason } => Of(reason.ReplyCode, reason.ReplyText, address, exchange),
        SocketException or ConnectFailureException => $"{address} cannot be reached: {Inner(error).Message}",
        AuthenticationException => $"{address} showed a certificate that is not trusted, or does not speak TLS: {error.Message}; look at amqp.tls",
        OperationCanceledException or TimeoutException => $"{address} did not answer in time",
        _ => $"{address}: {error.Message}",
    };

    /// <summary>From the broker's own code and text.</summary>
    public static string Of(ShutdownEventArgs reason, AmqpAddress address, string exchange) => Of(reason.ReplyCode, reason.ReplyText, address, exchange);

    /// <summary>The exchange may not be made; it may be there all the same.</summary>
    public static bool MayNot(OperationInterruptedException error) => error.ShutdownReason?.ReplyCode == AccessRefused;

    /// <summary>There is no such exchange.</summary>
    public static bool IsMissing(OperationInterruptedException error) => error.ShutdownReason?.ReplyCode == NotFound;

    private static string Of(int code, string text, AmqpAddress address, string exchange) => code switch
    {
        AccessRefused => $"{address} does not let the user do that ({text}): give it the right to write to the exchange '{exchange}', and to configure it or make the exchange yourself",
        NotFound => $"{address} has no exchange '{exchange}' (any more); it is made again",
        PreconditionFailed => $"{address} has an exchange '{exchange}' of another kind ({text}): amqp.exchange must name a durable topic exchange, or one that is not there yet",
        NotAllowed => $"{address} does not let the user into the virtual host ({text}): correct the URL's last part, or the user's rights",
        _ => $"{address} ended the connection: {code} {text}",
    };

    private static Exception Inner(Exception error) => error.InnerException is { } inner ? Inner(inner) : error;
}
