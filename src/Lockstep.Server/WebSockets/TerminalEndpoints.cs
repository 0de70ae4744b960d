using System.Globalization;
using Lockstep.Domain;
using Lockstep.Server.Configuration;
using Lockstep.Server.Rest;

namespace Lockstep.Server.WebSockets;

/// <summary>Terminals, the health of sessions, and candles and ticks that a platform is asked for.</summary>
internal static class TerminalEndpoints
{
    private const int LimitMax = 10_000;

    /// <summary>Puts the routes up; the API key's gate stands before them.</summary>
    public static void Map(IEndpointRouteBuilder app, ITerminalDesk desk)
    {
        var v1 = app.MapGroup("/v1");
        v1.MapGet("/terminals", async () =>
        {
            var accounts = new List<TerminalShape>();
            foreach (var account in desk.Config.Accounts.Where(a => a.Terminal is not null))
            {
                accounts.Add(new TerminalShape(
                    account.Id.Value, account.Platform, account.Terminal!.Login, account.Terminal.Server, account.Enabled, AccountEndpoints.State(await desk.AccountAsync(account.Id)),
                    HealthShape.Of(desk.Health(account.Id)), [.. (desk.Terminals?.WatchedOf(account.Id) ?? []).Select(s => s.Value)]));
            }

            return RestJson.Ok(new { Accounts = accounts, Counters = desk.Terminals?.Hub.Counters.Snapshot().ToDictionary() });
        });
        var account = v1.MapGroup("/accounts/{account}");
        account.MapGet("/health", async (string account) => HistoryDesk.Find(desk, account, out var found) ?? RestJson.Ok(new
        {
            Account = account,
            State = AccountEndpoints.State(await desk.AccountAsync(found.Id)),
            Health = HealthShape.Of(desk.Health(found.Id)),
        }));
        account.MapGet("/candles", async (string account, string? symbol, string? frame, string? from, string? to, string? limit, CancellationToken cancel) =>
            HistoryDesk.Find(desk, account, out var found) ?? Question(symbol, frame, from, to, limit, needsFrame: true, out var question) ?? await AskAsync<CandlesFound>(
                desk, found, new CandlesWanted(question.Symbol, question.Frame, question.From, question.To, question.Limit),
                c => new
                {
                    Account = account, Symbol = symbol, Frame = question.Frame.ToString(), Candles = c.Candles.Select(CandleShape.Of).ToList(),
                    Live = c.Live is { } live ? CandleShape.Of(live) : null,
                },
                cancel));
        account.MapGet("/ticks", async (string account, string? symbol, string? from, string? to, string? limit, CancellationToken cancel) =>
            HistoryDesk.Find(desk, account, out var found) ?? Question(symbol, null, from, to, limit, needsFrame: false, out var question) ?? await AskAsync<TicksFound>(
                desk, found, new TicksWanted(question.Symbol, question.From, question.To, question.Limit),
                t => new { Account = account, Symbol = symbol, Ticks = t.Ticks.Select(TickShape.Of).ToList() }, cancel));
    }

    private static async Task<IResult> AskAsync<T>(ITerminalDesk desk, AccountConfig account, DataRequest request, Func<T, object> shape, CancellationToken cancel)
        where T : DataAnswer
    {
        var (rows, problem) = await HistoryDesk.FetchAsync<T>(desk, account, request, cancel);
        return rows is null ? problem! : RestJson.Ok(shape(rows));
    }

    private static Problem? Question(string? symbol, string? frame, string? from, string? to, string? limit, bool needsFrame, out HistoryQuestion question)
    {
        var errors = new List<FieldProblem>();
        question = default;
        if (symbol is null || !CommonShapes.SymbolText.Matches(symbol))
        {
            errors.Add(new("symbol", symbol ?? "", $"must be {CommonShapes.SymbolText.Allowed}"));
        }

        var length = Timeframe.M1;
        if (needsFrame && (frame is null || !Enum.TryParse(frame, ignoreCase: true, out length) || !Enum.IsDefined(length)))
        {
            errors.Add(new("frame", frame ?? "", $"must be one of {string.Join(", ", Enum.GetNames<Timeframe>())}"));
        }

        int rows = 500;
        if (!string.IsNullOrEmpty(limit) && (!int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out rows) || rows is < 1 or > LimitMax))
        {
            errors.Add(new("limit", limit, $"must be a whole number from 1 to {LimitMax}"));
        }

        var until = HistoryDesk.Moment(to, "to", DateTimeOffset.UtcNow, errors);

        // Without a beginning: as far back as so many candles can reach, weekends included; ticks of ten minutes.
        var since = HistoryDesk.Moment(from, "from", needsFrame ? Back(until, (double)(int)length * Math.Clamp(rows, 1, LimitMax) * 7 / 5 + 4320) : Back(until, 10), errors);
        if (errors.Count == 0 && since > until)
        {
            errors.Add(new("from", from ?? "", "must not be after to"));
        }

        if (HistoryDesk.Wrong(errors) is { } wrong)
        {
            return wrong;
        }

        question = new HistoryQuestion(new SymbolName(symbol!), length, Timestamp.From(since), Timestamp.From(until), rows);
        return null;
    }

    private static DateTimeOffset Back(DateTimeOffset from, double minutes) =>
        from - DateTimeOffset.UnixEpoch > TimeSpan.FromMinutes(minutes) ? from - TimeSpan.FromMinutes(minutes) : DateTimeOffset.UnixEpoch;

    private readonly record struct HistoryQuestion(SymbolName Symbol, Timeframe Frame, Timestamp From, Timestamp To, int Limit);
}

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
