using Lockstep.Engine;
using Lockstep.Server.Alerts;
using Lockstep.Server.Metrics;

namespace Lockstep.Server.Configuration;

/// <summary>Reads the sections <c>alerts</c> and <c>telemetry</c>.</summary>
internal static class OpsReader
{
    /// <summary>The section <c>alerts</c>; what does not stand there is as usual.</summary>
    public static AlertsConfig Alerts(ItemReader section, ItemReader top, string folder, List<ConfigError> errors, Func<string, string?> environment)
    {
        var usual = new AlertsConfig();
        var rules = new Dictionary<string, RuleSettings>(usual.Rules);
        foreach (var member in section.Map("rules"))
        {
            if (RuleKind.All.FirstOrDefault(k => k.Name == member.Key) is { } kind)
            {
                rules[kind.Name] = Rule(kind, top.Of(member.Value), errors);
            }
        }

        var webhooks = section.List("webhooks").Select((item, i) => Webhook(top.Of(item), $"alerts.webhooks[{i}]", folder, errors, environment)).OfType<WebhookConfig>().ToList();
        return new AlertsConfig { Repeat = section.Duration("repeat") ?? usual.Repeat, Rules = rules, Webhooks = webhooks };
    }

    /// <summary>The section <c>telemetry</c>; null = nothing is sent.</summary>
    public static OtlpConfig? Otlp(ItemReader otlp, string folder, List<ConfigError> errors, Func<string, string?> environment)
    {
        if (otlp.Text("endpoint") is not { } endpoint)
        {
            return null;
        }

        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out var address))
        {
            errors.Add(new ConfigError(otlp.Value("endpoint")!.Line, "telemetry.otlp.endpoint", otlp.Value("endpoint")!.Shown, "is no address"));
            return null;
        }

        var authorization = Secret(otlp, "authorization", "telemetry.otlp", folder, 1, errors, environment, _ => null);
        return new OtlpConfig(address, otlp.Text("protocol") == "grpc", otlp.Duration("interval") ?? TimeSpan.FromSeconds(30), authorization);
    }

    private static RuleSettings Rule(RuleKind kind, ItemReader rule, List<ConfigError> errors)
    {
        var settings = new RuleSettings(
            rule.Flag("on", true),
            (double?)rule.Number("raise") ?? kind.Usual.Raise,
            rule.Duration("for") ?? kind.Usual.For,
            (double?)rule.Number("clear") ?? kind.Usual.Clear,
            rule.Duration("clearFor") ?? kind.Usual.ClearFor,
            rule.Choice<AlertLevel>("level") ?? kind.Usual.Level);
        if (kind.Low ? settings.Clear < settings.Raise : settings.Clear > settings.Raise)
        {
            errors.Add(new ConfigError(rule.Item?.Line ?? 0, $"alerts.rules.{kind.Name}", "",
                $"clear ({settings.Clear} {kind.Unit}) must be {(kind.Low ? "at least" : "at most")} raise ({settings.Raise} {kind.Unit}): a {(kind.Low ? "low" : "high")} value is the bad one"));
        }

        return settings;
    }

    private static WebhookConfig? Webhook(ItemReader webhook, string path, string folder, List<ConfigError> errors, Func<string, string?> environment)
    {
        var url = Secret(webhook, "url", path, folder, 8, errors, environment, text =>
            !Uri.TryCreate(text, UriKind.Absolute, out var address) ? "holds no address"
            : address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback) ? null
            : "must hold an address that begins with https://; http:// is for this machine only");
        var key = Secret(webhook, "signingKey", path, folder, 16, errors, environment, _ => null);
        return url is null ? null : new WebhookConfig(
            url, webhook.Text("shape") == "discord" ? WebhookShape.Discord : WebhookShape.Plain, webhook.Choice<AlertLevel>("level") ?? AlertLevel.Warning, key);
    }

    /// <summary>Where a secret is; what is wrong with it is told without it.</summary>
    private static SecretReference? Secret(
        ItemReader of, string key, string path, string folder, int lengthMin, List<ConfigError> errors, Func<string, string?> environment, Func<string, string?> wrong)
    {
        var reference = Secrets.Reference(of.Below(key), folder);
        if (reference is null)
        {
            return null;
        }

        var (secret, problem) = Secrets.Read(reference, environment, lengthMin);
        problem ??= wrong(secret!);
        if (problem is not null)
        {
            errors.Add(new ConfigError(of.Value(key)!.Line, $"{path}.{key}", "", $"{reference} {problem}"));
        }

        return reference;
    }
}
