using Google.Protobuf;
using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <content>
/// The broker's records as the real server writes them: optional scalars explicit even when they are false, 0 or empty, levels that are not there absent, no inner payload type
/// (guide §2, §8; the set of fields of each record is the recorded one).
/// </content>
internal sealed partial class SimDesk
{
    private uint Digits => (uint)Broker.Settings.MoneyDigits;

    public static long Ms(Timestamp moment) => moment.Micros / 1_000;

    public long Money(decimal money)
    {
        decimal scaled = money;
        for (int i = 0; i < Broker.Settings.MoneyDigits; i++)
        {
            scaled *= 10m;
        }

        return (long)Math.Round(scaled, MidpointRounding.AwayFromZero);
    }

    public ProtoOACtidTraderAccount Listed()
    {
        var listed = new ProtoOACtidTraderAccount
        {
            CtidTraderAccountId = (ulong)Ctid, IsLive = Account.IsLive, TraderLogin = Account.Login, BrokerTitleShort = Account.BrokerName,
        };
        if (Broker.DealList.LastOrDefault(d => d.CloseDetail is not null) is { } closing)
        {
            listed.LastClosingDealTimestamp = listed.LastBalanceUpdateTimestamp = Ms(closing.ExecutionTimestamp);
        }

        return listed;
    }

    private ProtoOAOrder Shape(CtOrder order)
    {
        var shape = new ProtoOAOrder
        {
            OrderId = order.OrderId,
            TradeData = TradeData(order.Symbol, order.Volume, order.Side, order.Label, order.Comment, order.OpenTimestamp, order.CloseTimestamp),
            OrderType = (ProtoOAOrderType)order.OrderType,
            OrderStatus = (ProtoOAOrderStatus)order.OrderStatus,
            ExecutedVolume = order.ExecutedVolume,
            UtcLastUpdateTimestamp = Ms(order.UpdatedAt),
            ClosingOrder = order.ClosingOrder,

            // Recorded on every order, also on those that nobody gave one: the server makes its own.
            ClientOrderId = order.ClientOrderId.Length > 0 ? order.ClientOrderId : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"server-{order.OrderId}"),
            TimeInForce = (ProtoOATimeInForce)order.TimeInForce,
            PositionId = order.PositionId,
        };
        if (order.ExecutionPrice is { } executed && order.ExecutedVolume > 0)
        {
            shape.ExecutionPrice = (double)executed;
        }

        if (order.Expiration is { } expiration)
        {
            shape.ExpirationTimestamp = Ms(expiration);
        }

        if (order.LimitPrice is { } limit)
        {
            shape.LimitPrice = (double)limit;
        }

        if (order.StopPrice is { } stop)
        {
            shape.StopPrice = (double)stop;
        }

        if (order.StopLoss is { } stopLoss)
        {
            shape.StopLoss = (double)stopLoss;
        }

        if (order.TakeProfit is { } takeProfit)
        {
            shape.TakeProfit = (double)takeProfit;
        }

        if (order.RelativeStopLoss is { } relativeStopLoss)
        {
            shape.RelativeStopLoss = relativeStopLoss;
        }

        if (order.RelativeTakeProfit is { } relativeTakeProfit)
        {
            shape.RelativeTakeProfit = relativeTakeProfit;
        }

        if (order.BaseSlippagePrice is { } slippage)
        {
            shape.BaseSlippagePrice = (double)slippage;
        }

        if (order.OrderType is CtOrderType.MarketRange or CtOrderType.StopLimit)
        {
            shape.SlippageInPoints = order.SlippageInPoints;
        }

        if (order.IsStopOut)
        {
            shape.IsStopOut = true;
        }

        if (order.TrailingStopLoss is { } trailing)
        {
            shape.TrailingStopLoss = trailing;
        }

        if (order.TriggerMethod is { } method)
        {
            shape.StopTriggerMethod = (ProtoOAOrderTriggerMethod)method;
        }

