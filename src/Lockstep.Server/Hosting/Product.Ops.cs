using Lockstep.Domain;
using Lockstep.Server.Configuration;
using Lockstep.Server.Metrics;
using Lockstep.Storage.Sqlite;

namespace Lockstep.Server.Hosting;

/// <content>How the product is watched.</content>
internal sealed partial class Product
{
    /// <summary>What is measured.</summary>
    public ProductMetrics Metrics { get; }

    /// <summary>How far the wall clock is from the clock that the product runs on; above zero = ahead of it.</summary>
    public TimeSpan ClockGap => TimeProvider.System.GetUtcNow() - _time.GetUtcNow();

    /// <summary>How long ago the platform told an account's whole state or confirmed it; null = not in this process.</summary>
    public TimeSpan? SnapshotAge(AccountId account) => _runners.GetValueOrDefault(account)?.Core.Quotes.SnapshotAge(account);

    /// <summary>The store, and what is measured from its first commit on.</summary>
    private static (SqliteStore Store, ProductMetrics Metrics) OpenStore(LockstepConfig config)
    {
        var metrics = new ProductMetrics();
        try
        {
            return (SqliteStore.Open(config.DataFolder, new SqliteOptions { Committed = metrics.Committed }), metrics);
        }
        catch
        {
            metrics.Dispose();
            throw;
        }
    }
}
