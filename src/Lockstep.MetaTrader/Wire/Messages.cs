namespace Lockstep.MetaTrader.Wire;

/// <summary>A message of the EA link (contracts/ea/PROTOCOL.md). The wire knows plain numbers and texts only; what they mean to us is Translate's.</summary>
public abstract record LinkMessage;

/// <summary>A message of a type that this version does not know: ignored and counted.</summary>
public sealed record UnknownMessage(string Type) : LinkMessage;

/// <summary>A message that is refused as a whole.</summary>
/// <param name="Why">What was wrong, with the value; goes back to the sender.</param>
public sealed record BadMessage(string Why) : LinkMessage;

/// <summary>The terminal says who it is.</summary>
public sealed record HelloMessage : LinkMessage
{
    /// <summary>Highest protocol version spoken.</summary>
    public required int Version { get; init; }

    /// <summary>The account's key. Never logged: the text form of this record leaves it out.</summary>
    public required string Key { get; init; }

    /// <summary>Account number.</summary>
    public required long Login { get; init; }

    /// <summary>Broker server.</summary>
    public required string Server { get; init; }

    /// <summary><c>mt4</c> or <c>mt5</c>.</summary>
    public required string Platform { get; init; }

    /// <summary><c>monitor</c>, <c>executor</c>, <c>both</c>.</summary>
    public required string Role { get; init; }

    /// <summary><c>hedging</c>, <c>netting</c>, <c>fifo</c>.</summary>
    public required string Mode { get; init; }

    /// <summary>Deposit currency.</summary>
    public required string Currency { get; init; }

    /// <summary>Leverage, 100 = 1:100.</summary>
    public long Leverage { get; init; }

    /// <summary>Terminal build.</summary>
    public long Build { get; init; }

    /// <summary>EA version.</summary>
    public string Ea { get; init; } = "";

    /// <summary>Name of the terminal's files, 16 hex digits.</summary>
    public required string Terminal { get; init; }

    /// <summary>Last epoch in which this terminal was active; 0 = none.</summary>
    public long Epoch { get; init; }

    /// <summary>Events acknowledged up to this number.</summary>
    public long Acked { get; init; }

    /// <summary>First event still kept.</summary>
    public long First { get; init; }

    /// <summary>Last event made.</summary>
    public long Last { get; init; }

    /// <summary>Broker's clock minus UTC, seconds.</summary>
    public int Offset { get; init; }

    /// <summary>A demo account.</summary>
    public bool Demo { get; init; }

    /// <summary>Broker company.</summary>
    public string Company { get; init; } = "";

    /// <summary>Close-by is possible.</summary>
    public bool CloseBy { get; init; }

    /// <summary>Stop-limit orders exist.</summary>
    public bool StopLimit { get; init; }

    /// <summary>Pending orders may expire.</summary>
    public bool Expiry { get; init; }

    /// <summary>Orders with a magic number in our range that are not ours.</summary>
    public int Clash { get; init; }

    /// <summary>It takes its next key over the session (<see cref="KeyMessage"/>).</summary>
    public bool TakesKeys { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"hello {Platform} {Role} {Mode} build {Build} EA {Ea} terminal {Terminal} epoch {Epoch} events {First}..{Last} acked {Acked}";
}

/// <summary>Come in.</summary>
public sealed record WelcomeMessage(int Version, long Epoch, bool Active, long Resume, long Now, int Beat, int Quotes, int Budget) : LinkMessage;

/// <summary>Go away.</summary>
public sealed record RefusedMessage(string Code, string Why, int Wait) : LinkMessage;

/// <summary>A standby becomes the active terminal, or the active one begins a new epoch.</summary>
public sealed record ActiveMessage(long Epoch, long Resume) : LinkMessage;

/// <summary>Specifications of symbols.</summary>
public sealed record SymbolsMessage(IReadOnlyList<WireSymbol> List, bool More) : LinkMessage;

/// <summary>Events up to here are durable.</summary>
public sealed record AckMessage(long Number) : LinkMessage;

/// <summary>What changed in the account; numbered.</summary>
public sealed record ChangeMessage : LinkMessage
{
    /// <summary>Event number.</summary>
    public required long Number { get; init; }

    /// <summary>Positions that are new or changed.</summary>
    public IReadOnlyList<WirePosition> Positions { get; init; } = [];

    /// <summary>Positions that are no longer open.</summary>
    public IReadOnlyList<long> Closed { get; init; } = [];

    /// <summary>Pending orders that are new or changed.</summary>
    public IReadOnlyList<WireOrder> Orders { get; init; } = [];

    /// <summary>Pending orders that no longer work.</summary>
    public IReadOnlyList<long> Gone { get; init; } = [];

