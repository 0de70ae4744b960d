using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Simulator;

namespace Lockstep.Simulation;

/// <summary>What a simulated world remembers of its past: it was there.</summary>
internal sealed class WorldWitness(WorldPlan plan) : PlainWitness
{
    // Brokers and the server see a quote some milliseconds apart, and jumps of the server's clock move its times.
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(3);

    private readonly Dictionary<(AccountId, SymbolName), List<Quote>> _quotes = [];
    private readonly HashSet<(AccountId, long)> _touched = [];
    private readonly Dictionary<AccountId, List<ulong>> _cancelled = [];
    private readonly Dictionary<AccountId, SimBroker> _brokers = [];
    private Record? _record;

    /// <summary>Remembers every quote of a broker.</summary>
    public void Watch(AccountId account, SimBroker broker)
    {
        _brokers[account] = broker;
        broker.Quoted += (symbol, quote) =>
        {
            if (!_quotes.TryGetValue((account, symbol), out var quotes))
            {
                _quotes[(account, symbol)] = quotes = [];
            }

            quotes.Add(quote);
        };
    }

    /// <summary>Remembers that the owner moved a position's levels.</summary>
    public void OwnerTouched(AccountId account, long position) => _touched.Add((account, position));

    /// <summary>Remembers that a pending order of a link was cancelled by the owner.</summary>
    public void OwnerCancelled(AccountId account, ulong key)
    {
        if (!_cancelled.TryGetValue(account, out var keys))
        {
            _cancelled[account] = keys = [];
        }

        keys.Add(key);
    }

    /// <summary>Reads the past in this.</summary>
    public void Remember(Record record) => _record = record;

    /// <inheritdoc/>
    public override IReadOnlyList<PlainFunds> Funds(WhyEntry row)
    {
        var pairs = new List<PlainFunds>();
        AccountFunds? source = null;
        AccountFunds? target = null;
        foreach (var numbered in _record!.Events)
        {
            if (numbered.At > row.EndedAt)
            {
                break;
            }

            if (numbered.Event is not Reported { Report: var report, View: var view })
            {
                continue;
            }

            // A leg is answered in the event that showed it, or by the first look at an account that could not be seen then.
            bool answers = numbered.Seq == row.EventSeq || (numbered.Seq > row.EventSeq && report is BookSnapshot s && (s.Account == row.Source || s.Account == row.Target));
            if (report is BookSnapshot { Funds: var funds })
            {
                (source, target) = (report.Account == row.Source ? funds : source, report.Account == row.Target ? funds : target);
            }

            if (answers)
            {
                pairs.Add(new PlainFunds(
                    view.Funds.FirstOrDefault(f => f.Account == row.Source)?.Funds ?? source,
                    view.Funds.FirstOrDefault(f => f.Account == row.Target)?.Funds ?? target));
            }
        }

        return pairs;
    }

    /// <inheritdoc/>
    public override TimeSpan ClockWrong => plan.Server.Jumps.Aggregate(TimeSpan.Zero, (sum, jump) => sum + jump.By.Duration())
        // What was opened before summer time and first told after it is an hour off: its time is raw.
        + (plan.Accounts.Any(a => a.Terminal?.ClockChangesAfter is not null) ? TimeSpan.FromHours(1) : TimeSpan.Zero);

    /// <inheritdoc/>
    public override IReadOnlyList<Quote>? Quotes(AccountId account, SymbolName symbol, Timestamp from, Timestamp to)
    {
        var slack = Slack + plan.Server.QuoteMaxAge + (plan.Server.Jumps.Count == 0 ? TimeSpan.Zero : TimeSpan.FromMinutes(4));
        var all = _quotes.GetValueOrDefault((account, symbol)) ?? [];
        return [.. all.Where(q => q.At >= from - slack && q.At <= Later(to, slack))];
    }

    /// <inheritdoc/>
    public override bool Doubtful(AccountId account) =>
        plan.Server.Crashes.Count + plan.Server.Jumps.Count > 0
        || Troubled(account)
        || plan.Accounts.First(a => a.Id == account) is { Faults: var f, Outages.Count: var outages }
        && (outages > 0 || f.ReplyLostPercent + f.ReplyLatePercent + f.ExecuteLatePercent + f.TimeoutThenFillPercent + f.BeyondHorizonPercent + f.DisconnectPercent
            + f.AskFailsPercent + f.AskLostPercent + f.CommentCutPercent + f.CommentRewrittenPercent > 0m);

