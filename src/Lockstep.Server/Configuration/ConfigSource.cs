using System.Text;
using Lockstep.Storage;

namespace Lockstep.Server.Configuration;

/// <summary>
/// Where the configuration comes from: a file, and what was changed over the API since. Both are one tree before anything is read, so that what is allowed is asked once, by the same reader.
/// </summary>
/// <param name="file">The tree of the file.</param>
/// <param name="folder">Where relative paths begin.</param>
/// <param name="environment">Reads an environment variable.</param>
/// <param name="adjust">What the command line says over the file.</param>
internal sealed class ConfigSource(JsonItem file, string folder, Func<string, string?> environment, Func<LockstepConfig, LockstepConfig> adjust)
{
    /// <summary>Kind of the rows for accounts.</summary>
    public const string Account = "account";

    /// <summary>Kind of the rows for links.</summary>
    public const string Link = "link";

    /// <summary>The configuration with these rows, or all that is wrong with it.</summary>
    public ConfigResult Read(IReadOnlyList<RegistryRow> rows)
    {
        var result = ConfigReader.Read(Merged(rows), folder, environment);
        return result.Config is { } config ? result with { Config = adjust(config) } : result;
    }

    /// <summary>Rows that count no longer, as the file was changed since they were written.</summary>
    public IReadOnlyList<RegistryRow> Stale(IReadOnlyList<RegistryRow> rows) => [.. rows.Where(row => row.Base != InFile(row.Kind, row.Name)?.ToJson())];

    /// <summary>What the file has under a name; null = nothing.</summary>
    public JsonItem? InFile(string kind, string name) =>
        kind == Account ? file["accounts"]?[name] : file["links"]?.Items.FirstOrDefault(l => l["name"]?.Text == name);

    /// <summary>What holds under a name, with these rows; null = nothing.</summary>
    public JsonItem? Now(IReadOnlyList<RegistryRow> rows, string kind, string name) =>
        rows.FirstOrDefault(r => r.Kind == kind && r.Name == name) is { } row ? (row.Json is null ? null : Parsed(row.Json)) : InFile(kind, name);

    private JsonItem Merged(IReadOnlyList<RegistryRow> rows)
    {
        if (rows.Count == 0)
        {
            return file;
        }

        var members = file.Members.Where(m => m.Key is not ("accounts" or "links")).ToList();
        var accounts = (file["accounts"]?.Members ?? []).Where(m => !rows.Any(r => r.Kind == Account && r.Name == m.Key)).ToList();
        accounts.AddRange(rows.Where(r => r is { Kind: Account, Json: not null }).Select(r => new JsonMember(r.Name, Parsed(r.Json!))));
        var links = (file["links"]?.Items ?? []).Where(l => !rows.Any(r => r.Kind == Link && r.Name == l["name"]?.Text)).ToList();
        links.AddRange(rows.Where(r => r is { Kind: Link, Json: not null }).Select(r => Parsed(r.Json!)));
        members.Add(new JsonMember("accounts", new JsonItem { Kind = JsonKind.Object, Line = file["accounts"]?.Line ?? 0, Members = accounts }));
        members.Add(new JsonMember("links", new JsonItem { Kind = JsonKind.List, Line = file["links"]?.Line ?? 0, Items = links }));
        return new JsonItem { Kind = JsonKind.Object, Line = file.Line, Members = members };
    }

    /// <summary>What stands in a row was checked before it was written; its lines are none of the file's.</summary>
    private static JsonItem Parsed(string json) => JsonItem.Parse(Encoding.UTF8.GetBytes(json));
}
