using System.Globalization;
using Lockstep.Domain;
using Lockstep.Server.Configuration;
using Lockstep.Server.Rest;

namespace Lockstep.Server.WebSockets;

/// <summary>Terminals, the health of sessions, and history that a terminal is asked for.</summary>
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
        account.MapGet("/health", async (string account) => Find(desk, account, out var found) ?? RestJson.Ok(new
        {
            Account = account,
            State = AccountEndpoints.State(await desk.AccountAsync(found.Id)),
            Health = HealthShape.Of(desk.Health(found.Id)),
        }));
        account.MapGet("/candles", async (string account, string? symbol, string? frame, string? from, string? to, string? limit, CancellationToken cancel) =>
            Find(desk, account, out var found) ?? Question(symbol, frame, from, to, limit, needsFrame: true, out var question) ?? await AskAsync(
                desk, found, new CandlesWanted(question.Symbol, question.Frame, question.From, question.To, question.Limit), rows => rows is CandlesFound c
                    ? RestJson.Ok(new { Account = account, Symbol = symbol, Frame = question.Frame.ToString(), Candles = c.Candles.Select(CandleShape.Of).ToList() })
                    : null, cancel));
        account.MapGet("/ticks", async (string account, string? symbol, string? from, string? to, string? limit, CancellationToken cancel) =>
            Find(desk, account, out var found) ?? Question(symbol, null, from, to, limit, needsFrame: false, out var question) ?? await AskAsync(
                desk, found, new TicksWanted(question.Symbol, question.From, question.To, question.Limit), rows => rows is TicksFound t
                    ? RestJson.Ok(new { Account = account, Symbol = symbol, Ticks = t.Ticks.Select(TickShape.Of).ToList() })
                    : null, cancel));
    }

    private static Problem? Find(ITerminalDesk desk, string name, out AccountConfig found)
    {
        found = desk.Config.Account(new AccountId(name))!;
        return found is not null ? null
            : Problem.NotFound($"There is no account '{name}'.", $"Use one of: {string.Join(", ", desk.Config.Accounts.Select(a => a.Id.Value))}.");
    }

    private static async Task<IResult> AskAsync(ITerminalDesk desk, AccountConfig account, DataRequest request, Func<DataAnswer, IResult?> shape, CancellationToken cancel)
    {
        if (desk.Data(account.Id) is not { } data)
        {
            return account.Terminal is not null ? Refused(account, new DataRefused(Refusal.NotSent, "The account has no session.")) : Problem.Of(409, "no-history", "This account has no history to ask for.", $"Account '{account.Id}' is a paper account, and simulated brokers keep no candles and ticks.",
                "Ask an account that a terminal serves.");
        }

        var asked = new TaskCompletionSource<DataAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        data.Fetch(request, answer => asked.TrySetResult(answer));
        var answer = await asked.Task.WaitAsync(cancel);
        return shape(answer) ?? (answer is DataRefused refused ? Refused(account, refused) : throw new InvalidOperationException($"{answer.GetType().Name} answers no {request.GetType().Name}"));
    }

    private static Problem Refused(AccountConfig account, DataRefused refused) => refused.Refusal switch
    {
        Refusal.NotSent => Problem.Of(409, "terminal-away", "The account's terminal cannot be asked now.", refused.Reason, $"Look at /v1/accounts/{account.Id}/health, and ask again when the terminal is back."),
        Refusal.Busy => Problem.Of(504, "no-answer", "The terminal did not answer.", refused.Reason, "Ask again; nothing was changed."),
        Refusal.UnknownSymbol => Problem.NotFound(refused.Reason, $"Use a symbol of /v1/accounts/{account.Id}/symbols."),
        _ => Problem.Of(409, "no-history", "The terminal has no such history.", refused.Reason, "Ask for another range, frame or symbol."),
    };

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

        var until = Moment(to, "to", DateTimeOffset.UtcNow, errors);

        // Without a beginning: as far back as so many candles can reach, weekends included; ticks of ten minutes.
        var since = Moment(from, "from", needsFrame ? Back(until, (double)(int)length * Math.Clamp(rows, 1, LimitMax) * 7 / 5 + 4320) : Back(until, 10), errors);
        if (errors.Count == 0 && since > until)
        {
            errors.Add(new("from", from ?? "", "must not be after to"));
        }

        if (errors.Count > 0)
        {
            return Problem.Bad(string.Join("; ", errors.Select(e => $"{e.Field}{(e.Value.Length > 0 ? $" = {e.Value}" : "")}: {e.Reason}")), "Correct the fields under errors.", errors);
        }

        question = new HistoryQuestion(new SymbolName(symbol!), length, Timestamp.From(since), Timestamp.From(until), rows);
        return null;
    }

    private static DateTimeOffset Back(DateTimeOffset from, double minutes) =>
        from - DateTimeOffset.UnixEpoch > TimeSpan.FromMinutes(minutes) ? from - TimeSpan.FromMinutes(minutes) : DateTimeOffset.UnixEpoch;

    private static DateTimeOffset Moment(string? text, string field, DateTimeOffset otherwise, List<FieldProblem> errors)
    {
        if (string.IsNullOrEmpty(text))
        {
            return otherwise;
        }

        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) && moment >= DateTimeOffset.UnixEpoch && moment.Year < 3000)
        {
            return moment;
        }

        errors.Add(new(field, text, "is no moment; write it as \"2030-01-31T12:00:00Z\""));
        return otherwise;
    }

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
