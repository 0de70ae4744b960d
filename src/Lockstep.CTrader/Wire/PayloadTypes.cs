using System.Collections.Frozen;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Lockstep.CTrader.Wire.Proto;

namespace Lockstep.CTrader.Wire;

/// <summary>Which message goes with which payload type: read from the descriptors, so that none is forgotten.</summary>
public static class PayloadTypes
{
    private static readonly FrozenDictionary<uint, MessageKind> Kinds;
    private static readonly FrozenDictionary<MessageDescriptor, MessageKind> ByMessage;

    static PayloadTypes()
    {
        var kinds = new List<MessageKind>();
        foreach (var file in new[] { OpenApiCommonMessagesReflection.Descriptor, OpenApiMessagesReflection.Descriptor })
        {
            foreach (var message in file.MessageTypes)
            {
                if (message.FindFieldByName("payloadType") is { FieldType: FieldType.Enum } field)
                {
                    uint number = (uint)Convert.ToInt32(field.Accessor.GetValue(message.Parser.ParseFrom(ByteString.Empty)), System.Globalization.CultureInfo.InvariantCulture);
                    kinds.Add(new MessageKind(number, message.Parser, RequiredFields.Of(message)));
                }
            }
        }

        (Kinds, ByMessage) = (kinds.ToFrozenDictionary(k => k.Number), kinds.ToFrozenDictionary(k => k.Required.Message));
    }

    /// <summary>All numbers with a message.</summary>
    public static IEnumerable<uint> All => Kinds.Keys;

    /// <summary>The number of a message's kind.</summary>
    public static uint Of(IMessage message) => ByMessage[message.Descriptor].Number;

    /// <summary>The parser of a kind; null when it is not known.</summary>
    public static MessageParser? Parser(uint payloadType) => Kinds.GetValueOrDefault(payloadType)?.Parser;

    internal static MessageKind? Kind(uint payloadType) => Kinds.GetValueOrDefault(payloadType);

    internal static MessageKind Kind(IMessage message) => ByMessage.TryGetValue(message.Descriptor, out var kind)
        ? kind
        : throw new InvalidOperationException($"{message.Descriptor.Name} is part of messages and none itself.");
}

/// <summary>One kind of message.</summary>
internal sealed record MessageKind(uint Number, MessageParser Parser, RequiredFields Required);
