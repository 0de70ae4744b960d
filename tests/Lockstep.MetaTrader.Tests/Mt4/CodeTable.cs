using System.Globalization;
using Lockstep.Domain;
using Lockstep.MetaTrader.Tests.Wire;

namespace Lockstep.MetaTrader.Tests.Mt4;

/// <summary>A table of contracts/ea as it lies there.</summary>
internal static class CodeTable
{
    public static IReadOnlyList<(int Code, string Name, string Meaning, string Executed)> Read(string file) =>
    [
        .. File.ReadAllLines(Path.Combine(Vectors.Contracts, file)).Skip(1).Select(line => line.Split('\t'))
            .Select(cells => (int.Parse(cells[0], CultureInfo.InvariantCulture), cells[1], cells[2], cells[5])),
    ];

    public static void Check(PlatformCode code, string name, string meaning, string executed)
    {
        Assert.Equal(name, code.Name);
        Assert.Equal(meaning, code.Meaning);
        Assert.Equal(
            executed switch
            {
                "yes" => OrderOutcome.Done,
                "no" => OrderOutcome.Refused,
                "unknown" or "n/a" => OrderOutcome.Unknown,
                _ => throw new InvalidOperationException($"the table says \"{executed}\""),
            },
            code.Outcome);
        Assert.True(Enum.IsDefined(code.Refusal));

        // Done has no refusal, unknown no better word than that, and every refusal has its own.
        Assert.Equal(code.Outcome == OrderOutcome.Done, code.Refusal == Refusal.None);
        Assert.Equal(code.Outcome == OrderOutcome.Unknown, code.Refusal == Refusal.Other);
    }
}
