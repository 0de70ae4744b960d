using Lockstep.Domain;

namespace Lockstep.Storage.Sqlite;

/// <content>Who did what.</content>
public sealed partial class SqliteStore
{
    private const int PruneAuditChunk = 2_000;

    /// <inheritdoc/>
    public Task AuditAsync(params IReadOnlyList<AuditRow> rows) => Writer.Write(statements =>
    {
        foreach (var row in rows)
        {
            using var command = statements.Connection.Command(
                "INSERT INTO audit (at, key, name, address, operation, target, account, status, problem, correlation, changes) VALUES ($at, $key, $name, $address, $operation, $target, $account, $status, $problem, $correlation, $changes)",
                ("$at", row.At.Micros), ("$key", row.Key), ("$name", row.Name), ("$address", row.Address), ("$operation", row.Operation), ("$target", row.Target),
                ("$account", OrNull(row.Account?.Value)), ("$status", row.Status), ("$problem", row.Problem), ("$correlation", row.Correlation), ("$changes", row.Changes));
            command.ExecuteNonQuery();
        }
    });

    /// <inheritdoc/>
    public IReadOnlyList<AuditRow> Audit(AuditQuery query)
    {
        List<(string Name, object Value)> values = [("$before", query.Before ?? long.MaxValue), ("$limit", Math.Max(0, query.Limit))];
        string where = Only("key = $key", "$key", query.Key) + Only("account = $account", "$account", query.Account?.Value) + Only("operation = $operation", "$operation", query.Operation)
            + Only("at >= $from", "$from", query.From?.Micros) + Only("at < $to", "$to", query.To?.Micros) + (query.Refused is { } refused ? refused ? " AND status NOT BETWEEN 100 AND 399" : " AND status BETWEEN 100 AND 399" : "");
        using var connection = OpenForReading();
        using var command = connection.Command(
            $"SELECT id, at, key, name, address, operation, target, account, status, problem, correlation, changes FROM audit WHERE id < $before{where} ORDER BY id DESC LIMIT $limit", [.. values]);
        using var reader = command.ExecuteReader();
        List<AuditRow> rows = [];
        while (reader.Read())
        {
            rows.Add(new AuditRow
            {
                Id = reader.GetInt64(0), At = new Timestamp(reader.GetInt64(1)), Key = reader.GetString(2), Name = reader.GetString(3), Address = reader.GetString(4), Operation = reader.GetString(5),
                Target = reader.GetString(6), Account = reader.IsDBNull(7) ? null : new AccountId(reader.GetString(7)), Status = reader.GetInt32(8), Problem = reader.GetString(9),
                Correlation = reader.GetString(10), Changes = reader.GetString(11),
            });
        }

        return rows;

        string Only(string condition, string name, object? value)
        {
            if (value is null)
            {
                return "";
            }

            values.Add((name, value));
            return $" AND {condition}";
        }
    }

    /// <inheritdoc/>
    public Task<long> PruneAuditAsync(Timestamp olderThan) => PruneAsync(
        "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < $before ORDER BY at LIMIT $chunk)", PruneAuditChunk, ("$before", olderThan.Micros));

    /// <summary>In pieces, so that no append waits.</summary>
    private async Task<long> PruneAsync(string sql, int chunk, params (string Name, object Value)[] values)
    {
        long total = 0;
        long removed = chunk;
        while (removed == chunk)
        {
            await Writer.Write(statements =>
            {
                using var command = statements.Connection.Command(sql, [.. values, ("$chunk", chunk)]);
                removed = command.ExecuteNonQuery();
            }).ConfigureAwait(false);
            total += removed;
        }

        return total;
    }
}
