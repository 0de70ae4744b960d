using Lockstep.Engine;

namespace Lockstep.Simulation.Tests;

/// <summary>Green means something because the same machinery goes red: every planted mistake is found within 1,000 seeds.</summary>
public class PlantTests
{
    public static TheoryData<string> Names => new(PlantList.All.Select(p => p.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void A_planted_mistake_is_found(string name)
    {
        var report = Simulate.Run(1, 1000, PlantList.Find(name), Environment.ProcessorCount, stopAtFirst: true);
        Assert.False(report.Clean, $"{name} was not found in {report.Seeds} seeds");
    }

    [Fact]
    public void Every_mistake_of_the_engine_is_listed_once()
    {
        Assert.Equal(Enum.GetValues<Plant>().Where(p => p != Plant.None), PlantList.All.Where(p => p.Engine != Plant.None).Select(p => p.Engine));
        Assert.Equal(Enum.GetValues<EdgePlant>().Where(p => p != EdgePlant.None), PlantList.All.Where(p => p.Edge != EdgePlant.None).Select(p => p.Edge));
        Assert.Equal(PlantList.All.Count, PlantList.All.Select(p => p.Name).Distinct().Count());
        Assert.All(PlantList.All, p => Assert.EndsWith(".", p.Sentence, StringComparison.Ordinal));
    }
}
