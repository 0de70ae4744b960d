using Lockstep.Domain;
using Lockstep.Runtime;
using Lockstep.Server.Configuration;
using Lockstep.Server.Hosting;
using Lockstep.Server.Metrics;
using Lockstep.Server.Security;

namespace Lockstep.Server.Alerts;

/// <summary>Reads the values of a running product. Called by one at a time.</summary>
internal sealed class AlertProbes
{
    private const double MiB = 1024 * 1024;
    private const long AnswersLeast = 5;
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(5);

    private readonly Product _product;
    private readonly TimeProvider _time;
    private readonly long _began;
    private readonly HistogramWindow _through = new(TimeSpan.FromMinutes(1), Step);
    private readonly HistogramWindow _commits = new(TimeSpan.FromMinutes(1), Step);
    private readonly Dictionary<AccountId, ShareWindow> _refusals = [];
    private readonly Dictionary<AccountId, TimeSpan> _downSince = [];

    /// <summary>Reads this product.</summary>
    public AlertProbes(Product product, TimeProvider time) => (_product, _time, _began) = (product, time, time.GetTimestamp());

    private TimeSpan Now => _time.GetElapsedTime(_began);

    private IEnumerable<AccountConfig> Accounts => _product.Config.Accounts.Where(a => a.Enabled);

    /// <summary>The values under a rule.</summary>
    public IEnumerable<Reading> Read(RuleKind kind) => kind.Name switch
    {
        "latency" => [new Reading("", null, _through.PercentileMs(Through(), 0.99, Now), "See lockstep_latency_seconds by stage for where the time goes, and the load of the machine and its disk.")],
        "rejections" => Accounts.Select(Rejections),
        "session" => Accounts.Select(Session),
        "beats" => OfHealth(h => h.MissedBeats, "Look at the terminal and the network in between."),
        "snapshot" => Accounts.Where(a => _product.Metrics.Tally(a.Id).State == "up" && _product.SnapshotAge(a.Id) is not null)
            .Select(a => Of(a, _product.SnapshotAge(a.Id)!.Value.TotalSeconds, "What Lockstep believes of the account may be as old. Look at the session.")),
        "token" => (_product.CTrader?.Keeper.Grants ?? []).Select(g => new Reading($"authorisation {g.Id}", null, g is { Usable: true, Problem: null } ? 0 : 1, g.Problem ?? "Authorise the account anew.")),
        "outbox" => _product.Store.Readers().Select(r => new Reading(
            r.Name, null, r.WaitingSince is { } since ? Math.Max(0, (TimeProvider.System.GetUtcNow() - since.ToDateTimeOffset()).TotalSeconds) : 0, "Nothing is lost; look whether the broker can be reached.")),
        "commit" => [new Reading("", null, _commits.PercentileMs(_product.Metrics.CommitTimes, 0.99, Now), "Every trade waits for the disk: look at its load and health.")],
        "disk" => DataFolder.Free(_product.Store.Folder) is { } free ? [new Reading("", null, free / MiB, "Make room: when the disk is full, nothing is written and nothing is traded.")] : [],
        "key" => _product.Keys.All.Where(k => k is { Expires: not null, Successor: null } && _product.Keys.StandingOf(k) == KeyStanding.Good).Select(k => new Reading(
            $"key {k.Id} ({k.Name})", k.Account, (k.Expires!.Value.ToDateTimeOffset() - TimeProvider.System.GetUtcNow()).TotalDays, "Rotate it.")),
        "clock" => [new Reading("", null, _product.ClockGap.Duration().TotalSeconds, "Have the system's clock set by NTP; Lockstep follows it slowly.")],
        "queue" => _product.Groups.Select(g => new Reading($"group {g.Core.Group}", null, g.Core.Waiting, "More comes in than is decided and written: look at the machine and its disk.")),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind.Name, "no such rule"),
    };

    private static Reading Of(AccountConfig account, double value, string advice) => new(account.Id.Value, account.Id, value, advice);

    private Reading Session(AccountConfig account)
    {
        if (_product.Metrics.Tally(account.Id).State == "up")
        {
            _downSince.Remove(account.Id);
            return Of(account, 0, "");
        }

        _downSince.TryAdd(account.Id, Now);
        return Of(account, (Now - _downSince[account.Id]).TotalSeconds, $"GET /v1/accounts/{account.Id}/health says why. Positions stay as they are meanwhile.");
    }

    private Reading Rejections(AccountConfig account)
    {
        if (!_refusals.TryGetValue(account.Id, out var window))
        {
            window = new ShareWindow(TimeSpan.FromMinutes(5), Step);
            _refusals.Add(account.Id, window);
        }

        var tally = _product.Metrics.Tally(account.Id);
        return Of(account, window.Percent(tally.AnswerCount, tally.RefusalCount, AnswersLeast, Now), "The why-ledger and the log have the broker's reasons.");
    }

    private IEnumerable<Reading> OfHealth(Func<SessionHealth, double> value, string advice) =>
        Accounts.Select(a => (Account: a, Health: _product.Health(a.Id))).Where(a => a.Health is not null).Select(a => Of(a.Account, value(a.Health!), advice));

    private LatencyHistogram Through()
    {
        var sum = new LatencyHistogram();
        foreach (var group in _product.Groups)
        {
            sum.Add(group.Core.Latency.Histogram(LatencyStage.Through));
        }

        return sum;
    }
}
