using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Lockstep.MetaTrader.Wire;

/// <summary>
/// One message while it is read: tokens to values, with the first thing that is wrong remembered. After that every call gives nothing and every loop ends, so that the
/// readers of messages need not look.
/// </summary>
internal ref partial struct LinkIn
{
    /// <summary>Longest symbol, id, code.</summary>
    public const int MaxName = 64;

    /// <summary>Longest comment.</summary>
    public const int MaxComment = 128;

    /// <summary>Longest text for people.</summary>
    public const int MaxText = 1000;

    /// <summary>Largest volume.</summary>
    public const decimal MaxLots = 10_000_000m;

    /// <summary>Last millisecond of the year 9999.</summary>
    public const long MaxTime = 253_402_300_799_999;

    private const int MaxWhole = 18;
    private const int MaxPlaces = 10;
    private const int MaxDepth = 16;
    private const int Shown = 40;

    private readonly ReadOnlySpan<byte> _json;
    private Utf8JsonReader _reader;
    private LinkField _field = LinkField.None;
    private string? _why;

    /// <summary>At the beginning of a message.</summary>
    public LinkIn(ReadOnlySpan<byte> json)
    {
        _json = json;
        _reader = new(json, new JsonReaderOptions { MaxDepth = MaxDepth });
    }

    /// <summary>Reads one thing.</summary>
    private delegate T Item<T>(ref LinkIn input);

    private readonly bool Bad => _why is not null;

    /// <summary>Position of what could not be understood, for the reason.</summary>
    public readonly long Place => _reader.BytesConsumed;

    private void Fail(string what) => _why ??= _field == LinkField.None ? what : $"{LinkFieldNames.Of(_field)}: {what}";

    /// <summary>The value is not what it must be.</summary>
    private void FailValue(string mustBe)
    {
        // A key is the one thing that must not come back, nor stand in a log.
        string value = _field == LinkField.Key ? "a value that is not shown" : Show();
        Fail($"{value} is not {mustBe}");
    }

    private readonly string Show()
    {
        switch (_reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return "an object";
            case JsonTokenType.StartArray:
                return "a list";
            case JsonTokenType.EndArray or JsonTokenType.EndObject:
                return "nothing";
        }

        var raw = _reader.ValueSpan;
        string text = Encoding.UTF8.GetString(raw[..Math.Min(raw.Length, Shown * 4)]);
        if (text.Length > Shown)
        {
            text = text[..(char.IsHighSurrogate(text[Shown - 1]) ? Shown - 1 : Shown)];
        }

        text = Printable(text);
        return _reader.TokenType == JsonTokenType.String ? $"\"{text}\"" : text;
    }

    /// <summary>The next field that is among <paramref name="known"/>, its value being the present token; others are passed over. False at the end of the object.</summary>
    private bool Next(ref LinkFields seen, in LinkFields known, out LinkField field)
    {
        while (!Bad)
        {
            _reader.Read();
            if (_reader.TokenType == JsonTokenType.EndObject)
            {
                break;
            }

            field = _reader.ValueIsEscaped ? FindEscaped() : LinkFieldNames.Find(_reader.ValueSpan);
            _reader.Read();
            if (!known.Has(field))
            {
                _reader.Skip();
                continue;
            }

            _field = field;
            if (seen.Has(field))
            {
                Fail("is there twice");
                break;
            }

            seen = seen.With(field);
            return true;
        }

        field = LinkField.None;
        return false;
    }

    private LinkField FindEscaped()
    {
        Span<byte> plain = stackalloc byte[LinkFieldNames.Longest * 6];
        try
        {
            return _reader.ValueSpan.Length > plain.Length ? LinkField.None : LinkFieldNames.Find(plain[.._reader.CopyString(plain)]);
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair: no name of ours.
            return LinkField.None;
        }
    }

    /// <summary>Whether all that must be there was.</summary>
    private bool Has(LinkFields seen, LinkFields required)
    {
        if (Bad)
        {
            return false;
        }

        _field = seen.FirstMissing(required);
        if (_field == LinkField.None)
        {
            return true;
        }

        Fail("is missing");
        return false;
    }

    private bool IsObject()
    {
        if (!Bad && _reader.TokenType != JsonTokenType.StartObject)
        {
            FailValue("an object");
        }

        return !Bad;
    }

    private T[] List<T>(Item<T> item)
    {
        var field = _field;
        if (Bad || _reader.TokenType != JsonTokenType.StartArray)
        {
            FailValue("a list");
            return [];
        }

        _reader.Read();
        if (_reader.TokenType == JsonTokenType.EndArray)
        {
            return [];
        }

        // Most lists have one element.
        T first = item(ref this);
        if (Bad)
        {
            return [];
        }

        _reader.Read();
        if (_reader.TokenType == JsonTokenType.EndArray)
        {
            return [first];
        }

        var pool = ArrayPool<T>.Shared;
        T[] many = pool.Rent(16);
        int count = 0;
        try
        {
            many[count++] = first;
            do
            {
                _field = field;
                if (count == many.Length)
                {
                    T[] more = pool.Rent(count * 2);
                    many.CopyTo(more, 0);
                    pool.Return(many, clearArray: true);
                    many = more;
                }

                many[count++] = item(ref this);
                if (Bad)
                {
                    return [];
                }

                _reader.Read();
            }
            while (_reader.TokenType != JsonTokenType.EndArray);

            return many.AsSpan(0, count).ToArray();
        }
        finally
        {
            pool.Return(many, clearArray: true);
        }
    }

    private bool Bool()
    {
        if (!Bad && _reader.TokenType is not (JsonTokenType.True or JsonTokenType.False))
        {
            FailValue("true or false");
        }

        return !Bad && _reader.TokenType == JsonTokenType.True;
    }

    private bool IsNull => !Bad && _reader.TokenType == JsonTokenType.Null;

    private long Long(long min, long max)
    {
        if (Bad)
        {
            return 0;
        }

        // TryGetInt64 takes digits only: no fraction, no exponent.
        if (_reader.TokenType != JsonTokenType.Number || !_reader.TryGetInt64(out long value))
        {
            FailValue("an integer");
            return 0;
        }

        if (value < min || value > max)
        {
            FailValue(string.Create(CultureInfo.InvariantCulture, $"between {min} and {max}"));
            return 0;
        }

        return value;
    }

    private int Int(int min, int max) => (int)Long(min, max);

    /// <summary>A ticket, position, deal, event.</summary>
    private long Id() => Long(1, long.MaxValue);

    private long Count() => Long(0, long.MaxValue);

    private long Time() => Long(0, MaxTime);

    private decimal Decimal()
    {
        if (Bad)
        {
            return 0;
        }

        if (_reader.TokenType != JsonTokenType.Number)
        {
            FailValue("a number");
            return 0;
        }

        var raw = _reader.ValueSpan;
        bool minus = raw[0] == (byte)'-';
        ulong digits = 0;
        int whole = 0;
        int places = -1;
        int zeros = 0;
        bool wide = false;
        foreach (byte b in minus ? raw[1..] : raw)
        {
            if (b == (byte)'.')
            {
                places = 0;
                continue;
            }

            if (b is < (byte)'0' or > (byte)'9')
            {
                FailValue("in plain notation");
                return 0;
            }

            if (places >= 0)
            {
                places++;
                zeros = b == (byte)'0' ? zeros + 1 : 0;
            }
            else
            {
                whole++;
            }

            wide |= whole + Math.Max(places, 0) > 18;
            digits = (digits * 10) + (ulong)(b - '0');
        }

        if (whole > MaxWhole || places > MaxPlaces)
        {
            FailValue("at most 18 digits before and 10 after the point");
            return 0;
        }

        int kept = Math.Max(places, 0) - zeros;
        if (wide)
        {
            // A number of more than 18 digits: rare, and the library knows how. Digits that say nothing are left out, so that equal numbers have one form.
            var text = minus ? raw[1..] : raw;
            text = text[..(whole + (kept > 0 ? 1 + kept : 0))];
            decimal value = decimal.Parse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
            return minus ? -value : value;
        }

        for (int i = 0; i < zeros; i++)
        {
            digits /= 10;
        }

        return new decimal((int)(uint)digits, (int)(uint)(digits >> 32), 0, minus && digits != 0, (byte)kept);
    }

    private decimal Decimal(decimal above, decimal max)
    {
        decimal value = Decimal();
        if (!Bad && (value <= above || value > max))
        {
            FailValue(string.Create(CultureInfo.InvariantCulture, $"above {above}{(max == decimal.MaxValue ? "" : $" and at most {max}")}"));
        }

        return value;
    }

    private decimal Price() => Decimal(0, decimal.MaxValue);

    private decimal Lots() => Decimal(0, MaxLots);

    /// <summary>A volume that may be nothing.</summary>
    private decimal LotsOrZero()
    {
        decimal value = Decimal();
        if (!Bad && (value < 0 || value > MaxLots))
        {
            FailValue("between 0 and 10000000");
        }

        return value;
    }

    private decimal ZeroOrMore()
    {
        decimal value = Decimal();
        if (!Bad && value < 0)
        {
            FailValue("0 or more");
        }

        return value;
    }

    /// <summary>A price or null.</summary>
    private decimal? Level() => IsNull ? null : Price();

    /// <summary>What a symbol, a server, an id is called: not empty unless allowed, nothing unprintable.</summary>
    private string Name(bool empty = false)
    {
        string name = Text(MaxName, clean: false, shared: true);
        if (!Bad && name.Length == 0 && !empty)
        {
            FailValue("a name");
        }

        return name;
    }

    /// <summary>As <see cref="Name"/>, for one that is said once only.</summary>
    private string Key()
    {
        string key = Text(MaxName, clean: false, shared: false);
        if (!Bad && key.Length == 0)
        {
            FailValue("a name");
        }

        return key;
    }

    /// <summary>A text for people. What cannot be printed becomes a question mark, so that no line in a log is made up by a terminal.</summary>
    private string Text() => Text(MaxText, clean: true, shared: false);

    private string Text(int max, bool clean, bool shared)
    {
        if (Bad)
        {
            return "";
        }

        if (_reader.TokenType != JsonTokenType.String)
        {
            FailValue("a text");
            return "";
        }

        var raw = _reader.ValueSpan;
        string text;
        if (!_reader.ValueIsEscaped && Ascii.IsValid(raw) && !raw.Contains((byte)0x7F))
        {
            if (raw.Length <= max)
            {
                return shared ? LinkNames.Get(raw) : Encoding.ASCII.GetString(raw);
            }

            text = "";
        }
        else
        {
            try
            {
                text = _reader.GetString()!;
            }
            catch (InvalidOperationException)
            {
                FailValue("a text: half a surrogate pair");
                return "";
            }

            if (text.Length <= max)
            {
                if (clean)
                {
                    return Printable(text);
                }

                if (Printable(text) == text)
                {
                    return text;
                }

                FailValue("printable");
                return "";
            }
        }

        FailValue(string.Create(CultureInfo.InvariantCulture, $"at most {max} characters long"));
        return "";
    }

    internal static string Printable(string text)
    {
        foreach (char c in text)
        {
            if (Unprintable(c))
            {
                return string.Create(text.Length, text, static (to, from) =>
                {
                    for (int i = 0; i < to.Length; i++)
                    {
                        to[i] = Unprintable(from[i]) ? '?' : from[i];
                    }
                });
            }
        }

        return text;
    }

    // Controls, and the two that are line ends outside ASCII.
    private static bool Unprintable(char c) => char.IsControl(c) || c is '\u2028' or '\u2029';

    /// <summary>One of a few texts.</summary>
    private string OneOf(params ReadOnlySpan<string> choices)
    {
        if (Bad)
        {
            return "";
        }

        if (_reader.TokenType == JsonTokenType.String)
        {
            if (_reader.ValueIsEscaped)
            {
                string text = Text(MaxName, clean: false, shared: false);
                foreach (string choice in choices)
                {
                    if (text == choice)
                    {
                        return choice;
                    }
                }
            }
            else
            {
                foreach (string choice in choices)
                {
                    if (Ascii.Equals(_reader.ValueSpan, choice))
                    {
                        return choice;
                    }
                }
            }
        }

        if (!Bad)
        {
            FailValue($"one of {string.Join(' ', choices)}");
        }

        return "";
    }

    private bool IsBuy() => OneOf("buy", "sell") == "buy";

    private ulong Hex()
    {
        if (Bad)
        {
            return 0;
        }

        if (_reader.TokenType == JsonTokenType.String && _reader.ValueSpan.Length == 16
            && ulong.TryParse(_reader.ValueSpan, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong value))
        {
            return value;
        }

        FailValue("16 hex digits");
        return 0;
    }
}
