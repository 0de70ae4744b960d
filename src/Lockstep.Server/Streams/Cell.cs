using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Lockstep.Domain;
using Lockstep.Server.Rest;

namespace Lockstep.Server.Streams;

/// <summary>What a cell holds.</summary>
internal enum CellKind
{
    /// <summary>The price of a symbol.</summary>
    Price,

    /// <summary>An account's money.</summary>
    Funds,

    /// <summary>Floating results of an account's positions.</summary>
    Floating,

    /// <summary>How an account's session is.</summary>
    Health,

    /// <summary>The candle of a symbol that is forming.</summary>
    Candle,

    /// <summary>An account's positions and orders, for the parity face.</summary>
    Book,
}

/// <summary>Which cell.</summary>
/// <param name="Kind">What it holds.</param>
/// <param name="Account">The account.</param>
/// <param name="Symbol">The symbol, of prices and candles; else empty.</param>
/// <param name="Frame">Length of a candle; else 0.</param>
internal readonly record struct CellKey(CellKind Kind, AccountId Account, SymbolName Symbol = default, Timeframe Frame = 0);

/// <summary>
/// A value of which only the latest matters. It is put in on any thread; the pump takes it over, once for all values that came meanwhile, and encodes it once for everybody.
/// </summary>
internal sealed class Cell(CellKey key)
{
    private readonly Lock _gate = new();
    private readonly ArrayBufferWriter<byte> _bytes = new(160);
    private object? _next;
    private Quote _nextQuote;
    private int _came;
    private byte[]? _face;

    /// <summary>Which one it is.</summary>
    public CellKey Key => key;

    /// <summary>Views that show it. The pump's.</summary>
    public List<StreamView> Views { get; } = [];

    /// <summary>The turn of the pump in which it changed last; 0 = it has no value.</summary>
    public long Turn { get; private set; }

    /// <summary>How many values came since the turn before it changed last: all but the latest were passed over.</summary>
    public int Came { get; private set; }

    /// <summary>The value, of everything but prices.</summary>
    public object? Value { get; private set; }

    /// <summary>The value of a price.</summary>
    public Quote Quote { get; private set; }

    /// <summary>Candles are built from its ticks.</summary>
    public bool Candled
    {
        get => Volatile.Read(ref field);
        set => Volatile.Write(ref field, value);
    }

    /// <summary>The value as JSON, as the canonical stream writes it: a price an item of a list, everything else a frame.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.WrittenSpan;

    /// <summary>A new value. True when it is the first since the pump took one: the pump must be told.</summary>
    public bool Put(object value)
    {
        lock (_gate)
        {
            _next = value;
            return _came++ == 0;
        }
    }

    /// <summary>A new price, as <see cref="Put(object)"/>.</summary>
    public bool Put(Quote quote)
    {
        lock (_gate)
        {
            _nextQuote = quote;
            return _came++ == 0;
        }
    }

    /// <summary>Takes the latest value over and encodes it.</summary>
    public void Take(long turn)
    {
        lock (_gate)
        {
            (Turn, Came, _came) = (turn, _came, 0);
            (Value, Quote) = (_next, _nextQuote);
        }

        _face = null;
        _bytes.ResetWrittenCount();
        if (key.Kind == CellKind.Price)
        {
            WritePrice();
        }
        else if (Canonical() is { } message)
        {
            _bytes.Write(message);
        }
    }

    /// <summary>The value as a frame of the parity face, for a symbol in the account's own letters.</summary>
    public byte[] Face(Func<Cell, byte[]> make) => _face ??= make(this);

    private byte[]? Canonical() => Value switch
    {
        AccountFunds funds => Frames.Of(new FundsMessage(key.Account.Value, FundsShape.Of(funds)!)),
        IReadOnlyList<PositionMoney> floating => Frames.Of(new FloatingMessage(key.Account.Value, [.. floating.Select(FloatingShape.Of)])),
        SessionHealth health => Frames.Of(new HealthMessage(key.Account.Value, WebSockets.HealthShape.Of(health)!)),
        CandleState candle => Frames.Of(CandleMessage.Of(key, candle)),
        _ => null,
    };

    private void WritePrice()
    {
        using var json = new Utf8JsonWriter(_bytes, new JsonWriterOptions { Encoder = RestJson.Options.Encoder, SkipValidation = true });
        json.WriteStartObject();
        json.WriteString("account"u8, key.Account.Value);
        json.WriteString("symbol"u8, key.Symbol.Value);
        json.WriteNumber("bid"u8, Quote.Bid.Value);
        json.WriteNumber("ask"u8, Quote.Ask.Value);
        Span<char> at = stackalloc char[32];
        Quote.At.ToDateTimeOffset().TryFormat(at, out int length, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        json.WriteString("at"u8, at[..length]);
        if (Came > 1)
        {
            json.WriteNumber("ticks"u8, Came);
        }

        json.WriteEndObject();
    }
}
