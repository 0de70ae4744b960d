namespace Lockstep.Client;

/// <summary>The server refused a call and said why (RFC 9457).</summary>
public sealed class LockstepProblemException : Exception
{
    /// <summary>Without words.</summary>
    public LockstepProblemException()
        : this("the server refused the call")
    {
    }

    /// <summary>With words.</summary>
    public LockstepProblemException(string message)
        : base(message)
    {
    }

    /// <summary>With words and what lies behind.</summary>
    public LockstepProblemException(string message, Exception inner)
        : base(message, inner)
    {
    }

    internal LockstepProblemException(int status, string code, string title, string detail, string advice, IReadOnlyList<FieldError> errors, string? correlationId)
        : base($"{title} {detail} {advice} ({status} {code})") =>
        (Status, Code, Title, Detail, Advice, Errors, CorrelationId) = (status, code, title, detail, advice, errors, correlationId);

    /// <summary>HTTP status.</summary>
    public int Status { get; }

    /// <summary>Kind of the problem, stable: <c>bad-request</c>.</summary>
    public string Code { get; } = "";

    /// <summary>The kind, in words.</summary>
    public string Title { get; } = "";

    /// <summary>What was wrong this time.</summary>
    public string Detail { get; } = "";

    /// <summary>What to do about it.</summary>
    public string Advice { get; } = "";

    /// <summary>Each field that was wrong.</summary>
    public IReadOnlyList<FieldError> Errors { get; } = [];

    /// <summary>The request's id in the server's log.</summary>
    public string? CorrelationId { get; }
}

/// <summary>A field that was wrong.</summary>
/// <param name="Field">Its name.</param>
/// <param name="Value">What stood there.</param>
/// <param name="Reason">What is wrong with it.</param>
public sealed record FieldError(string Field, string Value, string Reason);
