using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Simulator;

namespace Lockstep.Simulation;

/// <summary>Draws the links of a world. What <see cref="LinkChecks"/> refuses is not kept: a world begins with settings that a person could have put into force.</summary>
internal static class LinkMaker
{
    /// <summary>1–5 links; at least one leaves the first account.</summary>
    public static IReadOnlyList<LinkSettings> Make(SimRandom dice, IReadOnlyList<AccountPlan> accounts)
    {
        var links = new List<LinkSettings>();
        int wanted = Math.Min(dice.Next(1, 5), accounts.Count + 1);
        for (int attempt = 0; attempt < 30 && links.Count < wanted; attempt++)
        {
            var link = One(dice.Fork(attempt), accounts, links.Count, links.Count == 0);
            if (link.Mode != LinkMode.On && links.Exists(l => l.Mode != LinkMode.On))
            {
                // Links that only watch are let through by every check; one of them is enough.
                continue;
            }

            if (Allowed([.. links, link], accounts))
            {
                links.Add(link);
            }
            else if (Tamed(link) is var tame && Allowed([.. links, tame], accounts))
            {
                links.Add(tame);
            }
        }

        return links;
    }

    /// <summary>May these links be put into force together?</summary>
    public static bool Allowed(IReadOnlyList<LinkSettings> links, IReadOnlyList<AccountPlan> accounts) =>
        LinkChecks.Check(
            new GroupSettings { Accounts = [.. accounts.Select(a => a.Id)], Links = links },
            id => accounts.First(a => a.Id == id).Broker.Capabilities).Count == 0;

    /// <summary>One link between accounts; it always leads from a lower to a higher number, so that chains arise and loops do not.</summary>
    public static LinkSettings One(SimRandom dice, IReadOnlyList<AccountPlan> accounts, int number, bool fromFirst)
    {
        int from = fromFirst || dice.Chance(60) ? 0 : dice.Next(0, accounts.Count - 2);
        int to = dice.Next(from + 1, accounts.Count - 1);
        var (source, target) = (accounts[from], accounts[to]);
        return new LinkSettings
        {
            Id = new LinkId(PlanMaker.Name("link", number)),
            Source = source.Id,
            Target = target.Id,
            Kind = dice.Chance(50) ? LinkKind.Hedge : LinkKind.Copy,
            Mode = dice.Chance(92) ? LinkMode.On : dice.Chance(50) ? LinkMode.CloseOnly : LinkMode.Shadow,
            Sizing = Sizing(dice.Fork("sizing")),
            Filters = Filters(dice.Fork("filters"), source),
            Symbols = Symbols(dice.Fork("symbols"), source, target),
            Stops = dice.Chance(80) ? StopsPolicy.Copy : StopsPolicy.Ignore,
            Pending = dice.Pick([PendingPolicy.OnFill, PendingPolicy.OnFill, PendingPolicy.Native, PendingPolicy.Native, PendingPolicy.Ignore]),
            SourceFilledFirst = dice.Chance(60) ? SourceFilledFirst.Market : SourceFilledFirst.Wait,
            Existing = dice.Pick([ExistingPolicy.Ignore, ExistingPolicy.Join, ExistingPolicy.JoinAtEqualOrBetter]),
            InDoubt = dice.Chance(60) ? InDoubtPolicy.Lapse : InDoubtPolicy.Reopen,
            CloseAfterSourceLost = dice.Chance(12) ? TimeSpan.FromMinutes(dice.Next(1, 5)) : null,
            CloseOnRemoval = dice.Chance(50),
            TwoWay = dice.Chance(25),
            NakedTime = dice.Chance(15) ? TimeSpan.FromSeconds(dice.Next(20, 180)) : null,
            NakedLoss = dice.Chance(8) ? new Money(dice.Next(50, 2000)) : null,
            MaxOpenAttempts = dice.Pick([1, 3, 3, 6, 20]),
        };
    }

