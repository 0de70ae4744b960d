using System.Collections.Frozen;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Lockstep.CTrader.Wire;
using Lockstep.CTrader.Wire.Proto;

namespace Lockstep.CTrader.Session;

/// <summary>Which answer belongs to which request, and which account a message is about: read from the descriptors, so that none is forgotten.</summary>
internal static class OpenApiRoutes
{
    private static readonly FrozenDictionary<MessageDescriptor, uint> Answers = Build(Answer);
    private static readonly FrozenDictionary<MessageDescriptor, IFieldAccessor> Accounts = Build(static m => m.FindFieldByName("ctidTraderAccountId")?.Accessor);

    /// <summary>Payload type of a request's answer; 0 = it has none of its own (the five trade requests, guide §3).</summary>
    public static uint AnswerTo(IMessage request) => Answers.GetValueOrDefault(request.Descriptor);

    /// <summary>ctidTraderAccountId of a message; null when it names no account.</summary>
    public static long? Account(IMessage body) => body switch
    {
        // What comes often goes without reflection.
        ProtoOASpotEvent e => e.CtidTraderAccountId,
        ProtoOAExecutionEvent e => e.CtidTraderAccountId,
        ProtoOADepthEvent e => e.CtidTraderAccountId,
        _ => Accounts.TryGetValue(body.Descriptor, out var field) && (!field.Descriptor.HasPresence || field.HasValue(body)) && field.GetValue(body) is long ctid ? ctid : null,
    };

    private static uint? Answer(MessageDescriptor request) =>
        request.Name.EndsWith("Req", StringComparison.Ordinal) && request.File.FindTypeByName<MessageDescriptor>(request.Name[..^3] + "Res") is { } answer
            ? PayloadTypes.Of(answer.Parser.ParseFrom(ByteString.Empty))
            : null;

    private static FrozenDictionary<MessageDescriptor, uint> Build(Func<MessageDescriptor, uint?> value) =>
        OpenApiMessagesReflection.Descriptor.MessageTypes.Where(m => value(m) is not null).ToFrozenDictionary(m => m, m => value(m)!.Value);

    private static FrozenDictionary<MessageDescriptor, IFieldAccessor> Build(Func<MessageDescriptor, IFieldAccessor?> value) =>
        OpenApiMessagesReflection.Descriptor.MessageTypes.Where(m => value(m) is not null).ToFrozenDictionary(m => m, m => value(m)!);
}
