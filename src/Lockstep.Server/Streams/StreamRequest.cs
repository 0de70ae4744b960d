using System.Text.Json;
using Lockstep.Domain;
using Lockstep.Server.Configuration;
using Lockstep.Server.Rest;

namespace Lockstep.Server.Streams;

/// <summary>What a client says on <c>/v1/stream</c>.</summary>
internal abstract record StreamRequest(string? Id)
{
    private const int NamesMost = 1_000;

    private static readonly Key IdKey = new("id", new TextShape("^[!-~]{1,64}$", "1 to 64 printable ASCII characters without spaces"), "The client's id of the message, repeated in its answer.");

    /// <summary>Words of topics, and what they mean.</summary>
    private static readonly Dictionary<string, (EventTopics Events, CellKind[] Values)> Topics = new(StringComparer.Ordinal)
    {
        ["events"] = (EventTopics.All, []),
        ["sessions"] = (EventTopics.Sessions, []),
        ["positions"] = (EventTopics.Positions, []),
        ["orders"] = (EventTopics.Orders, []),
        ["deals"] = (EventTopics.Deals, []),
        ["requests"] = (EventTopics.Requests, []),
        ["why"] = (EventTopics.Why, []),
        ["alerts"] = (EventTopics.Alerts, []),
        ["divergences"] = (EventTopics.Divergences, []),
        ["prices"] = (EventTopics.None, [CellKind.Price]),
        ["account"] = (EventTopics.None, [CellKind.Funds, CellKind.Floating]),
        ["health"] = (EventTopics.None, [CellKind.Health]),
        ["candles"] = (EventTopics.None, [CellKind.Candle]),
    };

    /// <summary>The words of topics.</summary>
    public static IReadOnlyCollection<string> TopicWords => Topics.Keys;

    private static readonly VariantShape Shape = new(
        "type",
        new ObjectShape(
            "subscribe",
            new Key("type", new ChoiceShape("subscribe"), "What is wanted."),
            IdKey,
            new Key("accounts", new ListShape(new TextShape("^[^\\u0000-\\u0020]{1,64}$", "an account's name or UUID"), NamesMost), "The accounts; \"all\" or absent = all that the key may see."),
            new Key("topics", new ListShape(new ChoiceShape([.. Topics.Keys]), 50), "What of them.") { Required = true },
            new Key("symbols", new ListShape(new TextShape("^[^\\s\\u0000-\\u001F]{1,64}$", "a symbol's name"), NamesMost), "Symbols of prices and candles; absent = all."),
            new Key("frames", new ListShape(new ChoiceShape(Enum.GetNames<Timeframe>()), 9), "Lengths of candles."),
            new Key("after", new NumberShape(long.MaxValue, Min: 0, Whole: true), "Number of the last event that the client has."),
            new Key("instance", new TextShape("^[0-9a-fA-F-]{36}$", "a UUID"), "The instance that the number is of."),
            new Key("snapshot", new FlagShape(), "Whether accounts are told as they are, first.")),
        new ObjectShape("unsubscribe", new Key("type", new ChoiceShape("unsubscribe"), "Nothing more is wanted."), IdKey),
        new ObjectShape("ping", new Key("type", new ChoiceShape("ping"), "An answer is wanted."), IdKey));

    /// <summary>Reads a message: the request, or what is wrong with it. A <see cref="JsonException"/> says that it is no JSON object.</summary>
    public static (StreamRequest? Request, ErrorMessage? Error) Parse(ReadOnlySpan<byte> text)
    {
        var root = JsonItem.Parse(text, strict: true);
        if (root.Kind != JsonKind.Object)
        {
            throw new JsonException("not an object");
        }

        if (root["accounts"] is { Kind: JsonKind.Text, Text: "all" })
        {
            root = new JsonItem { Kind = root.Kind, Line = root.Line, Members = [.. root.Members.Where(m => m.Key != "accounts")] };
        }

        var wrong = new List<ConfigError>();
        var checker = new ShapeChecker(wrong);
        checker.Check(root, Shape, "");
        var reader = new ItemReader(root, checker);
        string? id = reader.Text("id");
        var errors = wrong.Select(e => new FieldProblem(e.Path, e.Value, e.Text)).ToList();
        if (reader.Text("type") is null && wrong.Count == 0)
        {
            errors.Add(new("type", "", "is missing: subscribe, unsubscribe or ping"));
        }

        if (errors.Count > 0)
        {
            return (null, Bad(id, errors));
        }

        return reader.Text("type") switch
        {
            "ping" => (new PingRequest(id), null),
            "unsubscribe" => (new UnsubscribeRequest(id), null),
            _ => Subscribe(id, reader),
        };
    }

