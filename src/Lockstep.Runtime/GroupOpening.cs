using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Storage;

namespace Lockstep.Runtime;

/// <summary>A group that is ready to be set going.</summary>
/// <param name="Plan">Its name and settings.</param>
/// <param name="Journal">Its journal.</param>
/// <param name="Recovered">Its state.</param>
public sealed record OpenGroup(GroupPlan Plan, IJournal Journal, Recovered Recovered);

/// <summary>From a store and a configuration to groups with their state.</summary>
public static class GroupOpening
{
    /// <summary>
    /// Recovers every group that the store knows, splits the configuration along them, and adds the groups that are new. A group whose accounts are all gone from the
    /// configuration is left out; its journal stays. A <see cref="RecoveryException"/> says why not.
    /// </summary>
    public static async Task<IReadOnlyList<OpenGroup>> OpenAsync(IJournalStore store, GroupSettings settings, RecoveryOptions? options = null)
    {
        SortedDictionary<string, (IJournal Journal, Recovered Recovered)> known = new(StringComparer.Ordinal);
        Dictionary<AccountId, string> before = [];
        Dictionary<AccountId, long> epochs = [];
        foreach (string name in store.Groups)
        {
            var journal = store.Journal(name);
            var recovered = await Recovery.RunAsync(journal, options).ConfigureAwait(false);
            known.Add(name, (journal, recovered));
            foreach (var (account, epoch) in recovered.MaxEpochs)
            {
                epochs[account] = Math.Max(epochs.GetValueOrDefault(account), epoch);
            }
        }

        // An account that went from an untied group to another stands in both: the one that has links is where it is.
        var untied = known.Where(k => k.Value.Recovered.Engine.IsUntied).Select(k => k.Key).ToHashSet(StringComparer.Ordinal);
        foreach (var (name, (_, recovered)) in known.OrderBy(k => untied.Contains(k.Key)))
        {
            foreach (var account in recovered.Engine.Settings.Accounts)
            {
                before.TryAdd(account, name);
            }
        }

        var partition = GroupPartition.Of(settings, before, untied);
        if (partition.Conflicts.Count > 0)
        {
            throw new RecoveryException(string.Join(Environment.NewLine, partition.Conflicts));
        }

        List<OpenGroup> open = [];
        foreach (var plan in partition.Groups)
        {
            if (!known.TryGetValue(plan.Name, out var found))
            {
                var journal = store.Journal(plan.Name);
                found = (journal, await Recovery.RunAsync(journal, options).ConfigureAwait(false));
            }

            // Wherever an account was before: its sessions are numbered above all that it had.
            open.Add(new OpenGroup(plan, found.Journal, found.Recovered with { MaxEpochs = epochs }));
        }

        return open;
    }
}
