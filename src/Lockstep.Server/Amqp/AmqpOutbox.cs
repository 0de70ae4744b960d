using Lockstep.Storage;

namespace Lockstep.Server.Amqp;

/// <summary>
/// Brings events from the log to the broker, in their order, each until the broker has confirmed it. The log itself is the outbox: a cursor in it says how far the broker's confirmations go, and nothing after the cursor is ever
/// pruned. The cursor is saved some time after the confirmation; whoever dies in between publishes some events again, under the same event_id.
/// </summary>
/// <param name="log">The log.</param>
/// <param name="messages">Makes messages.</param>
/// <param name="unconfirmed">So many may be under way.</param>
/// <param name="time">The clock.</param>
internal sealed class AmqpOutbox(IEventLog log, Messages messages, int unconfirmed, TimeProvider time)
{
    /// <summary>The cursor's name in the log.</summary>
    public const string Reader = "amqp";

    private const int Batch = 256;

    /// <summary>Between two writes of the cursor: it shares its disk with the trades.</summary>
    private static readonly TimeSpan CursorPause = TimeSpan.FromMilliseconds(200);

    /// <summary>A broker that takes events and confirms none for so long is not well.</summary>
    private static readonly TimeSpan ConfirmWithin = TimeSpan.FromSeconds(30);

    private readonly Signal _wake = new();
    private readonly Signal _moved = new();
    private readonly Lock _gate = new();
    private ConfirmWindow _window = new(1, 0);
    private long _saved;
    private long _before;
    private long _confirmedAt;
    private bool _refused;

    /// <summary>Number of the last event that the broker confirmed together with all before it.</summary>
    public long Done => _window.Done;

    /// <summary>Events under way.</summary>
    public int Unconfirmed => _window.Count;

    /// <summary>Events that were confirmed since the start.</summary>
    public long Confirmed => Done - _before;

    /// <summary>Refusals (nack) since the start.</summary>
    public long Refusals { get; private set; }

    /// <summary>The log's cursor as it must stand before anything is told: without a section its events are nobody's, and with a new one it begins at the end.</summary>
    public static async Task PrepareAsync(IEventLog log, bool wanted)
    {
        long? cursor = log.Cursor(Reader);
        if (!wanted && cursor is not null)
        {
            await log.DeleteCursorAsync(Reader);
        }
        else if (wanted && cursor is null)
        {
            await log.SaveCursorAsync(Reader, log.LastEvent);
        }
    }

    /// <summary>Reads where it was.</summary>
    public void Begin()
    {
        _saved = _before = log.Cursor(Reader) ?? log.LastEvent;
        _window = new ConfirmWindow(unconfirmed, _saved);
    }

    /// <summary>There is something new to do.</summary>
    public void Wake() => _wake.Set();

    /// <summary>The broker confirmed.</summary>
    public void Confirm(ulong number, bool upToIt)
    {
        if (_window.Confirm(number, upToIt))
        {
            _moved.Set();
        }

        _confirmedAt = time.GetTimestamp();
        _wake.Set();
    }

    /// <summary>The broker refused one: it is published again over another connection, and what came after it too, so that their order is kept.</summary>
    public void Refuse()
    {
        lock (_gate)
        {
            _refused = true;
            Refusals++;
        }

        _wake.Set();
    }

    /// <summary>Publishes over a link until it is lost or <paramref name="cancel"/> says so.</summary>
    /// <param name="publish">Publishes one message; one at a time.</param>
    /// <param name="blocked">The broker takes nothing for now.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task PumpAsync(Func<Message, long, CancellationToken, Task> publish, Func<bool> blocked, CancellationToken cancel)
    {
        _window = new ConfirmWindow(unconfirmed, _window.Done);
        lock (_gate)
        {
            _refused = false;
        }

        _confirmedAt = time.GetTimestamp();
        long last = _window.Done;
        var waiting = new Queue<EventRow>();
        await using var look = time.CreateTimer(_ => _wake.Set(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            Check(blocked());
            if (blocked() || _window.IsFull || !Fill(waiting, ref last))
            {
                await _wake.WaitAsync(cancel);
                continue;
            }

            var row = waiting.Dequeue();
            if (_window.Count == 0)
            {
                _confirmedAt = time.GetTimestamp();
            }

            // Before it is sent: the confirmation may be quicker than the sending's return.
            _window.Add(row.Id);
            await publish(messages.Of(row), row.Id, cancel);
        }
    }

    /// <summary>Waits until nothing is under way.</summary>
    public async Task SettledAsync()
    {
        while (_window.Count > 0)
        {
            await _wake.WaitAsync(CancellationToken.None);
        }
    }

    /// <summary>Saves the cursor when it moved, until cancelled; then once more.</summary>
    public async Task KeepCursorAsync(CancellationToken cancel)
    {
        try
        {
            while (!cancel.IsCancellationRequested)
            {
                await Task.WhenAny(_moved.WaitAsync(cancel));
                await SaveAsync();
                await Task.WhenAny(Task.Delay(CursorPause, time, cancel));
            }

            await SaveAsync();
        }
        catch (JournalFailedException)
        {
            // The store can write no more, and the product ends for it; what was confirmed is published again.
        }
    }

    private async Task SaveAsync()
    {
        long done = _window.Done;
        if (done > _saved)
        {
            await log.SaveCursorAsync(Reader, done);
            _saved = done;
        }
    }

    private bool Fill(Queue<EventRow> waiting, ref long last)
    {
        if (waiting.Count == 0 && last < log.LastEvent)
        {
            foreach (var row in log.Events(new EventQuery { After = last, Limit = Batch }))
            {
                waiting.Enqueue(row);
                last = row.Id;
            }
        }

        return waiting.Count > 0;
    }

    private void Check(bool blocked)
    {
        lock (_gate)
        {
            if (_refused)
            {
                throw new AmqpTroubleException("the broker could not take an event (nack), as a queue that is full and rejects what comes does; it is published again");
            }
        }

        if (blocked)
        {
            _confirmedAt = time.GetTimestamp();
        }
        else if (_window.Count > 0 && time.GetElapsedTime(_confirmedAt) > ConfirmWithin)
        {
            throw new AmqpTroubleException($"the broker confirmed nothing for {ConfirmWithin.TotalSeconds:0} s; what is under way is published again");
        }
    }
}
