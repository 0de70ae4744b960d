using System.Net;
using Lockstep.Domain;
using Lockstep.Server.Hosting;
using Lockstep.Simulator;

namespace Lockstep.Server.Demo;

/// <summary>Simulated terminals, each with a WebSocket of its own. Their files live as long as the process: a second run over the same data comes with new ones, as from another PC.</summary>
internal sealed class DemoSimTerminals(IReadOnlyList<DemoSeat> seats) : IDemoTerminals
{
    private readonly Dictionary<AccountId, (SimTerminal Terminal, WsTerminalTransport Road)> _terminals = [];
    private Product? _product;

    /// <inheritdoc/>
    public IReadOnlyList<string> Ended => [];

    /// <inheritdoc/>
    public async Task StartAsync(Product product, IPEndPoint server)
    {
        _product = product;
        await product.World.OnClockAsync(() =>
        {
            foreach (var seat in seats)
            {
                var settings = new SimTerminalSettings { Key = seat.Key, Login = seat.Login, Server = seat.Server, Time = DemoBrokerTime.Clock };
                var road = new WsTerminalTransport(product.World.Clock, server, server.ToString());

                // Another name each time: these are not the files of the run before.
                var dice = new SimRandom((ulong)product.World.Clock.Now.Micros).Fork(seat.Account.Value);
                var terminal = new SimTerminal(settings, product.World.Brokers[seat.Account], road, dice);
                _terminals.Add(seat.Account, (terminal, road));
                terminal.Start();
            }

            return true;
        });
    }

    /// <inheritdoc/>
    public string Says(AccountId account) => _terminals.TryGetValue(account, out var found)
        ? found.Terminal.RefusedAs.Length > 0 ? $"refused: {found.Terminal.RefusedAs}" : found.Terminal.State.ToString().ToLowerInvariant()
        : "not started";

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_product is not null && _terminals.Count > 0)
        {
            await _product.World.OnClockAsync(() =>
            {
                foreach (var (terminal, road) in _terminals.Values)
                {
                    terminal.Stop();
                    road.Dispose();
                }

                return true;
            });
            _terminals.Clear();
        }
    }
}

/// <summary>The clock of the demo's broker servers: two hours ahead of UTC, as most are in winter.</summary>
internal static class DemoBrokerTime
{
    /// <summary>The clock.</summary>
    public static BrokerTime Clock { get; } = new(7200);
}
