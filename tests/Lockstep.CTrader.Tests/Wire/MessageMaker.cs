using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Lockstep.CTrader.Tests.Wire;

/// <summary>Messages by dice: required fields always, others or not, zero and the ends of each type among them.</summary>
internal static class MessageMaker
{
    public static IMessage Make(MessageDescriptor kind, Random dice)
    {
        var message = kind.Parser.ParseFrom(ReadOnlySpan<byte>.Empty);
        foreach (var field in kind.Fields.InDeclarationOrder().Where(f => f.Name != "payloadType"))
        {
            if (field.IsRepeated)
            {
                var list = (IList)field.Accessor.GetValue(message);
                for (int i = dice.Next(4); i > 0; i--)
                {
                    list.Add(Value(field, dice));
                }
            }
            else if (field.IsRequired || dice.Next(3) > 0)
            {
                field.Accessor.SetValue(message, Value(field, dice));
            }
        }

        return message;
    }

    private static object Value(FieldDescriptor field, Random dice) => field.FieldType switch
    {
        FieldType.Int64 => Pick(dice, 0L, -1L, long.MaxValue, long.MinValue, dice.NextInt64()),
        FieldType.UInt64 => Pick(dice, 0UL, 1UL, ulong.MaxValue, (ulong)dice.NextInt64()),
        FieldType.Int32 => Pick(dice, 0, -1, int.MaxValue, int.MinValue, dice.Next()),
        FieldType.UInt32 => Pick(dice, 0u, 1u, uint.MaxValue, (uint)dice.Next()),
        FieldType.Double => Pick(dice, 0.0, -0.0, 1.11987, double.MaxValue, double.Epsilon, double.PositiveInfinity, dice.NextDouble()),
        FieldType.Bool => dice.Next(2) == 0,
        FieldType.Enum => Pick(dice, field.EnumType.Values[dice.Next(field.EnumType.Values.Count)].Number, 9_999),
        FieldType.String => Pick(dice, "", "EURUSD", "a \"quoted\\ {text}\r\n\t\0 é€😀", new string('x', 300)),
        _ => Make(field.MessageType, dice),
    };

    private static object Pick<T>(Random dice, params T[] values)
        where T : notnull => values[dice.Next(values.Length)];
}
