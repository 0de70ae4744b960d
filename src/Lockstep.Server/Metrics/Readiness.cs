using Lockstep.Server.Hosting;

namespace Lockstep.Server.Metrics;

/// <summary>One thing that must be in order before the server is ready to trade.</summary>
/// <param name="Name">Which: groups, journal, accounts, disk, clock, outbox.</param>
/// <param name="Ok">True when it is in order.</param>
/// <param name="Detail">How it stands, and what to do when it is not in order.</param>
internal sealed record ReadyCheck(string Name, bool Ok, string Detail);

/// <summary>How ready a server is.</summary>
/// <param name="Status">ready or notReady.</param>
/// <param name="Checks">The reasons; absent for who may not see them.</param>
internal sealed record ReadyShape(string Status, IReadOnlyList<ReadyCheck>? Checks);

/// <summary>Looks whether everything that trading needs is in order.</summary>
internal static class Readiness
{
    /// <summary>Below this the disk counts as nearly full: 200 MiB. SQLite needs room beside its file for each large commit.</summary>
    public const long DiskLeast = 200L * 1024 * 1024;

    /// <summary>The wall clock may be this far from the clock that the product runs on: somebody set it, and moments in answers are off by as much.</summary>
    public static readonly TimeSpan ClockMost = TimeSpan.FromSeconds(5);

    /// <summary>Events may wait this long for their readers.</summary>
    public static readonly TimeSpan LagMost = TimeSpan.FromMinutes(5);

    /// <summary>All checks.</summary>
    public static IReadOnlyList<ReadyCheck> Look(Product product) =>
    [
        Groups(product), Journal(product), Accounts(product), Disk(DataFolder.Free(product.Store.Folder), product.Store.Folder), Clock(product.ClockGap), Outbox(product),
    ];

    /// <summary>Room on the disk.</summary>
    public static ReadyCheck Disk(long? free, string folder) => free switch
    {
        null => new("disk", true, $"The system does not say how much room the disk of {folder} has."),
        < DiskLeast => new("disk", false, $"The disk of {folder} has {free / 1024 / 1024} MiB left. Make room: when it is full, nothing can be written down and nothing is traded."),
        _ => new("disk", true, $"{free / 1024 / 1024} MiB are free."),
    };

    /// <summary>The wall clock against the product's.</summary>
    public static ReadyCheck Clock(TimeSpan gap) => gap.Duration() <= ClockMost
        ? new("clock", true, $"The clock is {gap.TotalSeconds:0.0} s from the one that the product runs on.")
        : new("clock", false, $"The wall clock was set: it is {gap.TotalSeconds:0.0} s from the clock that the product runs on, which follows it slowly. Have the system's clock set by NTP.");

    private static ReadyCheck Groups(Product product)
    {
        string[] halted = [.. product.Groups.Where(g => g.Core.HaltReason is not null).Select(g => $"{g.Core.Group}: {g.Core.HaltReason}")];
        return halted.Length == 0
            ? new("groups", true, $"{product.Groups.Count()} run.")
            : new("groups", false, $"Halted: {string.Join("; ", halted)}. Look at the alerts, then start the server once with --clear-halt.");
    }

    private static ReadyCheck Journal(Product product) =>
        product.Store.Failure is { } failure ? new("journal", false, failure.Message) : new("journal", true, "It is written.");

    private static ReadyCheck Accounts(Product product)
    {
        var wanted = product.Config.Accounts.Where(a => a.Enabled).ToList();
        string[] away = [.. wanted.Select(a => (a.Id, product.Metrics.Tally(a.Id).State)).Where(a => a.State != "up").Select(a => $"{a.Id} ({a.State})")];
        return away.Length == 0
            ? new("accounts", true, $"{wanted.Count} can be traded on.")
            : new("accounts", false, $"Not to be traded on: {string.Join(", ", away)}. GET /v1/accounts/{{account}}/health says why.");
    }

    private static ReadyCheck Outbox(Product product)
    {
        var behind = product.Store.Readers().Where(r => r.WaitingSince is { } since && DateTimeOffset.UtcNow - since.ToDateTimeOffset() > LagMost).ToList();
        return behind.Count == 0
            ? new("outbox", true, "Nobody who is told of events is behind.")
            : new("outbox", false, $"Events wait: {string.Join(", ", behind.Select(r => $"{r.Name} has not taken {product.Store.LastEvent - r.Done} since {r.WaitingSince}"))}. Look whether the broker can be reached; nothing is lost.");
    }
}
