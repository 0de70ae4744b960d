using System.Text.Json.Serialization;
using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <summary>A trade request in a platform's own words.</summary>
[JsonDerivedType(typeof(Mt4OrderSend), "mt4.send")]
[JsonDerivedType(typeof(Mt4OrderClose), "mt4.close")]
[JsonDerivedType(typeof(Mt4OrderModify), "mt4.modify")]
[JsonDerivedType(typeof(Mt4OrderDelete), "mt4.delete")]
[JsonDerivedType(typeof(Mt4OrderCloseBy), "mt4.closeby")]
[JsonDerivedType(typeof(MqlTradeRequest), "mt5.request")]
[JsonDerivedType(typeof(CtNewOrder), "ct.new")]
[JsonDerivedType(typeof(CtAmendOrder), "ct.amend")]
[JsonDerivedType(typeof(CtCancelOrder), "ct.cancel")]
[JsonDerivedType(typeof(CtClosePosition), "ct.close")]
[JsonDerivedType(typeof(CtAmendPositionSltp), "ct.sltp")]
[JsonDerivedType(typeof(CtPlaceProtection), "ct.protect")]
public abstract record NativeRequest
{
    /// <summary>
    /// The key of the command behind the request, for <see cref="SimBroker.ExecutionsByKey"/> only: a platform neither stores nor shows it. Null for trades made by hand.
    /// </summary>
    public ulong? OwnerKey { get; init; }

    /// <summary>0, or the number of a further part when one command needs several requests (closing more than the largest volume).</summary>
    public int Part { get; init; }

    /// <summary>Who asked, in the words of a server in front of the broker; comes back on the events that the request causes. The broker makes nothing of it.</summary>
    public string? Origin { get; init; }
}

/// <summary>A platform's answer to a <see cref="NativeRequest"/>.</summary>
public abstract record NativeReply
{
    /// <summary>True when the request was carried out, wholly or in part.</summary>
    public abstract bool Executed { get; }
}

/// <summary>What becomes of the answer to a request.</summary>
/// <param name="Lost">It is never given.</param>
/// <param name="Late">It is given so much later than its time.</param>
public readonly record struct ReplyTerms(bool Lost, TimeSpan Late);

/// <summary>What a broker does to a comment on its way into the books.</summary>
public enum CommentFault
{
    /// <summary>Kept.</summary>
    None = 0,

    /// <summary>Cut to eight characters.</summary>
    Cut = 1,

    /// <summary>Replaced by the broker's own words.</summary>
    Rewritten = 2,
}

/// <summary>The circumstances under which a request is executed, drawn when it came.</summary>
/// <param name="FillPercent">How much of the volume finds a counterparty.</param>
/// <param name="SlipPoints">Points by which the fill is worse (or, below zero, better) than the quote.</param>
/// <param name="Comment">What becomes of the comment.</param>
public sealed record ExecutionTerms(int FillPercent = 100, int SlipPoints = 0, CommentFault Comment = CommentFault.None)
{
    /// <summary>All as asked.</summary>
    public static readonly ExecutionTerms Clean = new();
}

/// <summary>A request in the dealing queue.</summary>
public sealed record QueuedRequest
{
    /// <summary>Number of the request at this broker.</summary>
    public required long Number { get; init; }

    /// <summary>The request.</summary>
    public required NativeRequest Request { get; init; }

    /// <summary>When it will be executed.</summary>
    public required Timestamp DueAt { get; init; }

    /// <summary>The circumstances.</summary>
    public required ExecutionTerms Terms { get; init; }

    /// <summary>Set when it will be refused whatever it asks for.</summary>
    public Verdict? Refusal { get; init; }
}
