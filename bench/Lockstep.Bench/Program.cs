using BenchmarkDotNet.Running;

BenchmarkSwitcher.FromAssembly(typeof(Lockstep.Bench.BenchWorld).Assembly).Run(args);
