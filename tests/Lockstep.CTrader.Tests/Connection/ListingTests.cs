using Lockstep.CTrader.Session;
using Lockstep.CTrader.Wire.Proto;

namespace Lockstep.CTrader.Tests.Connection;

/// <summary>Which accounts a token covers.</summary>
public sealed class ListingTests
{
    private const string Token = "the-access-token";
    private readonly Exchange _exchange = new();
    private readonly List<CtidAccounts> _answers = [];

    [Fact]
    public void A_line_is_dialled_for_the_question_and_closed_after_it()
    {
        Ask(OpenApiEnvironment.Live);
        Assert.Equal(OpenApiEnvironment.Live, _exchange.Wire.Environment);
        _exchange.Wire.Accept();
        Answer(ProtoOAClientPermissionScope.ScopeTrade);
        var found = Assert.Single(_answers);
        Assert.Null(found.Problem);
        Assert.False(found.ViewOnly);
        Assert.Equal([new CtidAccount(11, true, 5001, "Broker"), new CtidAccount(12, false, 5002, "")], found.Accounts);
        Assert.False(_exchange.Wire.IsOpen);
    }

    [Fact]
    public void A_line_that_is_up_is_used_whatever_its_environment()
    {
        _exchange.Ready();
        Ask(OpenApiEnvironment.Live);
        Answer(ProtoOAClientPermissionScope.ScopeView);
        Assert.True(Assert.Single(_answers).ViewOnly);
        Assert.Single(_exchange.Dialer.Wires);
        Assert.True(_exchange.Wire.IsOpen);
    }

    [Fact]
    public void A_refused_token_is_said_without_the_token()
    {
        _exchange.Ready();
        Ask();
        _exchange.Wire.Refuse("CH_ACCESS_TOKEN_INVALID", $"{Token} expired", _exchange.Wire.Taken<ProtoOAGetAccountListByAccessTokenReq>().ClientMsgId);
        Assert.Equal("CH_ACCESS_TOKEN_INVALID: … expired", Assert.Single(_answers).Problem);
    }

    [Fact]
    public void No_answer_is_told_after_30_seconds_dialling_included()
    {
        Ask();
        _exchange.Pass(10);
        _exchange.Wire.Accept();
        _exchange.Pass(19.95);
        Assert.Empty(_answers);
        _exchange.Pass(0.05);
        Assert.NotNull(Assert.Single(_answers).Problem);
        Assert.False(_exchange.Wire.IsOpen);
    }

    [Fact]
    public void A_server_that_cannot_be_reached_is_told_after_30_seconds_with_the_reason()
    {
        Ask();
        while (_answers.Count == 0)
        {
            _exchange.Wire.Break("refused");
            for (int dials = _exchange.Dialer.Wires.Count; _answers.Count == 0 && _exchange.Dialer.Wires.Count == dials;)
            {
                _exchange.Pass(0.05);
            }
        }

        Assert.Equal(30_000, _exchange.Now);
        Assert.Equal("no connection: refused", Assert.Single(_answers).Problem);
        Assert.Equal(OpenApiLineState.Idle, Assert.Single(_exchange.Hub.Connections).State);
    }

    [Fact]
    public void A_question_that_was_lost_is_asked_again_on_the_next_line()
    {
        Ask();
        _exchange.Wire.Accept();
        _exchange.Wire.Break();
        Assert.Empty(_answers);
        _exchange.UntilDialled();
        _exchange.Wire.Accept();
        Answer(ProtoOAClientPermissionScope.ScopeTrade);
        Assert.Null(Assert.Single(_answers).Problem);
    }

    [Fact]
    public void A_refused_application_is_told_at_once_and_later_questions_do_not_dial()
    {
        Ask();
        _exchange.Wire.Connect();
        _exchange.Wire.Refuse("CH_CLIENT_AUTH_FAILURE", "OA client is not in active state", _exchange.Wire.All[0].ClientMsgId);
        Assert.Contains("not in active state", Assert.Single(_answers).Problem, StringComparison.Ordinal);
        Ask();
        Assert.Equal(2, _answers.Count);
        Assert.Equal(_answers[0].Problem, _answers[1].Problem);
        Assert.Single(_exchange.Dialer.Wires);
    }

    [Fact]
    public void Several_questions_are_answered_each_by_its_own()
    {
        _exchange.Ready();
        Ask(token: "a");
        Ask(token: "b");
        var sent = _exchange.Wire.Taken();
        _exchange.Wire.Say(new ProtoOAGetAccountListByAccessTokenRes { AccessToken = "b", CtidTraderAccount = { new ProtoOACtidTraderAccount { CtidTraderAccountId = 2 } } }, sent[1].ClientMsgId);
        _exchange.Wire.Say(new ProtoOAGetAccountListByAccessTokenRes { AccessToken = "a", CtidTraderAccount = { new ProtoOACtidTraderAccount { CtidTraderAccountId = ulong.MaxValue } } }, sent[0].ClientMsgId);
        Assert.Equal(2, _answers[0].Accounts.Single().CtidTraderAccountId);
        // A number that cannot be is not passed on.
        Assert.Empty(_answers[1].Accounts);
        Assert.Null(_answers[1].Problem);
    }

    [Fact]
    public void A_receiver_that_throws_harms_nobody()
    {
        _exchange.Ready();
        _exchange.Hub.ListAccounts(OpenApiEnvironment.Demo, Token, _ => throw new InvalidOperationException());
        Answer(ProtoOAClientPermissionScope.ScopeTrade);
        Assert.Equal(1, _exchange.Count(CTraderCount.SinkErrors));
        Ask();
        Answer(ProtoOAClientPermissionScope.ScopeTrade);
        Assert.Single(_answers);
    }

    private void Ask(OpenApiEnvironment environment = OpenApiEnvironment.Demo, string token = Token) => _exchange.Hub.ListAccounts(environment, token, answer =>
    {
        Assert.False(_exchange.Hub.Gate.IsHeldByCurrentThread);
        _answers.Add(answer);
    });

    private void Answer(ProtoOAClientPermissionScope scope)
    {
        var sent = _exchange.Wire.Taken<ProtoOAGetAccountListByAccessTokenReq>();
        Assert.Equal(Token, ((ProtoOAGetAccountListByAccessTokenReq)sent.Body!).AccessToken);
        _exchange.Wire.Say(
            new ProtoOAGetAccountListByAccessTokenRes
            {
                AccessToken = Token,
                PermissionScope = scope,
                CtidTraderAccount =
                {
                    new ProtoOACtidTraderAccount { CtidTraderAccountId = 11, IsLive = true, TraderLogin = 5001, BrokerTitleShort = "Broker" },
                    new ProtoOACtidTraderAccount { CtidTraderAccountId = 12, TraderLogin = 5002 },
                },
            },
            sent.ClientMsgId);
    }
}
