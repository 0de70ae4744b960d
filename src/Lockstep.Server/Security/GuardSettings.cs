using Lockstep.Server.Configuration;
using Lockstep.Server.Rest;
using Lockstep.Storage;

namespace Lockstep.Server.Security;

/// <summary>What the guard of the HTTP API goes by.</summary>
internal sealed record GuardSettings
{
    /// <summary>False = whoever is on this machine may do everything.</summary>
    public bool NeedsKey { get; init; } = true;

    /// <summary>SHA-256 of the configured admin key; null = none.</summary>
    public byte[]? ApiKey { get; init; }

    /// <summary>SHA-256 of the secret that services share; null = none.</summary>
    public byte[]? SharedSecret { get; init; }

    /// <summary>What the shared secret is good for.</summary>
    public Scope SharedScope { get; init; } = Scope.Trade;

    /// <summary>Requests and connections.</summary>
    public LimitsConfig Limits { get; init; } = new();

    /// <summary>Origins whose pages may call; none = none.</summary>
    public IReadOnlyList<string> Origins { get; init; } = [];

    /// <summary>
    /// From the configuration; <paramref name="apiKey"/> is the configured admin key, read already. Of the secrets only their hashes stay. A <see cref="DataFolderException"/> says which one cannot be read.
    /// </summary>
    public static GuardSettings Of(ServerConfig server, string? apiKey, Func<string, string?> environment)
    {
        byte[]? shared = null;
        if (server.SharedSecret is { } reference)
        {
            var (text, problem) = Secrets.Read(reference, environment);
            shared = text is not null ? KeyText.Hash(text) : throw new DataFolderException($"server.sharedSecret: {reference} {problem}.");
        }

        return new GuardSettings
        {
            NeedsKey = server.NeedsKey,
            ApiKey = apiKey is null ? null : KeyText.Hash(apiKey),
            SharedSecret = shared,
            SharedScope = server.SharedScope,
            Limits = server.Limits,
            Origins = server.Cors,
        };
    }
}
