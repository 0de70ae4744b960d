using Google.Protobuf;
using Lockstep.CTrader.Wire.Proto;

namespace Lockstep.CTrader.Tests.Wire;

/// <summary>What each vector says, as objects.</summary>
internal static class VectorMessages
{
    private const long Account = 12345678;

    /// <summary>The message and its clientMsgId; the message without fields that stand in no list.</summary>
    public static (IMessage? Body, string? Id) Of(string vector) => vector switch
    {
        "application-auth-req" => (new ProtoOAApplicationAuthReq { ClientId = "4711_abc", ClientSecret = "s3cret" }, "1"),
        "application-auth-res" => (new ProtoOAApplicationAuthRes(), "1"),
        "account-auth-req" => (new ProtoOAAccountAuthReq { CtidTraderAccountId = Account, AccessToken = "tok-1" }, "2"),
        "account-auth-res" => (new ProtoOAAccountAuthRes { CtidTraderAccountId = Account }, "2"),
        "heartbeat" or "heartbeat-without-payload" => (new ProtoHeartbeatEvent(), null),
        "new-order-req" => (NewOrder(), "LS0123456789ABC0/1"),
        "execution-filled" => (Filled(), "LS0123456789ABC0/1"),
        "deal-list-res" => (DealList(), "9"),
        "order-error" => (new ProtoOAOrderErrorEvent { CtidTraderAccountId = Account, ErrorCode = "ORDER_NOT_FOUND", OrderId = 400000009, Description = "Order not found with id 400000009" }, "x"),
        "error-blocked" => (new ProtoOAErrorRes { CtidTraderAccountId = Account, ErrorCode = "BLOCKED_PAYLOAD_TYPE", Description = "You have reached the rate limit of requests", RetryAfter = 2 }, "h7"),
        "common-error" => (new ProtoErrorRes { ErrorCode = "UNSUPPORTED_MESSAGE", Description = "" }, "q"),
        "spot-bid-only" => (new ProtoOASpotEvent { CtidTraderAccountId = Account, SymbolId = 41, Bid = 232050000 }, null),
        "spot-with-bar" => (SpotWithBar(), null),
        "trendbars-res" => (Trendbars(), "t1"),
        "trader-res" => (Trader(), "3"),
        "symbol-by-id-res" => (SymbolById(), "4"),
        "depth-packed" or "depth-unpacked" => (Depth(), null),
        "inner-payload-type" => (new ProtoOAVersionRes { PayloadType = ProtoOAPayloadType.ProtoOaVersionRes, Version = "91" }, "v"),
        "unknown-enum-value" => (new ProtoOAExecutionEvent { CtidTraderAccountId = Account, ExecutionType = (ProtoOAExecutionType)99 }, null),
        "unknown-kind" => (null, "z"),
        _ => throw new ArgumentException($"{vector} has no message here", nameof(vector)),
    };

    /// <summary>A copy that knows no strange fields.</summary>
    public static IMessage WithoutStrange(IMessage message) =>
        message.Descriptor.Parser.WithDiscardUnknownFields(true).ParseFrom(message.ToByteArray());

    private static ProtoOANewOrderReq NewOrder() => new()
    {
        CtidTraderAccountId = Account,
        SymbolId = 1,
        OrderType = ProtoOAOrderType.Market,
        TradeSide = ProtoOATradeSide.Sell,
        Volume = 1_000_000,
        TimeInForce = ProtoOATimeInForce.ImmediateOrCancel,
        Comment = "k-1",
        Label = "LS",
        ClientOrderId = "LS0123456789ABC0",
        RelativeStopLoss = 200,
    };

    private static ProtoOATradeData Trade() => new()
    {
        SymbolId = 1,
        Volume = 1_000_000,
        TradeSide = ProtoOATradeSide.Sell,
        OpenTimestamp = 1764028800123,
        Label = "LS",
        GuaranteedStopLoss = false,
        Comment = "k-1",
        MeasurementUnits = "",
    };

    private static ProtoOAExecutionEvent Filled()
    {
        var ordered = Trade();
        ordered.CloseTimestamp = 1764028800130;
        return new ProtoOAExecutionEvent
        {
            CtidTraderAccountId = Account,
            ExecutionType = ProtoOAExecutionType.OrderFilled,
            Position = new ProtoOAPosition
            {
                PositionId = 300000001,
                TradeData = Trade(),
                PositionStatus = ProtoOAPositionStatus.PositionStatusOpen,
                Swap = 0,
                Price = 1.11987,
                UtcLastUpdateTimestamp = 1764028800123,
                Commission = -3,
                MarginRate = 1.12,
                MirroringCommission = 0,
                GuaranteedStopLoss = false,
                UsedMargin = 11200,
                StopLossTriggerMethod = ProtoOAOrderTriggerMethod.Trade,
                MoneyDigits = 2,
                TrailingStopLoss = false,
            },
            Order = new ProtoOAOrder
            {
                OrderId = 400000001,
                TradeData = ordered,
                OrderType = ProtoOAOrderType.Market,
                OrderStatus = ProtoOAOrderStatus.OrderStatusFilled,
                ExecutionPrice = 1.11987,
                ExecutedVolume = 1_000_000,
                UtcLastUpdateTimestamp = 1764028800130,
                ClosingOrder = false,
                ClientOrderId = "LS0123456789ABC0",
                TimeInForce = ProtoOATimeInForce.ImmediateOrCancel,
                PositionId = 300000001,
                RelativeStopLoss = 200,
                IsStopOut = false,
                TrailingStopLoss = false,
                StopTriggerMethod = ProtoOAOrderTriggerMethod.Trade,
            },
            Deal = new ProtoOADeal
            {
                DealId = 500000001,
                OrderId = 400000001,
                PositionId = 300000001,
                Volume = 1_000_000,
                FilledVolume = 1_000_000,
                SymbolId = 1,
                CreateTimestamp = 1764028800100,
                ExecutionTimestamp = 1764028800123,
                UtcLastUpdateTimestamp = 1764028800123,
                ExecutionPrice = 1.11987,
                TradeSide = ProtoOATradeSide.Sell,
                DealStatus = ProtoOADealStatus.Filled,
                MarginRate = 1.12,
                Commission = -3,
                BaseToUsdConversionRate = 1.12,
                MoneyDigits = 2,
            },
            IsServerEvent = false,
        };
    }

