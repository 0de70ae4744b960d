using System.Diagnostics;
using Lockstep.Client;
using Lockstep.Client.Services;
using Lockstep.Client.Streams;
using Lockstep.Server.Tests.Hosting;

namespace Lockstep.Server.Tests.Clients;

/// <summary>The .NET client against a running server with simulated brokers.</summary>
public sealed class DotnetClientTests : IAsyncLifetime, IDisposable
{
    private const string One = """{ "platform": "paper", "broker": { "kind": "mt5-hedging", "symbols": ["EURUSD"], "executionDelayMin": "0ms", "executionDelayMax": "1ms" } }""";
    private const string Text = $$"""{ "server": { "auth": "none", "port": 0 }, "accounts": { "master": {{One}} }, "quotes": { "interval": "20ms" } }""";

    private readonly string _folder = Directory.CreateTempSubdirectory("lockstep-test-").FullName;
    private PaperHost _host = null!;
    private LockstepClient _client = null!;

    public async Task InitializeAsync()
    {
        _host = await PaperHost.StartAsync(_folder, Text);
        _client = new LockstepClient(_host.Address);
        await UpAsync("master");
    }

    public async Task DisposeAsync()
    {
        await _host.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task Every_call_of_a_trading_day()
    {
        var account = await _client.GetAccountAsync("master");
        Assert.Equal(("paper", "mt5-hedging", "up"), (account.Platform, account.Kind, account.State));
        Assert.Equal(100_000m, account.Funds!.Balance);
        Assert.Equal("EURUSD", Assert.Single(await _client.GetSymbolsAsync("master")).Symbol);
        var price = await _client.GetPriceAsync("master", "EURUSD");
        Assert.True(price.Ask > price.Bid && price.Bid > 0);

        var bought = await _client.PlaceAsync("master", new NewOrder("EURUSD", TradeSide.Buy, 0.3m), "day-1");
        Assert.Equal((TradeOutcome.Filled, 0.3m), (bought.Outcome, bought.Filled));
        var again = await _client.PlaceAsync("master", new NewOrder("EURUSD", TradeSide.Buy, 0.3m), "day-1");
        Assert.Equal((bought.Outcome, bought.Position), (again.Outcome, again.Position));
        long number = bought.Position!.Value;
        decimal stop = Math.Round(price.Bid - 0.01m, 5);
        Assert.Equal(TradeOutcome.Modified, (await _client.ModifyPositionAsync("master", number, Level.At(stop))).Outcome);
        var position = Assert.Single(await _client.GetPositionsAsync("master"));
        Assert.Equal((number, 0.3m, 30_000m, stop, null), (position.Id, position.Volume, position.VolumeUnits, position.StopLoss, position.TakeProfit));

        var placed = await _client.PlaceAsync("master", new NewOrder("EURUSD", TradeSide.Buy, 0.1m) { Type = "limit", Price = stop });
        Assert.Equal(TradeOutcome.Placed, placed.Outcome);
        Assert.Equal(placed.Order, Assert.Single(await _client.GetOrdersAsync("master")).Id);
        Assert.Equal(TradeOutcome.Cancelled, (await _client.CancelAsync("master", placed.Order!.Value)).Outcome);

        var refused = await _client.PlaceAsync("master", new NewOrder("EURUSD", TradeSide.Buy, 0.001m));
        Assert.Equal((TradeOutcome.Refused, "invalidVolume"), (refused.Outcome, refused.Refusal));
        Assert.Equal("not-found", (await Assert.ThrowsAsync<LockstepProblemException>(() => _client.GetPositionsAsync("nobody"))).Code);

        Assert.Equal(TradeOutcome.Closed, (await _client.CloseAsync("master", number, 0.1m)).Outcome);
        Assert.Equal(["in", "out"], (await _client.GetDealsAsync("master", position: number)).Select(d => d.Entry));
        var all = await _client.CloseManyAsync("master", new Selection { All = true });
        Assert.Equal((1, 1, 0), (all.Matched, all.Done, all.Refused));
        Assert.Empty(await _client.GetPositionsAsync("master"));
        Assert.Equal(TradeOutcome.Filled, (await _client.GetRequestAsync("master", "day-1"))!.Outcome);
        Assert.Null(await _client.GetRequestAsync("master", "never"));
    }

    [Fact]
    public async Task Accounts_and_links_are_made_and_a_copy_is_explained()
    {
        await _client.RegisterAccountAsync("prop", new { platform = "paper", broker = new { kind = "mt5-hedging", symbols = new[] { "EURUSD" }, executionDelayMin = "0ms", executionDelayMax = "1ms" } });
        await _client.CreateLinkAsync(new { name = "m-p", source = "master", target = "prop" });
        await UpAsync("prop");
        await _client.PlaceAsync("master", new NewOrder("EURUSD", TradeSide.Sell, 0.2m));
        await UntilAsync(async () => (await _client.GetPositionsAsync("prop")).Count == 1, "the copy");
        await UntilAsync(async () => (await _client.GetWhyAsync("m-p")) is [{ Outcome: "done", Target: "prop" }, ..], "the row");
        Assert.Equal(1, Assert.Single(await _client.GetLinksAsync()).Active);
        Assert.Equal("shadow", (await _client.ChangeLinkAsync("m-p", new { mode = "shadow" })).Settings.GetProperty("mode").GetString());
        await _client.RemoveLinkAsync("m-p");
        await _client.RemoveAccountAsync("prop");
        Assert.Single(await _client.GetAccountsAsync());
    }

    [Fact]
    public async Task A_service_has_in_its_caches_what_the_server_has()
    {
        await using var services = new TradingServices(_client);
        var service = await services.ForAsync("master");
        Assert.Same(service, await services.ForAsync("master"));
        Assert.IsType<Mt5Connector>(service);
        var heard = new System.Collections.Concurrent.ConcurrentQueue<string>();
        using var listening = service.Listen(message =>
        {
            if (message is AccountEvent told)
            {
                heard.Enqueue(told.Kind);
            }
        });
        await UntilAsync(() => Task.FromResult(service.IsLive), "the snapshot");
        await service.SubscribePriceAsync("EURUSD");
        await UntilAsync(() => Task.FromResult(service.LastPrice("EURUSD") is not null), "a price");
        var bought = await service.PlaceTradeAsync(new NewOrder("EURUSD", TradeSide.Buy, 0.2m));
        await UntilAsync(() => Task.FromResult(service.LastPositions is [{ Volume: 0.2m } only] && only.Id == bought.Position), "the position");
        await service.ClosePositionAsync(bought.Position!.Value);
        await UntilAsync(() => Task.FromResult(service.LastPositions.Count == 0), "no position");
        Assert.Contains("position.opened", heard);
        Assert.Contains("position.closed", heard);
        Assert.Contains("deal", heard);
    }

    [Fact]
    public async Task The_sample_runs()
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Lockstep.Sample.dll"), _host.Address.ToString(), "none", "master", "EURUSD"])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        string output = await process.StandardOutput.ReadToEndAsync();
        string errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, output + errors);
        Assert.Contains("bought 0.1", output, StringComparison.Ordinal);
    }

    private Task UpAsync(string account) => UntilAsync(
        async () => (await _client.GetAccountAsync(account)).State == "up" && (await _client.GetSymbolsAsync(account)) is [{ Bid: not null }], $"{account} up");

    /// <summary>The brokers live on the real clock.</summary>
    private static async Task UntilAsync(Func<Task<bool>> holds, string what)
    {
        var deadline = DateTime.UtcNow.AddSeconds(60);
        while (!await holds())
        {
            Assert.True(DateTime.UtcNow < deadline, $"{what} did not come");
            await Task.Delay(20);
        }
    }
}
