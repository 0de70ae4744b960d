using System.Globalization;
using System.Text;
using Lockstep.Domain;
using Lockstep.Storage.Format;

namespace Lockstep.Storage.Sqlite;

/// <content>The log of events.</content>
public sealed partial class SqliteStore
{
    private const int PruneEventsChunk = 2_000;

    /// <inheritdoc/>
    public Guid Instance { get; }

    /// <inheritdoc/>
    public long LastEvent => Writer.LastEvent;

    /// <inheritdoc/>
    public long FirstEvent
    {
        get
        {
            using var connection = OpenForReading();
            long first = connection.Scalar("SELECT ifnull(min(id), 0) FROM events");
            return first == 0 ? LastEvent + 1 : first;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<EventRow> Events(EventQuery query)
    {
        using var connection = OpenForReading();
        List<(string Name, object Value)> values = [("$after", query.After), ("$before", query.Before ?? long.MaxValue), ("$limit", Math.Max(0, query.Limit))];
        string where = Among("e.account", "$a", query.Accounts?.Select(a => a.Value), values) + Among("e.kind", "$k", query.Kinds, values);
        using var command = connection.Command(
            $"SELECT e.id, ifnull(g.name, '{IAlertLog.ServerGroup}'), e.seq, e.number, e.at, e.account, e.link, e.version, e.body FROM events e LEFT JOIN groups g ON g.number = e.group_number WHERE e.id > $after AND e.id < $before{where} ORDER BY e.id {(query.Latest ? "DESC" : "ASC")} LIMIT $limit",
            [.. values]);
        using var reader = command.ExecuteReader();
        List<EventRow> rows = [];
        while (reader.Read())
        {
            rows.Add(new EventRow(
                reader.GetString(1), reader.GetInt64(2), reader.GetInt32(3), new Timestamp(reader.GetInt64(4)), reader.IsDBNull(5) ? null : new AccountId(reader.GetString(5)),
                reader.IsDBNull(6) ? null : new LinkId(reader.GetString(6)), JournalCodec.DecodeBody(reader.GetInt32(7), Encoding.UTF8.GetBytes(reader.GetString(8))))
            { Id = reader.GetInt64(0) });
        }

        return rows;
    }

    /// <inheritdoc/>
    public Task SaveCursorAsync(string reader, long id) => Writer.Write(statements =>
    {
        using var command = statements.Connection.Command("INSERT OR REPLACE INTO event_cursors (reader, id) VALUES ($reader, $id)", ("$reader", reader), ("$id", id));
        command.ExecuteNonQuery();
    });

    /// <inheritdoc/>
    public Task DeleteCursorAsync(string reader) => Writer.Write(statements =>
    {
        using var command = statements.Connection.Command("DELETE FROM event_cursors WHERE reader = $reader", ("$reader", reader));
        command.ExecuteNonQuery();
    });

    /// <inheritdoc/>
    public long? Cursor(string reader)
    {
        using var connection = OpenForReading();
        long id = connection.Scalar("SELECT ifnull((SELECT id FROM event_cursors WHERE reader = $reader), -1)", ("$reader", reader));
        return id < 0 ? null : id;
    }

    /// <inheritdoc/>
    public async Task<long> PruneEventsAsync(Timestamp olderThan)
    {
        long total = 0;
        long removed = PruneEventsChunk;
        while (removed == PruneEventsChunk)
        {
            // In pieces, so that no append waits; from the beginning up to the first that is young enough, so that no number is left out in between. The last one stays: the next number follows from it.
            await Writer.Write(statements =>
            {
                using var command = statements.Connection.Command(
                    "DELETE FROM events WHERE id IN (SELECT id FROM events WHERE id < ifnull((SELECT id FROM events WHERE at >= $before ORDER BY id LIMIT 1), $last) AND id <= ifnull((SELECT min(id) FROM event_cursors), $last) AND id < $last ORDER BY id LIMIT $chunk)",
                    ("$before", olderThan.Micros), ("$last", LastEvent), ("$chunk", PruneEventsChunk));
                removed = command.ExecuteNonQuery();
            }).ConfigureAwait(false);
            total += removed;
        }

        return total;
    }

    private static string Among(string column, string prefix, IEnumerable<string>? wanted, List<(string Name, object Value)> values)
    {
        if (wanted is null)
        {
            return "";
        }

        List<string> names = [];
        foreach (string value in wanted)
        {
            string name = prefix + names.Count.ToString(CultureInfo.InvariantCulture);
            names.Add(name);
            values.Add((name, value));
        }

        return $" AND {column} IN ({string.Join(", ", names)})";
    }

    private long LastWrittenEvent() => _connection.Scalar("SELECT ifnull(max(id), 0) FROM events");

    private Guid OwnName()
    {
        using (var made = _connection.Command("INSERT INTO facts (name, value) VALUES ('instance', $value) ON CONFLICT DO NOTHING", ("$value", Guid.NewGuid().ToString())))
        {
            made.ExecuteNonQuery();
        }

        using var command = _connection.Command("SELECT value FROM facts WHERE name = 'instance'");
        return Guid.Parse((string)command.ExecuteScalar()!);
    }
}
