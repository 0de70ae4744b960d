using System.Globalization;
using Lockstep.Domain;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.MetaTrader.Translate;

/// <summary>What became of a command, in our words.</summary>
internal static class Answers
{
    /// <summary>Reads an answer; <paramref name="doubtful"/> when outcome and code do not say the same. The more careful of the two stands.</summary>
    public static OrderAnswered Of(AnswerMessage answer, OrderKey key, AccountId account, long epoch, PlatformKind platform, WireDo? what, out bool doubtful)
    {
        var (outcome, refusal) = End(answer, platform, what, out doubtful);
        return new OrderAnswered
        {
            Account = account,
            Epoch = epoch,
            Key = key,
            Outcome = outcome,
            Refusal = refusal,
            Code = Code(answer),
            Position = answer.Position > 0 ? new PositionId(answer.Position) : null,
            Order = answer.Order > 0 ? new OrderId(answer.Order) : null,
            Filled = new Lots(answer.Lots),
            Price = answer.Price > 0 ? new Price(answer.Price) : null,
        };
    }

    private static (OrderOutcome Outcome, Refusal Refusal) End(AnswerMessage answer, PlatformKind platform, WireDo? what, out bool doubtful)
    {
        doubtful = false;
        var told = answer.Outcome switch { "done" => OrderOutcome.Done, "refused" => OrderOutcome.Refused, _ => OrderOutcome.Unknown };
        if (answer.Code == 0)
        {
            // The EA decided: no code of the platform's.
            var why = told == OrderOutcome.Done ? Refusal.None : Why(answer.Why);
            return answer.Why == "killed" ? (OrderOutcome.Unknown, Refusal.None) : (told, told == OrderOutcome.Unknown ? Refusal.None : why);
        }

        var (byCode, refusal) = Codes.Of(platform, answer.Code, what, answer.Order);
        if (told == byCode)
        {
            return (told, told == OrderOutcome.Refused ? refusal : Refusal.None);
        }

        // Something else than the terminal says, or something that is not in the table: nobody can say.
        doubtful = true;
        return (OrderOutcome.Unknown, Refusal.None);
    }

    private static Refusal Why(string why) => why switch
    {
        "expired" or "epoch" or "offline" => Refusal.NotSent,
        "not-allowed" => Refusal.TradeDisabled,
        "price-guard" => Refusal.PriceGuard,
        "not-found" => Refusal.NotFound,
        "invalid" => Refusal.InvalidRequest,
        "budget" => Refusal.TooManyRequests,
        _ => Refusal.Other,
    };

    private static string Code(AnswerMessage answer) =>
        answer.Code != 0 ? answer.Code.ToString(CultureInfo.InvariantCulture)
        : answer.Why.Length > 0 ? answer.Why
        : "";
}
