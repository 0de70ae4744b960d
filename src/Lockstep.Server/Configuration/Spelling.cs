namespace Lockstep.Server.Configuration;

/// <summary>Finds what somebody probably meant to write.</summary>
internal static class Spelling
{
    /// <summary><c>; did you mean "…"?</c>, or nothing when no word is near.</summary>
    public static string DidYouMean(string written, IEnumerable<string> words)
    {
        string? best = null;
        int least = Math.Max(2, written.Length / 3) + 1;
        foreach (string word in words)
        {
            int distance = Distance(written.ToUpperInvariant(), word.ToUpperInvariant());
            if (distance < least)
            {
                (best, least) = (word, distance);
            }
        }

        return best is null ? "" : $"; did you mean \"{best}\"?";
    }

    /// <summary>How many letters must be put in, left out, changed, or swapped with their neighbour.</summary>
    private static int Distance(string a, string b)
    {
        if (a.Length > 60)
        {
            return int.MaxValue;
        }

        int[,] d = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    d[i, j] = i + j;
                    continue;
                }

                int change = d[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                d[i, j] = Math.Min(change, Math.Min(d[i - 1, j], d[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
                }
            }
        }

        return d[a.Length, b.Length];
    }
}
