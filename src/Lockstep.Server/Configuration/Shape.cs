using System.Globalization;
using System.Text.RegularExpressions;

namespace Lockstep.Server.Configuration;

/// <summary>
/// What a value of the configuration may be. The whole format is one tree of shapes (<see cref="ConfigFormat"/>): the reader checks against it, and the JSON schema
/// and the reference in docs/configuration.md are written from it, so that the three cannot differ.
/// </summary>
internal abstract record Shape
{
    /// <summary>What is allowed, for an error and for the reference: <c>a number above 0</c>.</summary>
    public abstract string Allowed { get; }
}

/// <summary>One key of an object.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Shape">What its value may be.</param>
/// <param name="Says">What it is for.</param>
/// <param name="Default">What holds when it is absent, as JSON; null = see <paramref name="Says"/>.</param>
internal sealed record Key(string Name, Shape Shape, string Says, string? Default = null)
{
    /// <summary>It must be there.</summary>
    public bool Required { get; init; }

    /// <summary>null may stand for its value.</summary>
    public bool Nullable { get; init; }
}

/// <summary>An object with these keys and no others.</summary>
internal sealed record ObjectShape(string Name, params Key[] Keys) : Shape
{
    /// <inheritdoc/>
    public override string Allowed => $"an object with the keys {string.Join(", ", Keys.Select(k => k.Name))}";
}

/// <summary>One of several objects; the word under the key <paramref name="By"/>, which each of them has, says which.</summary>
internal sealed record VariantShape(string By, params ObjectShape[] Variants) : Shape
{
    /// <summary>The words, of all variants.</summary>
    public IEnumerable<string> Words => Variants.SelectMany(WordsOf);

    /// <inheritdoc/>
    public override string Allowed => $"an object with the key {By} ({string.Join(", ", Words.Select(w => $"\"{w}\""))}) and what belongs to it";

    /// <summary>The words that name a variant.</summary>
    public string[] WordsOf(ObjectShape variant) => ((ChoiceShape)variant.Keys.First(k => k.Name == By).Shape).Words;

    /// <summary>The variant that a word names, or null.</summary>
    public ObjectShape? Of(string word) => Variants.FirstOrDefault(v => WordsOf(v).Contains(word));

    /// <summary>The keys of all variants together: against this an object is checked that does not say which it is.</summary>
    public ObjectShape Any => new(
        Variants[0].Name,
        [.. Variants.SelectMany(v => v.Keys).DistinctBy(k => k.Name).Select(k => k.Name == By ? k with { Shape = new ChoiceShape([.. Words]) } : k with { Required = false })]);
}

/// <summary>An object whose keys are names that the user gives.</summary>
internal sealed record MapShape(Shape Of, string NamePattern, string NameAllowed) : Shape
{
    /// <inheritdoc/>
    public override string Allowed => $"an object whose keys are {NameAllowed}";
}

/// <summary>A list.</summary>
internal sealed record ListShape(Shape Of, int MaxItems = 10_000) : Shape
{
    /// <inheritdoc/>
    public override string Allowed => "a list";
}

/// <summary>Text of some form.</summary>
internal sealed record TextShape(string Pattern, string Form) : Shape
{
    /// <inheritdoc/>
    public override string Allowed => Form;

    /// <summary>True when the text has the form.</summary>
    public bool Matches(string text) => Regex.IsMatch(text, Pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
}

/// <summary>One of a few words.</summary>
internal sealed record ChoiceShape(params string[] Words) : Shape
{
    /// <inheritdoc/>
    public override string Allowed => string.Join(", ", Words.Select(w => $"\"{w}\""));
}

/// <summary>true or false.</summary>
internal sealed record FlagShape : Shape
{
    /// <inheritdoc/>
    public override string Allowed => "true or false";
}

/// <summary>A number, read exactly. <paramref name="Above"/> excludes its bound, <paramref name="Min"/> and <paramref name="Max"/> include theirs.</summary>
internal sealed record NumberShape(decimal Max, decimal? Min = null, decimal? Above = null, bool Whole = false) : Shape
{
    /// <inheritdoc/>
    public override string Allowed =>
        (Whole ? "a whole number" : "a number") + (Above is { } above ? $" above {Show(above)}, at most {Show(Max)}" : $" from {Show(Min ?? 0)} to {Show(Max)}");

    /// <summary>What is wrong with the digits, or null.</summary>
    public string? Problem(string digits)
    {
        if (!ExactNumber.TryRead(digits, out decimal value, out bool lossy))
        {
            return lossy ? "has more digits than can be kept exactly (28)" : $"must be {Allowed}";
        }

        return (Whole && value != decimal.Truncate(value)) || value > Max || value < Min || value <= Above ? $"must be {Allowed}" : null;
    }

