using Lockstep.Server.Configuration;
using Microsoft.AspNetCore.Routing.Template;

namespace Lockstep.Server.Rest;

/// <summary>What a key must be good for. Each includes the ones before it.</summary>
internal enum Scope
{
    /// <summary>Nothing: everybody may.</summary>
    None = 0,

    /// <summary>Looking.</summary>
    Read = 1,

    /// <summary>Trading on the key's accounts.</summary>
    Trade = 2,

    /// <summary>Accounts, links, keys and everything else.</summary>
    Admin = 3,
}

/// <summary>
/// One operation of the HTTP API, said once: the routes are put up from it, the gate asks it what a key must be good for, the audit log and the idempotency keys ask it whether it writes, and the OpenAPI
/// document is written from it.
/// </summary>
/// <param name="Id">Its name, stable: <c>placeOrder</c>.</param>
/// <param name="Method">GET, POST, PUT, PATCH or DELETE.</param>
/// <param name="Path">Its path, with parameters: <c>/v1/accounts/{account}/orders</c>.</param>
/// <param name="Needs">What a key must be good for.</param>
/// <param name="Summary">What it does, in one line.</param>
internal sealed record Operation(string Id, string Method, string Path, Scope Needs, string Summary)
{
    /// <summary>The chapter of the document: <c>Trading</c>.</summary>
    public string Topic { get; init; } = "";

    /// <summary>More about it.</summary>
    public string Says { get; init; } = "";

    /// <summary>Its body; null = none.</summary>
    public ObjectShape? Body { get; init; }

    /// <summary>A body as JSON that would be taken.</summary>
    public string? Example { get; init; }

    /// <summary>What may stand in the query.</summary>
    public IReadOnlyList<Key> Query { get; init; } = [];

    /// <summary>What the variable parts of its path are, where <see cref="PathKeys"/> does not know them.</summary>
    public IReadOnlyList<Key> Parts { get; init; } = [];

    /// <summary>The variable parts of its path, in order.</summary>
    public IReadOnlyList<Key> PathKeys => Rest.PathKeys.Of(Path, Parts);

    /// <summary>A request may carry an id of the client's own, in the body, the query or the header Idempotency-Key.</summary>
    public bool TakesClientId => Body?.Keys.Any(k => k.Name == "clientId") ?? false;

    /// <summary>What it answers when it went well, the usual one first.</summary>
    public IReadOnlyList<Reply> Replies { get; init; } = [];

    /// <summary>The kinds of problem that are its own, by status: beside those that every operation may have.</summary>
    public IReadOnlyList<(int Status, string Kind)> Problems { get; init; } = [];

    /// <summary>It changes something. A POST that only reads (the parity face has many) does not.</summary>
    public bool Writes { get; init; } = Method is not ("GET" or "HEAD");

    /// <summary>It belongs to the parity face: the key may come as HTTP Basic or in the body, and names are in snake_case.</summary>
    public bool Face { get; init; }
}

/// <summary>An answer.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Type">The type that is written; null = no body.</param>
/// <param name="Says">When it comes.</param>
/// <param name="Example">One, as JSON.</param>
internal sealed record Reply(int Status, Type? Type, string Says, string? Example = null);

/// <summary>All operations of a server.</summary>
internal sealed class Catalogue
{
    private readonly List<Operation> _all = [];

    /// <summary>The operations, in the order in which they were put up.</summary>
    public IReadOnlyList<Operation> All => _all;

    /// <summary>The methods that a path takes; none when there is no such path.</summary>
    public IReadOnlyList<string> MethodsAt(PathString path) =>
        [.. _all.Where(o => new TemplateMatcher(TemplateParser.Parse(o.Path[1..]), []).TryMatch(path, [])).Select(o => o.Method).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Puts an operation up. The handler's parameters are bound as ASP.NET Core does; its answer is an <see cref="IResult"/>.</summary>
    public void Map(IEndpointRouteBuilder routes, Operation operation, Delegate handler)
    {
        _all.Add(operation);
        routes.MapMethods(operation.Path, [operation.Method], handler).WithMetadata(operation);
    }
}
