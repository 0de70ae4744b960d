using System.Globalization;
using Google.Protobuf.Reflection;
using Lockstep.CTrader.Wire;
using Lockstep.CTrader.Wire.Proto;

namespace Lockstep.CTrader.Tests.Wire;

/// <summary>The .proto files say what the table says, row by row, and nothing else.</summary>
public class TableTests
{
    private static readonly FileDescriptor[] Files =
    [
        OpenApiCommonModelMessagesReflection.Descriptor, OpenApiCommonMessagesReflection.Descriptor, OpenApiModelMessagesReflection.Descriptor, OpenApiMessagesReflection.Descriptor,
    ];

    [Theory]
    [InlineData("message", 124)]
    [InlineData("field", 587)]
    [InlineData("enum", 29)]
    [InlineData("enum_value", 290)]
    public void The_proto_files_are_the_table(string kind, int rows)
    {
        var said = Contract.Rows().Where(r => r[0] == kind).Select(Row).ToList();
        var written = Written(kind).ToList();
        Assert.Equal(rows, said.Count);
        Assert.Equal(said.Order(StringComparer.Ordinal), written.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_message_with_a_payload_type_can_be_read()
    {
        var said = Contract.Rows().Where(r => r[0] == "message" && r[7].Length > 0).ToDictionary(r => uint.Parse(r[7], CultureInfo.InvariantCulture), r => r[3]);
        Assert.Equal(said.Keys.Order(), PayloadTypes.All.Order());
        Assert.All(said, kind =>
        {
            var message = PayloadTypes.Parser(kind.Key)!.ParseFrom(ReadOnlySpan<byte>.Empty);
            Assert.Equal((kind.Value, kind.Key), (message.Descriptor.Name, PayloadTypes.Of(message)));
        });
    }

    // Kind, parent, number, name, type, label, default, payload type; of the notes only the two options.
    private static string Row(string[] row) => string.Join('|', row.Take(8).Append(Option(row, "[packed=true]")).Append(row[0] == "field" ? Option(row, "[deprecated=true]") : ""));

    private static string Option(string[] row, string option) => row.Length > 8 && row[8].Contains(option, StringComparison.Ordinal) ? option : "";

    private static IEnumerable<string> Written(string kind) => kind switch
    {
        "message" => Files.SelectMany(f => f.MessageTypes.Select(m => Message(f, m))),
        "field" => Files.SelectMany(f => f.MessageTypes).SelectMany(m => m.Fields.InDeclarationOrder().Select(f => Field(m, f))),
        "enum" => Files.SelectMany(f => f.EnumTypes.Select(e => $"enum|{f.Name}||{e.Name}|enum||{e.Values[0].Name}|||")),
        _ => Files.SelectMany(f => f.EnumTypes).SelectMany(e => e.Values.Select(v => Value(e, v))),
    };

    private static string Message(FileDescriptor file, MessageDescriptor message)
    {
        var type = message.FindFieldByName("payloadType");
        return type is { FieldType: FieldType.Enum }
            ? $"message|{file.Name}||{message.Name}|message||{type.ToProto().DefaultValue}|{Number(type)}||"
            : $"message|{file.Name}||{message.Name}|message|||||";
    }

    private static string Field(MessageDescriptor message, FieldDescriptor field)
    {
        var proto = field.ToProto();
        string type = field.FieldType switch
        {
            FieldType.Message => field.MessageType.Name,
            FieldType.Enum => field.EnumType.Name,
            var plain => plain.ToString().ToLowerInvariant(),
        };
        string label = field.IsRequired ? "required" : field.IsRepeated ? "repeated" : "optional";
        string number = field.Name == "payloadType" && proto.HasDefaultValue ? Number(field) : "";
        return $"field|{message.Name}|{field.FieldNumber}|{field.Name}|{type}|{label}|{proto.DefaultValue}|{number}|{(proto.Options?.Packed == true ? "[packed=true]" : "")}|{(proto.Options?.Deprecated == true ? "[deprecated=true]" : "")}";
    }

    private static string Value(EnumDescriptor of, EnumValueDescriptor value)
    {
        bool registry = of.Name is "ProtoPayloadType" or "ProtoOAPayloadType";
        string user = registry && PayloadTypes.Parser((uint)value.Number) is { } parser ? parser.ParseFrom(ReadOnlySpan<byte>.Empty).Descriptor.Name : "";
        return $"enum_value|{of.Name}|{value.Number}|{value.Name}|{user}|||{(registry ? value.Number.ToString(CultureInfo.InvariantCulture) : "")}||";
    }

    private static string Number(FieldDescriptor field) => field.EnumType.FindValueByName(field.ToProto().DefaultValue).Number.ToString(CultureInfo.InvariantCulture);
}
