using Lockstep.Domain;

namespace Lockstep.Engine;

/// <content>Accounts and links come, change and go.</content>
public sealed partial class Engine
{
    private void TakeSettings(GroupSettings settings)
    {
        foreach (var id in settings.Accounts.OrderBy(a => a))
        {
            if (!_accounts.ContainsKey(id))
            {
                _accounts.Add(id, new AccountBook { Id = id, Number = NextNumber() });
            }
        }

        foreach (var book in SortedAccounts())
        {
            // Its session ends without a word; what comes of orders on their way is not known here any more.
            if (book.Up && !settings.Accounts.Contains(book.Id))
            {
                Down(book);
            }
        }

        var wanted = new Dictionary<LinkId, LinkSettings>();
        foreach (var link in settings.Links)
        {
            if (!_accounts.ContainsKey(link.Source) || !_accounts.ContainsKey(link.Target) || !wanted.TryAdd(link.Id, link))
            {
                Alert(AlertLevel.Critical, "bad-link", null, link.Id, $"Link {link.Id} ({link.Source} to {link.Target}) names an account that this group does not have, or its name is used twice. It is left out.");
            }
        }

        _settings = settings;
        var before = new List<LinkId>(_links.Keys);
        before.Sort();
        foreach (var id in before)
        {
            var link = _links[id];
            if (!wanted.TryGetValue(id, out var now) || now.Source != link.Settings.Source || now.Target != link.Settings.Target || now.Kind != link.Settings.Kind)
            {
                RemoveLink(link);
            }
            else
            {
                link.Settings = now;
                if (now.Mode is LinkMode.Off or LinkMode.Shadow)
                {
                    LeaveOpenItems(link);
                }
            }
        }

        foreach (var id in wanted.Keys.OrderBy(l => l))
        {
            if (!_links.ContainsKey(id))
            {
                int incarnation = _incarnations.GetValueOrDefault(id) + 1;
                _incarnations[id] = incarnation;
                _links.Add(id, new LinkState { Settings = wanted[id], Incarnation = incarnation });
            }
        }

        IndexLinks();
        foreach (var book in SortedAccounts())
        {
            // A new link meets what its source already holds; quotes for the answers come with a fresh snapshot.
            if (book.Synced && _linksFrom.TryGetValue(book.Id, out var links) && links.Any(l => !l.Started))
            {
                AskNow(book);
            }

            MarkAccountDirty(book.Id);
        }
    }

    /// <summary>A link that does nothing any more will not bring what is under way to its end: that is its outcome.</summary>
    private void LeaveOpenItems(LinkState link)
    {
        foreach (var leg in Sorted(_legs))
        {
            if (leg.Link != link.Settings.Id || leg.Incarnation != link.Incarnation || leg.Undecided)
            {
                continue;
            }

            if (link.Settings.Mode == LinkMode.Off)
            {
                ResolveItems(leg, WhyOutcome.Skipped, WhyReason.LinkOff, "switched off while it was under way");
            }
            else
            {
                ResolveItems(leg, WhyOutcome.Shadowed, WhyReason.Shadow, "switched to shadow while it was under way");
            }
        }
    }

    private void IndexLinks()
    {
        _linksFrom.Clear();
        foreach (var id in _links.Keys.OrderBy(l => l))
        {
            var link = _links[id];
            if (!_linksFrom.TryGetValue(link.Settings.Source, out var from))
            {
                _linksFrom[link.Settings.Source] = from = [];
            }

            from.Add(link);
        }
    }

    private void RemoveLink(LinkState link)
    {
        _links.Remove(link.Settings.Id);
        foreach (var leg in Sorted(_legs))
        {
            if (leg.Link != link.Settings.Id || leg.Incarnation != link.Incarnation || leg.FinishedAt is not null)
            {
                continue;
            }

            if (link.Settings.CloseOnRemoval)
            {
                End(leg, WhyOutcome.Lapsed, WhyReason.LinkRemoved, Refusal.None, "closed with the link");
            }
            else
            {
                Release(leg);
            }

            ClearNaked(leg);
        }
    }

    /// <summary>The leg's positions are the owner's from now on.</summary>
    private void Release(Leg leg)
    {
        ResolveItems(leg, WhyOutcome.Skipped, WhyReason.LinkRemoved, "left to the owner");
        if (leg.Pool != 0 && _pools.TryGetValue(leg.Pool, out var pool))
        {
            if (pool.Kind == PoolKind.Leg)
            {
                pool.Released = true;
            }
            else
            {
                // What the leg put into the sum belongs to the owner now.
                var share = leg.TargetSide.Signed(leg.Share);
                pool.Ours -= _accounts[pool.Account].Capabilities is { Mode: AccountMode.Netting } ? share : Lots.Zero;
                pool.Foreign += _accounts[pool.Account].Capabilities is { Mode: AccountMode.Netting } ? share : Lots.Zero;
                LetGo(pool, leg.Share);
                pool.Legs.Remove(leg.Number);
            }
        }

        leg.Undecided = false;
        leg.Reason = WhyReason.LinkRemoved;
        leg.Status = LegStatus.Ended;
        Finish(leg);
    }

    /// <summary>FIFO: the newest positions of a released leg's volume are the owner's; part of one is not split.</summary>
    private void LetGo(Pool pool, Lots volume)
    {
        for (int i = pool.Holdings.Count - 1; i >= 0 && volume.Value > 0; i--)
        {
            var holding = pool.Holdings[i];
            if (holding.Volume <= volume)
            {
                volume -= holding.Volume;
                pool.Holdings.RemoveAt(i);
                _holders.Remove((pool.Account, holding.Position));
            }
        }
    }

    /// <summary>The first complete look at a source: what it holds was there before its new links.</summary>
    private void StartLinks(AccountBook book)
    {
        if (!_linksFrom.TryGetValue(book.Id, out var links))
        {
            return;
        }

        foreach (var link in links)
        {
            if (link.Started)
            {
                continue;
            }

            link.Started = true;
            foreach (var id in book.Positions.Keys.OrderBy(p => p))
            {
                MakeLeg(link, book, book.Positions[id], existed: true, NextItem(SourceEventKind.Opened));
            }

            foreach (var id in book.Orders.Keys.OrderBy(o => o))
            {
                MakeOrderLeg(link, book, book.Orders[id], existed: true, NextItem(SourceEventKind.OrderPlaced));
            }
        }
    }
}
