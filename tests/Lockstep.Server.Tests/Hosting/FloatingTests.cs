using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Lockstep.Domain;
using Lockstep.Server.Configuration;
using Lockstep.Server.Hosting;
using Lockstep.Simulator;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lockstep.Server.Tests.Hosting;

/// <summary>What a terminal tells of its positions' results reaches the API: a running server with a simulated terminal.</summary>
public sealed class FloatingTests : IDisposable
{
    private const string Key = "ea-key-of-this-test-4567";
    private static readonly SymbolName Symbol = new("EURUSD");
    private readonly string _folder = Directory.CreateTempSubdirectory("lockstep-test-").FullName;

    [Fact]
    public async Task A_bulk_close_of_what_is_profitable_closes_that_and_nothing_else()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "ea.key"), Key);
        const string Text =
            """
            {
              "server": { "auth": "none", "port": 0 },
              "accounts": { "real": { "platform": "mt5", "login": 5001, "server": "Broker-Demo", "key": { "file": "ea.key" } } },
              "links": [],
            }
            """;
        var read = ConfigReader.Read(Encoding.UTF8.GetBytes(Text), _folder, _ => null);
        Assert.True(read.Config is not null, string.Join("; ", read.Errors));
        var config = read.Config with { DataFolder = Path.Combine(_folder, "data") };
        await using var product = await Product.StartAsync(config, NullLogger.Instance);
        await using var app = HttpHost.Create(config.Server, product, null, NullLogger.Instance, _ => { });
        await app.StartAsync();
        var address = new Uri(app.Urls.Single());

        using var clock = new RealSimClock();
        var broker = (Mt5Broker)SimBroker.Create(
            new BrokerSettings { Platform = PlatformKind.Mt5, Symbols = SimCatalogue.For(PlatformKind.Mt5, new CatalogueOptions { AlwaysOpen = true, Only = [Symbol.Value] }) }, clock, new SimRandom(1));
        using var road = new WsTerminalTransport(clock, new IPEndPoint(IPAddress.Loopback, address.Port), address.Authority);
        var terminal = new SimTerminal(new SimTerminalSettings { Key = Key, Login = 5001, Server = "Broker-Demo" }, broker, road, new SimRandom(2));
        var (won, lost) = await OnClockAsync(clock, () =>
        {
            broker.OnQuote(Symbol, new(1.10000m), new(1.10010m));
            long low = Open(broker, Side.Buy);
            broker.OnQuote(Symbol, new(1.10500m), new(1.10510m));
            long high = Open(broker, Side.Buy);
            broker.OnQuote(Symbol, new(1.10300m), new(1.10310m));
            terminal.Start();
            return (low, high);
        });

        using var http = new HttpClient { BaseAddress = address };
        var deadline = DateTime.UtcNow.AddSeconds(60);
        var account = new AccountId("real");
        while ((product.Floating(account).Count < 2 || await product.AccountAsync(account) is not { Up: true, Synced: true }) && DateTime.UtcNow < deadline)
        {
            await Task.Delay(50);
        }

        Assert.Equal([won, lost], product.Floating(account).OrderByDescending(p => p.Profit.Value).Select(p => p.Position.Value));
        using var closed = await http.PostAsJsonAsync(new Uri("/v1/accounts/real/positions/close?waitMs=20000", UriKind.Relative), new { result = "profitable" });
        string answer = await closed.Content.ReadAsStringAsync();
        Assert.True(closed.IsSuccessStatusCode, answer);
        Assert.Equal([lost], await OnClockAsync(clock, () => broker.OpenPositions.Select(p => p.Ticket).ToArray()));
        await OnClockAsync(clock, () =>
        {
            terminal.Stop();
            return true;
        });
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static long Open(Mt5Broker broker, Side side) => broker.OrderSend(new MqlTradeRequest
    {
        Action = MqlAction.Deal, Symbol = Symbol.Value, Volume = 0.1m, Type = side == Side.Buy ? Mt5OrderType.Buy : Mt5OrderType.Sell, TypeFilling = Mt5Filling.Fok,
    }).Order;

    private static async Task<T> OnClockAsync<T>(RealSimClock clock, Func<T> what)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        clock.Schedule(TimeSpan.Zero, () =>
        {
            try
            {
                done.SetResult(what());
            }
            catch (Exception error)
            {
                done.SetException(error);
            }
        });
        return await done.Task;
    }
}
