using Lockstep.Domain;

namespace Lockstep.Engine;

/// <summary>What is wrong with a link, or between links.</summary>
public enum LinkProblemKind
{
    /// <summary>Two links have the same name.</summary>
    DuplicateName = 1,

    /// <summary>Source or target is no account of the group.</summary>
    UnknownAccount = 2,

    /// <summary>The link leads from an account to itself, or links lead round to where they began.</summary>
    Loop = 3,

    /// <summary>Two links want to decide about the same target position.</summary>
    Fight = 4,

    /// <summary>The target account cannot do what the link asks for.</summary>
    TargetCannot = 5,

    /// <summary>A number or list of the settings makes no sense.</summary>
    BadValue = 6,
}

/// <summary>One problem that <see cref="LinkChecks"/> found.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Links">The links it is about, the one to change first.</param>
/// <param name="Key">The setting of the first link that it is about, in the words of the configuration: <c>sizing.factor</c>.</param>
/// <param name="Text">What is wrong, and what is allowed.</param>
public sealed record LinkProblem(LinkProblemKind Kind, IReadOnlyList<LinkId> Links, string Key, string Text);

/// <summary>
/// Asks of a group's links, before they are put into force, what can be known without any platform: whoever makes or changes a link (configuration, API) asks
/// here. Problems come in the order of the links; none = the links may be used.
/// </summary>
public static class LinkChecks
{
    /// <summary>All problems.</summary>
    /// <param name="settings">The group, or all accounts and links there are.</param>
    /// <param name="capabilities">What an account can do; null where it is not known yet.</param>
    public static IReadOnlyList<LinkProblem> Check(GroupSettings settings, Func<AccountId, AccountCapabilities?> capabilities)
    {
        var problems = new List<LinkProblem>();
        var known = settings.Accounts.ToHashSet();
        var names = new HashSet<LinkId>();
        foreach (var link in settings.Links)
        {
            if (!names.Add(link.Id))
            {
                Add(problems, LinkProblemKind.DuplicateName, link, "name", $"there is more than one link named '{link.Id}'; each needs a name of its own");
            }

            Accounts(problems, link, known);
            Values(problems, link);
            Target(problems, link, capabilities(link.Target));
        }

        Loops(problems, settings.Links);
        for (int b = 1; b < settings.Links.Count; b++)
        {
            for (int a = 0; a < b; a++)
            {
                Fight(problems, settings.Links[a], settings.Links[b], capabilities);
            }
        }

        return problems;
    }

    private static void Accounts(List<LinkProblem> problems, LinkSettings link, HashSet<AccountId> known)
    {
        foreach (var (key, account) in new[] { ("source", link.Source), ("target", link.Target) })
        {
            if (!known.Contains(account))
            {
                Add(problems, LinkProblemKind.UnknownAccount, link, key,
                    $"there is no account '{account}'; known: {string.Join(", ", known.Order().Select(a => a.Value))}");
            }
        }
    }

