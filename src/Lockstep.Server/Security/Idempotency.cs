using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Lockstep.Domain;
using Lockstep.Server.Rest;
using Lockstep.Storage;
using Microsoft.AspNetCore.Http.Features;

namespace Lockstep.Server.Security;

/// <summary>
/// The same request under the same <c>Idempotency-Key</c> is done once and answered always alike, for 24 hours: also while the first is still at work, and after a restart. That it began is durable before the work,
/// its answer before it leaves. A trade waits for neither: its key is the client id under which the engine remembers it, so that it is asked again where an answer was lost.
/// </summary>
/// <param name="store">Where answers are kept.</param>
/// <param name="box">Seals them: an answer may hold a secret.</param>
/// <param name="time">The clock.</param>
internal sealed partial class Idempotency(IOnceStore store, SecretBox box, TimeProvider time)
{
    /// <summary>The request's header.</summary>
    public const string Header = "Idempotency-Key";

    /// <summary>The header of an answer that is given again.</summary>
    public const string ReplayedHeader = "Idempotency-Replayed";

    /// <summary>So many answers are kept at most; beyond, the oldest go.</summary>
    public const long RowsMost = 2_000_000;

    /// <summary>How long an answer is kept.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromHours(24);

    private const int AnswerMost = 1024 * 1024;
    private const string SealedAs = "answer";
    private readonly ConcurrentDictionary<string, Running> _running = new(StringComparer.Ordinal);

