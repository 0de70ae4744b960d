using Lockstep.Domain;
using Lockstep.Server.Hosting;
using Lockstep.Server.Rest;
using Lockstep.Storage;

namespace Lockstep.Server.Security;

/// <summary>
/// Writes down who did what. An operation that changes something is in the list before its answer leaves. A trade is not held up for that: its request and its end are in the journal, by the same commit that lets it
/// be sent, and who asked for it follows a quarter of a second later at most. Whoever is turned away for who he is is written down too, as often as an address may have that; what is left out is counted.
/// </summary>
/// <param name="log">Where it is written.</param>
/// <param name="directory">The accounts.</param>
/// <param name="time">The clock.</param>
internal sealed class AuditTrail(IAuditLog log, AccountDirectory directory, TimeProvider time)
{
    /// <summary>How long rows are kept.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(400);

    /// <summary>How long a row may wait that nobody waits for.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    private const int WaitingMost = 10_000;
    private const int TargetMost = 200;
    private readonly Lock _gate = new();
    private readonly Allowances _refusals = new(10_000, time);
    private List<AuditRow> _waiting = [];
    private Task _flushing = Task.CompletedTask;
    private long _left;

    /// <summary>Rows that were left out because there were too many of them.</summary>
    public long LeftOut => Interlocked.Read(ref _left);

    /// <summary>The middleware; the gate must have let somebody in.</summary>
    public async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<Operation>() is not { Writes: true, Needs: > Scope.None } operation || http.Features.Get<Caller>() is not { } caller)
        {
            await next(http);
            return;
        }

        var (body, problem) = await SentBody.ReadAsync(http);
        if (problem is not null)
        {
            await problem.ExecuteAsync(http);
            return;
        }

        bool written = false;
        http.Response.OnStarting(() =>
        {
            written = true;
            var row = Row(http, operation, caller, body!, http.Response.StatusCode);
            return row is null ? Task.CompletedTask : operation.Needs == Scope.Trade ? Later(row) : log.AuditAsync(row);
        });
        http.Response.OnCompleted(() => written || Row(http, operation, caller, body!, 0) is not { } row ? Task.CompletedTask : Later(row));
        await next(http);
    }

    /// <summary>Somebody was turned away.</summary>
    public void Refused(HttpContext http, Refusal refusal)
    {
        string address = Allowances.NameOf(http.Connection.RemoteIpAddress);
        if (_refusals.Take(address, 1, 20) is not null || _refusals.Take("all addresses", 20, 200) is not null)
        {
            Interlocked.Increment(ref _left);
            return;
        }

        _ = Later(new AuditRow
        {
            At = Now, Key = refusal.Key?.Id ?? "", Name = refusal.Key?.Name ?? "", Address = address, Operation = http.GetEndpoint()?.Metadata.GetMetadata<Operation>()?.Id ?? "", Target = Target(http),
            Account = AccountOf(http, null), Status = refusal.Problem.Status, Problem = refusal.Problem.Code, Correlation = Correlation.Of(http),
        });
    }

    /// <summary>Something that nobody asked for over HTTP.</summary>
    public Task WriteAsync(string operation, string name, string changes) => log.AuditAsync(new AuditRow { At = Now, Name = name, Operation = operation, Status = StatusCodes.Status200OK, Changes = changes });

    /// <summary>Writes what still waits; call it when nobody comes any more.</summary>
    public async Task FlushAsync()
    {
        Task flushing;
        lock (_gate)
        {
            flushing = _flushing;
        }

        await WriteWaitingAsync();
        await flushing;
    }

    private Timestamp Now => Timestamp.From(time.GetUtcNow());

    // Many share a commit: a row of its own for each trade would be a second wait for the disk.
    private Task Later(AuditRow row)
    {
        lock (_gate)
        {
            if (_waiting.Count >= WaitingMost)
            {
                Interlocked.Increment(ref _left);
                return Task.CompletedTask;
            }

            _waiting.Add(row);
            if (_waiting.Count == 1)
            {
                _flushing = FlushSoonAsync();
            }
        }

        return Task.CompletedTask;
    }

    private async Task FlushSoonAsync()
    {
        await Task.Delay(Patience, time);
        await WriteWaitingAsync();
    }

    private async Task WriteWaitingAsync()
    {
        List<AuditRow> rows;
        lock (_gate)
        {
            (rows, _waiting) = (_waiting, []);
        }

        if (rows.Count == 0)
        {
            return;
        }

        try
        {
            await log.AuditAsync(rows);
        }
        catch (Exception e) when (e is JournalFailedException or ObjectDisposedException)
        {
            // A store that can write no more stops the whole server, and says why.
            Interlocked.Add(ref _left, rows.Count);
        }
    }

    /// <summary>Null = it was only the answer to something that was done before.</summary>
    private AuditRow? Row(HttpContext http, Operation operation, Caller caller, SentBody body, int status) => http.Response.Headers.ContainsKey(Idempotency.ReplayedHeader) ? null : new AuditRow
    {
        At = Now,
        Key = caller.Id,
        Name = caller.Name,
        Address = Allowances.NameOf(http.Connection.RemoteIpAddress),
        Operation = operation.Id,
        Target = Target(http),
        Account = AccountOf(http, body),
        Status = status,
        Problem = http.Features.Get<Problem>()?.Code ?? "",
        Correlation = Correlation.Of(http),
        Changes = Redaction.Of(body.Bytes),
    };

    private AccountId? AccountOf(HttpContext http, SentBody? body) =>
        http.Request.RouteValues.TryGetValue("account", out object? name) ? directory.Find(name as string)?.Id : body is null ? null : FaceCredentials.AccountOf(body.Bytes, directory)?.Id;

    private static string Target(HttpContext http)
    {
        string text = $"{http.Request.Method} {http.Request.Path}";
        return text.Contains(KeyText.Prefix, StringComparison.Ordinal) ? $"{http.Request.Method} {Redaction.Hidden}" : text.Length <= TargetMost ? text : text[..TargetMost] + "…";
    }
}
