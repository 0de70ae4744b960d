using System.Collections.Concurrent;
using System.Text.Json;
using Lockstep.Domain;
using Lockstep.Server.Configuration;
using Lockstep.Simulator;
using Lockstep.Storage;

namespace Lockstep.Server.Hosting;

/// <summary>
/// Keeps the books of paper brokers in the store: each change is durable before anything that tells of it leaves the broker, so that a broker forgets nothing that
/// anybody was told, whenever the process is killed.
/// </summary>
internal sealed class PaperBooks(IPaperStore store)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
        IgnoreReadOnlyProperties = true,
    };

    private readonly ConcurrentDictionary<AccountId, SimBroker> _open = [];

    /// <summary>The account's broker, as it was left or new. A <see cref="DataFolderException"/> says when what was kept is of another kind.</summary>
    public SimBroker Open(AccountId account, BrokerSettings settings, ISimClock clock)
    {
        var random = new SimRandom(1).Fork(account.Value);
        string kind = BrokerKinds.NameOf(settings.Platform, settings.Mode);
        SimBroker broker;
        if (store.LoadPaper(account) is { } kept)
        {
            var book = JsonSerializer.Deserialize<Kept>(kept.State.Span, Json)!;
            if (book.Kind != kind)
            {
                throw new DataFolderException($"The data folder holds account '{account}' as {book.Kind}, and the configuration says {kind}. Give the account another name, put the kind back, or use another data folder.");
            }

            var history = kept.History.Select(row => JsonSerializer.Deserialize<HistoryRecord>(row.Span, Json)!).ToList();
            broker = SimBroker.Restore(settings, clock, random, book.State with { HistoryBefore = history.Count, HistoryAppended = [] }, history);
        }
        else
        {
            broker = SimBroker.Create(settings, clock, random);
            _open[account] = broker;
            Save(account, kind, broker);
        }

        _open[account] = broker;
        broker.Changed += changed => Save(account, kind, changed);
        return broker;
    }

    /// <summary>The account's broker keeps nothing any more: what it does from now on never was, and it can be opened again as it was left.</summary>
    public void Close(AccountId account) => _open.TryRemove(account, out _);

    private void Save(AccountId account, string kind, SimBroker broker)
    {
        if (!_open.TryGetValue(account, out var open) || !ReferenceEquals(open, broker))
        {
            return;
        }

        var state = broker.Capture();
        var save = new PaperSave(
            account,
            JsonSerializer.SerializeToUtf8Bytes(new Kept(kind, state with { HistoryAppended = [] }), Json),
            state.HistoryBefore,
            [.. state.HistoryAppended.Select(record => (ReadOnlyMemory<byte>)JsonSerializer.SerializeToUtf8Bytes(record, Json))]);

        // The broker goes on when it returns: answers that wait behind the change leave only then. When it throws, they never leave.
        store.SavePaperAsync(save).AsTask().GetAwaiter().GetResult();
    }

    private sealed record Kept(string Kind, BrokerState State);
}
