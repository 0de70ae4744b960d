using Lockstep.CTrader.Session;
using Lockstep.CTrader.Tests.Connection;
using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.CTrader.Tests.Account;

public class ComingUpTests
{
    [Fact]
    public void An_account_comes_up_in_the_order_of_the_guide()
    {
        var desk = new Desk();
        var opened = desk.Sink.Take<SessionOpened>();
        Assert.Equal(1, opened.Epoch);
        Assert.Equal(["EURGBP", "EURUSD", "GBPUSD", "USDJPY", "XAUUSD"], opened.Symbols.Select(s => s.Name.Value));
        Assert.Equal((PlatformKind.CTrader, AccountMode.Hedging, "USD"), (opened.Capabilities.Platform, opened.Capabilities.Mode, opened.Capabilities.Currency));
        Assert.Equal(TimeSpan.FromSeconds(10), opened.Capabilities.AbsenceHorizon);
        Assert.Equal(TimeSpan.FromSeconds(5), opened.Capabilities.AnswerTimeout);
        Assert.False(opened.Capabilities.ClosingDealsTagged);
        Assert.Equal("live", desk.Session.Standing);

        string[] kinds = [.. desk.Reads.Select(r => r.Descriptor.Name)];
        int Place<T>() => Array.FindIndex(kinds, k => k == typeof(T).Name);
        Assert.Equal(0, Place<ProtoOAAccountAuthReq>());
        Assert.True(Place<ProtoOASymbolByIdReq>() > Place<ProtoOASymbolsListReq>());
        Assert.True(Place<ProtoOAReconcileReq>() > Place<ProtoOASymbolByIdReq>());
        Assert.True(Place<ProtoOASubscribeSpotsReq>() > Place<ProtoOASymbolsForConversionReq>());
        Assert.True(desk.Reads.OfType<ProtoOAReconcileReq>().Single().ReturnProtectionOrders);
        Assert.Equal([1, 4, 7, 9, 41], desk.Reads.OfType<ProtoOASubscribeSpotsReq>().Single().SymbolId.Order());
        Assert.Contains(desk.Sink.Quotes, q => q.Symbol.Value == "USDJPY" && q.Quote.Bid.Value == 150m && q.Quote.Ask.Value == 150.002m);
    }

    [Fact]
    public void Without_a_token_nothing_is_sent_until_there_is_one()
    {
        var desk = new Desk(start: false) { Token = null };
        desk.Up();
        Assert.Equal("waiting for a token", desk.Session.Standing);
        Assert.Empty(desk.Reads);
        Assert.Contains(desk.Lines, l => l.Level == CTraderLogLevel.Alert);
        desk.NewToken("another-secret", 2);
        Assert.Equal("another-secret", desk.Reads.OfType<ProtoOAAccountAuthReq>().Single().AccessToken);
        desk.Sink.Take<SessionOpened>();
    }

    [Fact]
    public void Authorised_already_is_as_good_as_authorised()
    {
        var desk = new Desk(start: false);
        desk.Instead[typeof(ProtoOAAccountAuthReq)] = _ => new ProtoOAErrorRes { ErrorCode = "ALREADY_LOGGED_IN", Description = "Trading account is already authorized in this channel" };
        desk.Up();
        desk.Sink.Take<SessionOpened>();
    }

    [Fact]
    public void After_a_read_that_failed_the_account_authenticates_before_it_asks_again()
    {
        var desk = new Desk(start: false);
        desk.Instead[typeof(ProtoOATraderReq)] = _ => new ProtoOAErrorRes { ErrorCode = "A_CODE_OF_TOMORROW" };
        desk.Instead[typeof(ProtoOASymbolsListReq)] = _ => new ProtoOAErrorRes { ErrorCode = "INVALID_REQUEST", Description = "Trading account is not authorized" };
        desk.Up();
        int before = desk.Reads.Count;
        desk.Instead.Clear();
        desk.Pass(30);
        Assert.IsType<ProtoOAAccountAuthReq>(desk.Reads[before]);
        desk.Sink.Take<SessionOpened>();
    }

