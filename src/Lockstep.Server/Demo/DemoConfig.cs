using System.Text;
using Lockstep.Domain;
using Lockstep.Server.Configuration;

namespace Lockstep.Server.Demo;

/// <summary>The demo's configuration: read by the same reader as everybody's.</summary>
internal static class DemoConfig
{
    /// <summary>The source account.</summary>
    public const string Source = "prop";

    /// <summary>The account that is reached over the Open API.</summary>
    public const string OverOpenApi = "ctrader";

    private const string Text =
        """
        {
          "server": { "auth": "none" },
          "accounts": {
            "prop": { "platform": "paper", "broker": { "kind": "mt5-hedging", "balance": 200000, "symbols": ["EURUSD", "GBPUSD", "NZDUSD", "XAUUSD"] } },
            "personal": {
              "platform": "paper",
              "broker": {
                "kind": "mt4-fifo", "balance": 100000, "suffix": ".m",
                "symbols": ["EURUSD", "GBPUSD", "NZDUSD", { "symbol": "XAUUSD", "as": "GOLD", "contractSize": 10 }], // a lot of gold is 10 ounces here
              },
            },
            "ctrader": { "platform": "paper", "broker": { "kind": "ctrader", "balance": 200000, "symbols": ["EURUSD", "GBPUSD", "NZDUSD", "XAUUSD"] } },
            "netting": { "platform": "paper", "broker": { "kind": "mt5-netting", "balance": 200000, "suffix": ".n", "symbols": ["EURUSD", "GBPUSD", "NZDUSD", "XAUUSD"] } },
          },
          "links": [
            {
              "name": "hedge", "source": "prop", "target": "personal", "kind": "hedge",
              "sizing": { "mode": "multiplier", "factor": 0.5, "rounding": "nearest", "raiseToMinimum": true },
              "symbols": { "map": { "XAUUSD": "GOLD" }, "addSuffix": ".m" },
            },
            { "name": "copy", "source": "prop", "target": "ctrader", "pending": "native" },
            { "name": "net", "source": "prop", "target": "netting", "symbols": { "addSuffix": ".n" }, "filters": { "deny": ["GBPUSD"] } },
          ],
          "quotes": {},
        }
        """;

    /// <summary>The accounts that terminals serve.</summary>
    public static IReadOnlyList<DemoSeat> Seats() =>
    [
        new(new AccountId(Source), PlatformKind.Mt5, 5_001_234, "Prop-Demo"),
        new(new AccountId("personal"), PlatformKind.Mt4, 70_077, "Retail-Live3"),
        new(new AccountId("netting"), PlatformKind.Mt5, 5_004_321, "Netting-Demo"),
    ];

    /// <summary>The configuration for a folder. Every account has its simulated broker; those with a seat are reached through their terminal only, and the cTrader account over the Open API.</summary>
    public static LockstepConfig Make(string folder, string? quotes, int seed, int port, IReadOnlyList<DemoSeat> seats)
    {
        var read = ConfigReader.Read(Encoding.UTF8.GetBytes(Text), folder, _ => null);
        var config = read.Config ?? throw new InvalidOperationException(string.Join(Environment.NewLine, read.Errors));
        return config with
        {
            DataFolder = folder,
            Server = config.Server with { Port = port, NeedsKey = true },
            Accounts = [.. config.Accounts.Select(a => seats.FirstOrDefault(s => s.Account == a.Id) is { } seat ? a with { Terminal = seat.Config(a.Broker!.Mode) } : a.Id.Value == OverOpenApi ? a with { CTrader = new CTraderAccountConfig() } : a)],
            CTrader = new CTraderConfig(DemoOpenApi.ClientId, new SecretReference(null, null), "http://127.0.0.1/"),
            Quotes = new QuotesConfig { Seed = seed, File = quotes, Interval = TimeSpan.FromMilliseconds(200) },
        };
    }
}
