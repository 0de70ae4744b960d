using Lockstep.Server.Configuration;
using Lockstep.Storage;

namespace Lockstep.Server.Security;

/// <summary>The admin key of a server that nobody has given one.</summary>
internal static class FirstKey
{
    /// <summary>Makes the first admin key when one is needed and there is none, configured or kept; null = there is one.</summary>
    public static async Task<IssuedKey?> MakeAsync(KeyRing ring, ServerConfig server) =>
        server.NeedsKey && server.ApiKey is null && ring.All.All(k => k.Scope != KeyScope.Admin) ? await ring.IssueAsync(new ApiKey("", "first admin", KeyScope.Admin) { Hash = default }) : null;

    /// <summary>What is told to whoever starts the server, once.</summary>
    public static string Tell(IssuedKey issued) =>
        $"""
        lockstep: no API key was there, so an admin key was made. It is shown only now, and only its hash is kept:

            {issued.Text}

        Send it as 'Authorization: Bearer KEY'. If it is lost: stop the server and run 'lockstep keys create --data DIR'.
        """;
}
