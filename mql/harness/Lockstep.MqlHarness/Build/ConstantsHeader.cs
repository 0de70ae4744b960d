using System.Globalization;
using System.Text;

namespace Lockstep.MqlHarness.Build;

/// <summary>Writes the enumerations and codes of the reference tables as C++, so that programs, server and simulator agree.</summary>
public static class ConstantsHeader
{
    // The table names the platform it was read from; these stand in MQL4's reference too.
    private static readonly HashSet<string> AlsoMql4 = ["ENUM_SYMBOL_TRADE_MODE", "ENUM_SYMBOL_TRADE_EXECUTION"];

    /// <summary>The header of one platform, from the folder of tables.</summary>
    public static string Of(string tables, bool mql4)
    {
        var text = new StringBuilder("#pragma once\n");
        string platform = mql4 ? "mt4" : "mt5";
        var rows = Rows(Path.Combine(tables, "metatrader-enums.tsv"))
            .Where(row => (row[4].Split('+').Contains(platform) || AlsoMql4.Contains(row[0])) && IsName(row[2]) && int.TryParse(row[1], CultureInfo.InvariantCulture, out _));
        foreach (var group in rows.GroupBy(row => row[0]))
        {
            string name = group.Key.Split(' ')[0];
            text.Append(CultureInfo.InvariantCulture, $"enum {(IsName(name) && name.StartsWith("ENUM_", StringComparison.Ordinal) ? name + " " : "")}: int {{ ");
            text.AppendJoin(", ", group.Select(row => $"{row[2]} = {row[1]}")).Append(" };\n");
        }

        if (!mql4)
        {
            // MQL4 knows its codes only by numbers or through stderror.mqh, which we do not include.
            foreach (string[] row in Rows(Path.Combine(tables, "mt5-retcodes.tsv")).Where(row => IsName(row[1]) && int.TryParse(row[0], CultureInfo.InvariantCulture, out _)))
            {
                text.Append(CultureInfo.InvariantCulture, $"constexpr int {row[1]} = {row[0]};\n");
            }
        }

        return text.ToString();
    }

    private static IEnumerable<string[]> Rows(string file) => File.ReadLines(file).Skip(1).Select(line => line.Split('\t'));

    private static bool IsName(string text) => text.Length > 0 && char.IsAsciiLetter(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
}
