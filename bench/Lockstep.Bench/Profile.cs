using System.Diagnostics.Tracing;
using Microsoft.Diagnostics.NETCore.Client;
using Microsoft.Diagnostics.Tracing;
using Microsoft.Diagnostics.Tracing.Etlx;
using Microsoft.Diagnostics.Tracing.EventPipe;

namespace Lockstep.Bench;

/// <summary>
/// Where Step spends its time: openings, stop changes, book changes and answers are stepped for some seconds under the runtime's own sampler, one sample a
/// millisecond, and the methods named that were on top, and those that were on the stack.
/// </summary>
internal static class Profile
{
    private const int Rows = 20;

    public static void Run()
    {
        string trace = Path.Combine(Path.GetTempPath(), $"lockstep-{Environment.ProcessId}.nettrace");
        Load(TimeSpan.FromSeconds(3));
        var client = new DiagnosticsClient(Environment.ProcessId);
        using (var session = client.StartEventPipeSession([new EventPipeProvider("Microsoft-DotNETCore-SampleProfiler", EventLevel.Informational)], requestRundown: true, circularBufferMB: 512))
        {
            var copy = Task.Run(() =>
            {
                using var file = File.Create(trace);
                session.EventStream.CopyTo(file);
            });
            Load(TimeSpan.FromSeconds(10));
            session.Stop();
            copy.Wait();
        }

        Print(trace);
        File.Delete(trace);
    }

    private static void Load(TimeSpan span)
    {
        var world = new BenchWorld();
        for (long until = Environment.TickCount64 + (long)span.TotalMilliseconds; Environment.TickCount64 < until;)
        {
            Measured(world, world.Openings(10));
            Measured(world, world.AnswersOnly());
            world.Settle();
            Measured(world, world.StopChanges());
            Measured(world, world.BooksFirst());
            world.Settle();
            world.CloseSurplus();
            world.Wait(TimeSpan.FromDays(2));
        }
    }

    private static void Measured(BenchWorld world, Engine.EngineEvent[] events)
    {
        foreach (var happened in events)
        {
            world.Step(happened);
        }
    }

    private static void Print(string trace)
    {
        var top = new Dictionary<string, int>();
        var under = new Dictionary<string, int>();
        int samples = 0;
        string converted = TraceLog.CreateFromEventPipeDataFile(trace);
        using (var log = new TraceLog(converted))
        {
            foreach (var sample in log.Events.ByEventType<ClrThreadSampleTraceData>())
            {
                var stack = new List<string>();
                for (var frame = sample.CallStack(); frame is not null; frame = frame.Caller)
                {
                    stack.Add(frame.CodeAddress.FullMethodName.Split('(')[0]);
                }

                // The sampler stops a thread where it polls for a collection: the time belongs to the caller.
                while (stack.Count > 1 && stack[0].Contains("PollGC", StringComparison.Ordinal))
                {
                    stack.RemoveAt(0);
                }

                // Only what Step does for a measured batch: preparing and carrying out are the bench's own.
                if (stack.FindIndex(name => name.Contains("Engine.Step", StringComparison.Ordinal)) is var end and >= 0 && stack.Any(name => name.Contains("Profile.Measured", StringComparison.Ordinal)))
                {
                    samples++;
                    top[stack[0]] = top.GetValueOrDefault(stack[0]) + 1;
                    foreach (string name in stack.Take(end).Distinct())
                    {
                        under[name] = under.GetValueOrDefault(name) + 1;
                    }
                }
            }
        }

        File.Delete(converted);
        Console.WriteLine($"{samples} samples in Step");
        Table("On top", top, samples);
        Table("On the stack", under, samples);
    }

    private static void Table(string title, Dictionary<string, int> counts, int samples)
    {
        Console.WriteLine($"\n| {title} | share |\n|---|---|");
        foreach (var (name, count) in counts.OrderByDescending(row => row.Value).Take(Rows))
        {
            Console.WriteLine($"| `{name}` | {100m * count / samples:0.0} % |");
        }
    }
}