    private static void Values(List<LinkProblem> problems, LinkSettings link)
    {
        var sizing = link.Sizing;
        Require(sizing.Factor > 0, "sizing.factor", $"{sizing.Factor} must be above 0");
        Require(sizing.RaiseCap >= 1, "sizing.raiseCap", $"{sizing.RaiseCap} must be 1 or above");
        Require(sizing.Mode != SizingMode.Fixed || sizing.FixedLots > Lots.Zero, "sizing.fixedLots", $"{sizing.FixedLots} must be above 0 with mode \"fixed\"");
        Require(sizing.Mode != SizingMode.FixedReference || sizing.Reference > Money.Zero, "sizing.reference",
            $"{sizing.Reference} must be above 0 with mode \"fixedReference\"");
        Require(sizing.MaxLots is not { } max || max > Lots.Zero, "sizing.maxLots", $"{sizing.MaxLots} must be above 0, or null for the symbol's own maximum");
        Require(sizing.Mode != SizingMode.Fixed || sizing.MaxLots is not { } cap || cap <= Lots.Zero || sizing.FixedLots <= cap, "sizing.fixedLots",
            $"{sizing.FixedLots} is above sizing.maxLots {sizing.MaxLots}");
        Require(link.MaxOpenAttempts is >= 1 and <= 20, "maxOpenAttempts", $"{link.MaxOpenAttempts} must be 1 to 20");
        Require(link.CloseAfterSourceLost is not { } lost || lost > TimeSpan.Zero, "closeAfterSourceLost", "must be above 0");
        Require(link.NakedTime is not { } naked || naked > TimeSpan.Zero, "naked.time", "must be above 0");
        Require(link.NakedLoss is not { } loss || loss > Money.Zero, "naked.loss", $"{link.NakedLoss} must be above 0");

        var filters = link.Filters;
        Require(filters.MaxAge is not { } age || age > TimeSpan.Zero, "filters.maxAge", "must be above 0");
        Require(filters.MaxDeviationPoints is null or >= 0, "filters.maxDeviationPoints", $"{filters.MaxDeviationPoints} must be 0 or above");
        Require(filters.MaxSpreadPoints is null or >= 0, "filters.maxSpreadPoints", $"{filters.MaxSpreadPoints} must be 0 or above");
        Require(filters.Allow.Count == 0 || filters.Allow.Any(s => !filters.Deny.Contains(s)), "filters.deny", "denies every symbol that filters.allow allows: the link could never trade");
        Require(filters.Magics.Count == 0 || filters.Magics.Any(m => !filters.DenyMagics.Contains(m)), "filters.denyMagics",
            "denies every magic number that filters.magics allows: the link could never trade");
        Require(filters.Schedule.All(w => w.From >= TimeSpan.Zero && w.From < w.To && w.To <= TimeSpan.FromDays(1)), "filters.schedule",
            "each window must lie within one day, \"from\" before \"to\"");
        foreach (var twice in link.Symbols.Pairs.GroupBy(p => p.Source).Where(g => g.Count() > 1))
        {
            Require(false, "symbols.map", $"'{twice.Key}' is mapped more than once");
        }

        void Require(bool holds, string key, string text)
        {
            if (!holds)
            {
                Add(problems, LinkProblemKind.BadValue, link, key, text);
            }
        }
    }

    /// <summary>
    /// A netting or FIFO account holds one sum a symbol: no position of it belongs to one source position. What needs such a pair cannot be had there: a
    /// pending order of its own for each source order, and closing the source because its counterpart ended.
    /// </summary>
    private static void Target(List<LinkProblem> problems, LinkSettings link, AccountCapabilities? target)
    {
        if (target is null || target.Mode == AccountMode.Hedging)
        {
            return;
        }

        string mode = target.Mode == AccountMode.Fifo ? "a FIFO" : "a netting";
        if (link.Pending == PendingPolicy.Native)
        {
            Add(problems, LinkProblemKind.TargetCannot, link, "pending",
                $"\"native\" needs a target in hedging mode, and '{link.Target}' is {mode} account; use \"onFill\" or \"ignore\"");
        }

        if (link.TwoWay)
        {
            Add(problems, LinkProblemKind.TargetCannot, link, "twoWay",
                $"true needs a target in hedging mode, and '{link.Target}' is {mode} account: it holds one sum a symbol and cannot carry a hedge pair of its own; use false");
        }
    }

    /// <summary>Whatever the links' modes and symbols are: a loop is refused when a link is made, so that turning one on, or a new symbol, cannot close a circle.</summary>
    private static void Loops(List<LinkProblem> problems, IReadOnlyList<LinkSettings> links)
    {
        var told = new HashSet<LinkId>();
        foreach (var link in links)
        {
            if (told.Contains(link.Id) || Way(links, link) is not { } circle)
            {
                continue;
            }

            told.UnionWith(circle.Select(l => l.Id));
            string accounts = string.Join(" → ", circle.Select(l => l.Source.Value).Append(circle[0].Source.Value));
            string text = circle.Count == 1
                ? $"leads from '{link.Source}' to itself ({accounts})"
                : $"closes a loop: {accounts} (links {string.Join(", ", circle.Select(l => l.Id.Value))}); a trade would be copied round it for ever";
            problems.Add(new LinkProblem(LinkProblemKind.Loop, [.. circle.Select(l => l.Id)], "target", text));
        }
    }

