using System.Numerics;
using Lockstep.CTrader.Wire;
using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.CTrader.Session;

/// <content>What comes in: answers to those who wait, everything else to the accounts; and the ends of requests without an answer.</content>
internal sealed partial class OpenApiConnection
{
    private const int LateMost = 1024;
    private readonly Dictionary<string, OpenApiRequest> _pending = new(StringComparer.Ordinal);
    private readonly Queue<string> _late = new();
    private readonly Dictionary<string, IOpenApiSeat?> _lateSeats = new(StringComparer.Ordinal);
    private long _nextDeadline = long.MaxValue;
    private long _badFrames;
    private long _unknown;
    private long _complaints;

    private void Received(End end, OpenApiMessage? message, string? bad)
    {
        if (end != _end)
        {
            return;
        }

        long now = Hub.Mono;
        HeardAt = now;
        Hub.Counters.Add(CTraderCount.FramesReceived);
        if (message is null)
        {
            Hub.Counters.Add(CTraderCount.BadFrames);
            Often(++_badFrames, $"a frame could not be read: {bad}");
            return;
        }

        if (message.ClientMsgId is { Length: > 0 } id)
        {
            if (_pending.TryGetValue(id, out var request))
            {
                Answer(request, message, now);
                if (IsReady)
                {
                    Pump(now);
                }

                return;
            }

            if (_lateSeats.TryGetValue(id, out var seat))
            {
                Hub.Counters.Add(CTraderCount.LateAnswers);
                if (message.Body is not null && PlaceOf(seat) is { } place)
                {
                    // Errors name no account, as often as not: who asked is known here.
                    Hub.CallPush(place, message);
                    return;
                }
            }
        }

        Say(message, now);
    }

    /// <summary>A message under the id of a request that waits.</summary>
    private void Answer(OpenApiRequest request, OpenApiMessage message, long now)
    {
        if (message.Body is null)
        {
            Unknown(message);
            return;
        }

        if (OpenApiErrors.Of(message) is { } error)
        {
            Failed(request, message, error, now);
            return;
        }

        uint expected = OpenApiRoutes.AnswerTo(request.Body);
        if (request.More is not null)
        {
            Heard(request, now);
            bool last = Hub.CallMore(request, message);
            if (PlaceOf(request.Seat) is { } place)
            {
                Hub.CallPush(place, message);
            }

            // It may have ended inside: the seat left, or the line broke under what it sent.
            if (last && !request.HasEnded)
            {
                Finish(request, new OpenApiEnd(OpenApiEndKind.Answered, message, null, ""));
            }
        }
        else if (expected == message.PayloadType || expected == 0)
        {
            Heard(request, now);
            Finish(request, new OpenApiEnd(OpenApiEndKind.Answered, message, null, ""));
        }
        else
        {
            // Something that the request led to, and not its answer.
            Say(message, now);
        }
    }

    private void Failed(OpenApiRequest request, OpenApiMessage message, OpenApiError error, long now)
    {
        if (!OpenApiErrors.IsKnown(error.Code))
        {
            Hub.Counters.Add(CTraderCount.UnknownErrors);
        }

        if (error.Code is OpenApiErrors.BlockedPayloadType or OpenApiErrors.FrequencyExceeded && IsReady && RefusedForRate(request, error, now))
        {
            return;
        }

        var place = PlaceOf(request.Seat);
        if (message.Body is ProtoOAOrderErrorEvent && place is not null)
        {
            Hub.CallPush(place, message);
        }

        Finish(request, new OpenApiEnd(OpenApiEndKind.Failed, message, error, Told(error)));
        if (error.Code == OpenApiErrors.Maintenance && place is not null)
        {
            Pause(place, error, now);
        }
        else if (error.Code == OpenApiErrors.NotAuthenticated && IsReady)
        {
            // The application's session is gone from this line without a word: no account can help itself.
            Lose("the server forgot the application's session", now);
        }
    }

    /// <summary>A message that nobody asked for, or nobody waits for any more.</summary>
    private void Say(OpenApiMessage message, long now)
    {
        switch (message.Body)
        {
            case null:
                Unknown(message);
                break;
            case ProtoHeartbeatEvent:
                break;
            case ProtoOAClientDisconnectEvent gone:
                Lose(gone.Reason.Length > 0 ? $"the server ended the application's session: {gone.Reason}" : "the server ended the application's session", now);
                break;
            case ProtoOAAccountsTokenInvalidatedEvent lost:
                foreach (long ctid in lost.CtidTraderAccountIds)
                {
                    Push(ctid, message);
                }

                break;
            case ProtoErrorRes:
                Complaint(message, OpenApiErrors.Of(message)!, null, now);
                break;
            case ProtoOAErrorRes error:
                Complaint(message, OpenApiErrors.Of(message)!, error.HasCtidTraderAccountId ? error.CtidTraderAccountId : null, now);
                break;
            case { } body when OpenApiRoutes.Account(body) is { } ctid:
                Push(ctid, message);
                break;
            default:
                // An answer without an account in it that came too late.
                Hub.Counters.Add(CTraderCount.Strays);
                break;
        }
    }

