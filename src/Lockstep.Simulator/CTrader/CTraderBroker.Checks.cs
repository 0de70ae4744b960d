using System.Globalization;
using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <content>What is looked at before an order is taken, with the recorded texts (reference: ctrader.md §7).</content>
public sealed partial class CTraderBroker
{
    private CtReply? CheckNew(CtNewOrder request, out SimSymbol symbol, out Quote quote)
    {
        var verdict = CheckMarket(request.Symbol, out symbol, out quote);
        if (verdict != Verdict.Ok)
        {
            return Fail(CtErrorCode.Of(verdict), verdict.ToString());
        }

        bool stopped = request.StopLoss is not null || request.RelativeStopLoss is not null;
        if (CheckLevels(symbol, request.RelativeStopLoss, request.RelativeTakeProfit, stopped, request.TrailingStopLoss, request.GuaranteedStopLoss) is { } unfit)
        {
            return unfit;
        }

        if (request.Label.Length > 100 || request.Comment.Length > 512 || request.ClientOrderId.Length > 50)
        {
            return Fail(CtErrorCode.InvalidRequest, "Text is too long");
        }

        if (request.PositionId is { } id)
        {
            if (!_positions.TryGetValue(id, out var held))
            {
                return Fail(CtErrorCode.PositionNotFound, string.Create(CultureInfo.InvariantCulture, $"Position not found with id {id}"));
            }

            if (held.Symbol != request.Symbol)
            {
                return Fail(CtErrorCode.InvalidRequest, "The position is of another symbol");
            }
        }

        return CheckVolumeText(symbol, request.Symbol, request.Volume);
    }

    private CtReply? CheckLevels(SimSymbol symbol, long? relativeStopLoss, long? relativeTakeProfit, bool stopped, bool? trailing, bool guaranteed)
    {
        // A distance is given in 1/100000 of price, whatever the digits; a symbol of two digits takes whole thousands only.
        long unit = (long)(100_000m * symbol.Spec.Point);
        if (unit > 0 && ((relativeStopLoss ?? 0) % unit != 0 || relativeStopLoss <= 0))
        {
            return Fail(CtErrorCode.InvalidRequest, "Relative stop loss has invalid precision");
        }

        if (unit > 0 && ((relativeTakeProfit ?? 0) % unit != 0 || relativeTakeProfit <= 0))
        {
            return Fail(CtErrorCode.InvalidRequest, "Relative take profit has invalid precision");
        }

        return trailing is true && !stopped ? Fail(CtErrorCode.InvalidRequest, "Can't set Trailing Stop Loss parameter without specified Stop Loss")
            : guaranteed ? Fail(CtErrorCode.InvalidRequest, "Guaranteed stop loss is only for accounts of limited risk")
            : null;
    }

    /// <summary>The texts speak of units, not of hundredths.</summary>
    private CtReply? CheckVolumeText(SimSymbol symbol, string name, long volume)
    {
        decimal units = volume / 100m;
        decimal min = symbol.Spec.MinLots.Value * symbol.Spec.ContractSize;
        decimal max = symbol.Spec.MaxLots.Value * symbol.Spec.ContractSize;
        return CheckVolume(symbol, ToLots(name, volume)) == Verdict.Ok ? null : Fail(
            CtErrorCode.BadVolume,
            units < min ? string.Create(CultureInfo.InvariantCulture, $"Order volume {units:0.00} is smaller than group minVolume={min:0.00}.")
            : units > max ? string.Create(CultureInfo.InvariantCulture, $"Order volume {units:0.00} is bigger than group maxVolume={max:0.00}.")
            : string.Create(CultureInfo.InvariantCulture, $"Order volume {units:0.00} is not a multiple of stepVolume={symbol.Spec.LotStep.Value * symbol.Spec.ContractSize:0.00}."));
    }

    private CtReply? CheckPending(SimSymbol symbol, CtOrder order, Quote quote)
    {
        decimal price = (order.OrderType == CtOrderType.Limit ? order.LimitPrice : order.StopPrice) ?? 0m;
        if (!OnTick(symbol, price))
        {
            return Fail(CtErrorCode.BadPrices, string.Create(CultureInfo.InvariantCulture, $"Order price = {price} has more digits than symbol allows. Allowed {symbol.Spec.Digits} digits"));
        }

        var type = TypeOf(order.OrderType) == PendingType.Limit ? PendingType.Limit : PendingType.Stop;
        var verdict = CheckPendingPrice(symbol, order.Side, type, price, quote);
        if (verdict != Verdict.Ok && !(verdict == Verdict.PriceWrongSide && IsAtOnce(order)))
        {
            return Fail(CtErrorCode.BadPrices, verdict.ToString());
        }

        var (stopLoss, takeProfit) = LevelsOf(order, price);
        verdict = CheckStops(symbol, order.Side, price, stopLoss ?? 0m, takeProfit ?? 0m);
        if (verdict != Verdict.Ok)
        {
            return Fail(CtErrorCode.Of(verdict), verdict.ToString());
        }

        bool dated = order.TimeInForce == CtTimeInForce.GoodTillDate;
        return dated && (!symbol.ExpiryAllowed || order.Expiration is not { } expiry || expiry <= Clock.Now)
            ? Fail(CtErrorCode.Of(Verdict.BadExpiry), "Expiration must be in the future")
            : null;
    }
}
