using System.Text.RegularExpressions;
using Lockstep.Server.Configuration;

namespace Lockstep.Server.Rest;

/// <summary>What may stand in the variable parts of paths: a name means the same wherever it stands.</summary>
internal static partial class PathKeys
{
    private static readonly NumberShape Id = new(long.MaxValue, Above: 0m, Whole: true);

    private static readonly Key[] Known =
    [
        // An account is looked up, by name or UUID: what is no name is not found.
        new("account", new TextShape("^.*$", "the name or UUID of an account"), "The account's name, or its UUID."),
        new("position", Id, "The position's number."),
        new("order", Id, "The pending order's number."),
        new("link", new TextShape("^.*$", "the name of a link"), "The link's name."),
        new("key", new TextShape("^[A-Za-z0-9]{1,64}$", "the id of a key"), "The key's id, which stands in its text between the underscores."),
        new("clientId", new TextShape("^[!-~]{1,200}$", "the client id of a request"), "The client's id of the request."),
    ];

    /// <summary>The variable parts of a path, in order; those that an operation has to itself are told by it.</summary>
    public static IReadOnlyList<Key> Of(string path, IReadOnlyList<Key> own) => [.. Parameter().Matches(path).Select(m => Part(m.Groups[1].Value, own))];

    /// <summary>The path as the document writes it: a part that takes slashes too looks like any other.</summary>
    public static string Plain(string path) => path.Replace("{**", "{", StringComparison.Ordinal);

    private static Key Part(string name, IReadOnlyList<Key> own) =>
        (own.Concat(Known).FirstOrDefault(k => k.Name == name) ?? new Key(name, new TextShape("^.*$", "text"), "")) with { Required = true };

    [GeneratedRegex(@"\{\**([A-Za-z_]+)\}", RegexOptions.CultureInvariant)]
    private static partial Regex Parameter();
}