    /// <summary>An error that answers no request of ours that is still open.</summary>
    private void Complaint(OpenApiMessage message, OpenApiError error, long? ctid, long now)
    {
        if (!OpenApiErrors.IsKnown(error.Code))
        {
            Hub.Counters.Add(CTraderCount.UnknownErrors);
        }

        if (ctid is > 0 and { } account)
        {
            Push(account, message);
            if (error.Code == OpenApiErrors.Maintenance && _byCtid.TryGetValue(account, out var place))
            {
                Pause(place, error, now);
            }

            return;
        }

        Often(++_complaints, $"the server says {Told(error)}");
        bool late = message.ClientMsgId is { Length: > 0 };
        if (!late && _state == OpenApiLineState.Authenticating
            && (OpenApiErrors.IsFatalForApplication(error) || error.Code is OpenApiErrors.Maintenance or OpenApiErrors.ConnectionsLimit or OpenApiErrors.FrequencyExceeded))
        {
            // A door keeper may answer before it reads our id.
            AuthRefused(error, now);
        }
        else if (!late && error.Code == OpenApiErrors.Maintenance)
        {
            Lose("the server is under maintenance", now, MaintenanceWait(error));
        }
        else if (!late && error.Code == OpenApiErrors.NotAuthenticated && IsReady)
        {
            Lose("the server forgot the application's session", now);
        }
    }

    private void Push(long ctid, OpenApiMessage message)
    {
        if (_byCtid.TryGetValue(ctid, out var place))
        {
            Hub.CallPush(place, message);
        }
        else
        {
            Hub.Counters.Add(CTraderCount.Strays);
        }
    }

    private void Unknown(OpenApiMessage message)
    {
        Hub.Counters.Add(CTraderCount.UnknownMessages);
        Often(++_unknown, $"a message of the unknown kind {message.PayloadType} is left alone");
    }

    /// <summary>An answer, or the first event of an order.</summary>
    private void Heard(OpenApiRequest request, long now)
    {
        RoundTrip = TimeSpan.FromMilliseconds(now - request.SentAt!.Value);
        if (_blocks.TryGetValue(request.PayloadType, out var block))
        {
            block.Helped(request.SentAt.Value);
        }

        if (request.Lane != Lane.Trade)
        {
            _slow.Helped(request.SentAt.Value);
        }
    }

    private void TickRequests(long now)
    {
        foreach (var lane in _lanes)
        {
            for (int i = 0; i < lane.Count;)
            {
                if (lane[i].NotAfter < now)
                {
                    var request = lane[i];
                    lane.RemoveAt(i);
                    Expire(request);
                }
                else
                {
                    i++;
                }
            }
        }

        if (now < _nextDeadline)
        {
            return;
        }

        var overdue = new List<OpenApiRequest>();
        _nextDeadline = long.MaxValue;
        foreach (var request in _pending.Values)
        {
            if (now >= request.Deadline)
            {
                overdue.Add(request);
            }
            else
            {
                _nextDeadline = Math.Min(_nextDeadline, request.Deadline);
            }
        }

        overdue.Sort(static (a, b) => a.Turn.CompareTo(b.Turn));
        foreach (var request in overdue)
        {
            Hub.Counters.Add(CTraderCount.TimeOuts);
            Remember(request);
            Finish(request, OpenApiEndKind.TimedOut, $"no answer within {Seconds(now - request.SentAt!.Value)}");
        }
    }

    /// <summary>Ends the requests of a seat, or all of them: those that left are lost, the others were certainly not sent. In the order in which they were submitted.</summary>
    private void EndAll(IOpenApiSeat? seat, string why)
    {
        var ended = new List<OpenApiRequest>();
        foreach (var request in _pending.Values)
        {
            if (seat is null || request.Seat == seat)
            {
                ended.Add(request);
            }
        }

        foreach (var lane in _lanes)
        {
            for (int i = 0; i < lane.Count;)
            {
                if (seat is null || lane[i].Seat == seat)
                {
                    ended.Add(lane[i]);
                    lane.RemoveAt(i);
                }
                else
                {
                    i++;
                }
            }
        }

        ended.Sort(static (a, b) => a.Turn.CompareTo(b.Turn));
        foreach (var request in ended)
        {
            Finish(request, request.SentAt is null ? OpenApiEndKind.NotSent : OpenApiEndKind.Lost, why);
        }
    }

    private void Finish(OpenApiRequest request, OpenApiEndKind kind, string why) => Finish(request, new OpenApiEnd(kind, null, null, why));

    private void Finish(OpenApiRequest request, in OpenApiEnd end)
    {
        if (request.Id is { } id)
        {
            _pending.Remove(id);
        }

        request.HasEnded = true;
        Hub.CallDone(request, end);
    }

    private void Remember(OpenApiRequest request)
    {
        if (_late.Count >= LateMost)
        {
            _lateSeats.Remove(_late.Dequeue());
        }

        _late.Enqueue(request.Id!);
        _lateSeats.Add(request.Id!, request.Seat);
    }

    /// <summary>A line for what may come a thousand times a second: the first time, the second, the fourth, the eighth…</summary>
    private void Often(long count, string text)
    {
        if (BitOperations.IsPow2(count))
        {
            Hub.Say(CTraderLogLevel.Warning, null, count == 1 ? $"{Name}: {text}" : $"{Name}: {text} ({count} times so far)");
        }
    }
}
