using Lockstep.Domain;

namespace Lockstep.MetaTrader;

/// <summary>What a platform's code means for an order. MT4's numbers and MT5's are different languages with some words in common: each has its own table.</summary>
/// <param name="Code">The number.</param>
/// <param name="Name">Its name in the platform's own language; "" = it is in no table.</param>
/// <param name="Outcome">What became of the order.</param>
/// <param name="Refusal">Why, in the one vocabulary.</param>
/// <param name="Meaning">For a person.</param>
public readonly record struct PlatformCode(int Code, string Name, OrderOutcome Outcome, Refusal Refusal, string Meaning)
{
    /// <summary>A code that is in no table: unknown, never refused.</summary>
    internal static PlatformCode None(int code) => new(code, "", OrderOutcome.Unknown, Refusal.Other, "not in the table");
}
