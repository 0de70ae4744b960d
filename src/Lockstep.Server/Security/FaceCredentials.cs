using System.Globalization;
using System.Text.Json;
using Lockstep.Server.Configuration;
using Lockstep.Server.Hosting;

namespace Lockstep.Server.Security;

/// <summary>
/// The key in a body, as clients of the parity face send their credentials: <c>password</c> is the key, and <c>internal_account_id</c>, <c>account_id</c> (the login) and <c>broker_server</c> say which account they
/// mean. They must all mean the same one.
/// </summary>
/// <param name="Key">The key.</param>
/// <param name="Account">The account that the body means; null = none, or several.</param>
/// <param name="Differs">What does not fit together; null = nothing.</param>
internal sealed record FaceCredentials(string Key, AccountConfig? Account, string? Differs)
{
    private const int LengthMost = 1024;

    /// <summary>Never the key.</summary>
    public override string ToString() => $"credentials for {Account?.Id.Value}";

    /// <summary>The credentials of a body; null = it carries none.</summary>
    public static FaceCredentials? Read(ReadOnlySpan<byte> body, AccountDirectory directory)
    {
        using var document = Parse(body);
        if (document?.RootElement is not { ValueKind: JsonValueKind.Object } root || Text(root, "password") is not { Length: > 0 and <= LengthMost } key)
        {
            return null;
        }

        var account = Find(root, directory);
        return new FaceCredentials(key, account, account is null ? "no account of this server is meant by internal_account_id, account_id and broker_server"
            : Difference(directory, account, Text(root, "account_id"), Text(root, "broker_server")));
    }

    /// <summary>The account that a body means by these names, or by <c>account</c>; null = none.</summary>
    public static AccountConfig? AccountOf(ReadOnlySpan<byte> body, AccountDirectory directory)
    {
        using var document = Parse(body);
        return document?.RootElement is not { ValueKind: JsonValueKind.Object } root ? null : directory.Find(Text(root, "account")) ?? Find(root, directory);
    }

    private static JsonDocument? Parse(ReadOnlySpan<byte> body)
    {
        try
        {
            // As strict as the operation is: text that is half a character shows only when it is read.
            JsonItem.Parse(body, strict: true);
            var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = 32 });
            return JsonDocument.TryParseValue(ref reader, out var document) ? document : null;
        }
        catch (JsonException)
        {
            // The operation says what is wrong with it, to who may know.
            return null;
        }
    }

    private static AccountConfig? Find(JsonElement root, AccountDirectory directory)
    {
        string? name = Text(root, "internal_account_id");
        string? login = Text(root, "account_id");
        return directory.Find(name) ?? (name is null ? directory.Find(login) ?? ByLogin(directory, login, Text(root, "broker_server")) : null);
    }

    private static string? Difference(AccountDirectory directory, AccountConfig account, string? login, string? server)
    {
        // Only a terminal's login and server stand in the configuration; elsewhere any are taken.
        bool same = login is null || directory.Find(login)?.Id == account.Id || account.Terminal is not { } terminal || login == terminal.Login.ToString(CultureInfo.InvariantCulture);
        return !same ? $"account_id is not the login of account '{account.Id}'"
            : server is not null && account.Terminal is { } t && !string.Equals(server, t.Server, StringComparison.OrdinalIgnoreCase) ? $"broker_server is not that of account '{account.Id}'"
            : null;
    }

    private static AccountConfig? ByLogin(AccountDirectory directory, string? login, string? server)
    {
        var found = directory.All.Where(a => a.Terminal is { } t && login == t.Login.ToString(CultureInfo.InvariantCulture) && (server is null || string.Equals(server, t.Server, StringComparison.OrdinalIgnoreCase))).ToList();
        return found is [var one] ? one : null;
    }

    private static string? Text(JsonElement root, string name) => !root.TryGetProperty(name, out var value) ? null : value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        _ => null,
    };
}
