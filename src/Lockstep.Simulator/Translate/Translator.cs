using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <summary>How a command ended.</summary>
internal sealed record CommandResult
{
    /// <summary>Done, refused, unknown.</summary>
    public required OrderOutcome Outcome { get; init; }

    /// <summary>Why not.</summary>
    public Refusal Refusal { get; init; }

    /// <summary>The platform's code.</summary>
    public string Code { get; init; } = "";

    /// <summary>The position.</summary>
    public PositionId? Position { get; init; }

    /// <summary>The pending order.</summary>
    public OrderId? Order { get; init; }

    /// <summary>Executed volume.</summary>
    public Lots Filled { get; init; }

    /// <summary>Execution price.</summary>
    public Price? Price { get; init; }

    /// <summary>Done.</summary>
    public static CommandResult Done(string code) => new() { Outcome = OrderOutcome.Done, Code = code };

    /// <summary>Refused.</summary>
    public static CommandResult Refused(Refusal refusal, string code) => new() { Outcome = OrderOutcome.Refused, Refusal = refusal, Code = code };

    /// <summary>Never left us.</summary>
    public static CommandResult NotSent(string why) => Refused(Refusal.NotSent, why);
}

/// <summary>Between one platform's words and ours: books to reports, commands to native requests, native answers to the three ends of an order.</summary>
internal abstract class Translator
{
    private const int AttemptsMax = 5;

    /// <summary>Stands between the translator and the broker's dealing queue: a terminal, which counts, loses and dies. Null = nothing between them.</summary>
    public Action<NativeRequest, Action<NativeReply>>? Gate { get; init; }

    /// <summary>The translator of a broker's platform.</summary>
    /// <param name="broker">The broker.</param>
    /// <param name="gate">See <see cref="Gate"/>.</param>
    /// <param name="lineage">MT4: what a terminal's own file knows of tickets; null = what is known to who watched all the time.</param>
    public static Translator For(SimBroker broker, Action<NativeRequest, Action<NativeReply>>? gate = null, Mt4Lineage? lineage = null) => broker switch
    {
        Mt4Broker mt4 => new Mt4Translator(mt4, lineage ?? mt4.Lineage) { Gate = gate },
        Mt5Broker mt5 => new Mt5Translator(mt5) { Gate = gate },
        CTraderBroker ct => new CTraderTranslator(ct) { Gate = gate },
        _ => throw new ArgumentException("unknown platform", nameof(broker)),
    };

    /// <summary>Deals up to now have been told.</summary>
    public abstract void Reset();

    /// <summary>All open positions, by id.</summary>
    public abstract IReadOnlyList<PositionReport> Positions();

    /// <summary>What the open positions would bring now; those without a quote are left out.</summary>
    public abstract IReadOnlyList<PositionMoney> Floating();

    /// <summary>All pending orders, by id.</summary>
    public abstract IReadOnlyList<PendingReport> Orders();

    /// <summary>Deals since the last call or <see cref="Reset"/>.</summary>
    public abstract IReadOnlyList<DealReport> NewDeals();

    /// <summary>Deals since a moment, oldest first.</summary>
    public abstract IReadOnlyList<DealReport> DealsSince(Timestamp from);

    /// <summary>Pending orders that ended without a deal since a moment.</summary>
    public abstract IReadOnlyList<PendingReport> EndedSince(Timestamp from);

    /// <summary>Carries a command out; calls back once, or never when no answer comes.</summary>
    public abstract void Carry(OrderCommand command, Action<CommandResult> done);

    /// <summary>Gives a request to the broker.</summary>
    protected void Pass(SimBroker broker, NativeRequest request, Action<NativeReply> reply)
    {
        if (Gate is { } gate)
        {
            gate(request, reply);
        }
        else
        {
            broker.Submit(request, reply);
        }
    }

    /// <summary>0 and "none" are the same on MetaTrader.</summary>
    protected static Price? Level(decimal level) => level == 0m ? null : new Price(level);

    /// <summary>A price or nothing.</summary>
    protected static Price? Level(decimal? level) => level is { } price ? new Price(price) : null;

    /// <summary>Is the quote worse than the worst price to accept?</summary>
    protected static bool IsWorse(OpenMarket open, Quote quote) =>
        open.WorstPrice is { } worst && open.Side.Sign() * (quote.ToOpen(open.Side) - worst) > 0m;

    /// <summary>Points between the quote and the worst price.</summary>
    protected static int Allowance(OpenMarket open, Quote quote, SimSymbol symbol) =>
        open.WorstPrice is { } worst ? (int)Math.Max(0m, open.Side.Sign() * (worst - quote.ToOpen(open.Side)) / symbol.Spec.Point) : 1_000_000;

    /// <summary>
    /// Brings a position down in parts no larger than one order may be. Reads side and volume before each part and sends only the difference; ends when the target is reached,
    /// the position is gone or on the other side, a part is not filled whole, or the deadline has passed.
    /// </summary>
    protected static void ReduceInParts(
        ReducePosition command,
        ISimClock clock,
        Func<(Side Side, Lots Volume)?> held,
        Lots most,
        Action<Lots, int, Action<CommandResult>> close,
        Action<CommandResult> done)
    {
        if (held() is { } found && command.Side is { } side && found.Side != side)
        {
            done(CommandResult.Refused(Refusal.NotFound, "the position is on the other side") with { Position = command.Position });
            return;
        }

        Next(0, 0, Lots.Zero, null);

        // A position that was turned between two parts is gone like one that was closed.
        Lots Held() => held() is { } now && (command.Side is null || now.Side == command.Side) ? now.Volume : Lots.Zero;

        void Next(int attempt, int part, Lots filled, CommandResult? last)
        {
            var surplus = Held() - command.TargetVolume;
            if (surplus <= Lots.Zero || (part > 0 && clock.Now > command.Deadline))
            {
                done((last ?? CommandResult.Done("already")) with { Outcome = OrderOutcome.Done, Refusal = Refusal.None, Position = command.Position, Filled = filled });
                return;
            }

            var volume = Lots.Min(surplus, most);
            close(volume, part, result =>
            {
                var sum = filled + result.Filled;
                if (result.Outcome == OrderOutcome.Done && result.Filled == volume)
                {
                    Next(0, part + 1, sum, result);
                }
                else if (result.Refusal == Refusal.NotFound && Held() > command.TargetVolume && attempt < AttemptsMax && clock.Now <= command.Deadline)
                {
                    // Not the position is gone but its ticket: somebody else closed a part meanwhile. The refusal is certain, so asking again is safe.
                    Next(attempt + 1, part, sum, result);
                }
                else if (result.Outcome == OrderOutcome.Refused && (sum > Lots.Zero || (result.Refusal == Refusal.NotFound && Held() <= command.TargetVolume)))
                {
                    done(result with { Outcome = OrderOutcome.Done, Refusal = Refusal.None, Position = command.Position, Filled = sum });
                }
                else
                {
                    done(result with { Position = command.Position, Filled = sum });
                }
            });
        }
    }
}
