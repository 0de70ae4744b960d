using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Storage.Sqlite;

/// <content>Alerts that no group raised, and who reads the log of events.</content>
public sealed partial class SqliteStore
{
    /// <summary>Groups are numbered from 1.</summary>
    private const long ServerGroupNumber = 0;

    /// <inheritdoc/>
    public async Task<(AlertRow Alert, EventRow Event)> RaiseAsync(Timestamp at, AlertRaised alert)
    {
        AlertRow? row = null;
        EventRow? told = null;
        await Writer.Write(statements =>
        {
            // No journal record stands behind it; the number of its event is a number of its own too.
            row = new AlertRow(IAlertLog.ServerGroup, statements.LastEvent + 1, at, alert);
            told = new EventRow(row.Group, row.Seq, 0, at, alert.Account, alert.Link, new AlertNoted(alert));
            statements.Append(ServerGroupNumber, new JournalBatch { Alerts = [row], Events = [told] });
        }).ConfigureAwait(false);
        return (row!, told!);
    }

    /// <inheritdoc/>
    public IReadOnlyList<EventReader> Readers()
    {
        using var connection = OpenForReading();
        using var command = connection.Command("SELECT reader, id, (SELECT e.at FROM events e WHERE e.id > c.id ORDER BY e.id LIMIT 1) FROM event_cursors c ORDER BY reader");
        using var reader = command.ExecuteReader();
        List<EventReader> readers = [];
        while (reader.Read())
        {
            readers.Add(new EventReader(reader.GetString(0), reader.GetInt64(1), reader.IsDBNull(2) ? null : new Timestamp(reader.GetInt64(2))));
        }

        return readers;
    }
}
