namespace Lockstep.Storage.Sqlite;

/// <summary>Secrets: written seldom, so by statements that are not compiled beforehand; in the same commits as everything else.</summary>
public sealed partial class SqliteStore
{
    /// <inheritdoc/>
    public Task SaveSecretAsync(string kind, string id, ReadOnlyMemory<byte> sealedBytes) => Writer.Write(statements =>
    {
        using var command = statements.Connection.Command(
            "INSERT OR REPLACE INTO secrets (kind, id, sealed) VALUES ($kind, $id, $sealed)", ("$kind", kind), ("$id", id), ("$sealed", sealedBytes.ToArray()));
        command.ExecuteNonQuery();
    });

    /// <inheritdoc/>
    public Task DeleteSecretAsync(string kind, string id) => Writer.Write(statements =>
    {
        using var command = statements.Connection.Command("DELETE FROM secrets WHERE kind = $kind AND id = $id", ("$kind", kind), ("$id", id));
        command.ExecuteNonQuery();
    });

    /// <inheritdoc/>
    public IReadOnlyList<StoredSecret> Secrets(string kind)
    {
        using var connection = OpenForReading();
        using var command = connection.Command("SELECT id, sealed FROM secrets WHERE kind = $kind ORDER BY id", ("$kind", kind));
        using var reader = command.ExecuteReader();
        List<StoredSecret> rows = [];
        while (reader.Read())
        {
            rows.Add(new StoredSecret(reader.GetString(0), reader.GetFieldValue<byte[]>(1)));
        }

        return rows;
    }
}