    [Fact]
    public void A_token_that_was_replaced_while_it_was_on_its_way_is_followed_by_the_new_one()
    {
        var desk = new Desk(start: false);
        desk.Instead[typeof(ProtoOAAccountAuthReq)] = _ =>
        {
            desk.Instead.Clear();
            desk.NewToken("token-secret-2", 2);
            return new ProtoOAErrorRes { ErrorCode = "CH_ACCESS_TOKEN_INVALID", Description = "Access token expired" };
        };
        desk.Up();
        Assert.Equal(["token-secret-1", "token-secret-2"], desk.Reads.OfType<ProtoOAAccountAuthReq>().Select(r => r.AccessToken));
        desk.Sink.Take<SessionOpened>();
    }

    [Theory]
    [InlineData(typeof(ProtoOASubscribeSpotsReq))]
    [InlineData(typeof(ProtoOASymbolsForConversionReq))]
    public void A_session_that_is_forgotten_before_it_is_up_is_authorised_again(Type asked)
    {
        var desk = new Desk(start: false);
        desk.Instead[asked] = _ =>
        {
            desk.Instead.Remove(asked);
            return new ProtoOAErrorRes { ErrorCode = "INVALID_REQUEST", Description = "Trading account is not authorized" };
        };
        desk.Up();
        desk.Sink.None<SessionOpened>();
        desk.Pass(10);
        Assert.Equal(2, desk.Reads.OfType<ProtoOAAccountAuthReq>().Count());
        desk.Sink.Take<SessionOpened>();
    }

    [Fact]
    public void What_waits_for_its_turn_is_not_sent_when_the_session_is_over()
    {
        var desk = new Desk();
        for (int i = 0; i < 12; i++)
        {
            desk.Session.Fetch(new DealsWanted(desk.Now - TimeSpan.FromHours(1), desk.Now), static _ => { });
        }

        desk.Serve();
        Assert.InRange(desk.Reads.OfType<ProtoOADealListReq>().Count(), 1, 8);
        desk.Instead[typeof(ProtoOAAccountAuthReq)] = static _ => null;
        desk.Reads.Clear();
        desk.Say(new ProtoOAAccountDisconnectEvent { CtidTraderAccountId = Desk.Ctid });
        desk.Pass(3);
        Assert.Single(desk.Reads.OfType<ProtoOAAccountAuthReq>());
        Assert.Empty(desk.Reads.OfType<ProtoOADealListReq>());
    }

    [Fact]
    public void Any_read_tells_that_the_session_is_forgotten()
    {
        var desk = new Desk();
        desk.Sink.Take<SessionOpened>();
        desk.Instead[typeof(ProtoOATraderReq)] = _ =>
        {
            desk.Instead.Remove(typeof(ProtoOATraderReq));
            return new ProtoOAErrorRes { ErrorCode = "INVALID_REQUEST", Description = "Trading account is not authorized" };
        };
        desk.Pass(70);
        desk.Sink.Take<SessionClosed>();
        Assert.Equal(2, desk.Sink.Take<SessionOpened>().Epoch);
    }

    [Theory]
    [InlineData("OA_AUTH_TOKEN_EXPIRED")]
    [InlineData("CH_ACCESS_TOKEN_INVALID")]
    public void A_refused_token_is_told_once_and_the_next_one_waited_for(string code)
    {
        var desk = new Desk(start: false);
        desk.Instead[typeof(ProtoOAAccountAuthReq)] = _ => new ProtoOAErrorRes { ErrorCode = code, Description = "Access token token-secret-1 expired" };
        desk.Up();
        Assert.Equal((1L, code), Assert.Single(desk.Refusals));
        desk.NewToken("token-secret-1", 1);
        desk.Pass(700);
        Assert.Single(desk.Refusals);
        Assert.Single(desk.Reads.OfType<ProtoOAAccountAuthReq>());
        desk.Sink.None<SessionOpened>();
        desk.Instead.Clear();
        desk.NewToken("token-secret-2", 2);
        desk.Sink.Take<SessionOpened>();
    }

    [Fact]
    public void The_wrong_environment_is_left_once()
    {
        var desk = new Desk(start: false);
        desk.Instead[typeof(ProtoOAAccountAuthReq)] = _ => new ProtoOAErrorRes { ErrorCode = "CANT_ROUTE_REQUEST" };
        desk.Up();
        Assert.Equal(OpenApiEnvironment.Live, desk.Wire.Environment);
        desk.Instead.Clear();
        desk.Wire.Accept();
        desk.Serve();
        desk.Sink.Take<SessionOpened>();
    }

