using System.Collections;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Storage.Format;

/// <summary>
/// How the records of Domain and Engine become JSON. The metadata comes from reflection and not from the source generator: a generated reader gives a missing
/// <c>init</c> property its type's zero instead of the default that stands in the record, and a journal of last year would read as nulls.
/// </summary>
internal static class CodecOptions
{
    /// <summary>The options, ready for use.</summary>
    public static readonly JsonSerializerOptions Json = Make();

    /// <summary>The metadata of one type.</summary>
    public static JsonTypeInfo<T> Of<T>() => Info<T>.Value;

    private static JsonSerializerOptions Make()
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
            IgnoreReadOnlyProperties = true,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { NameKinds, LeaveDefaultsOut } },
            Converters =
            {
                new DecimalConverter(), new LotsConverter(), new PriceConverter(), new MoneyConverter(), new TimestampConverter(), new OrderKeyConverter(),
                new TextIdConverter<AccountId>(v => new(v), id => id.Value), new TextIdConverter<LinkId>(v => new(v), id => id.Value),
                new TextIdConverter<SymbolName>(v => new(v), id => id.Value), new NumberIdConverter<PositionId>(v => new(v), id => id.Value),
                new NumberIdConverter<OrderId>(v => new(v), id => id.Value), new NumberIdConverter<DealId>(v => new(v), id => id.Value),
                new NumberIdConverter<AskId>(v => new(v), id => id.Value), new NumberIdConverter<WatchId>(v => new(v), id => id.Number),
            },
        };
        options.MakeReadOnly();
        return options;
    }

    private static void NameKinds(JsonTypeInfo info)
    {
        if (!TypeNames.Of.TryGetValue(info.Type, out var kinds))
        {
            return;
        }

        info.PolymorphismOptions = new JsonPolymorphismOptions
        {
            TypeDiscriminatorPropertyName = TypeNames.Property,
            UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FailSerialization,
        };
        foreach (var (kind, name) in kinds)
        {
            info.PolymorphismOptions.DerivedTypes.Add(new JsonDerivedType(kind, name));
        }
    }

    private static void LeaveDefaultsOut(JsonTypeInfo info)
    {
        if (info.Kind != JsonTypeInfoKind.Object)
        {
            return;
        }

        object? fresh = info.CreateObject?.Invoke();
        foreach (var property in info.Properties)
        {
            // A required value may well be zero ("bring it down to 0 lots"): it is left out like any other and reads as zero.
            bool required = property.IsRequired;
            property.IsRequired = required && !property.PropertyType.IsValueType;
            if (property.ShouldSerialize is null && property.Get is { } get)
            {
                property.ShouldSerialize = Rule(property.PropertyType, required || fresh is null ? null : get(fresh));
            }
        }
    }

    /// <summary>When a property is written, where that is not simply "when it is not its type's zero" (null then).</summary>
    private static Func<object, object?, bool>? Rule(Type type, object? standing)
    {
        if (standing is ICollection { Count: 0 })
        {
            return static (_, value) => value is not ICollection { Count: 0 };
        }

        bool zeroStands = standing is null || (type.IsValueType && Nullable.GetUnderlyingType(type) is null && standing.Equals(Activator.CreateInstance(type)));
        if (!zeroStands)
        {
            return (_, value) => !Equals(value, standing) || (value is decimal d && Scale(d) != Scale((decimal)standing!));
        }

        // 0.00 is equal to 0 but not the same: what is worked out from it prints its zeros.
        return type == typeof(decimal) ? static (_, value) => !IsPlainZero((decimal)value!)
            : type == typeof(Lots) ? static (_, value) => !IsPlainZero(((Lots)value!).Value)
            : type == typeof(Price) ? static (_, value) => !IsPlainZero(((Price)value!).Value)
            : type == typeof(Money) ? static (_, value) => !IsPlainZero(((Money)value!).Value)
            : null;
    }

    private static bool IsPlainZero(decimal value) => value == 0m && Scale(value) == 0;

    private static byte Scale(decimal value) => value.Scale;

    private static class Info<T>
    {
        public static readonly JsonTypeInfo<T> Value = (JsonTypeInfo<T>)Json.GetTypeInfo(typeof(T));
    }
}
