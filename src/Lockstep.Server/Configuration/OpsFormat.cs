using Lockstep.Server.Alerts;
using static Lockstep.Server.Configuration.CommonShapes;

namespace Lockstep.Server.Configuration;

/// <summary>Sections <c>alerts</c> and <c>telemetry</c>.</summary>
internal static class OpsFormat
{
    private static readonly ChoiceShape Level = new("info", "warning", "critical");

    private static readonly ObjectShape Rule = new(
        "rule",
        new Key("on", Flag, "false: the rule is not looked at.", "true"),
        new Key("raise", new NumberShape(1_000_000_000m, 0), "The value at which the alert is raised, in the rule's unit."),
        new Key("for", Duration(TimeSpan.Zero, TimeSpan.FromDays(1)), "How long the value must be there before the alert is raised."),
        new Key("clear", new NumberShape(1_000_000_000m, 0), "The value at which the alert is taken back; on the good side of raise."),
        new Key("clearFor", Duration(TimeSpan.Zero, TimeSpan.FromDays(1)), "How long the value must be there before the alert is taken back."),
        new Key("level", Level, "How urgent the alert is."));

    private static readonly ObjectShape Webhook = new(
        "webhook",
        new Key("url", new SecretShape(), "Where alerts are posted to, 8 to 512 characters, by reference only, as whoever has it can post: https://…, or http:// for this machine.") { Required = true },
        new Key("shape", new ChoiceShape("plain", "discord"), "\"plain\": JSON of Lockstep's own. \"discord\": as Discord's webhooks take it.", "\"plain\""),
        new Key("level", Level, "Only alerts that are at least this urgent; what is over is told in any case.", "\"warning\""),
        new Key("signingKey", new SecretShape(), "Key that bodies of shape \"plain\" are signed with (HMAC-SHA256), 16 to 512 characters, by reference only."));

    /// <summary>Section <c>alerts</c>.</summary>
    public static readonly ObjectShape Alerts = new(
        "alerts",
        new Key("repeat", Duration(TimeSpan.FromMinutes(1), TimeSpan.FromDays(7)), "What a rule found is told again after this, as long as it lasts.", "\"1h\""),
        new Key("rules", new MapShape(Rule, $"^({string.Join('|', RuleKind.All.Select(k => k.Name))})$", $"names of rules: {string.Join(", ", RuleKind.All.Select(k => k.Name))}"),
            "Rules whose settings differ from the usual ones, by name. The rules and what is usual: docs/operations.md.", "{}"),
        new Key("webhooks", new ListShape(Webhook, 20), "Addresses that alerts are posted to.", "[]"));

    private static readonly ObjectShape Otlp = new(
        "otlp",
        new Key("endpoint", new TextShape("^https?://[^\\s\\u0000-\\u001F#@]{1,2000}$", "an address that begins with http:// or https://, without a user in it"),
            "The collector. For \"http\" its base address: /v1/metrics is added when there is no path.")
        { Required = true },
        new Key("protocol", new ChoiceShape("http", "grpc"), "\"http\": protobuf over HTTP. \"grpc\": gRPC.", "\"http\""),
        new Key("interval", Duration(TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)), "Time between two exports.", "\"30s\""),
        new Key("authorization", new SecretShape(), "The Authorization header that the collector wants, by reference only, 1 to 512 characters without spaces: \"Bearer\" is put before it."));

    /// <summary>Section <c>telemetry</c>.</summary>
    public static readonly ObjectShape Telemetry = new("telemetry", new Key("otlp", Otlp, "Metrics are sent to a collector by OTLP. Absent = they are not."));
}
