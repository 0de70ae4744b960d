using Lockstep.Domain;

namespace Lockstep.Server.Rest.Faces;

/// <summary>Deals in the shapes of a platform's face, and what became of positions.</summary>
internal static class FaceDeals
{
    private const string Topic = "Parity face: deals";

    private static readonly FaceForm History = FaceFields.Form("history", FaceFields.Start, FaceFields.End, FaceFields.Position);
    private static readonly FaceForm Sync = FaceFields.Form("position", FaceFields.Position.Must, FaceFields.Symbol);
    private static readonly FaceForm Profit = FaceFields.Form("position", FaceFields.Position.Must);

    /// <summary>Puts the operations of a face up.</summary>
    public static void Map(FaceRoutes routes, Face face)
    {
        var desk = routes.Desk;
        Put("DealsHistory", "deals/history", "Deals of a time, oldest first", "Without `start_time` the deals of the last week, those of one position of the last year.", History, "", typeof(DealRows), async call =>
        {
            var (deals, problem) = await FetchAsync(desk, call);
            return deals is null ? problem! : FaceJson.Ok(new DealRows([.. deals.Select(DealRow.Of)]));
        });
        Put("DealsSync", "deals/sync_data", "What became of a position", "Its deals of the last year, whether it is closed, and what it brought.", Sync, """, "position_id": 7, "instrument_symbol": "EURUSD" """, typeof(SyncShape), async call =>
        {
            var (story, problem) = await StoryAsync(desk, call);
            return story is null ? problem! : FaceJson.Ok(SyncShape.Of(story.Deals, story.Open, story.BookIsUp));
        });
        Put("DealsClosedProfit", "deals/closed_profit", "What closing a position brought", "Without swap and commission; of all deals that closed it or a part of it.", Profit, """, "ticket": 7""", typeof(ProfitRow), async call =>
        {
            var (deals, problem) = await FetchAsync(desk, call);
            return deals is null ? problem!
                : deals.Where(d => d.Entry != DealEntry.In).ToList() is { Count: > 0 } closing ? FaceJson.Ok(new ProfitRow(closing.Sum(d => d.Profit.Value)))
                : Problem.Of(400, "not-closed", "Nothing of the position was closed.", $"Account '{call.Account.Id}' has no closing deal of position {call.Id(FaceFields.Position)} within a year.", "Look at deals/sync_data.");
        });

        void Put(string id, string path, string summary, string says, FaceForm form, string example, Type reply, Func<FaceCall, Task<IResult>> handler) => routes.Map(
            face,
            new Operation($"{face.Id}{id}", "POST", $"{face.Prefix}/{path}", Scope.Read, summary)
            {
                Topic = Topic,
                Writes = false,
                Says = says,
                Example = $$"""{"internal_account_id": "prop"{{example}}}""",
                Replies = [new(200, reply, "What the platform answered.")],
                Problems = [.. FaceProblems.OfReads, (400, "no-history"), (400, "no-such-position"), (400, "not-closed"), (504, "no-answer")],
            },
            form,
            handler);
    }

    /// <summary>The deals that a call asks for, or what to answer in their place.</summary>
    public static async Task<(IReadOnlyList<DealReport>? Deals, Problem? Problem)> FetchAsync(FaceDesk desk, FaceCall call)
    {
        var errors = new List<FieldProblem>();
        var wanted = DealQuery.Of(call.Text(FaceFields.Start), "start_time", call.Text(FaceFields.End), "end_time", call.Number(FaceFields.Position) is { } number ? new PositionId((long)number) : null, errors);
        if (errors.Count > 0)
        {
            return (null, FaceProblems.Invalid(errors));
        }

        var (deals, problem) = await DealQuery.FetchAsync(desk.Platforms, call.Account, wanted, call.Aborted);
        return deals is null ? (null, FaceProblems.OfHistory(call.Http, call.Account, problem!)) : (deals, null);
    }

    /// <summary>All that is known of a position, or what to answer in its place.</summary>
    public static async Task<(PositionStory? Story, Problem? Problem)> StoryAsync(FaceDesk desk, FaceCall call)
    {
        var (deals, problem) = await FetchAsync(desk, call);
        if (deals is null)
        {
            return (null, problem);
        }

        // Looked at after the deals came: a position that closed meanwhile shows as open with all its deals, which the deals themselves then correct.
        long number = call.Id(FaceFields.Position);
        var view = await desk.Desk.AccountAsync(call.Account.Id);
        var open = view is null ? null : FaceReads.Position(view, number);
        return open is null && deals.Count == 0
            ? (null, Problem.Of(
                400, "no-such-position", "There is no such position.", $"Account '{call.Account.Id}' has no position {number}, and no deal of one within a year.", $"Look at /v1/accounts/{call.Account.Id}/positions and /deals."))
            : (new PositionStory(deals, open, view is { Up: true, Synced: true }), null);
    }
}

/// <summary>All that is known of a position.</summary>
/// <param name="Deals">Its deals, oldest first.</param>
/// <param name="Open">As it is, when it is open.</param>
/// <param name="BookIsUp">The account's session knows what is open now.</param>
internal sealed record PositionStory(IReadOnlyList<DealReport> Deals, PositionReport? Open, bool BookIsUp);

/// <summary>What closing a position brought.</summary>
/// <param name="Profit">In the account's currency.</param>
internal sealed record ProfitRow(decimal Profit);
