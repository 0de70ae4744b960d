using Lockstep.CTrader.Session;

namespace Lockstep.Server.Tests.Configuration;

public class CTraderConfigTests
{
    private const string Section = "\"ctrader\": { \"clientId\": \"id\", \"clientSecret\": { \"env\": \"SHORT\" }, \"redirectUri\": \"https://me.example/ctrader/oauth/callback\" }";

    [Fact]
    public void An_account_and_the_registration_are_read()
    {
        var config = Config.Read(With("\"platform\": \"ctrader\", \"ctidTraderAccountId\": 9007199254740991, \"environment\": \"live\", \"answerTimeout\": \"3s\", \"absenceHorizon\": \"20s\"")).Config!;
        var account = Assert.Single(config.Accounts);
        Assert.Equal(("ctrader", "ctrader", (long?)9_007_199_254_740_991, (OpenApiEnvironment?)OpenApiEnvironment.Live), (account.Platform, account.Kind, account.CTrader!.Ctid, account.CTrader.Environment));
        Assert.Equal((TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(20)), (account.CTrader.AnswerTimeout, account.CTrader.AbsenceHorizon));
        Assert.Equal(("id", false, "demo.ctraderapi.com:5035", "live.ctraderapi.com:5035"), (config.CTrader!.ClientId, config.CTrader.StateMayBeMissing, config.CTrader.Demo!.ToString(), config.CTrader.Live!.ToString()));
        Assert.Equal("https://openapi.ctrader.com/apps/token", config.CTrader.TokenUrl.AbsoluteUri);
    }

    [Theory]
    [InlineData("\"clientId\": \"id\"", "\"clientId\": \"\"", "ctrader.clientId")]
    [InlineData("\"clientId\": \"id\", ", "", "ctrader.clientId")]
    [InlineData("SHORT", "NONE", "ctrader.clientSecret", "environment variable NONE is not set")]
    [InlineData("{ \"env\": \"SHORT\" }", "\"secret\"", "ctrader.clientSecret")]
    [InlineData("https://me.example/ctrader", "ftp://me.example", "ctrader.redirectUri")]
    [InlineData("\"clientId\"", "\"tokenUrl\": \"http://tokens.example/\", \"clientId\"", "ctrader.tokenUrl", "must begin with https://")]
    [InlineData("\"clientId\"", "\"authorizeUrl\": \"http://consent.example/\", \"clientId\"", "ctrader.authorizeUrl", "must begin with https://")]
    [InlineData("\"clientId\"", "\"hosts\": { \"trust\": \"nowhere.pem\" }, \"clientId\"", "ctrader.hosts.trust", "cannot be read")]
    [InlineData("\"clientId\"", "\"hosts\": { \"port\": 0 }, \"clientId\"", "ctrader.hosts.port")]
    [InlineData("\"ctrader\":", "\"secretKey\": { \"env\": \"KEY\" }, \"ctrader\":", "secretKey", "must hold 32 to 512")]
    [InlineData("\"platform\": \"ctrader\"", "\"platform\": \"ctrader\", \"environment\": \"paper\"", "accounts.mine.environment")]
    [InlineData("\"platform\": \"ctrader\"", "\"platform\": \"ctrader\", \"ctidTraderAccountId\": 0", "accounts.mine.ctidTraderAccountId")]
    [InlineData("\"platform\": \"ctrader\"", "\"platform\": \"ctrader\", \"login\": 5", "accounts.mine.login")]
    public void What_is_wrong_is_told_at_its_place(string old, string replacement, string path, string text = "")
    {
        string good = With("\"platform\": \"ctrader\"");
        Assert.Contains(old, good, StringComparison.Ordinal);
        var read = Config.Read(good.Replace(old, replacement, StringComparison.Ordinal));
        Assert.Null(read.Config);
        Assert.Contains(read.Errors, e => e.Path == path && e.ToString().Contains(text, StringComparison.Ordinal));
    }

    [Fact]
    public void An_account_needs_the_registration()
    {
        var error = Assert.Single(Config.Read("""{ "server": { "auth": "none" }, "accounts": { "mine": { "platform": "ctrader" } } }""").Errors);
        Assert.Equal("ctrader", error.Path);
        Assert.Contains("'mine'", error.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void One_trading_account_has_one_name() =>
        Assert.Contains("'mine' has the same number", Assert.Single(Config.Read(With("\"platform\": \"ctrader\", \"ctidTraderAccountId\": 5 }, \"two\": { \"platform\": \"ctrader\", \"ctidTraderAccountId\": 5")).Errors).Text, StringComparison.Ordinal);

    private static string With(string account) => $$"""{ "server": { "auth": "none" }, {{Section}}, "accounts": { "mine": { {{account}} } } }""";
}
