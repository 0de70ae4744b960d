namespace Lockstep.CTrader.OAuth;

/// <summary>A token pair as the endpoint gave it.</summary>
/// <param name="Access">accessToken.</param>
/// <param name="Refresh">refreshToken.</param>
/// <param name="Life">expiresIn.</param>
public sealed record TokenPair(string Access, string Refresh, TimeSpan Life)
{
    /// <summary>Without the tokens.</summary>
    public override string ToString() => $"token pair for {Life}";
}

/// <summary>What the token endpoint answered.</summary>
public abstract record TokenReply;

/// <summary>A pair. Whatever it was exchanged for is used up.</summary>
public sealed record TokenGranted(TokenPair Pair) : TokenReply;

/// <summary>The endpoint said no: asking the same again leads nowhere.</summary>
/// <param name="Code">errorCode.</param>
/// <param name="Text">description, without anything secret.</param>
public sealed record TokenRefused(string Code, string Text) : TokenReply
{
    /// <summary>True when it is our application that is refused, not the code or token: the grant itself may be as good as ever.</summary>
    public bool Application => Code.StartsWith("CH_CLIENT_", StringComparison.Ordinal) || Code is "CH_OA_CLIENT_NOT_FOUND" || Code.Equals("INVALID_CLIENT", StringComparison.OrdinalIgnoreCase);
}

/// <summary>No answer that decides anything.</summary>
/// <param name="Why">For a person, without anything secret.</param>
/// <param name="MayHaveArrived">True when the request may have been carried out all the same: a refresh token may be used up.</param>
/// <param name="RetryAfter">Not to ask again before; null = not said.</param>
public sealed record TokenUnavailable(string Why, bool MayHaveArrived, TimeSpan? RetryAfter = null) : TokenReply;

/// <summary>The platform's token endpoint. Never throws for what a network or server does; a cancelled call is a <see cref="TokenUnavailable"/>.</summary>
public interface ITokenEndpoint
{
    /// <summary>Exchanges an authorisation code, which lives one minute (guide §4).</summary>
    Task<TokenReply> ExchangeAsync(string code, CancellationToken cancel);

    /// <summary>Exchanges a refresh token, which dies with it.</summary>
    Task<TokenReply> RefreshAsync(string refreshToken, CancellationToken cancel);
}