    private static (StreamRequest? Request, ErrorMessage? Error) Subscribe(string? id, ItemReader reader)
    {
        var topics = reader.List("topics").Select(t => t.Text).Distinct().ToList();
        var symbols = reader.Value("symbols") is null ? null : reader.List("symbols").Select(s => new SymbolName(s.Text)).ToHashSet();
        var frames = reader.List("frames").Select(f => Enum.Parse<Timeframe>(f.Text)).ToHashSet();
        var errors = new List<FieldProblem>();
        if (topics.Contains("candles") && frames.Count == 0)
        {
            errors.Add(new("frames", "", "topic \"candles\" needs at least one"));
        }

        if (topics.Contains("candles") && symbols is null)
        {
            errors.Add(new("symbols", "", "topic \"candles\" needs at least one: candles are built for who asks"));
        }

        var request = new SubscribeRequest(id)
        {
            Accounts = reader.Value("accounts") is null ? null : [.. reader.List("accounts").Select(a => a.Text).Distinct()],
            Topics = topics,
            Events = topics.Aggregate(EventTopics.None, (sum, t) => sum | Topics[t].Events),
            Values = topics.SelectMany(t => Topics[t].Values).ToHashSet(),
            Symbols = symbols,
            Frames = frames,
            After = reader.Number("after") is { } after ? (long)after : null,
            Instance = reader.Text("instance") is { } instance && Guid.TryParse(instance, out var guid) ? guid : null,
            Snapshot = reader.Value("snapshot") is null ? null : reader.Flag("snapshot", false),
        };
        return errors.Count > 0 ? (null, Bad(id, errors)) : (request, null);
    }

    private static ErrorMessage Bad(string? id, IReadOnlyList<FieldProblem> errors) => new(
        id, "bad-message", string.Join("; ", errors.Select(e => $"{e.Field}{(e.Value.Length > 0 ? $" = {e.Value}" : "")}: {e.Reason}")),
        "Correct the fields under errors and send the message again; nothing was changed. See docs/streams.md.", errors);
}

/// <summary>Wants these accounts and topics, in place of what it wanted before.</summary>
internal sealed record SubscribeRequest(string? Id) : StreamRequest(Id)
{
    /// <summary>Names or UUIDs; null = all that the key may see.</summary>
    public IReadOnlyList<string>? Accounts { get; init; }

    /// <summary>The topics as they were sent.</summary>
    public required IReadOnlyList<string> Topics { get; init; }

    /// <summary>Topics of events.</summary>
    public required EventTopics Events { get; init; }

    /// <summary>Kinds of latest values.</summary>
    public required IReadOnlySet<CellKind> Values { get; init; }

    /// <summary>Symbols; null = all.</summary>
    public IReadOnlySet<SymbolName>? Symbols { get; init; }

    /// <summary>Lengths of candles.</summary>
    public required IReadOnlySet<Timeframe> Frames { get; init; }

    /// <summary>The last event that it has; null = none.</summary>
    public long? After { get; init; }

    /// <summary>The instance that <see cref="After"/> is of; null = this one.</summary>
    public Guid? Instance { get; init; }

    /// <summary>Whether snapshots are wanted; null = when there is no <see cref="After"/>.</summary>
    public bool? Snapshot { get; init; }
}

/// <summary>Wants nothing more.</summary>
internal sealed record UnsubscribeRequest(string? Id) : StreamRequest(Id);

/// <summary>Wants an answer.</summary>
internal sealed record PingRequest(string? Id) : StreamRequest(Id);
