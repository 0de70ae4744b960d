using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Simulator;

namespace Lockstep.Simulation;

/// <summary>Draws what a person changes in the settings while the world runs: modes, numbers, links that come and go.</summary>
internal static class ChangeMaker
{
    /// <summary>The changes, by time; each holds the whole new settings.</summary>
    public static IReadOnlyList<SettingsChange> Make(SimRandom dice, GroupSettings first, IReadOnlyList<AccountPlan> accounts, TimeSpan trouble)
    {
        var changes = new List<SettingsChange>();
        var now = first;
        var moments = Enumerable.Range(0, dice.Chance(50) ? dice.Next(1, 4) : 0).Select(_ => PlanMaker.Within(dice, trouble)).Order().ToList();
        for (int i = 0; i < moments.Count; i++)
        {
            var (what, next) = One(dice.Fork(i), now, accounts, i);
            if (LinkMaker.Allowed(next.Links, accounts))
            {
                changes.Add(new SettingsChange(moments[i], what, next));
                now = next;
            }
        }

        // A link that stays off or in shadow to the end is rare enough: most are switched on again, and must catch up.
        if (changes.Count > 0 && now.Links.Any(l => l.Mode == LinkMode.Off) && dice.Chance(70))
        {
            var on = now with { Links = [.. now.Links.Select(l => l.Mode == LinkMode.Off ? l with { Mode = LinkMode.On } : l)] };
            if (LinkMaker.Allowed(on.Links, accounts))
            {
                changes.Add(new SettingsChange(trouble * 39 / 40, "all links that were off: on", on));
            }
        }

        return changes;
    }

    private static (string What, GroupSettings Settings) One(SimRandom dice, GroupSettings now, IReadOnlyList<AccountPlan> accounts, int number)
    {
        int at = dice.Next(now.Links.Count);
        if (now.Links.Count == 0 || dice.Chance(20))
        {
            var link = LinkMaker.One(dice, accounts, 10 + number, false);
            return ($"{link.Id} added: {link.Source} to {link.Target}", now with { Links = [.. now.Links, link] });
        }

        var old = now.Links[at];
        if (dice.Chance(20))
        {
            return ($"{old.Id} removed", now with { Links = [.. now.Links.Where(l => l.Id != old.Id)] });
        }

        var next = dice.Next(6) switch
        {
            0 or 1 or 2 => old with { Mode = dice.Pick([LinkMode.On, LinkMode.CloseOnly, LinkMode.Off, LinkMode.Shadow, LinkMode.On]) },
            3 => old with { Sizing = old.Sizing with { Factor = dice.Pick([1m, 0.5m, 3m]) } },
            4 => old with { Filters = new FilterSettings { MaxAge = null } },
            _ => old with { Stops = old.Stops == StopsPolicy.Copy ? StopsPolicy.Ignore : StopsPolicy.Copy },
        };
        return ($"{old.Id}: {old.Mode} to {next.Mode}, factor {old.Sizing.Factor} to {next.Sizing.Factor}, stops {old.Stops} to {next.Stops}", now with
        {
            Links = [.. now.Links.Select(l => l.Id == old.Id ? next : l)],
        });
    }
}
