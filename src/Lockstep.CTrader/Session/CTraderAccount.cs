using Lockstep.CTrader.OAuth;
using Lockstep.Domain;

namespace Lockstep.CTrader.Session;

/// <summary>An account that the Open API serves.</summary>
public sealed record CTraderAccount
{
    /// <summary>Its name here.</summary>
    public required AccountId Id { get; init; }

    /// <summary>ctidTraderAccountId: not the login.</summary>
    public required long CtidTraderAccountId { get; init; }

    /// <summary>Where it lives. When the server says that it is the wrong one, the other is tried, once.</summary>
    public required OpenApiEnvironment Environment { get; init; }

    /// <summary>The authorisation it is reached with.</summary>
    public required GrantId Grant { get; init; }

    /// <summary>False = no session is opened.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>How long an answer to an order may take; null = 5 s.</summary>
    public TimeSpan? AnswerTimeout { get; init; }

    /// <summary>See <see cref="AccountCapabilities.AbsenceHorizon"/>; null = 10 s.</summary>
    public TimeSpan? AbsenceHorizon { get; init; }
}

/// <summary>The registered application that speaks for all accounts.</summary>
/// <param name="ClientId">clientId.</param>
/// <param name="ClientSecret">clientSecret.</param>
public sealed record OpenApiApplication(string ClientId, string ClientSecret)
{
    /// <summary>Without the secret.</summary>
    public override string ToString() => $"application {ClientId}";
}

/// <summary>How loud a line is.</summary>
public enum CTraderLogLevel
{
    /// <summary>To be read when looking back.</summary>
    Info = 1,

    /// <summary>To be looked at.</summary>
    Warning = 2,

    /// <summary>A person must act: wrong secret, lost grant, blocked account.</summary>
    Alert = 3,
}

/// <summary>Hears what is worth a line. No secret is ever in it.</summary>
public interface ICTraderLog
{
    /// <summary>A line about an account, or, without one, about a connection.</summary>
    void Write(CTraderLogLevel level, AccountId? account, string text);
}