    /// <summary>The middleware; the gate must have let somebody in.</summary>
    public async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<Operation>() is not { Writes: true } operation || !http.Request.Headers.TryGetValue(Header, out var sent) || http.Features.Get<Caller>() is not { } caller)
        {
            await next(http);
            return;
        }

        if (sent is not [{ } key] || !Form().IsMatch(key))
        {
            await Problem.Bad("Idempotency-Key must be sent once, with 1 to 64 printable ASCII characters without spaces.", "Choose another key, such as a UUID.").ExecuteAsync(http);
            return;
        }

        var (body, problem) = await SentBody.ReadAsync(http);
        if (problem is not null)
        {
            await problem.ExecuteAsync(http);
            return;
        }

        byte[] id = SHA256.HashData(Encoding.UTF8.GetBytes($"{caller.Id}\n{key}"));
        await DoOnceAsync(http, next, operation, id, Asked(http.Request, body!));
    }

    /// <summary>Forgets what is older than it must be kept.</summary>
    public Task PruneAsync() => store.PruneOnceAsync(Now - Kept, RowsMost);

    private Timestamp Now => Timestamp.From(time.GetUtcNow());

    private async Task DoOnceAsync(HttpContext http, RequestDelegate next, Operation operation, byte[] id, byte[] asked)
    {
        string name = Convert.ToHexStringLower(id);
        while (true)
        {
            var mine = new Running(asked);
            var first = _running.GetOrAdd(name, mine);
            if (first == mine)
            {
                await FirstAsync(http, next, operation, id, name, mine);
                return;
            }

            if (!first.Asked.AsSpan().SequenceEqual(asked))
            {
                await Reused().ExecuteAsync(http);
                return;
            }

            // When it ends without an answer to keep, one of those who wait is next.
            if (await first.Answer.Task.WaitAsync(http.RequestAborted) is { } answer)
            {
                await ReplayAsync(http, answer);
                return;
            }
        }
    }

    private async Task FirstAsync(HttpContext http, RequestDelegate next, Operation operation, byte[] id, string name, Running mine)
    {
        KeptAnswer? answer = null;
        Task saving = Task.CompletedTask;
        try
        {
            var row = store.Once(id) is { } kept && Now - kept.At < Kept ? kept : null;
            if (row is not null && !row.Asked.Span.SequenceEqual(mine.Asked))
            {
                await Reused().ExecuteAsync(http);
                return;
            }

            if (row?.Answer is { } envelope && Open(name, envelope) is { } before)
            {
                answer = before;
                await ReplayAsync(http, before);
                return;
            }

            bool remembered = operation is { TakesClientId: true, Needs: Scope.Trade };
            var began = new OnceRow(id, mine.Asked, row?.At ?? Now, null);
            if (!remembered && row is null)
            {
                await store.SaveOnceAsync(began);
            }

            http.Features.Set(new Once(name, row is not null));
            var answered = await WorkAsync(http, next);
            if (answered.IsFinal)
            {
                saving = store.SaveOnceAsync(began with { Answer = box.Seal(SealedAs, name, JsonSerializer.SerializeToUtf8Bytes(answered)) });
                answer = answered;
            }
            else if (remembered && row is null)
            {
                // What was asked for under the key stays known.
                saving = store.SaveOnceAsync(began);
            }

            if (!remembered)
            {
                await saving;
            }

            mine.Answer.TrySetResult(answer);
            await http.Response.Body.WriteAsync(answered.Body, http.RequestAborted);
        }
        finally
        {
            // An answer is remembered here until it can be read from the store.
            var entry = KeyValuePair.Create(name, mine);
            if (answer is null || saving.IsCompleted)
            {
                _running.TryRemove(entry);
            }
            else
            {
                _ = saving.ContinueWith(_ => _running.TryRemove(entry), TaskScheduler.Default);
            }

            mine.Answer.TrySetResult(answer);
        }
    }

    /// <summary>Lets the work be done, and holds its answer back.</summary>
    private static async Task<KeptAnswer> WorkAsync(HttpContext http, RequestDelegate next)
    {
        var real = http.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        using var held = new MemoryStream();
        var holding = new HeldBody(held);
        http.Features.Set<IHttpResponseBodyFeature>(holding);
        try
        {
            await next(http);
            await holding.CompleteAsync();
        }
        finally
        {
            http.Features.Set(real);
        }

        var headers = http.Response.Headers;
        return new KeptAnswer(http.Response.StatusCode, headers.ContentType.ToString(), headers.Location.ToString(), held.ToArray());
    }

    private static async Task ReplayAsync(HttpContext http, KeptAnswer answer)
    {
        http.Response.StatusCode = answer.Status;
        http.Response.Headers[ReplayedHeader] = "true";
        http.Response.Headers.ContentType = answer.ContentType.Length == 0 ? default : answer.ContentType;
        http.Response.Headers.Location = answer.Location.Length == 0 ? default : answer.Location;
        await http.Response.Body.WriteAsync(answer.Body, http.RequestAborted);
    }

    private KeptAnswer? Open(string name, ReadOnlyMemory<byte> envelope) =>
        box.Open(SealedAs, name, envelope.Span).Plain is { } plain ? JsonSerializer.Deserialize<KeptAnswer>(plain) : null;

    /// <summary>How long to wait for the outcome is not part of what is asked for.</summary>
    private static byte[] Asked(HttpRequest request, SentBody body)
    {
        string query = string.Join('&', request.Query.Where(q => q.Key != QueryKeys.Wait.Name).OrderBy(q => q.Key, StringComparer.Ordinal).Select(q => $"{q.Key}={q.Value}"));
        return SHA256.HashData([.. Encoding.UTF8.GetBytes($"{request.Method} {request.Path}\n{query}\n"), .. body.Bytes]);
    }

    private static Problem Reused() => Problem.Of(409, "idempotency-key-reused", "The idempotency key was used for something else.",
        "Under this Idempotency-Key another operation, or another body, was sent in the last 24 hours; nothing was done now.", "Choose a key of its own for each request; repeat a request with all its bytes.");

    [GeneratedRegex("^[!-~]{1,64}$", RegexOptions.CultureInvariant)]
    private static partial Regex Form();

    /// <summary>An answer as it is kept.</summary>
    private sealed record KeptAnswer(int Status, string ContentType, string Location, byte[] Body)
    {
        /// <summary>Asking again gives no other one: it went well, or the request itself was at fault. What is still under way, comes too often or went wrong here may end otherwise.</summary>
        public bool IsFinal => Status is >= 200 and < 500 and not (202 or 408 or 425 or 429) && Body.Length <= AnswerMost;
    }

    private sealed class Running(byte[] asked)
    {
        public byte[] Asked => asked;

        public TaskCompletionSource<KeptAnswer?> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Takes an answer without anything of it being sent.</summary>
    private sealed class HeldBody(Stream stream) : StreamResponseBodyFeature(stream)
    {
        public override Task StartAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;
    }
}

/// <summary>What an operation may know of the idempotency key under which it is asked for.</summary>
/// <param name="Token">Stands for caller and key; the same whenever the request comes again.</param>
/// <param name="Again">It was begun before and left no answer, as after a crash: what it does may be done already.</param>
internal sealed record Once(string Token, bool Again);