    [Fact]
    public void An_account_that_neither_environment_knows_stands_still_and_is_tried_each_ten_minutes()
    {
        var desk = new Desk(start: false);
        desk.Instead[typeof(ProtoOAAccountAuthReq)] = _ => new ProtoOAErrorRes { ErrorCode = "CANT_ROUTE_REQUEST" };
        desk.Up();
        desk.Wire.Accept();
        desk.Serve();
        Assert.StartsWith("refused: neither environment", desk.Session.Standing, StringComparison.Ordinal);
        Assert.Equal(2, desk.Reads.OfType<ProtoOAAccountAuthReq>().Count());
        desk.Pass(590, 1);
        Assert.Equal(2, desk.Reads.OfType<ProtoOAAccountAuthReq>().Count());
        desk.Instead.Clear();
        desk.Pass(20, 1);
        desk.Wire.Accept();
        desk.Serve();
        desk.Sink.Take<SessionOpened>();
    }

    [Theory]
    [InlineData("CH_CTID_TRADER_ACCOUNT_NOT_FOUND")]
    [InlineData("RET_ACCOUNT_DISABLED")]
    [InlineData("RET_NO_SUCH_LOGIN")]
    [InlineData("CHANNEL_IS_BLOCKED")]
    public void A_code_that_ends_the_account_alerts_and_waits(string code)
    {
        var desk = new Desk(start: false);
        desk.Instead[typeof(ProtoOAAccountAuthReq)] = _ => new ProtoOAErrorRes { ErrorCode = code };
        desk.Up();
        Assert.Contains(desk.Lines, l => l.Level == CTraderLogLevel.Alert && l.Text.Contains(code, StringComparison.Ordinal));
        desk.Pass(590, 1);
        Assert.Single(desk.Reads.OfType<ProtoOAAccountAuthReq>());
        desk.Instead.Clear();
        desk.Pass(20, 1);
        desk.Sink.Take<SessionOpened>();
    }

    [Fact]
    public void Everything_is_done_again_after_a_loss_under_the_next_epoch()
    {
        var desk = new Desk();
        desk.Wire.Break();
        Assert.Equal(1, desk.Sink.Take<SessionClosed>().Epoch);
        desk.Pass(3);
        desk.Wire.Accept();
        desk.Serve();
        Assert.Equal([1L, 2L], desk.Sink.Of<SessionOpened>().Select(o => o.Epoch));
        Assert.Equal(2, desk.Reads.OfType<ProtoOAReconcileReq>().Count());
        Assert.Equal(2, desk.Reads.OfType<ProtoOASubscribeSpotsReq>().Count());
    }

    [Fact]
    public void After_an_invalidated_token_the_one_in_force_is_used_and_none_is_refreshed()
    {
        var desk = new Desk();
        desk.Token = desk.Token! with { Version = 2, Secret = "token-secret-2" };
        desk.Wire.Say(new ProtoOAAccountsTokenInvalidatedEvent { CtidTraderAccountIds = { 5, Desk.Ctid }, Reason = "refreshed" });
        desk.Say(new ProtoOAAccountDisconnectEvent { CtidTraderAccountId = Desk.Ctid });
        Assert.Equal(["token-secret-1", "token-secret-2"], desk.Reads.OfType<ProtoOAAccountAuthReq>().Select(a => a.AccessToken));
        Assert.Empty(desk.Refusals);
        desk.Sink.Take<SessionClosed>();
        Assert.Equal([1L, 2L], desk.Sink.Of<SessionOpened>().Select(o => o.Epoch));
    }

    [Fact]
    public void Without_a_newer_token_an_invalidated_account_waits_for_one()
    {
        var desk = new Desk();
        desk.Say(new ProtoOAAccountsTokenInvalidatedEvent { CtidTraderAccountIds = { Desk.Ctid } });
        desk.Sink.Take<SessionClosed>();
        desk.Say(new ProtoOAAccountDisconnectEvent { CtidTraderAccountId = Desk.Ctid });
        desk.Pass(5);
        Assert.Single(desk.Reads.OfType<ProtoOAAccountAuthReq>());
        desk.NewToken("token-secret-2", 2);
        Assert.Equal(2, desk.Sink.Of<SessionOpened>().Count);
        Assert.Empty(desk.Refusals);
    }

