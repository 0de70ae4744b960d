using System.Collections.Frozen;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Lockstep.CTrader.Wire.Proto;

namespace Lockstep.CTrader.Wire;

/// <summary>Which message goes with which payload type: read from the descriptors, so that none is forgotten.</summary>
public static class PayloadTypes
{
    private static readonly FrozenDictionary<uint, MessageParser> Parsers;
    private static readonly FrozenDictionary<MessageDescriptor, uint> Numbers;

    static PayloadTypes()
    {
        var parsers = new Dictionary<uint, MessageParser>();
        var numbers = new Dictionary<MessageDescriptor, uint>();
        foreach (var file in new[] { OpenApiCommonMessagesReflection.Descriptor, OpenApiMessagesReflection.Descriptor })
        {
            foreach (var message in file.MessageTypes)
            {
                if (message.FindFieldByName("payloadType") is { FieldType: FieldType.Enum } field)
                {
                    uint number = (uint)Convert.ToInt32(field.Accessor.GetValue(message.Parser.ParseFrom(ByteString.Empty)), System.Globalization.CultureInfo.InvariantCulture);
                    parsers.Add(number, message.Parser);
                    numbers.Add(message, number);
                }
            }
        }

        (Parsers, Numbers) = (parsers.ToFrozenDictionary(), numbers.ToFrozenDictionary());
    }

    /// <summary>All numbers with a message.</summary>
    public static IEnumerable<uint> All => Parsers.Keys;

    /// <summary>The number of a message's kind.</summary>
    public static uint Of(IMessage message) => Numbers[message.Descriptor];

    /// <summary>The parser of a kind; null when it is not known.</summary>
    public static MessageParser? Parser(uint payloadType) => Parsers.GetValueOrDefault(payloadType);
}
