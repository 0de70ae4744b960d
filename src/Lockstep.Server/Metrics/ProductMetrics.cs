using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;
using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Runtime;
using Lockstep.Server.Cli;
using Lockstep.Server.Streams;
using Lockstep.Storage;

namespace Lockstep.Server.Metrics;

/// <summary>
/// The meter <c>Lockstep</c>: what happens is counted here as it happens; what is so at a moment is asked of the product when somebody looks (<see cref="ProductGauges"/>). Labels are bounded: accounts,
/// groups and words of our own; never symbols or ids of requests.
/// </summary>
internal sealed class ProductMetrics : IGroupObserver, IFeedListener, IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Lockstep";

    /// <summary>The meters of the framework that are shown too.</summary>
    public static readonly IReadOnlyList<string> FrameworkMeters = ["Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel"];

    /// <summary>The runtime's meter: garbage, threads, memory, processor time.</summary>
    public const string RuntimeMeter = "System.Runtime";

    private static readonly string[] Stages = [.. Enum.GetNames<LatencyStage>().Select(Word)];

    private readonly Histogram<double> _latency;
    private readonly Histogram<double> _commitTime;
    private readonly Histogram<long> _commitSize;
    private readonly Histogram<double> _requestTime;
    private readonly Counter<long> _requests;
    private readonly Counter<long> _sent;
    private readonly Counter<long> _answered;
    private readonly Counter<long> _rejected;
    private readonly Counter<long> _why;
    private readonly Counter<long> _alerts;
    private readonly Counter<long> _divergences;
    private readonly Counter<long> _posted;
    private readonly ConcurrentDictionary<AccountId, AccountTally> _accounts = [];
    private readonly MeterBook _book;
    private Func<AccountId, string?> _platformOf = static _ => null;

    /// <summary>Counts from now on.</summary>
    public ProductMetrics()
    {
        Meter = new Meter(MeterName, LockstepVersion.Text);
        _book = new MeterBook(meter => ReferenceEquals(meter, Meter) || meter.Name == RuntimeMeter);
        _latency = Seconds("lockstep.latency", "How long events take, by stage: waiting for a number, deciding, becoming durable, being sent, being answered by the platform; through = from the report to the send call.",
            [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5, 10]);
        _commitTime = Seconds("lockstep.journal.commit", "How long a commit of the journal takes, the sync to the disk included.", [0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]);
        _commitSize = Meter.CreateHistogram<long>("lockstep.journal.commit.size", "By", "Bytes of records, rows and states in a commit.", null,
            new InstrumentAdvice<long> { HistogramBucketBoundaries = [256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304] });
        _requestTime = Seconds("lockstep.http.request", "How long an HTTP request takes, by operation; links that stand (WebSockets) are not among them.", [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]);
        _requests = Meter.CreateCounter<long>("lockstep.http.requests", "{request}", "HTTP requests, by operation and status.");
        _sent = Meter.CreateCounter<long>("lockstep.orders.sent", "{order}", "Orders handed to a session, by platform.");
        _answered = Meter.CreateCounter<long>("lockstep.orders.answered", "{order}", "Answers of platforms to orders, by platform and outcome: done, refused, unknown.");
        _rejected = Meter.CreateCounter<long>("lockstep.orders.rejected", "{order}", "Orders that a platform refused, or that never left, by platform and reason.");
        _why = Meter.CreateCounter<long>("lockstep.why", "{row}", "Rows of the why-ledger, by outcome and reason: what became of source events.");
        _alerts = Meter.CreateCounter<long>("lockstep.alerts", "{alert}", "Alerts, by code and level.");
        _divergences = Meter.CreateCounter<long>("lockstep.divergences", "{divergence}", "Times that belief and report differed and the belief was repaired, by platform.");
        _posted = Meter.CreateCounter<long>("lockstep.webhook.alerts", "{alert}", "Alerts for a webhook, by its number in the configuration and outcome: delivered, refused (it said no), dropped (it could not be reached for too long, or too many waited).");
    }

    /// <summary>Alerts were posted to a webhook, or not.</summary>
    public void Posted(string webhook, string outcome, long count) => _posted.Add(count, new("webhook", webhook), new("outcome", outcome));

    /// <summary>The meter, for rooms that count for themselves.</summary>
    public Meter Meter { get; }

    /// <summary>Accounts that were heard of, with what was counted and how their sessions stand.</summary>
    public AccountTally Tally(AccountId account) => _accounts.GetOrAdd(account, id => new AccountTally(_platformOf(id) ?? "unknown"));

    /// <summary>What there is to ask at a moment is asked of this product.</summary>
    public void Watch(Hosting.Product product)
    {
        _platformOf = account => product.Config.Account(account)?.Platform;
        ProductGauges.Create(this, product);
    }

    /// <summary>Everything as a page for Prometheus.</summary>
    public void Write(StringBuilder page) => _book.Write(page);

    /// <summary>A stage of an event took so long.</summary>
    public void Measured(LatencyStage stage, TimeSpan took) => _latency.Record(took.TotalSeconds, new KeyValuePair<string, object?>("stage", Stages[(int)stage]));

    /// <summary>A commit took so long and held so many bytes.</summary>
    public void Committed(TimeSpan took, long bytes)
    {
        CommitTimes.Record(took);
        _commitTime.Record(took.TotalSeconds);
        _commitSize.Record(bytes);
    }

    /// <summary>How long commits took, for rules.</summary>
    public LatencyHistogram CommitTimes { get; } = new();

    /// <summary>A request was answered. Null: it stood for long, as WebSockets do.</summary>
    public void Requested(string operation, int status, TimeSpan? took)
    {
        _requests.Add(1, new("operation", operation), new("status", status));
        if (took is { } time)
        {
            _requestTime.Record(time.TotalSeconds, new KeyValuePair<string, object?>("operation", operation));
        }
    }

    /// <inheritdoc/>
    public void Decided(string group, Numbered e, IReadOnlyList<Decision> decisions)
    {
        if (e.Event is Reported { Report: OrderAnswered answer })
        {
            var tally = Tally(answer.Account);
            tally.Answers(answer.Outcome == OrderOutcome.Refused);
            _answered.Add(1, new("platform", tally.Platform), new("outcome", Word(answer.Outcome.ToString())));
            if (answer.Outcome == OrderOutcome.Refused)
            {
                _rejected.Add(1, new("platform", tally.Platform), new("reason", Word(answer.Refusal.ToString())));
            }
        }
    }

    /// <inheritdoc/>
    public void Sent(string group, long seq, OrderCommand command) => _sent.Add(1, new KeyValuePair<string, object?>("platform", Tally(command.Account).Platform));

    /// <inheritdoc/>
    public void Why(WhyRow row) => _why.Add(1, new("outcome", Word(row.Entry.Outcome.ToString())), new("reason", Word(row.Entry.Reason.ToString())));

    /// <inheritdoc/>
    public void Alert(AlertRow row) => _alerts.Add(1, new("code", row.Alert.Code), new("level", Word(row.Alert.Level.ToString())));

    /// <inheritdoc/>
    public void Divergence(string group, long seq, DivergenceFound divergence) => _divergences.Add(1, new KeyValuePair<string, object?>("platform", Tally(divergence.Account).Platform));

    /// <inheritdoc/>
    void IFeedListener.Told(EventRow row)
    {
        if (row is { Account: { } account, Body: SessionNoted session })
        {
            Tally(account).Session = (session.Up, session.Synced);
        }
    }

    /// <inheritdoc/>
    void IFeedListener.Quoted(AccountId account, SymbolName symbol, Quote quote) => Tally(account).Quoted();

    /// <inheritdoc/>
    public void Dispose()
    {
        _book.Dispose();
        Meter.Dispose();
    }

    /// <summary>A word as labels have it.</summary>
    internal static string Word(string name) => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(name);

    private Histogram<double> Seconds(string name, string says, IReadOnlyList<double> bounds) =>
        Meter.CreateHistogram(name, "s", says, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds });
}

