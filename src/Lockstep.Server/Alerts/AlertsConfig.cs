using Lockstep.Engine;
using Lockstep.Server.Configuration;

namespace Lockstep.Server.Alerts;

/// <summary>Section <c>alerts</c>: what is watched, and who is told.</summary>
internal sealed record AlertsConfig
{
    /// <summary>What a rule found is told again after this, as long as it lasts.</summary>
    public TimeSpan Repeat { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The rules, by name; all of <see cref="RuleKind.All"/>.</summary>
    public IReadOnlyDictionary<string, RuleSettings> Rules { get; init; } = RuleKind.All.ToDictionary(k => k.Name, k => k.Usual);

    /// <summary>Addresses that alerts are posted to.</summary>
    public IReadOnlyList<WebhookConfig> Webhooks { get; init; } = [];
}

/// <summary>When a rule raises its alert and when it takes it back.</summary>
/// <param name="On">False = it is not looked at.</param>
/// <param name="Raise">The value at which it is raised.</param>
/// <param name="For">How long the value must be there.</param>
/// <param name="Clear">The value at which it is taken back.</param>
/// <param name="ClearFor">How long the value must be there.</param>
/// <param name="Level">How urgent it is.</param>
internal sealed record RuleSettings(bool On, double Raise, TimeSpan For, double Clear, TimeSpan ClearFor, AlertLevel Level);

/// <summary>In what shape a webhook wants its alerts.</summary>
internal enum WebhookShape
{
    /// <summary>JSON of our own, signed when there is a key.</summary>
    Plain,

    /// <summary>As Discord's webhooks take it: <c>content</c> and <c>embeds</c>.</summary>
    Discord,
}

/// <summary>An address that alerts are posted to.</summary>
/// <param name="Url">Where the address is; it is a secret, as whoever has it can post.</param>
/// <param name="Shape">What is posted.</param>
/// <param name="Level">Only alerts that are at least this urgent.</param>
/// <param name="SigningKey">Where the key is that bodies are signed with; null = they are not.</param>
internal sealed record WebhookConfig(SecretReference Url, WebhookShape Shape, AlertLevel Level, SecretReference? SigningKey);
