using System.Collections.Frozen;
using Lockstep.CTrader.Wire;
using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.CTrader.Session;

/// <summary>What the server's error messages say (guide §7). Codes are strings; some are in no list.</summary>
internal static class OpenApiErrors
{
    public const string BlockedPayloadType = "BLOCKED_PAYLOAD_TYPE";
    public const string FrequencyExceeded = "REQUEST_FREQUENCY_EXCEEDED";
    public const string ConnectionsLimit = "CONNECTIONS_LIMIT_EXCEEDED";
    public const string Maintenance = "SERVER_IS_UNDER_MAINTENANCE";
    public const string AlreadyAuthenticated = "CH_CLIENT_ALREADY_AUTHENTICATED";
    public const string NotAuthenticated = "CH_CLIENT_NOT_AUTHENTICATED";
    public const string ClientAuthFailure = "CH_CLIENT_AUTH_FAILURE";
    public const string ClientNotFound = "CH_OA_CLIENT_NOT_FOUND";
    public const string UnsupportedMessage = "UNSUPPORTED_MESSAGE";
    public const string FrameTooLong = "FRAME_TOO_LONG";
    private const long SecondsMost = 253_402_300_799; // 9999-12-31

    private static readonly FrozenSet<string> Known = OpenApiCommonModelMessagesReflection.Descriptor.EnumTypes
        .Concat(OpenApiModelMessagesReflection.Descriptor.EnumTypes)
        .Where(e => e.Name is "ProtoErrorCode" or "ProtoOAErrorCode")
        .SelectMany(e => e.Values)
        .Select(v => v.Name)
        .Concat(["POSITION_NOT_FOUND_OR_NOT_OPENED", "ALREADY_CLOSED", "NO_ENOUGH_MONEY_TO_OPEN_POSITION"])
        .ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The error in a message; null when it is none.</summary>
    public static OpenApiError? Of(OpenApiMessage message) => message.Body switch
    {
        ProtoErrorRes e => new OpenApiError(e.ErrorCode, e.Description, null)
        {
            // Milliseconds here, seconds in the other one (guide §5).
            MaintenanceEnd = e.HasMaintenanceEndTimestamp ? At(e.MaintenanceEndTimestamp / 1000) : null,
        },
        ProtoOAErrorRes e => new OpenApiError(e.ErrorCode, e.Description, e.HasRetryAfter ? TimeSpan.FromSeconds(Math.Min(e.RetryAfter, 86_400)) : null)
        {
            MaintenanceEnd = e.HasMaintenanceEndTimestamp ? At((ulong)Math.Max(0, e.MaintenanceEndTimestamp)) : null,
        },
        ProtoOAOrderErrorEvent e => new OpenApiError(e.ErrorCode, e.Description, null),
        _ => null,
    };

    /// <summary>True when a code is in a list of the platform's, or was reported by users (guide §7).</summary>
    public static bool IsKnown(string code) => Known.Contains(code);

    /// <summary>
    /// The server does not know the account's session (any more): authenticate the account again. It says so in three ways, one of them INVALID_REQUEST with a text (guide §4).
    /// </summary>
    public static bool IsNotAuthorized(OpenApiError error) =>
        error.Code is "ACCOUNT_NOT_AUTHORIZED" or NotAuthenticated || (error.Code == "INVALID_REQUEST" && error.Text.Contains("not authorized", StringComparison.OrdinalIgnoreCase));

    /// <summary>The application itself is refused: only a person can help (guide §7, fatal app).</summary>
    public static bool IsFatalForApplication(OpenApiError error) => error.Code is ClientAuthFailure or ClientNotFound or UnsupportedMessage or FrameTooLong;

    private static Timestamp? At(ulong seconds) => seconds is > 0 and <= SecondsMost ? Timestamp.FromMs((long)seconds * 1000) : null;
}
