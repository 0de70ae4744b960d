using System.Buffers;
using System.Globalization;
using Google.Protobuf;
using Lockstep.CTrader.Session;
using Lockstep.CTrader.Wire;
using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;
using Lockstep.Simulator;

namespace Lockstep.Simulation;

/// <content>One connection: who is authenticated on it, how much is asked, and the beats.</content>
internal sealed partial class OpenApiWatch
{
    private const int RequestsMost = 50;
    private const int HistoryMost = 5;
    private const int ReadsAtMost = 30;
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BeatMost = TimeSpan.FromSeconds(12);

    // A frame of spots begins so: field 1 of the envelope, 2131. They come often and say nothing here.
    private static ReadOnlySpan<byte> Spots => [0x08, 0xD3, 0x10];

    private static bool IsHistory(uint type) => (ProtoOAPayloadType)type is
        ProtoOAPayloadType.ProtoOaGetTrendbarsReq or ProtoOAPayloadType.ProtoOaGetTickdataReq or ProtoOAPayloadType.ProtoOaDealListReq or ProtoOAPayloadType.ProtoOaOrderListReq
        or ProtoOAPayloadType.ProtoOaDealListByPositionIdReq or ProtoOAPayloadType.ProtoOaOrderListByPositionIdReq or ProtoOAPayloadType.ProtoOaCashFlowHistoryListReq
        or ProtoOAPayloadType.ProtoOaDealOffsetListReq;

    private static bool IsTrade(IMessage? body) =>
        body is ProtoOANewOrderReq or ProtoOAAmendOrderReq or ProtoOACancelOrderReq or ProtoOAAmendPositionSLTPReq or ProtoOAClosePositionReq;

    private static bool IsNotAuthorized(ProtoOAErrorRes error) =>
        error.ErrorCode is "ACCOUNT_NOT_AUTHORIZED" or "CH_CLIENT_NOT_AUTHENTICATED" || (error.ErrorCode == "INVALID_REQUEST" && error.Description.Contains("not authorized", StringComparison.OrdinalIgnoreCase));

    private static long? Ctid(IMessage body) => body.Descriptor.FindFieldByName("ctidTraderAccountId")?.Accessor.GetValue(body) as long?;

    private sealed class Line(OpenApiWatch watch, Way way, OpenApiEnvironment environment, IOpenApiWireEnd end) : IOpenApiWire, IOpenApiWireEnd
    {
        private readonly Dictionary<string, IMessage> _waiting = new(StringComparer.Ordinal);
        private readonly Queue<Timestamp> _requests = [];
        private readonly Queue<Timestamp> _history = [];
        private readonly HashSet<long> _live = [];
        private readonly HashSet<long> _pictured = [];
        private bool _asked;
        private bool _ready;
        private Timestamp? _beat;
        private Timestamp _blockedUntil;
        private bool _wrongHost;

        public Way Way => way;

        public IOpenApiWire? Wire { get; set; }

        /// <summary>When the application was authenticated; null = it never was.</summary>
        public Timestamp? ReadyAt { get; private set; }

        /// <summary>When something was last heard.</summary>
        public Timestamp HeardAt { get; private set; }

        private Timestamp Now => watch.Clock.Now;

        /// <summary>The account is authenticated here.</summary>
        public bool IsLive(long ctid) => _live.Contains(ctid);

        /// <summary>Orders may have to wait: what they would use up was used, or the server wants none.</summary>
        public bool IsBusySince(Timestamp since)
        {
            Forget(_requests);
            return _requests.Count >= ReadsAtMost || _blockedUntil > since;
        }

        public bool Send(ReadOnlySpan<byte> frame)
        {
            var buffer = new ReadOnlySequence<byte>(frame.ToArray());
            if (!OpenApiCodec.TryTakeFrame(ref buffer, out var body) || !buffer.IsEmpty)
            {
                watch.Violate("whole-frames", $"{environment}: {frame.Length} bytes were sent that are not one whole frame");
                return Wire!.Send(frame);
            }

            Sends(OpenApiCodec.Read(body));
            return Wire!.Send(frame);
        }

