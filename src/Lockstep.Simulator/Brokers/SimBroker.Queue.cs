using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <content>The dealing queue: how a request from a program is delayed, refused, delayed beyond reason, or answered wrongly.</content>
public abstract partial class SimBroker
{
    private readonly SortedDictionary<(long Due, long Number), QueuedRequest> _queue = [];
    private readonly Dictionary<long, Answer> _answers = [];
    private readonly List<FollowUp> _followUps = [];
    private long _requestNumber;
    private long _second;
    private int _requestsInSecond;
    private bool _running;

    private sealed record Answer(Action<NativeReply> Reply, TimeSpan Late);

    private sealed record FollowUp(TimeSpan Delay, NativeRequest Request);

    /// <summary>How many requests wait in the dealing queue.</summary>
    public int QueuedRequests => _queue.Count;

    /// <summary>
    /// Takes a request that came over the network. It is executed after the execution delay; <paramref name="reply"/> is called once with the platform's answer, late, or not at all,
    /// as <see cref="Faults"/> say. Returns what becomes of the answer, for a server that also tells of a request by events.
    /// </summary>
    public ReplyTerms Submit(NativeRequest request, Action<NativeReply> reply)
    {
        CatchUp();
        var dice = Dice.Fork(++_requestNumber);
        var faults = Faults;
        var delay = dice.NextSpan(Settings.ExecutionDelayMin, Settings.ExecutionDelayMax);
        if (TooFrequent())
        {
            Settle();
            Clock.Schedule(TimeSpan.Zero, () => reply(Refuse(request, Verdict.TooManyRequests)));
            return default;
        }

        // Every die is cast for every request: turning one knob does not change what the others do.
        bool requote = dice.Chance(faults.RequotePercent) && IsMarketOrder(request);
        bool reject = dice.Chance(faults.RejectPercent);
        bool partial = dice.Chance(faults.PartialFillPercent);
        bool slips = dice.Chance(faults.SlippagePercent);
        bool lost = dice.Chance(faults.ReplyLostPercent);
        bool late = dice.Chance(faults.ReplyLatePercent);
        bool queued = dice.Chance(faults.ExecuteLatePercent);
        bool beyond = dice.Chance(faults.BeyondHorizonPercent);
        bool timeout = dice.Chance(faults.TimeoutThenFillPercent);
        bool cut = dice.Chance(faults.CommentCutPercent);
        bool rewritten = dice.Chance(faults.CommentRewrittenPercent);
        var lateBy = dice.NextSpan(TimeSpan.FromMilliseconds(200), faults.ReplyLateMax);
        var queuedFor = Stay(dice, faults, beyond);
        var terms = new ExecutionTerms(
            partial ? dice.Next(20, 80) : 100,
            slips ? dice.Next(-faults.SlippageMaxPoints, faults.SlippageMaxPoints) : 0,
            cut ? CommentFault.Cut : rewritten ? CommentFault.Rewritten : CommentFault.None);
        Verdict? refusal = reject ? Verdict.Rejected : requote ? Verdict.Requote : null;

        if (timeout)
        {
            Clock.Schedule(delay, () => reply(Refuse(request, Verdict.Timeout)));
            Enqueue(request, delay + queuedFor, terms, null, null);
        }
        else
        {
            var wait = queued || beyond ? delay + queuedFor : delay;
            Enqueue(request, wait, terms, refusal, lost ? null : new Answer(reply, late ? lateBy : TimeSpan.Zero));
        }

        if (timeout || queued || beyond)
        {
            // The broker owes an execution from here on; it must not be forgotten over a restart.
            Changed?.Invoke(this);
        }

        Settle();
        return timeout ? default : new ReplyTerms(lost, late ? lateBy : TimeSpan.Zero);
    }

    /// <summary>A request through a terminal of the owner: executed at once.</summary>
    private protected NativeReply Run(NativeRequest request)
    {
        CatchUp();
        var reply = Perform(request, ExecutionTerms.Clean);
        while (_followUps.Count > 0)
        {
            var next = _followUps[0].Request;
            _followUps.RemoveAt(0);
            Perform(next, ExecutionTerms.Clean);
        }

        Settle();
        return reply;
    }

    /// <summary>The server does this on its own a little later, as a consequence of what it is doing now.</summary>
    private protected void Follow(TimeSpan delay, NativeRequest request) => _followUps.Add(new FollowUp(delay, request));

    /// <summary>True for requests that ask for a price now.</summary>
    private protected abstract bool IsMarketOrder(NativeRequest request);

    private TimeSpan Stay(SimRandom dice, BrokerFaults faults, bool beyond)
    {
        // A second of margin: the request also spends the execution delay.
        var promised = faults.ExecuteLateMax ?? Settings.Horizon - Settings.ExecutionDelayMax - TimeSpan.FromSeconds(1);
        var stay = dice.NextSpan(TimeSpan.FromMilliseconds(200), promised);
        return beyond ? Settings.Horizon + Settings.AnswerTimeout + stay : stay;
    }

    private bool TooFrequent()
    {
        long second = Clock.Now.Micros / 1_000_000;
        if (second != _second)
        {
            _second = second;
            _requestsInSecond = 0;
        }

        return Settings.RequestsPerSecond > 0 && ++_requestsInSecond > Settings.RequestsPerSecond;
    }

    private void Enqueue(NativeRequest request, TimeSpan delay, ExecutionTerms terms, Verdict? refusal, Answer? answer)
    {
        long number = ++_requestNumber;
        var queued = new QueuedRequest { Number = number, Request = request, DueAt = Clock.Now + delay, Terms = terms, Refusal = refusal };
        _queue.Add((queued.DueAt.Micros, number), queued);
        if (answer is not null)
        {
            _answers.Add(number, answer);
        }

        WakeAt(queued.DueAt);
    }

    private void WakeAt(Timestamp moment) => Clock.Schedule(moment - Clock.Now, () =>
    {
        CatchUp();
        Settle();
    });

    private void RunDueRequests()
    {
        if (_running)
        {
            return;
        }

        _running = true;
        while (_queue.Count > 0 && _queue.First() is var (at, queued) && at.Due <= Clock.Now.Micros)
        {
            _queue.Remove(at);
            _answers.Remove(queued.Number, out var answer);
            var reply = queued.Refusal is { } refusal ? Refuse(queued.Request, refusal) : Perform(queued.Request, queued.Terms);
            if (_followUps.Count > 0)
            {
                // The client's answer is complete only when the server has done what belongs to it (cTrader: the protection order).
                var last = _followUps[^1];
                _followUps.RemoveAt(_followUps.Count - 1);
                QueueFollowUps();
                Enqueue(last.Request, last.Delay, ExecutionTerms.Clean, null, answer is null ? null : answer with { Reply = _ => answer.Reply(reply) });
            }
            else if (answer is not null)
            {
                Afterwards(() => Clock.Schedule(answer.Late, () => answer.Reply(reply)));
            }
        }

        _running = false;
    }

    private NativeReply Perform(NativeRequest request, ExecutionTerms terms)
    {
        var reply = Execute(request, terms);
        if (reply.Executed && request is { OwnerKey: { } key, Part: 0 })
        {
            Record(new KeyExecuted(key, request.GetType().Name, Clock.Now));
            Touch();
        }

        return reply;
    }

    private void QueueFollowUps()
    {
        foreach (var followUp in _followUps)
        {
            Enqueue(followUp.Request, followUp.Delay, ExecutionTerms.Clean, null, null);
        }

        _followUps.Clear();
    }
}
