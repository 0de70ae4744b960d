using Lockstep.Domain;
using Lockstep.Simulator;

namespace Lockstep.Simulation;

/// <summary>What someone at a terminal wants to open.</summary>
internal sealed record HandOrder
{
    public required SymbolName Symbol { get; init; }

    public required Side Side { get; init; }

    public required decimal Volume { get; init; }

    /// <summary>Null = market.</summary>
    public PendingType? Type { get; init; }

    public decimal Price { get; init; }

    public decimal LimitPrice { get; init; }

    public decimal? StopLoss { get; init; }

    public decimal? TakeProfit { get; init; }

    public Timestamp? Expiry { get; init; }

    public int Magic { get; init; }

    public string Comment { get; init; } = "";
}

/// <summary>
/// A person's hand at an account's own terminal: the platform's own calls, executed at once, as if Lockstep did not exist. True = the platform did it.
/// </summary>
internal abstract class Hand
{
    /// <summary>The hand for a platform.</summary>
    public static Hand For(SimBroker broker) => broker switch
    {
        Mt4Broker mt4 => new Mt4Hand(mt4),
        Mt5Broker mt5 => new Mt5Hand(mt5),
        CTraderBroker ct => new CTraderHand(ct),
        _ => throw new ArgumentException($"no hand for {broker.Settings.Platform}", nameof(broker)),
    };

    /// <summary>Opens or places; the platform's number of the new order where it tells one, 0 when refused.</summary>
    public abstract long Open(HandOrder order);

    /// <summary>Closes a volume of a position.</summary>
    public abstract bool Close(OwnerPosition position, decimal volume);

    /// <summary>Sets both levels of a position.</summary>
    public abstract bool SetStops(OwnerPosition position, decimal? stopLoss, decimal? takeProfit);

    /// <summary>Changes price and levels of a pending order.</summary>
    public abstract bool Amend(OwnerOrder order, decimal price, decimal? stopLoss, decimal? takeProfit);

    /// <summary>Cancels a pending order.</summary>
    public abstract bool Cancel(OwnerOrder order);

    /// <summary>Closes one position by an opposite one, where the platform can.</summary>
    public abstract bool CloseBy(OwnerPosition one, OwnerPosition other);

    private sealed class Mt4Hand(Mt4Broker broker) : Hand
    {
        public override long Open(HandOrder order)
        {
            var op = (order.Type, order.Side) switch
            {
                (null, Side.Buy) => Mt4Op.Buy,
                (null, _) => Mt4Op.Sell,
                (PendingType.Limit, Side.Buy) => Mt4Op.BuyLimit,
                (PendingType.Limit, _) => Mt4Op.SellLimit,
                (_, Side.Buy) => Mt4Op.BuyStop,
                _ => Mt4Op.SellStop,
            };
            var result = broker.OrderSend(new Mt4OrderSend
            {
                Symbol = order.Symbol.Value,
                Op = op,
                Lots = order.Volume,
                Price = order.Type is null ? null : order.Price,
                StopLoss = order.StopLoss ?? 0m,
                TakeProfit = order.TakeProfit ?? 0m,
                Magic = order.Magic,
                Comment = order.Comment,
                Expiration = order.Type is null ? null : order.Expiry,
            });
            return result.Executed ? result.Ticket : 0;
        }

        public override bool Close(OwnerPosition position, decimal volume) => broker.OrderClose((int)position.Ticket, volume).Executed;

        public override bool SetStops(OwnerPosition position, decimal? stopLoss, decimal? takeProfit) =>
            broker.OrderModify((int)position.Ticket, position.OpenPrice, stopLoss ?? 0m, takeProfit ?? 0m).Executed;

        public override bool Amend(OwnerOrder order, decimal price, decimal? stopLoss, decimal? takeProfit) =>
            broker.OrderModify((int)order.Id, price, stopLoss ?? 0m, takeProfit ?? 0m, broker.OrderSelect((int)order.Id)?.Expiration).Executed;

        public override bool Cancel(OwnerOrder order) => broker.OrderDelete((int)order.Id).Executed;

        public override bool CloseBy(OwnerPosition one, OwnerPosition other) => broker.OrderCloseBy((int)one.Ticket, (int)other.Ticket).Executed;
    }

    private sealed class Mt5Hand(Mt5Broker broker) : Hand
    {
        public override long Open(HandOrder order)
        {
            var symbol = broker.Symbol(order.Symbol);
            var type = (order.Type, order.Side) switch
            {
                (null, Side.Buy) => Mt5OrderType.Buy,
                (null, _) => Mt5OrderType.Sell,
                (PendingType.Limit, Side.Buy) => Mt5OrderType.BuyLimit,
                (PendingType.Limit, _) => Mt5OrderType.SellLimit,
                (PendingType.Stop, Side.Buy) => Mt5OrderType.BuyStop,
                (PendingType.Stop, _) => Mt5OrderType.SellStop,
                (_, Side.Buy) => Mt5OrderType.BuyStopLimit,
                _ => Mt5OrderType.SellStopLimit,
            };
            var result = broker.OrderSend(new MqlTradeRequest
            {
                Action = order.Type is null ? MqlAction.Deal : MqlAction.Pending,
                Symbol = order.Symbol.Value,
                Volume = order.Volume,
                Type = type,
                TypeFilling = Mt5Filling.Fok,
                Price = order.Type is null ? broker.QuoteOf(order.Symbol)?.ToOpen(order.Side).Value ?? 0m : order.Price,
                StopLimit = order.Type == PendingType.StopLimit ? order.LimitPrice : 0m,
                Sl = order.StopLoss ?? 0m,
                Tp = order.TakeProfit ?? 0m,
                Magic = order.Magic,
                Comment = order.Comment,
                TypeTime = order.Type is not null && order.Expiry is not null ? Mt5TypeTime.Specified : Mt5TypeTime.Gtc,
                Expiration = order.Type is null ? null : order.Expiry,
            });
            return result.Executed ? result.Order : 0;
        }

