using Lockstep.Engine;
using Lockstep.Testing;

namespace Lockstep.Conformance.Tests;

/// <summary>The suite, with the real Expert Advisor in an MT5 terminal.</summary>
public class EaMt5Conformance
{
    public static TheoryData<Kind, Kind, LinkKind> Pairs() => CopyConformance.Pairs((source, target) => Is(source) || Is(target));

    [TheoryNeeding("g++")]
    [MemberData(nameof(Pairs))]
    public void Open_grow_reduce_close(Kind source, Kind target, LinkKind kind) => CopyConformance.OpenGrowReduceClose(source, target, kind);

    [TheoryNeeding("g++")]
    [MemberData(nameof(Pairs))]
    public void Levels_are_carried_changed_and_removed(Kind source, Kind target, LinkKind kind) => CopyConformance.Levels(source, target, kind);

    [TheoryNeeding("g++")]
    [MemberData(nameof(Pairs))]
    public void Pending_order_fills_and_closes(Kind source, Kind target, LinkKind kind) => CopyConformance.PendingFills(source, target, kind);

    [TheoryNeeding("g++")]
    [InlineData(Kind.EaMt5Hedging)]
    [InlineData(Kind.EaMt5Netting)]
    public void A_reply_that_never_comes_is_found_in_the_book_and_not_doubled(Kind target) => CopyConformance.ReplyNeverComes(target);

    private static bool Is(Kind kind) => kind is Kind.EaMt5Hedging or Kind.EaMt5Netting;
}

/// <summary>The suite, with the real Expert Advisor in an MT4 terminal.</summary>
public class EaMt4Conformance
{
    public static TheoryData<Kind, Kind, LinkKind> Pairs() => CopyConformance.Pairs((source, target) => Is(source) || Is(target));

    [TheoryNeeding("g++")]
    [MemberData(nameof(Pairs))]
    public void Open_grow_reduce_close(Kind source, Kind target, LinkKind kind) => CopyConformance.OpenGrowReduceClose(source, target, kind);

    [TheoryNeeding("g++")]
    [MemberData(nameof(Pairs))]
    public void Levels_are_carried_changed_and_removed(Kind source, Kind target, LinkKind kind) => CopyConformance.Levels(source, target, kind);

    [TheoryNeeding("g++")]
    [MemberData(nameof(Pairs))]
    public void Pending_order_fills_and_closes(Kind source, Kind target, LinkKind kind) => CopyConformance.PendingFills(source, target, kind);

    [TheoryNeeding("g++")]
    [InlineData(Kind.EaMt4)]
    [InlineData(Kind.EaMt4Fifo)]
    public void A_reply_that_never_comes_is_found_in_the_book_and_not_doubled(Kind target) => CopyConformance.ReplyNeverComes(target);

    private static bool Is(Kind kind) => kind is Kind.EaMt4 or Kind.EaMt4Fifo;
}
