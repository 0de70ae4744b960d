using System.Globalization;
using Lockstep.Domain;
using Lockstep.MetaTrader;
using Lockstep.MetaTrader.Mt4;
using Lockstep.MetaTrader.Mt5;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.Simulator;

/// <summary>What MetaTrader's codes mean for a paper account's order: the tables are the EA link's.</summary>
internal static class MetaTraderAnswers
{
    /// <summary>The end that an error of MT4 stands for.</summary>
    public static CommandResult Of(NativeRequest request, Mt4Result result) => Of(Mt4Errors.Of(result.Error, request switch
    {
        Mt4OrderSend { Op: Mt4Op.Buy or Mt4Op.Sell } => WireDo.Open,
        Mt4OrderSend => WireDo.Place,
        Mt4OrderClose => WireDo.Reduce,
        Mt4OrderCloseBy => WireDo.CloseBy,
        Mt4OrderDelete => WireDo.Cancel,
        _ => WireDo.Amend,
    }));

    /// <summary>The end that a result of MT5 stands for. Some refusals are the terminal's own: they stand in the last error.</summary>
    public static CommandResult Of(MqlTradeRequest request, MqlTradeResult result) => result.LastError is Mt5Retcode.UnknownSymbol or 4302 or 4752 or 4753 or Mt5Retcode.OrderNotFound
        ? Of(Mt5Retcodes.Of(result.LastError))
        : Of(Mt5Retcodes.Of(result.Retcode, request.Action == MqlAction.Pending ? WireDo.Place : WireDo.Open, result.Order));

    private static CommandResult Of(PlatformCode row) => new() { Outcome = row.Outcome, Refusal = row.Refusal, Code = row.Code.ToString(CultureInfo.InvariantCulture) };
}
