using Lockstep.Domain;
using Lockstep.Server.Configuration;
using Lockstep.Server.Rest;

namespace Lockstep.Server.WebSockets;

/// <summary>Terminals, the health of sessions, and candles and ticks that a platform is asked for.</summary>
internal static class TerminalEndpoints
{
    private const int LimitMax = 10_000;

    private static readonly Key Rows = new("limit", new NumberShape(LimitMax, Min: 1m, Whole: true), "The newest so many.", "500");

    private static readonly Operation ListTerminals = new("listTerminals", "GET", "/v1/terminals", Scope.Read, "Accounts that terminals serve, and what was counted at /ea")
    {
        Topic = "Terminals", Replies = [new(200, typeof(TerminalsShape), "The terminals.")],
    };

    private static readonly Operation Health = new("getHealth", "GET", "/v1/accounts/{account}/health", Scope.Read, "How an account's session is")
    {
        Topic = "Accounts", Replies = [new(200, typeof(AccountHealthShape), "As it is now.")],
    };

    private static readonly Operation Candles = new("listCandles", "GET", "/v1/accounts/{account}/candles", Scope.Read, "Candles, oldest first")
    {
        Topic = "History",
        Query = [QueryKeys.Symbol, new Key("frame", new ChoiceShape(Enum.GetNames<Timeframe>()), "Length of a candle.") { Required = true }, QueryKeys.From, QueryKeys.To, Rows],
        Replies = [new(200, typeof(CandlesShape), "The candles.")],
        Problems = HistoryDesk.Problems,
    };

    private static readonly Operation Ticks = new("listTicks", "GET", "/v1/accounts/{account}/ticks", Scope.Read, "Ticks, oldest first; MT4 has none")
    {
        Topic = "History", Query = [QueryKeys.Symbol, QueryKeys.From, QueryKeys.To, Rows], Replies = [new(200, typeof(TicksShape), "The ticks.")], Problems = HistoryDesk.Problems,
    };

    /// <summary>Puts the operations up.</summary>
    public static void Map(Routes routes, ITerminalDesk desk)
    {
        routes.Map(ListTerminals, async call =>
        {
            var accounts = new List<TerminalShape>();
            foreach (var account in desk.Config.Accounts.Where(a => a.Terminal is not null && call.Caller.May(a.Id)))
            {
                accounts.Add(new TerminalShape(
                    account.Id.Value, account.Platform, account.Terminal!.Login, account.Terminal.Server, account.Enabled, AccountEndpoints.State(await desk.AccountAsync(account.Id)),
                    HealthShape.Of(desk.Health(account.Id)), [.. (desk.Terminals?.WatchedOf(account.Id) ?? []).Select(s => s.Value)]));
            }

            return RestJson.Ok(new TerminalsShape(accounts, desk.Terminals?.Hub.Counters.Snapshot().ToDictionary()));
        });
        routes.Map(Health, async call => RestJson.Ok(new AccountHealthShape(
            call.Account.Id.Value, AccountEndpoints.State(await desk.AccountAsync(call.Account.Id)), HealthShape.Of(desk.Health(call.Account.Id)))));
        routes.Map(Candles, async call => Question(call, Enum.Parse<Timeframe>(call.Query.Text("frame")!), out var asked) ?? await AskAsync<CandlesFound>(
            desk, call, new CandlesWanted(asked.Symbol, asked.Frame, asked.From, asked.To, asked.Limit),
            c => RestJson.Ok(new CandlesShape(
                call.Account.Id.Value, asked.Symbol.Value, asked.Frame.ToString(), [.. c.Candles.Select(CandleShape.Of)], c.Live is { } live ? CandleShape.Of(live) : null))));
        routes.Map(Ticks, async call => Question(call, null, out var asked) ?? await AskAsync<TicksFound>(
            desk, call, new TicksWanted(asked.Symbol, asked.From, asked.To, asked.Limit),
            t => RestJson.Ok(new TicksShape(call.Account.Id.Value, asked.Symbol.Value, [.. t.Ticks.Select(TickShape.Of)]))));
    }

    private static async Task<IResult> AskAsync<T>(ITerminalDesk desk, Call call, DataRequest request, Func<T, IResult> answer)
        where T : DataAnswer
    {
        var (rows, problem) = await HistoryDesk.FetchAsync<T>(desk, call.Account, request, call.Aborted);
        return rows is null ? problem! : answer(rows);
    }