        return shape;
    }

    /// <summary>As lists show it: a closing order has the levels of its position (recorded).</summary>
    private ProtoOAOrder Listed(CtOrder order) => order is { ClosingOrder: true, OrderType: CtOrderType.Market }
        ? Shape(order with { StopLoss = order.PositionStopLoss, TakeProfit = order.PositionTakeProfit })
        : Shape(order);

    /// <summary>As lists show it: the last update is the time of its making (recorded).</summary>
    private ProtoOADeal Listed(CtDeal deal)
    {
        var shape = Shape(deal);
        shape.UtcLastUpdateTimestamp = shape.CreateTimestamp;
        return shape;
    }

    private ProtoOAPosition Shape(CtPosition position)
    {
        var shape = new ProtoOAPosition
        {
            PositionId = position.PositionId,
            TradeData = TradeData(position.Symbol, position.Volume, position.Side, position.Label, position.Comment, position.OpenTimestamp, position.CloseTimestamp),
            PositionStatus = (ProtoOAPositionStatus)position.Status,
            Swap = Money(position.Swap),
            Price = (double)position.Price,
            Commission = Money(position.Commission),
            MarginRate = (double)position.MarginRate,
            MirroringCommission = 0,
            GuaranteedStopLoss = false,
            UsedMargin = (ulong)Math.Max(0, Money(position.UsedMargin)),
            MoneyDigits = Digits,
        };
        if (position.UpdatedAt is { } updated)
        {
            shape.UtcLastUpdateTimestamp = Ms(updated);
        }

        if (position.StopLoss is { } stopLoss)
        {
            shape.StopLoss = (double)stopLoss;
        }

        if (position.TakeProfit is { } takeProfit)
        {
            shape.TakeProfit = (double)takeProfit;
        }

        if (position.TriggerMethod is { } method)
        {
            shape.StopLossTriggerMethod = (ProtoOAOrderTriggerMethod)method;
        }

        if (position.TrailingStopLoss is { } trailing)
        {
            shape.TrailingStopLoss = trailing;
        }

        return shape;
    }

    private ProtoOADeal Shape(CtDeal deal)
    {
        var shape = new ProtoOADeal
        {
            DealId = deal.DealId,
            OrderId = deal.OrderId,
            PositionId = deal.PositionId,
            Volume = Math.Max(deal.Volume, deal.FilledVolume),
            FilledVolume = deal.FilledVolume,
            SymbolId = IdOf(deal.Symbol),
            CreateTimestamp = Ms(deal.CreateTimestamp ?? deal.ExecutionTimestamp),
            ExecutionTimestamp = Ms(deal.ExecutionTimestamp),
            UtcLastUpdateTimestamp = Ms(deal.ExecutionTimestamp),
            ExecutionPrice = (double)deal.ExecutionPrice,
            TradeSide = (ProtoOATradeSide)deal.Side,
            DealStatus = deal.IsPartial ? ProtoOADealStatus.PartiallyFilled : ProtoOADealStatus.Filled,
            MarginRate = (double)deal.MarginRate,
            Commission = Money(deal.Commission),
            MoneyDigits = Digits,
        };
        if (deal.BaseToUsd is { } usd)
        {
            shape.BaseToUsdConversionRate = (double)usd;
        }

        if (deal.CloseDetail is { } detail)
        {
            shape.ClosePositionDetail = new ProtoOAClosePositionDetail
            {
                EntryPrice = (double)detail.EntryPrice,
                GrossProfit = Money(detail.GrossProfit),
                Swap = Money(detail.Swap),
                Commission = Money(detail.Commission),
                Balance = Money(detail.Balance),
                QuoteToDepositConversionRate = (double)detail.QuoteToDeposit,
                ClosedVolume = detail.ClosedVolume,
                BalanceVersion = detail.BalanceVersion,
                MoneyDigits = Digits,
                PnlConversionFee = 0,
            };
        }

        return Unknown(shape, [0x9A, 0x01, 0x00]);
    }

    private ProtoOADepositWithdraw Shape(CtCashFlow flow) => new()
    {
        OperationType = flow.Delta < 0m ? ProtoOAChangeBalanceType.BalanceWithdraw : ProtoOAChangeBalanceType.BalanceDeposit,
        BalanceHistoryId = flow.Id,
        Balance = Money(flow.Balance),
        Delta = Money(Server.Settings.SignedWithdrawals ? flow.Delta : Math.Abs(flow.Delta)),
        ChangeBalanceTimestamp = Ms(flow.At),
        ExternalNote = "",
        BalanceVersion = flow.BalanceVersion,
        Equity = Money(flow.Equity),
        MoneyDigits = Digits,
    };

    private ProtoOATradeData TradeData(string symbol, long volume, Side side, string label, string comment, Timestamp? opened, Timestamp? closed)
    {
        var data = new ProtoOATradeData
        {
            SymbolId = IdOf(symbol), Volume = volume, TradeSide = (ProtoOATradeSide)side, GuaranteedStopLoss = false, MeasurementUnits = UnitsOf(symbol),
        };
        if (opened is { } open)
        {
            data.OpenTimestamp = Ms(open);
        }

        if (closed is { } close)
        {
            data.CloseTimestamp = (ulong)Ms(close);
        }

        if (label.Length > 0)
        {
            data.Label = label;
        }

        if (comment.Length > 0)
        {
            data.Comment = comment;
        }

        return data;
    }

    /// <summary>Fields that stand in no .proto file (guide §2), where the settings say so.</summary>
    public T Unknown<T>(T message, byte[] field)
        where T : IMessage
    {
        if (Server.Settings.UnknownFields)
        {
            message.MergeFrom(field);
        }

        return message;
    }
}
