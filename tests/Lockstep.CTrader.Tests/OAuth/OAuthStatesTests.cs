using Lockstep.CTrader.OAuth;
using Lockstep.Domain;
using Lockstep.Testing;

namespace Lockstep.CTrader.Tests.OAuth;

public class OAuthStatesTests
{
    private const string Me = "key-1";
    private static readonly AccountId Prop = new("prop");
    private static readonly AccountId Other = new("other");
    private readonly ManualTime _time = new();
    private readonly OAuthStates _states;

    public OAuthStatesTests() => _states = new OAuthStates(Key(1), _time);

    [Fact]
    public void A_state_comes_back_once_and_names_its_account()
    {
        var issued = _states.Issue(Prop, Me);
        Assert.Equal(Timestamp.From(_time.GetUtcNow()) + TimeSpan.FromMinutes(10), issued.ExpiresAt);
        Assert.Equal((StateRefusal.None, Prop), (_states.Take(issued.Text, Me) is var v ? v.Refusal : default, v.Account));
        var again = _states.Take(issued.Text, Me);
        Assert.Equal((StateRefusal.Used, (AccountId?)null), (again.Refusal, again.Account));
        Assert.Contains("once", again.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", StateRefusal.Missing)]
    [InlineData("nonsense", StateRefusal.Tampered)]
    [InlineData("a.b", StateRefusal.Tampered)]
    [InlineData("AAAA.AAAA", StateRefusal.Tampered)]
    [InlineData("ä.ö", StateRefusal.Tampered)]
    [InlineData(".", StateRefusal.Tampered)]
    public void What_we_did_not_write_is_refused(string text, StateRefusal refusal) => Assert.Equal(refusal, _states.Take(text, Me).Refusal);

    [Fact]
    public void A_state_with_any_letter_changed_is_refused_and_the_true_one_still_counts()
    {
        string text = _states.Issue(Prop, Me).Text;
        for (int i = 0; i < text.Length; i++)
        {
            // The last letter of a Base64 text may carry bits that mean nothing: its highest bit always means something.
            string spoilt = text[..i] + (text[i] < 'a' ? 'z' : 'A') + text[(i + 1)..];
            Assert.NotEqual(StateRefusal.None, _states.Take(spoilt, Me).Refusal);
        }

        Assert.Equal(StateRefusal.None, _states.Take(text, Me).Refusal);
    }

    [Fact]
    public void A_state_under_another_key_is_refused() =>
        Assert.Equal(StateRefusal.Tampered, new OAuthStates(Key(2), _time).Take(_states.Issue(Prop, Me).Text, Me).Refusal);

    [Fact]
    public void A_state_ends_after_ten_minutes()
    {
        string text = _states.Issue(Prop, Me).Text;
        _time.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromMilliseconds(1));
        string late = _states.Issue(Other, Me).Text;
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(StateRefusal.Expired, _states.Take(text, Me).Refusal);
        Assert.Equal(StateRefusal.None, _states.Take(late, Me).Refusal);
    }

    [Fact]
    public void A_state_of_another_account_or_asker_is_refused_and_not_used_up()
    {
        string text = _states.Issue(Prop, Me).Text;
        Assert.Equal(StateRefusal.OtherAccount, _states.Take(text, Me, Other).Refusal);
        Assert.Equal(StateRefusal.OtherAsker, _states.Take(text, "key-2", Prop).Refusal);
        Assert.Equal(StateRefusal.None, _states.Take(text, Me, Prop).Refusal);
    }

    [Fact]
    public void A_newer_state_takes_the_place_of_the_older_one_and_a_restart_of_all()
    {
        string older = _states.Issue(Prop, Me).Text;
        string newer = _states.Issue(Prop, Me).Text;
        Assert.Equal(StateRefusal.NotOpen, _states.Take(older, Me).Refusal);
        Assert.Equal(StateRefusal.NotOpen, new OAuthStates(Key(1), _time).Take(newer, Me).Refusal);
        Assert.Equal(StateRefusal.None, _states.Take(newer, Me).Refusal);
    }

    [Fact]
    public void Without_a_state_only_the_one_that_is_open_can_be_meant()
    {
        Assert.Null(_states.TakeOnly(Me));
        string text = _states.Issue(Prop, Me).Text;
        _states.Issue(Other, Me);
        Assert.Null(_states.TakeOnly(Me));
        Assert.True(_states.Close(Other, Me));
        Assert.False(_states.Close(Other, Me));
        Assert.Null(_states.TakeOnly("key-2"));
        Assert.Equal(Prop, _states.TakeOnly(Me));
        Assert.Equal(StateRefusal.Used, _states.Take(text, Me).Refusal);
        _states.Issue(Prop, Me);
        _time.Advance(TimeSpan.FromMinutes(11));
        Assert.Null(_states.TakeOnly(Me));
    }

    [Fact]
    public void The_authorise_address_has_everything_escaped()
    {
        var settings = new OAuthSettings { ClientId = "id &1", ClientSecret = "very secret", RedirectUri = "https://me.example/ctrader/oauth/callback?x=1" };
        Assert.Equal(
            "https://id.ctrader.com/my/settings/openapi/grantingaccess/?client_id=id%20%261&redirect_uri=https%3A%2F%2Fme.example%2Fctrader%2Foauth%2Fcallback%3Fx%3D1&scope=trading&product=web&state=a.b",
            settings.Authorize(OAuthScope.Trading, "a.b").AbsoluteUri);
        Assert.Contains("scope=accounts&", settings.Authorize(OAuthScope.Accounts, "s").AbsoluteUri, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", settings.ToString(), StringComparison.Ordinal);
    }

    private static byte[] Key(byte seed) => [.. Enumerable.Range(0, 32).Select(i => (byte)(i + seed))];
}
