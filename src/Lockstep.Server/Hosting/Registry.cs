using Lockstep.Domain;
using Lockstep.Server.Configuration;
using Lockstep.Server.Rest;
using Lockstep.Storage;

namespace Lockstep.Server.Hosting;

/// <summary>
/// Accounts and links that were registered, changed or removed over the API. What is asked for is checked as a whole, by the reader of the configuration file, before anything is written; then it is
/// written, and only then put in force. At a start the rows count as if they stood in the file; where the file was changed since, the file counts.
/// </summary>
internal sealed class Registry : IDisposable
{
    private readonly ConfigSource _source;
    private readonly IRegistryStore _store;
    private readonly SemaphoreSlim _order = new(1);
    private volatile IReadOnlyList<RegistryRow> _rows;

    private Registry(ConfigSource source, IRegistryStore store, IReadOnlyList<RegistryRow> rows, LockstepConfig config) => (_source, _store, _rows, Config) = (source, store, rows, config);

    /// <summary>The configuration with all that was registered, as it was at the start.</summary>
    public LockstepConfig Config { get; }

    /// <summary>Reads the rows and the configuration with them. A <see cref="DataFolderException"/> says what does not fit.</summary>
    public static async Task<Registry> OpenAsync(ConfigSource source, IRegistryStore store, ILogger log)
    {
        var rows = store.Registry();
        foreach (var stale in source.Stale(rows))
        {
            log.LogWarning("registry {Kind} {Name} {Text}", stale.Kind, stale.Name, "the configuration file was changed since this was changed over the API: the file counts");
            await store.DeleteRegistryAsync(stale.Kind, stale.Name);
        }

        rows = store.Registry();
        var (config, errors) = source.Read(rows);
        return config is not null ? new Registry(source, store, rows, config) : throw new DataFolderException(
            $"The configuration file and what was registered over the API do not fit together: {string.Join("; ", errors)}. Put into the file what is missing there, start, and change over the API what was registered.");
    }

    /// <summary>What holds under a name, as the configuration file would have it; null = nothing.</summary>
    public JsonItem? Now(string kind, string name) => _source.Now(_rows, kind, name);

    /// <summary>True when the configuration file has something under the name.</summary>
    public bool IsInFile(string kind, string name) => _source.InFile(kind, name) is not null;

    /// <summary>
    /// Writes something under a name (null removes it) and puts it in force. The problem says why not; then nothing happened.
    /// </summary>
    public async Task<Problem?> PutAsync(Product product, string kind, string name, JsonItem? value)
    {
        await _order.WaitAsync();
        try
        {
            string? json = value?.ToJson();
            string? inFile = _source.InFile(kind, name)?.ToJson();
            var row = json == inFile ? null : new RegistryRow(kind, name, json, inFile);
            IReadOnlyList<RegistryRow> rows = [.. _rows.Where(r => r.Kind != kind || r.Name != name), .. row is null ? [] : new[] { row }];
            var (config, errors) = _source.Read(rows);
            if (config is null)
            {
                return Wrong(kind, name, errors);
            }

            if (await product.ObstaclesAsync(config) is { Count: > 0 } obstacles)
            {
                return Problem.Of(409, "separate-histories", "The accounts have separate histories.", string.Join(" ", obstacles), "Register one of the accounts under a new name, or do without the link.");
            }

            await (row is null ? _store.DeleteRegistryAsync(kind, name) : _store.SaveRegistryAsync(row));
            _rows = rows;
            await product.ChangeAsync(config);
            return null;
        }
        finally
        {
            _order.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _order.Dispose();

    /// <summary>The reader's paths begin at the file's root; the caller sent one account or link.</summary>
    private static Problem Wrong(string kind, string name, IReadOnlyList<ConfigError> errors)
    {
        string account = $"accounts.{name}";
        var fields = errors.Select(e => new FieldProblem(Short(e.Path), e.Value, e.Text)).ToList();
        return Problem.Bad(
            string.Join("; ", fields.Select(f => (f.Field.Length > 0 ? f.Field + (f.Value.Length > 0 ? $" = {f.Value}" : "") + ": " : "") + f.Reason)),
            "Correct the fields under errors and send the request again; nothing was done.", fields);

        string Short(string path)
        {
            string of = kind == ConfigSource.Account && path.StartsWith(account, StringComparison.Ordinal) ? path[account.Length..]
                : kind == ConfigSource.Link && path.StartsWith("links[", StringComparison.Ordinal) && path.Contains(']', StringComparison.Ordinal) ? path[(path.IndexOf(']', StringComparison.Ordinal) + 1)..]
                : path;
            return of.TrimStart('.');
        }
    }
}
