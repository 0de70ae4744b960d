using System.Globalization;
using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Simulator;

namespace Lockstep.Simulation;

/// <summary>Makes a <see cref="WorldPlan"/> from a seed. Every part is drawn from a stream of its own name, so that a new part does not shift the others.</summary>
public static class PlanMaker
{
    // Monday; markets are open all day, and the schedule filter has the whole week before it.
    private static readonly Timestamp Monday = Timestamp.From(new DateTimeOffset(2026, 1, 5, 6, 0, 0, TimeSpan.Zero));

    /// <summary>The plan of a seed.</summary>
    public static WorldPlan Make(long seed)
    {
        var root = new SimRandom((ulong)seed);
        var dice = root.Fork("world");
        var weather = (Weather)dice.Pick([1, 1, 2, 3, 3, 4, 4, 5, 5, 5]);
        var trouble = dice.Pick([TimeSpan.FromMinutes(8), TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(30), TimeSpan.FromHours(1), TimeSpan.FromHours(3)]);
        var accounts = TerminalMaker.Make(root.Fork("terminals"), AccountMaker.Make(root.Fork("accounts"), weather, trouble), weather, trouble);
        (accounts, var openApi) = OpenApiMaker.Make(root.Fork("open api"), accounts, weather, trouble);
        var links = LinkMaker.Make(root.Fork("links"), accounts);
        var quoteEvery = new TimeSpan(trouble.Ticks / dice.Next(150, 300));
        var settings = new GroupSettings { Accounts = [.. accounts.Select(a => a.Id)], Links = links };
        var changes = ChangeMaker.Make(root.Fork("changes"), settings, accounts, trouble);
        accounts = Clients(root.Fork("clients"), accounts, [settings, .. changes.Select(c => c.Settings)], trouble);
        return new WorldPlan
        {
            Seed = seed,
            Weather = weather,
            Start = Monday + TimeSpan.FromMinutes(dice.Next(0, 5 * 24 * 60 - 300)),
            Trouble = trouble,
            Peace = TimeSpan.FromMinutes(12),
            Accounts = accounts,
            Settings = settings,
            Changes = changes,
            Server = Server(root.Fork("server"), weather, trouble, quoteEvery),
            QuoteEvery = quoteEvery,
            OpenApi = openApi,
        };
    }

    /// <summary>A moment within the trouble, not at its very edges.</summary>
    internal static TimeSpan Within(SimRandom dice, TimeSpan trouble) => dice.NextSpan(trouble / 20, trouble * 19 / 20);

    private static ServerPlan Server(SimRandom dice, Weather weather, TimeSpan trouble, TimeSpan quoteEvery)
    {
        bool crashes = weather is Weather.Crashes or Weather.Storm;
        var down = new List<Outage>();
        for (int i = crashes ? dice.Next(1, 6) : 0; i > 0; i--)
        {
            down.Add(new Outage(Within(dice, trouble), dice.Chance(70) ? dice.NextSpan(TimeSpan.Zero, TimeSpan.FromSeconds(8)) : dice.NextSpan(TimeSpan.Zero, TimeSpan.FromMinutes(4))));
        }

        var jumps = new List<ClockJump>();
        for (int i = weather is Weather.Storm or Weather.Network && dice.Chance(50) ? dice.Next(1, 3) : 0; i > 0; i--)
        {
            var by = dice.NextSpan(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(dice.Pick([2, 20, 90])));
            jumps.Add(new ClockJump(Within(dice, trouble), dice.Chance(50) ? by : -by));
        }

        return new ServerPlan
        {
            InboxDelayMax = dice.Pick([TimeSpan.Zero, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(40)]),
            CommitMax = dice.Pick([TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(300)]),
            Crashes = [.. down.OrderBy(o => o.After)],
            Jumps = [.. jumps.OrderBy(j => j.After)],
            MaxBatch = dice.Pick([1, 8, 1000]),
            InboxCapacity = weather == Weather.Storm && dice.Chance(20) ? 12 : 20_000,
            QuoteMaxAge = quoteEvery * 3 > TimeSpan.FromSeconds(30) ? quoteEvery * 3 : TimeSpan.FromSeconds(30),
            HubTick = TimeSpan.FromMilliseconds(trouble > TimeSpan.FromMinutes(30) ? 1000 : 250),
            SnapshotEvery = dice.Pick([7, 40, 250]),
        };
    }

    /// <summary>In a third of the worlds programs trade through the API, where people trade and no link ever leads to.</summary>
    private static IReadOnlyList<AccountPlan> Clients(SimRandom dice, IReadOnlyList<AccountPlan> accounts, IReadOnlyList<GroupSettings> settings, TimeSpan trouble) =>
        dice.Chance(67)
            ? accounts
            : [.. accounts.Select(a => a.TradesEvery is null || settings.Any(s => s.Links.Any(l => l.Target == a.Id)) ? a : a with { AsksEvery = new TimeSpan(trouble.Ticks / dice.Next(5, 25)) })];

    /// <summary>A name for a number: <c>a1</c>.</summary>
    internal static string Name(string letter, int number) => letter + number.ToString(CultureInfo.InvariantCulture);
}
