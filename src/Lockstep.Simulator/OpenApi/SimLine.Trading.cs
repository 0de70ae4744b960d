using System.Globalization;
using Google.Protobuf;
using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <content>The five requests without an answer of their own (guide §3): what comes of them is told by events, an OrderErrorEvent or an ErrorRes.</content>
internal sealed partial class SimLine
{
    private const decimal PriceMost = 1_000_000_000m;
    private const long TimeMost = 2_147_483_646_000;
    private long _trades;

    private void Trade(IMessage body, string? id, Session session, TradeFaults faults)
    {
        var desk = session.Desk;
        if (!session.Trading)
        {
            Refuse(id, Server.Settings.ViewOnlyCode, "Access token does not allow to trade", desk.Ctid);
            return;
        }

        NativeRequest request;
        try
        {
            request = ToNative(body, desk);
        }
        catch (SimRefusal refusal)
        {
            SayError(body, id, desk.Ctid, refusal.Code, refusal.Message);
            return;
        }

        if (faults.DropBefore)
        {
            Break("dropped before execution");
            return;
        }

        string origin = string.Create(CultureInfo.InvariantCulture, $"api:{Number}:{++_trades}:{id}");
        var asked = desk.Asked(origin, this, id, faults.Mute);
        var terms = desk.Broker.Submit(request with { Origin = origin, OwnerKey = KeyOf(body, desk.Ctid) }, reply =>
        {
            var ct = (CtReply)reply;
            if (IsOver || asked.Quiet || !_sessions.ContainsKey(desk.Ctid))
            {
                return;
            }

            if (ct.ErrorCode.Length > 0 && ct.ExecutionType is null)
            {
                SayError(body, id, desk.Ctid, ct.ErrorCode, ct.Description);
            }
            else if (ct.ErrorCode.Length == 0 && ct.Order is null)
            {
                Refuse(id, CtErrorCode.InvalidRequest, "Nothing to amend.", desk.Ctid);
            }
        });

        // A lost answer: not a word about the request here. Other connections hear of it, and lists and reconcile show what is true.
        asked.Quiet |= terms.Lost;
        asked.Late = terms.Late;
        if (faults.DropAfter)
        {
            Break("dropped after execution");
        }
    }

    /// <summary>What is wrong with the request itself is an ErrorRes, what the broker says about the order an event (guide §3).</summary>
    private void SayError(IMessage body, string? id, long ctid, string code, string text)
    {
        if (code is CtErrorCode.InvalidRequest or "REQUEST_FREQUENCY_EXCEEDED")
        {
            Refuse(id, code, text, ctid);
            return;
        }

        var error = new ProtoOAOrderErrorEvent { CtidTraderAccountId = ctid, ErrorCode = code, Description = text };
        switch (body)
        {
            case ProtoOACancelOrderReq cancel:
                error.OrderId = cancel.OrderId;
                break;
            case ProtoOAAmendOrderReq amend:
                error.OrderId = amend.OrderId;
                break;
            case ProtoOAAmendPositionSLTPReq amend:
                error.PositionId = amend.PositionId;
                break;
            case ProtoOAClosePositionReq close:
                error.PositionId = close.PositionId;
                break;
        }

        Say(error, id);
    }

    private ulong? KeyOf(IMessage body, long ctid) =>
        Server.KeyOf?.Invoke(ctid, body)
        ?? (body is ProtoOANewOrderReq order && (OrderKey.TryFind(order.ClientOrderId, out var key) || OrderKey.TryFind(order.Label, out key)) ? key.Value : null);

    private static NativeRequest ToNative(IMessage body, SimDesk desk) => body switch
    {
        ProtoOANewOrderReq order => NewOrder(order, desk),
        ProtoOAAmendOrderReq amend => new CtAmendOrder
        {
            OrderId = amend.OrderId,
            Volume = amend.HasVolume ? amend.Volume : null,
            LimitPrice = amend.HasLimitPrice ? Price(amend.LimitPrice) : null,
            StopPrice = amend.HasStopPrice ? Price(amend.StopPrice) : null,
            SlippageInPoints = amend.SlippageInPoints,
            StopLoss = Level(amend.HasStopLoss, amend.StopLoss),
            TakeProfit = Level(amend.HasTakeProfit, amend.TakeProfit),
            RelativeStopLoss = amend.HasRelativeStopLoss ? amend.RelativeStopLoss : null,
            RelativeTakeProfit = amend.HasRelativeTakeProfit ? amend.RelativeTakeProfit : null,
            Expiration = amend.HasExpirationTimestamp ? Time(amend.ExpirationTimestamp) : null,
            GuaranteedStopLoss = amend.GuaranteedStopLoss,
            TrailingStopLoss = amend.HasTrailingStopLoss ? amend.TrailingStopLoss : null,
            TriggerMethod = amend.HasStopTriggerMethod ? Method(amend.StopTriggerMethod) : null,
        },
        ProtoOACancelOrderReq cancel => new CtCancelOrder(cancel.OrderId),
        ProtoOAClosePositionReq close => new CtClosePosition(close.PositionId, close.Volume),
        ProtoOAAmendPositionSLTPReq amend => new CtAmendPositionSltp(amend.PositionId, Level(amend.HasStopLoss, amend.StopLoss), Level(amend.HasTakeProfit, amend.TakeProfit))
        {
            GuaranteedStopLoss = amend.GuaranteedStopLoss,
            TrailingStopLoss = amend.HasTrailingStopLoss ? amend.TrailingStopLoss : null,
            TriggerMethod = amend.HasStopLossTriggerMethod ? Method(amend.StopLossTriggerMethod) : null,
        },
        _ => throw new SimRefusal("UNSUPPORTED_MESSAGE", body.Descriptor.Name),
    };

