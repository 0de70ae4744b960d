using System.Net;
using System.Net.Sockets;
using Lockstep.Domain;
using Lockstep.MqlHarness.Terminal;
using Lockstep.Testing;

namespace Lockstep.Mql.Tests;

/// <summary>The real Expert Advisors come up in the terminal; what they say to a server is tested elsewhere.</summary>
public class ExpertTests
{
    [FactNeeding("g++")]
    public void The_mt5_expert_starts_and_opens_a_websocket()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        using var desk = new Desk(PlatformKind.Mt5, Sources.Build(Path.Combine(Sources.Root, "mql", "Experts", "Lockstep.mq5")),
            with: o => o with { Inputs = new Dictionary<string, string> { ["LsServer"] = $"ws://127.0.0.1:{port}/ea", ["LsKey"] = "k-test" } });
        desk.Ea.Start();
        Assert.Equal(EaState.Running, desk.Ea.State);
        desk.RunFor(2000);
        Assert.True(desk.Ea.State == EaState.Running, desk.Ea.CriticalError);
        using var server = listener.AcceptSocket();
        byte[] bytes = new byte[4096];
        string request = System.Text.Encoding.ASCII.GetString(bytes, 0, server.Receive(bytes));
        Assert.StartsWith("GET ", request, StringComparison.Ordinal);
        Assert.Contains("lockstep.ea.1", request, StringComparison.Ordinal);
        desk.Ea.Stop();
        Assert.Equal(EaState.Stopped, desk.Ea.State);
    }

    [TheoryNeeding("g++")]
    [InlineData(PlatformKind.Mt4, "Lockstep.mq4")]
    [InlineData(PlatformKind.Mt5, "Lockstep.mq5")]
    public void The_experts_come_up_clean_under_the_sanitizers(PlatformKind platform, string name)
    {
        using var desk = new Desk(platform, Sources.Build(Path.Combine(Sources.Root, "mql", "Experts", name), sanitize: true),
            with: o => o with { Inputs = new Dictionary<string, string> { ["LsKey"] = "k-test" } });
        desk.Ea.Start();
        desk.RunFor(2000);
        Assert.Equal("", desk.Ea.ErrorOutput);
        Assert.Equal(EaState.Running, desk.Ea.State);
    }
}
