using BenchmarkDotNet.Running;
using Lockstep.Bench;

switch (args)
{
    case ["commits"]:
        Commits.Run();
        break;
    case ["profile"]:
        Profile.Run();
        break;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(BenchWorld).Assembly).Run(args);
        break;
}
