using Lockstep.CTrader.OAuth;
using Lockstep.CTrader.Wire;
using Lockstep.Domain;

namespace Lockstep.CTrader.Session;

/// <content>
/// Callbacks. Under the lock they are queued and run one after another when the state they follow from stands, so that none of them meets a connection half way; outside it, seats and log lines
/// have their turn.
/// </content>
public sealed partial class CTraderHub
{
    private readonly Queue<Call> _calls = new();
    private readonly Queue<Action> _outside = new();
    private readonly List<IOpenApiSeat> _touched = [];
    private readonly HashSet<IOpenApiSeat> _isTouched = new(ReferenceEqualityComparer.Instance);
    private int _depth;
    private bool _speaking;

    private enum CallKind
    {
        Up,
        Down,
        Push,
        Token,
        Tick,
        Done,
    }

    /// <summary>Takes the lock for something that comes from outside; <see cref="Exit"/> wants to know what this gives: whether the caller did not hold the lock already.</summary>
    internal bool Enter()
    {
        bool outermost = !Gate.IsHeldByCurrentThread;
        Gate.Enter();
        Begin();
        return outermost;
    }

    /// <summary>Runs what is queued, gives the lock back, and lets the seats speak that were touched. A caller that holds the lock itself lets them speak later, with the next frame or look at the clock.</summary>
    internal void Exit(bool outermost)
    {
        IOpenApiSeat? one = null;
        IOpenApiSeat[]? many = null;
        bool speak = false;
        try
        {
            End();
            if (outermost)
            {
                (one, many) = TakeTouched();
                speak = _outside.Count > 0 && !_speaking;
                _speaking |= speak;
            }
        }
        finally
        {
            Gate.Exit();
        }

        if (one is not null)
        {
            Drain(one);
        }

        foreach (var seat in many ?? [])
        {
            Drain(seat);
        }

        if (speak)
        {
            Speak();
        }
    }

    /// <summary>Something begins that may lead to callbacks. Under the lock.</summary>
    internal void Begin() => _depth++;

    /// <summary>It is over: the outermost one runs the callbacks, also those that the callbacks lead to.</summary>
    internal void End()
    {
        try
        {
            if (_depth == 1)
            {
                RunCalls();
            }
        }
        finally
        {
            _depth--;
        }
    }

    internal void CallUp(OpenApiPlace place) => _calls.Enqueue(new Call(CallKind.Up, place, null, null));

    internal void CallDown(OpenApiPlace place, string why) => _calls.Enqueue(new Call(CallKind.Down, place, null, why));

    internal void CallPush(OpenApiPlace place, OpenApiMessage message) => _calls.Enqueue(new Call(CallKind.Push, place, null, message));

    internal void CallToken(OpenApiPlace place, GrantId grant) => _calls.Enqueue(new Call(CallKind.Token, place, null, grant.Value));

    internal void CallTick(OpenApiPlace place, long now) => _calls.Enqueue(new Call(CallKind.Tick, place, null, null, default, now));

    internal void CallDone(OpenApiRequest request, in OpenApiEnd end) => _calls.Enqueue(new Call(CallKind.Done, null, request, null, end));

    /// <summary>Shows an event to the request it belongs to; true = that was the last one. A request that throws has to wait for its time to be over: that is the unknown end.</summary>
    internal bool CallMore(OpenApiRequest request, OpenApiMessage message)
    {
        try
        {
            Touch(request.Seat);
            return request.More!(message);
        }
        catch (Exception error)
        {
            Threw(error);
            return false;
        }
    }

    /// <summary>Puts a line into the queue for the log. Under the lock. The application's secret is taken out, wherever it comes from.</summary>
    internal void Say(CTraderLogLevel level, AccountId? account, string text)
    {
        if (Log is { } log)
        {
            string clean = Clean(text, Application.ClientSecret);
            Outside(() => log.Write(level, account, clean));
        }
    }

    /// <summary>To be carried out without the lock, in order.</summary>
    internal void Outside(Action action) => _outside.Enqueue(action);

    /// <summary>A text of the server's without a secret that it may repeat.</summary>
    internal static string Clean(string text, string secret) => secret.Length > 0 ? text.Replace(secret, "…", StringComparison.Ordinal) : text;

    private void RunCalls()
    {
        while (_calls.TryDequeue(out var call))
        {
            try
            {
                Run(call);
            }
            catch (Exception error)
            {
                Threw(error);
            }
        }
    }

    private void Run(in Call call)
    {
        if (call.Kind == CallKind.Done)
        {
            Touch(call.Request!.Seat);
            call.Request.Done(call.End);
            return;
        }

        var place = call.Place!;
        if (place.IsGone)
        {
            return;
        }

        Touch(place.Seat);
        switch (call.Kind)
        {
            case CallKind.Up:
                place.Seat.LineUp();
                break;
            case CallKind.Down:
                place.Seat.LineDown((string)call.What!);
                break;
            case CallKind.Push:
                place.Seat.Push((OpenApiMessage)call.What!);
                break;
            case CallKind.Token:
                place.Seat.TokenChanged(new GrantId((string)call.What!));
                break;
            default:
                place.Seat.Tick(call.Now);
                break;
        }
    }

    private void Threw(Exception error)
    {
        Counters.Add(CTraderCount.SinkErrors);
        Say(CTraderLogLevel.Warning, null, $"a receiver threw {error.GetType().Name}: {error.Message}");
    }

    private void Touch(IOpenApiSeat? seat)
    {
        if (seat is not null && _isTouched.Add(seat))
        {
            _touched.Add(seat);
        }
    }

    private (IOpenApiSeat? One, IOpenApiSeat[]? Many) TakeTouched()
    {
        IOpenApiSeat? one = _touched.Count == 1 ? _touched[0] : null;
        IOpenApiSeat[]? many = _touched.Count > 1 ? [.. _touched] : null;
        _touched.Clear();
        _isTouched.Clear();
        return (one, many);
    }

    private void Drain(IOpenApiSeat seat)
    {
        try
        {
            seat.Drain();
        }
        catch (Exception)
        {
            // A seat catches what its receiver throws; whatever comes this far must not take the others' turn.
            Counters.Add(CTraderCount.SinkErrors);
        }
    }

    private void Speak()
    {
        while (true)
        {
            Action? action;
            lock (Gate)
            {
                if (!_outside.TryDequeue(out action))
                {
                    _speaking = false;
                    return;
                }
            }

            try
            {
                action();
            }
            catch (Exception)
            {
                Counters.Add(CTraderCount.SinkErrors);
            }
        }
    }

    private readonly record struct Call(CallKind Kind, OpenApiPlace? Place, OpenApiRequest? Request, object? What, OpenApiEnd End = default, long Now = 0);
}

/// <summary>A seat at a connection and how it stands there.</summary>
internal sealed class OpenApiPlace(IOpenApiSeat seat)
{
    public IOpenApiSeat Seat { get; } = seat;

    /// <summary>It was told that the connection is ready, and nothing else since.</summary>
    public bool IsUp { get; set; }

    /// <summary>It has left.</summary>
    public bool IsGone { get; set; }

    /// <summary>Its broker's server is in maintenance until then (ms); 0 = it is not.</summary>
    public long PausedUntil { get; set; }
}