    private static SizingSettings Sizing(SimRandom dice)
    {
        var mode = dice.Pick(
            [SizingMode.Same, SizingMode.Same, SizingMode.Multiplier, SizingMode.Multiplier, SizingMode.Fixed, SizingMode.BalanceRatio, SizingMode.EquityRatio, SizingMode.FreeMarginRatio, SizingMode.FixedReference]);
        decimal? max = dice.Chance(20) ? dice.Pick([0.05m, 0.3m, 1m]) : null;
        decimal fixedLots = dice.Pick([0.01m, 0.1m, 0.37m]);
        return new SizingSettings
        {
            Mode = mode,
            Factor = dice.Pick([1m, 0.5m, 2m, 0.33m, 1.7m]),
            FixedLots = new Lots(max is { } m ? Math.Min(m, fixedLots) : fixedLots),
            Reference = new Money(dice.Pick([100_000m, 200_000m])),
            NormaliseContracts = dice.Chance(80),
            Rounding = dice.Pick([RoundingPolicy.Down, RoundingPolicy.Down, RoundingPolicy.Nearest, RoundingPolicy.Up]),
            RaiseToMinimum = dice.Chance(35),
            RaiseCap = dice.Pick([5m, 1.5m, 20m]),
            MaxLots = max is { } lots ? new Lots(lots) : null,
            CarryResidue = dice.Chance(20),
        };
    }

    private static FilterSettings Filters(SimRandom dice, AccountPlan source)
    {
        var filters = new FilterSettings { MaxAge = dice.Pick<TimeSpan?>([null, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(20)]) };
        if (dice.Chance(50))
        {
            return filters;
        }

        var one = dice.Pick(source.Instruments).Symbol;
        return dice.Next(10) switch
        {
            0 => filters with { Allow = [one] },
            1 => filters with { Deny = [one] },
            2 => filters with { OnlySide = dice.Chance(50) ? Side.Buy : Side.Sell },
            3 => filters with { Magics = [0, 7] },
            4 => filters with { DenyMagics = [7] },
            5 => filters with { CommentContains = "swing" },
            6 => filters with { CommentLacks = "scalp" },
            7 => filters with { MaxDeviationPoints = dice.Next(5, 60), DeviationOneSided = dice.Chance(50) },
            8 => filters with { MaxSpreadPoints = dice.Next(4, 14) },
            _ => filters with { Schedule = Windows(dice) },
        };
    }

    private static IReadOnlyList<ScheduleWindow> Windows(SimRandom dice)
    {
        int from = dice.Next(0, 12);
        return [.. Enumerable.Range(0, 7).Select(day => new ScheduleWindow((DayOfWeek)day, TimeSpan.FromHours(from), TimeSpan.FromHours(from + dice.Next(4, 12))))];
    }

    private static SymbolMapSettings Symbols(SimRandom dice, AccountPlan source, AccountPlan target)
    {
        if (dice.Chance(50))
        {
            var pairs = source.Instruments.Select((s, i) => new SymbolPair(s.Symbol, target.Instruments[i].Symbol)).ToList();
            if (dice.Chance(15))
            {
                // One symbol is mapped to a name that the target does not have.
                pairs[dice.Next(pairs.Count)] = pairs[0] with { Target = new SymbolName("NOWHERE") };
                return new SymbolMapSettings { Pairs = [.. pairs.DistinctBy(p => p.Source)] };
            }

            return new SymbolMapSettings { Pairs = pairs };
        }

        return new SymbolMapSettings { StripSuffix = Suffix(source), AddSuffix = Suffix(target) };
    }

    private static string Suffix(AccountPlan account) => account.Instruments[0].Symbol.Value[account.Instruments[0].Base.Length..];

    private static LinkSettings Tamed(LinkSettings link) => link with
    {
        TwoWay = false,
        Pending = link.Pending == PendingPolicy.Native ? PendingPolicy.OnFill : link.Pending,
    };
}
