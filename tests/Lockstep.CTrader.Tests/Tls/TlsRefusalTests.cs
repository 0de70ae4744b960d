using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Lockstep.CTrader.Session;

namespace Lockstep.CTrader.Tests.Tls;

/// <summary>Connections that are not made: each with a sentence that says what to do.</summary>
public class TlsRefusalTests
{
    [Fact]
    public async Task A_root_or_a_certificate_that_is_named_is_trusted()
    {
        Assert.Equal("connected", await FirstWordAsync(TestCertificates.Good, TestCertificates.Root));
        Assert.Equal("connected", await FirstWordAsync(TestCertificates.Good, TestCertificates.SelfSigned, TestCertificates.Good));
        Assert.Equal("connected", await FirstWordAsync(TestCertificates.SelfSigned, TestCertificates.SelfSigned));
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_refused()
    {
        Assert.Matches("^closed: 127.0.0.1:[0-9]+ shows a certificate that this machine does not trust .*name its certificate as trusted", await FirstWordAsync(TestCertificates.Good));
        Assert.Contains("does not trust", await FirstWordAsync(TestCertificates.Good, TestCertificates.SelfSigned), StringComparison.Ordinal);
        Assert.Contains("does not trust", await FirstWordAsync(TestCertificates.SelfSigned, TestCertificates.Root), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_ended_is_refused_though_it_is_trusted()
    {
        Assert.Contains("UTC, which is not now: is this machine's clock right?", await FirstWordAsync(TestCertificates.Expired, TestCertificates.Root), StringComparison.Ordinal);
        Assert.Contains("which is not now", await FirstWordAsync(TestCertificates.SelfSignedExpired, TestCertificates.SelfSignedExpired), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_for_another_name_is_refused_though_it_is_trusted()
    {
        Assert.Contains("for another name (CN=Test 127.0.0.9)", await FirstWordAsync(TestCertificates.OtherName, TestCertificates.Root), StringComparison.Ordinal);
        Assert.Contains("for another name", await FirstWordAsync(TestCertificates.OtherName, TestCertificates.OtherName), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Both_versions_of_TLS_are_spoken(SslProtocols protocols)
    {
        await using var peer = TlsPeer.Serve(TestCertificates.Good, tls => tls.CopyToAsync(Stream.Null), protocols);
        var end = new RecordingEnd();
        var wire = Dial(end, peer.Address, TestCertificates.Root);
        Assert.Equal("connected", await end.NextAsync());
        wire.Close();
    }

    [Fact]
    public async Task A_port_where_nobody_listens_refuses()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var nobody = new OpenApiAddress("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port);
        listener.Stop();
        var end = new RecordingEnd();
        Dial(end, nobody);
        Assert.Equal($"closed: {nobody} refuses the connection: nothing listens there; check host and port", await end.NextAsync());
    }

    [Fact]
    public async Task A_name_that_is_none_cannot_be_resolved()
    {
        // No label may be as long, so that no name server is asked.
        string name = new('x', 70);
        var end = new RecordingEnd();
        Dial(end, new OpenApiAddress(name));
        Assert.Equal($"closed: the name {name} cannot be resolved: check how it is written, and this machine's DNS", await end.NextAsync());
    }

    [Fact]
    public async Task A_server_that_never_shakes_hands_is_left()
    {
        var time = new HandTime();
        var accepted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var peer = TlsPeer.ServePlain(async client =>
        {
            await client.GetStream().ReadExactlyAsync(new byte[1]);
            accepted.SetResult();
            await client.GetStream().CopyToAsync(Stream.Null);
        });
        var end = new RecordingEnd();
        new TlsDialer(new TlsDialerOptions { Demo = peer.Address, Time = time }).Dial(OpenApiEnvironment.Demo, end);
        await accepted.Task.WaitAsync(TlsPeer.Patience);
        Assert.Empty(end.Left());
        Assert.Equal(TimeSpan.FromSeconds(15), time.Fire());
        Assert.Equal($"closed: no connection to {peer.Address} in time: check this machine's network and firewall", await end.NextAsync());
    }

    [Fact]
    public async Task A_server_that_speaks_no_TLS_is_left()
    {
        await using var peer = TlsPeer.ServePlain(async client =>
        {
            await client.GetStream().WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray());
            await client.GetStream().CopyToAsync(Stream.Null);
        });
        var end = new RecordingEnd();
        Dial(end, peer.Address);
        Assert.Matches($"^closed: no TLS with {peer.Address}: .*Is it the Protobuf port", await end.NextAsync());
    }

    [Fact]
    public async Task A_server_that_hangs_up_at_once_is_left()
    {
        await using var peer = TlsPeer.ServePlain(async client => await client.GetStream().ReadExactlyAsync(new byte[1]));
        var end = new RecordingEnd();
        Dial(end, peer.Address);
        Assert.Matches($"^closed: .*{peer.Address}", await end.NextAsync());
    }

    [Fact]
    public async Task Who_gives_up_while_connecting_hears_nothing()
    {
        var accepted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var peer = TlsPeer.ServePlain(async client =>
        {
            accepted.SetResult();
            await client.GetStream().CopyToAsync(Stream.Null);
        });
        var end = new RecordingEnd();
        var wire = Dial(end, peer.Address);
        await accepted.Task.WaitAsync(TlsPeer.Patience);
        wire.Close();
        await wire.Running.WaitAsync(TlsPeer.Patience);
        Assert.Empty(end.Left());
        Assert.False(wire.Send([1]));
    }

    private static async Task<string> FirstWordAsync(X509Certificate2 shown, params X509Certificate2[] trusted)
    {
        await using var peer = TlsPeer.Serve(shown, tls => tls.CopyToAsync(Stream.Null));
        var end = new RecordingEnd();
        using var wire = Dial(end, peer.Address, trusted);
        return await end.NextAsync();
    }

    private static TlsWire Dial(RecordingEnd end, OpenApiAddress server, params X509Certificate2[] trusted) =>
        (TlsWire)new TlsDialer(new TlsDialerOptions { Live = server, Trusted = trusted }).Dial(OpenApiEnvironment.Live, end);

    /// <summary>Time that stands still until it is said that it is over.</summary>
    private sealed class HandTime : TimeProvider
    {
        private readonly List<(TimerCallback Callback, object? State, TimeSpan Due)> _timers = [];

        public TimeSpan Fire()
        {
            var (callback, state, due) = Assert.Single(_timers);
            callback(state);
            return due;
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _timers.Add((callback, state, dueTime));
            return new Still();
        }

        private sealed class Still : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
