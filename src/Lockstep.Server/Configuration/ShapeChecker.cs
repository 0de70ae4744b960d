namespace Lockstep.Server.Configuration;

/// <summary>Compares a value with its shape and notes every difference. What was found wrong counts as absent for who reads it afterwards.</summary>
internal sealed class ShapeChecker(List<ConfigError> errors)
{
    private readonly HashSet<JsonItem> _wrong = [];

    /// <summary>True when the value was found to have its shape; what lies below it may still be wrong.</summary>
    public bool IsRight(JsonItem item) => !_wrong.Contains(item);

    /// <summary>Notes what is wrong with <paramref name="item"/> and all below it.</summary>
    public void Check(JsonItem item, Shape shape, string path)
    {
        switch (shape)
        {
            case ObjectShape o when item.Kind == JsonKind.Object:
                Object(item, o, path);
                break;
            case VariantShape v when item.Kind == JsonKind.Object:
                Object(item, (item[v.By] is { Kind: JsonKind.Text } word ? v.Of(word.Text) : null) ?? v.Any, path, v);
                break;
            case MapShape m when item.Kind == JsonKind.Object:
                Map(item, m, path);
                break;
            case ListShape l when item.Kind == JsonKind.List:
                for (int i = 0; i < item.Items.Count; i++)
                {
                    Check(item.Items[i], l.Of, $"{path}[{i}]");
                }

                if (item.Items.Count > l.MaxItems)
                {
                    Wrong(item, path, $"has {item.Items.Count} entries; at most {l.MaxItems} are allowed");
                }

                break;
            case TextShape t when item.Kind == JsonKind.Text:
                if (!t.Matches(item.Text))
                {
                    Wrong(item, path, $"must be {t.Allowed}");
                }

                break;
            case ChoiceShape c when item.Kind == JsonKind.Text:
                if (!c.Words.Contains(item.Text))
                {
                    Wrong(item, path, $"must be one of {c.Allowed}{Spelling.DidYouMean(item.Text, c.Words)}");
                }

                break;
            case NumberShape n when item.Kind == JsonKind.Number:
                if (n.Problem(item.Text) is { } problem)
                {
                    Wrong(item, path, problem);
                }

                break;
            case DurationShape d when item.Kind == JsonKind.Text:
                if (DurationShape.Read(item.Text) is not { } span || span < d.Min || span > d.Max)
                {
                    Wrong(item, path, $"must be {d.Allowed}");
                }

                break;
            case MomentShape m when item.Kind == JsonKind.Text:
                if (MomentShape.Read(item.Text) is null)
                {
                    Wrong(item, path, $"must be {m.Allowed}");
                }

                break;
            case TextOrObjectShape either when item.Kind == JsonKind.Text:
                Check(item, either.Text, path);
                break;
            case TextOrObjectShape either when item.Kind == JsonKind.Object:
                Check(item, either.Object, path);
                break;
            case NumberOrTextShape either when item.Kind == JsonKind.Number:
                Check(item, either.Number, path);
                break;
            case NumberOrTextShape either when item.Kind == JsonKind.Text:
                Check(item, either.Text, path);
                break;
            case SecretShape secret:
                Secret(item, secret, path);
                break;
            case FlagShape when item.Kind == JsonKind.Flag:
                break;
            default:
                Wrong(item, path, $"is {item.KindName}; it must be {shape.Allowed}");
                break;
        }
    }

    private void Object(JsonItem item, ObjectShape shape, string path, VariantShape? of = null)
    {
        var seen = new HashSet<string>();
        foreach (var (name, value) in item.Members)
        {
            string below = Below(path, name);
            var key = shape.Keys.FirstOrDefault(k => k.Name == name);
            if (!seen.Add(name))
            {
                Wrong(value, below, "the key stands here more than once; keep one", show: false);
            }
            else if (key is null && of?.Variants.Where(v => v.Keys.Any(k => k.Name == name)).SelectMany(of.WordsOf).ToList() is { Count: > 0 } others)
            {
                Wrong(value, below, $"belongs to {of.By} {string.Join(" and ", others.Select(w => $"\"{w}\""))} only", show: false);
            }
            else if (key is null)
            {
                // The value of a key that nobody knows may be a secret: it is not shown.
                string[] names = [.. shape.Keys.Select(k => k.Name)];
                Wrong(value, below, $"unknown key{Spelling.DidYouMean(name, names)}; known here: {string.Join(", ", names)}", show: false);
            }
            else if (value.Kind != JsonKind.Null)
            {
                Check(value, key.Shape, below);
            }
            else if (!key.Nullable)
            {
                Wrong(value, below, $"null is not allowed; it must be {key.Shape.Allowed}, or absent");
            }
        }

        foreach (var key in shape.Keys)
        {
            if (key.Required && !seen.Contains(key.Name))
            {
                errors.Add(new ConfigError(item.Line, Below(path, key.Name), "", $"is missing; it must be {key.Shape.Allowed}"));
            }
        }
    }

    private void Map(JsonItem item, MapShape shape, string path)
    {
        var names = new TextShape(shape.NamePattern, shape.NameAllowed);
        var seen = new HashSet<string>();
        foreach (var (name, value) in item.Members)
        {
            string below = Below(path, name);
            if (!seen.Add(name))
            {
                Wrong(value, below, "the name stands here more than once; keep one", show: false);
                continue;
            }

            if (!names.Matches(name))
            {
                Wrong(value, below, $"the name must be {shape.NameAllowed}", show: false);
            }

            Check(value, shape.Of, below);
        }
    }

    private void Secret(JsonItem item, SecretShape shape, string path)
    {
        if (item.Kind != JsonKind.Object)
        {
            // Whatever stands here may be the secret itself: it is not shown.
            Wrong(item, path, $"a secret is never written into the configuration; it must be {shape.Allowed}", show: false);
            return;
        }

        int before = errors.Count;
        Object(item, SecretShape.Object, path);
        if (errors.Count == before && item.Members.Count != 1)
        {
            Wrong(item, path, $"must be {shape.Allowed}, one of the two", show: false);
        }
    }

    private void Wrong(JsonItem item, string path, string text, bool show = true)
    {
        _wrong.Add(item);
        errors.Add(new ConfigError(item.Line, path, show ? item.Shown : "", text));
    }

    private static string Below(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
