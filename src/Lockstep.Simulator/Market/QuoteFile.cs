using System.Globalization;
using System.IO.Compression;
using System.Text;
using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <summary>A line of a quote file that was refused.</summary>
public sealed record BadQuoteLine(long Line, string Why);

/// <summary>
/// Reads quotes from <c>time_ms_utc,symbol,bid,ask</c> with a header line, plain or gzip (<c>.gz</c>), one at a time. What is wrong with a line is noted with its number, and the line is
/// left out; no content makes it throw.
/// </summary>
public sealed class QuoteFile
{
    private const int LineMax = 256;
    private const int ExamplesMax = 20;
    private readonly Func<Stream> _open;
    private readonly List<BadQuoteLine> _examples = [];

    /// <summary>A file on disk; it is opened by <see cref="Read"/>.</summary>
    public QuoteFile(string path)
        : this(() => OpenFile(path))
    {
    }

    /// <summary>Any stream of plain text.</summary>
    public QuoteFile(Func<Stream> open) => _open = open;

    /// <summary>Good lines so far.</summary>
    public long Good { get; private set; }

    /// <summary>Refused lines so far.</summary>
    public long Bad { get; private set; }

    /// <summary>The first refused lines.</summary>
    public IReadOnlyList<BadQuoteLine> BadLines => _examples;

    /// <summary>The quotes, in the order of the file. A file that cannot be opened throws as the file system does; what is in it never does.</summary>
    public IEnumerable<QuoteTick> Read()
    {
        using var reader = new StreamReader(_open(), Encoding.UTF8, detectEncodingFromByteOrderMarks: true, bufferSize: 1 << 16);
        var latest = new Timestamp(long.MinValue);
        for (long line = 1; NextLine(reader, line) is { } text; line++)
        {
            if (line == 1)
            {
                if (text.Trim() != "time_ms_utc,symbol,bid,ask")
                {
                    Refuse(line, "the first line must be time_ms_utc,symbol,bid,ask");
                }

                continue;
            }

            if (text.Length == 0)
            {
                continue;
            }

            string? why = Parse(text, out var tick);
            if (why is null && tick.At < latest)
            {
                why = "time goes back";
            }

            if (why is not null)
            {
                Refuse(line, why);
                continue;
            }

            latest = tick.At;
            Good++;
            yield return tick;
        }
    }

    private static string? Parse(string text, out QuoteTick tick)
    {
        tick = default;
        string[] fields = text.Split(',');
        if (fields.Length != 4)
        {
            return $"{fields.Length} fields instead of 4";
        }

        string symbol = fields[1].Trim();
        if (!long.TryParse(fields[0], NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out long ms) || ms > 253_402_300_799_999)
        {
            return "time is not milliseconds since 1970";
        }

        if (symbol.Length is 0 or > 40)
        {
            return "no symbol";
        }

        if (!TryPrice(fields[2], out decimal bid) || !TryPrice(fields[3], out decimal ask))
        {
            return "bid and ask must be prices above 0";
        }

        if (ask < bid)
        {
            return "ask below bid";
        }

        tick = new QuoteTick(Timestamp.FromMs(ms), symbol, bid, ask);
        return null;
    }

    private static bool TryPrice(string text, out decimal price) =>
        decimal.TryParse(text.Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out price) && price is > 0m and < 1_000_000_000m;

    /// <summary>The next line, cut at a length that no quote has; null at the end, which a damaged archive reaches early.</summary>
    private string? NextLine(StreamReader reader, long line)
    {
        var text = new StringBuilder();
        try
        {
            for (int c = reader.Read(); c != '\n'; c = reader.Read())
            {
                if (c < 0)
                {
                    return text.Length > 0 ? text.ToString() : null;
                }

                if (text.Length < LineMax && c != '\r')
                {
                    text.Append((char)c);
                }
            }

            return text.ToString();
        }
        catch (InvalidDataException e)
        {
            Refuse(line, e.Message);
            return null;
        }
        catch (IOException e)
        {
            Refuse(line, e.Message);
            return null;
        }
    }

    private void Refuse(long line, string why)
    {
        Bad++;
        if (_examples.Count < ExamplesMax)
        {
            _examples.Add(new BadQuoteLine(line, why));
        }
    }

    private static Stream OpenFile(string path)
    {
        var file = File.OpenRead(path);
        return path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress) : file;
    }
}
