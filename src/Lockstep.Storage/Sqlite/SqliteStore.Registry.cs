namespace Lockstep.Storage.Sqlite;

/// <content>Changes of the configuration: seldom written.</content>
public sealed partial class SqliteStore
{
    /// <inheritdoc/>
    public IReadOnlyList<RegistryRow> Registry()
    {
        using var connection = OpenForReading();
        using var command = connection.Command("SELECT kind, name, json, base FROM registry ORDER BY kind, name");
        using var reader = command.ExecuteReader();
        List<RegistryRow> rows = [];
        while (reader.Read())
        {
            rows.Add(new RegistryRow(reader.GetString(0), reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetString(2), reader.IsDBNull(3) ? null : reader.GetString(3)));
        }

        return rows;
    }

    /// <inheritdoc/>
    public Task SaveRegistryAsync(RegistryRow row) => Writer.Write(statements =>
    {
        using var command = statements.Connection.Command(
            "INSERT OR REPLACE INTO registry (kind, name, json, base) VALUES ($kind, $name, $json, $base)",
            ("$kind", row.Kind), ("$name", row.Name), ("$json", row.Json ?? (object)DBNull.Value), ("$base", row.Base ?? (object)DBNull.Value));
        command.ExecuteNonQuery();
    });

    /// <inheritdoc/>
    public Task DeleteRegistryAsync(string kind, string name) => Writer.Write(statements =>
    {
        using var command = statements.Connection.Command("DELETE FROM registry WHERE kind = $kind AND name = $name", ("$kind", kind), ("$name", name));
        command.ExecuteNonQuery();
    });
}
