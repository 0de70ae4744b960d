using System.Text.Json;
using Lockstep.Server.Streams;

namespace Lockstep.Server.Tests.Streams;

/// <summary>docs/streams.md says what is so.</summary>
public class StreamDocsTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Configuration.Config.Root, "docs", "streams.md"));

    [Fact]
    public async Task The_conversation_goes_as_it_is_written()
    {
        string[] lines = [.. Page.Split('\n').SkipWhile(l => l != "```json").Skip(1).TakeWhile(l => l != "```")];
        Assert.True(lines.Length >= 6);
        await using var host = await StreamHost.StartAsync(new FakeStreamDesk(before: 4711));
        using var client = new StreamReader(await host.OpenAsync("/v1/stream"));
        foreach (string line in lines)
        {
            if (line[0] == '→')
            {
                await client.SendAsync(line[2..]);
                continue;
            }

            string type = line.Split("\"type\":\"")[1].Split('"')[0];
            if (type == "event")
            {
                host.Desk.Happen(FakeStreamDesk.Prop, 5000);
            }
            else if (type == "prices")
            {
                host.Desk.Quote(FakeStreamDesk.Prop, FakeStreamDesk.EurUsd, 1.08501m);
            }

            // Every field that the page shows is there, in its order, with its value where it gives one whole.
            var message = await client.NextAsync(type);
            string written = line[2..].Replace("{…}", "null", StringComparison.Ordinal).Replace("[…]", "null", StringComparison.Ordinal);
            var shown = JsonDocument.Parse(written).RootElement;
            Assert.Equal(shown.EnumerateObject().Select(p => p.Name), message.EnumerateObject().Select(p => p.Name));
            foreach (var field in shown.EnumerateObject().Where(p => p.Name is "type" or "id" or "protocol" or "first" or "last" or "after" or "seq" or "kind" or "account" or "state"))
            {
                Assert.Equal(field.Value.ToString(), message.GetProperty(field.Name).ToString());
            }
        }
    }

    [Fact]
    public void Every_code_topic_and_limit_stands_there()
    {
        foreach (int code in new[] { StreamClose.NotJson, StreamClose.Refused, StreamClose.Silent, StreamClose.TooSlow, StreamClose.KeyEnded })
        {
            Assert.Contains($"| {code} |", Page, StringComparison.Ordinal);
        }

        foreach (string topic in StreamRequest.TopicWords)
        {
            Assert.Contains($"`{topic}`", Page, StringComparison.Ordinal);
        }

        var limits = new StreamLimits();
        foreach (FormattableString said in new FormattableString[]
            { $"{limits.Connections:N0} connections", $"up to {limits.EventsHeld:N0} of them", $"{limits.CandlesMost} candles", $"{limits.MessagesPerSecond} messages a second ({limits.MessagesAtOnce:N0} at once)" })
        {
            Assert.Contains(FormattableString.Invariant(said), Page, StringComparison.Ordinal);
        }
    }
}
