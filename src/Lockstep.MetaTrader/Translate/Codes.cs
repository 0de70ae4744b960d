using Lockstep.Domain;
using Lockstep.MetaTrader.Mt4;
using Lockstep.MetaTrader.Mt5;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.MetaTrader.Translate;

/// <summary>The platforms' codes, from their tables.</summary>
internal static class Codes
{
    /// <summary>
    /// What a code other than 0 means for a command; unknown when it is in no table. <paramref name="what"/> is null when nobody here remembers the command: then the most careful
    /// meaning stands.
    /// </summary>
    public static (OrderOutcome Outcome, Refusal Refusal) Of(PlatformKind platform, int code, WireDo? what, long order)
    {
        var row = platform == PlatformKind.Mt4
            ? Mt4Errors.Of(code, what ?? WireDo.Cancel)
            : what is { } known ? Mt5Retcodes.Of(code, known, order) : Mt5Retcodes.Of(code);
        return (row.Outcome, row.Refusal);
    }
}
