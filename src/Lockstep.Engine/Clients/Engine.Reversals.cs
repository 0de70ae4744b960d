using Lockstep.Domain;

namespace Lockstep.Engine;

/// <content>Reversals: two orders, the second only when the first is done.</content>
public sealed partial class Engine
{
    /// <summary>A closing that is known later than this after the request is not followed by an opening: the market it was meant for is gone.</summary>
    private static readonly TimeSpan ReverseWithin = TimeSpan.FromMinutes(1);

    /// <summary>What would keep the second half from being opened is a reason not to begin.</summary>
    private static ClientAnswer? ReverseProblem(AccountBook book, ClientReverse reverse)
    {
        if (!book.Positions.TryGetValue(reverse.Position, out var position))
        {
            return No(Refusal.NotFound, $"{book.Id} has no position {reverse.Position}");
        }

        if (!book.Symbols.TryGetValue(position.Symbol, out var spec))
        {
            return No(Refusal.UnknownSymbol, $"{book.Id} never described {position.Symbol}");
        }

        if (OpeningRules.Forbids(book, spec, position.Side.Opposite(), reverse.Volume ?? position.Volume) is { } why)
        {
            return No(why.Refusal, why.Text);
        }

        return book.Capabilities!.Mode == AccountMode.Fifo && book.Positions.Values.Any(p => p.Symbol == position.Symbol && p.Id != position.Id)
            ? No(Refusal.HedgeProhibited, $"{book.Id} may not hold opposite positions, and {position.Id} is not the only one of {position.Symbol}")
            : null;
    }

    private static Reversal ReversalOf(AccountBook book, ClientReverse reverse)
    {
        var position = book.Positions[reverse.Position];
        return new Reversal { Position = position.Id, Symbol = position.Symbol, Side = position.Side.Opposite(), Volume = reverse.Volume ?? position.Volume };
    }

    /// <summary>The answer to the whole, given how one of its orders stands. When the closing is done, the opening goes out.</summary>
    private ClientAnswer ReversalStands(Intent intent, ClientEntry entry, Reversal reversal, ClientAnswer answer)
    {
        if (intent.Command is not ReducePosition)
        {
            return answer with { Closing = reversal.Closing };
        }

        var closing = new ClientClosing { State = answer.State, Key = intent.Key, Position = reversal.Position, Filled = answer.Filled, Price = answer.Price };
        entry.Reversal = reversal with { Closing = closing };
        if (answer.State != ClientState.Done)
        {
            return answer with { Closing = closing };
        }

        var book = _accounts[intent.Command.Account];
        if (OpeningProblem(book, entry, reversal) is { } not)
        {
            return No(not.Refusal, not.Text) with { Closing = closing };
        }

        var reverse = (ClientReverse)entry.Request;
        var open = new OpenMarket
        {
            Account = book.Id, Key = OrderKey.From($"api|{book.Id}|{reverse.ClientId}", 0, 0, "reverse", 0), Symbol = reversal.Symbol, Deadline = Deadline(book),
            Side = reversal.Side, Volume = reversal.Volume, StopLoss = reverse.StopLoss, TakeProfit = reverse.TakeProfit,
        };
        Dispatch(open, 0, reverse.ClientId, reducing: false);
        return new ClientAnswer { State = ClientState.InFlight, Key = open.Key, Closing = closing };
    }

    private (Refusal Refusal, string Text)? OpeningProblem(AccountBook book, ClientEntry entry, Reversal reversal)
    {
        if (book.Positions.TryGetValue(reversal.Position, out var left) && left.Side != reversal.Side)
        {
            return (Refusal.Other, $"only a part of position {left.Id} was closed, {left.Volume} lots are left: the opposite side was not opened");
        }

        if (_now - entry.At > ReverseWithin)
        {
            return (Refusal.NotSent, $"that position {reversal.Position} is closed was known only {(_now - entry.At).TotalSeconds:0} s after the request: the opposite side was not opened");
        }

        return !book.Symbols.TryGetValue(reversal.Symbol, out var spec) ? (Refusal.UnknownSymbol, $"{book.Id} has no symbol {reversal.Symbol} any more")
            : OpeningRules.Forbids(book, spec, reversal.Side, reversal.Volume) is { } why ? (why.Refusal, why.Text)
            : null;
    }
}
