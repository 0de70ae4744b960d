using Lockstep.Engine;
using Lockstep.Server.Hosting;
using Lockstep.Simulation;
using Lockstep.Storage;

namespace Lockstep.Server.Demo;

/// <summary>Compares the brokers' own books with the plain model: neither knows the engine's counters.</summary>
internal static class DemoComparison
{
    /// <summary>Compares now.</summary>
    public static async Task<Comparison> CompareAsync(Product product)
    {
        var books = await product.World.OnClockAsync<IReadOnlyList<PlainBook>>(() => [.. product.World.Brokers.Select(b => PlainBook.Of(b.Key, b.Value) with { Deals = [.. b.Value.Deals] })]);
        var why = product.Store.Why(new WhyQuery { Limit = int.MaxValue }).Select(s => s.Row.Entry).Reverse().ToList();
        return PlainModel.Compare(new PlainCase { Books = books, Settings = Settings(product), Why = why });
    }

    /// <summary>The settings and since when they were in force, out of the journal: a data folder may have seen several.</summary>
    private static List<PlainSettings> Settings(Product product)
    {
        var settings = new List<PlainSettings>();
        foreach (var group in product.Groups)
        {
            foreach (var record in product.Store.Journal(group.Core.Group).ReadFrom(1))
            {
                var numbered = JournalCodec.DecodeEvent(record);
                if (numbered.Event is Configured configured)
                {
                    settings.Add(new PlainSettings(numbered.At, configured.Settings));
                }
            }
        }

        return settings;
    }
}
