using Lockstep.Domain;
using Lockstep.Server.Security;
using Lockstep.Server.WebSockets;

namespace Lockstep.Server.Streams;

/// <summary>
/// One who listens. It stands at a place in the order of events and at a turn of the latest values; whenever its connection has nothing more to send, it is given what came since. Everything here but
/// what <see cref="IWsLink"/> brings is the pump's.
/// </summary>
internal abstract partial class StreamClient : IWsLink
{
    /// <summary>So much is put together for one sending.</summary>
    private const int Piece = 64 * 1024;

    /// <summary>So many events are read from the log at once.</summary>
    private const int RowsAtOnce = 256;

    /// <summary>So many answers to its messages may wait for a client that does not read.</summary>
    private const int AnswersMost = 4_096;

    private readonly Queue<byte[]> _answers = new();
    private readonly Queue<EventFrame> _backlog = new();
    private readonly WsConnection _connection;
    private Task _work = Task.CompletedTask;
    private StreamView? _view;
    private Dictionary<AccountId, long>? _floors;
    private long _viewTurn;
    private long _viewChanges;
    private long _generation;
    private long _through;
    private long _heardAt;
    private TimeSpan _pingAt;
    private TimeSpan _messagesAt;
    private double _messages;
    private int _errors;
    private bool _holding;
    private bool _reading;
    private bool _joined;
    private bool _gone;

    /// <summary>Of a connection that does not stand yet.</summary>
    protected StreamClient(StreamHub hub, WsConnection connection, Caller caller)
    {
        (Hub, _connection, Caller, _messages) = (hub, connection, caller, hub.Limits.MessagesAtOnce);
        (_messagesAt, _pingAt) = (hub.Elapsed, hub.Elapsed + hub.Limits.PingEvery);
        _heardAt = hub.Elapsed.Ticks;
    }

    /// <summary>The hub.</summary>
    protected StreamHub Hub { get; }

    /// <summary>Who listens.</summary>
    protected Caller Caller { get; }

    /// <summary>The last event that it was given, or passed over.</summary>
    protected long Cursor { get; private set; }

    /// <summary>The events that it wants.</summary>
    protected EventFilter Filter { get; private set; } = EventFilter.Nothing;

    /// <summary>The connection is gone.</summary>
    protected bool Gone => _gone;

    /// <summary>Counts what it wanted, one after another: what was begun for an earlier wish is no longer wanted.</summary>
    protected long Generation => _generation;

    /// <inheritdoc/>
    public void Opened() => Hub.Post(() =>
    {
        _joined = true;
        Hub.Join(this);
        Cursor = Hub.Ring.Last;
        Joined();
        Serve();
    });

    /// <inheritdoc/>
    public void Reading(bool begins)
    {
        if (begins)
        {
            Volatile.Write(ref _heardAt, Hub.Elapsed.Ticks);
        }
    }

    /// <inheritdoc/>
    public void Received(ReadOnlySpan<byte> text)
    {
        var now = Hub.Elapsed;
        _messages = Math.Min(Hub.Limits.MessagesAtOnce, _messages + ((now - _messagesAt).TotalSeconds * Hub.Limits.MessagesPerSecond));
        _messagesAt = now;
        if (--_messages < 0)
        {
            Close(StreamClose.Refused, $"too many messages: more than {Hub.Limits.MessagesPerSecond} a second");
            return;
        }

        if (Read(text) is { } work)
        {
            // One after another: each may have to ask accounts first.
            _work = AfterAsync(_work, work);
        }
    }

    /// <inheritdoc/>
    public void Drained() => Hub.Drained(this);

    /// <inheritdoc/>
    public void Closed(string why) => Hub.Post(() =>
    {
        _gone = true;
        if (_joined)
        {
            Hub.Part(this);
            Want(null);
            Parted();
        }
    });

    /// <summary>Closes the connection. From any thread.</summary>
    public void Close(int code, string reason) => _connection.Close(code, reason);

