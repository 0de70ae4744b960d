using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Simulator;

namespace Lockstep.Conformance.Tests;

/// <summary>What every kind of account must do as source and as target of a link. One suite, every platform.</summary>
public class CopyConformance
{
    public static TheoryData<Kind, Kind, LinkKind> Pairs() => Pairs((source, target) => !source.IsEa() && !target.IsEa());

    internal static TheoryData<Kind, Kind, LinkKind> Pairs(Func<Kind, Kind, bool> which)
    {
        var data = new TheoryData<Kind, Kind, LinkKind>();
        foreach (var (source, target) in Kinds.Pairs().Where(p => which(p.Source, p.Target)))
        {
            data.Add(source, target, LinkKind.Copy);
            data.Add(source, target, LinkKind.Hedge);
        }

        return data;
    }

    private static Floor Make(Kind source, Kind target, LinkKind kind, Func<LinkSettings, LinkSettings>? change = null)
    {
        var link = new LinkSettings { Id = new LinkId("link"), Source = new AccountId("src"), Target = new AccountId("dst"), Kind = kind };
        var floor = new Floor(change?.Invoke(link) ?? link);
        floor.Broker("src", source);
        floor.Broker("dst", target);
        floor.Open();
        Assert.True(floor.Engine.Account(new AccountId("src"))!.Synced);
        Assert.True(floor.Engine.Account(new AccountId("dst"))!.Synced);
        return floor;
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Open_grow_reduce_close(Kind source, Kind target, LinkKind kind) => OpenGrowReduceClose(source, target, kind);

    internal static void OpenGrowReduceClose(Kind source, Kind target, LinkKind kind)
    {
        using var floor = Make(source, target, kind);
        int sign = kind == LinkKind.Hedge ? -1 : 1;
        var first = floor.Place("src", Side.Buy, 1m);
        Assert.True(first.State == ClientState.Done, $"{first}");
        Assert.Equal(1m * sign, floor.Net("dst"));
        floor.Place("src", Side.Buy, 0.5m);
        Assert.Equal(1.5m * sign, floor.Net("dst"));
        var partly = floor.Close("src", floor.Positions("src")[0].Id, 0.4m);
        Assert.True(partly.State == ClientState.Done, $"{partly}");
        Assert.Equal(floor.Net("src") * sign, floor.Net("dst"));
        Assert.Equal(1.1m * sign, floor.Net("dst"));
        while (floor.Positions("src").Count > 0)
        {
            var oldest = floor.Positions("src").OrderBy(p => p.OpenedAt).ThenBy(p => p.Id).First();
            Assert.Equal(ClientState.Done, floor.Close("src", oldest.Id).State);
        }

        Assert.Empty(floor.Positions("dst"));
        Assert.Empty(floor.Engine.InFlight);
        Assert.All(floor.Brokers.Values, b => Assert.Empty(b.OpenPositions));
        Assert.All(floor.Why, w => Assert.True(w.Outcome is WhyOutcome.Done, $"{w}"));
        Assert.DoesNotContain(floor.All, d => d is AlertRaised { Level: AlertLevel.Critical });
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Levels_are_carried_changed_and_removed(Kind source, Kind target, LinkKind kind) => Levels(source, target, kind);

    internal static void Levels(Kind source, Kind target, LinkKind kind)
    {
        using var floor = Make(source, target, kind);
        var opened = floor.Place("src", Side.Buy, 0.3m, sl: 1.09m, tp: 1.12m);
        Assert.True(opened.State == ClientState.Done, $"{opened}");
        Check(1.09m, 1.12m);
        var id = floor.Positions("src").Single().Id;
        Assert.Equal(ClientState.Done, floor.Stops("src", id, 1.095m, 1.12m).State);
        Check(1.095m, 1.12m);
        Assert.Equal(ClientState.Done, floor.Stops("src", id, null, 1.13m).State);
        Check(null, 1.13m);

        void Check(decimal? sl, decimal? tp)
        {
            floor.Wait(5);
            var p = Assert.Single(floor.Positions("dst"));
            var (s, t) = kind == LinkKind.Hedge ? (tp, sl) : (sl, tp);
            Assert.Equal((s, t), (p.StopLoss?.Value, p.TakeProfit?.Value));
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Pending_order_fills_and_closes(Kind source, Kind target, LinkKind kind) => PendingFills(source, target, kind);

    internal static void PendingFills(Kind source, Kind target, LinkKind kind)
    {
        bool native = target.Broker().Mode == AccountMode.Hedging;
        using var floor = Make(source, target, kind, l => l with { Pending = native ? PendingPolicy.Native : PendingPolicy.OnFill });
        Assert.Equal(ClientState.Done, floor.Place("src", Side.Buy, 0.2m, PendingType.Limit, 1.095m).State);
        Assert.Equal(native ? 1 : 0, floor.Engine.Account(new AccountId("dst"))!.Orders.Count);
        floor.Quotes(1.0948m);
        floor.Wait(10);
        Assert.Equal(0.2m, floor.Net("src"));
        Assert.Equal(kind == LinkKind.Hedge ? -0.2m : 0.2m, floor.Net("dst"));
        floor.Close("src", floor.Positions("src").Single().Id);
        floor.Wait(5);
        Assert.Empty(floor.Positions("dst"));
        Assert.Empty(floor.Engine.Account(new AccountId("dst"))!.Orders);
        Assert.Empty(floor.Engine.InFlight);
    }

    [Theory]
    [InlineData(Kind.Mt5Hedging)]
    [InlineData(Kind.Mt5Netting)]
    [InlineData(Kind.Mt4)]
    [InlineData(Kind.Mt4Fifo)]
    [InlineData(Kind.CTrader)]
    [InlineData(Kind.CTraderNetting)]
    [InlineData(Kind.TerminalMt5Hedging)]
    [InlineData(Kind.TerminalMt5Netting)]
    [InlineData(Kind.TerminalMt4)]
    [InlineData(Kind.TerminalMt4Fifo)]
    [InlineData(Kind.OpenApi)]
    [InlineData(Kind.OpenApiNetting)]
    public void A_reply_that_never_comes_is_found_in_the_book_and_not_doubled(Kind target) => ReplyNeverComes(target);

    internal static void ReplyNeverComes(Kind target)
    {
        using var floor = Make(Kind.Mt5Hedging, target, LinkKind.Copy);
        floor.Brokers["dst"].Faults = new BrokerFaults { ReplyLostPercent = 100m };
        floor.Place("src", Side.Buy, 1m);
        floor.Wait(100);
        Assert.Equal(1m, floor.Net("dst"));
        Assert.Single(floor.Brokers["dst"].OpenPositions);
        Assert.All(floor.Brokers["dst"].ExecutionsByKey, e => Assert.Equal(1, e.Value));
        Assert.Equal(WhyOutcome.Done, floor.Why.Single().Outcome);
    }
}
