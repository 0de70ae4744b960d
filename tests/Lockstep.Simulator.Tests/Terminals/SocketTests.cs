using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Lockstep.Domain;
using Lockstep.MetaTrader.Session;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.Simulator.Tests.Terminals;

public class SocketTests
{
    [Fact]
    public async Task Terminals_over_sockets_come_in_and_what_they_trade_is_acknowledged()
    {
        var options = new SimTerminalHostOptions { Accounts = 20, Platforms = SimTerminalPlatforms.Mixed, TradesPerSecond = 200, Traders = 10, ConnectionsPerSecond = 1000, QuotesPerSecond = 50 };
        using var door = new Door(options);
        using var host = new SimTerminalHost(options with { Connect = new Uri($"ws://127.0.0.1:{door.Port}/ea") });
        host.Start();
        await Until(() => host.Totals.Live == 20 && host.Totals.Acked >= 100);
        Assert.Equal((20L, 0L), (host.Totals.Connected, host.Totals.Refused));
        Assert.True(host.Totals.RoundTripMs(0.5) > 0);

        // A command goes all the way to a broker and back.
        var session = door.Sessions[19];
        session.Send(new OpenMarket
        {
            Account = session.Account, Key = Commands.Key(1), Symbol = World.EurName, Deadline = Timestamp.From(DateTimeOffset.UtcNow) + TimeSpan.FromSeconds(5), Side = Side.Buy, Volume = new Lots(0.1m),
        });
        await Until(() => host.Totals.Done == 1);
        await Until(() => door.Sinks[19].Answers.Any());
        Assert.Equal(OrderOutcome.Done, door.Sinks[19].Answers.Single().Outcome);

        // Cut off, they all come back by themselves.
        door.CutAll();
        await Until(() => host.Totals.Lost >= 20 && host.Totals.Live == 20);
        await host.StopAsync();
        Assert.Equal(0, host.Totals.Live);
    }

