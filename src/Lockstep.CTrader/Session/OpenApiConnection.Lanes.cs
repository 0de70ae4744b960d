using System.Buffers;
using System.Globalization;
using Google.Protobuf;
using Lockstep.CTrader.Wire;

namespace Lockstep.CTrader.Session;

/// <content>Who goes when: four lanes, two allowances, and payload types that the server has blocked (guide §6).</content>
internal sealed partial class OpenApiConnection
{
    private const int BufferMost = 64 * 1024;
    private readonly List<OpenApiRequest>[] _lanes = [[], [], [], []];
    private readonly Allowance _general;
    private readonly Allowance _history;
    private readonly Dictionary<uint, Block> _blocks = [];
    private readonly Block _slow = new();
    private readonly HashSet<IOpenApiSeat> _held = new(ReferenceEqualityComparer.Instance);
    private ArrayBufferWriter<byte> _buffer = new(1024);
    private long _turns;
    private long _ids;

    private void Take(OpenApiRequest request, long now)
    {
        if (request.Turn != 0)
        {
            throw new InvalidOperationException("A request is submitted once.");
        }

        request.Turn = ++_turns;
        request.PayloadType = PayloadTypes.Of(request.Body);
        if (IsReady && HasSlept(now))
        {
            // Nothing is sent over a line that may have died in the sleep: not sent is certain, lost would not be.
            Lose($"this process slept for {Seconds(now - Hub.TickedAt)}", now);
        }

        if (!IsReady)
        {
            Finish(request, OpenApiEndKind.NotSent, _problem is null ? "not connected" : $"not connected: {_problem}");
            return;
        }

        if (request.Seat is { } seat && PlaceOf(seat) is not { IsUp: true })
        {
            Finish(request, OpenApiEndKind.NotSent, "the account has no line at present");
            return;
        }

        _lanes[(int)request.Lane].Add(request);
        Pump(now);
        if (request.SentAt is null && !request.HasEnded)
        {
            Hub.Counters.Add(CTraderCount.Paced);
        }
    }

    /// <summary>Sends what may leave now.</summary>
    private void Pump(long now)
    {
        for (int lane = 0; lane < _lanes.Length; lane++)
        {
            if (_lanes[lane].Count > 0)
            {
                PumpLane((Lane)lane, _lanes[lane], now);
            }
        }
    }

    private void PumpLane(Lane lane, List<OpenApiRequest> waiting, long now)
    {
        _held.Clear();
        for (int i = 0; i < waiting.Count && IsReady;)
        {
            var request = waiting[i];
            if (request.NotAfter < now)
            {
                waiting.RemoveAt(i);
                Expire(request);
            }
            else if (!HasAllowance(lane, now))
            {
                return;
            }
            else if (IsBlocked(request, now) || (request.Seat is { } seat && _held.Contains(seat)))
            {
                // Orders of one account keep their order: behind one that has to wait, the others wait as well.
                if (lane == Lane.Trade && request.Seat is not null)
                {
                    _held.Add(request.Seat);
                }

                i++;
            }
            else
            {
                waiting.RemoveAt(i);
                Pay(lane, now);
                SendNow(request, now);
            }
        }
    }

    private bool HasAllowance(Lane lane, long now) => lane switch
    {
        Lane.Control => true,
        Lane.Trade => _general.Left(now) > 0,
        Lane.Read => _general.Left(now) > Hub.Options.KeptForTrades,
        _ => _history.Left(now) > 0 && _general.Left(now) > Hub.Options.KeptForTrades,
    };

    private void Pay(Lane lane, long now)
    {
        // What is not paced is counted all the same: the server counts it too.
        _general.Take(now);
        if (lane == Lane.History)
        {
            _history.Take(now);
        }
    }

    private bool IsBlocked(OpenApiRequest request, long now) =>
        (_blocks.TryGetValue(request.PayloadType, out var block) && block.Until > now) || (request.Lane != Lane.Trade && _slow.Until > now);

