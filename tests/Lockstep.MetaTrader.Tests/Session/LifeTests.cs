using Lockstep.Domain;
using Lockstep.MetaTrader.Session;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.MetaTrader.Tests.Session;

public sealed class LifeTests
{
    [Fact]
    public void A_terminal_comes_in_and_the_session_opens_when_its_symbols_are_told()
    {
        var desk = new Desk();
        var (_, sink) = desk.Serve(firstEpoch: 13);
        var terminal = desk.Plug().Enter(symbols: false, with: h => h with { Epoch = 12 });
        var welcome = terminal.Heard().OfType<WelcomeMessage>().Single();
        Assert.True(welcome.Active);
        Assert.Equal(13, welcome.Epoch);
        Assert.Equal(1, welcome.Resume);
        Assert.Empty(sink.Events);

        terminal.Say(new SymbolsMessage([Terminal.Symbol("EURUSD")], true));
        Assert.Empty(sink.Events);
        terminal.Say(new SymbolsMessage([Terminal.Symbol("XAUUSD") with { Trade = "close" }], false));
        var opened = sink.Take<SessionOpened>();
        Assert.Equal(13, opened.Epoch);
        Assert.Equal(["EURUSD", "XAUUSD"], opened.Symbols.Select(s => s.Name.Value));
        Assert.Equal(SymbolTrading.CloseOnly, opened.Symbols[1].Trading);
        Assert.Equal(PlatformKind.Mt5, opened.Capabilities.Platform);
        Assert.True(opened.Capabilities is { CloseBy: true, StopLimitOrders: true, PendingExpiry: true, ClosingDealsTagged: true, Mode: AccountMode.Hedging, Currency: "USD" });
        Assert.Equal(TimeSpan.FromSeconds(2), opened.Capabilities.AnswerTimeout);
        Assert.Equal(1, desk.Hub.Counters.Links);
        Assert.Equal(1, desk.Hub.Counters.Active);
    }
}
