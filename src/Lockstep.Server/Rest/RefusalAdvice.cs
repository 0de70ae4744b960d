using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Server.Rest;

/// <summary>What a person or program can do about a refusal, one sentence each.</summary>
internal static class RefusalAdvice
{
    /// <summary>What was refused, with the platform's own words.</summary>
    public static string Detail(ClientAnswer answer) =>
        answer.Code.Length == 0 ? $"Refused: {RestJson.Word(answer.Refusal)}." : $"Refused: {RestJson.Word(answer.Refusal)} ({answer.Code}).";

    /// <summary>What to do.</summary>
    public static string Advice(Refusal refusal) => refusal switch
    {
        Refusal.PriceMoved => "The price moved: look at the quote and send a new request under a new id.",
        Refusal.NoQuotes => "There are no quotes for the symbol now: wait for one, then send a new request.",
        Refusal.MarketClosed => "The market is closed: wait until its session opens.",
        Refusal.InvalidStops => "Move stopLoss, takeProfit or the price to the right side of the market and outside of stopsLevelPoints (see /symbols).",
        Refusal.InvalidPrice => "Give a price that is a multiple of tickSize and on the right side of the market (see /symbols).",
        Refusal.InvalidVolume => "Give a volume from minLots to maxLots that is a multiple of lotStep (see /symbols).",
        Refusal.NoMoney => "Free margin does not suffice: reduce the volume or close something.",
        Refusal.TradeDisabled => "Trading is disabled for the account or symbol: ask the broker.",
        Refusal.Frozen => "The market is within freezeLevelPoints of the trigger: wait until it has moved away.",
        Refusal.FifoOrder => "The account is FIFO: close the oldest position of the symbol first.",
        Refusal.HedgeProhibited => "The account may not hold opposite positions: close the other one first.",
        Refusal.NotFound => "The position or order is gone: look at the lists.",
        Refusal.TooManyRequests or Refusal.Busy => "The server is busy: wait a second and send a new request under a new id.",
        Refusal.TooManyOrders => "The account has as many positions and orders as it may: close or cancel some.",
        Refusal.UnknownSymbol => "Use a symbol of the account (see /symbols).",
        Refusal.InvalidExpiry => "Give an expiry in the future, or none where the broker takes none.",
        Refusal.NotSent => "The order never left, as the account had no session in time: wait until its state is up, then send a new request.",
        Refusal.PriceGuard => "The market was worse than worstPrice: give another one, or wait.",
        Refusal.InvalidRequest => "The account cannot do this: look at its mode and at the request.",
        _ => "The broker said no: see the code.",
    };
}
