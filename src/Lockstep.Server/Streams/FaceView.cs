using System.Buffers;
using Lockstep.Domain;

namespace Lockstep.Server.Streams;

/// <summary>What a client of the parity face subscribed to, in its own letters.</summary>
/// <param name="Account">The account.</param>
/// <param name="Leverage">Its leverage; null where the platform does not say.</param>
internal sealed record FaceWants(AccountId Account, decimal? Leverage)
{
    /// <summary>Symbols of prices, by the letters.</summary>
    public SortedDictionary<string, SymbolName> Prices { get; } = new(StringComparer.Ordinal);

    /// <summary>Symbols of candles, by the letters and the length.</summary>
    public SortedDictionary<(string Letters, Timeframe Frame), SymbolName> Candles { get; } = [];

    /// <summary>Says all of it.</summary>
    public string Name =>
        $"face\n{Account}\n{string.Join('\n', Prices.Select(p => $"{p.Key}\t{p.Value}"))}\n\n{string.Join('\n', Candles.Select(c => $"{c.Key.Letters}\t{c.Key.Frame}\t{c.Value}"))}";
}

/// <summary>Latest values for the parity face.</summary>
internal sealed class FaceView : StreamView
{
    private readonly AccountId _account;
    private readonly decimal? _leverage;
    private readonly ILookup<CellKey, string> _letters;

    /// <summary>As it is subscribed now; what is subscribed later needs another view.</summary>
    public FaceView(FaceWants wants)
        : base(wants.Name)
    {
        (_account, _leverage) = (wants.Account, wants.Leverage);
        _letters = wants.Prices.Select(p => (Key: new CellKey(CellKind.Price, wants.Account, p.Value), Letters: p.Key))
            .Concat(wants.Candles.Select(c => (Key: new CellKey(CellKind.Candle, wants.Account, c.Value, c.Key.Frame), c.Key.Letters)))
            .ToLookup(p => p.Key, p => p.Letters);
    }

    /// <inheritdoc/>
    public override bool Wants(CellKey key) => key.Account == _account && (key.Kind is CellKind.Funds or CellKind.Book || _letters.Contains(key));

    /// <summary>Writes one cell that has a value, as often as it was subscribed under other letters.</summary>
    public void Write(IBufferWriter<byte> to, Cell cell)
    {
        switch (cell.Key.Kind)
        {
            case CellKind.Funds:
                to.Write(cell.Face(c => FaceMessages.AccountInfo(c, _leverage)));
                break;
            case CellKind.Book:
                to.Write(cell.Face(FaceMessages.OpenPositions));
                break;
            default:
                foreach (string letters in _letters[cell.Key])
                {
                    // The usual letters are encoded once for all who use them.
                    to.Write(letters == cell.Key.Symbol.Value ? cell.Face(c => Symbol(c, letters)) : Symbol(cell, letters));
                }

                break;
        }
    }

    /// <inheritdoc/>
    protected override void Write(ArrayBufferWriter<byte> to, IReadOnlyList<Cell> cells)
    {
        foreach (var cell in cells)
        {
            Write(to, cell);
        }
    }

    private static byte[] Symbol(Cell cell, string letters) => cell.Key.Kind == CellKind.Price ? FaceMessages.LivePrice(cell, letters) : FaceMessages.CandleUpdate(cell, letters) ?? [];
}
