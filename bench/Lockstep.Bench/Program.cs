using BenchmarkDotNet.Running;
using Lockstep.Bench;

if (args is ["profile"])
{
    Profile.Run();
    return;
}

BenchmarkSwitcher.FromAssembly(typeof(BenchWorld).Assembly).Run(args);