    /// <summary>The deals that made the change.</summary>
    public IReadOnlyList<WireDeal> Deals { get; init; } = [];

    /// <summary>Latest quotes of the symbols named.</summary>
    public IReadOnlyList<WireQuote> Quotes { get; init; } = [];
}

/// <summary>What became of a command; numbered.</summary>
public sealed record AnswerMessage : LinkMessage
{
    /// <summary>Event number.</summary>
    public required long Number { get; init; }

    /// <summary>The command's id: an order key.</summary>
    public required string Id { get; init; }

    /// <summary><c>done</c>, <c>refused</c>, <c>unknown</c>.</summary>
    public required string Outcome { get; init; }

    /// <summary>Retcode or GetLastError; 0 = the EA decided.</summary>
    public required int Code { get; init; }

    /// <summary>The EA's own reason.</summary>
    public string Why { get; init; } = "";

    /// <summary>For a person.</summary>
    public string Text { get; init; } = "";

    /// <summary>Position, 0 = not told.</summary>
    public long Position { get; init; }

    /// <summary>Order, 0 = not told.</summary>
    public long Order { get; init; }

    /// <summary>Executed lots.</summary>
    public decimal Lots { get; init; }

    /// <summary>Execution price, 0 = not told.</summary>
    public decimal Price { get; init; }

    /// <summary>How long the trade call took, ms.</summary>
    public int Took { get; init; }
}

/// <summary>Tell the whole truth, with history since a moment of the broker's clock (ms).</summary>
public sealed record AskMessage(long Id, long From) : LinkMessage;

/// <summary>One part of the whole truth.</summary>
public sealed record SnapshotMessage : LinkMessage
{
    /// <summary>The question.</summary>
    public required long Id { get; init; }

    /// <summary>Number of this part, from 1.</summary>
    public required int Part { get; init; }

    /// <summary>How many parts there are.</summary>
    public required int Of { get; init; }

    /// <summary>Last event that is included.</summary>
    public required long Number { get; init; }

    /// <summary>The account's money; in the first part.</summary>
    public WireFunds? Funds { get; init; }

    /// <summary>Open positions.</summary>
    public IReadOnlyList<WirePosition> Positions { get; init; } = [];

    /// <summary>Pending orders.</summary>
    public IReadOnlyList<WireOrder> Orders { get; init; } = [];

    /// <summary>Deals.</summary>
    public IReadOnlyList<WireDeal> Deals { get; init; } = [];

    /// <summary>Pending orders that ended without a deal.</summary>
    public IReadOnlyList<WireOrder> Ended { get; init; } = [];
}

/// <summary>The whole truth cannot be told.</summary>
public sealed record AskFailedMessage(long Id, string Why) : LinkMessage;

/// <summary>What a command does.</summary>
public enum WireDo
{
    /// <summary>Open at market.</summary>
    Open = 1,

    /// <summary>Place a pending order.</summary>
    Place = 2,

    /// <summary>Reduce a position to a volume.</summary>
    Reduce = 3,

    /// <summary>Set both levels.</summary>
    Stops = 4,

    /// <summary>Change a pending order.</summary>
    Amend = 5,

    /// <summary>Cancel a pending order.</summary>
    Cancel = 6,

    /// <summary>Close two opposite positions by each other.</summary>
    CloseBy = 7,
}

/// <summary>One command.</summary>
public sealed record CommandMessage : LinkMessage
{
    /// <summary>Order key.</summary>
    public required string Id { get; init; }

    /// <summary>The epoch it was decided in.</summary>
    public required long Epoch { get; init; }

    /// <summary>Our clock when it was written, ms UTC.</summary>
    public required long Now { get; init; }

    /// <summary>Not to be carried out after this, ms UTC.</summary>
    public required long Expires { get; init; }

    /// <summary>What to do.</summary>
    public required WireDo Do { get; init; }

    /// <summary>Broker's symbol.</summary>
    public required string Symbol { get; init; }

    /// <summary><c>buy</c>, <c>sell</c>; "" = not told.</summary>
    public string Side { get; init; } = "";

    /// <summary><c>limit</c>, <c>stop</c>, <c>stoplimit</c>; "" = not a pending order.</summary>
    public string Type { get; init; } = "";

    /// <summary>Volume (open, place) or what remains (reduce: <c>target</c>).</summary>
    public decimal Lots { get; init; }

    /// <summary>Price of a pending order.</summary>
    public decimal? Price { get; init; }

    /// <summary>Limit price of a stop-limit order.</summary>
    public decimal? Limit { get; init; }

    /// <summary>Stop loss, null = none.</summary>
    public decimal? Sl { get; init; }

    /// <summary>Take profit, null = none.</summary>
    public decimal? Tp { get; init; }

    /// <summary>Worst price, null = any.</summary>
    public decimal? Worst { get; init; }

