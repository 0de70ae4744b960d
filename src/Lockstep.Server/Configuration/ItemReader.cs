using System.Globalization;
using Lockstep.Domain;

namespace Lockstep.Server.Configuration;

/// <summary>
/// Reads the members of one object after the <see cref="ShapeChecker"/> has seen it. What was found wrong reads as absent, so that reading goes on and later
/// checks find their errors too.
/// </summary>
internal readonly struct ItemReader(JsonItem? item, ShapeChecker checker)
{
    /// <summary>The object.</summary>
    public JsonItem? Item { get; } = item is { Kind: JsonKind.Object } && checker.IsRight(item) ? item : null;

    /// <summary>The value under a key, when it is right; null stands for null too.</summary>
    public JsonItem? Value(string key) => Item?[key] is { Kind: not JsonKind.Null } value && checker.IsRight(value) ? value : null;

    /// <summary>True when the key stands there as null.</summary>
    public bool IsNull(string key) => Item?[key] is { Kind: JsonKind.Null } value && checker.IsRight(value);

    /// <summary>An object below.</summary>
    public ItemReader Below(string key) => new(Value(key), checker);

    /// <summary>The right items of a list.</summary>
    public IEnumerable<JsonItem> List(string key)
    {
        var c = checker;
        return Value(key)?.Items.Where(c.IsRight) ?? [];
    }

    /// <summary>The right members of a map.</summary>
    public IEnumerable<JsonMember> Map(string key)
    {
        var c = checker;
        return Value(key)?.Members.Where(m => c.IsRight(m.Value)) ?? [];
    }

    /// <summary>An item of a list as a reader.</summary>
    public ItemReader Of(JsonItem item) => new(item, checker);

    /// <summary>A text.</summary>
    public string? Text(string key) => Value(key)?.Text;

    /// <summary>true or false.</summary>
    public bool Flag(string key, bool otherwise) => Value(key) is { } value ? value.Text == "true" : otherwise;

    /// <summary>A number.</summary>
    public decimal? Number(string key) => Value(key) is { } value ? Number(value) : null;

    /// <summary>A whole number.</summary>
    public int? Whole(string key) => Number(key) is { } number ? (int)number : null;

    /// <summary>A volume.</summary>
    public Lots? Lots(string key) => Number(key) is { } number ? new Lots(number) : null;

    /// <summary>A duration.</summary>
    public TimeSpan? Duration(string key) => Text(key) is { } text ? DurationShape.Read(text) : null;

    /// <summary>A moment, in UTC.</summary>
    public DateTimeOffset? Moment(string key) => Text(key) is { } text ? MomentShape.Read(text) : null;

    /// <summary>One of the words of an enum, which the configuration writes with a small first letter.</summary>
    public T? Choice<T>(string key)
        where T : struct, Enum => Text(key) is { } text ? Enum.Parse<T>(text, ignoreCase: true) : null;

    /// <summary>The number that an item holds.</summary>
    public static decimal Number(JsonItem item) => decimal.Parse(item.Text, NumberStyles.Float, CultureInfo.InvariantCulture);
}
