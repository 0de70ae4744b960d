using BenchmarkDotNet.Attributes;
using Lockstep.Engine;

namespace Lockstep.Bench;

/// <summary>
/// Engine.Step alone, on the state of <see cref="BenchWorld"/>. Every benchmark steps a batch of events of one kind that was prepared before, and the figures are
/// per event. One batch an iteration: the state moves on with each.
/// </summary>
[MemoryDiagnoser]
[Config(typeof(ShortRun))]
public class StepBenchmarks
{
    private const int Positions = BenchWorld.Sources * BenchWorld.PositionsPerSource;
    private const int OpeningsPerSource = 10;
    private const int RepeatRounds = 50;

    private BenchWorld _world = null!;
    private EngineEvent[] _events = [];

    [GlobalSetup]
    public void Build() => _world = new BenchWorld();

    [IterationSetup(Target = nameof(SourceStopChange))]
    public void PrepareStops()
    {
        _world.Settle();
        _events = _world.StopChanges();
    }

    /// <summary>A source's stop loss moved: ten legs are compared and ten orders decided.</summary>
    [Benchmark(OperationsPerInvoke = Positions)]
    public void SourceStopChange() => StepAll(Positions);

    [IterationSetup(Target = nameof(SourceOpenFanOut))]
    public void PrepareOpenings()
    {
        _world.Settle();
        _world.CloseSurplus();
        _world.Wait(TimeSpan.FromDays(2));
        _events = _world.Openings(OpeningsPerSource);
    }

    /// <summary>A source position opened: ten links asked, ten legs made, ten orders decided.</summary>
    [Benchmark(OperationsPerInvoke = BenchWorld.Sources * OpeningsPerSource)]
    public void SourceOpenFanOut() => StepAll(BenchWorld.Sources * OpeningsPerSource);

    [IterationSetup(Target = nameof(BookRepeat))]
    public void PrepareRepeats()
    {
        _world.Settle();
        _events = [.. Enumerable.Repeat(_world.Repeats(), RepeatRounds).SelectMany(events => events)];
    }

    /// <summary>A book message that was taken in before.</summary>
    [Benchmark(OperationsPerInvoke = BenchWorld.Targets * RepeatRounds)]
    public void BookRepeat() => StepAll(BenchWorld.Targets * RepeatRounds);

    [IterationSetup(Target = nameof(TargetBookChange))]
    public void PrepareBooks()
    {
        _world.Settle();
        foreach (var change in _world.StopChanges())
        {
            _world.Step(change);
        }

        _events = _world.BooksFirst();
    }

    /// <summary>A target's book shows what an order of ours brought about.</summary>
    [Benchmark(OperationsPerInvoke = Positions * BenchWorld.LinksPerSource)]
    public void TargetBookChange() => StepAll(Positions * BenchWorld.LinksPerSource);

    [IterationSetup(Target = nameof(OrderAnswer))]
    public void PrepareAnswers()
    {
        _world.Settle();
        foreach (var change in _world.StopChanges())
        {
            _world.Step(change);
        }

        _events = _world.AnswersOnly();
    }

    /// <summary>The answer to an order whose book change was reported before.</summary>
    [Benchmark(OperationsPerInvoke = Positions * BenchWorld.LinksPerSource)]
    public void OrderAnswer() => StepAll(Positions * BenchWorld.LinksPerSource);

    private void StepAll(int expected)
    {
        if (_events.Length != expected)
        {
            throw new InvalidOperationException($"{_events.Length} events instead of {expected}");
        }

        foreach (var happened in _events)
        {
            _world.Step(happened);
        }
    }
}
