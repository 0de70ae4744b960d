using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Runtime;

/// <summary>A group: its name and what it serves.</summary>
/// <param name="Name">The name of its journal.</param>
/// <param name="Settings">Accounts and links, by name.</param>
public sealed record GroupPlan(string Name, GroupSettings Settings);

/// <summary>
/// Splits accounts and links into groups: accounts tied by links, directly or through others. Accounts that were in one group once stay in one group, as its journal holds
/// what they are to each other; a group keeps its name for the same reason. Only a group that never had a link holds nothing of the kind: its accounts may join another one.
/// </summary>
/// <param name="Groups">The groups, by name.</param>
/// <param name="Conflicts">Why the split cannot be made, in sentences; empty = it can.</param>
public sealed record GroupPartition(IReadOnlyList<GroupPlan> Groups, IReadOnlyList<string> Conflicts)
{
    /// <summary>
    /// The groups of a configuration. <paramref name="before"/> says in which group (journal) an account was until now, <paramref name="untied"/> which of these may give their accounts away. A new group
    /// is called after the first of its accounts.
    /// </summary>
    public static GroupPartition Of(GroupSettings all, IReadOnlyDictionary<AccountId, string>? before = null, IReadOnlySet<string>? untied = null)
    {
        before ??= new Dictionary<AccountId, string>();
        List<AccountId> accounts = [.. all.Accounts.Distinct().Order()];
        var ties = new Ties(accounts);
        foreach (var link in all.Links)
        {
            ties.Tie(link.Source, link.Target);
        }

        foreach (var together in accounts.Where(before.ContainsKey).GroupBy(account => before[account], StringComparer.Ordinal))
        {
            foreach (var account in together)
            {
                ties.Tie(together.First(), account);
            }
        }

        List<GroupPlan> groups = [];
        List<string> conflicts = [];
        var taken = before.Values.ToHashSet(StringComparer.Ordinal);
        foreach (var component in accounts.GroupBy(ties.Root))
        {
            List<AccountId> members = [.. component];
            List<string> names = [.. members.Where(before.ContainsKey).Select(account => before[account]).Distinct().Order(StringComparer.Ordinal)];
            List<string> bound = [.. names.Where(n => untied?.Contains(n) != true)];
            if (bound.Count > 1)
            {
                conflicts.Add(Conflict(all, members, before));
            }

            string name = bound.Count > 0 ? bound[0] : names.Count > 0 ? names[0] : FreeName(members[0].Value, taken);
            taken.Add(name);
            groups.Add(new GroupPlan(name, new GroupSettings
            {
                Accounts = members,
                Links = [.. all.Links.Where(link => members.Contains(link.Source) || members.Contains(link.Target)).OrderBy(link => link.Id)],
            }));
        }

        return new GroupPartition([.. groups.OrderBy(group => group.Name, StringComparer.Ordinal)], conflicts);
    }

    private static string Conflict(GroupSettings all, List<AccountId> members, IReadOnlyDictionary<AccountId, string> before)
    {
        var link = all.Links.OrderBy(link => link.Id).First(link =>
            members.Contains(link.Source) && before.TryGetValue(link.Source, out string? a) && before.TryGetValue(link.Target, out string? b) && a != b
            || members.Contains(link.Source) && (!before.ContainsKey(link.Source) || !before.ContainsKey(link.Target)));
        string histories = string.Join("; ", members.Where(before.ContainsKey).GroupBy(account => before[account], StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => string.Join(", ", g)));
        return $"link {link.Id} ties accounts that have separate histories ({histories}), and two journals cannot become one. Give one of the accounts a new name (it then begins afresh, and its open copies stay with the owner), or do without the link.";
    }

    private static string FreeName(string wanted, HashSet<string> taken)
    {
        string name = wanted;
        for (int i = 2; taken.Contains(name); i++)
        {
            name = $"{wanted}~{i}";
        }

        return name;
    }

    /// <summary>Union-find over the accounts; the root is the first account by name.</summary>
    private sealed class Ties(List<AccountId> accounts)
    {
        private readonly Dictionary<AccountId, AccountId> _parent = accounts.ToDictionary(account => account);

        public AccountId Root(AccountId account)
        {
            while (_parent[account] != account)
            {
                account = _parent[account] = _parent[_parent[account]];
            }

            return account;
        }

        /// <summary>A link to an account that is not there ties nothing; the configuration's checks speak of it.</summary>
        public void Tie(AccountId a, AccountId b)
        {
            if (_parent.ContainsKey(a) && _parent.ContainsKey(b))
            {
                var (first, second) = (Root(a), Root(b));
                _parent[first.CompareTo(second) <= 0 ? second : first] = first.CompareTo(second) <= 0 ? first : second;
            }
        }
    }
}