    /// <summary>Puts a request on the wire. Whatever happens to it from here on, it may have left.</summary>
    private void SendNow(OpenApiRequest request, long now)
    {
        string id = string.Create(CultureInfo.InvariantCulture, $"{Hub.Instance}{Name[0]}-{_dials}-{++_ids}");
        bool sent;
        try
        {
            sent = Write(request.Body, id);
        }
        catch (InvalidOperationException error)
        {
            Finish(request, OpenApiEndKind.NotSent, error.Message);
            return;
        }

        request.Id = id;
        request.SentAt = now;
        request.Deadline = now + Ms(request.AnswerWithin ?? Hub.Options.AnswerWithin);
        _pending.Add(id, request);
        _nextDeadline = Math.Min(_nextDeadline, request.Deadline);
        if (!sent)
        {
            Lose("the connection takes nothing any more", now);
        }
    }

    /// <summary>False = the wire is gone. An <see cref="InvalidOperationException"/> is our own mistake, and nothing left.</summary>
    private bool Write(IMessage body, string? id)
    {
        _buffer.ResetWrittenCount();
        OpenApiCodec.Write(_buffer, body, id);
        bool sent;
        try
        {
            sent = _wire!.Send(_buffer.WrittenSpan);
        }
        catch (Exception error)
        {
            Hub.Say(CTraderLogLevel.Warning, null, $"{Name}: sending failed: {error.Message}");
            sent = false;
        }

        if (sent)
        {
            Hub.Counters.Add(CTraderCount.FramesSent);
        }

        if (_buffer.Capacity > BufferMost)
        {
            _buffer = new ArrayBufferWriter<byte>(1024);
        }

        return sent;
    }

    private void Expire(OpenApiRequest request)
    {
        if (request.Refusal is { } refusal)
        {
            Finish(request, new OpenApiEnd(OpenApiEndKind.Failed, null, refusal, Told(refusal)));
        }
        else
        {
            Finish(request, OpenApiEndKind.NotSent, "its time was over before its turn came");
        }
    }

    /// <summary>
    /// The server refused a request for the number of requests. Its payload type (or, where the server blames all, everything but orders) has to wait; reads are sent again after that, orders
    /// are not: whether they are still wanted then is not ours to say. True = it will be sent again.
    /// </summary>
    private bool RefusedForRate(OpenApiRequest request, OpenApiError error, long now)
    {
        Hub.Counters.Add(CTraderCount.RateRefusals);
        bool blocked = error.Code == OpenApiErrors.BlockedPayloadType;
        bool history = request.Lane == Lane.History;
        // Orders wait exactly as long as the server says.
        long most = request.Lane == Lane.Trade ? 0 : Ms(history ? Hub.Options.HistoryPauseMost : Hub.Options.ReadPauseMost);
        long least = Math.Max(1000, error.RetryAfter is { } after ? Ms(after) : 0);
        long until = now;
        if (blocked || history)
        {
            var block = _blocks.TryGetValue(request.PayloadType, out var known) ? known : _blocks[request.PayloadType] = new Block();
            until = block.Strike(request.SentAt!.Value, now, least, most);
        }

        if (!blocked && request.Lane != Lane.Trade)
        {
            until = Math.Max(until, _slow.Strike(request.SentAt!.Value, now, least, Ms(Hub.Options.ReadPauseMost)));
        }

        request.RefusedAt ??= now;
        request.Refusal = error;
        if (request.Lane == Lane.Trade || request.More is not null || request.IsWithdrawn || until - request.RefusedAt > Ms(Hub.Options.RefusedReadsEnd))
        {
            return false;
        }

        _pending.Remove(request.Id!);
        (request.Id, request.SentAt) = (null, null);
        var lane = _lanes[(int)request.Lane];
        int place = lane.FindIndex(r => r.Turn > request.Turn);
        lane.Insert(place < 0 ? lane.Count : place, request);
        Hub.Counters.Add(CTraderCount.SentAgain);
        return true;
    }

    /// <summary>A pause that grows while it does not help.</summary>
    private sealed class Block
    {
        private int _strikes;

        /// <summary>Closed until then (ms).</summary>
        public long Until { get; private set; }

        /// <summary>Refused again. Requests that were under way together count as one: those were sent before the pause began.</summary>
        public long Strike(long sentAt, long now, long least, long most)
        {
            if (sentAt >= Until)
            {
                _strikes++;
            }

            long grown = Math.Min(1000L << Math.Min(_strikes - 1, 20), most);
            Until = Math.Max(Until, now + Math.Max(least, grown));
            return Until;
        }

        /// <summary>A request that was sent after the pause was answered: it helped.</summary>
        public void Helped(long sentAt)
        {
            if (sentAt >= Until)
            {
                _strikes = 0;
            }
        }
    }
}