    /// <summary>A second has passed.</summary>
    public void Beat(TimeSpan now, bool looksAtKey)
    {
        if (looksAtKey && !Hub.Desk.Stands(Caller))
        {
            Close(StreamClose.KeyEnded, "the key has ended or was changed");
        }
        else if (now - TimeSpan.FromTicks(Volatile.Read(ref _heardAt)) > Hub.Limits.SilenceMost)
        {
            Close(StreamClose.Silent, $"nothing came for {Hub.Limits.SilenceMost.TotalSeconds:0} s, not even a pong");
        }
        else if (now >= _pingAt && _connection.Ready())
        {
            _pingAt = now + Hub.Limits.PingEvery;
            _connection.SendFrames(Frames.Ping);
        }
    }

    /// <summary>The connection stands.</summary>
    protected abstract void Joined();

    /// <summary>The connection is gone.</summary>
    protected abstract void Parted();

    /// <summary>One message, on the connection's own thread; gives what is to be done for it.</summary>
    protected abstract Func<Task>? Read(ReadOnlySpan<byte> text);

    /// <summary>The event as this client is told it; null = it is not.</summary>
    protected abstract byte[]? Told(EventFrame e);

    /// <summary>Tells how many values were passed over; empty = this kind of client is not told.</summary>
    protected abstract ReadOnlySpan<byte> Conflated(long count);

    /// <summary>Events after the cursor are not kept any more.</summary>
    protected abstract void Lost();

    /// <summary>A message was wrong. Too many of them close the connection.</summary>
    protected void Mistake()
    {
        if (++_errors > Hub.Limits.ErrorsMost)
        {
            Close(StreamClose.Refused, $"{_errors} messages in a row were wrong");
        }
    }

    /// <summary>A message was right.</summary>
    protected void NoMistake() => _errors = 0;

    /// <summary>Puts an answer on its way, before everything that comes after.</summary>
    protected void Answer(byte[] frame)
    {
        if (_answers.Count >= AnswersMost)
        {
            Close(StreamClose.TooSlow, "it sends and does not read");
            return;
        }

        _answers.Enqueue(frame);
    }

    /// <summary>Answers at once, if it is still there. The pump's.</summary>
    protected void Reply(byte[] frame)
    {
        if (!_gone)
        {
            Answer(frame);
            Serve();
        }
    }

    /// <summary>Has something done on the pump, if it is still there then.</summary>
    protected Task PostAsync(Action work)
    {
        Hub.Post(() =>
        {
            if (!_gone)
            {
                work();
            }
        });
        return Task.CompletedTask;
    }

    /// <summary>Wants these values from now on, beginning with what there is; null = none.</summary>
    protected void Want(StreamView? view)
    {
        var before = _view;
        _view = view is null ? null : Hub.Use(view);
        (_viewTurn, _viewChanges) = (0, _view?.Changes ?? 0);
        if (before is not null)
        {
            Hub.Leave(before);
        }
    }

    /// <summary>Wants these values in place of others, of which it has all that are not new.</summary>
    protected void Widen(StreamView view)
    {
        long turn = _viewTurn;
        Want(view);
        _viewTurn = turn;
    }

    /// <summary>Wants these events from now on, those after <paramref name="after"/>.</summary>
    protected void Want(EventFilter filter, long after)
    {
        (Filter, Cursor, _floors, _holding) = (filter, after, null, false);
        _backlog.Clear();
        _through = 0;
        _reading = false;
        _generation++;
    }

    /// <summary>No event is told until <see cref="Go"/>.</summary>
    protected void Hold() => _holding = true;

    /// <summary>Events are told from here on, of each of these accounts only those after a number.</summary>
    protected void Go(Dictionary<AccountId, long>? floors) => (_holding, _floors) = (false, floors);

    /// <summary>Does something beside the pump; what goes wrong with it ends this client and no other.</summary>
    protected async Task TryAsync(Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever it is, it must not be lost: the client would wait for ever.
        catch (Exception error)
#pragma warning restore CA1031
        {
            Hub.Mistake(this, error);
        }
    }

    private async Task AfterAsync(Task before, Func<Task> work)
    {
        await before.ConfigureAwait(false);
        await TryAsync(work).ConfigureAwait(false);
    }
}
