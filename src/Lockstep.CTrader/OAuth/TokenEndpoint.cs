using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Lockstep.CTrader.OAuth;

/// <summary>
/// The token endpoint as it is: a GET with everything in the query, camelCase JSON, errors in the body under status 200 as well (guide §4). The address holds secrets: neither it nor a body ever
/// becomes part of a text.
/// </summary>
public sealed class TokenEndpoint : ITokenEndpoint
{
    private const int BytesMax = 64 * 1024;
    private static readonly TimeSpan LifeUnknown = TimeSpan.FromHours(1);
    private static readonly TimeSpan LifeMost = TimeSpan.FromDays(3650);
    private readonly HttpClient _http;
    private readonly OAuthSettings _settings;
    private readonly TimeProvider _time;
    private readonly TimeSpan _patience;

    /// <summary>Asks by <paramref name="http"/>; see <see cref="CreateClient"/>.</summary>
    public TokenEndpoint(HttpClient http, OAuthSettings settings, TimeProvider? time = null, TimeSpan? patience = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (settings.TokenUrl.Scheme != Uri.UriSchemeHttps && !settings.TokenUrl.IsLoopback)
        {
            throw new ArgumentException("Secrets travel over https only; plain http is for this machine.", nameof(settings));
        }

        (_http, _settings, _time, _patience) = (http, settings, time ?? TimeProvider.System, patience ?? TimeSpan.FromSeconds(30));
    }

    /// <summary>A client that follows no redirect: it would carry the secrets elsewhere.</summary>
    public static HttpClient CreateClient() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ActivityHeadersPropagator = null,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <inheritdoc/>
    public Task<TokenReply> ExchangeAsync(string code, CancellationToken cancel) =>
        AskAsync(
            OAuthSettings.Query(
                ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", _settings.RedirectUri), ("client_id", _settings.ClientId), ("client_secret", _settings.ClientSecret)),
            [code, _settings.ClientSecret],
            cancel);

    /// <inheritdoc/>
    public Task<TokenReply> RefreshAsync(string refreshToken, CancellationToken cancel) =>
        AskAsync(
            OAuthSettings.Query(("grant_type", "refresh_token"), ("refresh_token", refreshToken), ("client_id", _settings.ClientId), ("client_secret", _settings.ClientSecret)),
            [refreshToken, _settings.ClientSecret],
            cancel);

    private async Task<TokenReply> AskAsync(string query, IReadOnlyList<string> secrets, CancellationToken cancel)
    {
        var address = new UriBuilder(_settings.TokenUrl) { Query = query }.Uri;
        using var patience = new CancellationTokenSource(_patience, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, patience.Token);
        try
        {
            // A client sends a GET without a body again by itself when its connection breaks, and what uses up a token must not be sent twice unseen; with a body, be it empty, it does not.
            using var request = new HttpRequestMessage(HttpMethod.Get, address) { Content = new ByteArrayContent([]) };
            request.Headers.Accept.ParseAdd("application/json");
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token).ConfigureAwait(false);
            byte[]? body = await BodyAsync(response, both.Token).ConfigureAwait(false);
            return Reply(response, body, secrets);
        }
        catch (HttpRequestException error)
        {
            // The error's own text may name the address in some version of the library; its kind says as much.
            return new TokenUnavailable(
                error.HttpRequestError == HttpRequestError.Unknown ? "the connection to the token endpoint failed" : $"the connection to the token endpoint failed ({error.HttpRequestError})",
                error.HttpRequestError is not (HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError));
        }
        catch (IOException)
        {
            return new TokenUnavailable("the token endpoint's answer broke off", true);
        }
        catch (OperationCanceledException)
        {
            return new TokenUnavailable(cancel.IsCancellationRequested ? "the server is stopping" : $"the token endpoint did not answer within {_patience.TotalSeconds:0} s", true);
        }
    }

    private static async Task<byte[]?> BodyAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        using var stream = await response.Content.ReadAsStreamAsync(cancel).ConfigureAwait(false);
        byte[] buffer = new byte[BytesMax + 1];
        int read = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancel).ConfigureAwait(false);
        return read > BytesMax ? null : buffer[..read];
    }

    private TokenReply Reply(HttpResponseMessage response, byte[]? body, IReadOnlyList<string> secrets)
    {
        string status = $"HTTP {(int)response.StatusCode}";
        if (response.StatusCode == HttpStatusCode.TooManyRequests)
        {
            return new TokenUnavailable($"the token endpoint takes no more requests for now ({status})", false, RetryAfter(response));
        }

        if (Json(body) is not { } answer)
        {
            return new TokenUnavailable($"the token endpoint answered with something that is no JSON object ({status})", true, RetryAfter(response));
        }

        if (Text(answer, "errorCode") is { Length: > 0 } code)
        {
            code = Clean(code, secrets);
            string text = Clean(Text(answer, "description") ?? "", secrets);
            return code switch
            {
                "SERVER_IS_UNDER_MAINTENANCE" or "CH_SERVER_NOT_REACHABLE" or "REQUEST_FREQUENCY_EXCEEDED" or "BLOCKED_PAYLOAD_TYPE" or "CONNECTIONS_LIMIT_EXCEEDED" =>
                    new TokenUnavailable($"the token endpoint answered {code}", false, RetryAfter(response)),
                "UNKNOWN_ERROR" or "TIMEOUT_ERROR" => new TokenUnavailable($"the token endpoint answered {code}", true, RetryAfter(response)),
                _ => new TokenRefused(code, text),
            };
        }

        return Text(answer, "accessToken") is { Length: > 0 } access && Text(answer, "refreshToken") is { Length: > 0 } refresh
            ? new TokenGranted(new TokenPair(access, refresh, Life(answer)))
            : new TokenUnavailable($"the token endpoint answered without tokens and without an error ({status})", true, RetryAfter(response));
    }

    private static JsonElement? Json(byte[]? body)
    {
        try
        {
            return body is null || JsonSerializer.Deserialize<JsonElement>(body) is not { ValueKind: JsonValueKind.Object } answer ? null : answer;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement answer, string name) => answer.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>expiresIn, seconds. One that is missing or absurd counts as short: a refresh too early does no harm.</summary>
    private static TimeSpan Life(JsonElement answer)
    {
        double seconds = 0;
        if (answer.TryGetProperty("expiresIn", out var value))
        {
            string text = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
            _ = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out seconds);
        }

        return seconds is > 0 and < double.MaxValue ? TimeSpan.FromSeconds(Math.Min(seconds, LifeMost.TotalSeconds)) : LifeUnknown;
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date > _time.GetUtcNow() => date - _time.GetUtcNow(),
        _ => null,
    };

    /// <summary>The server's words, short, on one line, and without what we sent in confidence, should it be quoted.</summary>
    private static string Clean(string text, IReadOnlyList<string> secrets)
    {
        var clean = new StringBuilder(text.Length);
        foreach (char c in secrets.Where(s => s.Length > 0).Aggregate(text, (t, secret) => t.Replace(secret, "***", StringComparison.OrdinalIgnoreCase)))
        {
            clean.Append(char.IsControl(c) ? ' ' : c);
        }

        return clean.Length <= 200 ? clean.ToString() : clean.ToString(0, 200) + "…";
    }
}