    /// <summary>The shortest way from a link's target back to its source, with the link itself first; null when there is none.</summary>
    private static List<LinkSettings>? Way(IReadOnlyList<LinkSettings> links, LinkSettings first)
    {
        var cameBy = new Dictionary<AccountId, LinkSettings> { [first.Target] = first };
        var queue = new Queue<AccountId>([first.Target]);
        while (queue.TryDequeue(out var account) && !cameBy.ContainsKey(first.Source))
        {
            foreach (var next in links)
            {
                if (next.Source == account && cameBy.TryAdd(next.Target, next))
                {
                    queue.Enqueue(next.Target);
                }
            }
        }

        if (!cameBy.TryGetValue(first.Source, out var last))
        {
            return null;
        }

        var way = new List<LinkSettings>();
        for (var link = last; ; link = cameBy[link.Source])
        {
            way.Insert(0, link);
            if (link == first)
            {
                return way;
            }
        }
    }

    private static void Fight(List<LinkProblem> problems, LinkSettings a, LinkSettings b, Func<AccountId, AccountCapabilities?> capabilities)
    {
        if (a.Target != b.Target || !Sends(a) || !Sends(b))
        {
            return;
        }

        // Twice the same trade: each would be right for itself, together they hold double. A link that only closes may stand beside its successor.
        if (a.Source == b.Source && a.Mode == LinkMode.On && b.Mode == LinkMode.On && SameTrades(a, b)
            && LinkSymbols.Source(a).Overlaps(LinkSymbols.Source(b)))
        {
            problems.Add(new LinkProblem(LinkProblemKind.Fight, [b.Id, a.Id], "target",
                $"fights with link '{a.Id}': both take the same trades from '{a.Source}' to '{a.Target}'; give them filters that do not overlap (symbols, side, magics), or turn one off"));
            return;
        }

        if (a.Kind != b.Kind && capabilities(a.Target) is { Mode: not AccountMode.Hedging } target && LinkSymbols.Target(a).Overlaps(LinkSymbols.Target(b)))
        {
            problems.Add(new LinkProblem(LinkProblemKind.Fight, [b.Id, a.Id], "kind",
                $"fights with link '{a.Id}': one copies, the other hedges onto '{a.Target}', a {(target.Mode == AccountMode.Fifo ? "FIFO" : "netting")} account that holds one sum a symbol, so one would undo the other; let their symbols not overlap, or use a target in hedging mode"));
        }
    }

    private static bool Sends(LinkSettings link) => link.Mode is LinkMode.On or LinkMode.CloseOnly;

    /// <summary>Could one trade pass both links' filters? Comments, prices and schedules differ by the moment and do not keep links apart.</summary>
    private static bool SameTrades(LinkSettings a, LinkSettings b)
    {
        var (x, y) = (a.Filters, b.Filters);
        bool sides = x.OnlySide is null || y.OnlySide is null || x.OnlySide == y.OnlySide;
        bool magics = (x.Magics.Count, y.Magics.Count) switch
        {
            (0, 0) => true,
            (0, _) => y.Magics.Any(m => !y.DenyMagics.Contains(m) && !x.DenyMagics.Contains(m)),
            _ => x.Magics.Any(m => !x.DenyMagics.Contains(m) && !y.DenyMagics.Contains(m) && (y.Magics.Count == 0 || y.Magics.Contains(m))),
        };
        return sides && magics;
    }

    private static void Add(List<LinkProblem> problems, LinkProblemKind kind, LinkSettings link, string key, string text) =>
        problems.Add(new LinkProblem(kind, [link.Id], key, text));

    /// <summary>The symbols that a link can touch: these, or all but these.</summary>
    private sealed record LinkSymbols(bool AllBut, HashSet<SymbolName> Names)
    {
        public static LinkSymbols Source(LinkSettings link) => link.Filters.Allow.Count > 0
            ? new(false, [.. link.Filters.Allow.Except(link.Filters.Deny)])
            : new(true, [.. link.Filters.Deny]);

        public static LinkSymbols Target(LinkSettings link)
        {
            var source = Source(link);
            var names = source.Names.Select(s => SymbolMapper.Map(link.Symbols, s)).ToHashSet();
            if (source.AllBut)
            {
                // A denied symbol's target stays in reach when another source symbol is mapped to it by hand.
                names.ExceptWith(link.Symbols.Pairs.Where(p => !source.Names.Contains(p.Source)).Select(p => p.Target));
            }

            return new(source.AllBut, names);
        }

        public bool Overlaps(LinkSymbols other) => (AllBut, other.AllBut) switch
        {
            (true, true) => true,
            (false, false) => Names.Overlaps(other.Names),
            (true, false) => other.Names.Any(n => !Names.Contains(n)),
            (false, true) => Names.Any(n => !other.Names.Contains(n)),
        };
    }
}
