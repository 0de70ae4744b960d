using Lockstep.Domain;
using Lockstep.Server.Rest;

namespace Lockstep.Server.Security;

/// <summary>Who makes a request.</summary>
/// <param name="Id">The key's id, which is no secret; <c>local</c> where no key is needed.</param>
/// <param name="Name">The key's name, for the audit log.</param>
/// <param name="Scope">What the key is good for.</param>
/// <param name="Accounts">The accounts that it is good for; null = all, those to come included.</param>
internal sealed record Caller(string Id, string Name, Scope Scope, IReadOnlySet<AccountId>? Accounts)
{
    /// <summary>Whoever is on this machine, where the configuration asks for no key.</summary>
    public static readonly Caller Local = new("local", "local", Scope.Admin, null);

    /// <summary>True when the key is good for the account.</summary>
    public bool May(AccountId account) => Accounts?.Contains(account) ?? true;
}

/// <summary>The caller of a request.</summary>
internal static class CallerOf
{
    /// <summary>Who makes the request; the gate has said so before any endpoint runs.</summary>
    public static Caller Caller(this HttpContext http) => http.Features.Get<Caller>() ?? throw new InvalidOperationException("The gate has let nobody in.");
}
