using Google.Protobuf;
using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.CTrader.Translate;

/// <content>Events, and the deals in them.</content>
internal sealed partial class Book
{
    /// <summary>Takes an event in; what it changed is added to <paramref name="change"/>. False = it was told before, word for word.</summary>
    public bool Apply(ProtoOAExecutionEvent e, Change change, Timestamp now, bool again = false)
    {
        if (!_events.Add(KeyOf(e)) && !again)
        {
            return false;
        }

        if (e.Order is { TradeData: not null } order)
        {
            Learn(order);
        }

        bool told = false;
        if (e.Deal is { } deal)
        {
            if (again)
            {
                // The deal itself was told, or will be in a list; its balance may be newer than what is known.
                Settle(deal, change);
            }
            else
            {
                told = TakeDeal(deal, change, now);
            }
        }

        if (e.Position is { TradeData: not null } position)
        {
            TakePosition(position, change, now, e is { ExecutionType: ProtoOAExecutionType.OrderFilled, Order.ClosingOrder: false });
        }
        else if (told && e.Deal is { ClosePositionDetail: not null } closing)
        {
            Shrink(closing, change, now);
        }

        if (e.Order is { } pending && Reports.IsPending(pending.OrderType) && !pending.ClosingOrder)
        {
            TakeOrder(pending, change, now);
        }

        if (e.DepositWithdraw is { } cash)
        {
            uint digits = cash.HasMoneyDigits ? cash.MoneyDigits : MoneyDigits;
            SetBalance(Units.Money(cash.Balance, digits), cash.HasBalanceVersion ? cash.BalanceVersion : null);
            change.Money = true;
            change.AskTrader |= !cash.HasBalanceVersion;
        }

        if (e.ExecutionType is ProtoOAExecutionType.BonusDepositWithdraw or ProtoOAExecutionType.Swap or ProtoOAExecutionType.DepositWithdraw)
        {
            change.Money = true;
            change.AskTrader |= e.ExecutionType != ProtoOAExecutionType.DepositWithdraw;
        }

        // A position that came and went between two events is known by its deals; its end is told as well.
        if (told && !_positions.ContainsKey(e.Deal!.PositionId) && _closed.Contains(e.Deal.PositionId) && !change.Closed.Contains(new PositionId(e.Deal.PositionId)))
        {
            change.Closed.Add(new PositionId(e.Deal.PositionId));
        }

        return true;
    }

    /// <summary>A trailing stop moved: this message is the only notice of it (guide §8).</summary>
    public void Apply(ProtoOATrailingSLChangedEvent e, Change change, Timestamp now)
    {
        if (_positions.TryGetValue(e.PositionId, out var held) && Units.Price(e.StopPrice, held.Symbol.Digits) is not null && e.UtcLastUpdateTimestamp >= Math.Max(held.UpdatedAt, held.TrailedAt))
        {
            held.TrailedAt = e.UtcLastUpdateTimestamp;
            var moved = held.Raw.Clone();
            moved.StopLoss = e.StopPrice;
            Put(moved, held.Symbol, change, now);
        }
    }

    /// <summary>The margin of a position is another.</summary>
    public bool Apply(ProtoOAMarginChangedEvent e)
    {
        if (!_positions.TryGetValue((long)e.PositionId, out var held))
        {
            return false;
        }

        var raw = held.Raw.Clone();
        raw.UsedMargin = e.UsedMargin;
        held.Raw = raw;
        return true;
    }

    private bool TakeDeal(ProtoOADeal deal, Change change, Timestamp now)
    {
        if (deal.DealStatus is not (ProtoOADealStatus.Filled or ProtoOADealStatus.PartiallyFilled))
        {
            return false;
        }

        if (Find(deal.SymbolId, change) is not { } symbol)
        {
            return false;
        }

        if (Reports.Deal(deal, Facts(deal.OrderId), symbol, MoneyDigits, now) is not { } report)
        {
            change.Nonsense++;
            return false;
        }

        if (!_deals.Add(deal.DealId))
        {
            return false;
        }

        change.Deals.Add(report);
        Settle(deal, change);
        return true;
    }

    /// <summary>The balance after a closing deal.</summary>
    private void Settle(ProtoOADeal deal, Change change)
    {
        if (deal is { ClosePositionDetail: { } detail, DealStatus: ProtoOADealStatus.Filled or ProtoOADealStatus.PartiallyFilled })
        {
            uint digits = detail.HasMoneyDigits ? detail.MoneyDigits : deal.HasMoneyDigits ? deal.MoneyDigits : MoneyDigits;
            SetBalance(Units.Money(detail.Balance, digits), detail.HasBalanceVersion ? detail.BalanceVersion : null);
            change.Money = true;
            change.AskTrader |= !detail.HasBalanceVersion;
        }
    }

    /// <summary>A closing deal without its position: the volume falls by what it closed.</summary>
    private void Shrink(ProtoOADeal deal, Change change, Timestamp now)
    {
        if (!_positions.TryGetValue(deal.PositionId, out var held))
        {
            return;
        }

        var left = held.Raw.Clone();
        long closed = deal.ClosePositionDetail is { ClosedVolume: > 0 } detail ? detail.ClosedVolume : deal.FilledVolume;
        left.TradeData.Volume = Math.Max(0, held.Volume - closed);
        if (left.TradeData.Volume == 0)
        {
            // Worked out, not told: a position that says otherwise, and is no older, is right.
            Remove(deal.PositionId, deal.ExecutionTimestamp - 1, change);
        }
        else
        {
            Put(left, held.Symbol, change, now);
        }
    }

    private static EventKey KeyOf(ProtoOAExecutionEvent e) => new(
        (int)e.ExecutionType,
        e.Order?.OrderId ?? e.DepositWithdraw?.BalanceHistoryId ?? e.BonusDepositWithdraw?.BonusHistoryId ?? 0,
        e.Order?.UtcLastUpdateTimestamp ?? 0,
        e.Deal?.DealId ?? 0,
        e.Position?.PositionId ?? 0,
        e.Position?.UtcLastUpdateTimestamp ?? 0,
        e.Position is null && e.Order is null ? 0 : ((e.Position?.TradeData?.Volume ?? 0) * 31) + (e.Order?.ExecutedVolume ?? 0) + (e.Position?.Swap ?? 0),
        e.Position is { } p ? p.StopLoss : e.Order?.StopPrice ?? 0,
        e.Position is { } q ? q.TakeProfit : e.Order?.LimitPrice ?? 0);
}
