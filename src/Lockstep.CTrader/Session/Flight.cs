using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.CTrader.Session;

/// <summary>A command on its way, and what its events add up to.</summary>
internal sealed class Flight(OrderCommand command)
{
    private List<long>? _deals;
    private decimal _paid;
    private long _summed;

    public OrderCommand Command { get; } = command;

    /// <summary>The request that carries it (its last part).</summary>
    public OpenApiRequest? Request { get; set; }

    /// <summary>The order that the server made of it (of its last part), 0 = none told yet.</summary>
    public long Order { get; set; }

    public long Position { get; set; }

    /// <summary>Executed, hundredths of a unit.</summary>
    public long Filled { get; private set; }

    public Price? Price { get; private set; }

    /// <summary>Its protection order was told.</summary>
    public bool Protected { get; set; }

    /// <summary>It ended without an answer: a later event may still tell.</summary>
    public bool IsLate { get; set; }

    /// <summary>Until when something is waited for, ms of the monotonic clock.</summary>
    public long Until { get; set; }

    /// <summary>Parts of a reduction that are done.</summary>
    public int Part { get; set; }

    /// <summary>Asked for in this part, hundredths of a unit.</summary>
    public long Asked { get; set; }

    /// <summary>Tries of this part that were refused for certain.</summary>
    public int Attempts { get; set; }

    /// <summary>The code by which an event rejected this part; null = it did not.</summary>
    public string? Rejection { get; set; }

    /// <summary>Executed in the parts before.</summary>
    public long Before { get; set; }

    public bool WantsLevels => Command is OpenMarket { StopLoss: not null } or OpenMarket { TakeProfit: not null };

    /// <summary>Counts a fill, each deal once.</summary>
    public void Add(ProtoOADeal? deal)
    {
        if (deal is not { DealStatus: ProtoOADealStatus.Filled or ProtoOADealStatus.PartiallyFilled, FilledVolume: > 0 } || (_deals ??= new(1)).Contains(deal.DealId))
        {
            return;
        }

        _deals.Add(deal.DealId);
        if (Translate.Units.Price(deal.ExecutionPrice, Translate.Units.AverageDigits) is { } price)
        {
            _paid += price * deal.FilledVolume;
            _summed += deal.FilledVolume;
            Price = new Price(Math.Round(_paid / _summed, Translate.Units.AverageDigits));
        }

        Filled += deal.FilledVolume;
    }

    /// <summary>The order's own sum: a fill that is still on its way to us is in it.</summary>
    public void Sum(ProtoOAOrder order)
    {
        Filled = Math.Max(Filled, order.ExecutedVolume);
        Price ??= Translate.Units.Level(order.HasExecutionPrice, order.ExecutionPrice, Translate.Units.AverageDigits);
    }

    /// <summary>The next part of a reduction begins.</summary>
    public void NextPart(long asked)
    {
        Before += Filled;
        (Filled, Asked, Order) = (0, asked, 0);
        _deals?.Clear();
    }
}