/// <summary>What is counted of one account.</summary>
/// <param name="platform">Its platform's word.</param>
internal sealed class AccountTally(string platform)
{
    private long _quotes;
    private long _answers;
    private long _refusals;
    private volatile string _state = "down";

    /// <summary>The platform.</summary>
    public string Platform => platform;

    /// <summary>Quotes so far.</summary>
    public long Quotes => Interlocked.Read(ref _quotes);

    /// <summary>Answers to orders so far.</summary>
    public long AnswerCount => Interlocked.Read(ref _answers);

    /// <summary>Refusals so far.</summary>
    public long RefusalCount => Interlocked.Read(ref _refusals);

    /// <summary>How the session stands, as the engine was told last: up (can be traded on), syncing, down.</summary>
    public string State => _state;

    /// <summary>The session as it was noted.</summary>
    public (bool Up, bool Synced) Session
    {
        set => _state = value.Up ? value.Synced ? "up" : "syncing" : "down";
    }

    /// <summary>A quote came.</summary>
    public void Quoted() => Interlocked.Increment(ref _quotes);

    /// <summary>An answer came.</summary>
    public void Answers(bool refused)
    {
        Interlocked.Increment(ref _answers);
        if (refused)
        {
            Interlocked.Increment(ref _refusals);
        }
    }
}
