using Lockstep.CTrader.OAuth;
using Lockstep.CTrader.Session;
using Lockstep.Domain;

namespace Lockstep.CTrader.Tests.Connection;

/// <summary>Which sessions there may be.</summary>
public sealed class HubTests
{
    private readonly Exchange _exchange = new();

    [Fact]
    public void An_account_has_one_session_until_it_is_stopped()
    {
        var first = _exchange.Hub.Open(Account("a", 1), 1);
        var error = Assert.Throws<InvalidOperationException>(() => _exchange.Hub.Open(Account("a", 1), 2));
        Assert.Equal("Account a has a session; it must be stopped before the next one begins.", error.Message);
        first.Stop();
        var second = _exchange.Hub.Open(Account("a", 1), 2);
        // An old one that is stopped once more does not take the place of the new one.
        first.Stop();
        Assert.Throws<InvalidOperationException>(() => _exchange.Hub.Open(Account("a", 1), 3));
        second.Stop();
        _exchange.Hub.Open(Account("a", 1), 3);
    }

    [Fact]
    public void A_trading_account_belongs_to_one_account_here()
    {
        _exchange.Hub.Open(Account("a", 1), 1);
        var error = Assert.Throws<InvalidOperationException>(() => _exchange.Hub.Open(Account("b", 1), 1));
        Assert.Equal("Accounts a and b are the same trading account (1).", error.Message);
        _exchange.Hub.Open(Account("b", 2), 1);
    }

    [Fact]
    public void A_trading_account_has_a_number()
    {
        Assert.Throws<ArgumentException>(() => _exchange.Hub.Open(Account("a", 0), 1));
    }

    private static CTraderAccount Account(string id, long ctid) => new()
    {
        Id = new AccountId(id), CtidTraderAccountId = ctid, Environment = OpenApiEnvironment.Demo, Grant = new GrantId("g"),
    };
}
