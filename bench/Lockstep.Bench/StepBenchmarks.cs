using BenchmarkDotNet.Attributes;
using Lockstep.Engine;

namespace Lockstep.Bench;

/// <summary>
/// Engine.Step alone, on the state of <see cref="BenchWorld"/>. Every benchmark steps a batch of events of one kind that was prepared before, and the figures are
/// per event. Each source moves at once, so 200 orders are in flight; in a burst all positions of all sources move, and it is 2,000.
/// </summary>
[MemoryDiagnoser]
[Config(typeof(ShortRun))]
public class StepBenchmarks
{
    private const int Moves = BenchWorld.Sources;
    private const int Orders = Moves * BenchWorld.LinksPerSource;
    private const int Burst = Orders * BenchWorld.PositionsPerSource;
    private const int RepeatRounds = 50;

    private BenchWorld _world = null!;
    private EngineEvent[] _events = [];

    [GlobalSetup]
    public void Build() => _world = new BenchWorld();

    [IterationSetup(Target = nameof(SourceStopChange))]
    public void PrepareStops()
    {
        _world.Settle();
        _events = _world.StopChanges(perSource: 1);
    }

    /// <summary>A source's stop loss moved: ten legs are compared and ten orders decided.</summary>
    [Benchmark(OperationsPerInvoke = Moves)]
    public void SourceStopChange() => StepAll(Moves);

    [IterationSetup(Target = nameof(SourceOpenFanOut))]
    public void PrepareOpenings()
    {
        _world.Settle();
        _world.CloseSurplus();
        _world.Wait(TimeSpan.FromDays(2));
        _events = _world.Openings(perSource: 1);
    }

    /// <summary>A source position opened: ten links asked, ten legs made, ten orders decided.</summary>
    [Benchmark(OperationsPerInvoke = Moves)]
    public void SourceOpenFanOut() => StepAll(Moves);

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
        MoveStops(perSource: 1);
        _events = _world.BooksFirst();
    }

    /// <summary>A target's book shows what an order of ours brought about.</summary>
    [Benchmark(OperationsPerInvoke = Orders)]
    public void TargetBookChange() => StepAll(Orders);

    [IterationSetup(Target = nameof(OrderAnswer))]
    public void PrepareAnswers()
    {
        MoveStops(perSource: 1);
        _events = _world.AnswersOnly();
    }

    /// <summary>The answer to an order whose book change was reported before.</summary>
    [Benchmark(OperationsPerInvoke = Orders)]
    public void OrderAnswer() => StepAll(Orders);

    [IterationSetup(Target = nameof(OrderAnswerInBurst))]
    public void PrepareBurst()
    {
        MoveStops(BenchWorld.PositionsPerSource);
        _events = _world.AnswersOnly();
    }

    /// <summary>The same while 2,000 orders are in flight.</summary>
    [Benchmark(OperationsPerInvoke = Burst)]
    public void OrderAnswerInBurst() => StepAll(Burst);

    private void MoveStops(int perSource)
    {
        _world.Settle();
        foreach (var change in _world.StopChanges(perSource))
        {
            _world.Step(change);
        }
    }

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
