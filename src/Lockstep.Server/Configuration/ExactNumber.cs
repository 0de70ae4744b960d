using System.Globalization;

namespace Lockstep.Server.Configuration;

/// <summary>Reads the digits of a JSON number as a decimal, exactly or not at all: nothing is rounded on the way in.</summary>
internal static class ExactNumber
{
    /// <summary>Reads a number. False with <paramref name="lossy"/> = it has more digits than a decimal keeps; false without = it is too large, or no number.</summary>
    public static bool TryRead(string digits, out decimal value, out bool lossy)
    {
        value = 0;
        lossy = false;
        string[] parts = digits.Split('e', 'E');
        string mantissa = parts[0];
        int exponent = 0;
        if (parts.Length == 2 && !int.TryParse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent))
        {
            return false;
        }

        int point = mantissa.IndexOf('.', StringComparison.Ordinal);
        string fraction = point < 0 ? "" : mantissa[(point + 1)..].TrimEnd('0');
        bool isZero = !mantissa.Any(c => c is >= '1' and <= '9');
        if (!isZero && (fraction.Length - (long)exponent > 28 || mantissa.Count(char.IsAsciiDigit) > 28 + (point < 0 ? 0 : mantissa.Length - point - 1 - fraction.Length)))
        {
            lossy = exponent <= 28;
            return false;
        }

        return isZero || decimal.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out value);
    }
}
