using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Server.Security;

namespace Lockstep.Server.Rest;

/// <summary>Links, legs, the why-ledger, alerts.</summary>
internal static class LinkEndpoints
{
    private const string Topic = "Links";

    private static readonly Operation ListLinks = new("listLinks", "GET", "/v1/links", Scope.Read, "Links and how they stand") { Topic = Topic, Replies = [new(200, typeof(LinksShape), "The links.")] };

    private static readonly Operation ListLegs = new("listLegs", "GET", "/v1/legs", Scope.Read, "What each link keeps on its target for each source position")
    {
        Topic = Topic, Query = [QueryKeys.Link], Replies = [new(200, typeof(LegsShape), "The legs.")],
    };

    private static readonly Operation ListWhy = new("listWhy", "GET", "/v1/why", Scope.Read, "The why-ledger: what became of each source event, and why")
    {
        Topic = Topic, Query = [QueryKeys.Link, QueryKeys.Limit], Replies = [new(200, typeof(WhysShape), "The rows.")],
    };

    private static readonly Operation ListAlerts = new("listAlerts", "GET", "/v1/alerts", Scope.Read, "Alerts") { Topic = "Alerts", Query = [QueryKeys.Limit], Replies = [new(200, typeof(AlertsShape), "The alerts.")] };

    /// <summary>Puts the operations up.</summary>
    public static void Map(Routes routes, IDesk desk)
    {
        routes.Map(ListLinks, async call => RestJson.Ok(new LinksShape(await LinksAsync(desk, call.Caller))));
        routes.Map(ListLegs, async call =>
        {
            string? link = call.Query.Text("link");
            return Wrong(desk, call.Caller, link) ?? RestJson.Ok(new LegsShape(
                [.. (await desk.LegsAsync()).Where(l => (link is null || l.Link.Value == link) && call.Caller.May(l.Source) && call.Caller.May(l.Target)).Select(LegShape.Of)]));
        });
        routes.Map(ListWhy, async call =>
        {
            string? link = call.Query.Text("link");
            return Wrong(desk, call.Caller, link) ?? RestJson.Ok(new WhysShape(
                [.. (await desk.WhyAsync(link is null ? null : new LinkId(link), Limit(call), call.Aborted)).Where(w => call.Caller.May(w.Source) && call.Caller.May(w.Target)).Select(WhyShape.Of)]));
        });
        routes.Map(ListAlerts, async call => RestJson.Ok(new AlertsShape(
            [.. (await desk.AlertsAsync(Limit(call), call.Aborted)).Where(a => a.Alert.Account is not { } about || call.Caller.May(about)).Select(AlertShape.Of)])));
    }

    /// <summary>How many rows are wanted.</summary>
    public static int Limit(Call call) => call.Query.Whole("limit") ?? 100;

    private static async Task<List<LinkShape>> LinksAsync(IDesk desk, Caller caller)
    {
        var legs = (await desk.LegsAsync()).ToLookup(l => l.Link);
        var links = new List<LinkShape>();
        foreach (var link in Visible(desk, caller))
        {
            links.Add(new LinkShape(
                link.Id.Value, link.Source.Value, link.Target.Value, link.Kind, link.Mode,
                legs[link.Id].Count(l => l.Status == LegStatus.Active),
                legs[link.Id].Count(l => l.Status == LegStatus.Skipped),
                legs[link.Id].Count(l => l.Status == LegStatus.Ended),
                legs[link.Id].Count(l => l.InFlight is not null),
                AccountEndpoints.State(await desk.AccountAsync(link.Source)), AccountEndpoints.State(await desk.AccountAsync(link.Target))));
        }

        return links;
    }

    /// <summary>Links between accounts that the caller may see.</summary>
    private static IEnumerable<LinkSettings> Visible(IDesk desk, Caller caller) => desk.Config.Links.Where(l => caller.May(l.Source) && caller.May(l.Target));

    private static Problem? Wrong(IDesk desk, Caller caller, string? link) =>
        link is null || Visible(desk, caller).Any(l => l.Id.Value == link) ? null
        : Problem.NotFound($"There is no link '{link}'.", $"Use one of: {string.Join(", ", Visible(desk, caller).Select(l => l.Id.Value))}.");
}
