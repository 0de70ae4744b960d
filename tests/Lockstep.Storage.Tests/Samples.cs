using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using Lockstep.Domain;

namespace Lockstep.Storage.Tests;

/// <summary>How a made value is filled.</summary>
internal enum Filling
{
    /// <summary>Every property has a value that is not its type's zero.</summary>
    Full,

    /// <summary>Every property has its type's zero: null, false, 0, the empty text, the empty list.</summary>
    Zero,

    /// <summary>Each property by chance: full, zero, or as the record itself leaves it.</summary>
    Mixed,
}

/// <summary>Makes values of any record by looking at its properties, so that a new record or property is tested from the day it is there.</summary>
internal sealed class Samples(int seed, Filling filling)
{
    private readonly Random _random = new(seed);
    private long _counter;

    public T Make<T>() => (T)Make(typeof(T), 0)!;

    public object? Make(Type type, int depth)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner)
        {
            return Zeroed() ? null : Make(inner, depth);
        }

        if (type == typeof(string))
        {
            return Zeroed() ? "" : Text();
        }

        if (type == typeof(bool))
        {
            return !Zeroed();
        }

        if (type == typeof(int) || type == typeof(long))
        {
            return Convert.ChangeType(Zeroed() ? 0 : ++_counter, type, null);
        }

        if (type == typeof(decimal))
        {
            return Zeroed() ? 0m : Number();
        }

        if (type == typeof(TimeSpan))
        {
            return Zeroed() ? TimeSpan.Zero : new TimeSpan(++_counter * 12_345_678);
        }

        if (type.IsEnum)
        {
            var values = Enum.GetValues(type);
            return Zeroed() ? Enum.ToObject(type, 0) : values.GetValue(filling == Filling.Full ? values.Length - 1 : _random.Next(values.Length));
        }

        if (type == typeof(OrderKey))
        {
            return Zeroed() ? default(OrderKey) : OrderKey.From("sample", ++_counter, 0, "open", 1);
        }

        if (type.IsGenericType && typeof(IEnumerable).IsAssignableFrom(type))
        {
            return List(type, depth);
        }

        return type.IsAbstract ? Make(Kinds.Of(type)[filling == Filling.Full ? 0 : _random.Next(Kinds.Of(type).Count)], depth) : Object(type, depth + 1);
    }

    private bool Zeroed() => filling == Filling.Zero || (filling == Filling.Mixed && _random.Next(3) == 0);

    private string Text() => filling == Filling.Full ? $"text {++_counter}" : _random.Next(4) switch { 0 => "ü \"quoted\" \\ \u2028 <&>", 1 => "EURUSD.m", 2 => "😀", _ => $"t{++_counter}" };

    private decimal Number() => filling == Filling.Full ? 1.50m + ++_counter : _random.Next(6) switch
    {
        0 => 0.00m,
        1 => -12.340m,
        2 => decimal.MaxValue,
        3 => 0.0000000000000000000000000001m,
        4 => 100m,
        _ => new decimal(_random.Next(), _random.Next(), 0, _random.Next(2) == 0, (byte)_random.Next(20)),
    };

    private IList List(Type type, int depth)
    {
        var element = type.GetGenericArguments()[0];
        var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(element))!;
        int count = Zeroed() || depth > 4 ? 0 : filling == Filling.Full ? 2 : _random.Next(1, 3);
        for (int i = 0; i < count; i++)
        {
            list.Add(Make(element, depth));
        }

        return list;
    }

    private object Object(Type type, int depth)
    {
        var positional = type.GetConstructors().Where(c => c.GetParameters().Length > 0).OrderByDescending(c => c.GetParameters().Length).FirstOrDefault();
        object made = positional is null ? Activator.CreateInstance(type)! : positional.Invoke([.. positional.GetParameters().Select(p => Make(p.ParameterType, depth))]);
        foreach (var property in Properties(type).Where(p => positional is null || !Array.Exists(positional.GetParameters(), a => a.Name == p.Name)))
        {
            bool required = property.IsDefined(typeof(RequiredMemberAttribute));
            if (filling != Filling.Mixed || required || _random.Next(3) > 0)
            {
                property.SetValue(made, Make(property.PropertyType, depth));
            }
        }

        return made;
    }

    public static IEnumerable<PropertyInfo> Properties(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite && p.GetIndexParameters().Length == 0).OrderBy(p => p.MetadataToken);
}

/// <summary>The concrete kinds of an abstract record, found by reflection.</summary>
internal static class Kinds
{
    public static IReadOnlyList<Type> Of(Type type) =>
        [.. type.Assembly.GetTypes().Where(t => !t.IsAbstract && t.IsSubclassOf(type)).OrderBy(t => t.Name, StringComparer.Ordinal)];

    /// <summary>Every abstract record that a record of the journal can hold. Questions for history and their answers pass the engine by, and what moved in a book is told in other words.</summary>
    public static IReadOnlyList<Type> Abstract =>
        [.. new[] { typeof(AccountId).Assembly, typeof(Engine.EngineEvent).Assembly, typeof(EventBody).Assembly }
            .SelectMany(a => a.GetTypes())
            .Except([typeof(DataRequest), typeof(DataAnswer), typeof(Engine.BookMove)])
            .Where(t => t is { IsAbstract: true, IsSealed: false, IsInterface: false, IsPublic: true } && Kinds.Of(t).Count > 0)
            .OrderBy(t => t.Name, StringComparer.Ordinal)];
}

/// <summary>Says where two values differ, property by property; decimals must have the same digits.</summary>
internal static class Same
{
    public static void Check(object? expected, object? actual, string where)
    {
        if (expected is null || actual is null)
        {
            Assert.True(expected is null && actual is null, $"{where}: {(expected is null ? "null became something" : "something became null")}");
            return;
        }

        if (expected is IEnumerable a and not string)
        {
            var (left, right) = (a.Cast<object?>().ToList(), ((IEnumerable)actual).Cast<object?>().ToList());
            Assert.True(left.Count == right.Count, $"{where}: {left.Count} elements became {right.Count}");
            for (int i = 0; i < left.Count; i++)
            {
                Check(left[i], right[i], $"{where}[{i}]");
            }

            return;
        }

        Assert.True(expected.GetType() == actual.GetType(), $"{where}: {expected.GetType().Name} became {actual.GetType().Name}");
        if (expected is decimal d)
        {
            Assert.True(d == (decimal)actual && (d.Scale == ((decimal)actual).Scale), $"{where}: {d} became {actual}");
        }
        else if (expected is string or IConvertible or TimeSpan)
        {
            Assert.True(Equals(expected, actual), $"{where}: {expected} became {actual}");
        }
        else
        {
            foreach (var property in Samples.Properties(expected.GetType()))
            {
                Check(property.GetValue(expected), property.GetValue(actual), $"{where}.{property.Name}");
            }
        }
    }
}
