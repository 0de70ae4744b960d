using System.Buffers;
using Lockstep.Domain;

namespace Lockstep.Server.Streams;

/// <summary>
/// What somebody wants of the latest values; shared by all who want the same, so that what changed is put together once for all of them. The pump's; no other thread touches it.
/// </summary>
internal abstract class StreamView(string name)
{
    private readonly List<Cell> _cells = [];
    private readonly List<Cell> _changed = [];
    private readonly Dictionary<long, (ArrayBufferWriter<byte> Bytes, int Count)> _made = [];
    private readonly Stack<ArrayBufferWriter<byte>> _spare = [];
    private long _turn;

    /// <summary>Says what is wanted: views of one name are the same.</summary>
    public string Name => name;

    /// <summary>How many use it.</summary>
    public int Users { get; set; }

    /// <summary>How many changes of cells it has seen.</summary>
    public long Changes { get; private set; }

    /// <summary>The turn in which something changed last.</summary>
    public long Turn => _turn;

    /// <summary>The turn before that in which something changed.</summary>
    public long TurnBefore { get; private set; }

    /// <summary>The cells.</summary>
    public IReadOnlyList<Cell> Cells => _cells;

    /// <summary>True when the cell belongs to it.</summary>
    public abstract bool Wants(CellKey key);

    /// <summary>Takes a cell in.</summary>
    public void Add(Cell cell)
    {
        _cells.Add(cell);
        cell.Views.Add(this);
        _turn = Math.Max(_turn, cell.Turn);
        TurnBefore = _turn;
    }

    /// <summary>Gives its cells up.</summary>
    public void Close()
    {
        foreach (var cell in _cells)
        {
            cell.Views.Remove(this);
        }
    }

    /// <summary>A cell of it changed in this turn.</summary>
    public void Change(Cell cell, long turn)
    {
        if (turn != _turn)
        {
            (TurnBefore, _turn) = (_turn, turn);
            _changed.Clear();
            foreach (var (bytes, _) in _made.Values)
            {
                bytes.ResetWrittenCount();
                _spare.Push(bytes);
            }

            _made.Clear();
        }

        _changed.Add(cell);
        Changes++;
    }

    /// <summary>All that changed after a turn, as frames, and how many values that is. Good until the next turn.</summary>
    public (ReadOnlyMemory<byte> Bytes, int Count) Since(long turn)
    {
        // Whoever had all until then misses the same: what changed in the last turn.
        turn = Math.Min(turn, TurnBefore);
        if (!_made.TryGetValue(turn, out var made))
        {
            var bytes = _spare.TryPop(out var spare) ? spare : new ArrayBufferWriter<byte>(1024);
            var cells = turn == TurnBefore && _changed.Count > 0 ? _changed : [.. _cells.Where(c => c.Turn > turn)];
            Write(bytes, cells);
            made = (bytes, cells.Count);
            _made[turn] = made;
        }

        return (made.Bytes.WrittenMemory, made.Count);
    }

    /// <summary>Writes the frames of cells that have a value.</summary>
    protected abstract void Write(ArrayBufferWriter<byte> to, IReadOnlyList<Cell> cells);
}

/// <summary>Latest values for the canonical stream.</summary>
/// <param name="accounts">The accounts; null = all.</param>
/// <param name="kinds">The kinds.</param>
/// <param name="symbols">The symbols of prices and candles; null = all.</param>
/// <param name="frames">The lengths of candles.</param>
internal sealed class CanonicalView(IReadOnlySet<AccountId>? accounts, IReadOnlySet<CellKind> kinds, IReadOnlySet<SymbolName>? symbols, IReadOnlySet<Timeframe> frames)
    : StreamView(NameOf(accounts, kinds, symbols, frames))
{
    /// <summary>So many prices go into one message.</summary>
    private const int PricesMost = 200;

    /// <inheritdoc/>
    public override bool Wants(CellKey key) =>
        kinds.Contains(key.Kind) && accounts?.Contains(key.Account) != false
        && (key.Kind is not (CellKind.Price or CellKind.Candle) || symbols?.Contains(key.Symbol) != false)
        && (key.Kind != CellKind.Candle || frames.Contains(key.Frame));

    /// <inheritdoc/>
    protected override void Write(ArrayBufferWriter<byte> to, IReadOnlyList<Cell> cells)
    {
        int price = 0;
        while (NextPrices(cells, ref price, out int from, out int count, out int size))
        {
            ReadOnlySpan<byte> head = """{"type":"prices","prices":["""u8;
            Frames.Header(to, head.Length + size + (count - 1) + 2);
            to.Write(head);
            for (int i = from, left = count; left > 0; i++)
            {
                if (cells[i].Key.Kind == CellKind.Price)
                {
                    to.Write(cells[i].Bytes);
                    left--;
                    to.Write(left > 0 ? ","u8 : "]}"u8);
                }
            }
        }

        foreach (var cell in cells)
        {
            if (cell.Key.Kind != CellKind.Price)
            {
                to.Write(cell.Bytes);
            }
        }
    }

    private static bool NextPrices(IReadOnlyList<Cell> cells, ref int at, out int from, out int count, out int size)
    {
        (from, count, size) = (at, 0, 0);
        for (; at < cells.Count && count < PricesMost; at++)
        {
            if (cells[at].Key.Kind == CellKind.Price)
            {
                count++;
                size += cells[at].Bytes.Length;
            }
        }

        return count > 0;
    }

    private static string NameOf(IReadOnlySet<AccountId>? accounts, IReadOnlySet<CellKind> kinds, IReadOnlySet<SymbolName>? symbols, IReadOnlySet<Timeframe> frames) =>
        // Names of accounts hold no blank and no line end, symbols no line end.
        $"{(accounts is null ? "*" : string.Join(' ', accounts.Order()))}\n{string.Join(' ', kinds.Order())}\n{string.Join(' ', frames.Order())}\n{(symbols is null ? "*" : string.Join('\n', symbols.Order()))}";
}