    [Fact]
    public void A_session_that_the_server_ended_is_authorised_again_with_the_same_token()
    {
        var desk = new Desk();
        desk.Say(new ProtoOAAccountDisconnectEvent { CtidTraderAccountId = Desk.Ctid });
        Assert.Equal(1, desk.Sink.Take<SessionClosed>().Epoch);
        Assert.Equal(2, desk.Sink.Last<SessionOpened>().Epoch);
    }

    [Fact]
    public void A_line_that_stays_mute_after_a_lost_session_is_dropped()
    {
        var desk = new Desk();
        desk.Instead[typeof(ProtoOAAccountAuthReq)] = _ => null;
        desk.Say(new ProtoOAAccountDisconnectEvent { CtidTraderAccountId = Desk.Ctid });
        var wire = desk.Wire;
        desk.Pass(32, 1);
        Assert.False(wire.IsOpen);
    }

    [Fact]
    public void A_second_symbol_of_the_same_name_is_left_out_and_told()
    {
        var desk = new Desk(start: false);
        desk.Broker.Lights.Add(Broker.Light(99, "EURUSD", Broker.Eur, Broker.Usd));
        desk.Broker.Symbols[99] = Broker.Symbol(99, 2, 100, 1, 1, 100);
        desk.Up();
        Assert.Equal(5, Assert.Single(desk.Sink.Take<SessionOpened>().Symbols, s => s.Name.Value == "EURUSD").Digits);
        Assert.Contains(desk.Lines, l => l.Text.Contains("symbol 99", StringComparison.Ordinal));
    }

    [Fact]
    public void A_changed_symbol_is_read_again_and_told()
    {
        var desk = new Desk();
        desk.Broker.Symbols[1] = Broker.Symbol(1, 5, 10_000_000, 200_000, 100_000, 10_000_000_000);
        desk.Say(new ProtoOASymbolChangedEvent { CtidTraderAccountId = Desk.Ctid, SymbolId = { 1 } });
        var spec = Assert.Single(desk.Sink.Take<SymbolsChanged>().Symbols);
        Assert.Equal(0.02m, spec.MinLots.Value);
    }

    [Fact]
    public void Symbols_that_could_not_be_read_again_are_read_later()
    {
        var desk = new Desk();
        desk.Broker.Symbols[1] = Broker.Symbol(1, 5, 10_000_000, 200_000, 100_000, 10_000_000_000);
        desk.Instead[typeof(ProtoOASymbolsListReq)] = _ => new ProtoOAErrorRes { ErrorCode = "TIMEOUT_ERROR" };
        desk.Say(new ProtoOASymbolChangedEvent { CtidTraderAccountId = Desk.Ctid, SymbolId = { 1 } });
        desk.Instead.Clear();
        desk.Pass(29);
        desk.Sink.None<SymbolsChanged>();
        desk.Pass(2);
        desk.Sink.Take<SymbolsChanged>();
    }

    [Fact]
    public void A_large_catalogue_is_quoted_where_it_is_watched_or_held()
    {
        var desk = new Desk(new CTraderOptions { Seed = 3, QuoteAllUpTo = 2 }, start: false);
        desk.Session.Watch([new SymbolName("USDJPY")]);
        desk.Broker.Positions.Add(Broker.Open(501, 100_000, 0.85, symbol: 7));
        desk.Up();
        // USDJPY converts itself; EURGBP comes to USD over EURUSD.
        Assert.Equal([1, 4, 7], desk.Reads.OfType<ProtoOASubscribeSpotsReq>().SelectMany(r => r.SymbolId).Order());
        desk.Session.Watch([new SymbolName("USDJPY"), new SymbolName("XAUUSD")]);
        desk.Serve();
        Assert.Equal([41], desk.Reads.OfType<ProtoOASubscribeSpotsReq>().Last().SymbolId);
    }

    [Fact]
    public void A_session_that_was_stopped_says_nothing_more()
    {
        var desk = new Desk();
        desk.Session.Stop();
        desk.Sink.Take<SessionClosed>();
        int events = desk.Sink.Events.Count;
        desk.Session.Send(desk.Buy());
        desk.Pass(20);
        Assert.Equal(events, desk.Sink.Events.Count);
    }
}
