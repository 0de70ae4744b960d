using System.Globalization;
using System.Text;

namespace Lockstep.Server.Metrics;

/// <summary>The text format of Prometheus, version 0.0.4: names, labels, values.</summary>
internal static class PrometheusText
{
    /// <summary>The content type of a page in this format.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>
    /// The metric's name: <c>lockstep.journal.commit</c> in <c>s</c> is <c>lockstep_journal_commit_seconds</c>. A counter ends in <c>_total</c>. Units in braces (<c>{request}</c>) are for people only.
    /// </summary>
    public static string Name(string instrument, string? unit, bool counter)
    {
        var name = new StringBuilder(Sanitised(instrument, colons: true));
        string ending = unit switch
        {
            null or "" or "1" => "",
            "s" => "_seconds",
            "ms" => "_milliseconds",
            "By" => "_bytes",
            "%" => "_percent",
            _ when unit[0] == '{' => "",
            _ => "_" + Sanitised(unit, colons: false),
        };
        if (ending.Length > 0 && !EndsWith(name, ending))
        {
            name.Append(ending);
        }

        return counter && !EndsWith(name, "_total") ? name.Append("_total").ToString() : name.ToString();
    }

    /// <summary>Labels without their braces, <c>stage="sent",platform="mt5"</c>; empty when there are none.</summary>
    public static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty)
        {
            return "";
        }

        var text = new StringBuilder();
        foreach (var (key, value) in tags)
        {
            text.Append(text.Length > 0 ? "," : "").Append(Sanitised(key, colons: false)).Append("=\"");
            Escape(text, Convert.ToString(value, CultureInfo.InvariantCulture) ?? "", quotes: true);
            text.Append('"');
        }

        return text.ToString();
    }

    /// <summary>One line: name, labels, value.</summary>
    public static void Sample(StringBuilder page, string name, string labels, double value)
    {
        page.Append(name);
        if (labels.Length > 0)
        {
            page.Append('{').Append(labels).Append('}');
        }

        page.Append(' ').Append(Number(value)).Append('\n');
    }

    /// <summary>What a metric is and of what type.</summary>
    public static void Head(StringBuilder page, string name, string says, string type)
    {
        page.Append("# HELP ").Append(name).Append(' ');
        Escape(page, says, quotes: false);
        page.Append("\n# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
    }

    /// <summary>A value as the format writes it.</summary>
    public static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static bool EndsWith(StringBuilder text, string ending) => text.Length >= ending.Length && text.ToString(text.Length - ending.Length, ending.Length) == ending;

    private static string Sanitised(string text, bool colons) =>
        string.Concat(text.Select((c, i) => char.IsAsciiLetter(c) || c == '_' || (colons && c == ':') || (i > 0 && char.IsAsciiDigit(c)) ? c : '_'));

    private static void Escape(StringBuilder text, string raw, bool quotes)
    {
        foreach (char c in raw)
        {
            _ = c switch
            {
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '"' when quotes => text.Append("\\\""),
                _ => text.Append(c),
            };
        }
    }
}
