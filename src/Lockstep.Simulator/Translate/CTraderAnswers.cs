using Lockstep.CTrader.Translate;
using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <summary>cTrader's error strings as the ends of an order: read from the table that the connector reads.</summary>
internal static class CTraderAnswers
{
    /// <summary>The end that an error stands for; no error is done.</summary>
    public static CommandResult Of(string code) => code.Length == 0 ? CommandResult.Done("") : Of(CTraderErrors.Of(code));

    private static CommandResult Of(CTraderError row) => new() { Outcome = row.Outcome, Refusal = row.Refusal, Code = row.Code };
}
