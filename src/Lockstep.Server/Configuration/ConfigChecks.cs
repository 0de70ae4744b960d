using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Server.Configuration;

/// <summary>What only shows when the parts of a configuration are seen together: links among each other, their accounts and symbols.</summary>
internal sealed class ConfigChecks(List<ConfigError> errors)
{
    /// <summary>Notes all problems.</summary>
    public void Check(LockstepConfig config, IReadOnlyList<LinkInFile> links, JsonItem? accounts)
    {
        if (config.Accounts.FirstOrDefault(a => a.CTrader is not null) is { } open && config.CTrader is null && !errors.Any(e => e.Path.StartsWith("ctrader", StringComparison.Ordinal)))
        {
            errors.Add(new ConfigError(accounts?[open.Id.Value]?.Line ?? 0, "ctrader", "", $"is missing; account '{open.Id}' is reached over the Open API, which takes only registered applications"));
        }

        // An account whose own section is wrong is told about there; links to it are not wrong for that.
        var known = config.Accounts.Select(a => a.Id).Concat(accounts?.Members.Select(m => new AccountId(m.Key)) ?? []).Distinct();
        var settings = new GroupSettings { Accounts = [.. known], Links = config.Links };
        foreach (var problem in LinkChecks.Check(settings, id => config.Account(id)?.Capabilities))
        {
            var link = links.Last(l => l.Settings.Id == problem.Links[0]);
            Add(link, problem.Key, problem.Text);
        }

        foreach (var link in links)
        {
            Symbols(config, link);
        }
    }

    private void Symbols(LockstepConfig config, LinkInFile link)
    {
        // A terminal's symbols are not known before it comes in: the engine says then what cannot be traded.
        var (source, target) = (config.Account(link.Settings.Source), config.Account(link.Settings.Target));
        source = source?.Broker is null ? null : source;
        target = target?.Broker is null ? null : target;
        if (source is not null)
        {
            Known(link, "filters.allow", link.Settings.Filters.Allow, source);
            Known(link, "filters.deny", link.Settings.Filters.Deny, source);
            Known(link, "symbols.map", link.Settings.Symbols.Pairs.Select(p => p.Source), source);
        }

        if (target is not null)
        {
            Known(link, "symbols.map", link.Settings.Symbols.Pairs.Select(p => p.Target), target);
        }

        if (source is null || target is null)
        {
            return;
        }

        var (filters, sizing) = (link.Settings.Filters, link.Settings.Sizing);
        var specs = target.Broker!.Symbols.ToDictionary(s => s.Spec.Name, s => s.Spec);
        var wanted = source.Broker!.Symbols.Select(s => s.Spec.Name)
            .Where(s => (filters.Allow.Count == 0 || filters.Allow.Contains(s)) && !filters.Deny.Contains(s))
            .ToList();
        var reached = wanted.Where(s => specs.ContainsKey(SymbolMapper.Map(link.Settings.Symbols, s))).ToList();
        foreach (var symbol in filters.Allow.Intersect(wanted).Except(reached))
        {
            Add(link, "filters.allow", $"'{symbol}' becomes '{SymbolMapper.Map(link.Settings.Symbols, symbol)}', which account '{target.Id}' does not have; map it under symbols");
        }

        if (reached.Count == 0 && wanted.Count > 0 && filters.Allow.Count == 0)
        {
            Add(link, "symbols", $"no symbol of '{source.Id}' leads to one of '{target.Id}' (for one, '{wanted[0]}' becomes '{SymbolMapper.Map(link.Settings.Symbols, wanted[0])}'): the link could never trade");
        }

        foreach (var spec in reached.Select(s => specs[SymbolMapper.Map(link.Settings.Symbols, s)]).DistinctBy(s => s.Name))
        {
            Lots(link, sizing, spec, target.Id);
        }
    }

    /// <summary>Volumes that the target could never take.</summary>
    private void Lots(LinkInFile link, SizingSettings sizing, SymbolSpec spec, AccountId target)
    {
        string of = $"of '{spec.Name}' on '{target}'";
        if (sizing.MaxLots is { } max && max > Domain.Lots.Zero && max < spec.MinLots)
        {
            Add(link, "sizing.maxLots", $"is below the minimum {spec.MinLots} {of}: the link could never trade it");
        }

        if (sizing.Mode != SizingMode.Fixed || sizing.FixedLots <= Domain.Lots.Zero)
        {
            return;
        }

        if (sizing.FixedLots < spec.MinLots && !sizing.RaiseToMinimum)
        {
            Add(link, "sizing.fixedLots", $"is below the minimum {spec.MinLots} {of}");
        }
        else if (sizing.FixedLots > spec.MaxLots)
        {
            Add(link, "sizing.fixedLots", $"is above the maximum {spec.MaxLots} {of}");
        }
        else if (sizing.FixedLots >= spec.MinLots && !spec.IsOnStep(sizing.FixedLots))
        {
            Add(link, "sizing.fixedLots", $"is no multiple of the lot step {spec.LotStep} {of}");
        }
    }

    private void Known(LinkInFile link, string key, IEnumerable<SymbolName> names, AccountConfig account)
    {
        var has = account.Broker!.Symbols.Select(s => s.Spec.Name.Value).ToList();
        foreach (var name in names)
        {
            if (!has.Contains(name.Value))
            {
                Add(link, key, $"account '{account.Id}' has no symbol '{name}'{Spelling.DidYouMean(name.Value, has)}; it has {Some(has)}");
            }
        }
    }

    private static string Some(List<string> names) =>
        names.Count <= 12 ? string.Join(", ", names) : $"{string.Join(", ", names.Take(12))} and {names.Count - 12} more";

    /// <summary>Points at the value in the file when it stands there, else at the link.</summary>
    private void Add(LinkInFile link, string key, string text)
    {
        JsonItem? item = link.Item;
        foreach (string part in key.Split('.'))
        {
            item = item?[part];
        }

        string path = $"{link.Path}.{key}";
        if (!errors.Any(e => e.Path == path && e.Text.StartsWith("must be", StringComparison.Ordinal)))
        {
            errors.Add(new ConfigError((item ?? link.Item).Line, path, item?.Shown ?? "", $"{text} (link '{link.Settings.Id}')"));
        }
    }
}
