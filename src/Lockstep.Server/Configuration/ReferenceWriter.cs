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

    private static void Object(StringBuilder text, ObjectShape shape, string path)
    {
        text.Append("### ").Append(path.Length == 0 ? "The file" : $"`{path}`").Append("\n\n| key | value | default | meaning |\n|---|---|---|---|\n");
        foreach (var key in shape.Keys)
        {
            text.Append("| `").Append(key.Name).Append("` | ").Append(Value(key)).Append(" | ")
                .Append(key.Required ? "required" : key.Default is null ? "" : $"`{key.Default}`").Append(" | ").Append(Escaped(key.Says)).Append(" |\n");
        }

        text.Append('\n');
        foreach (var key in shape.Keys)
        {
            string below = path.Length == 0 ? key.Name : $"{path}.{key.Name}";
            if (Inner(key.Shape, ref below) is { } inner)
            {
                Object(text, inner, below);
            }
        }
    }

    private static ObjectShape? Inner(Shape shape, ref string path)
    {
        switch (shape)
        {
            case ObjectShape o:
                return o;
            case ListShape l:
                path += "[]";
                return Inner(l.Of, ref path);
            case MapShape m:
                path += ".NAME";
                return Inner(m.Of, ref path);
            case TextOrObjectShape e:
                return e.Object;
            case SecretShape:
                return SecretShape.Object;
            default:
                return null;
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
