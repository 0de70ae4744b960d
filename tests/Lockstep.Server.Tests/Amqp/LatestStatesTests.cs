using Lockstep.Domain;
using Lockstep.Server.Amqp;

namespace Lockstep.Server.Tests.Amqp;

public class LatestStatesTests
{
    private static readonly AccountId A = new("a"), B = new("b");
    private static readonly SymbolName Euro = new("EURUSD"), Gold = new("XAUUSD");
    private readonly LatestStates _latest = new(prices: true, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1));

    [Fact]
    public void Of_several_quotes_the_last_is_given_out_once_each_interval()
    {
        _latest.Open();
        _latest.Quoted(A, Euro, Quote(1));
        _latest.Quoted(A, Euro, Quote(2));
        _latest.Quoted(A, Gold, Quote(3));
        _latest.Quoted(B, Euro, Quote(4));
        Assert.Equal([(A, Euro, Quote(2)), (A, Gold, Quote(3)), (B, Euro, Quote(4))], _latest.Take(Ms(0)).Quotes.OrderBy(q => q.Quote.Bid.Value));
        Assert.Equal(1, _latest.Conflated);
        _latest.Quoted(A, Euro, Quote(5));
        Assert.Empty(_latest.Take(Ms(99)).Quotes);
        Assert.Equal([(A, Euro, Quote(5))], _latest.Take(Ms(100)).Quotes);
        Assert.Empty(_latest.Take(Ms(300)).Quotes);
        Assert.Equal(0, _latest.Dropped);
    }

    [Fact]
    public void A_quote_that_cannot_be_published_is_dropped_and_counted()
    {
        _latest.Quoted(A, Euro, Quote(1));
        _latest.Open();
        Assert.Empty(_latest.Take(Ms(0)).Quotes);
        _latest.Quoted(A, Euro, Quote(2));
        _latest.Quoted(A, Gold, Quote(3));
        _latest.Shut();
        _latest.Quoted(A, Gold, Quote(4));
        _latest.Open();
        Assert.Empty(_latest.Take(Ms(200)).Quotes);
        Assert.Equal(4, _latest.Dropped);
    }

    [Fact]
    public void Without_prices_no_quote_is_kept_or_counted()
    {
        var latest = new LatestStates(prices: false, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1));
        latest.Quoted(A, Euro, Quote(1));
        latest.Open();
        latest.Quoted(A, Euro, Quote(1));
        Assert.Empty(latest.Take(Ms(0)).Quotes);
        Assert.Equal(0, latest.Dropped);
    }

    [Fact]
    public void A_balance_is_told_at_once_and_equity_once_a_second()
    {
        _latest.Open();
        _latest.Funded(A, Funds(100, 100));
        Assert.Equal(100, One(0)?.Funds?.Equity.Value);
        _latest.Funded(A, Funds(100, 101));
        _latest.Funded(A, Funds(100, 102));
        Assert.Null(One(999));
        Assert.Equal(102, One(1_000)?.Funds?.Equity.Value);
        _latest.Funded(A, Funds(99, 102));
        Assert.Equal(99, One(1_001)?.Funds?.Balance.Value);

        // The same again is no news, whatever its moment.
        _latest.Funded(A, Funds(99, 102) with { At = Timestamp.FromMs(5) });
        Assert.Null(One(9_000));
    }

    [Fact]
    public void A_book_that_changed_is_told_at_once_and_floating_results_once_a_second()
    {
        _latest.Open();
        _latest.Changed(A);
        Assert.Equal((true, true), (One(0) is { Book: true, Positions: true }, One(0) is null));
        _latest.Floated(A, [new PositionMoney(new PositionId(1), new Money(5), default)]);
        Assert.Null(One(999));
        var due = One(1_000)!;
        Assert.Equal((false, true, 5m), (due.Book, due.Positions, due.Floating[0].Profit.Value));
        _latest.Floated(A, [new PositionMoney(new PositionId(1), new Money(5), default)]);
        Assert.Null(One(9_000));
        _latest.Changed(A);
        Assert.True(One(9_001) is { Book: true, Positions: true, Funds: null, Floating.Count: 1 });
    }

    [Fact]
    public void After_a_gap_every_account_is_told_afresh()
    {
        _latest.Funded(A, Funds(100, 100));
        _latest.Changed(B);
        _latest.Open();
        Assert.Equal([A, B], _latest.Take(Ms(0)).States.Select(s => s.Account));
        _latest.Shut();
        _latest.Open();
        var again = _latest.Take(Ms(1)).States;
        Assert.All(again, s => Assert.True(s.Book && s.Positions));
        Assert.Equal(100, again[0].Funds?.Balance.Value);
        Assert.Null(again[1].Funds);
    }

    private DueState? One(int ms) => _latest.Take(Ms(ms)).States.SingleOrDefault();

    private static TimeSpan Ms(int ms) => TimeSpan.FromMilliseconds(ms);

    private static Quote Quote(int bid) => new(new Price(bid), new Price(bid + 1), Timestamp.Epoch);

    private static AccountFunds Funds(decimal balance, decimal equity) => new()
    {
        Balance = new Money(balance), Equity = new Money(equity), Margin = default, FreeMargin = new Money(equity), Currency = "USD", At = Timestamp.Epoch,
    };
}
