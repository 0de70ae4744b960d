using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lockstep.Server.Amqp;

/// <summary>The envelope of every message, version 1 (contracts/amqp/envelope.schema.json).</summary>
/// <param name="EventId">The same for the same event, however often it is published.</param>
/// <param name="EventVersion">1.</param>
/// <param name="Source">Who publishes: <c>lockstep</c>.</param>
/// <param name="Platform"><c>MT4</c>, <c>MT5</c> or <c>cTrader</c>, for a paper account the one that is simulated; null for what is about no account.</param>
/// <param name="Type">Kind of the payload: <c>position.closed</c>.</param>
/// <param name="AccountId">The account's UUID; null for what is about no account.</param>
/// <param name="InternalAccountId">The same.</param>
/// <param name="SourceAccountKey">The account's name in Lockstep.</param>
/// <param name="BrokerLogin">Its number at the broker; null where there is none.</param>
/// <param name="OccurredAt">When it happened, or the quote or state was true.</param>
/// <param name="SentAt">When this copy was made.</param>
/// <param name="Payload">What happened.</param>
internal sealed record Envelope(
    Guid EventId, int EventVersion, string Source, string? Platform, string Type, Guid? AccountId, Guid? InternalAccountId, string? SourceAccountKey, string? BrokerLogin, string OccurredAt,
    string SentAt, object Payload)
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>As UTF-8 JSON.</summary>
    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, Options);
}
