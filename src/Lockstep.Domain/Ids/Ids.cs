using System.Globalization;

namespace Lockstep.Domain;

/// <summary>The user's name of a trading account, as in the configuration: <c>prop</c>. Letters, digits, <c>-</c>, <c>_</c> and <c>.</c>, 1–40 characters.</summary>
public readonly record struct AccountId(string Value) : IComparable<AccountId>
{
    /// <inheritdoc/>
    public int CompareTo(AccountId other) => string.CompareOrdinal(Value, other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>The user's name of a link, as in the configuration: <c>prop-to-personal</c>. Same characters as <see cref="AccountId"/>.</summary>
public readonly record struct LinkId(string Value) : IComparable<LinkId>
{
    /// <inheritdoc/>
    public int CompareTo(LinkId other) => string.CompareOrdinal(Value, other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>A symbol under its broker's name, case significant: <c>EURUSD.m</c>.</summary>
public readonly record struct SymbolName(string Value) : IComparable<SymbolName>
{
    /// <inheritdoc/>
    public int CompareTo(SymbolName other) => string.CompareOrdinal(Value, other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>
/// The identity of a position that never changes while it lives: POSITION_IDENTIFIER on MT5, the first ticket of the lineage on MT4
/// (a partial close gives the rest a new ticket there), positionId on cTrader.
/// </summary>
public readonly record struct PositionId(long Value) : IComparable<PositionId>
{
    /// <inheritdoc/>
    public int CompareTo(PositionId other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>An order's number on its platform (MT4: the ticket, MT5: the order ticket, cTrader: orderId).</summary>
public readonly record struct OrderId(long Value) : IComparable<OrderId>
{
    /// <inheritdoc/>
    public int CompareTo(OrderId other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A deal's number on its platform. MT4 has no deals: its translator gives each opening and closing of a ticket a number of its own.</summary>
public readonly record struct DealId(long Value) : IComparable<DealId>
{
    /// <inheritdoc/>
    public int CompareTo(DealId other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A question to a platform (a request for a snapshot), numbered by the engine.</summary>
public readonly record struct AskId(long Value) : IComparable<AskId>
{
    /// <inheritdoc/>
    public int CompareTo(AskId other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
