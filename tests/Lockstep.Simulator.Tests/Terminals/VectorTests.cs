using System.Text;
using System.Text.Json;

namespace Lockstep.Simulator.Tests.Terminals;

/// <summary>What the terminal writes is what the vectors of the protocol have, byte for byte, and what it is sent it can read.</summary>
public class VectorTests
{
    private static string Folder
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (folder is not null && !Directory.Exists(Path.Combine(folder.FullName, "contracts", "ea", "vectors")))
            {
                folder = folder.Parent;
            }

            return Path.Combine(folder!.FullName, "contracts", "ea", "vectors");
        }
    }

    [Fact]
    public void The_terminals_objects_are_written_in_the_order_of_the_protocol()
    {
        var w = new TerminalWorld(Domain.PlatformKind.Mt5);
        var texts = new List<string>();
        w.Wire.Tap = (up, text) =>
        {
            if (up)
            {
                texts.Add(Encoding.ASCII.GetString(text));
            }
        };
        w.Open(1, 0.3m, sl: 1.095m, tp: 1.11m);
        string change = texts.First(t => t.StartsWith("{\"t\":\"change\"", StringComparison.Ordinal));
        Assert.Matches("^\\{\"t\":\"change\",\"n\":1,\"positions\":\\[\\{\"id\":\\d+,\"ticket\":\\d+,\"symbol\":\"EURUSD\",\"side\":\"buy\",\"lots\":0\\.3,\"price\":1\\.1001,\"time\":\\d+,\"sl\":1\\.095,\"tp\":1\\.11,\"order\":\\d+,\"magic\":9\\d{5},\"comment\":\"LS[0-9A-Z]{14}\"\\}\\],\"deals\":\\[\\{", change);
        Assert.DoesNotContain(" ", change, StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_the_vectors_of_the_server_say_the_terminal_lives_on()
    {
        var w = new TerminalWorld(Domain.PlatformKind.Mt5);
        int taken = 0;
        foreach (string file in Directory.EnumerateFiles(Folder, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            using var vector = JsonDocument.Parse(File.ReadAllBytes(file));
            if (!vector.RootElement.TryGetProperty("from", out var from) || from.GetString() != "server" || !vector.RootElement.TryGetProperty("text", out var text))
            {
                continue;
            }

            w.Line.SendRaw(Encoding.UTF8.GetBytes(text.GetString()!));
            w.Wait(1);
            Assert.True(w.Terminal.IsLive, file);
            taken++;
        }

        Assert.True(taken >= 10, $"{taken} vectors of the server were found in {Folder}");

        // The commands among them were answered: of another epoch or out of time, but answered.
        Assert.NotEmpty(w.Server.Answers);
        Assert.All(w.Server.Answers, a => Assert.Equal("refused", a.Outcome));
    }
}