        public void Close()
        {
            LookAtBeats();
            watch.Ended(this, _wrongHost || watch._stoppedAt == Now);
            Wire!.Close();
        }

        public void Connected()
        {
            watch.Connections++;
            (_beat, HeardAt) = (Now, Now);
            end.Connected();
        }

        public void Received(ReadOnlySequence<byte> frame)
        {
            HeardAt = Now;
            LookAtBeats();
            if (!frame.FirstSpan.StartsWith(Spots))
            {
                Hears(OpenApiCodec.Read(frame));
            }

            end.Received(frame);
            _wrongHost = false;
        }

        public void Closed(string why)
        {
            LookAtBeats();
            watch.Ended(this, wanted: false);
            end.Closed(why);
        }

        private void Sends(OpenApiMessage message)
        {
            watch.Tell?.Invoke($"{environment} > {Name(message)} {message.ClientMsgId}");
            watch.Sent++;
            LookAtBeats();
            if (!_asked && message.Body is not ProtoOAApplicationAuthReq)
            {
                watch.Violate("application-first", $"{environment}: {Name(message)} was the first frame of a connection");
            }

            if (message.Body is ProtoHeartbeatEvent)
            {
                _beat = Now;
                return;
            }

            Count(message);
            if (message.ClientMsgId is not { Length: > 0 } id || !watch._ids.Add(id))
            {
                watch.Violate("ids-once", $"{environment}: {Name(message)} has a clientMsgId that was used before, or none: '{message.ClientMsgId}'");
                id = message.ClientMsgId ?? "";
            }

            _waiting[id] = message.Body!;
            if (message.Body is ProtoOAApplicationAuthReq)
            {
                _asked = true;
                return;
            }

            if (!_ready)
            {
                watch.Violate("application-first", $"{environment}: {Name(message)} was sent before the application was authenticated");
            }

            if (message.Body is ProtoOAAccountAuthReq || Ctid(message.Body!) is not { } ctid)
            {
                return;
            }

            if (!_live.Contains(ctid))
            {
                watch.Violate("account-first", $"{environment}: {Name(message)} of account {ctid} was sent before it was authenticated");
            }

            if (IsTrade(message.Body))
            {
                if (!_pictured.Contains(ctid))
                {
                    watch.Violate("picture-before-trading", $"{environment}: {Name(message)} of account {ctid} was sent before it was known what stands there");
                }

                watch.Trades(this, ctid, message.Body!, id);
            }
        }

        private void Count(OpenApiMessage message)
        {
            _requests.Enqueue(Now);
            Forget(_requests);
            if (_requests.Count > RequestsMost)
            {
                watch.Violate("requests-per-second", $"{environment}: {_requests.Count} requests within a second");
            }

            if (IsHistory(message.PayloadType))
            {
                _history.Enqueue(Now);
                Forget(_history);
                if (_history.Count > HistoryMost)
                {
                    watch.Violate("history-per-second", $"{environment}: {_history.Count} requests for history within a second");
                }
            }
        }

        private void Forget(Queue<Timestamp> times)
        {
            while (times.TryPeek(out var at) && Now - at >= Second)
            {
                times.Dequeue();
            }
        }

