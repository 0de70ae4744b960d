using System.Text.Json;
using Lockstep.Domain;
using Lockstep.Server.Cli;
using Lockstep.Server.Configuration;
using Lockstep.Server.Rest;
using Lockstep.Server.Security;
using Lockstep.Server.WebSockets;

namespace Lockstep.Server.Streams;

/// <summary>A client of <c>/v1/stream</c> (docs/streams.md).</summary>
internal sealed class CanonicalClient(StreamHub hub, WsConnection connection, Caller caller) : StreamClient(hub, connection, caller)
{
    /// <summary>Version of the protocol.</summary>
    public const int Protocol = 1;

    /// <summary>Positions, and orders, of a snapshot that go into one message.</summary>
    private const int RowsMost = 500;

    private List<(AccountId Account, SymbolName Symbol)> _watched = [];
    private List<CellKey> _candles = [];
    private IReadOnlyList<AccountId> _accounts = [];

    /// <inheritdoc/>
    protected override void Joined() =>
        Answer(Frames.Of(new HelloMessage(Protocol, LockstepVersion.Text, Hub.Desk.Events.Instance, Math.Min(Hub.FirstKept, Hub.Ring.Last + 1), Hub.Ring.Last, Hub.Now)));

    /// <inheritdoc/>
    protected override void Parted() => Watch([], []);

    /// <inheritdoc/>
    protected override byte[]? Told(EventFrame e) => e.Canonical;

    /// <inheritdoc/>
    protected override ReadOnlySpan<byte> Conflated(long count) => Frames.Of(new ConflatedMessage(count));

    /// <inheritdoc/>
    protected override Func<Task>? Read(ReadOnlySpan<byte> text)
    {
        StreamRequest? request;
        ErrorMessage? error;
        try
        {
            (request, error) = StreamRequest.Parse(text);
        }
        catch (JsonException e)
        {
            Close(StreamClose.NotJson, $"a message is one JSON object: {e.Message.Split(" LineNumber:")[0]}");
            return null;
        }

        if (request is null)
        {
            Mistake();
            Hub.Post(() => Reply(Frames.Of(error!)));
            return null;
        }

        NoMistake();
        switch (request)
        {
            case SubscribeRequest subscribe:
                return () => SubscribeAsync(subscribe);
            case UnsubscribeRequest:
                return () => PostAsync(() =>
                {
                    Want(EventFilter.Nothing, Hub.Ring.Last);
                    Want(null);
                    Watch([], []);
                    Reply(Frames.Of(new UnsubscribedMessage(request.Id)));
                });
            default:
                return () => PostAsync(() => Reply(Frames.Of(new PongMessage(request.Id, Hub.Now))));
        }
    }

    /// <inheritdoc/>
    protected override void Lost() => Gap("pruned", Cursor);

    private async Task SubscribeAsync(SubscribeRequest request)
    {
        if (Accounts(request, out var accounts) is { } error)
        {
            Hub.Post(() => Reply(Frames.Of(error)));
            return;
        }

        // Asked before anything is changed: which symbols there are, and what is kept of the events.
        var watch = new List<(AccountId Account, SymbolName Symbol)>();
        var unknown = request.Symbols?.ToHashSet();
        if (request.Symbols is not null)
        {
            foreach (var account in accounts)
            {
                var there = await Hub.SymbolsAsync(account).ConfigureAwait(false);
                watch.AddRange(request.Symbols.Where(s => there.Count == 0 || there.Contains(s)).Select(s => (account, s)));
                unknown!.ExceptWith(there.Count == 0 ? request.Symbols : there);
            }
        }

        bool candles = request.Values.Contains(CellKind.Candle);
        if (candles && watch.Count * request.Frames.Count > Hub.Limits.CandlesMost)
        {
            Hub.Post(() => Reply(Frames.Of(new ErrorMessage(
                request.Id, "too-many-candles", $"{watch.Count} symbols in {request.Frames.Count} frames are {watch.Count * request.Frames.Count} candles; at most {Hub.Limits.CandlesMost} are built for a connection.",
                "Name fewer accounts, symbols or frames."))));
            return;
        }

        long first = request.After is null ? 0 : Hub.FirstKept = Hub.Desk.Events.FirstEvent;
        long last = request.After is null ? 0 : Hub.Desk.Events.LastEvent;
        string? gap = request.After is not { } after ? null
            : request.Instance is { } instance && instance != Hub.Desk.Events.Instance ? "instance"
            : after > last ? "ahead"
            : after + 1 < first ? "pruned"
            : null;
        Hub.Post(() =>
        {
            if (!Gone)
            {
                Apply(request, accounts, watch, unknown, gap);
            }
        });
    }

    private void Apply(SubscribeRequest request, IReadOnlyList<AccountId> accounts, List<(AccountId Account, SymbolName Symbol)> watch, HashSet<SymbolName>? unknown, string? gap)
    {
        // All that the key may see, those to come included, unless it is good for some only.
        IReadOnlySet<AccountId>? seen = request.Accounts is null ? Caller.Accounts : accounts.ToHashSet();
        long after = request.After is { } given && gap is null ? given : Hub.Ring.Last;
        _accounts = accounts;
        Want(new EventFilter(request.Events, seen), after);
        bool prices = request.Values.Contains(CellKind.Price);
        bool candles = request.Values.Contains(CellKind.Candle);
        Watch(prices ? watch : [], candles ? [.. watch.SelectMany(w => request.Frames.Select(f => new CellKey(CellKind.Candle, w.Account, w.Symbol, f)))] : []);
        Answer(Frames.Of(new SubscribedMessage(
            request.Id, request.Accounts is null ? null : [.. accounts.Select(a => a.Value)], request.Topics, request.Symbols is null ? null : [.. request.Symbols.Order().Select(s => s.Value)],
            request.Frames.Count == 0 ? null : [.. request.Frames.Order().Select(f => f.ToString())], after,
            unknown is { Count: > 0 } ? [.. unknown.Order().Select(s => s.Value)] : null)));
        if (gap is not null)
        {
            Gap(gap, request.After!.Value);
        }
        else if (request.Events != EventTopics.None && (request.Snapshot ?? request.After is null))
        {
            Hold();
            Gather();
        }

        if (request.Values.Count > 0)
        {
            foreach (var account in accounts)
            {
                Fill(account, request.Values);
            }

            Want(new CanonicalView(seen, request.Values, request.Symbols, request.Frames));
        }
        else
        {
            Want(null);
        }

        Serve();
    }

