using Lockstep.Domain;
using Microsoft.Data.Sqlite;

namespace Lockstep.Storage.Sqlite;

/// <content>Keys of the API and of terminals.</content>
public sealed partial class SqliteStore
{
    /// <inheritdoc/>
    public IReadOnlyList<ApiKey> Keys()
    {
        using var connection = OpenForReading();
        using var command = connection.Command("SELECT id, name, scope, hash, account, accounts, networks, rate, burst, created, expires, used, revoked, successor FROM api_keys ORDER BY id");
        using var reader = command.ExecuteReader();
        List<ApiKey> rows = [];
        while (reader.Read())
        {
            rows.Add(new ApiKey(reader.GetString(0), reader.GetString(1), Enum.Parse<KeyScope>(reader.GetString(2)))
            {
                Hash = reader.GetFieldValue<byte[]>(3),
                Account = reader.IsDBNull(4) ? null : new AccountId(reader.GetString(4)),
                Accounts = reader.IsDBNull(5) ? null : [.. Lines(reader.GetString(5)).Select(name => new AccountId(name))],
                Networks = Lines(reader.GetString(6)),
                Rate = reader.IsDBNull(7) ? null : reader.GetInt32(7),
                Burst = reader.IsDBNull(8) ? null : reader.GetInt32(8),
                Created = new Timestamp(reader.GetInt64(9)),
                Expires = Moment(reader, 10),
                Used = Moment(reader, 11),
                Revoked = Moment(reader, 12),
                Successor = reader.IsDBNull(13) ? null : reader.GetString(13),
            });
        }

        return rows;
    }

    /// <inheritdoc/>
    public Task SaveKeysAsync(params IReadOnlyList<ApiKey> keys) => Writer.Write(statements =>
    {
        foreach (var key in keys)
        {
            using var command = statements.Connection.Command(
                "INSERT OR REPLACE INTO api_keys (id, name, scope, hash, account, accounts, networks, rate, burst, created, expires, used, revoked, successor) VALUES ($id, $name, $scope, $hash, $account, $accounts, $networks, $rate, $burst, $created, $expires, $used, $revoked, $successor)",
                ("$id", key.Id), ("$name", key.Name), ("$scope", key.Scope.ToString()), ("$hash", key.Hash.ToArray()), ("$account", OrNull(key.Account?.Value)),
                ("$accounts", OrNull(key.Accounts is { } accounts ? string.Join('\n', accounts) : null)), ("$networks", string.Join('\n', key.Networks)), ("$rate", OrNull(key.Rate)),
                ("$burst", OrNull(key.Burst)), ("$created", key.Created.Micros), ("$expires", OrNull(key.Expires?.Micros)), ("$used", OrNull(key.Used?.Micros)),
                ("$revoked", OrNull(key.Revoked?.Micros)), ("$successor", OrNull(key.Successor)));
            command.ExecuteNonQuery();
        }
    });

    /// <inheritdoc/>
    public Task TouchKeyAsync(string id, Timestamp used) => Writer.Write(statements =>
    {
        using var command = statements.Connection.Command("UPDATE api_keys SET used = $used WHERE id = $id AND ifnull(used, 0) < $used", ("$id", id), ("$used", used.Micros));
        command.ExecuteNonQuery();
    });

    /// <inheritdoc/>
    public Task DeleteKeyAsync(string id) => Writer.Write(statements =>
    {
        using var command = statements.Connection.Command("DELETE FROM api_keys WHERE id = $id", ("$id", id));
        command.ExecuteNonQuery();
    });

    private static string[] Lines(string text) => text.Length == 0 ? [] : text.Split('\n');

    private static Timestamp? Moment(SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : new Timestamp(reader.GetInt64(column));

    private static object OrNull(object? value) => value ?? DBNull.Value;
}
