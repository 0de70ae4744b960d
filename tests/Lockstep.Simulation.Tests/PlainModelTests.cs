using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Simulator;

namespace Lockstep.Simulation.Tests;

/// <summary>The model must see what is wrong: each test shows it two books, and a mistake between them.</summary>
public class PlainModelTests
{
    private static readonly LinkSettings Copy = new() { Id = new LinkId("l"), Source = new AccountId("s"), Target = new AccountId("t") };
    private static readonly LinkSettings Hedge = Copy with { Kind = LinkKind.Hedge };

    private readonly Books _books = new();

    [Fact]
    public void Equal_books_are_in_lockstep()
    {
        _books.Source(1, Side.Buy, 1m);
        _books.Target(11, Side.Buy, 1m, 1);
        var comparison = _books.Compare(Copy);
        Assert.True(comparison.InLockstep, string.Join('\n', comparison.Differences));
        Assert.Equal(1, comparison.Compared);
    }

    [Fact]
    public void A_missing_target_is_lost()
    {
        _books.Source(1, Side.Buy, 1m);
        Assert.Equal((1, 0), Counts(Copy));
    }

    [Fact]
    public void A_missing_target_with_a_true_reason_is_not_lost()
    {
        _books.Source(1, Side.Buy, 1m, WhyOutcome.Skipped, WhyReason.SideFiltered);
        Assert.Equal((0, 0), Counts(Copy with { Filters = new FilterSettings { OnlySide = Side.Sell } }));
    }

    [Fact]
    public void A_reason_that_is_not_so_does_not_count()
    {
        _books.Source(1, Side.Buy, 1m, WhyOutcome.Skipped, WhyReason.SideFiltered);
        Assert.Equal((1, 0), Counts(Copy));
    }

    [Fact]
    public void Two_targets_for_one_source_are_one_too_many()
    {
        _books.Source(1, Side.Buy, 1m);
        _books.Target(11, Side.Buy, 1m, 1);
        _books.Target(12, Side.Buy, 1m, 1, attempt: 1);
        Assert.Equal((0, 1), Counts(Copy));
    }

    [Fact]
    public void Two_targets_that_are_halves_are_right()
    {
        _books.Source(1, Side.Buy, 1m);
        _books.Target(11, Side.Buy, 0.4m, 1);
        _books.Target(12, Side.Buy, 0.6m, 1, attempt: 1);
        Assert.Equal((0, 0), Counts(Copy));
    }

    [Fact]
    public void A_target_of_a_closed_source_is_too_much()
    {
        _books.Source(1, Side.Buy, 1m);
        _books.Target(11, Side.Buy, 1m, 1);
        _books.CloseSource(1, 1m);
        Assert.Equal(1, _books.Compare(Copy).Duplicated);
    }

    [Fact]
    public void A_partial_close_that_was_not_followed_is_too_much()
    {
        _books.Source(1, Side.Buy, 1m);
        _books.Target(11, Side.Buy, 1m, 1);
        _books.CloseSource(1, 0.4m);
        Assert.Equal((0, 1), Counts(Copy));
    }

    [Fact]
    public void What_the_owner_closed_stays_closed()
    {
        _books.Source(1, Side.Buy, 1m);
        _books.Target(11, Side.Buy, 1m, 1);
        _books.CloseTarget(11, 1m);
        Assert.Equal((0, 0), Counts(Copy));
    }

    [Fact]
    public void What_the_owner_closed_and_was_opened_again_is_too_much()
    {
        _books.Source(1, Side.Buy, 1m);
        _books.Target(11, Side.Buy, 1m, 1);
        _books.CloseTarget(11, 1m);
        _books.Target(12, Side.Buy, 1m, 1, attempt: 1);
        Assert.Equal((0, 1), Counts(Copy));
    }

