using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Server.Configuration;

namespace Lockstep.Server.Rest.Faces;

/// <summary>What faces answer when something cannot be done: the statuses that programs know, each with its text.</summary>
internal static class FaceProblems
{
    /// <summary>Seconds after which a program should ask again.</summary>
    public const string RetryAfter = "10";

    /// <summary>The problems that every question to a platform may end with.</summary>
    public static IReadOnlyList<(int Status, string Kind)> OfReads => [(401, "login-failed"), (404, "not-found"), (409, "other-platform"), (409, "ambiguous-account"), (409, "account-disabled"), (422, "bad-request"), (503, "session-away")];

    /// <summary>The problems that every trade may end with.</summary>
    public static IReadOnlyList<(int Status, string Kind)> OfTrades => [(400, "refused"), .. OfReads, (503, "stopping"), (504, "outcome-unknown")];

    /// <summary>Fields that are wrong.</summary>
    public static Problem Invalid(IReadOnlyList<FieldProblem> errors) => Bodies.Invalid(errors) with { Status = StatusCodes.Status422UnprocessableEntity };

    /// <summary>One field that is wrong.</summary>
    public static Problem Invalid(string field, string value, string reason) => Invalid([new FieldProblem(field, value, reason)]);

    /// <summary>Login and account do not belong together.</summary>
    public static Problem LoginFailed(string detail) =>
        Problem.Of(401, "login-failed", "Login and account do not belong together.", detail, "Send the login and the server that the account has, or leave both out and name the account under internal_account_id.");

    /// <summary>The account is not the face's.</summary>
    public static Problem OtherPlatform(Face face, AccountConfig account) => Problem.Of(
        409, "other-platform", "The account is on another platform.", $"Account '{account.Id}' is on {BrokerKinds.PlatformWord(Face.PlatformOf(account))}, and this is the face of {face.Word}.",
        $"Use /{BrokerKinds.PlatformWord(Face.PlatformOf(account))} or /v1 for it.");

    /// <summary>The account has no session that knows how it stands.</summary>
    public static Problem Away(HttpContext http, AccountConfig account, string what)
    {
        http.Response.Headers.RetryAfter = RetryAfter;
        return Problem.Of(
            503, "session-away", "The account has no session now.", $"Account '{account.Id}' is not connected{(what.Length > 0 ? $": {what}" : "")}; nothing was done.",
            account.Terminal is not null ? $"Start a terminal with the EA for it; /v1/accounts/{account.Id}/health says how it is." : $"Ask again; /v1/accounts/{account.Id}/health says how it is.");
    }

    /// <summary>The platform, or we, said no.</summary>
    public static Problem Refused(string account, string clientId, ClientAnswer answer) =>
        Problem.Of(400, "refused", "The request was refused; nothing happened.", RefusalAdvice.Detail(answer), RefusalAdvice.Advice(answer.Refusal)) with
        {
            Request = RequestShape.Of(new AccountId(account), clientId, answer),
        };

    /// <summary>Nobody can say yet what became of it. It is no answer of success, as programs would take that for done.</summary>
    public static Problem Unknown(string account, string clientId, ClientAnswer answer) => Problem.Of(
        504, "outcome-unknown", "Nobody can say yet whether it was done.",
        $"The platform of account '{account}' has not answered in time; the request stands as '{RestJson.Word(answer.State)}' under the id '{clientId}' and may still be done.",
        $"Do not send it again under another id. Ask GET /v1/accounts/{account}/requests/{clientId}, or send it again with the header 'Idempotency-Key: {clientId}'.") with
    {
        Request = RequestShape.Of(new AccountId(account), clientId, answer),
    };

    /// <summary>There is no such position.</summary>
    public static Problem NoPosition(AccountConfig account, long number, int status = 400) =>
        Problem.Of(status, "no-such-position", "There is no such position.", $"Account '{account.Id}' has no open position {number}.", "Look at the list of open positions.");

    /// <summary>There is no such symbol.</summary>
    public static Problem NoSymbol(AccountConfig account, SymbolName symbol, IEnumerable<SymbolSpec> symbols) => Problem.Of(
        400, "no-such-symbol", "There is no such symbol.", $"Account '{account.Id}' has no symbol '{symbol}'{Spelling.DidYouMean(symbol.Value, symbols.Select(s => s.Name.Value))}",
        "Names of symbols are the broker's, letter by letter.");

    /// <summary>A question for history that brought nothing, in the statuses of the faces.</summary>
    public static Problem OfHistory(HttpContext http, AccountConfig account, Problem problem)
    {
        if (problem.Type.EndsWith("-away", StringComparison.Ordinal))
        {
            return Away(http, account, problem.Detail);
        }

        return problem.Status is 404 or 409 ? problem with { Status = 400 } : problem;
    }
}
