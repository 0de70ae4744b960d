using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Runtime;
using Lockstep.Server.Configuration;
using Lockstep.Storage;

namespace Lockstep.Server.Hosting;

/// <content>Accounts and links come and go while everything runs.</content>
internal sealed partial class Product
{
    private readonly SemaphoreSlim _changing = new(1);

    /// <summary>
    /// Asks whether a configuration could be put in force now: sentences that say why not; none = it could. Only what depends on what was is asked here: the rest was checked when it was read.
    /// </summary>
    public async Task<IReadOnlyList<string>> ObstaclesAsync(LockstepConfig next) => (await PlanAsync(next)).Conflicts;

    /// <summary>
    /// Puts a configuration in force: accounts and links that are gone go, those that are new come, and whoever is not touched notices nothing. Of <see cref="ObstaclesAsync"/> there must be none.
    /// </summary>
    public async Task ChangeAsync(LockstepConfig next)
    {
        await _changing.WaitAsync();
        try
        {
            if (_stopping)
            {
                return;
            }

            var before = Config;
            var plan = await PlanAsync(next);
            await World.AddAsync([.. next.Accounts.Where(a => before.Account(a.Id) is null)]);
            _config = next;
            Terminals.Configure(next);
            CTrader?.Configure(next);
            await ShrinkAsync(plan.Groups);
            await GrowAsync(plan.Groups);
            foreach (var account in next.Accounts.Where(a => before.Account(a.Id) is { } was && was.Enabled != a.Enabled))
            {
                if (_runners.TryGetValue(account.Id, out var runner))
                {
                    await runner.VisitAsync(core => Renew(core, account));
                }
            }

            await World.RemoveAsync([.. before.Accounts.Where(a => next.Account(a.Id) is null).Select(a => a.Id)]);
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Orders of an account that are on their way.</summary>
    public Task<int> InFlightAsync(AccountId account) =>
        _runners.TryGetValue(account, out var runner) ? runner.VisitAsync(core => core.Engine.InFlight.Count(i => i.Account == account)) : Task.FromResult(0);

    private static bool Renew(GroupCore core, AccountConfig account)
    {
        core.RenewSession(account.Id, account.Enabled ? "it is connected again" : "it was disconnected by request");
        return true;
    }

    private async Task<GroupPartition> PlanAsync(LockstepConfig next)
    {
        var before = new Dictionary<AccountId, string>();
        var untied = new HashSet<string>(StringComparer.Ordinal);
        foreach (var group in Groups)
        {
            if (await group.VisitAsync(core => core.Engine.IsUntied))
            {
                untied.Add(group.Core.Group);
            }
        }

        foreach (var (account, runner) in _runners)
        {
            before[account] = runner.Core.Group;
        }

        return GroupPartition.Of(next.Settings, before, untied);
    }

    /// <summary>Accounts leave the groups that they are in no longer: nobody serves them for a moment, and nobody twice.</summary>
    private async Task ShrinkAsync(IReadOnlyList<GroupPlan> plans)
    {
        foreach (var group in _groups)
        {
            var present = _runners.Where(r => r.Value == group.Runner).Select(r => r.Key).ToList();
            var planned = plans.FirstOrDefault(p => p.Name == group.Runner.Core.Group)?.Settings;
            List<AccountId> stay = [.. present.Where(a => planned?.Accounts.Contains(a) == true).Order()];
            if (stay.Count == present.Count)
            {
                continue;
            }

            await group.Runner.ReconfigureAsync(new GroupSettings { Accounts = stay, Links = [.. planned?.Links.Where(l => stay.Contains(l.Source) && stay.Contains(l.Target)) ?? []] });
            foreach (var gone in present.Except(stay))
            {
                _epochs[gone] = Math.Max(_epochs.GetValueOrDefault(gone), group.Runner.Core.HighestEpoch(gone));
                _runners.TryRemove(gone, out _);
            }

            if (planned is null)
            {
                await group.Runner.StopAsync();
                group.Ports.Dispose();
                _groups = [.. _groups.Where(g => g != group)];
            }
        }
    }

    private async Task GrowAsync(IReadOnlyList<GroupPlan> plans)
    {
        foreach (var plan in plans)
        {
            var runner = Groups.FirstOrDefault(g => g.Core.Group == plan.Name);
            if (runner is null)
            {
                var journal = _store.Journal(plan.Name);
                var recovered = await Recovery.RunAsync(journal);
                var epochs = new Dictionary<AccountId, long>(recovered.MaxEpochs);
                foreach (var account in plan.Settings.Accounts)
                {
                    epochs[account] = Math.Max(epochs.GetValueOrDefault(account), _epochs.GetValueOrDefault(account));
                }

                StartGroup(new OpenGroup(plan, journal, recovered with { MaxEpochs = epochs }));
                continue;
            }

            foreach (var account in plan.Settings.Accounts.Where(a => !_runners.ContainsKey(a)))
            {
                runner.Core.RaiseEpoch(account, _epochs.GetValueOrDefault(account));
                _runners[account] = runner;
            }

            if (!await runner.VisitAsync(core => JournalCodec.EncodeSettings(plan.Settings).AsSpan().SequenceEqual(JournalCodec.EncodeSettings(core.Engine.Settings))))
            {
                await runner.ReconfigureAsync(plan.Settings);
            }
        }
    }
}
