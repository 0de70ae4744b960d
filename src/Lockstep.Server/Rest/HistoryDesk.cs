using Lockstep.Domain;
using Lockstep.Server.Configuration;
using Lockstep.Server.WebSockets;

namespace Lockstep.Server.Rest;

/// <summary>Asks an account's platform for history, and says in one way what came of it, whatever the platform.</summary>
internal static class HistoryDesk
{
    /// <summary>The problems that a question for history may end with.</summary>
    public static IReadOnlyList<(int Status, string Kind)> Problems => [(404, "not-found"), (409, "terminal-away"), (409, "session-away"), (409, "no-history"), (504, "no-answer")];

    /// <summary>The rows, or what is to be answered instead.</summary>
    public static async Task<(T? Rows, Problem? Problem)> FetchAsync<T>(ITerminalDesk desk, AccountConfig account, DataRequest request, CancellationToken cancel)
        where T : DataAnswer
    {
        if (desk.Data(account.Id) is not { } data)
        {
            return (null, Refused(account, new DataRefused(Refusal.NotSent, "The account has no session.")));
        }

        var asked = new TaskCompletionSource<DataAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        data.Fetch(request, answer => asked.TrySetResult(answer));
        return await asked.Task.WaitAsync(cancel) switch
        {
            T rows => (rows, null),
            DataRefused refused => (null, Refused(account, refused)),
            var other => throw new InvalidOperationException($"{other.GetType().Name} answers no {request.GetType().Name}"),
        };
    }

    /// <summary>A moment of a request; a wrong one is noted.</summary>
    public static DateTimeOffset Moment(string? text, string field, DateTimeOffset otherwise, List<FieldProblem> errors)
    {
        if (string.IsNullOrEmpty(text))
        {
            return otherwise;
        }

        if (MomentShape.Read(text) is { } moment)
        {
            return moment;
        }

        errors.Add(new(field, text, "is no moment; write it as \"2030-01-31T12:00:00Z\""));
        return otherwise;
    }

    /// <summary>The answer to fields that are wrong; null = none is.</summary>
    public static Problem? Wrong(List<FieldProblem> errors) => errors.Count == 0 ? null
        : Problem.Bad(string.Join("; ", errors.Select(e => $"{e.Field}{(e.Value.Length > 0 ? $" = {e.Value}" : "")}: {e.Reason}")), "Correct the fields under errors.", errors);

    private static Problem Refused(AccountConfig account, DataRefused refused)
    {
        bool terminal = account.Terminal is not null;
        return refused.Refusal switch
        {
            Refusal.NotSent when terminal =>
                Problem.Of(409, "terminal-away", "The account's terminal cannot be asked now.", refused.Reason, $"Look at /v1/accounts/{account.Id}/health, and ask again when the terminal is back."),
            Refusal.NotSent => Problem.Of(409, "session-away", "The account has no session that could be asked now.", refused.Reason, $"Look at /ctrader/accounts/{account.Id}/status, and ask again when the session is up."),
            Refusal.Busy => Problem.Of(504, "no-answer", terminal ? "The terminal did not answer." : "The platform did not answer.", refused.Reason, "Ask again; nothing was changed."),
            Refusal.UnknownSymbol => Problem.NotFound(refused.Reason, $"Use a symbol of /v1/accounts/{account.Id}/symbols."),
            _ => Problem.Of(409, "no-history", terminal ? "The terminal has no such history." : "The platform has no such history.", refused.Reason, "Ask for another range, frame or symbol."),
        };
    }
}
