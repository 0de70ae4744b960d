using System.Buffers;
using System.Text.Json;
using Lockstep.Domain;
using Lockstep.Server.Configuration;
using Lockstep.Server.Security;
using Lockstep.Server.WebSockets;

namespace Lockstep.Server.Streams;

/// <summary>
/// A client of the parity face, <c>/ws/{account}/{client}</c>: an existing program. It is told the account's money, what is open and what was closed, and the prices and candles that it subscribes to,
/// under the letters that it subscribes with. Repeats and mistakes do not close it.
/// </summary>
internal sealed class FaceClient(StreamHub hub, WsConnection connection, Caller caller, AccountConfig account) : StreamClient(hub, connection, caller)
{
    private readonly FaceWants _wants = new(account.Id, account.Broker?.Leverage);

    /// <inheritdoc/>
    protected override void Joined()
    {
        var key = new CellKey(CellKind.Funds, account.Id);
        if (Hub.CellOf(key).Turn == 0 && Hub.Desk.Funds(account.Id) is { } funds)
        {
            Hub.Put(key, funds);
        }

        Hub.HoldBook(account.Id);
        Want(new FaceView(_wants));
        Want(new EventFilter(EventTopics.Positions, new HashSet<AccountId> { account.Id }), Hub.Ring.Last);
    }

    /// <inheritdoc/>
    protected override void Parted()
    {
        Hub.ReleaseBook(account.Id);
        foreach (var symbol in _wants.Prices.Values)
        {
            Hub.Release(account.Id, symbol);
        }

        foreach (var ((_, frame), symbol) in _wants.Candles)
        {
            Hub.ReleaseCandle(new CellKey(CellKind.Candle, account.Id, symbol, frame));
        }
    }

    /// <inheritdoc/>
    protected override byte[]? Told(EventFrame e) => e.Closed;

    /// <summary>Programs of the face know no such message.</summary>
    protected override ReadOnlySpan<byte> Conflated(long count) => [];

    /// <summary>It stands where the hub stands, or was cut off: nothing that it was not told is older than what is kept.</summary>
    protected override void Lost() => Want(Filter, Hub.Ring.Last);

    /// <inheritdoc/>
    protected override Func<Task>? Read(ReadOnlySpan<byte> text)
    {
        JsonItem root;
        try
        {
            root = JsonItem.Parse(text, strict: true);
        }
        catch (JsonException)
        {
            Close(StreamClose.NotJson, "a message is one JSON object");
            return null;
        }

        if (root.Kind != JsonKind.Object)
        {
            Close(StreamClose.NotJson, "a message is one JSON object");
            return null;
        }

        string type = Text(root, "type");
        string letters = Text(root, "symbol");
        string timeframe = Text(root, "timeframe");
        bool candles = type.EndsWith("_candles", StringComparison.Ordinal);
        Timeframe frame = 0;
        string? wrong = type is not ("subscribe_price" or "unsubscribe_price" or "subscribe_candles" or "unsubscribe_candles")
            ? $"type is {Shown(type)}; it must be subscribe_price, unsubscribe_price, subscribe_candles or unsubscribe_candles"
            : !CommonShapes.SymbolText.Matches(letters) ? $"symbol is {Shown(letters)}; it must be {CommonShapes.SymbolText.Allowed}"
            : candles && !(Enum.GetNames<Timeframe>().Contains(timeframe) && Enum.TryParse(timeframe, out frame)) ? $"timeframe is {Shown(timeframe)}; it must be one of {string.Join(", ", Enum.GetNames<Timeframe>())}"
            : null;
        if (wrong is not null)
        {
            Hub.Post(() => Reply(FaceMessages.Error(wrong, null, null)));
            return null;
        }

        return type[0] == 'u'
            ? () => PostAsync(() => Unsubscribe(letters, candles ? frame : null))
            : () => SubscribeAsync(letters, candles ? frame : null);
    }

    private static string Text(JsonItem root, string key) => root[key] is { Kind: JsonKind.Text } item ? item.Text : "";

    private static string Shown(string text) => text.Length == 0 ? "missing" : text.Length <= 40 ? $"'{text}'" : $"'{text[..40]}…'";

    private async Task SubscribeAsync(string letters, Timeframe? frame)
    {
        var symbols = await Hub.SymbolsAsync(account.Id).ConfigureAwait(false);

        // Where the account has told no symbols yet, what is asked for is believed.
        var symbol = symbols.Count == 0 || symbols.Contains(new SymbolName(letters)) ? new SymbolName(letters)
            : symbols.Where(s => s.Value.Equals(letters, StringComparison.OrdinalIgnoreCase)).Select(s => (SymbolName?)s).FirstOrDefault();
        await PostAsync(() =>
        {
            if (symbol is { } found)
            {
                Subscribe(letters, frame, found);
            }
            else
            {
                Reply(FaceMessages.Error($"account '{account.Id}' has no symbol '{letters}'", letters, frame?.ToString()));
            }
        }).ConfigureAwait(false);
    }

    private void Subscribe(string letters, Timeframe? frame, SymbolName symbol)
    {
        if (frame is { } of ? _wants.Candles.ContainsKey((letters, of)) : _wants.Prices.ContainsKey(letters))
        {
            return;
        }

        if (frame is null ? _wants.Prices.Count >= Hub.Limits.NamesMost : _wants.Candles.Count >= Hub.Limits.CandlesMost)
        {
            Reply(FaceMessages.Error($"too many subscriptions: {Hub.Limits.NamesMost} prices and {Hub.Limits.CandlesMost} candles are taken", letters, frame?.ToString()));
            return;
        }

        var key = frame is { } length ? new CellKey(CellKind.Candle, account.Id, symbol, length) : new CellKey(CellKind.Price, account.Id, symbol);
        if (frame is { } one)
        {
            _wants.Candles[(letters, one)] = symbol;
            Hub.HoldCandle(key);
        }
        else
        {
            _wants.Prices[letters] = symbol;
            Hub.Hold(account.Id, symbol);
        }

        var view = new FaceView(_wants);
        Widen(view);

        // What is there already is new to this client.
        var cell = Hub.CellOf(key);
        if (cell.Turn > 0)
        {
            var there = new ArrayBufferWriter<byte>();
            view.Write(there, cell);
            Reply(there.WrittenSpan.ToArray());
        }
    }

    private void Unsubscribe(string letters, Timeframe? frame)
    {
        if (frame is { } of)
        {
            if (_wants.Candles.Remove((letters, of), out var symbol))
            {
                Widen(new FaceView(_wants));
                Hub.ReleaseCandle(new CellKey(CellKind.Candle, account.Id, symbol, of));
            }
        }
        else if (_wants.Prices.Remove(letters, out var symbol))
        {
            Widen(new FaceView(_wants));
            Hub.Release(account.Id, symbol);
        }
    }
}
