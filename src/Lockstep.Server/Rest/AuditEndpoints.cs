using System.Text.Json;
using Lockstep.Domain;
using Lockstep.Server.Configuration;
using Lockstep.Server.Hosting;
using Lockstep.Server.Security;
using Lockstep.Storage;

namespace Lockstep.Server.Rest;

/// <summary>Who did what.</summary>
internal static class AuditEndpoints
{
    private static readonly TextShape Word = new("^[!-~]{1,100}$", "1 to 100 printable ASCII characters without spaces");

    private static readonly Operation List = new("listAudit", "GET", "/v1/audit", Scope.Admin, "Who changed what, from where and with what outcome, and who was turned away")
    {
        Topic = "Audit",
        Query =
        [
            new Key("key", Word, "Only what was done with the key of this id."),
            new Key("account", CommonShapes.AccountText, "Only what was about this account."),
            new Key("operation", Word, "Only this operation, by its id: placeOrder."),
            new Key("refused", new FlagShape(), "true = only what was refused or failed, false = only what went well."),
            QueryKeys.From,
            QueryKeys.To,
            QueryKeys.Limit,
            new Key("before", new NumberShape(long.MaxValue, Above: 0m, Whole: true), "Only rows before this one: next of the page before."),
        ],
        Replies = [new(200, typeof(AuditsShape), "The rows, newest first.")],
    };

    /// <summary>Puts the operations up.</summary>
    public static void Map(Routes routes, Guard guard, AccountDirectory directory) => routes.Map(List, async call =>
    {
        AccountConfig? account = null;
        if (call.Query.Text("account") is { } name && Routes.Closed(directory, call.Caller, name, out account) is { } closed)
        {
            return closed;
        }

        var query = new AuditQuery
        {
            Key = call.Query.Text("key"), Account = account?.Id, Operation = call.Query.Text("operation"), Refused = call.Query.Value("refused") is null ? null : call.Query.Flag("refused", false),
            From = call.Query.Moment("from") is { } from ? Timestamp.From(from) : null, To = call.Query.Moment("to") is { } to ? Timestamp.From(to) : null,
            Limit = LinkEndpoints.Limit(call), Before = (long?)call.Query.Number("before"),
        };
        var rows = await Task.Run(() => guard.Log.Audit(query), call.Aborted);
        return RestJson.Ok(new AuditsShape([.. rows.Select(AuditShape.Of)], rows.Count == query.Limit ? rows[^1].Id : null));
    });
}

/// <summary>Rows of the audit log.</summary>
/// <param name="Audit">Newest first.</param>
/// <param name="Next">Goes into before, for the next page; absent = there is none.</param>
internal sealed record AuditsShape(IReadOnlyList<AuditShape> Audit, long? Next);

/// <summary>What somebody did, or was kept from doing.</summary>
/// <param name="Id">Number of the row, growing.</param>
/// <param name="At">When.</param>
/// <param name="Key">Id of the key; absent = nobody was let in, or the server did it.</param>
/// <param name="Name">The key's name.</param>
/// <param name="Address">Where it came from.</param>
/// <param name="Operation">The operation's id.</param>
/// <param name="Target">Method and path.</param>
/// <param name="Account">The account that it was about.</param>
/// <param name="Status">HTTP status of the answer; 0 = the caller went away before there was one.</param>
/// <param name="Problem">Kind of the problem that was answered.</param>
/// <param name="CorrelationId">By which the log finds the request.</param>
/// <param name="Changes">What was sent, without anything secret.</param>
internal sealed record AuditShape(
    long Id, DateTimeOffset At, string? Key, string? Name, string? Address, string? Operation, string? Target, string? Account, int Status, string? Problem, string? CorrelationId, JsonElement? Changes)
{
    /// <summary>From what is kept.</summary>
    public static AuditShape Of(AuditRow row) => new(
        row.Id, row.At.ToDateTimeOffset(), OrNull(row.Key), OrNull(row.Name), OrNull(row.Address), OrNull(row.Operation), OrNull(row.Target), row.Account?.Value, row.Status, OrNull(row.Problem),
        OrNull(row.Correlation), row.Changes.Length == 0 ? null : JsonElement.Parse(row.Changes));

    private static string? OrNull(string text) => text.Length == 0 ? null : text;
}
