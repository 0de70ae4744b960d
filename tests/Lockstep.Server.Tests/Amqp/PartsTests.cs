using System.Globalization;
using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Server.Amqp;
using Lockstep.Server.Configuration;
using Lockstep.Storage;

namespace Lockstep.Server.Tests.Amqp;

public class PartsTests
{
    /// <summary>Steps: a number = it is published; "=n" = n is confirmed; "≤n" = all up to n are. At the end: what is done, and what is under way.</summary>
    [Theory]
    [InlineData("101 102 103", 100, 3)]
    [InlineData("101 =1", 101, 0)]
    [InlineData("101 102 103 =2", 100, 3)] // what came before it is not confirmed
    [InlineData("101 102 103 =2 =1", 102, 1)]
    [InlineData("101 102 103 ≤2", 102, 1)]
    [InlineData("101 102 103 =3 ≤2", 103, 0)]
    [InlineData("101 102 103 ≤3 =1 ≤2", 103, 0)] // again
    [InlineData("101 =9 ≤9", 101, 0)] // a number that was never published confirms no more than there is
    [InlineData("101 =0 ≤0", 100, 1)]
    [InlineData("101 102 103 104 ≤4 105 106 107 108 =7 ≤5", 105, 3)] // the ring goes round
    public void Done_is_what_is_confirmed_with_all_before_it(string steps, long done, int underWay)
    {
        var window = new ConfirmWindow(4, 100);
        foreach (string step in steps.Split(' '))
        {
            if (step[0] is '=' or '≤')
            {
                long before = window.Done;
                Assert.Equal(window.Confirm(ulong.Parse(step[1..], CultureInfo.InvariantCulture), step[0] == '≤'), window.Done != before);
            }
            else
            {
                window.Add(long.Parse(step, CultureInfo.InvariantCulture));
            }
        }

        Assert.Equal((done, underWay), (window.Done, window.Count));
    }

    [Fact]
    public void A_full_window_takes_no_more()
    {
        var window = new ConfirmWindow(2, 0);
        window.Add(1);
        Assert.False(window.IsFull);
        window.Add(2);
        Assert.True(window.IsFull);
        Assert.Throws<InvalidOperationException>(() => window.Add(3));
        window.Confirm(1, false);
        window.Add(3);
        window.Confirm(3, true);
        Assert.Equal(3, window.Done);
    }

    [Fact]
    public void Pauses_double_up_to_half_a_minute_and_are_spread()
    {
        Assert.Equal([500, 1000, 2000, 4000, 8000, 16000, 30000, 30000], new[] { 0, 1, 2, 3, 4, 5, 6, 1000 }.Select(n => (int)Backoff.Delay(n, 0).TotalMilliseconds));
        Assert.Equal(250, Backoff.Delay(0, 1).TotalMilliseconds);
        Assert.Equal(15, Backoff.Delay(int.MaxValue, 1).TotalSeconds);
    }

    [Fact]
    public void An_event_has_one_identity_and_another_event_another()
    {
        var store = Guid.Parse("6f2c1a52-0f0e-4a43-9f3e-1d2c3b4a5968");
        var row = new EventRow("group", 5, 1, new Timestamp(7), null, null, new SessionNoted(true, true, 1, "")) { Id = 9 };

        // A golden value: it must be the same in every version, or consumers take a repeat for news.
        Assert.Equal(Guid.Parse("8532ba86-c071-43b8-a520-bcad66633e7f"), EventIds.Of(store, row));
        Assert.Equal(EventIds.Of(store, row), EventIds.Of(store, row with { Account = new AccountId("a"), Body = new SessionNoted(false, false, 2, "x") }));
        EventRow[] others = [row with { Group = "groups" }, row with { Seq = 6 }, row with { Index = 2 }, row with { At = new Timestamp(8) }];
        Assert.Equal(6, others.Select(o => EventIds.Of(store, o)).Append(EventIds.Of(store, row)).Append(EventIds.Of(Guid.Empty, row)).Distinct().Count());
        Assert.Equal((4, '4'), (EventIds.Of(store, row).Version, EventIds.Of(store, row).ToString()[14]));
    }

