using Google.Protobuf;
using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <summary>One trading account behind the server: tells all connections that opened it what happens, and answers what they ask about it.</summary>
internal sealed partial class SimDesk
{
    private const int AskedMost = 4_096;
    private readonly SortedDictionary<long, SimLine> _lines = [];
    private readonly Dictionary<string, AskedRequest> _asked = new(StringComparer.Ordinal);
    private readonly Queue<string> _askedOrder = new();

    public SimDesk(SimOpenApi server, SimOpenApiAccount account, SimServerIds ids)
    {
        (Server, Account, Ids) = (server, account, ids);
        Market = new SimMarketDesk(this);
        RegisteredAt = server.Clock.Now;
        Broker.Execution += OnExecution;
        Broker.TrailingChanged += OnTrailing;
        Broker.SwapCharged += OnSwap;
        Broker.CashFlow += OnCashFlow;
        Broker.Quoted += OnQuoted;
        Broker.SymbolChanged += OnSymbolChanged;
    }

    /// <summary>A trade request on its way: what is still to be said about it on the connection that asked.</summary>
    internal sealed class AskedRequest(SimLine line, string? clientMsgId)
    {
        public SimLine Line => line;

        public string? ClientMsgId => clientMsgId;

        /// <summary>Not a word about it there.</summary>
        public bool Quiet { get; set; }

        /// <summary>All words about it there come so much later.</summary>
        public TimeSpan Late { get; set; }
    }

    public SimOpenApi Server { get; }

    public SimOpenApiAccount Account { get; }

    public SimServerIds Ids { get; }

    public SimMarketDesk Market { get; }

    public CTraderBroker Broker => Account.Broker;

    public long Ctid => Account.CtidTraderAccountId;

    /// <summary>registrationTimestamp, and when the opening balance was paid in.</summary>
    public Timestamp RegisteredAt { get; }

    /// <summary>The connection opened the account: events come from now on, without any subscription (guide §3).</summary>
    public void Join(SimLine line) => _lines[line.Number] = line;

    public void Leave(SimLine line)
    {
        _lines.Remove(line.Number);
        Market.Leave(line);
    }

    /// <summary>Remembers who asked. The events come with the origin only; some of them after the answer.</summary>
    public AskedRequest Asked(string origin, SimLine line, string? clientMsgId, bool mute)
    {
        var asked = new AskedRequest(line, clientMsgId) { Quiet = mute };
        _asked.Add(origin, asked);
        _askedOrder.Enqueue(origin);
        if (_askedOrder.Count > AskedMost)
        {
            _asked.Remove(_askedOrder.Dequeue());
        }

        return asked;
    }

    public string SymbolOf(long symbolId) =>
        Ids.SymbolName(symbolId) is { } name && Broker.Symbol(new SymbolName(name)) is not null ? name : throw new SimRefusal("SYMBOL_NOT_FOUND", $"Unknown symbol {symbolId}");

    public long IdOf(string symbol) => Ids.SymbolId(symbol) ?? 0;

    private void Push(IMessage body, string? clientMsgId = null, AskedRequest? asked = null)
    {
        foreach (var line in _lines.Values.ToArray())
        {
            bool here = asked is not null && asked.Line == line;
            if (!here || !asked!.Quiet)
            {
                line.Tell(body, clientMsgId, here ? asked!.Late : TimeSpan.Zero);
            }
        }
    }

    private void OnExecution(CtExecutionEvent told)
    {
        var body = new ProtoOAExecutionEvent
        {
            CtidTraderAccountId = Ctid,
            ExecutionType = (ProtoOAExecutionType)told.Type,
            Order = Shape(told.Order),
            IsServerEvent = told.IsServerEvent,
        };
        if (told.Position is { } position)
        {
            body.Position = Shape(position);
        }

        if (told.Deal is { } deal)
        {
            body.Deal = Shape(deal);
        }

        if (told.ErrorCode.Length > 0)
        {
            body.ErrorCode = told.ErrorCode;
        }

        var asked = told.Origin is { } origin ? _asked.GetValueOrDefault(origin) : null;
        Push(body, told.IsServerEvent && !Server.Settings.FollowUpIds ? null : IdOf(told.Origin, asked), asked);
    }

    /// <summary>Events carry the id of the client that caused them, whichever connection it asked on (guide §3).</summary>
    private string? IdOf(string? origin, AskedRequest? asked)
    {
        if (asked is not null)
        {
            return asked.ClientMsgId;
        }

        // Asked before the server was started anew: connection and number, then the id.
        if (origin?.StartsWith("api:", StringComparison.Ordinal) == true)
        {
            return origin.Split(':', 4)[^1];
        }

        return Server.Faults.ForeignIds ? origin : null;
    }

    private void OnTrailing(CtTrailingChanged moved) => Push(new ProtoOATrailingSLChangedEvent
    {
        CtidTraderAccountId = Ctid,
        PositionId = moved.PositionId,
        OrderId = moved.OrderId,
        StopPrice = (double)moved.StopPrice,
        UtcLastUpdateTimestamp = Ms(moved.At),
    });

    private void OnSwap(CtPosition position) => Push(new ProtoOAExecutionEvent
    {
        CtidTraderAccountId = Ctid, ExecutionType = ProtoOAExecutionType.Swap, Position = Shape(position), IsServerEvent = true,
    });

    private void OnCashFlow(CtCashFlow flow) => Push(new ProtoOAExecutionEvent
    {
        CtidTraderAccountId = Ctid, ExecutionType = ProtoOAExecutionType.DepositWithdraw, DepositWithdraw = Shape(flow), IsServerEvent = true,
    });

    private void OnSymbolChanged(SimSymbol symbol) => Push(new ProtoOASymbolChangedEvent { CtidTraderAccountId = Ctid, SymbolId = { IdOf(symbol.Spec.Name.Value) } });

    private void OnQuoted(SymbolName symbol, Quote quote)
    {
        Market.OnQuote(symbol.Value, quote);
        WatchMargin();
    }
}
