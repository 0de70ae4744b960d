using Lockstep.Server.Configuration;
using Lockstep.Server.Security;

namespace Lockstep.Server.Rest;

/// <summary>One request to an operation, when everything that can be checked without the operation was: who asks, which account is meant, the path, the query and the body.</summary>
internal sealed class Call
{
    /// <summary>The request.</summary>
    public required HttpContext Http { get; init; }

    /// <summary>The operation.</summary>
    public required Operation Operation { get; init; }

    /// <summary>The numbers and names of the path; names of accounts too, as they were sent.</summary>
    public required ItemReader Path { get; init; }

    /// <summary>What stands in the query.</summary>
    public required ItemReader Query { get; init; }

    /// <summary>The body; without a body everything in it is absent.</summary>
    public required ItemReader Body { get; init; }

    /// <summary>The client's id of the request, made by the server when none was sent; empty where the operation takes none.</summary>
    public string ClientId { get; init; } = "";

    /// <summary>The account that the path names. Only where it names one.</summary>
    public AccountConfig Account => Named ?? throw new InvalidOperationException($"{Operation.Id} names no account.");

    /// <summary>The account that the path names, or null.</summary>
    public AccountConfig? Named { get; init; }

    /// <summary>Who asks.</summary>
    public Caller Caller => Http.Caller();

    /// <summary>Ends when nobody waits for the answer any more.</summary>
    public CancellationToken Aborted => Http.RequestAborted;

    /// <summary>A number of the path.</summary>
    public long Number(string name) => (long)Path.Number(name)!.Value;
}
