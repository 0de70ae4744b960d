using Google.Protobuf;
using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <content>Questions about the account that have one answer.</content>
internal sealed partial class SimDesk
{
    /// <summary>The answer; <see cref="SimRefusal"/> when there is none.</summary>
    public IMessage Answer(IMessage request) => request switch
    {
        ProtoOAReconcileReq q => Reconcile(q),
        ProtoOATraderReq => new ProtoOATraderRes { CtidTraderAccountId = Ctid, Trader = Trader() },
        ProtoOAAssetListReq => Assets(),
        ProtoOAAssetClassListReq => AssetClasses(),
        ProtoOASymbolCategoryListReq => Categories(),
        ProtoOASymbolsListReq => Symbols(),
        ProtoOASymbolByIdReq q => SymbolById(q),
        ProtoOASymbolsForConversionReq q => Conversion(q),
        ProtoOAGetDynamicLeverageByIDReq q => DynamicLeverage(q),
        ProtoOAExpectedMarginReq q => ExpectedMargin(q),
        ProtoOAGetPositionUnrealizedPnLReq => UnrealizedPnL(),
        ProtoOAMarginCallListReq => MarginCalls(),
        ProtoOAMarginCallUpdateReq q => UpdateMarginCall(q),
        ProtoOADealListReq q => Deals(q),
        ProtoOADealListByPositionIdReq q => DealsOf(q),
        ProtoOAOrderListReq q => Orders(q),
        ProtoOAOrderListByPositionIdReq q => OrdersOf(q),
        ProtoOAOrderDetailsReq q => OrderDetails(q),
        ProtoOADealOffsetListReq q => DealOffsets(q),
        ProtoOACashFlowHistoryListReq q => CashFlowHistory(q),
        ProtoOAGetTrendbarsReq q => Market.Trendbars(q),
        ProtoOAGetTickDataReq q => Market.Ticks(q),

        // 2190 and 2192 were withdrawn (guide §9).
        _ => throw new SimRefusal("UNSUPPORTED_MESSAGE", $"Unsupported message {request.Descriptor.Name}"),
    };

    /// <summary>Open positions and pending orders only; protection orders only when asked for (guide §9).</summary>
    private ProtoOAReconcileRes Reconcile(ProtoOAReconcileReq request)
    {
        Broker.Refresh();
        var answer = new ProtoOAReconcileRes { CtidTraderAccountId = Ctid };
        answer.Position.AddRange(Broker.Positions.Select(Shape));
        answer.Order.AddRange(Broker.Orders.Where(o => CTraderBroker.IsPending(o) || request.ReturnProtectionOrders).Select(Shape));
        return answer;
    }

    private ProtoOATrader Trader()
    {
        Broker.Refresh();
        var trader = new ProtoOATrader
        {
            CtidTraderAccountId = Ctid,
            Balance = Money(Broker.Balance),
            AccessRights = (ProtoOAAccessRights)Broker.AccessRights,
            DepositAssetId = Ids.AssetId(Broker.Settings.Currency),
            SwapFree = false,
            LeverageInCents = (uint)(Broker.Settings.Leverage * 100m),
            TotalMarginCalculationType = Broker.Settings.HedgedMarginShare > 0m ? ProtoOATotalMarginCalculationType.Sum : ProtoOATotalMarginCalculationType.Max,
            MaxLeverage = (uint)(Broker.Settings.Leverage * 100m),
            TraderLogin = Account.Login,
            AccountType = Broker.Settings.Mode == AccountMode.Netting ? ProtoOAAccountType.Netted : ProtoOAAccountType.Hedged,
            BrokerName = Account.BrokerName,
            RegistrationTimestamp = Ms(RegisteredAt),
            IsLimitedRisk = false,
            MoneyDigits = Digits,
        };
        if (Broker.BalanceVersion > 0)
        {
            // Recorded: absent until the balance changes for the first time.
            trader.BalanceVersion = Broker.BalanceVersion;
        }

        return Unknown(trader, [0xB8, 0x01, 0x04]);
    }

    private ProtoOAExpectedMarginRes ExpectedMargin(ProtoOAExpectedMarginReq request)
    {
        var symbol = Broker.Symbol(new SymbolName(SymbolOf(request.SymbolId)))!;
        var quote = Broker.QuoteOf(symbol.Spec.Name) ?? throw new SimRefusal("NO_QUOTES", "No quotes");
        var answer = new ProtoOAExpectedMarginRes { CtidTraderAccountId = Ctid, MoneyDigits = Digits };
        answer.Margin.AddRange(request.Volume.Select(volume => new ProtoOAExpectedMargin
        {
            Volume = volume, BuyMargin = Money(Broker.MarginFor(symbol, volume, quote.Ask.Value)), SellMargin = Money(Broker.MarginFor(symbol, volume, quote.Bid.Value)),
        }));
        return answer;
    }

    /// <summary>Net includes swap and commission so far, not the commission of closing (guide §9).</summary>
    private ProtoOAGetPositionUnrealizedPnLRes UnrealizedPnL()
    {
        Broker.Refresh();
        var answer = new ProtoOAGetPositionUnrealizedPnLRes { CtidTraderAccountId = Ctid, MoneyDigits = Digits };
        foreach (var position in Broker.Positions)
        {
            decimal gross = Broker.FloatingProfit(position.Symbol, position.Side, Broker.ToLots(position.Symbol, position.Volume), position.Price)?.Value ?? 0m;
            answer.PositionUnrealizedPnL.Add(new ProtoOAPositionUnrealizedPnL
            {
                PositionId = position.PositionId, GrossUnrealizedPnL = Money(gross), NetUnrealizedPnL = Money(gross + position.Swap + position.Commission),
            });
        }

        return answer;
    }
}
