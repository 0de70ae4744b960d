namespace Lockstep.Domain.Tests;

/// <summary>Symbols for tests.</summary>
internal static class Specs
{
    /// <summary>EURUSD as most brokers have it.</summary>
    public static readonly SymbolSpec EurUsd = new()
    {
        Name = new("EURUSD"),
        ContractSize = 100_000m,
        Digits = 5,
        TickSize = 0.00001m,
        MinLots = new(0.01m),
        LotStep = new(0.01m),
        MaxLots = new(50m),
    };

    /// <summary>The same with another lot step, which is the minimum too.</summary>
    public static SymbolSpec With(decimal step) => EurUsd with { LotStep = new(step), MinLots = new(step), MaxLots = new(step * 1_000_000m) };

    /// <summary>10 to a power, exact.</summary>
    public static decimal PowerOfTen(int power) => Enumerable.Repeat(10m, power).Aggregate(1m, (product, ten) => product * ten);
}
