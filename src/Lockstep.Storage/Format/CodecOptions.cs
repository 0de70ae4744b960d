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

        // What is worked out from other properties is no data, and may throw where a platform sent absurd ones.
        for (int i = info.Properties.Count - 1; i >= 0; i--)
        {
            if (info.Properties[i].Set is null)
            {
                info.Properties.RemoveAt(i);
            }
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

        if (!type.IsValueType)
        {
            // Two equal lists are not equal to a record's Equals: what holds one is always written, or equal values would not give equal bytes.
            return standing is null ? null : HoldsList(type) ? Always : (_, value) => !Equals(value, standing);
        }

        // 0.00 is equal to 0 but not the same: what is worked out from it prints its zeros.
        return type == typeof(decimal) ? (_, value) => standing is decimal d ? !Identical((decimal)value!, d) : !Identical((decimal)value!, 0m)
            : type == typeof(Lots) ? static (_, value) => !Identical(((Lots)value!).Value, 0m)
            : type == typeof(Price) ? static (_, value) => !Identical(((Price)value!).Value, 0m)
            : type == typeof(Money) ? static (_, value) => !Identical(((Money)value!).Value, 0m)
            : IsGroup(type) ? Always
            : standing is null || (Nullable.GetUnderlyingType(type) is null && standing.Equals(Activator.CreateInstance(type))) ? null
            : (_, value) => !Equals(value, standing);
    }

    private static bool Always(object owner, object? value) => true;

    private static bool HoldsList(Type type) => type != typeof(string) && type.GetProperties().Any(property => typeof(IEnumerable).IsAssignableFrom(property.PropertyType) && property.PropertyType != typeof(string));

    /// <summary>A struct of several values (a quote, a timer's id), as against one that is a single number or text.</summary>
    private static bool IsGroup(Type type) =>
        !type.IsPrimitive && !type.IsEnum && Nullable.GetUnderlyingType(type) is null && type != typeof(TimeSpan) && type.GetProperties().Count(property => property.CanWrite) > 1;

    private static bool Identical(decimal a, decimal b) => a == b && a.Scale == b.Scale;

    private static class Info<T>
    {
        public static readonly JsonTypeInfo<T> Value = (JsonTypeInfo<T>)Json.GetTypeInfo(typeof(T));
    }
}
