using System.Text.Json.Serialization;
using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <summary>Kinds of MT4 order (OrderType).</summary>
public enum Mt4Op
{
    /// <summary>OP_BUY.</summary>
    Buy = 0,

    /// <summary>OP_SELL.</summary>
    Sell = 1,

    /// <summary>OP_BUYLIMIT.</summary>
    BuyLimit = 2,

    /// <summary>OP_SELLLIMIT.</summary>
    SellLimit = 3,

    /// <summary>OP_BUYSTOP.</summary>
    BuyStop = 4,

    /// <summary>OP_SELLSTOP.</summary>
    SellStop = 5,

    /// <summary>Balance operation in history.</summary>
    Balance = 6,
}

/// <summary>
/// The one object of MT4: an order with a ticket. A market order is a position; closed, deleted and balance orders are history. 0 stands for "none", as on the platform.
/// Times have whole seconds.
/// </summary>
public sealed record Mt4Order : HistoryRecord
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override Timestamp RecordedAt => CloseTime ?? OpenTime;

    /// <summary>OrderTicket, 32-bit, one series for everything.</summary>
    public required int Ticket { get; init; }

    /// <summary>OrderType.</summary>
    public required Mt4Op Op { get; init; }

    /// <summary>OrderSymbol.</summary>
    public required string Symbol { get; init; }

    /// <summary>OrderLots.</summary>
    public required decimal Lots { get; init; }

    /// <summary>OrderOpenPrice.</summary>
    public required decimal OpenPrice { get; init; }

    /// <summary>OrderOpenTime.</summary>
    public required Timestamp OpenTime { get; init; }

    /// <summary>OrderStopLoss.</summary>
    public decimal StopLoss { get; init; }

    /// <summary>OrderTakeProfit.</summary>
    public decimal TakeProfit { get; init; }

    /// <summary>OrderExpiration; null = none.</summary>
    public Timestamp? Expiration { get; init; }

    /// <summary>OrderMagicNumber.</summary>
    public int Magic { get; init; }

    /// <summary>OrderComment.</summary>
    public string Comment { get; init; } = "";

    /// <summary>OrderCommission: the round turn, charged at the opening.</summary>
    public decimal Commission { get; init; }

    /// <summary>OrderSwap.</summary>
    public decimal Swap { get; init; }

    /// <summary>OrderProfit of a closed order.</summary>
    public decimal Profit { get; init; }

    /// <summary>OrderClosePrice; 0 while open.</summary>
    public decimal ClosePrice { get; init; }

    /// <summary>OrderCloseTime; null while open.</summary>
    public Timestamp? CloseTime { get; init; }

    /// <summary>First ticket of the lineage, as the server's own books know it. The platform does not show it.</summary>
    public required int Origin { get; init; }

    /// <summary>The key of the command that opened it. The platform does not show it.</summary>
    public ulong? OwnerKey { get; init; }

    /// <summary>True for orders that wait.</summary>
    public bool IsPending => Op is Mt4Op.BuyLimit or Mt4Op.SellLimit or Mt4Op.BuyStop or Mt4Op.SellStop;

    /// <summary>Direction.</summary>
    public Side Side => Op is Mt4Op.Buy or Mt4Op.BuyLimit or Mt4Op.BuyStop ? Side.Buy : Side.Sell;
}

/// <summary>OrderSend.</summary>
public sealed record Mt4OrderSend : NativeRequest
{
    /// <summary>Symbol.</summary>
    public required string Symbol { get; init; }

    /// <summary>Kind.</summary>
    public required Mt4Op Op { get; init; }

    /// <summary>Lots.</summary>
    public required decimal Lots { get; init; }

    /// <summary>Price; null = the latest bid or ask, as a hand at the terminal takes it.</summary>
    public decimal? Price { get; init; }

    /// <summary>Slippage in points; counts in instant execution.</summary>
    public int Slippage { get; init; }

    /// <summary>Stop loss, 0 = none.</summary>
    public decimal StopLoss { get; init; }

    /// <summary>Take profit, 0 = none.</summary>
    public decimal TakeProfit { get; init; }

    /// <summary>Comment.</summary>
    public string Comment { get; init; } = "";

    /// <summary>Magic number; 0 by hand.</summary>
    public int Magic { get; init; }

    /// <summary>Expiry of a pending order.</summary>
    public Timestamp? Expiration { get; init; }
}

/// <summary>OrderClose: all or a part of a market order.</summary>
public sealed record Mt4OrderClose(int Ticket, decimal Lots, decimal? Price = null, int Slippage = 0) : NativeRequest;

/// <summary>OrderModify: SL and TP of a market order; also price and expiry of a pending one. Everything is overwritten, 0 deletes.</summary>
public sealed record Mt4OrderModify(int Ticket, decimal Price, decimal StopLoss, decimal TakeProfit, Timestamp? Expiration = null) : NativeRequest;

/// <summary>OrderDelete: a pending order.</summary>
public sealed record Mt4OrderDelete(int Ticket) : NativeRequest;

/// <summary>OrderCloseBy: one market order by an opposite one.</summary>
public sealed record Mt4OrderCloseBy(int Ticket, int Opposite) : NativeRequest;

/// <summary>What a trade call returns: the ticket (−1 when it failed) and GetLastError.</summary>
/// <param name="Ticket">The new ticket of OrderSend, the ticket given otherwise; −1 when the call failed.</param>
/// <param name="Error">GetLastError, 0 = none.</param>
/// <param name="Price">Fill or close price, as a re-selected ticket shows it.</param>
/// <param name="Lots">Filled or closed lots.</param>
public sealed record Mt4Result(int Ticket, int Error, decimal Price = 0m, decimal Lots = 0m) : NativeReply
{
    /// <inheritdoc/>
    public override bool Executed => Error == 0;
}

/// <summary>Open orders and counters of an MT4 account.</summary>
public sealed record Mt4Book(int LastTicket, IReadOnlyList<Mt4Order> Orders) : BookState;
