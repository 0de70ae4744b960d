using Lockstep.Storage;
using Lockstep.Storage.Sqlite;

namespace Lockstep.Runtime.Tests;

/// <summary>The runner on the embedded store: what it acknowledged is what the next start finds.</summary>
public sealed class OnDiskTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lockstep-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_group_continues_where_it_was()
    {
        byte[] state;
        using (var store = SqliteStore.Open(_folder))
        {
            var (bench, runner) = await BeginAsync(store);
            bench.Quote(1.1m, 1.1001m);
            bench.Change(Bench.Source, bench.Position(1));
            Assert.Single(await runner.VisitAsync(core => core.Engine.InFlight.ToList()));
            Assert.Single(bench.Session(Bench.Target).Sent);
            await runner.StopAsync();
            Assert.Null(runner.Failure);
            state = bench.State();
        }

        using (var store = SqliteStore.Open(_folder))
        {
            var recovered = await Recovery.RunAsync(store.Journal("g"), new RecoveryOptions { Strict = true });
            Assert.Equal(0, recovered.Replayed);
            Assert.Equal(state, JournalCodec.EncodeCapture(recovered.Engine.Capture()));
            var open = Assert.Single(await GroupOpening.OpenAsync(store, Bench.Settings));
            Assert.Equal("g", open.Plan.Name);
            Assert.Equal(1, recovered.MaxEpochs[Bench.Target]);
        }
    }

    [Fact]
    public async Task Every_group_has_its_own_journal_and_why_rows_of_all_are_found()
    {
        using var store = SqliteStore.Open(_folder);
        var groups = new List<(Bench Bench, GroupRunner Runner)>();
        foreach (string name in new[] { "one", "two", "three" })
        {
            groups.Add(await BeginAsync(store, name));
        }

        foreach (var (bench, runner) in groups)
        {
            // Without a quote the spread filter says no.
            bench.Change(Bench.Source, bench.Position(1));
            await runner.VisitAsync(_ => 0);
            await runner.StopAsync();
        }

        Assert.Equal(["three", "two", "one"], store.Why(new WhyQuery()).Select(w => w.Row.Group));
        Assert.All(store.Groups, name => Assert.True(store.Journal(name).LastSeq > 4));
    }

    private static async Task<(Bench Bench, GroupRunner Runner)> BeginAsync(SqliteStore store, string group = "g")
    {
        var journal = store.Journal(group);
        var bench = new Bench(journal);
        var runner = new GroupRunner(bench.Core, journal, bench.Options);
        runner.Start(bench.Recovered, Bench.Settings);
        foreach (var account in Bench.Settings.Accounts)
        {
            bench.Open(account);
            await runner.VisitAsync(_ => 0);
            bench.Answer(account);
            await runner.VisitAsync(_ => 0);
        }

        return (bench, runner);
    }
}