    [Fact]
    public void A_two_way_link_closes_the_source()
    {
        _books.Source(1, Side.Buy, 1m);
        _books.Target(11, Side.Sell, 1m, 1);
        _books.CloseTarget(11, 1m);
        Assert.Contains("two-way", Assert.Single(_books.Compare(Hedge with { TwoWay = true }).Differences), StringComparison.Ordinal);
    }

    [Fact]
    public void A_hedge_is_the_other_way_round()
    {
        _books.Source(1, Side.Buy, 1m, stopLoss: 1.05m, takeProfit: 1.20m);
        _books.Target(11, Side.Sell, 1m, 1, stopLoss: 1.20m, takeProfit: 1.05m);
        Assert.True(_books.Compare(Hedge).InLockstep);
    }

    [Fact]
    public void A_hedge_on_the_same_side_differs()
    {
        _books.Source(1, Side.Buy, 1m);
        _books.Target(11, Side.Buy, 1m, 1);
        Assert.Contains("should be a Sell", Assert.Single(_books.Compare(Hedge).Differences), StringComparison.Ordinal);
    }

    [Fact]
    public void Levels_that_were_not_changed_round_differ()
    {
        _books.Source(1, Side.Buy, 1m, stopLoss: 1.05m, takeProfit: 1.20m);
        _books.Target(11, Side.Sell, 1m, 1, stopLoss: 1.05m, takeProfit: 1.20m);
        Assert.Contains("should have SL 1.20", Assert.Single(_books.Compare(Hedge).Differences), StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_nothing_explains_is_too_much()
    {
        _books.Source(1, Side.Buy, 1m);
        _books.Target(11, Side.Buy, 1m, 1);
        _books.Target(12, Side.Buy, 1m, 999);
        Assert.Equal((0, 1), Counts(Copy));
    }

    [Fact]
    public void A_source_event_has_one_row()
    {
        _books.Source(1, Side.Buy, 1m);
        _books.Target(11, Side.Buy, 1m, 1);
        _books.RepeatRow();
        Assert.Contains(_books.Compare(Copy).Differences, d => d.Contains("two rows", StringComparison.Ordinal));
    }

    [Fact]
    public void A_source_without_a_row_is_lost()
    {
        _books.Source(1, Side.Buy, 1m);
        _books.Why.Clear();
        Assert.Equal((1, 0), Counts(Copy));
    }

    [Theory]
    [InlineData("0.7", 0, 0)]
    [InlineData("0.5", 1, 0)]
    [InlineData("0.9", 0, 1)]
    public void A_netted_target_holds_the_sum(string held, int lost, int duplicated)
    {
        _books.Mode = AccountMode.Netting;
        _books.Source(1, Side.Buy, 1m);
        _books.Source(2, Side.Sell, 0.3m);
        _books.Target(11, Side.Buy, decimal.Parse(held, System.Globalization.CultureInfo.InvariantCulture), 1);
        Assert.Equal((lost, duplicated), Counts(Copy));
    }

    private (int Lost, int Duplicated) Counts(LinkSettings link)
    {
        var comparison = _books.Compare(link);
        Assert.Equal(comparison.Lost + comparison.Duplicated == 0, comparison.InLockstep);
        return (comparison.Lost, comparison.Duplicated);
    }

    private sealed class Books
    {
        private readonly List<OwnerDeal> _sourceDeals = [];
        private readonly List<OwnerDeal> _targetDeals = [];
        private readonly List<OwnerPosition> _source = [];
        private readonly List<OwnerPosition> _target = [];

        public List<WhyEntry> Why { get; } = [];

        public AccountMode Mode { get; set; } = AccountMode.Hedging;

        public void Source(long id, Side side, decimal volume, WhyOutcome outcome = WhyOutcome.Done, WhyReason reason = WhyReason.Copied, decimal? stopLoss = null, decimal? takeProfit = null)
        {
            Add(_source, _sourceDeals, id, side, volume, null, stopLoss, takeProfit);
            Why.Add(new WhyEntry
            {
                EventSeq = Why.Count + 1,
                Part = 0,
                Link = Copy.Id,
                Kind = SourceEventKind.Opened,
                Source = Copy.Source,
                Target = Copy.Target,
                Position = new PositionId(id),
                Symbol = new SymbolName("EURUSD"),
                Outcome = outcome,
                Reason = reason,
                SeenAt = Timestamp.Epoch,
                EndedAt = Timestamp.Epoch,
            });
        }

        public void Target(long id, Side side, decimal volume, long source, int attempt = 0, decimal? stopLoss = null, decimal? takeProfit = null) =>
            Add(_target, _targetDeals, id, side, volume, OrderKey.From("l#1", source, 0, "open", attempt).Value, stopLoss, takeProfit);

        public void CloseSource(long id, decimal volume)
        {
            Reduce(_source, _sourceDeals, id, volume);
            Why.Add(Why[0] with { EventSeq = Why.Count + 1, Kind = _source.Any(p => p.Id == id) ? SourceEventKind.Reduced : SourceEventKind.Closed });
        }

        public void CloseTarget(long id, decimal volume) => Reduce(_target, _targetDeals, id, volume);

        public void RepeatRow() => Why.Add(Why[0]);

        public Comparison Compare(LinkSettings link) => PlainModel.Compare(new PlainCase
        {
            Books = [Book("s", AccountMode.Hedging, _sourceDeals, _source), Book("t", Mode, _targetDeals, _target)],
            Settings = [new PlainSettings(Timestamp.Epoch, new GroupSettings { Accounts = [link.Source, link.Target], Links = [link] })],
            Why = Why,
            Witness = new Strict(),
        });

        private static PlainBook Book(string name, AccountMode mode, List<OwnerDeal> deals, List<OwnerPosition> positions) => new()
        {
            Account = new AccountId(name),
            Mode = mode,
            Symbols = [PlainSizingTests.Spec()],
            Deals = deals,
            Positions = positions,
            Orders = [],
        };

        private static void Add(List<OwnerPosition> positions, List<OwnerDeal> deals, long id, Side side, decimal volume, ulong? key, decimal? stopLoss, decimal? takeProfit)
        {
            positions.Add(new OwnerPosition { Id = id, Ticket = id, Symbol = "EURUSD", Side = side, Volume = volume, OpenPrice = 1.1m, OwnerKey = key, StopLoss = stopLoss, TakeProfit = takeProfit, OpenedAt = Timestamp.Epoch });
            deals.Add(Deal(deals, id, side, volume, DealEntry.In, key));
        }

        private static void Reduce(List<OwnerPosition> positions, List<OwnerDeal> deals, long id, decimal volume)
        {
            int at = positions.FindIndex(p => p.Id == id);
            deals.Add(Deal(deals, id, positions[at].Side.Opposite(), volume, DealEntry.Out, null));
            positions[at] = positions[at] with { Volume = positions[at].Volume - volume };
            positions.RemoveAll(p => p.Volume == 0m);
        }

        private static OwnerDeal Deal(List<OwnerDeal> deals, long id, Side side, decimal volume, DealEntry entry, ulong? key) => new()
        {
            Number = deals.Count + 1,
            Position = id,
            Symbol = "EURUSD",
            Side = side,
            Volume = volume,
            Price = 1.1m,
            Entry = entry,
            Reason = DealReason.Request,
            OwnerKey = key,
            At = Timestamp.Epoch,
        };
    }

    /// <summary>A witness of a world in which nothing went wrong.</summary>
    private sealed class Strict : PlainWitness
    {
        public override IReadOnlyList<Quote> Quotes(AccountId account, SymbolName symbol, Timestamp from, Timestamp to) => [];

        public override bool Doubtful(AccountId account) => false;

        public override bool Moody(AccountId account) => false;

        public override bool Lost(AccountId account, TimeSpan span) => false;
    }
}