    private static Problem? Question(Call call, Timeframe? frame, out HistoryQuestion question)
    {
        int rows = call.Query.Whole("limit") ?? 500;
        var until = call.Query.Moment("to") ?? DateTimeOffset.UtcNow;

        // Without a beginning: as far back as so many candles can reach, weekends included; ticks of ten minutes.
        var since = call.Query.Moment("from") ?? (frame is { } length ? Back(until, (double)(int)length * rows * 7 / 5 + 4320) : Back(until, 10));
        question = new HistoryQuestion(new SymbolName(call.Query.Text("symbol")!), frame ?? Timeframe.M1, Timestamp.From(since), Timestamp.From(until), rows);
        return since <= until ? null : HistoryDesk.Wrong([new("from", call.Query.Text("from") ?? "", "must not be after to")]);
    }

    private static DateTimeOffset Back(DateTimeOffset from, double minutes) =>
        from - DateTimeOffset.UnixEpoch > TimeSpan.FromMinutes(minutes) ? from - TimeSpan.FromMinutes(minutes) : DateTimeOffset.UnixEpoch;

    private readonly record struct HistoryQuestion(SymbolName Symbol, Timeframe Frame, Timestamp From, Timestamp To, int Limit);
}

/// <summary>Terminals.</summary>
/// <param name="Accounts">The accounts that terminals serve.</param>
/// <param name="Counters">What was counted at /ea since the start; absent when no account has a terminal.</param>
internal sealed record TerminalsShape(IReadOnlyList<TerminalShape> Accounts, IReadOnlyDictionary<string, long>? Counters);

/// <summary>How an account's session is.</summary>
/// <param name="Account">The account.</param>
/// <param name="State">up, syncing or down.</param>
/// <param name="Health">Absent when nothing was told.</param>
internal sealed record AccountHealthShape(string Account, string State, HealthShape? Health);

/// <summary>Candles.</summary>
/// <param name="Account">The account.</param>
/// <param name="Symbol">The broker's name of the symbol.</param>
/// <param name="Frame">Length of a candle.</param>
/// <param name="Candles">Oldest first.</param>
/// <param name="Live">The one that is still forming, where the platform tells it apart.</param>
internal sealed record CandlesShape(string Account, string Symbol, string Frame, IReadOnlyList<CandleShape> Candles, CandleShape? Live);

/// <summary>Ticks.</summary>
/// <param name="Account">The account.</param>
/// <param name="Symbol">The broker's name of the symbol.</param>
/// <param name="Ticks">Oldest first.</param>
internal sealed record TicksShape(string Account, string Symbol, IReadOnlyList<TickShape> Ticks);

/// <summary>An account with its terminals.</summary>
internal sealed record TerminalShape(
    string Account, string Platform, long Login, string Server, bool Enabled, string State, HealthShape? Health, IReadOnlyList<string> Watched);

/// <summary>How a session is; spans in milliseconds.</summary>
internal sealed record HealthShape(
    bool Connected, bool TradeAllowed, string? TradeProblem, double? RoundTripMs, double? BrokerPingMs, double? TickAgeMs, int MissedBeats, int Reconnects, double? ServerOffsetSeconds, int Standby,
    string? Peer, DateTimeOffset At)
{
    /// <summary>From the domain's word.</summary>
    public static HealthShape? Of(SessionHealth? h) => h is null ? null : new(
        h.Connected, h.TradeAllowed, h.TradeProblem.Length == 0 ? null : h.TradeProblem, h.RoundTrip?.TotalMilliseconds, h.BrokerPing?.TotalMilliseconds, h.TickAge?.TotalMilliseconds,
        h.MissedBeats, h.Reconnects, h.ServerOffset?.TotalSeconds, h.Standby, h.Peer.Length == 0 ? null : h.Peer, h.At.ToDateTimeOffset());
}

/// <summary>A candle.</summary>
internal sealed record CandleShape(DateTimeOffset At, decimal Open, decimal High, decimal Low, decimal Close, long Ticks)
{
    /// <summary>From the domain's word.</summary>
    public static CandleShape Of(Candle c) => new(c.At.ToDateTimeOffset(), c.Open.Value, c.High.Value, c.Low.Value, c.Close.Value, c.Ticks);
}

/// <summary>A tick.</summary>
internal sealed record TickShape(DateTimeOffset At, decimal Bid, decimal Ask)
{
    /// <summary>From the domain's word.</summary>
    public static TickShape Of(Quote q) => new(q.At.ToDateTimeOffset(), q.Bid.Value, q.Ask.Value);
}
