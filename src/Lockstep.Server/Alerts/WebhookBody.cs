using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Lockstep.Engine;
using Lockstep.Server.Rest;
using Lockstep.Storage;

namespace Lockstep.Server.Alerts;

/// <summary>What is posted to a webhook.</summary>
internal static class WebhookBody
{
    /// <summary>Most alerts in one message: Discord takes no more embeds.</summary>
    public const int AlertsMost = 10;

    private const int ContentMost = 2_000;
    private const int DescriptionMost = 500;
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>JSON of our own: <c>{"version":1,"alerts":[{"at","level","code","group","account","link","text"}]}</c>.</summary>
    public static byte[] Plain(IReadOnlyList<AlertRow> alerts) => Write(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("version", 1);
        json.WriteStartArray("alerts");
        foreach (var row in alerts)
        {
            json.WriteStartObject();
            json.WriteString("at", At(row));
            json.WriteString("level", RestJson.Word(row.Alert.Level));
            json.WriteString("code", row.Alert.Code);
            json.WriteString("group", row.Group);
            json.WriteNumber("seq", row.Seq);
            if (row.Alert.Account is { } account)
            {
                json.WriteString("account", account.Value);
            }

            if (row.Alert.Link is { } link)
            {
                json.WriteString("link", link.Value);
            }

            json.WriteString("text", row.Alert.Text);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    /// <summary>As Discord takes it: a line for notifications, and an embed for each alert. Nobody is mentioned, whatever stands in a text.</summary>
    public static byte[] Discord(IReadOnlyList<AlertRow> alerts) => Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("username", "Lockstep");
        json.WriteString("content", Cut(string.Join('\n', alerts.Select(row => $"**{RestJson.Word(row.Alert.Level).ToUpperInvariant()}** {Title(row)}")), ContentMost));
        json.WriteStartArray("embeds");
        foreach (var row in alerts)
        {
            json.WriteStartObject();
            json.WriteString("title", Cut(Title(row), 256));
            json.WriteString("description", Cut(row.Alert.Text, DescriptionMost));
            json.WriteNumber("color", row.Alert.Level switch { AlertLevel.Critical => 0xD32F2F, AlertLevel.Warning => 0xF9A825, _ => 0x388E3C });
            json.WriteString("timestamp", At(row));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("allowed_mentions");
        json.WriteStartArray("parse");
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    });

    /// <summary>The signature of a body: <c>sha256=</c> and the HMAC-SHA256 of the moment (Unix seconds), a dot and the body, as hex digits.</summary>
    public static string Signature(byte[] key, long unixSeconds, byte[] body)
    {
        byte[] before = Encoding.ASCII.GetBytes(unixSeconds.ToString(CultureInfo.InvariantCulture) + ".");
        return "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(key, (byte[])[.. before, .. body]));
    }

    private static string Title(AlertRow row) => row.Alert.Account is { } account ? $"{row.Alert.Code} · {account}" : row.Alert.Link is { } link ? $"{row.Alert.Code} · {link}" : row.Alert.Code;

    private static string At(AlertRow row) => row.At.ToDateTimeOffset().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static string Cut(string text, int most) => text.Length <= most ? text : text[..(most - 1)] + "…";

    private static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            write(json);
        }

        return buffer.WrittenSpan.ToArray();
    }
}
