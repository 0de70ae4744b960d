using System.Collections;
using System.Collections.Concurrent;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Lockstep.CTrader.Wire;

/// <summary>
/// Which fields a message must have, worked out once for each kind. The library parses and writes messages without them (guide §2), and its own check walks all fields by reflection each time.
/// </summary>
internal sealed class RequiredFields
{
    private static readonly ConcurrentDictionary<MessageDescriptor, RequiredFields> Known = new();

    private readonly FieldDescriptor[] _required;
    private readonly (FieldDescriptor Field, RequiredFields Of)[] _inside;

    private RequiredFields(MessageDescriptor message)
    {
        Message = message;
        var fields = message.Fields.InDeclarationOrder();
        _required = [.. fields.Where(f => f.IsRequired)];

        // No message of the Open API holds its own kind, so this ends.
        _inside = [.. fields.Where(f => f.FieldType == FieldType.Message).Select(f => (f, Of(f.MessageType))).Where(f => !f.Item2.IsEmpty)];
    }

    /// <summary>The kind.</summary>
    public MessageDescriptor Message { get; }

    private bool IsEmpty => _required.Length == 0 && _inside.Length == 0;

    /// <summary>The required fields of a kind.</summary>
    public static RequiredFields Of(MessageDescriptor message) => Known.TryGetValue(message, out var known) ? known : Known.GetOrAdd(message, new RequiredFields(message));

    /// <summary>The name of the first field that is missing, inner messages included: <c>position.tradeData</c>; null when all are there.</summary>
    public string? Missing(IMessage message)
    {
        foreach (var field in _required)
        {
            if (!field.Accessor.HasValue(message))
            {
                return field.Name;
            }
        }

        foreach (var (field, of) in _inside)
        {
            switch (field.Accessor.GetValue(message))
            {
                case IMessage one when of.Missing(one) is { } missing:
                    return $"{field.Name}.{missing}";
                case IList many:
                    for (int i = 0; i < many.Count; i++)
                    {
                        if (of.Missing((IMessage)many[i]!) is { } lacks)
                        {
                            return $"{field.Name}.{lacks}";
                        }
                    }

                    break;
            }
        }

        return null;
    }
}
