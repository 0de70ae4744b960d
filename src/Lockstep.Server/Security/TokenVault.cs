using System.Text.Json;
using System.Text.Json.Serialization;
using Lockstep.CTrader.OAuth;
using Lockstep.Domain;
using Lockstep.Storage;

namespace Lockstep.Server.Security;

/// <summary>Which authorisation and trading account an account of ours stands for, as it was chosen.</summary>
/// <param name="Account">The account.</param>
/// <param name="Grant">The authorisation.</param>
/// <param name="Ctid">ctidTraderAccountId; null = not chosen yet.</param>
/// <param name="IsLive">The environment it lives in.</param>
/// <param name="Closed">True = somebody closed the session, and it stays so until it is connected again.</param>
internal sealed record CTraderPlace(AccountId Account, GrantId Grant, long? Ctid, bool IsLive, bool Closed)
{
    /// <summary>The trader's login, for people.</summary>
    public long? Login { get; init; }

    /// <summary>The broker's name, for people.</summary>
    public string? Broker { get; init; }
}

/// <summary>Grants and places, encrypted in the store. A record that cannot be read is told and left alone; the others live on.</summary>
internal sealed class TokenVault(ISecretStore store, SecretBox box, string keyPlace) : ITokenVault
{
    private const string GrantKind = "ctrader-grant";
    private const string PlaceKind = "ctrader-place";

    private static readonly JsonSerializerOptions Json = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <inheritdoc/>
    public VaultContent Load()
    {
        var grants = new List<GrantRecord>();
        var unreadable = new List<(GrantId, string)>();
        foreach (var row in store.Secrets(GrantKind))
        {
            var (kept, problem) = Read<Kept>(GrantKind, row);
            if (kept is not null)
            {
                grants.Add(new GrantRecord
                {
                    Id = new GrantId(row.Id), Version = kept.Version, Access = kept.Access, Refresh = kept.Refresh, IssuedAt = new Timestamp(kept.IssuedAt),
                    ExpiresAt = new Timestamp(kept.ExpiresAt), RefreshSince = kept.RefreshSince is { } since ? new Timestamp(since) : null, Lost = kept.Lost,
                });
            }
            else
            {
                unreadable.Add((new GrantId(row.Id), problem!));
            }
        }

        return new VaultContent(grants, unreadable);
    }

    /// <inheritdoc/>
    public Task SaveAsync(GrantRecord grant) => WriteAsync(
        GrantKind, grant.Id.Value, new Kept(grant.Version, grant.Access, grant.Refresh, grant.IssuedAt.Micros, grant.ExpiresAt.Micros, grant.RefreshSince?.Micros, grant.Lost));

    /// <inheritdoc/>
    public Task DeleteAsync(GrantId grant) => store.DeleteSecretAsync(GrantKind, grant.Value);

    /// <summary>All places, and the accounts whose place cannot be read.</summary>
    public (IReadOnlyList<CTraderPlace> Places, IReadOnlyList<(AccountId Account, string Problem)> Unreadable) Places()
    {
        var places = new List<CTraderPlace>();
        var unreadable = new List<(AccountId, string)>();
        foreach (var row in store.Secrets(PlaceKind))
        {
            var (kept, problem) = Read<KeptPlace>(PlaceKind, row);
            if (kept is not null)
            {
                places.Add(new CTraderPlace(new AccountId(row.Id), new GrantId(kept.Grant), kept.Ctid, kept.IsLive, kept.Closed) { Login = kept.Login, Broker = kept.Broker });
            }
            else
            {
                unreadable.Add((new AccountId(row.Id), problem!));
            }
        }

        return (places, unreadable);
    }

    /// <summary>Writes a place.</summary>
    public Task SaveAsync(CTraderPlace place) =>
        WriteAsync(PlaceKind, place.Account.Value, new KeptPlace(place.Grant.Value, place.Ctid, place.IsLive, place.Closed, place.Login, place.Broker));

    /// <summary>Forgets a place.</summary>
    public Task DeleteAsync(AccountId account) => store.DeleteSecretAsync(PlaceKind, account.Value);

    private Task WriteAsync<T>(string kind, string id, T value) => store.SaveSecretAsync(kind, id, box.Seal(kind, id, JsonSerializer.SerializeToUtf8Bytes(value, Json)));

    private (T? Value, string? Problem) Read<T>(string kind, StoredSecret row)
        where T : class
    {
        var (plain, problem) = box.Open(kind, row.Id, row.Sealed.Span);
        if (plain is null)
        {
            return (null, $"{problem} (the key in use is that of {keyPlace}). Put the right key back and restart, or authorise again");
        }

        try
        {
            return JsonSerializer.Deserialize<T>(plain, Json) is { } value ? (value, null) : (null, "the record is empty; authorise again");
        }
        catch (JsonException)
        {
            return (null, "the record is of a form that this program does not know; authorise again");
        }
    }

    private sealed record Kept(long Version, string Access, string Refresh, long IssuedAt, long ExpiresAt, long? RefreshSince, string? Lost);

    private sealed record KeptPlace(string Grant, long? Ctid, bool IsLive, bool Closed, long? Login, string? Broker);
}
