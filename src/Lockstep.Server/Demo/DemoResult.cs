using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lockstep.Server.Demo;

/// <summary>What the demo says at its end; its JSON is a public interface.</summary>
internal sealed record DemoResult
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Events on the source account that links had to answer.</summary>
    public required int SourceEvents { get; init; }

    /// <summary>Openings that were carried over.</summary>
    public required int Copied { get; init; }

    /// <summary>Skipped, by reason.</summary>
    public required IReadOnlyDictionary<string, int> Skipped { get; init; }

    /// <summary>Refused by a platform for good, or given up.</summary>
    public required int Refused { get; init; }

    /// <summary>Orders whose outcome is still in doubt.</summary>
    public required int UnknownOpen { get; init; }

    /// <summary>Source trades that a target should hold and does not, by the brokers' books and the plain model.</summary>
    public required int Lost { get; init; }

    /// <summary>Target trades that should not be there, by the brokers' books and the plain model.</summary>
    public required int Duplicated { get; init; }

    /// <summary>From a source event's arrival to the order's leaving.</summary>
    public required DemoLatency LatencyMs { get; init; }

    /// <summary>True when the brokers' books are what the plain model says.</summary>
    public required bool InLockstep { get; init; }

    /// <summary>What differed, for a person.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Differences { get; init; } = [];

    /// <summary>How many source trades were compared.</summary>
    [JsonIgnore]
    public int Compared { get; init; }

    /// <summary>The accounts that terminals serve: live, and with which round trip. For a person.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Terminals { get; init; } = [];

    /// <summary>The one JSON object.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>The summary for a person.</summary>
    public IEnumerable<string> Lines()
    {
        yield return $"source events {SourceEvents}, copied {Copied}, refused {Refused}, unknown {UnknownOpen}";
        if (Skipped.Count > 0)
        {
            yield return "skipped: " + string.Join(", ", Skipped.Select(s => $"{s.Key} {s.Value}"));
        }

        yield return string.Create(CultureInfo.InvariantCulture, $"latency from event to order, one commit to disk included: p50 {LatencyMs.P50} ms, p99 {LatencyMs.P99} ms, max {LatencyMs.Max} ms");
        if (Terminals.Count > 0)
        {
            yield return $"sessions: {string.Join("; ", Terminals)}";
        }

        yield return $"brokers' books against the plain model: {Compared} trades compared, {Lost} lost, {Duplicated} duplicated";
        foreach (string difference in Differences.Take(20))
        {
            yield return "  " + difference;
        }

        yield return InLockstep ? "IN LOCKSTEP" : "NOT IN LOCKSTEP";
    }
}

/// <summary>Milliseconds.</summary>
internal sealed record DemoLatency(double P50, double P99, double Max);
