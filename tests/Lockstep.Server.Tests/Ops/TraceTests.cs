using System.Net;

namespace Lockstep.Server.Tests.Ops;

/// <summary>One search in the log finds a trade's whole way.</summary>
public sealed class TraceTests
{
    [Fact]
    public async Task One_id_is_on_every_line_of_a_trade_and_of_its_copies()
    {
        await using var host = await OpsHost.StartAsync();
        await host.ReadyAsync();
        var (status, body) = await host.PostAsync("/v1/accounts/source/orders", """{"symbol":"EURUSD","side":"buy","volume":0.5,"clientId":"first"}""", "the-id-of-this-trade");
        Assert.Equal(HttpStatusCode.OK, status);
        await OpsHost.UntilAsync(() => Task.FromResult(Of(host, "the-id-of-this-trade").Count(l => l.StartsWith("replied", StringComparison.Ordinal)) == 2));
        var lines = Of(host, "the-id-of-this-trade");
        Assert.Equal(
            ["requested . source first", "sent . source buy 0.5 EURUSD", "replied . source Done", "answered . source first Done", "sent . target buy 0.5 EURUSD", "replied . target Done"],
            lines.Where(l => l.Split(' ')[0] is "requested" or "sent" or "replied" or "answered").Select(Short).OrderBy(Place));
        Assert.Contains(lines, l => l.StartsWith("http the-id-of-this-trade ", StringComparison.Ordinal) && l.Contains(" source 200 ", StringComparison.Ordinal));

        // Its closing is another request: it has another id, on both accounts.
        long position = body.GetProperty("position").GetInt64();
        Assert.Equal(HttpStatusCode.OK, (await host.PostAsync($"/v1/accounts/source/positions/{position}/close", "{}", "the-id-of-its-closing")).Status);
        await OpsHost.UntilAsync(() => Task.FromResult(Of(host, "the-id-of-its-closing").Count(l => l.StartsWith("replied", StringComparison.Ordinal)) == 2));
        Assert.Contains(Of(host, "the-id-of-its-closing"), l => l.StartsWith("sent", StringComparison.Ordinal) && l.Contains(" target ", StringComparison.Ordinal));
        Assert.Equal(2, Of(host, "the-id-of-this-trade").Count(l => l.StartsWith("sent", StringComparison.Ordinal)));
    }

    private static List<string> Of(OpsHost host, string id) => [.. host.Log.All.Where(l => l.Contains($" {id} ", StringComparison.Ordinal))];

    /// <summary>What, account, and what of it; without numbers that differ from run to run.</summary>
    private static string Short(string line)
    {
        string[] words = line.Split(' ');
        return words[0] switch
        {
            "requested" => $"requested . {words[4]} {words[5]}",
            "sent" => $"sent . {words[4]} {string.Join(' ', words[6..])}",
            "replied" => $"replied . {words[4]} {words[6]}",
            "answered" => $"answered . {words[2]} {words[3]} {words[4]}",
            _ => line,
        };
    }

    /// <summary>Source before target; within an account as it goes. The platform's answer and the copy may come either way round.</summary>
    private static int Place(string line) => (line.Contains(" target", StringComparison.Ordinal) ? 10 : 0) + Array.IndexOf(["requested", "sent", "replied", "answered"], line.Split(' ')[0]);
}
