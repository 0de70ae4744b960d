using Lockstep.Domain;

namespace Lockstep.Engine;

/// <summary>Why an opening may not be sent.</summary>
/// <param name="Reason">For the why-ledger.</param>
/// <param name="Refusal">For a client.</param>
/// <param name="Text">The numbers behind it, for a person.</param>
public sealed record Objection(WhyReason Reason, Refusal Refusal, string Text);

/// <summary>
/// Where the rules of an account (SPEC RU-1, RU-2) are asked before each opening; closings never pass here. A rule sees the account's book and what would be
/// opened, and may forbid it with words. A new rule is one more row of <see cref="All"/>; its clocks and floors are timers and watches like every other.
/// </summary>
public static class OpeningRules
{
    /// <summary>One rule: null = allowed, otherwise why not.</summary>
    public delegate Objection? Rule(AccountBook account, SymbolSpec symbol, Side side, Lots volume);

    /// <summary>The rules in force, asked in this order.</summary>
    public static readonly IReadOnlyList<Rule> All = [Tradable, WithinSymbol];

    /// <summary>The first objection, or null.</summary>
    public static Objection? Forbids(AccountBook account, SymbolSpec symbol, Side side, Lots volume)
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

    /// <summary>The broker lets positions of this side be opened on the symbol.</summary>
    public static Objection? Tradable(AccountBook account, SymbolSpec symbol, Side side, Lots volume) =>
        symbol.Trading switch
        {
            SymbolTrading.Full => null,
            SymbolTrading.LongOnly => side == Side.Buy ? null : Closed(account, symbol, "only buying opens"),
            SymbolTrading.ShortOnly => side == Side.Sell ? null : Closed(account, symbol, "only selling opens"),
            SymbolTrading.CloseOnly => Closed(account, symbol, "only closing is allowed"),
            _ => Closed(account, symbol, "trading is disabled"),
        };

    /// <summary>An order's volume is within the symbol's limits and on its step.</summary>
    public static Objection? WithinSymbol(AccountBook account, SymbolSpec symbol, Side side, Lots volume) =>
        volume < symbol.MinLots ? Bad($"{volume} lots of {symbol.Name} on {account.Id}: minimum {symbol.MinLots}")
        : volume > symbol.MaxLots ? Bad($"{volume} lots of {symbol.Name} on {account.Id}: maximum {symbol.MaxLots}")
        : !symbol.IsOnStep(volume) ? Bad($"{volume} lots of {symbol.Name} on {account.Id}: step {symbol.LotStep}")
        : null;

    private static Objection Closed(AccountBook account, SymbolSpec symbol, string what) => new(WhyReason.NotTradable, Refusal.TradeDisabled, $"{symbol.Name} on {account.Id}: {what}");

    private static Objection Bad(string what) => new(WhyReason.RuleForbids, Refusal.InvalidVolume, what);
}