    /// <inheritdoc/>
    public override bool Moody(AccountId account) =>
        plan.Accounts.First(a => a.Id == account).Faults is var f && f.RequotePercent + f.RejectPercent + f.PartialFillPercent + f.SlippagePercent > 0m;

    /// <inheritdoc/>
    public override bool BrokeHorizon(AccountId account) => plan.Accounts.First(a => a.Id == account).Faults.BeyondHorizonPercent > 0m;

    /// <inheritdoc/>
    public override bool WasOnItsWay(AccountId account, ulong key, PositionId position, Timestamp at)
    {
        var told = _record!.Events.FirstOrDefault(e => _record.DurableAt(e.Seq) >= at && e.Event is Reported { Report: var report } && report.Account == account && report switch
        {
            BookChanged b => b.ClosedPositions.Contains(position) || b.Positions.Any(p => p.Id == position),
            BookSnapshot => true,
            _ => false,
        });
        return _record.DecidedIn(new OrderKey(key)) is { } decided && (told is null || decided < told.Seq);
    }

    /// <inheritdoc/>
    public override bool OutOfReach(AccountId account) => plan.Accounts.First(a => a.Id == account).GoneAfter is not null;

    /// <inheritdoc/>
    public override bool Touched(AccountId account, long position) => _touched.Contains((account, position));

    /// <inheritdoc/>
    public override IReadOnlyList<ulong> Ended(AccountId account) =>
    [
        .. _cancelled.GetValueOrDefault(account) ?? [],
        .. _brokers[account].History.Select(EndedByBroker).OfType<ulong>(),
    ];

    /// <inheritdoc/>
    public override bool Lost(AccountId account, TimeSpan span) =>
        plan.Server.Crashes.Any(c => c.Lasts >= span / 2)
        || plan.Server.Jumps.Any(j => j.By >= span / 2)
        || Troubled(account)
        || plan.Accounts.First(a => a.Id == account) is var a && (a.Outages.Any(o => o.Lasts >= span / 2) || (a.Faults.DisconnectPercent > 0m && a.Faults.DisconnectMax >= span / 4));

    /// <inheritdoc/>
    public override IReadOnlyList<decimal> OrderVolumes(AccountId account, OrderId order) =>
    [
        .. _brokers[account].PendingOrders.Where(o => o.Id == order.Value).Select(o => o.Volume),
        .. _brokers[account].History.Select(h => h switch
        {
            Mt4Order o when o.Ticket == order.Value => o.Lots,
            Mt5Order o when o.Ticket == order.Value => o.VolumeInitial,
            CtOrder o when o.OrderId == order.Value => ((CTraderBroker)_brokers[account]).ToLots(o.Symbol, o.Volume),
            _ => 0m,
        }).Where(v => v > 0m),

        // On MT4 a pending order that fills is the position from then on, under the same number.
        .. _brokers[account].Deals.Where(d => _brokers[account] is Mt4Broker && d.Position == order.Value && d.Entry == DealEntry.In).Select(d => d.Volume),
    ];

    /// <summary>Does something go wrong on the way to the account, or at what stands there?</summary>
    private bool Troubled(AccountId account) =>
        (plan.OpenApi is { IsRough: true } && plan.Accounts.First(a => a.Id == account).OpenApi is not null)
        || plan.Accounts.First(a => a.Id == account).Terminal is { } t
        && (t.Troubles.Count > 0 || t.ClockChangesAfter is not null || t.BreakPercent + t.DuplicatePercent + t.LatePercent + t.RepeatPercent + t.HollowPercent > 0m);

    /// <summary>Expired, or not let into the market when its price was reached.</summary>
    private static ulong? EndedByBroker(HistoryRecord record) => record switch
    {
        Mt4Order { IsPending: true, Comment: not "" } o when o.Comment.StartsWith("deleted", StringComparison.Ordinal) || o.Comment == "expiration" => o.OwnerKey,
        Mt5Order { State: Mt5OrderState.Expired or Mt5OrderState.Rejected } o => o.OwnerKey,
        CtOrder { OrderStatus: CtOrderStatus.Expired or CtOrderStatus.Rejected } o => o.OwnerKey,
        _ => null,
    };

    private static Timestamp Later(Timestamp t, TimeSpan by) => t.Micros > long.MaxValue / 2 ? t : t + by;
}
