using System.Buffers;
using System.Buffers.Text;
using System.Globalization;

namespace Lockstep.MetaTrader.Wire;

/// <summary>One message while it is written: the canonical form, straight into the caller's buffer.</summary>
internal ref partial struct LinkOut
{
    private static readonly SearchValues<char> Plain = SearchValues.Create(
        " !#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~");

    private readonly IBufferWriter<byte> _to;
    private Span<byte> _span;
    private int _at;

    /// <summary>Nothing yet.</summary>
    public LinkOut(IBufferWriter<byte> to)
    {
        _to = to;
        _span = to.GetSpan(256);
    }

    /// <summary>A list's element.</summary>
    private delegate void Item<T>(ref LinkOut output, T item);

    /// <summary>Gives what was written to the buffer.</summary>
    public void End()
    {
        _to.Advance(_at);
        _span = default;
        _at = 0;
    }

    private Span<byte> Room(int bytes)
    {
        if (_span.Length - _at < bytes)
        {
            _to.Advance(_at);
            _span = _to.GetSpan(Math.Max(bytes, 256));
            _at = 0;
        }

        return _span[_at..];
    }

    private void Raw(scoped ReadOnlySpan<byte> text)
    {
        text.CopyTo(Room(text.Length));
        _at += text.Length;
    }

    private void Long(scoped ReadOnlySpan<byte> before, long value)
    {
        Raw(before);
        Utf8Formatter.TryFormat(value, Room(20), out int written);
        _at += written;
    }

    private void Bool(scoped ReadOnlySpan<byte> before, bool value)
    {
        Raw(before);
        Raw(value ? "true"u8 : "false"u8);
    }

    private void Decimal(scoped ReadOnlySpan<byte> before, decimal value)
    {
        Raw(before);
        if (value.Scale > 10)
        {
            value = decimal.Round(value, 10, MidpointRounding.AwayFromZero);
        }

        if (value == 0)
        {
            Raw("0"u8);
            return;
        }

        var room = Room(40);
        value.TryFormat(room, out int written, default, CultureInfo.InvariantCulture);
        if (value.Scale > 0)
        {
            while (room[written - 1] == (byte)'0')
            {
                written--;
            }

            if (room[written - 1] == (byte)'.')
            {
                written--;
            }
        }

        _at += written;
    }

    /// <summary>Left out when there is none.</summary>
    private void Level(scoped ReadOnlySpan<byte> before, decimal? value)
    {
        if (value is { } level)
        {
            Decimal(before, level);
        }
    }

    private void LevelOrNull(scoped ReadOnlySpan<byte> before, decimal? value)
    {
        if (value is { } level)
        {
            Decimal(before, level);
        }
        else
        {
            Raw(before);
            Raw("null"u8);
        }
    }

    private void Text(scoped ReadOnlySpan<byte> before, string value, int max = int.MaxValue)
    {
        Raw(before);
        Raw("\""u8);
        var text = value.AsSpan();
        if (text.Length > max)
        {
            text = text[..max];
        }

        while (!text.IsEmpty)
        {
            // As much as is plain, in pieces that fit any buffer.
            int plain = text.IndexOfAnyExcept(Plain);
            plain = Math.Min(plain < 0 ? text.Length : plain, 512);
            if (plain > 0)
            {
                System.Text.Ascii.FromUtf16(text[..plain], Room(plain), out int written);
                _at += written;
                text = text[plain..];
                continue;
            }

            char c = text[0];
            Raw(c == '"' ? "\\\""u8 : c == '\\' ? "\\\\"u8 : "?"u8);
            text = text[1..];
        }

        Raw("\""u8);
    }

    private void TextIfAny(scoped ReadOnlySpan<byte> before, string value, int max = int.MaxValue)
    {
        if (value.Length > 0)
        {
            Text(before, value, max);
        }
    }

    private void Hex(scoped ReadOnlySpan<byte> before, ulong value)
    {
        Raw(before);
        Raw("\""u8);
        Utf8Formatter.TryFormat(value, Room(16), out int written, new StandardFormat('x', 16));
        _at += written;
        Raw("\""u8);
    }

    private void List<T>(scoped ReadOnlySpan<byte> before, IReadOnlyList<T> items, Item<T> write)
    {
        Raw(before);
        Raw("["u8);
        for (int i = 0; i < items.Count; i++)
        {
            if (i > 0)
            {
                Raw(","u8);
            }

            write(ref this, items[i]);
        }

        Raw("]"u8);
    }

    private void ListIfAny<T>(scoped ReadOnlySpan<byte> before, IReadOnlyList<T> items, Item<T> write)
    {
        if (items.Count > 0)
        {
            List(before, items, write);
        }
    }
}