        public override bool Close(OwnerPosition position, decimal volume) => broker.OrderSend(new MqlTradeRequest
        {
            Action = MqlAction.Deal,
            Symbol = position.Symbol,
            Volume = volume,
            Type = position.Side == Side.Buy ? Mt5OrderType.Sell : Mt5OrderType.Buy,
            TypeFilling = Mt5Filling.Fok,
            Price = broker.QuoteOf(new SymbolName(position.Symbol))?.ToClose(position.Side).Value ?? 0m,
            Position = position.Ticket,
        }).Executed;

        public override bool SetStops(OwnerPosition position, decimal? stopLoss, decimal? takeProfit) => broker.OrderSend(new MqlTradeRequest
        {
            Action = MqlAction.Sltp,
            Symbol = position.Symbol,
            Position = position.Ticket,
            Sl = stopLoss ?? 0m,
            Tp = takeProfit ?? 0m,
        }).Executed;

        public override bool Amend(OwnerOrder order, decimal price, decimal? stopLoss, decimal? takeProfit)
        {
            var now = broker.Orders.First(o => o.Ticket == order.Id);
            return broker.OrderSend(new MqlTradeRequest
            {
                Action = MqlAction.Modify,
                Order = order.Id,
                Symbol = order.Symbol,
                Price = price,
                StopLimit = now.StopLimit == 0m ? 0m : now.StopLimit + (price - now.PriceOpen),
                Sl = stopLoss ?? 0m,
                Tp = takeProfit ?? 0m,
                TypeTime = now.Expiration is null ? Mt5TypeTime.Gtc : Mt5TypeTime.Specified,
                Expiration = now.Expiration,
            }).Executed;
        }

        public override bool Cancel(OwnerOrder order) => broker.OrderSend(new MqlTradeRequest { Action = MqlAction.Remove, Order = order.Id, Symbol = order.Symbol }).Executed;

        public override bool CloseBy(OwnerPosition one, OwnerPosition other) => broker.OrderSend(new MqlTradeRequest
        {
            Action = MqlAction.CloseBy,
            Type = Mt5OrderType.CloseBy,
            Symbol = one.Symbol,
            Position = one.Ticket,
            PositionBy = other.Ticket,
        }).Executed;
    }

    private sealed class CTraderHand(CTraderBroker broker) : Hand
    {
        public override long Open(HandOrder order)
        {
            var reply = broker.NewOrder(new CtNewOrder
            {
                Symbol = order.Symbol.Value,
                OrderType = order.Type switch { null => CtOrderType.Market, PendingType.Limit => CtOrderType.Limit, _ => CtOrderType.Stop },
                Side = order.Side,
                Volume = broker.ToVolume(order.Symbol.Value, order.Volume),
                LimitPrice = order.Type == PendingType.Limit ? order.Price : null,
                StopPrice = order.Type is PendingType.Stop or PendingType.StopLimit ? order.Price : null,
                StopLoss = order.Type is null ? null : order.StopLoss,
                TakeProfit = order.Type is null ? null : order.TakeProfit,
                TimeInForce = order.Expiry is not null && order.Type is not null ? CtTimeInForce.GoodTillDate : CtTimeInForce.GoodTillCancel,
                Expiration = order.Type is null ? null : order.Expiry,
                Label = order.Comment,
            });
            if (!reply.Executed || reply.Order is null)
            {
                return 0;
            }

            if (order.Type is null && (order.StopLoss is not null || order.TakeProfit is not null))
            {
                // A market order takes distances only; a person sets the levels in the next moment.
                broker.AmendPositionSltp(reply.Order.PositionId, order.StopLoss, order.TakeProfit);
            }

            return reply.Order.OrderId;
        }

        public override bool Close(OwnerPosition position, decimal volume) => broker.ClosePosition(position.Id, broker.ToVolume(position.Symbol, volume)).Executed;

        public override bool SetStops(OwnerPosition position, decimal? stopLoss, decimal? takeProfit) => broker.AmendPositionSltp(position.Id, stopLoss, takeProfit).Executed;

        public override bool Amend(OwnerOrder order, decimal price, decimal? stopLoss, decimal? takeProfit) => broker.AmendOrder(new CtAmendOrder
        {
            OrderId = order.Id,
            LimitPrice = order.Type == PendingType.Limit ? price : null,
            StopPrice = order.Type == PendingType.Limit ? null : price,
            StopLoss = stopLoss,
            TakeProfit = takeProfit,
            Expiration = broker.OrderDetails(order.Id)?.Expiration,
        }).Executed;

        public override bool Cancel(OwnerOrder order) => broker.CancelOrder(order.Id).Executed;

        public override bool CloseBy(OwnerPosition one, OwnerPosition other) => false;
    }
}
