namespace Lockstep.MetaTrader.Wire;

/// <summary>An open position. Times by the broker's clock, ms since 1970; 0 = none for ids and levels.</summary>
public sealed record WirePosition
{
    /// <summary>Never changes.</summary>
    public required long Id { get; init; }

    /// <summary>What trade calls take now.</summary>
    public required long Ticket { get; init; }

    /// <summary>Broker's symbol.</summary>
    public required string Symbol { get; init; }

    /// <summary>True = buy.</summary>
    public required bool Buy { get; init; }

    /// <summary>Lots, above 0.</summary>
    public required decimal Lots { get; init; }

    /// <summary>Open price.</summary>
    public required decimal Price { get; init; }

    /// <summary>Open time.</summary>
    public required long Time { get; init; }

    /// <summary>Stop loss.</summary>
    public decimal? Sl { get; init; }

    /// <summary>Take profit.</summary>
    public decimal? Tp { get; init; }

    /// <summary>The order that opened it.</summary>
    public long Order { get; init; }

    /// <summary>Magic number.</summary>
    public long Magic { get; init; }

    /// <summary>Comment.</summary>
    public string Comment { get; init; } = "";

    /// <summary>FNV-1a-64 of the object's text as it was read; 0 = made here and not yet worked out.</summary>
    public ulong Fingerprint { get; init; }
}

/// <summary>A pending order.</summary>
public sealed record WireOrder
{
    /// <summary>Number.</summary>
    public required long Id { get; init; }

    /// <summary>Broker's symbol.</summary>
    public required string Symbol { get; init; }

    /// <summary>True = buy.</summary>
    public required bool Buy { get; init; }

    /// <summary><c>limit</c>, <c>stop</c>, <c>stoplimit</c>.</summary>
    public required string Type { get; init; }

    /// <summary>Remaining lots.</summary>
    public required decimal Lots { get; init; }

    /// <summary>Trigger or limit price.</summary>
    public required decimal Price { get; init; }

    /// <summary>Limit price of a stop-limit order.</summary>
    public decimal? Limit { get; init; }

    /// <summary>Stop loss.</summary>
    public decimal? Sl { get; init; }

    /// <summary>Take profit.</summary>
    public decimal? Tp { get; init; }

    /// <summary>Expiry.</summary>
    public long? Expiry { get; init; }

    /// <summary>When it was placed.</summary>
    public required long Time { get; init; }

    /// <summary>Magic number.</summary>
    public long Magic { get; init; }

    /// <summary>Comment.</summary>
    public string Comment { get; init; } = "";

    /// <summary>FNV-1a-64 of the object's text as it was read; 0 = made here and not yet worked out.</summary>
    public ulong Fingerprint { get; init; }
}

/// <summary>An execution.</summary>
public sealed record WireDeal
{
    /// <summary>Number, growing.</summary>
    public required long Id { get; init; }

    /// <summary>Position, by identity.</summary>
    public required long Position { get; init; }

    /// <summary>Order; 0 = none.</summary>
    public long Order { get; init; }

    /// <summary>Broker's symbol.</summary>
    public required string Symbol { get; init; }

    /// <summary>True = the deal is a buy.</summary>
    public required bool Buy { get; init; }

    /// <summary>Lots.</summary>
    public required decimal Lots { get; init; }

    /// <summary>Price.</summary>
    public required decimal Price { get; init; }

    /// <summary><c>in</c>, <c>out</c>, <c>inout</c>.</summary>
    public required string Entry { get; init; }

    /// <summary><c>request</c>, <c>sl</c>, <c>tp</c>, <c>so</c>, <c>other</c>.</summary>
    public required string Reason { get; init; }

    /// <summary>When.</summary>
    public required long Time { get; init; }

    /// <summary>Magic number.</summary>
    public long Magic { get; init; }

    /// <summary>Comment.</summary>
    public string Comment { get; init; } = "";

    /// <summary>Realised result without swap and commission.</summary>
    public decimal Profit { get; init; }

    /// <summary>Swap.</summary>
    public decimal Swap { get; init; }

    /// <summary>Commission and fee.</summary>
    public decimal Commission { get; init; }
}

/// <summary>A symbol's specification.</summary>
public sealed record WireSymbol
{
    /// <summary>Broker's name.</summary>
    public required string Name { get; init; }

    /// <summary>Contract size.</summary>
    public required decimal Size { get; init; }

    /// <summary>Digits.</summary>
    public required int Digits { get; init; }

    /// <summary>Tick size.</summary>
    public required decimal Tick { get; init; }

    /// <summary>Smallest volume.</summary>
    public required decimal Min { get; init; }

    /// <summary>Step.</summary>
    public required decimal Step { get; init; }

    /// <summary>Largest volume of an order.</summary>
    public required decimal Max { get; init; }

    /// <summary>SYMBOL_VOLUME_LIMIT, 0 = none.</summary>
    public decimal Limit { get; init; }

    /// <summary>Stops level, points.</summary>
    public int Stops { get; init; }

    /// <summary>Freeze level, points.</summary>
    public int Freeze { get; init; }

    /// <summary>Base currency.</summary>
    public string Base { get; init; } = "";

    /// <summary>Profit currency.</summary>
    public string Profit { get; init; } = "";

    /// <summary>SYMBOL_FILLING_MODE.</summary>
    public int Fill { get; init; }

    /// <summary><c>request</c>, <c>instant</c>, <c>market</c>, <c>exchange</c>.</summary>
    public string Execution { get; init; } = "";

    /// <summary><c>full</c>, <c>none</c>, <c>long</c>, <c>short</c>, <c>close</c>.</summary>
    public string Trade { get; init; } = "full";

    /// <summary>Tick value in account currency.</summary>
    public decimal Value { get; init; }

    /// <summary>Swap of a long position.</summary>
    public decimal SwapLong { get; init; }

    /// <summary>Swap of a short position.</summary>
    public decimal SwapShort { get; init; }
}

/// <summary>A quote: symbol, bid, ask, broker's time in ms.</summary>
public readonly record struct WireQuote(string Symbol, decimal Bid, decimal Ask, long Time);

/// <summary>An account's money.</summary>
public sealed record WireFunds(decimal Balance, decimal Equity, decimal Margin, decimal Free, decimal Credit);

/// <summary>Floating result of a position.</summary>
public readonly record struct WireFloating(long Position, decimal Profit, decimal Swap);