    private static string Show(decimal value) => value.ToString("0.############", CultureInfo.InvariantCulture);
}

/// <summary>A span of time such as <c>500ms</c>, <c>10s</c>, <c>5m</c>, <c>1h</c>, <c>7d</c>.</summary>
internal sealed record DurationShape(TimeSpan Min, TimeSpan Max) : Shape
{
    /// <summary>The form, for the schema.</summary>
    public const string Pattern = "^[0-9]{1,9}(ms|s|m|h|d)$";

    /// <inheritdoc/>
    public override string Allowed => $"a duration such as \"500ms\", \"10s\", \"5m\", \"1h\" or \"7d\", from \"{Show(Min)}\" to \"{Show(Max)}\"";

    /// <summary>Reads a duration; null when it is none.</summary>
    public static TimeSpan? Read(string text)
    {
        if (!Regex.IsMatch(text, Pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)))
        {
            return null;
        }

        string unit = text.TrimStart('0', '1', '2', '3', '4', '5', '6', '7', '8', '9');
        long number = long.Parse(text[..^unit.Length], CultureInfo.InvariantCulture);
        long ticks = unit switch
        {
            "ms" => TimeSpan.TicksPerMillisecond,
            "s" => TimeSpan.TicksPerSecond,
            "m" => TimeSpan.TicksPerMinute,
            "h" => TimeSpan.TicksPerHour,
            _ => TimeSpan.TicksPerDay,
        };
        return number > TimeSpan.MaxValue.Ticks / ticks ? TimeSpan.MaxValue : TimeSpan.FromTicks(number * ticks);
    }

    /// <summary>A duration in the form.</summary>
    public static string Show(TimeSpan span) => span switch
    {
        { Ticks: 0 } => "0s",
        _ when span.Ticks % TimeSpan.TicksPerDay == 0 => $"{span.Ticks / TimeSpan.TicksPerDay}d",
        _ when span.Ticks % TimeSpan.TicksPerHour == 0 => $"{span.Ticks / TimeSpan.TicksPerHour}h",
        _ when span.Ticks % TimeSpan.TicksPerMinute == 0 => $"{span.Ticks / TimeSpan.TicksPerMinute}m",
        _ when span.Ticks % TimeSpan.TicksPerSecond == 0 => $"{span.Ticks / TimeSpan.TicksPerSecond}s",
        _ => $"{span.Ticks / TimeSpan.TicksPerMillisecond}ms",
    };
}

/// <summary>A moment, as ISO 8601 has it; without an offset it is UTC. From 1970 on, before the year 3000.</summary>
internal sealed record MomentShape : Shape
{
    /// <summary>The form, for the schema.</summary>
    public const string Pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]{1,7})?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?$";

    /// <inheritdoc/>
    public override string Allowed => "a moment such as \"2030-01-31T12:00:00Z\"";

    /// <summary>Reads a moment; null when it is none.</summary>
    public static DateTimeOffset? Read(string text) =>
        Regex.IsMatch(text, Pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1))
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) && moment >= DateTimeOffset.UnixEpoch && moment.UtcDateTime.Year < 3000
            ? moment.ToUniversalTime()
            : null;
}

/// <summary>A text for the simplest case, or an object for the rest.</summary>
internal sealed record TextOrObjectShape(TextShape Text, ObjectShape Object) : Shape
{
    /// <inheritdoc/>
    public override string Allowed => $"{Text.Allowed}, or {Object.Allowed}";
}

/// <summary>A number, or a text: what some programs send as the one and some as the other.</summary>
internal sealed record NumberOrTextShape(NumberShape Number, TextShape Text) : Shape
{
    /// <inheritdoc/>
    public override string Allowed => $"{Number.Allowed}, or {Text.Allowed}";
}

/// <summary>A secret: never the secret itself, only where it is.</summary>
internal sealed record SecretShape : Shape
{
    /// <summary>The keys, one of which must be there.</summary>
    public static readonly ObjectShape Object = new(
        "secret",
        new Key("env", new TextShape("^[A-Za-z_][A-Za-z0-9_]{0,127}$", "the name of an environment variable"), "Environment variable that holds the secret."),
        new Key("file", new TextShape("^[^\\u0000]{1,4096}$", "a path"), "File that holds the secret and nothing else; a line end after it is ignored."));

    /// <inheritdoc/>
    public override string Allowed => "{\"env\": \"NAME\"} or {\"file\": \"path\"}";
}
