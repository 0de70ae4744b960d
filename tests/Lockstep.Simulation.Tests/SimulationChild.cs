using System.Globalization;

namespace Lockstep.Simulation.Tests;

/// <summary>The test assembly as a program of its own: plays seeds and prints their hash, to be compared with this process's.</summary>
internal static class SimulationChild
{
    public const string Verb = "hash";

    public static int Main(string[] args)
    {
        if (args is not [Verb, var first, var last])
        {
            return 2;
        }

        Console.WriteLine(Simulate.Run(long.Parse(first, CultureInfo.InvariantCulture), long.Parse(last, CultureInfo.InvariantCulture)).Hash);
        return 0;
    }
}
