using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Storage.Format;

namespace Lockstep.Storage.Tests;

/// <summary>
/// One example of every kind as version 1 wrote it. They stand for the journals that people have: what is in golden/v1 is read for ever, and a change that cannot read it
/// needs a new version of the format, with a folder of its own. Missing examples (of a new kind) are written only when LOCKSTEP_WRITE_GOLDEN=1 is set; none is ever
/// written over.
/// </summary>
public class GoldenTests
{
    private const string StateFile = "state.json";

    public static TheoryData<string> Files => [.. Expected().Select(e => e.File)];

    [Theory]
    [MemberData(nameof(Files))]
    public void Version_1_is_read(string file)
    {
        string path = Path.Combine(AppContext.BaseDirectory, "golden", "v1", file);
        if (!File.Exists(path) && Environment.GetEnvironmentVariable("LOCKSTEP_WRITE_GOLDEN") == "1")
        {
            string source = Path.Combine(SourceFolder(), "golden", "v1", file);
            Directory.CreateDirectory(Path.GetDirectoryName(source)!);
            File.WriteAllBytes(source, [.. Expected().First(e => e.File == file).Write(), (byte)'\n']);
            path = source;
        }

        Assert.True(File.Exists(path), $"golden/v1/{file} is missing: a new kind gets its example with LOCKSTEP_WRITE_GOLDEN=1, and it is committed with the kind");
        string written = File.ReadAllText(path).TrimEnd('\n');
        string again = Encoding.UTF8.GetString(Expected().First(e => e.File == file).ReadAndWrite(Encoding.UTF8.GetBytes(written)));
        if (file == StateFile)
        {
            Within(JsonNode.Parse(again)!, JsonNode.Parse(written)!, "$");
        }
        else
        {
            Assert.Equal(written, again);
        }
    }

    [Fact]
    public void No_example_is_left_over()
    {
        string folder = Path.Combine(SourceFolder(), "golden", "v1");
        Assert.Equal(Expected().Select(e => e.File).Order(StringComparer.Ordinal), Directory.EnumerateFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_an_example_says_is_what_was_meant()
    {
        var open = Assert.IsType<OpenMarket>(Assert.IsType<SendOrder>(JournalCodec.DecodeDecisions(1, """
            [{"is":"send","command":{"is":"open","side":2,"volume":0.10,"stopLoss":1.0750,"account":"prop","key":"LSFHCZWMMY0RXXFP","symbol":"EURUSD.m","deadline":1700000000000000}}]
            """u8)[0]).Command);
        Assert.Equal((Side.Sell, new Lots(0.1m), new Price(1.075m), null), (open.Side, open.Volume, open.StopLoss, open.TakeProfit));
        Assert.Equal(("prop", "EURUSD.m", "2023-11-14T22:13:20.000000Z"), (open.Account.Value, open.Symbol.Value, open.Deadline.ToString()));
        Assert.Equal("LSFHCZWMMY0RXXFP", open.Key.ToString());
    }

    /// <summary>
    /// An event means for ever what it meant; the engine's state may lose what nobody needs any more. What is still there reads as it was.
    /// </summary>
    private static void Within(JsonNode? part, JsonNode? whole, string where)
    {
        switch (part)
        {
            case JsonObject properties:
                foreach (var (name, value) in properties)
                {
                    Assert.True(whole!.AsObject().ContainsKey(name), $"{where}.{name} was read out of nothing");
                    Within(value, whole[name], $"{where}.{name}");
                }

                break;
            case JsonArray elements:
                Assert.True(elements.Count == whole!.AsArray().Count, $"{where}: {whole.AsArray().Count} elements are read as {elements.Count}");
                for (int i = 0; i < elements.Count; i++)
                {
                    Within(elements[i], whole[i], $"{where}[{i}]");
                }

                break;
            default:
                Assert.True(part?.ToJsonString() == whole?.ToJsonString(), $"{where}: {whole?.ToJsonString()} is read as {part?.ToJsonString()}");
                break;
        }
    }

    private static IEnumerable<Example> Expected()
    {
        static byte[] Event(EngineEvent e) => JournalCodec.EncodeEvent(e);
        static byte[] Again(byte[] bytes) => JournalCodec.EncodeEvent(JournalCodec.DecodeEvent(1, bytes));
        static byte[] AgainDecisions(byte[] bytes) => JournalCodec.EncodeDecisions(JournalCodec.DecodeDecisions(1, bytes));
        static object Full(Type type) => new Samples(1, Filling.Full).Make(type, 0)!;
        foreach (var (kind, name) in TypeNames.Of[typeof(EngineEvent)])
        {
            yield return new Example($"event-{name}.json", () => Event((EngineEvent)Full(kind)), Again);
        }

        foreach (var (kind, name) in TypeNames.Of[typeof(PlatformEvent)])
        {
            yield return new Example($"report-{name}.json", () => Event(new Reported((PlatformEvent)Full(kind), (MarketView)Full(typeof(MarketView)))), Again);
        }

        foreach (var (kind, name) in TypeNames.Of[typeof(ClientRequest)])
        {
            yield return new Example($"request-{name}.json", () => Event(new ClientRequested((ClientRequest)Full(kind))), Again);
        }

        foreach (var (kind, name) in TypeNames.Of[typeof(Decision)])
        {
            yield return new Example($"decision-{name}.json", () => JournalCodec.EncodeDecisions([(Decision)Full(kind)]), AgainDecisions);
        }

        foreach (var (kind, name) in TypeNames.Of[typeof(OrderCommand)])
        {
            yield return new Example($"command-{name}.json", () => JournalCodec.EncodeDecisions([new SendOrder((OrderCommand)Full(kind))]), AgainDecisions);
        }

        yield return new Example(StateFile, () => JournalCodec.EncodeCapture((EngineCapture)Full(typeof(EngineCapture))), bytes => JournalCodec.EncodeCapture(JournalCodec.DecodeCapture(1, bytes)));
    }

    private static string SourceFolder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;

    private sealed record Example(string File, Func<byte[]> Write, Func<byte[], byte[]> ReadAndWrite);
}