    [Fact]
    public async Task Nobody_there_is_no_end_of_trying()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        int port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        var options = new SimTerminalHostOptions { Accounts = 1 };
        using var host = new SimTerminalHost(options with { Connect = new Uri($"ws://127.0.0.1:{port}/ea") });
        host.Start();
        await Task.Delay(500);
        Assert.Equal(0, host.Totals.Connected);
        listener.Dispose();
        using var door = new Door(options, port);
        await Until(() => host.Totals.Live == 1);
    }

    [Fact]
    public void An_idle_account_costs_little()
    {
        var options = new SimTerminalHostOptions { Accounts = 1000 };
        using (new SimTerminalHost(options with { Accounts = 1 }))
        {
        }

        long before = GC.GetTotalMemory(forceFullCollection: true);
        using var host = new SimTerminalHost(options);
        long each = (GC.GetTotalMemory(forceFullCollection: true) - before) / options.Accounts;
        Assert.InRange(each, 500, 12 * 1024);
    }

    private static async Task Until(Func<bool> so)
    {
        for (int i = 0; i < 600 && !so(); i++)
        {
            await Task.Delay(50);
        }

        Assert.True(so());
    }

    /// <summary>The server's hub behind the plainest of doors.</summary>
    private sealed class Door : IDisposable
    {
        private readonly TerminalHub _hub = new(TimeProvider.System, new TerminalHubOptions { ConnectionsPerSecond = 100_000, QuotesMs = 200 });
        private readonly TcpListener _listener;
        private readonly List<Socket> _sockets = [];
        private readonly Timer _timer;

        public Door(SimTerminalHostOptions options, int port = 0)
        {
            _listener = new TcpListener(IPAddress.Loopback, port);
            _listener.Start(100);
            for (int i = 0; i < options.Accounts; i++)
            {
                var session = _hub.Open(
                    new TerminalAccount
                    {
                        Id = new AccountId($"a{i}"), Platform = options.PlatformOf(i), Login = options.LoginFrom + i, Server = options.Server, KeyHash = SHA256.HashData(Encoding.UTF8.GetBytes(options.KeyOf(i))),
                    },
                    1);
                var sink = new Keeper(session);
                Sessions.Add(session);
                Sinks.Add(sink);
                session.Start(sink);
            }

            _timer = new Timer(_ => _hub.Tick(), null, 100, 100);
            _ = AcceptAsync();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public List<TerminalSession> Sessions { get; } = [];

        public List<Keeper> Sinks { get; } = [];

        public void CutAll()
        {
            lock (_sockets)
            {
                _sockets.ForEach(s => s.Dispose());
                _sockets.Clear();
            }
        }

        public void Dispose()
        {
            _timer.Dispose();
            _listener.Dispose();
            CutAll();
        }

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                {
                    var socket = await _listener.AcceptSocketAsync();
                    lock (_sockets)
                    {
                        _sockets.Add(socket);
                    }

                    _ = ServeAsync(socket);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // Closed.
            }
        }

        private async Task ServeAsync(Socket socket)
        {
            TerminalLink? link = null;
            try
            {
                byte[] buffer = new byte[80_000];
                int have = 0;
                while (!buffer.AsSpan(0, have).EndsWith("\r\n\r\n"u8))
                {
                    have += await socket.ReceiveAsync(buffer.AsMemory(have));
                }

                string key = Encoding.ASCII.GetString(buffer, 0, have).Split("\r\n").First(l => l.StartsWith("Sec-WebSocket-Key: ", StringComparison.Ordinal))[19..];
                await socket.SendAsync(Encoding.ASCII.GetBytes(
                    $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {WsHandshake.Accept(key)}\r\nSec-WebSocket-Protocol: {WsHandshake.Protocol}\r\n\r\n"));
                link = _hub.Connect(new Pipe(socket));
                using var reader = new WsReader(fromClient: true);
                have = 0;
                while (await socket.ReceiveAsync(buffer.AsMemory(have)) is > 0 and var got)
                {
                    have = Take(reader, link!, buffer, have + got);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // Cut.
            }

            link?.Closed("socket closed");
            socket.Dispose();
        }

        private static int Take(WsReader reader, TerminalLink link, byte[] buffer, int length)
        {
            var input = new ReadOnlySequence<byte>(buffer, 0, length);
            while (reader.Read(ref input) is { Kind: not WsEventKind.None } came)
            {
                Assert.NotEqual(WsEventKind.Error, came.Kind);
                if (came.Kind == WsEventKind.Close)
                {
                    return 0;
                }

                if (came.Kind == WsEventKind.Message)
                {
                    link.Received(came.Payload);
                }
            }

            byte[] rest = input.ToArray();
            rest.CopyTo(buffer, 0);
            return rest.Length;
        }

        private sealed class Pipe(Socket socket) : ITerminalTransport
        {
            private readonly Lock _gate = new();

            public string Remote => "127.0.0.1";

            public bool Send(ReadOnlySpan<byte> text)
            {
                byte[] frame = new byte[WsFrames.Size(text.Length, masked: false)];
                WsFrames.Write(frame, WsOpcode.Text, text);
                return Put(frame);
            }

            public void Close(int code, string reason)
            {
                byte[] frame = new byte[WsFrames.MaxHeader + WsFrames.MaxControl];
                Put(frame[..WsFrames.WriteClose(frame, code, reason)]);
            }

            private bool Put(byte[] frame)
            {
                try
                {
                    lock (_gate)
                    {
                        socket.Send(frame);
                    }

                    return true;
                }
                catch (Exception e) when (e is SocketException or ObjectDisposedException)
                {
                    return false;
                }
            }
        }
    }

    internal sealed class Keeper(TerminalSession session) : ISessionSink
    {
        private readonly List<OrderAnswered> _answers = [];

        public IEnumerable<OrderAnswered> Answers
        {
            get
            {
                lock (_answers)
                {
                    return [.. _answers];
                }
            }
        }

        public void Report(PlatformEvent report)
        {
            if (report is OrderAnswered answer)
            {
                lock (_answers)
                {
                    _answers.Add(answer);
                }
            }

            session.Kept(report);
            if (report is SessionOpened or AskFailed)
            {
                _ = AskSoonAsync();
            }
        }

        public void Quote(AccountId account, SymbolName symbol, Quote quote)
        {
        }

        public void Funds(AccountId account, AccountFunds funds)
        {
        }

        private async Task AskSoonAsync()
        {
            await Task.Delay(200);
            session.Ask(new AskId(1), Timestamp.Epoch);
        }
    }
}
