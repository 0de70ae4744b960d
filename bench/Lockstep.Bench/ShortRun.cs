using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Lockstep.Bench;

/// <summary>
/// One batch an iteration, in this process: batches move a state on, so they cannot be repeated at will. The warm-up is long enough for the compiler's last tier.
/// </summary>
internal sealed class ShortRun : ManualConfig
{
    public ShortRun()
    {
        AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithInvocationCount(1).WithUnrollFactor(1).WithWarmupCount(100).WithIterationCount(100));
        AddColumn(StatisticColumn.OperationsPerSecond, StatisticColumn.Median, StatisticColumn.P95);
    }
}

/// <summary>What can be repeated at will: a few long iterations.</summary>
internal sealed class RepeatedRun : ManualConfig
{
    public RepeatedRun() => AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance));
}
