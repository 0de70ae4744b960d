using Lockstep.Domain;

namespace Lockstep.Storage.Sqlite;

/// <content>Which terminal has which key.</content>
public sealed partial class SqliteStore
{
    /// <inheritdoc/>
    public IReadOnlyList<EaTerminalRow> EaTerminals()
    {
        using var connection = OpenForReading();
        using var command = connection.Command("SELECT account, terminal, key, seen, kept FROM ea_terminals ORDER BY account, terminal");
        using var reader = command.ExecuteReader();
        List<EaTerminalRow> rows = [];
        while (reader.Read())
        {
            rows.Add(new EaTerminalRow(new AccountId(reader.GetString(0)), reader.GetString(1), reader.GetString(2))
            {
                Seen = new Timestamp(reader.GetInt64(3)), Kept = reader.IsDBNull(4) ? null : reader.GetString(4),
            });
        }

        return rows;
    }

    /// <inheritdoc/>
    public Task SaveEaTerminalAsync(EaTerminalRow row) => Writer.Write(statements =>
    {
        using var command = statements.Connection.Command(
            "INSERT OR REPLACE INTO ea_terminals (account, terminal, key, seen, kept) VALUES ($account, $terminal, $key, $seen, $kept)",
            ("$account", row.Account.Value), ("$terminal", row.Terminal), ("$key", row.Key), ("$seen", row.Seen.Micros), ("$kept", OrNull(row.Kept)));
        command.ExecuteNonQuery();
    });

    /// <inheritdoc/>
    public Task DeleteEaTerminalAsync(AccountId account, string terminal) => Writer.Write(statements =>
    {
        using var command = statements.Connection.Command("DELETE FROM ea_terminals WHERE account = $account AND terminal = $terminal", ("$account", account.Value), ("$terminal", terminal));
        command.ExecuteNonQuery();
    });

    /// <inheritdoc/>
    public IReadOnlyList<(AccountId Account, Timestamp Asked)> EaRotations()
    {
        using var connection = OpenForReading();
        using var command = connection.Command("SELECT account, asked FROM ea_rotations ORDER BY account");
        using var reader = command.ExecuteReader();
        List<(AccountId, Timestamp)> rows = [];
        while (reader.Read())
        {
            rows.Add((new AccountId(reader.GetString(0)), new Timestamp(reader.GetInt64(1))));
        }

        return rows;
    }

    /// <inheritdoc/>
    public Task SaveEaRotationAsync(AccountId account, Timestamp asked) => Writer.Write(statements =>
    {
        using var command = statements.Connection.Command("INSERT OR REPLACE INTO ea_rotations (account, asked) VALUES ($account, $asked)", ("$account", account.Value), ("$asked", asked.Micros));
        command.ExecuteNonQuery();
    });
}
