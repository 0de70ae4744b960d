using Lockstep.Server.Configuration;
using Lockstep.Server.Security;

namespace Lockstep.Server.Rest.Faces;

/// <summary>
/// Puts operations of faces up. Before a handler runs, the fields were checked under all their names, and the account was found and belongs to the face and to the key. What is wrong with a request is
/// answered with 422, as programs that know these faces expect.
/// </summary>
/// <param name="routes">Where operations go.</param>
/// <param name="desk">The product.</param>
internal sealed class FaceRoutes(Routes routes, FaceDesk desk)
{
    /// <summary>The part of a path that names an account.</summary>
    public static readonly Key AccountInPath = new("id", CommonShapes.AccountText, "The account's UUID or name.");

    /// <summary>The product.</summary>
    public FaceDesk Desk => desk;

    /// <summary>Puts an operation up: its fields come in the body of a POST, else in the query; a part <c>{id}</c> of the path names the account.</summary>
    /// <param name="face">The face.</param>
    /// <param name="operation">The operation; where its fields come is said here.</param>
    /// <param name="form">Its fields.</param>
    /// <param name="handler">Answers.</param>
    /// <param name="handover">Problems carry the object that programs of the REST handover look for.</param>
    public void Map(Face face, Operation operation, FaceForm form, Func<FaceCall, Task<IResult>> handler, bool handover = false)
    {
        bool inBody = operation.Method is "POST";
        operation = operation with { Face = true, Body = inBody ? form.Shape : null, Query = inBody ? [] : form.Shape.Keys };
        routes.Catalogue.Map(routes.App, operation, async (HttpContext http) =>
        {
            var (call, problem) = await CheckAsync(face, operation, form, http);
            var answer = call is null ? problem! : await handler(call);
            return handover && answer is Problem wrong ? new HandoverProblem(wrong) : answer;
        });
    }

    /// <summary>Puts an operation up that is about no single account.</summary>
    public void MapAll(Operation operation, Func<HttpContext, IResult> handler) => routes.Catalogue.Map(routes.App, operation with { Face = true }, handler);

    private async Task<(FaceCall? Call, Problem? Problem)> CheckAsync(Face face, Operation operation, FaceForm form, HttpContext http)
    {
        var query = new ObjectShape("query", [.. operation.Query]);
        var asked = Routes.InQuery(http.Request.Query, query);
        var item = asked;
        if (operation.Body is not null)
        {
            var (sent, unread) = await Bodies.ParseAsync(http);
            if (sent is null)
            {
                return (null, unread!.Status == StatusCodes.Status400BadRequest ? unread with { Status = StatusCodes.Status422UnprocessableEntity } : unread);
            }

            item = sent;
        }

        var errors = new List<ConfigError>();
        var checker = new ShapeChecker(errors);
        checker.Check(asked, query, "");
        if (operation.Body is not null)
        {
            checker.Check(item, form.Shape, "");
        }

        // A password is nobody's business, also where it is wrong.
        List<FieldProblem> wrong = [.. errors.Select(e => new FieldProblem(e.Path, e.Path == FaceFields.Password.Name ? "" : e.Value, e.Text))];
        var reader = new ItemReader(item, checker);
        form.Check(reader, wrong);
        if (wrong.Count > 0)
        {
            return (null, FaceProblems.Invalid(wrong));
        }

        var call = new FaceCall { Face = face, Http = http, Item = reader };
        string? inPath = http.Request.RouteValues.TryGetValue("id", out object? id) ? (string?)id : null;
        string? inFields = call.Text(FaceFields.Internal);
        if (inPath is not null && inFields is not null && inFields != inPath)
        {
            return (null, FaceProblems.Invalid(FaceFields.Internal.Name, $"\"{inFields}\"", $"differs from '{inPath}' in the path; name one account"));
        }

        var (account, problem) = FaceAccounts.Find(desk, face, http.Caller(), inPath ?? inFields, call.Text(FaceFields.Account), call.Text(FaceFields.Server));
        if (account is null)
        {
            return (null, problem);
        }

        return Bodies.ClientId(http.Request, call.Text(FaceFields.ClientId), out string? clientId) is { } differs ? (null, differs with { Status = StatusCodes.Status422UnprocessableEntity })
            : (new FaceCall { Face = face, Http = http, Item = reader, Named = account, ClientId = clientId! }, null);
    }
}

/// <summary>A problem that carries, beside everything else, the object that programs of the REST handover look for; what is not there is 404 on it.</summary>
/// <param name="problem">The problem.</param>
internal sealed class HandoverProblem(Problem problem) : IResult
{
    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        string kind = problem.Type.Split(':')[^1];
        string code = kind == "bad-request" ? "VALIDATION_ERROR" : kind.Replace('-', '_').ToUpperInvariant();
        int status = kind.StartsWith("no-such-", StringComparison.Ordinal) ? StatusCodes.Status404NotFound : problem.Status;
        return (problem with { Status = status, Error = new HandoverError(code, problem.Detail, problem.Errors) }).ExecuteAsync(httpContext);
    }
}

/// <summary>What programs of the REST handover look for in an error.</summary>
/// <param name="Code">Its kind: VALIDATION_ERROR, REFUSED and so on.</param>
/// <param name="Message">What was wrong.</param>
/// <param name="Details">Each field that was wrong.</param>
internal sealed record HandoverError(string Code, string Message, IReadOnlyList<FieldProblem>? Details);
