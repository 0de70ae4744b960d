using Lockstep.Simulation;

namespace Lockstep.Server.Hosting;

/// <summary>
/// The first trade after a start would pay for compiling the way of a trade: 40 to 130 ms. So the way is gone a few times beforehand, with simulated brokers in seeded
/// worlds of their own, on a thread beside the start.
/// </summary>
internal static class Rehearsal
{
    private const int Worlds = 4;

    /// <summary>Begins; complete when the code is warm. What it plays touches nothing outside itself.</summary>
    public static Task Begin(ILogger log) => Task.Run(() =>
    {
        var report = Simulate.Run(1, Worlds);
        foreach (var violation in report.Violations)
        {
            log.LogError("rehearsal {Seed} {Rule} {Text}", violation.Seed, violation.Rule, violation.Text);
        }
    });
}