    /// <summary>What was told before the hub listened.</summary>
    private void Fill(AccountId account, IReadOnlySet<CellKind> kinds)
    {
        Put(CellKind.Funds, () => Hub.Desk.Funds(account));
        Put(CellKind.Floating, () => Hub.Desk.Floating(account) is { Count: > 0 } floating ? floating : null);
        Put(CellKind.Health, () => Hub.Desk.Health(account));

        void Put(CellKind kind, Func<object?> value)
        {
            var key = new CellKey(kind, account);
            if (kinds.Contains(kind) && Hub.CellOf(key).Turn == 0 && value() is { } there)
            {
                Hub.Put(key, there);
            }
        }
    }

    private void Gap(string reason, long after)
    {
        long first = Hub.FirstKept;
        Answer(Frames.Of(new GapMessage(reason, after, first, Hub.Ring.Last, reason switch
        {
            "pruned" => $"events after {after} are no longer kept; the oldest one that is has number {first}",
            "instance" => "the number is of another store, and says nothing here",
            _ => $"there is no event {after} yet: the last one has number {Hub.Ring.Last}; was the data folder restored from a copy?",
        })));
        Want(Filter, Hub.Ring.Last);
        Hold();
        Gather();
    }

    /// <summary>Photographs the accounts; events wait until all are there, so that what comes after a snapshot is newer than it.</summary>
    private void Gather()
    {
        var accounts = _accounts;
        long generation = Generation;
        _ = Task.Run(() => TryAsync(async () =>
        {
            var frames = new List<byte[]>();
            var floors = new Dictionary<AccountId, long>();
            foreach (var account in accounts)
            {
                var photo = await Hub.Desk.PhotoAsync(account).ConfigureAwait(false);
                floors[account] = photo.Seq;
                frames.AddRange(Snapshot(account, photo));
            }

            Hub.Post(() =>
            {
                if (!Gone && generation == Generation)
                {
                    frames.ForEach(Answer);
                    Go(floors);
                    Serve();
                }
            });
        }));
    }

    private IEnumerable<byte[]> Snapshot(AccountId account, AccountPhoto photo)
    {
        var yard = Yardstick.Of(photo.View, Hub.Desk.Health(account));
        var floating = Hub.Desk.Floating(account).ToDictionary(f => f.Position);
        var positions = (photo.View?.Positions ?? []).Select(p => PositionShape.Of(p, yard, Hub.Desk.Quote(account, p.Symbol), floating.GetValueOrDefault(p.Id))).ToList();
        var orders = (photo.View?.Orders ?? []).Select(o => OrderShape.Of(o, yard)).ToList();
        string state = AccountEndpoints.State(photo.View);
        for (int from = 0; from == 0 || from < Math.Max(positions.Count, orders.Count); from += RowsMost)
        {
            bool more = from + RowsMost < Math.Max(positions.Count, orders.Count);
            yield return Frames.Of(new SnapshotMessage(
                account.Value, photo.Seq, state, [.. positions.Skip(from).Take(RowsMost)], [.. orders.Skip(from).Take(RowsMost)], FundsShape.Of(Hub.Desk.Funds(account)), more ? true : null));
        }
    }

    private ErrorMessage? Accounts(SubscribeRequest request, out IReadOnlyList<AccountId> accounts)
    {
        var may = Hub.Desk.Config.Accounts.Select(a => a.Id).Where(Caller.May).ToList();
        accounts = may;
        if (request.Accounts is null)
        {
            return null;
        }

        var named = new List<AccountId>();
        var errors = new List<FieldProblem>();
        foreach (string name in request.Accounts)
        {
            // An account that the key does not cover is none: its name is nobody's business.
            if (Hub.Desk.Directory.Find(name) is { } account && Caller.May(account.Id))
            {
                named.Add(account.Id);
            }
            else
            {
                errors.Add(new("accounts", name, "is no account that the key may see"));
            }
        }

        accounts = [.. named.Distinct()];
        return errors.Count == 0 ? null : new ErrorMessage(
            request.Id, "unknown-account", $"No account that the key may see: {string.Join(", ", errors.Select(e => $"'{e.Value}'"))}.",
            may.Count == 0 ? "There is none that the key may see." : $"Use one of: {string.Join(", ", may.Take(50).Select(a => a.Value))}.", errors);
    }

    /// <summary>Holds what is new before it gives back what is not: what stays is not asked for twice.</summary>
    private void Watch(List<(AccountId Account, SymbolName Symbol)> watched, List<CellKey> candles)
    {
        watched.ForEach(w => Hub.Hold(w.Account, w.Symbol));
        candles.ForEach(Hub.HoldCandle);
        _watched.ForEach(w => Hub.Release(w.Account, w.Symbol));
        _candles.ForEach(Hub.ReleaseCandle);
        (_watched, _candles) = (watched, candles);
    }
}
