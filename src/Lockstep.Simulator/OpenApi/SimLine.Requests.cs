using Google.Protobuf;
using Lockstep.CTrader.Wire;
using Lockstep.CTrader.Wire.Proto;

namespace Lockstep.Simulator;

/// <content>The way of a request: gates, faults, and who answers it.</content>
internal sealed partial class SimLine
{
    private const string NotAuthorized = "Trading account is not authorized";

    private void Handle(OpenApiMessage message)
    {
        string? id = message.ClientMsgId;
        var faults = Server.Faults;
        var dice = Server.NextDice();

        // Every die is cast for every request: turning one knob does not change what the others do.
        bool silent = dice.Chance(faults.SilentPercent);
        bool block = dice.Chance(faults.BlockPercent);
        bool clientDrop = dice.Chance(faults.ClientDropPercent);
        bool tokenInvalid = dice.Chance(faults.TokenInvalidPercent);
        bool accountDrop = dice.Chance(faults.AccountDropPercent);
        bool forget = dice.Chance(faults.ForgetPercent);
        bool reject = dice.Chance(faults.RejectPercent);
        var trade = new TradeFaults(dice.Chance(faults.DropBeforePercent), dice.Chance(faults.DropAfterPercent), dice.Chance(faults.MutePercent));
        if (silent)
        {
            _silent = true;
            return;
        }

        if (Server.MaintenanceUntil is { } end && end > Now)
        {
            SayMaintenance(id, end.Micros);
            return;
        }

        if (message.Body is not { } body || !IsRequest(message.PayloadType))
        {
            Refuse(id, "UNSUPPORTED_MESSAGE", $"Unsupported message {message.PayloadType}");
            return;
        }

        if (Application is null && body is not (ProtoOAApplicationAuthReq or ProtoOARefreshTokenReq or ProtoOAVersionReq))
        {
            Refuse(id, "CH_CLIENT_NOT_AUTHENTICATED", "Client is not authenticated");
            return;
        }

        if (!body.IsInitialized())
        {
            Refuse(id, CtErrorCode.InvalidRequest, $"Message missing required fields: {Missing(body)}");
            return;
        }

        long? ctid = AccountOf(body);
        if (!Admit(message.PayloadType, id, ctid, block))
        {
            return;
        }

        if (clientDrop && Application is not null)
        {
            Tell(new ProtoOAClientDisconnectEvent { Reason = "Session was closed by the server" });
            Break("client disconnect");
            return;
        }

        if (ctid is not { } account || body is ProtoOAAccountAuthReq)
        {
            HandleOwn(body, id);
            return;
        }

        if (_sessions.TryGetValue(account, out var session))
        {
            if (tokenInvalid)
            {
                TokenDied(session.AccessToken, "Access token was refreshed");
            }
            else if (accountDrop)
            {
                EndSession(account, told: true);
            }
        }

        if (!_sessions.TryGetValue(account, out session))
        {
            Refuse(id, CtErrorCode.InvalidRequest, NotAuthorized, account);
            return;
        }

        if (reject)
        {
            RefuseByFault(body, id, account);
            return;
        }

        if (IsTrade(body))
        {
            Trade(body, id, session, trade);
        }
        else
        {
            Ask(body, id, session);
        }

        if (forget)
        {
            EndSession(account, told: false);
        }
    }

    private void Ask(IMessage body, string? id, Session session)
    {
        if (HandleSession(body, id, session))
        {
            return;
        }

        try
        {
            Say(session.Desk.Answer(body), id);
        }
        catch (SimRefusal refusal)
        {
            Refuse(id, refusal.Code, refusal.Message, session.Desk.Ctid);
        }
        catch (OverflowException)
        {
            Refuse(id, CtErrorCode.InvalidRequest, "A number is out of bounds", session.Desk.Ctid);
        }
    }

    private bool Admit(uint payloadType, string? id, long? ctid, bool block)
    {
        bool authentication = payloadType is (uint)ProtoOAPayloadType.ProtoOaApplicationAuthReq or (uint)ProtoOAPayloadType.ProtoOaAccountAuthReq;
        if (block && !authentication)
        {
            _rates.Block(payloadType, Now + TimeSpan.FromSeconds(Server.Faults.BlockSeconds));
        }

        if ((authentication && !Server.Settings.AuthenticationCounts) || _rates.Take(payloadType, Now) is not { } seconds)
        {
            return true;
        }

        if (Server.Settings.FrequencyError && !block)
        {
            Refuse(id, "REQUEST_FREQUENCY_EXCEEDED", "You have reached the rate limit of requests", ctid);
        }
        else
        {
            Refuse(id, "BLOCKED_PAYLOAD_TYPE", $"Payload type {payloadType} is blocked", ctid, seconds);
        }

        return false;
    }

    private void SayMaintenance(string? id, long untilMicros)
    {
        const string code = "SERVER_IS_UNDER_MAINTENANCE";

        // The same field in two units (guide §5): seconds here, milliseconds at the common layer.
        if (Server.Faults.MaintenanceAtProxy)
        {
            Say(new ProtoErrorRes { ErrorCode = code, Description = "Server is under maintenance", MaintenanceEndTimestamp = (ulong)(untilMicros / 1_000) }, id);
        }
        else
        {
            Say(new ProtoOAErrorRes { ErrorCode = code, Description = "Server is under maintenance", MaintenanceEndTimestamp = untilMicros / 1_000_000 }, id);
        }
    }

    private void RefuseByFault(IMessage body, string? id, long ctid)
    {
        const string text = "Simulated refusal";
        if (IsTrade(body))
        {
            Say(new ProtoOAOrderErrorEvent { CtidTraderAccountId = ctid, ErrorCode = Server.Faults.RejectCode, Description = text }, id);
        }
        else
        {
            Refuse(id, Server.Faults.RejectCode, text, ctid);
        }
    }

    private static bool IsTrade(IMessage body) =>
        body is ProtoOANewOrderReq or ProtoOACancelOrderReq or ProtoOAAmendOrderReq or ProtoOAAmendPositionSLTPReq or ProtoOAClosePositionReq;

    private static bool IsRequest(uint payloadType) => PayloadTypes.Parser(payloadType) is not null && Requests.Contains(payloadType);

    private static readonly SortedSet<uint> Requests =
    [
        .. OpenApiMessagesReflection.Descriptor.MessageTypes.Where(m => m.Name.EndsWith("Req", StringComparison.Ordinal))
            .Select(m => PayloadTypes.Of(m.Parser.ParseFrom(ByteString.Empty))),
    ];

    private static long? AccountOf(IMessage body) =>
        body.Descriptor.FindFieldByName("ctidTraderAccountId") is { } field ? (long)field.Accessor.GetValue(body) : null;

    private static string Missing(IMessage body) =>
        string.Join(", ", body.Descriptor.Fields.InFieldNumberOrder().Where(f => f.IsRequired && !f.Accessor.HasValue(body)).Select(f => f.Name));
}

/// <summary>What goes wrong with one trade request.</summary>
internal readonly record struct TradeFaults(bool DropBefore, bool DropAfter, bool Mute);

/// <summary>A request that cannot be answered as it is: the code and text of its ErrorRes.</summary>
internal sealed class SimRefusal : Exception
{
    public SimRefusal()
    {
    }

    public SimRefusal(string message)
        : base(message)
    {
    }

    public SimRefusal(string message, Exception inner)
        : base(message, inner)
    {
    }

    public SimRefusal(string code, string message)
        : base(message)
    {
        Code = code;
    }

    public string Code { get; } = CtErrorCode.InvalidRequest;
}