        private void Hears(OpenApiMessage message)
        {
            watch.Tell?.Invoke($"{environment} < {Name(message)} {message.ClientMsgId}{Said(message.Body)}");
            var asked = message.ClientMsgId is { } id && _waiting.TryGetValue(id, out var found) ? found : null;
            switch (message.Body)
            {
                case ProtoOAApplicationAuthRes:
                    Ready();
                    break;
                case ProtoOAAccountAuthRes when asked is ProtoOAAccountAuthReq account:
                    _live.Add(account.CtidTraderAccountId);
                    break;
                case ProtoOAReconcileRes when asked is ProtoOAReconcileReq state && _live.Contains(state.CtidTraderAccountId):
                    _pictured.Add(state.CtidTraderAccountId);
                    break;
                case ProtoOAErrorRes error:
                    Failed(error, asked, message.ClientMsgId);
                    break;
                case ProtoErrorRes error when asked is not null:
                    watch.Failed(message.ClientMsgId!, error.ErrorCode);
                    break;
                case ProtoOAOrderErrorEvent error when asked is not null:
                    watch.Failed(message.ClientMsgId!, error.ErrorCode);
                    break;
                case ProtoOAExecutionEvent execution when asked is not null:
                    watch.Executed(message.ClientMsgId!, execution);
                    break;
                case ProtoOAAccountsTokenInvalidatedEvent invalid:
                    foreach (long ctid in invalid.CtidTraderAccountIds)
                    {
                        Gone(ctid);
                    }

                    break;
                case ProtoOAAccountDisconnectEvent gone:
                    Gone(gone.CtidTraderAccountId);
                    break;
                case ProtoOAClientDisconnectEvent:
                    _ready = false;
                    break;
            }

            // An answer ends its request; trade requests have none of their own.
            if (asked is not null && !IsTrade(asked))
            {
                _waiting.Remove(message.ClientMsgId!);
            }
        }

        private void Failed(ProtoOAErrorRes error, IMessage? asked, string? id)
        {
            if (asked is ProtoOAApplicationAuthReq && error.ErrorCode == "CH_CLIENT_ALREADY_AUTHENTICATED")
            {
                Ready();
            }
            else if (asked is ProtoOAAccountAuthReq account)
            {
                switch (error.ErrorCode)
                {
                    case "ALREADY_LOGGED_IN":
                        _live.Add(account.CtidTraderAccountId);
                        break;
                    case "OA_AUTH_TOKEN_EXPIRED" or "CH_ACCESS_TOKEN_INVALID":
                        watch._refused.Add(account.AccessToken);
                        break;
                    case "CANT_ROUTE_REQUEST":
                        _wrongHost = true;
                        break;
                }
            }
            else if (asked is not null && IsNotAuthorized(error) && Ctid(asked) is { } ctid)
            {
                Gone(ctid);
            }

            if (error.ErrorCode is "BLOCKED_PAYLOAD_TYPE" or "REQUEST_FREQUENCY_EXCEEDED")
            {
                _blockedUntil = Timestamp.Max(_blockedUntil, Now + TimeSpan.FromSeconds(Math.Max(2, Math.Min(error.RetryAfter, 86_400) + 1)));
            }

            if (asked is not null && IsTrade(asked))
            {
                watch.Failed(id!, error.ErrorCode);
            }
        }

        private void Ready()
        {
            _ready = true;
            ReadyAt ??= Now;
        }

        private void Gone(long ctid)
        {
            _live.Remove(ctid);
            _pictured.Remove(ctid);
        }

        private void LookAtBeats()
        {
            if (_beat is { } beat && way.Line == this && Now - beat > BeatMost)
            {
                watch.Violate("beats", string.Create(CultureInfo.InvariantCulture, $"{environment}: no heartbeat for {(Now - beat).TotalSeconds:0.0} s"));
                _beat = Now;
            }
        }

        private static string Said(IMessage? body) => body switch
        {
            ProtoOAErrorRes e => $" {e.ErrorCode} {e.Description}",
            ProtoOAOrderErrorEvent e => $" {e.ErrorCode} {e.Description}",
            ProtoOAExecutionEvent e => $" {e.ExecutionType} position {e.Position?.PositionId} order {e.Order?.OrderId}",
            _ => "",
        };

        private static string Name(OpenApiMessage message) => message.Body?.Descriptor.Name ?? message.PayloadType.ToString(CultureInfo.InvariantCulture);
    }

    private ISimClock Clock => clock;

    private void Violate(string rule, string text) => violate(rule, text);
}
