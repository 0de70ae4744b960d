using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Server.Configuration;
using Lockstep.Server.Security;
using Lockstep.Storage;

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

    private static readonly Operation One = new("getLink", "GET", "/v1/links/{link}", Scope.Read, "How one link stands") { Topic = Topic, Replies = [new(200, typeof(LinkShape), "The link.")] };

    private static readonly Key Before = new("before", new NumberShape(long.MaxValue, Above: 0m, Whole: true), "Only rows before this id: the next page.");

    private static readonly Key[] WhyKeys =
    [
        QueryKeys.Link,
        new Key("outcome", Words<WhyOutcome>(), "Only rows with this outcome."),
        new Key("reason", Words<WhyReason>(), "Only rows with this reason."),
        new Key("symbol", CommonShapes.SymbolText, "Only rows of this symbol of the source."),
        QueryKeys.From,
        QueryKeys.To,
        Before,
        QueryKeys.Limit,
    ];

    private static readonly Operation ListWhy = new("listWhy", "GET", "/v1/why", Scope.Read, "The why-ledger: what became of each source event, and why")
    {
        Topic = Topic, Query = WhyKeys, Replies = [new(200, typeof(WhysShape), "The rows.")],
    };

    private static readonly Operation ListWhyOf = new("listWhyOfAccount", "GET", "/v1/accounts/{account}/why", Scope.Read, "The why-ledger of an account, as source or target")
    {
        Topic = Topic, Query = WhyKeys, Replies = [new(200, typeof(WhysShape), "The rows.")],
    };

    private static readonly Operation ListAlerts = new("listAlerts", "GET", "/v1/alerts", Scope.Read, "Alerts")
    {
        Topic = "Alerts",
        Query = [new Key("account", CommonShapes.AccountText, "Only those about this account."), new Key("level", Words<AlertLevel>(), "At least this urgent.", "\"info\""), Before, QueryKeys.Limit],
        Replies = [new(200, typeof(AlertsShape), "The alerts.")],
    };

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
        routes.Map(One, async call => Wrong(desk, call.Caller, call.Path.Text("link")) ?? RestJson.Ok((await LinksAsync(desk, call.Caller)).Single(l => l.Link == call.Path.Text("link"))));
        routes.Map(ListWhy, call => WhyAsync(call, desk));
        routes.Map(ListWhyOf, call => WhyAsync(call, desk));
        routes.Map(ListAlerts, async call =>
        {
            AccountConfig? about = null;
            if (call.Query.Text("account") is { } name && Routes.Closed(desk.Directory, call.Caller, name, out about) is { } closed)
            {
                return closed;
            }

            var alerts = await desk.AlertsAsync(
                new AlertQuery { Account = about?.Id, AtLeast = call.Query.Choice<AlertLevel>("level") ?? AlertLevel.Info, Before = call.Query.Number("before") is { } before ? (long)before : null, Limit = Limit(call) },
                call.Aborted);
            return RestJson.Ok(new AlertsShape([.. alerts.Where(a => a.Alert.Account is not { } of || call.Caller.May(of)).Select(AlertShape.Of)]));
        });
    }

    private static async Task<IResult> WhyAsync(Call call, IDesk desk)
    {
        var query = call.Query;
        if (Wrong(desk, call.Caller, query.Text("link")) is { } wrong)
        {
            return wrong;
        }

        var page = await desk.WhyAsync(
            new WhyFilter
            {
                Link = query.Text("link") is { } link ? new LinkId(link) : null,
                Account = call.Named?.Id,
                Outcome = query.Choice<WhyOutcome>("outcome"),
                Reason = query.Choice<WhyReason>("reason"),
                Symbol = query.Text("symbol") is { } symbol ? new SymbolName(symbol) : null,
                From = query.Moment("from") is { } from ? Timestamp.From(from) : null,
                To = query.Moment("to") is { } to ? Timestamp.From(to) : null,
                Before = query.Number("before") is { } before ? (long)before : null,
                Limit = Limit(call),
                May = call.Caller.May,
            },
            call.Aborted);
        return RestJson.Ok(new WhysShape([.. page.Rows.Select(WhyShape.Of)], page.Next));
    }

    private static ChoiceShape Words<T>()
        where T : struct, Enum => new([.. Enum.GetValues<T>().Select(RestJson.Word)]);

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
