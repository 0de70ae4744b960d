using Lockstep.Domain;
using Lockstep.MqlHarness.Terminal;
using Lockstep.Simulator;

namespace Lockstep.Mql.Tests;

/// <summary>A broker under a virtual clock with one terminal at it.</summary>
internal sealed class Desk : IDisposable
{
    public Desk(PlatformKind platform, string program, AccountMode mode = AccountMode.Hedging, Func<EaTerminalOptions, EaTerminalOptions>? with = null)
    {
        Clock = new VirtualSimClock();
        Broker = SimBroker.Create(
            new BrokerSettings { Platform = platform, Mode = mode, Symbols = SimCatalogue.For(platform, new CatalogueOptions { AlwaysOpen = true, Only = ["EURUSD", "USDJPY"] }) },
            Clock,
            new SimRandom(7));
        Quote(1.08500m);
        var options = new EaTerminalOptions { Program = program };
        Ea = new EaTerminal(with?.Invoke(options) ?? options, Broker, Clock);
    }

    public VirtualSimClock Clock { get; }

    public SimBroker Broker { get; }

    public EaTerminal Ea { get; }

    public void Quote(decimal bid, string symbol = "EURUSD") => Broker.OnQuote(new SymbolName(symbol), new Price(bid), new Price(bid + 0.00010m));

    public void RunFor(int milliseconds) => EaTerminal.RunFor(Clock, TimeSpan.FromMilliseconds(milliseconds), Ea);

    public void Dispose() => Ea.Dispose();
}
