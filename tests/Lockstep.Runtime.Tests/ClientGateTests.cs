using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Runtime.Tests;

/// <summary>An API call waits for its answer, not longer than it wants to.</summary>
public class ClientGateTests
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(1);

    private readonly Bench _bench = new Bench().Begin();
    private readonly ClientGate _gate;

    public ClientGateTests()
    {
        _gate = new ClientGate(_bench.Time);
        _bench.OnAnswer = answer => _gate.Answered("g", answer);
    }

    [Fact]
    public async Task The_final_answer_ends_the_wait()
    {
        var call = _gate.SubmitAsync(_bench.Core, Place("one"), Wait);
        _bench.Work();
        Assert.False(call.IsCompleted);
        AnswerLast(OrderOutcome.Done);
        var answer = await call;
        Assert.Equal((ClientState.Done, new PositionId(5)), (answer.State, answer.Position));
        Assert.Equal(0, _gate.Waiting);
    }

    [Fact]
    public async Task When_time_is_up_the_caller_learns_how_it_stands_and_may_ask_again()
    {
        var call = _gate.SubmitAsync(_bench.Core, Place("one"), Wait);
        _bench.Work();
        _bench.Time.Advance(Wait);
        Assert.Equal(ClientState.InFlight, (await call).State);

        var again = _gate.SubmitAsync(_bench.Core, Place("one"), Wait);
        _bench.Work();
        Assert.Single(_bench.Session(Bench.Target).Sent);
        AnswerLast(OrderOutcome.Done);
        Assert.Equal(ClientState.Done, (await again).State);
    }

    [Fact]
    public async Task Unknown_is_not_final()
    {
        var call = _gate.SubmitAsync(_bench.Core, Place("one"), TimeSpan.FromSeconds(10));
        _bench.Work();
        _bench.Time.Advance(TimeSpan.FromSeconds(3));
        _bench.Work();
        Assert.Equal(ClientState.Unknown, _bench.Answers[^1].Answer.State);
        Assert.False(call.IsCompleted);
        _bench.Time.Advance(TimeSpan.FromSeconds(7));
        Assert.Equal(ClientState.Unknown, (await call).State);
    }

    [Fact]
    public async Task Two_calls_with_one_id_get_one_answer_and_one_order()
    {
        var first = _gate.SubmitAsync(_bench.Core, Place("one"), Wait);
        var second = _gate.SubmitAsync(_bench.Core, Place("one"), Wait);
        _bench.Work();
        Assert.Single(_bench.Session(Bench.Target).Sent);
        AnswerLast(OrderOutcome.Refused);
        Assert.Equal(ClientState.Refused, (await first).State);
        Assert.Equal(ClientState.Refused, (await second).State);
    }

    [Fact]
    public async Task A_group_that_takes_nothing_refuses_at_once()
    {
        _bench.Core.Stop();
        var answer = await _gate.SubmitAsync(_bench.Core, Place("one"), Wait);
        Assert.Equal(ClientState.Refused, answer.State);
        Assert.Contains("nothing was done", answer.Code, StringComparison.Ordinal);
        Assert.Equal(0, _gate.Waiting);
    }

    private static ClientPlace Place(string id) => new() { Account = Bench.Target, ClientId = id, Symbol = Bench.Symbol, Side = Side.Buy, Volume = new(0.10m) };

    private void AnswerLast(OrderOutcome outcome)
    {
        var sent = _bench.Session(Bench.Target).Sent[^1];
        bool done = outcome == OrderOutcome.Done;
        if (done)
        {
            _bench.Change(Bench.Target, _bench.Position(5, key: sent.Key));
        }

        _bench.Core.Report(new OrderAnswered
        {
            Account = Bench.Target, Epoch = 1, Key = sent.Key, Outcome = outcome, Refusal = done ? Refusal.None : Refusal.Rejected,
            Position = done ? new PositionId(5) : null, Filled = done ? new(0.10m) : default, Price = done ? new Price(1.1m) : null,
        });
        _bench.Work();
    }
}
