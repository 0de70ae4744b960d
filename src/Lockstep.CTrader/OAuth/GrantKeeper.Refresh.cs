using Lockstep.CTrader.Session;
using Lockstep.Domain;

namespace Lockstep.CTrader.OAuth;

/// <summary>The loop, and one refresh from mark to pair.</summary>
public sealed partial class GrantKeeper
{
    private static readonly TimeSpan LookEach = TimeSpan.FromHours(1);

    /// <summary>Sets the loop going.</summary>
    public void Start() => _loop = RunAsync();

    /// <summary>Begins nothing more, and waits a little for what is under way.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        Wake();
        await _loop.ConfigureAwait(false);
        Task[] running;
        lock (_gate)
        {
            running = [.. _running];
        }

        _abandon.CancelAfter(_rules.Grace);
        await Task.WhenAll(running).ConfigureAwait(false);
        _stop.Dispose();
        _abandon.Dispose();
        _wake.Dispose();
        _writing.Dispose();
    }

    /// <summary>Begins what is due now; the task ends when all of it has ended. The loop's one step.</summary>
    internal Task StepAsync()
    {
        List<Entry> due = [];
        List<GrantId> expired = [];
        lock (_gate)
        {
            var now = Now;
            foreach (var entry in _grants.Values)
            {
                if (entry.Due <= now && !entry.Busy)
                {
                    entry.Busy = true;
                    due.Add(entry);
                }

                if (Look(entry))
                {
                    expired.Add(entry.Record.Id);
                    Write(CTraderLogLevel.Alert, $"{_name(entry.Record.Id)}: {Standing(entry).Problem}");
                }
            }
        }

        expired.ForEach(grant => Changed?.Invoke(grant));
        return Task.WhenAll(due.Select(Begin));
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            _ = StepAsync();
            using var pause = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            var timer = Task.Delay(UntilNext(), _time, pause.Token);
            var woken = _wake.WaitAsync(pause.Token);
            await Task.WhenAny(timer, woken).ConfigureAwait(false);
            await pause.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(timer, woken).ContinueWith(static _ => { }, TaskScheduler.Default).ConfigureAwait(false);
        }
    }

    /// <summary>Until something is due or expires. Never long, as somebody may set the clock.</summary>
    private TimeSpan UntilNext()
    {
        lock (_gate)
        {
            var now = Now;
            var next = now + LookEach;
            foreach (var entry in _grants.Values)
            {
                next = !entry.Busy && entry.Due is { } due && due < next ? due : next;
                next = entry.Told is not null && entry.Record.ExpiresAt < next ? entry.Record.ExpiresAt : next;
            }

            return next > now ? next - now : TimeSpan.FromMilliseconds(1);
        }
    }

    private Task Begin(Entry entry)
    {
        var task = CarryOutAsync(entry);
        lock (_gate)
        {
            _running.Add(task);
        }

        return task.ContinueWith(
            done =>
            {
                lock (_gate)
                {
                    _running.Remove(done);
                }
            },
            TaskScheduler.Default);
    }

    private async Task CarryOutAsync(Entry entry)
    {
        try
        {
            await RefreshAsync(entry).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // A vault that cannot be written, or a mistake here, must not end the keeping of all other grants.
        catch (Exception error)
#pragma warning restore CA1031
        {
            // What an exception says may come from anywhere; its kind is enough, and holds no secret.
            Retry(entry, $"its tokens could not be written down ({error.GetType().Name})", null, alert: entry.Unsaved is not null);
        }
        finally
        {
            bool changed;
            lock (_gate)
            {
                entry.Busy = false;
                changed = !entry.Gone && Look(entry);
                Wake();
            }

            if (changed)
            {
                Changed?.Invoke(entry.Record.Id);
            }
        }
    }

    private async Task RefreshAsync(Entry entry)
    {
        if (entry.Unsaved is not null)
        {
            await TakeAsync(entry).ConfigureAwait(false);
            return;
        }

        var before = entry.Record;
        bool doubt = before.RefreshSince is not null;
        if (!doubt && !await SaveAsync(entry, before with { RefreshSince = Now }).ConfigureAwait(false))
        {
            return;
        }

        switch (await _endpoint.RefreshAsync(before.Refresh, _abandon.Token).ConfigureAwait(false))
        {
            case TokenGranted granted:
                entry.Unsaved = Record(before.Id, before.Version + 1, granted.Pair, Now);
                await TakeAsync(entry).ConfigureAwait(false);
                break;
            case TokenRefused { Application: true } refused:
                // Nothing was exchanged: the application was turned away before its token was looked at.
                await SaveAsync(entry, before).ConfigureAwait(false);
                Retry(entry, $"the token endpoint refuses the application ({refused.Code} {refused.Text}); check clientId and clientSecret", null, alert: true);
                break;
            case TokenRefused refused:
                await LoseAsync(entry, before, refused, doubt).ConfigureAwait(false);
                break;
            case TokenUnavailable none:
                if (!doubt && !none.MayHaveArrived)
                {
                    await SaveAsync(entry, before).ConfigureAwait(false);
                }

                Retry(entry, none.Why, none.RetryAfter, alert: entry.Tries + 1 == _rules.TriesBeforeAlert);
                break;
        }
    }

    /// <summary>Into the vault, and only then into use.</summary>
    private async Task TakeAsync(Entry entry)
    {
        var next = entry.Unsaved!;
        if (!await SaveAsync(entry, next).ConfigureAwait(false))
        {
            return;
        }

        lock (_gate)
        {
            entry.Unsaved = null;
            (entry.Tries, entry.Problem) = (0, null);
            (entry.BornOfRefusal, entry.Because) = (entry.Because, false);
            entry.Due = _rules.DueOf(next, _dice());
        }

        Write(CTraderLogLevel.Info, $"{_name(next.Id)}: tokens refreshed, pair {next.Version}, until {next.ExpiresAt}");
    }

    /// <summary>
    /// The refresh token is of no use. Where an earlier try may have been answered unheard, the pair it gave is lost and the old access token dead; otherwise nothing was exchanged, and the access token
    /// may serve to its end: accounts that trade are not disturbed before.
    /// </summary>
    private async Task LoseAsync(Entry entry, GrantRecord before, TokenRefused refused, bool doubt)
    {
        string why = doubt
            ? $"the answer to an earlier refresh was lost, and the refresh token is used up ({refused.Code} {refused.Text})"
            : $"the refresh token was refused ({refused.Code} {refused.Text})";
        bool news = before.Lost is null;
        lock (_gate)
        {
            entry.Due = null;
            entry.Problem = null;
        }

        if (await SaveAsync(entry, before with { Lost = before.Lost ?? why }).ConfigureAwait(false) && news)
        {
            Write(CTraderLogLevel.Alert, $"{_name(before.Id)}: {Find(before.Id)?.Problem ?? why}");
        }
    }

    private void Retry(Entry entry, string why, TimeSpan? notBefore, bool alert)
    {
        lock (_gate)
        {
            if (entry.Gone)
            {
                return;
            }

            entry.Tries++;
            entry.Problem = why;
            var pause = _rules.PauseAfter(entry.Tries);
            entry.Due = Now + (notBefore > pause ? (notBefore.Value < LookEach ? notBefore.Value : LookEach) : pause);
        }

        Write(alert ? CTraderLogLevel.Alert : CTraderLogLevel.Warning, $"{_name(entry.Record.Id)}: {why}; tried again at {entry.Due}");
    }

    /// <summary>Writes a record and makes it the entry's. False = the grant was replaced or forgotten meanwhile, and nothing is written over that.</summary>
    private async Task<bool> SaveAsync(Entry entry, GrantRecord record)
    {
        await _writing.WaitAsync().ConfigureAwait(false);
        try
        {
            if (entry.Gone)
            {
                return false;
            }

            await _vault.SaveAsync(record).ConfigureAwait(false);
            lock (_gate)
            {
                entry.Record = record;
                return true;
            }
        }
        finally
        {
            _writing.Release();
        }
    }
}
