using Lockstep.Domain;

namespace Lockstep.Engine;

/// <content>The state as plain data, and back.</content>
public sealed partial class Engine
{
    /// <summary>The whole state as plain data, in an order that is part of the state: equal states give equal captures.</summary>
    public EngineCapture Capture() => new()
    {
        Seq = Seq,
        Now = _now,
        HaltedBy = _haltedBy,
        LastNumber = _lastNumber,
        Settings = _settings,
        Accounts = [.. SortedAccounts().Select(CaptureAccount)],
        Links = [.. _links.OrderBy(l => l.Key).Select(l => l.Value with { Spent = [.. l.Value.Spent], Residues = [.. l.Value.Residues.Select(r => r with { })] })],
        Incarnations = [.. _incarnations.OrderBy(l => l.Key).Select(l => new LinkIncarnation(l.Key, l.Value))],
        Legs = [.. Sorted(_legs).Select(l => l with { Items = [.. l.Items] })],
        Pools = [.. Sorted(_pools).Select(CopyPool)],
        Intents = [.. _intents.Values.OrderBy(i => i.Number).Select(i => i with { Deals = [.. i.Deals] })],
        Keys = [.. _keys.OrderBy(k => k.Key).Select(k => k.Value)],
        Clients = [.. _clients.OrderBy(c => c.Key.Item1).ThenBy(c => c.Key.Item2, StringComparer.Ordinal).Select(c => c.Value with { })],
        Timers = [.. _timers.OrderBy(t => t.Key.Kind).ThenBy(t => t.Key.Number).Select(t => new TimerCapture(t.Key.Kind, t.Key.Number, t.Value))],
        Watches = [.. Sorted(_watches)],
    };

    /// <summary>An engine with a captured state.</summary>
    public static Engine Restore(EngineCapture capture, Plant plant = Plant.None)
    {
        var engine = new Engine(plant)
        {
            Seq = capture.Seq,
            _now = capture.Now,
            _haltedBy = capture.HaltedBy,
            _lastNumber = capture.LastNumber,
            _settings = capture.Settings ?? new GroupSettings { Accounts = [], Links = [] },
        };
        foreach (var account in capture.Accounts)
        {
            engine._accounts.Add(account.Id, RestoreAccount(account));
        }

        foreach (var link in capture.Links)
        {
            engine._links.Add(link.Settings.Id, link with { Spent = [.. link.Spent], Residues = [.. link.Residues.Select(r => r with { })] });
        }

        foreach (var count in capture.Incarnations)
        {
            engine._incarnations.Add(count.Link, count.Count);
        }

        foreach (var captured in capture.Legs)
        {
            var leg = captured with { Items = [.. captured.Items] };
            engine._legs.Add(leg.Number, leg);
            if (leg.Position is { } position)
            {
                Index(engine._legsByPosition, (leg.Source, position), leg);
            }

            if (leg.Order is { } order)
            {
                Index(engine._legsByOrder, (leg.Source, order), leg);
            }
        }

        foreach (var captured in capture.Pools)
        {
            var pool = CopyPool(captured);
            engine._pools.Add(pool.Number, pool);
            if (pool.Kind == PoolKind.Symbol)
            {
                engine._symbolPools.Add((pool.Account, pool.Symbol), pool);
            }

            if (pool.Kind != PoolKind.CloseSource)
            {
                foreach (var holding in pool.Holdings)
                {
                    engine._holders.Add((pool.Account, holding.Position), pool);
                }
            }

            if (pool.Pending is { } order)
            {
                engine._pendingHolders.Add((pool.Account, order), pool);
            }
        }

        foreach (var intent in capture.Intents)
        {
            var copy = intent with { Deals = [.. intent.Deals] };
            engine._intents.Add(copy.Key, copy);
            engine._accounts[copy.Command.Account].Intents.Add(copy);
        }

        foreach (var key in capture.Keys)
        {
            engine._keys.Add(key.Key, key);
        }

        foreach (var client in capture.Clients)
        {
            engine._clients.Add((client.Request.Account, client.Request.ClientId), client with { });
        }

        foreach (var timer in capture.Timers)
        {
            engine._timers.Add(new TimerId(timer.Kind, timer.Number), timer.At);
        }

        foreach (var watch in capture.Watches)
        {
            engine._watches.Add(watch.Watch.Watch.Number, watch);
        }

        engine.IndexLinks();
        return engine;
    }

    private static Pool CopyPool(Pool p) => p with
    {
        Legs = [.. p.Legs],
        Holdings = [.. p.Holdings.Select(h => h with { })],
        Keys = [.. p.Keys],
        Deals = [.. p.Deals],
    };

    private static AccountCapture CaptureAccount(AccountBook b) => new()
    {
        Id = b.Id,
        Number = b.Number,
        Up = b.Up,
        Synced = b.Synced,
        Epoch = b.Epoch,
        Sequence = b.Sequence,
        Capabilities = b.Capabilities,
        Symbols = [.. b.Symbols.Values.OrderBy(s => s.Name)],
        Positions = [.. b.Positions.Values.OrderBy(p => p.Id)],
        Orders = [.. b.Orders.Values.OrderBy(o => o.Id)],
        Funds = b.Funds,
        Ask = b.Ask,
        AskedAt = b.AskedAt,
        AskFailures = b.AskFailures,
        AskAt = b.AskAt,
        SnapshotAt = b.SnapshotAt,
        AskedForDigest = b.AskedForDigest,
        DigestsInVain = b.DigestsInVain,
        Early = [.. b.Early.Values],
        LostAt = b.LostAt,
        Malformed = b.Malformed,
    };

    private static AccountBook RestoreAccount(AccountCapture a)
    {
        var book = new AccountBook
        {
            Id = a.Id,
            Number = a.Number,
            Up = a.Up,
            Synced = a.Synced,
            Epoch = a.Epoch,
            Sequence = a.Sequence,
            Capabilities = a.Capabilities,
            Funds = a.Funds,
            Ask = a.Ask,
            AskedAt = a.AskedAt,
            AskFailures = a.AskFailures,
            AskAt = a.AskAt,
            SnapshotAt = a.SnapshotAt,
            AskedForDigest = a.AskedForDigest,
            DigestsInVain = a.DigestsInVain,
            LostAt = a.LostAt,
            Malformed = a.Malformed,
        };
        foreach (var s in a.Symbols)
        {
            book.Symbols.Add(s.Name, s);
        }

        foreach (var p in a.Positions)
        {
            book.Positions.Add(p.Id, p);
        }

        foreach (var o in a.Orders)
        {
            book.Orders.Add(o.Id, o);
        }

        foreach (var e in a.Early)
        {
            book.Early.Add(e.Sequence, e);
        }

        return book;
    }
}