    [Theory]
    [InlineData("amqp://user:pass@host:5673/vhost", "host", 5673, "vhost", "user", "pass", false, "amqp://host:5673/vhost")]
    [InlineData("amqp://host", "host", 5672, "/", "guest", "guest", false, "amqp://host:5672/")]
    [InlineData("amqps://u%40corp:p%2Fq%3F@broker.example/", "broker.example", 5671, "/", "u@corp", "p/q?", true, "amqps://broker.example:5671/")]
    [InlineData("amqp://u:p:q@[::1]/%2Fodd", "::1", 5672, "/odd", "u", "p:q", false, "amqp://::1:5672//odd")]
    public void A_url_is_taken_apart(string url, string host, int port, string vhost, string user, string password, bool tls, string shown)
    {
        var (address, problem) = AmqpAddress.Read(url);
        Assert.Null(problem);
        Assert.Equal(new AmqpAddress(host, port, vhost, user, password, tls), address);
        Assert.Equal(shown, address!.ToString());
    }

    [Theory]
    [InlineData("hunter2", "no URL")]
    [InlineData("http://user:hunter2@host/", "no URL")]
    [InlineData("amqp://user:hunter2@host/a/b", "more than one part")]
    [InlineData("amqp://user:hunter2@host/?heartbeat=5", "after '?'")]
    [InlineData("amqp://user:hunter2#x@host/", "")]
    public void A_wrong_url_is_told_without_repeating_it(string url, string part)
    {
        var (address, problem) = AmqpAddress.Read(url);
        Assert.Null(address);
        Assert.Contains(part, problem, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData((int)AmqpKeyStyle.Canonical, "price.tick", "account.6f2c1a52-0f0e-4a43-9f3e-1d2c3b4a5968.price.tick")]
    [InlineData((int)AmqpKeyStyle.Login, "price.tick", "account.12345.price.tick")]
    [InlineData((int)AmqpKeyStyle.Bare, "price.tick", "price.tick")]
    [InlineData((int)AmqpKeyStyle.Underscore, "price.tick", "account.6f2c1a52-0f0e-4a43-9f3e-1d2c3b4a5968.price.tick")]
    [InlineData((int)AmqpKeyStyle.Underscore, "account.info", "account.6f2c1a52-0f0e-4a43-9f3e-1d2c3b4a5968.account_info")]
    [InlineData((int)AmqpKeyStyle.Underscore, "positions.snapshot", "account.6f2c1a52-0f0e-4a43-9f3e-1d2c3b4a5968.open_positions")]
    [InlineData((int)AmqpKeyStyle.Underscore, "pending_orders", "account.6f2c1a52-0f0e-4a43-9f3e-1d2c3b4a5968.pending_orders")]
    public void Each_style_has_its_key(int style, string type, string key) =>
        Assert.Equal(key, RoutingKeys.Of((AmqpKeyStyle)style, type, Guid.Parse("6f2c1a52-0f0e-4a43-9f3e-1d2c3b4a5968"), "12345"));

    [Fact]
    public void What_is_about_no_account_has_a_key_too_and_no_number_no_login_key()
    {
        Assert.Equal("lockstep.alert", RoutingKeys.Of(AmqpKeyStyle.Canonical, "alert", null, null));
        Assert.Equal("alert", RoutingKeys.Of(AmqpKeyStyle.Bare, "alert", null, null));
        var config = new AmqpConfig { Url = new SecretReference("X", null), KeyStyle = AmqpKeyStyle.Login, Aliases = [AmqpKeyStyle.Bare, AmqpKeyStyle.Canonical, AmqpKeyStyle.Underscore] };
        var (key, others) = RoutingKeys.All(config, "deal", Guid.Empty, null);
        Assert.Equal($"account.{Guid.Empty}.deal", key);
        Assert.Equal(["deal"], others);
        (key, others) = RoutingKeys.All(config, "account.info", Guid.Empty, "7");
        Assert.Equal("account.7.account.info", key);
        Assert.Equal(["account.info", $"account.{Guid.Empty}.account.info", $"account.{Guid.Empty}.account_info"], others);
    }

    /// <summary>Every kind of event has a payload: one that had none would stand before all that come after it.</summary>
    [Fact]
    public void No_kind_of_event_is_without_a_payload()
    {
        var kinds = typeof(EventBody).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(EventBody))).ToList();
        Assert.Equal(kinds.Order(Comparer<Type>.Create((a, b) => string.CompareOrdinal(a.Name, b.Name))), Samples.Bodies.Select(b => b.GetType()).Distinct().OrderBy(t => t.Name, StringComparer.Ordinal));
        Assert.All(Samples.Bodies, body => Assert.NotNull(Messages.Payload(body)));
    }
}
