using Lockstep.Domain;
using Lockstep.MetaTrader.Translate;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.MetaTrader.Session;

/// <content>History on request: one question at a time, as a terminal answers them between its trades.</content>
public sealed partial class TerminalSession
{
    private Queue<(DataRequest Request, Action<DataAnswer> Answer)>? _fetches;
    private FetchInProgress? _fetch;
    private long _fetchId;

    /// <inheritdoc/>
    public void Fetch(DataRequest request, Action<DataAnswer> answer)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(answer);
        lock (_gate)
        {
            Counters.Add(TerminalCount.Fetches);
            if (Fetches.Problem(request, Settings.Platform) is { } problem)
            {
                Fetched(answer, new DataRefused(Refusal.InvalidRequest, problem));
            }
            else if (_stopped || !_open)
            {
                Fetched(answer, new DataRefused(Refusal.NotSent, "no terminal of the account is connected"));
            }
            else if (_fetches?.Count >= Options.FetchesMost)
            {
                Fetched(answer, new DataRefused(Refusal.Busy, $"{Options.FetchesMost} questions wait already"));
            }
            else
            {
                (_fetches ??= new()).Enqueue((request, answer));
                NextFetch();
            }
        }

        Drain();
    }

    private void NextFetch()
    {
        if (_fetch is null && _open && _active is { } link && _fetches is not null && _fetches.TryDequeue(out var next))
        {
            _fetch = new FetchInProgress(++_fetchId, next.Request, next.Answer, _hub.Mono);
            Send(link, Fetches.Message(next.Request, _fetchId, _clock));
        }
    }

    private void Fetched(Action<DataAnswer> answer, DataAnswer rows)
    {
        if (rows is DataRefused)
        {
            Counters.Add(TerminalCount.FetchesRefused);
        }

        Put(EffectKind.Fetched, answer, rows);
    }

    private void TakeData(TerminalLink link, DataMessage data, long now)
    {
        if (_fetch is not { } fetch || fetch.Id != data.Id)
        {
            // The answer to a question that nobody waits for any more.
            return;
        }

        if (data.Why.Length > 0)
        {
            End(fetch, new DataRefused(Refusal.Other, Sentence(data.Why, 200)));
        }
        else if (fetch.Add(data, Options.PartsMost, Options.ObjectsMost, _clock) is { } problem)
        {
            Refuse(link, problem, now);
            End(fetch, new DataRefused(Refusal.Other, $"the terminal's answer cannot be used: {problem}"));
        }
        else if (fetch.IsWhole)
        {
            End(fetch, fetch.Rows(_clock));
        }
    }

    private void End(FetchInProgress fetch, DataAnswer rows)
    {
        _fetch = null;
        Fetched(fetch.Answer, rows);
        NextFetch();
    }

    private void TickFetches(long now)
    {
        if (_fetch is { } fetch && now - fetch.SentAt >= (long)Options.FetchWithin.TotalMilliseconds)
        {
            End(fetch, new DataRefused(Refusal.Busy, $"the terminal did not answer in {Options.FetchWithin.TotalSeconds:0} s"));
        }
    }

    private void FailFetches(string why)
    {
        if (_fetch is { } fetch)
        {
            _fetch = null;
            Fetched(fetch.Answer, new DataRefused(Refusal.NotSent, why));
        }

        while (_fetches is not null && _fetches.TryDequeue(out var next))
        {
            Fetched(next.Answer, new DataRefused(Refusal.NotSent, why));
        }

        _fetches = null;
    }
}