    private static CtNewOrder NewOrder(ProtoOANewOrderReq order, SimDesk desk)
    {
        if (!Enum.IsDefined(order.OrderType) || order.OrderType == ProtoOAOrderType.StopLossTakeProfit || !Enum.IsDefined(order.TradeSide))
        {
            throw new SimRefusal("Unknown order type or trade side");
        }

        if (!Enum.IsDefined(order.TimeInForce) || order.TimeInForce == ProtoOATimeInForce.MarketOnOpen)
        {
            throw new SimRefusal("Time in force is not supported");
        }

        var type = (CtOrderType)order.OrderType;
        Require(type != CtOrderType.Limit || order.HasLimitPrice, "limitPrice is required for LIMIT orders");
        Require(type is not (CtOrderType.Stop or CtOrderType.StopLimit) || order.HasStopPrice, "stopPrice is required for STOP and STOP_LIMIT orders");
        Require(type != CtOrderType.MarketRange || (order.HasBaseSlippagePrice && order.HasSlippageInPoints), "baseSlippagePrice and slippageInPoints are required for MARKET_RANGE orders");
        return new CtNewOrder
        {
            Symbol = desk.Ids.SymbolName(order.SymbolId) is { } name && desk.Broker.Symbol(new SymbolName(name)) is not null
                ? name
                : throw new SimRefusal("SYMBOL_NOT_FOUND", $"Unknown symbol {order.SymbolId}"),
            OrderType = type,
            Side = (Side)order.TradeSide,
            Volume = order.Volume,
            LimitPrice = type == CtOrderType.Limit ? Price(order.LimitPrice) : null,
            StopPrice = type is CtOrderType.Stop or CtOrderType.StopLimit ? Price(order.StopPrice) : null,
            TimeInForce = (CtTimeInForce)order.TimeInForce,
            Expiration = order.HasExpirationTimestamp ? Time(order.ExpirationTimestamp) : null,
            StopLoss = Level(order.HasStopLoss, order.StopLoss),
            TakeProfit = Level(order.HasTakeProfit, order.TakeProfit),
            RelativeStopLoss = order.HasRelativeStopLoss ? order.RelativeStopLoss : null,
            RelativeTakeProfit = order.HasRelativeTakeProfit ? order.RelativeTakeProfit : null,
            BaseSlippagePrice = order.HasBaseSlippagePrice ? Price(order.BaseSlippagePrice) : null,
            SlippageInPoints = order.SlippageInPoints,
            Label = order.Label,
            Comment = order.Comment,
            ClientOrderId = order.ClientOrderId,
            PositionId = order.PositionId == 0 ? null : order.PositionId,
            GuaranteedStopLoss = order.GuaranteedStopLoss,
            TrailingStopLoss = order.HasTrailingStopLoss ? order.TrailingStopLoss : null,
            TriggerMethod = order.HasStopTriggerMethod ? Method(order.StopTriggerMethod) : null,
        };
    }

    private static void Require(bool met, string text)
    {
        if (!met)
        {
            throw new SimRefusal(text);
        }
    }

    private static decimal Price(double price) =>
        double.IsFinite(price) && Math.Abs(price) <= (double)PriceMost ? (decimal)price : throw new SimRefusal("A price is not a number that can be traded");

    /// <summary>0 and absent are the same: no level.</summary>
    private static decimal? Level(bool given, double price) => given && price != 0d ? Price(price) : null;

    private static Timestamp Time(long ms) => ms is >= 0 and <= TimeMost ? Timestamp.FromMs(ms) : throw new SimRefusal("A timestamp is out of bounds");

    private static CtTriggerMethod Method(ProtoOAOrderTriggerMethod method) => Enum.IsDefined(method) ? (CtTriggerMethod)method : throw new SimRefusal("Unknown trigger method");
}
