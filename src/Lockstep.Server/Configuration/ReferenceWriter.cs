using System.Text;

namespace Lockstep.Server.Configuration;

/// <summary>Writes the table of all keys for docs/configuration.md from the shapes; a test holds the page to it.</summary>
internal static class ReferenceWriter
{
    /// <summary>The tables, one an object.</summary>
    public static string Write()
    {
        var text = new StringBuilder();
        Object(text, ConfigFormat.Root, "");
        return text.ToString();
    }

    private static void Object(StringBuilder text, ObjectShape shape, string path, string of = "")
    {
        text.Append("### ").Append(path.Length == 0 ? "The file" : $"`{path}`").Append(of).Append("\n\n| key | value | default | meaning |\n|---|---|---|---|\n");
        foreach (var key in shape.Keys)
        {
            text.Append("| `").Append(key.Name).Append("` | ").Append(Value(key)).Append(" | ")
                .Append(key.Required ? "required" : key.Default is null ? "" : $"`{key.Default}`").Append(" | ").Append(Escaped(key.Says)).Append(" |\n");
        }

        text.Append('\n');
        foreach (var key in shape.Keys)
        {
            Below(text, key.Shape, path.Length == 0 ? key.Name : $"{path}.{key.Name}");
        }
    }

    private static void Below(StringBuilder text, Shape shape, string path)
    {
        switch (shape)
        {
            case ObjectShape o:
                Object(text, o, path);
                break;
            case VariantShape v:
                foreach (var variant in v.Variants)
                {
                    Object(text, variant, path, $", {v.By} {string.Join(" or ", v.WordsOf(variant).Select(w => $"`\"{w}\"`"))}");
                }

                break;
            case ListShape l:
                Below(text, l.Of, path + "[]");
                break;
            case MapShape m:
                Below(text, m.Of, path + ".NAME");
                break;
            case TextOrObjectShape e:
                Object(text, e.Object, path);
                break;
            case SecretShape:
                Object(text, SecretShape.Object, path);
                break;
            default:
                break;
        }
    }

    private static string Value(Key key) => Escaped(Value(key.Shape)) + (key.Nullable ? ", or null" : "");

    private static string Value(Shape shape) => shape switch
    {
        ObjectShape => "object, see below",
        MapShape { Of: TextShape } => "object: name to text",
        MapShape => "object by name, see below",
        ListShape { Of: TextShape or NumberShape } list => $"list of: {list.Of.Allowed}",
        ListShape { Of: TextOrObjectShape } => "list of names, or of objects, see below",
        ListShape => "list of objects, see below",
        _ => shape.Allowed,
    };

    private static string Escaped(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
