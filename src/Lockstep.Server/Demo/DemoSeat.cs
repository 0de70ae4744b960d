using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Lockstep.Domain;
using Lockstep.Server.Configuration;

namespace Lockstep.Server.Demo;

/// <summary>A MetaTrader account of the demo as its terminal sees it. The key is drawn for this run; no text of this type shows it.</summary>
internal sealed class DemoSeat(AccountId account, PlatformKind platform, long login, string server)
{
    /// <summary>The account.</summary>
    public AccountId Account => account;

    /// <summary>MT4 or MT5.</summary>
    public PlatformKind Platform => platform;

    /// <summary>Account number.</summary>
    public long Login => login;

    /// <summary>Broker server.</summary>
    public string Server => server;

    /// <summary>The EA key.</summary>
    public string Key { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));

    /// <summary>What the server must know of the terminal.</summary>
    public TerminalConfig Config(AccountMode mode) => new()
    {
        Platform = platform,
        Login = login,
        Server = server,
        KeyHash = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Key))),
        Mode = mode,
    };

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{account} ({platform}, {login} on {server})");
}
