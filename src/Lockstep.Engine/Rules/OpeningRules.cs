using Lockstep.Domain;

namespace Lockstep.Engine;

/// <summary>
/// Where the rules of an account (SPEC RU-1, RU-2) are asked before each opening; closings never pass here. A rule sees the account's book and what would be
/// opened, and may forbid it with words. A new rule is one more row of <see cref="All"/>; its clocks and floors are timers and watches like every other.
/// </summary>
public static class OpeningRules
{
    /// <summary>One rule: null = allowed, otherwise why not.</summary>
    public delegate string? Rule(AccountBook account, SymbolSpec symbol, Side side, Lots volume);

    /// <summary>The rules in force, asked in this order.</summary>
    public static readonly IReadOnlyList<Rule> All = [WithinSymbol];

    /// <summary>The first objection, or null.</summary>
    public static string? Forbids(AccountBook account, SymbolSpec symbol, Side side, Lots volume)
    {
        for (int i = 0; i < All.Count; i++)
        {
            if (All[i](account, symbol, side, volume) is { } why)
            {
                return why;
            }
        }

        return null;
    }

    /// <summary>An order's volume is within the symbol's limits and on its step.</summary>
    public static string? WithinSymbol(AccountBook account, SymbolSpec symbol, Side side, Lots volume) =>
        volume < symbol.MinLots ? $"{volume} lots of {symbol.Name} on {account.Id}: minimum {symbol.MinLots}"
        : volume > symbol.MaxLots ? $"{volume} lots of {symbol.Name} on {account.Id}: maximum {symbol.MaxLots}"
        : !symbol.IsOnStep(volume) ? $"{volume} lots of {symbol.Name} on {account.Id}: step {symbol.LotStep}"
        : null;
}