    private static ProtoOADealListRes DealList() => new()
    {
        CtidTraderAccountId = Account,
        HasMore = false,
        Deal =
        {
            new ProtoOADeal
            {
                DealId = 500000002,
                OrderId = 400000002,
                PositionId = 300000001,
                Volume = 1_000_000,
                FilledVolume = 1_000_000,
                SymbolId = 1,
                CreateTimestamp = 1764028860100,
                ExecutionTimestamp = 1764028860123,
                ExecutionPrice = 1.11988,
                TradeSide = ProtoOATradeSide.Buy,
                DealStatus = ProtoOADealStatus.Filled,
                Commission = -3,
                ClosePositionDetail = new ProtoOAClosePositionDetail
                {
                    EntryPrice = 1.11987,
                    GrossProfit = -10,
                    Swap = 0,
                    Commission = -6,
                    Balance = 9_999_984,
                    QuoteToDepositConversionRate = 1,
                    ClosedVolume = 1_000_000,
                    BalanceVersion = 7,
                    MoneyDigits = 2,
                    PnlConversionFee = 0,
                },
                MoneyDigits = 2,
            },
        },
    };

    private static ProtoOASpotEvent SpotWithBar() => new()
    {
        CtidTraderAccountId = Account,
        SymbolId = 1,
        Bid = 111987,
        Ask = 111995,
        Trendbar = { new ProtoOATrendbar { Volume = 17, Period = ProtoOATrendbarPeriod.M5, Low = 111970, DeltaOpen = 5, DeltaHigh = 30, UtcTimestampInMinutes = 29400480 } },
        SessionClose = 111900,
        Timestamp = 1764028800123,
    };

    private static ProtoOAGetTrendbarsRes Trendbars()
    {
        var bars = new ProtoOAGetTrendbarsRes
        {
            CtidTraderAccountId = Account,
            Period = ProtoOATrendbarPeriod.H1,
            Trendbar =
            {
                new ProtoOATrendbar { Volume = 1200, Low = 111900, DeltaOpen = 10, DeltaClose = 50, DeltaHigh = 100, UtcTimestampInMinutes = 29400420 },
                new ProtoOATrendbar { Volume = 900, Low = 111950, DeltaOpen = 0, DeltaClose = 37, DeltaHigh = 60, UtcTimestampInMinutes = 29400480 },
            },
            SymbolId = 1,
            HasMore = false,
        };
#pragma warning disable CS0612 // Deprecated, and still sent: older clients need it (guide §11).
        bars.Timestamp = 1764028800000;
#pragma warning restore CS0612
        return bars;
    }

    private static ProtoOATraderRes Trader() => new()
    {
        CtidTraderAccountId = Account,
        Trader = new ProtoOATrader
        {
            CtidTraderAccountId = Account,
            Balance = 10_000_000,
            BalanceVersion = 3,
            ManagerBonus = 0,
            AccessRights = ProtoOAAccessRights.FullAccess,
            DepositAssetId = 4,
            SwapFree = false,
            LeverageInCents = 10_000,
            TraderLogin = 9001,
            AccountType = ProtoOAAccountType.Netted,
            BrokerName = "Sim",
            MoneyDigits = 2,
        },
    };

    private static ProtoOASymbolByIdRes SymbolById() => new()
    {
        CtidTraderAccountId = Account,
        Symbol =
        {
            new ProtoOASymbol
            {
                SymbolId = 41,
                Digits = 2,
                PipPosition = 0,
                MaxVolume = 10_000_000,
                MinVolume = 100,
                StepVolume = 100,
                Schedule = { new ProtoOAInterval { StartSecond = 79200, EndSecond = 165600 } },
                CommissionType = ProtoOACommissionType.PercentageOfValue,
                LotSize = 10_000,
            },
        },
    };

    private static ProtoOADepthEvent Depth() => new()
    {
        CtidTraderAccountId = Account,
        SymbolId = 1,
        NewQuotes = { new ProtoOADepthQuote { Id = 11, Size = 100_000_000, Bid = 111987 }, new ProtoOADepthQuote { Id = 12, Size = 50_000_000, Ask = 111995 } },
        DeletedQuotes = { 9, 300 },
    };
}
