using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Storage.Format;

/// <summary>
/// The words under which the kinds of event, decision, report, command and request stand in the journal, in the property <see cref="Property"/>. A word never
/// changes its meaning and is never used again: journals live for years.
/// </summary>
internal static class TypeNames
{
    /// <summary>The property that carries the word; always the first of its object.</summary>
    public const string Property = "is";

    /// <summary>All kinds, by what they are kinds of.</summary>
    public static readonly IReadOnlyDictionary<Type, IReadOnlyList<(Type Kind, string Name)>> Of = new Dictionary<Type, IReadOnlyList<(Type, string)>>
    {
        [typeof(EngineEvent)] =
        [
            (typeof(Configured), "configured"),
            (typeof(Reported), "reported"),
            (typeof(TimerFired), "timer"),
            (typeof(WatchFired), "watch"),
            (typeof(Restarted), "restarted"),
            (typeof(ClientRequested), "client"),
        ],
        [typeof(PlatformEvent)] =
        [
            (typeof(SessionOpened), "opened"),
            (typeof(SessionClosed), "closed"),
            (typeof(SymbolsChanged), "symbols"),
            (typeof(BookChanged), "book"),
            (typeof(Heartbeat), "heartbeat"),
            (typeof(BookSnapshot), "snapshot"),
            (typeof(AskFailed), "ask-failed"),
            (typeof(OrderAnswered), "answered"),
        ],
        [typeof(ClientRequest)] =
        [
            (typeof(ClientPlace), "place"),
            (typeof(ClientModify), "modify"),
            (typeof(ClientClose), "close"),
            (typeof(ClientCloseBy), "close-by"),
            (typeof(ClientReverse), "reverse"),
        ],
        [typeof(Decision)] =
        [
            (typeof(SendOrder), "send"),
            (typeof(AskAccount), "ask"),
            (typeof(WakeAt), "wake"),
            (typeof(WatchPrice), "watch"),
            (typeof(Unwatch), "unwatch"),
            (typeof(WhyRecorded), "why"),
            (typeof(AlertRaised), "alert"),
            (typeof(DivergenceFound), "divergence"),
            (typeof(ClientAnswered), "answer"),
            (typeof(GroupHalted), "halted"),
        ],
        [typeof(EventBody)] =
        [
            (typeof(SessionNoted), "session"),
            (typeof(PositionOpened), "position.opened"),
            (typeof(PositionChanged), "position.changed"),
            (typeof(PositionClosed), "position.closed"),
            (typeof(OrderPlaced), "order.placed"),
            (typeof(OrderChanged), "order.changed"),
            (typeof(OrderGone), "order.gone"),
            (typeof(DealDone), "deal"),
            (typeof(RequestAnswered), "request"),
            (typeof(WhyNoted), "why"),
            (typeof(AlertNoted), "alert"),
            (typeof(DivergenceNoted), "divergence"),
        ],
        [typeof(OrderCommand)] =
        [
            (typeof(OpenMarket), "open"),
            (typeof(PlacePending), "pending"),
            (typeof(ReducePosition), "reduce"),
            (typeof(SetStops), "stops"),
            (typeof(AmendPending), "amend"),
            (typeof(CancelPending), "cancel"),
            (typeof(CloseBy), "close-by"),
        ],
    };
}
