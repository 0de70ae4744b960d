using System.Text.RegularExpressions;
using Lockstep.Server.Configuration;
using Lockstep.Server.Hosting;
using Lockstep.Server.Security;

namespace Lockstep.Server.Rest;

/// <summary>
/// Puts operations up. Before a handler runs, its account was found (by name or UUID) and is one that the caller may see, and path, query and body were checked against the operation's shapes: what is
/// wrong is told all at once, and an unknown parameter or field is wrong.
/// </summary>
/// <param name="app">Where the routes go.</param>
/// <param name="catalogue">Where the operations are listed.</param>
/// <param name="directory">The accounts.</param>
internal sealed partial class Routes(IEndpointRouteBuilder app, Catalogue catalogue, AccountDirectory directory)
{
    private static readonly ObjectShape Nothing = new("request");

    /// <summary>All operations so far.</summary>
    public Catalogue Catalogue => catalogue;

    /// <summary>Where routes go that this class cannot put up.</summary>
    public IEndpointRouteBuilder App => app;

    /// <summary>Puts an operation up.</summary>
    public void Map(Operation operation, Func<Call, IResult> handler) => Map(operation, call => Task.FromResult(handler(call)));

    /// <summary>Puts an operation up.</summary>
    public void Map(Operation operation, Func<Call, Task<IResult>> handler)
    {
        var path = new ObjectShape("path", [.. operation.PathKeys]);
        var query = new ObjectShape("query", [.. operation.Query]);
        catalogue.Map(app, operation, async (HttpContext http) =>
        {
            var (call, problem) = await CheckAsync(http, operation, path, query);
            return call is null ? problem! : await handler(call);
        });
    }

    /// <summary>What is to be answered in place of an account that is not there, or that the caller's key is not good for; null = go on.</summary>
    public static Problem? Closed(AccountDirectory directory, Caller caller, string name, out AccountConfig account)
    {
        account = directory.Find(name)!;
        return account is null ? Problem.NotFound($"There is no account '{name}'.", Use(directory, caller))
            : caller.May(account.Id) ? null
            : NotCovered(directory, caller, name);
    }

    /// <summary>The answer when the caller's key is not good for an account.</summary>
    public static Problem NotCovered(AccountDirectory directory, Caller caller, string name) =>
        Problem.Of(403, "account-not-covered", "The key is not good for this account.", $"The key '{caller.Name}' does not cover account '{name}'.", Use(directory, caller));

    private static string Use(AccountDirectory directory, Caller caller) =>
        directory.All.Where(a => caller.May(a.Id)).Select(a => a.Id.Value).ToList() is { Count: > 0 } names ? $"Use one of: {string.Join(", ", names)}." : "There is none that you could use.";

    private async Task<(Call? Call, Problem? Problem)> CheckAsync(HttpContext http, Operation operation, ObjectShape pathShape, ObjectShape queryShape)
    {
        AccountConfig? account = null;
        if (http.Request.RouteValues.TryGetValue("account", out object? name) && Closed(directory, http.Caller(), (string)name!, out account) is { } closed)
        {
            return (null, closed);
        }

        var root = Bodies.Empty;
        if (operation.Body is not null)
        {
            var (sent, problem) = await Bodies.ParseAsync(http);
            if (problem is not null)
            {
                return (null, problem);
            }

            root = sent!;
        }

        var errors = new List<ConfigError>();
        var checker = new ShapeChecker(errors);
        var path = InPath(http.Request.RouteValues, pathShape);
        var query = InQuery(http.Request.Query, queryShape);
        checker.Check(path, pathShape, "");
        checker.Check(query, queryShape, "");
        checker.Check(root, operation.Body ?? Nothing, "");
        if (errors.Count > 0)
        {
            return (null, Bodies.Invalid([.. errors.Select(e => new FieldProblem(e.Path, e.Value, e.Text))]));
        }

        var body = new ItemReader(root, checker);
        string id = "";
        if (operation.TakesClientId && Bodies.ClientId(http.Request, body.Text("clientId"), out id!) is { } differs)
        {
            return (null, differs);
        }

        return (new Call { Http = http, Operation = operation, Named = account, Path = new ItemReader(path, checker), Query = new ItemReader(query, checker), Body = body, ClientId = id }, null);
    }

    private static JsonItem InPath(RouteValueDictionary values, ObjectShape shape) =>
        Object(shape.Keys.Select(k => new JsonMember(k.Name, Item((string?)values[k.Name] ?? "", k.Shape))));

    /// <summary>A parameter without a value counts as absent, when it is one that is known.</summary>
    public static JsonItem InQuery(IQueryCollection query, ObjectShape shape)
    {
        var members = new List<JsonMember>();
        foreach (var (name, values) in query)
        {
            var key = shape.Keys.FirstOrDefault(k => k.Name == name);
            var texts = values.Select(v => v ?? "").Where(v => key is null || v.Length > 0).ToList();
            if (key?.Shape is ListShape list && texts.Count > 0)
            {
                members.Add(new JsonMember(name, new JsonItem { Kind = JsonKind.List, Line = 1, Items = [.. texts.SelectMany(t => t.Split(',')).Select(t => Item(t, list.Of))] }));
            }
            else
            {
                members.AddRange(texts.Select(t => new JsonMember(name, Item(t, key?.Shape))));
            }
        }

        return Object(members);
    }

    private static JsonItem Object(IEnumerable<JsonMember> members) => new() { Kind = JsonKind.Object, Line = 1, Members = [.. members] };

    private static JsonItem Item(string text, Shape? shape) => new()
    {
        Kind = shape switch
        {
            NumberShape when JsonNumber().IsMatch(text) => JsonKind.Number,
            FlagShape when text is "true" or "false" => JsonKind.Flag,
            _ => JsonKind.Text,
        },
        Line = 1,
        Text = text,
    };

    [GeneratedRegex(@"^-?[0-9]{1,40}(\.[0-9]{1,40})?$", RegexOptions.CultureInvariant)]
    private static partial Regex JsonNumber();
}
