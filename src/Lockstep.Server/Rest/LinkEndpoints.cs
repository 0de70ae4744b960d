using System.Globalization;
using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Server.Rest;

/// <summary>Links, legs, the why-ledger, alerts.</summary>
internal static class LinkEndpoints
{
    /// <summary>Puts the routes up.</summary>
    public static void Map(RouteGroupBuilder v1, IDesk desk)
    {
        v1.MapGet("/links", async () => RestJson.Ok(new { Links = await LinksAsync(desk) }));
        v1.MapGet("/legs", async (string? link) => Wrong(desk, link)
            ?? RestJson.Ok(new { Legs = (await desk.LegsAsync()).Where(l => string.IsNullOrEmpty(link) || l.Link.Value == link).Select(LegShape.Of).ToList() }));
        v1.MapGet("/why", async (string? link, string? limit, CancellationToken cancel) => Wrong(desk, link) ?? Limit(limit, out int rows)
            ?? RestJson.Ok(new { Why = (await desk.WhyAsync(string.IsNullOrEmpty(link) ? null : new LinkId(link), rows, cancel)).Select(WhyShape.Of).ToList() }));
        v1.MapGet("/alerts", async (string? limit, CancellationToken cancel) => Limit(limit, out int rows)
            ?? RestJson.Ok(new { Alerts = (await desk.AlertsAsync(rows, cancel)).Select(AlertShape.Of).ToList() }));
    }

    private static async Task<List<LinkShape>> LinksAsync(IDesk desk)
    {
        var legs = (await desk.LegsAsync()).ToLookup(l => l.Link);
        var links = new List<LinkShape>();
        foreach (var link in desk.Config.Links)
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

    private static Problem? Wrong(IDesk desk, string? link) =>
        string.IsNullOrEmpty(link) || desk.Config.Links.Any(l => l.Id.Value == link) ? null
        : Problem.NotFound($"There is no link '{link}'.", $"Use one of: {string.Join(", ", desk.Config.Links.Select(l => l.Id.Value))}.");

    private static Problem? Limit(string? text, out int limit)
    {
        limit = 100;
        return string.IsNullOrEmpty(text) || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is >= 1 and <= 1000) ? null
            : Problem.Bad($"limit = {text} must be a whole number from 1 to 1000.", "Correct limit or leave it out (100).");
    }
}
