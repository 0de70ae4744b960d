using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Lockstep.Client.Http;

/// <summary>
/// Carries calls. A read may be repeated; a write only under the idempotency key that it had the first time, and only when no answer came or the server asked to come again: under it the server does
/// nothing twice. Whatever else goes wrong is told.
/// </summary>
internal sealed class Pipe : IDisposable
{
    private readonly LockstepClientOptions _options;
    private readonly HttpClient _http;

    public Pipe(LockstepClientOptions options)
    {
        _options = options;
        _http = options.Handler is { } own ? new HttpClient(own, disposeHandler: false) : new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5), ConnectTimeout = TimeSpan.FromSeconds(5) });
        _http.BaseAddress = options.Address;
        _http.Timeout = Timeout.InfiniteTimeSpan;
        if (options.Key is { } key)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }
    }

    /// <summary>Reads.</summary>
    public Task<T> GetAsync<T>(string path, CancellationToken cancel) => ReadAsync<T>(HttpMethod.Get, path, null, null, cancel);

    /// <summary>Writes, under a key.</summary>
    public Task<T> WriteAsync<T>(HttpMethod method, string path, object? body, string key, CancellationToken cancel) => ReadAsync<T>(method, path, body, key, cancel);

    /// <summary>Sends until there is an answer, as long as the budget lasts. An <see cref="HttpRequestException"/> or <see cref="TimeoutException"/> when there is none.</summary>
    public async Task<Answer> SendAsync(HttpMethod method, string path, object? body, string? key, CancellationToken cancel)
    {
        byte[]? json = body is null ? null : JsonSerializer.SerializeToUtf8Bytes(body, Wire.Json);
        using var budget = new CancellationTokenSource(_options.Budget, _options.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(budget.Token, cancel);
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                var answer = await OnceAsync(method, path, json, key, both.Token).ConfigureAwait(false);
                if (attempt >= _options.Attempts || answer.Again is not { } wait)
                {
                    return answer;
                }

                await Task.Delay(wait > TimeSpan.Zero ? wait : PauseOf(attempt), _options.Time, both.Token).ConfigureAwait(false);
            }
            catch (HttpRequestException) when (attempt < _options.Attempts)
            {
                await PauseAsync(attempt, both.Token, budget.Token, cancel).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (budget.IsCancellationRequested && !cancel.IsCancellationRequested)
            {
                throw new TimeoutException($"The server at {_options.Address} gave no answer to {method} {path} within {_options.Budget}.");
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<T> ReadAsync<T>(HttpMethod method, string path, object? body, string? key, CancellationToken cancel)
    {
        var answer = await SendAsync(method, path, body, key, cancel).ConfigureAwait(false);
        return answer.Problem() is { } problem ? throw problem : answer.Read<T>();
    }

    private async Task PauseAsync(int attempt, CancellationToken both, CancellationToken budget, CancellationToken cancel)
    {
        try
        {
            await Task.Delay(PauseOf(attempt), _options.Time, both).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (budget.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            throw new TimeoutException($"The server at {_options.Address} could not be reached within {_options.Budget}.");
        }
    }

    private TimeSpan PauseOf(int attempt)
    {
        var longest = _options.Pause * Math.Pow(2, attempt - 1);
#pragma warning disable CA5394 // Chance keeps many clients from coming at once; nobody gains by guessing it.
        return longest * (0.5 + (Random.Shared.NextDouble() / 2));
#pragma warning restore CA5394
    }

    private async Task<Answer> OnceAsync(HttpMethod method, string path, byte[]? json, string? key, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        }

        if (json is not null)
        {
            request.Content = new ByteArrayContent(json) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        }

        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel).ConfigureAwait(false);
        byte[] bytes = await response.Content.ReadAsByteArrayAsync(cancel).ConfigureAwait(false);
        var again = response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout
            ? response.Headers.RetryAfter?.Delta ?? TimeSpan.Zero
            : (TimeSpan?)null;
        return new Answer((int)response.StatusCode, bytes, again);
    }
}

/// <summary>What the server answered.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Body">The body.</param>
/// <param name="Again">It asks to come again, after so long (zero = it does not say); null = the answer is final.</param>
internal sealed record Answer(int Status, byte[] Body, TimeSpan? Again)
{
    /// <summary>The body as a value.</summary>
    public T Read<T>()
    {
        try
        {
            return JsonSerializer.Deserialize<T>(Body, Wire.Json) ?? throw new LockstepProblemException("The server answered null.");
        }
        catch (JsonException error)
        {
            throw new LockstepProblemException($"The server's answer cannot be read: {error.Message} It begins: {Shown()}", error);
        }
    }

    /// <summary>The problem that it is; null = it is none.</summary>
    public LockstepProblemException? Problem()
    {
        if (Status is >= 200 and < 300)
        {
            return null;
        }

        ProblemBody? body = null;
        try
        {
            body = JsonSerializer.Deserialize<ProblemBody>(Body, Wire.Json);
        }
        catch (JsonException)
        {
            // Something between the server and us answered.
        }

        string code = body?.Type is { } type ? type[(type.LastIndexOf(':') + 1)..] : "";
        return new LockstepProblemException(
            Status, code.Length > 0 ? code : "no-problem-document", body?.Title ?? "The call was refused.", body?.Detail ?? Shown(), body?.Advice ?? "", body?.Errors ?? [], body?.CorrelationId);
    }

    private string Shown() => Encoding.UTF8.GetString(Body.AsSpan(0, Math.Min(Body.Length, 200)));

    private sealed record ProblemBody(string? Type, string? Title, string? Detail, string? Advice, IReadOnlyList<FieldError>? Errors, string? CorrelationId);
}
