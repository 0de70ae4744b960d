using System.Globalization;
using Lockstep.Server.Configuration;

namespace Lockstep.Server.Rest.Faces;

/// <summary>A field of a request under all names that programs give it. Null counts as absent; who sends it under two names must say the same twice.</summary>
/// <param name="Name">Its first name.</param>
/// <param name="Shape">What it may be.</param>
/// <param name="Says">What it is for.</param>
/// <param name="Others">Its other names.</param>
internal sealed record FaceField(string Name, Shape Shape, string Says, params string[] Others)
{
    /// <summary>It must be there.</summary>
    public bool Required { get; init; }

    /// <summary>All names, the first one first.</summary>
    public IEnumerable<string> Names => Others.Prepend(Name);

    /// <summary>Its names as keys of an object. None is required for itself, as any of the names will do.</summary>
    public IEnumerable<Key> Keys => Names.Select(n => new Key(n, Shape, n == Name ? Says : $"The same as {Name}.") { Nullable = true });

    /// <summary>As one that must be there.</summary>
    public FaceField Must => this with { Required = true };
}

/// <summary>The fields of a request.</summary>
internal sealed class FaceForm
{
    private readonly IReadOnlyList<FaceField> _fields;

    /// <summary>A form of some fields. <paramref name="name"/> is the word for the whole in messages.</summary>
    public FaceForm(string name, params IEnumerable<FaceField> fields)
    {
        _fields = [.. fields];
        Shape = new ObjectShape(name, [.. _fields.SelectMany(f => f.Keys)]);
    }

    /// <summary>The form as the shape of a JSON object.</summary>
    public ObjectShape Shape { get; }

    /// <summary>Notes what is missing, and what is said twice and not the same.</summary>
    public void Check(ItemReader item, List<FieldProblem> errors)
    {
        foreach (var field in _fields)
        {
            var given = field.Names.Select(n => (Name: n, Value: item.Value(n))).Where(g => g.Value is not null).ToList();
            if (given.Count == 0 && field.Required && !field.Names.Any(n => errors.Exists(e => e.Field == n)))
            {
                errors.Add(new FieldProblem(field.Name, "", $"is missing; it must be {field.Shape.Allowed}"));
            }

            if (given.Count > 1 && given.Select(g => Comparable(g.Value!)).Distinct().Count() > 1)
            {
                errors.Add(new FieldProblem(field.Name, given[0].Value!.Shown, $"{string.Join(" and ", given.Select(g => $"{g.Name} = {g.Value!.Shown}"))} are names of one field and differ; send it once"));
            }
        }
    }

    /// <summary>1.10 and 1.1 are the same number, and so is "7" for what may be sent as text.</summary>
    private static string Comparable(JsonItem item) =>
        decimal.TryParse(item.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number) ? number.ToString("0.############################", CultureInfo.InvariantCulture) : item.Text;
}