    /// <summary>Expiry by the broker's clock, ms; null = none.</summary>
    public long? Expiry { get; init; }

    /// <summary>Position, by identity.</summary>
    public long Position { get; init; }

    /// <summary>The opposite position of a close-by.</summary>
    public long By { get; init; }

    /// <summary>Pending order.</summary>
    public long Order { get; init; }

    /// <summary>Magic number.</summary>
    public long Magic { get; init; }
}

/// <summary>Quotes; latest wins.</summary>
public sealed record QuotesMessage(IReadOnlyList<WireQuote> List) : LinkMessage;

/// <summary>Which symbols are quoted fast.</summary>
public sealed record WatchMessage(IReadOnlyList<string> Symbols) : LinkMessage;

/// <summary>The account's money and the floating result of its positions.</summary>
public sealed record FundsMessage(WireFunds Funds, IReadOnlyList<WireFloating> Floating) : LinkMessage;

/// <summary>The terminal lives, and how.</summary>
public sealed record BeatMessage : LinkMessage
{
    /// <summary>Last event made.</summary>
    public required long Number { get; init; }

    /// <summary>Digest of what was told.</summary>
    public required ulong Digest { get; init; }

    /// <summary>Connected to the broker.</summary>
    public required bool Connected { get; init; }

    /// <summary>Ping of the broker, ms; −1 = not known.</summary>
    public int Ping { get; init; } = -1;

    /// <summary>Orders may be sent.</summary>
    public required bool Trade { get; init; }

    /// <summary>Why not.</summary>
    public string Why { get; init; } = "";

    /// <summary>Age of the last tick, ms; −1 = none yet.</summary>
    public long Tick { get; init; } = -1;

    /// <summary>Broker's clock minus UTC, seconds.</summary>
    public int Offset { get; init; }

    /// <summary>Trade requests today.</summary>
    public int Used { get; init; }

    /// <summary>Events not acknowledged.</summary>
    public int Queue { get; init; }

    /// <summary><c>now</c> of the server's last beat; 0 = none yet.</summary>
    public long Echo { get; init; }

    /// <summary>How long ago that came, ms.</summary>
    public long Held { get; init; }
}

/// <summary>The server lives.</summary>
public sealed record ServerBeatMessage(long Now, long Ack) : LinkMessage;

/// <summary>History wanted.</summary>
/// <param name="Id">Number of the question.</param>
/// <param name="What"><c>candles</c>, <c>ticks</c>, <c>deals</c>.</param>
/// <param name="Symbol">Broker's symbol; "" with deals.</param>
/// <param name="Frame">Minutes of a candle; 0 otherwise.</param>
/// <param name="From">Broker's clock, ms.</param>
/// <param name="To">Broker's clock, ms.</param>
/// <param name="Limit">At most so many rows.</param>
public sealed record GetMessage(long Id, string What, string Symbol, int Frame, long From, long To, int Limit) : LinkMessage;

/// <summary>History.</summary>
public sealed record DataMessage : LinkMessage
{
    /// <summary>The question.</summary>
    public required long Id { get; init; }

    /// <summary>Part, from 1; 0 with <see cref="Why"/>.</summary>
    public int Part { get; init; }

    /// <summary>Parts.</summary>
    public int Of { get; init; }

    /// <summary>Candles (time, open, high, low, close, ticks) or ticks (time, bid, ask).</summary>
    public IReadOnlyList<IReadOnlyList<decimal>> Rows { get; init; } = [];

    /// <summary>Deals.</summary>
    public IReadOnlyList<WireDeal> Deals { get; init; } = [];

    /// <summary>Why there is none.</summary>
    public string Why { get; init; } = "";
}

/// <summary>A line for the server's log.</summary>
public sealed record LogMessage(string Level, string Text) : LinkMessage;

/// <summary>For the person at the terminal.</summary>
public sealed record AlertMessage(string Text, bool Push) : LinkMessage;

/// <summary>The account is part of a hedge.</summary>
public sealed record DutyMessage(bool Hedge) : LinkMessage;

/// <summary>Your last message was refused.</summary>
public sealed record BadReplyMessage(string Why) : LinkMessage;

/// <summary>The terminal's next key.</summary>
/// <param name="Id">The key's name, which is no secret.</param>
/// <param name="Key">The key. Never logged: the text form of this record leaves it out.</param>
public sealed record KeyMessage(string Id, string Key) : LinkMessage
{
    /// <inheritdoc/>
    public override string ToString() => $"key {Id}";
}

/// <summary>The key that was handed over is on the terminal's disk.</summary>
/// <param name="Id">The key's name.</param>
/// <param name="Why">"" = it is there; else why it could not be kept.</param>
public sealed record KeptMessage(string Id, string Why) : LinkMessage;
