using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Lockstep.Domain;
using Lockstep.MqlHarness.Terminal;
using Lockstep.Simulator;
using Lockstep.Testing;

namespace Lockstep.Mql.Tests;

/// <summary>Small programs in the terminal: events, trade calls, kills, sockets.</summary>
public class TerminalTests
{
    private static readonly string[] BuyLines = ["sent 1 10009", "sees 1 positions", "transaction 0", "transaction 6", "transaction 3", "transaction 10", "trade"];

    private static Desk Mt5(Func<EaTerminalOptions, EaTerminalOptions>? with = null, AccountMode mode = AccountMode.Hedging) =>
        new(PlatformKind.Mt5, Sources.Build(Sources.TestProgram("trader.mq5")), mode, with);

    private static Desk Mt4(Func<EaTerminalOptions, EaTerminalOptions>? with = null) =>
        new(PlatformKind.Mt4, Sources.Build(Sources.TestProgram("trader.mq4")), with: with);

    [FactNeeding("g++")]
    public void A_timer_ticks_by_the_virtual_clock()
    {
        using var desk = Mt5();
        desk.Ea.Start();
        desk.RunFor(1000);
        Assert.Equal("timers 50", desk.Ea.Panel);
    }

    [FactNeeding("g++")]
    public void A_trade_call_takes_time_and_events_wait_for_its_end()
    {
        using var desk = Mt5();
        desk.Ea.Start();
        var before = desk.Clock.Now;
        desk.Ea.ChartEvent(1000, "buy");
        desk.Ea.Pump();
        Assert.Equal(BuyLines, desk.Ea.Lines());
        Assert.InRange(desk.Clock.Now - before, TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(80));
        var position = Assert.Single(desk.Broker.OpenPositions);
        Assert.Equal(900_001, position.Magic);
    }

    [FactNeeding("g++")]
    public void Mt4_orders_closed_in_part_are_seen_in_both_pools()
    {
        using var desk = Mt4();
        desk.Ea.Start();
        desk.Ea.ChartEvent(1000, "buy");
        desk.Ea.ChartEvent(1000, "half");
        desk.Ea.Pump();
        Assert.Equal(["sent 1000001 error 0", "half true", "trades 1 lots 0.10 from #1000001", "history 1 lots 0.10 to #1000002"], desk.Ea.Lines());
    }

    [FactNeeding("g++")]
    public void Without_connection_button_or_context_nothing_is_sent()
    {
        using var five = Mt5();
        five.Ea.Start();
        five.Ea.Faults = new EaTerminalFaults { Disconnected = true };
        five.Ea.ChartEvent(1000, "buy");
        five.Ea.Pump();
        five.Ea.Faults = new EaTerminalFaults { AutoTradingOff = true };
        five.Ea.ChartEvent(1000, "buy");
        five.Ea.Pump();
        Assert.Equal(["sent 0 10031", "sees 0 positions", "sent 0 10027", "sees 0 positions"], five.Ea.Lines());

        using var four = Mt4();
        four.Ea.Start();
        four.Ea.Faults = new EaTerminalFaults { ContextBusy = true };
        four.Ea.ChartEvent(1000, "buy");
        four.Ea.Pump();
        Assert.Equal(["sent -1 error 146"], four.Ea.Lines());
        Assert.Empty(four.Broker.OpenPositions);
    }

    [FactNeeding("g++")]
    public void An_answer_that_is_lost_ends_in_a_timeout_and_the_order_is_there()
    {
        using var desk = Mt5();
        desk.Broker.Faults = new BrokerFaults { ReplyLostPercent = 100 };
        desk.Ea.Start();
        desk.Ea.ChartEvent(1000, "buy");
        desk.Ea.Pump();
        Assert.Equal("sent 0 10012", desk.Ea.Lines()[0]);
        Assert.Single(desk.Broker.OpenPositions);
    }

    [FactNeeding("g++")]
    public void An_asynchronous_request_returns_at_once_and_is_answered_by_a_transaction()
    {
        using var desk = Mt5();
        desk.Ea.Start();
        var before = desk.Clock.Now;
        desk.Ea.ChartEvent(1000, "async");
        desk.Ea.Pump();
        Assert.Equal(["sent 1 10008 id 1"], desk.Ea.Lines());
        Assert.Equal(before, desk.Clock.Now);
        desk.RunFor(200);
        Assert.Contains("answer 10009 id 1", desk.Ea.Lines());
    }

    [FactNeeding("g++")]
    public void Transactions_can_be_dropped_and_doubled()
    {
        using var desk = Mt5();
        desk.Ea.Start();
        desk.Ea.Faults = new EaTerminalFaults { TransactionDroppedPercent = 100 };
        desk.Ea.ChartEvent(1000, "buy");
        desk.Ea.Pump();
        Assert.DoesNotContain(desk.Ea.Lines(), line => line.StartsWith("transaction", StringComparison.Ordinal));
        desk.Ea.Faults = new EaTerminalFaults { TransactionDuplicatedPercent = 100 };
        desk.Ea.ChartEvent(1000, "buy");
        desk.Ea.Pump();
        Assert.Equal(2, desk.Ea.Lines().Count(line => line == "transaction 6"));
    }

    [FactNeeding("g++")]
    public void The_queue_holds_1024_events_and_loses_the_oldest()
    {
        using var desk = Mt5();
        desk.Ea.Start();
        for (int i = 0; i < 1100; i++)
        {
            desk.Ea.ChartEvent(1001, "count");
        }

        desk.Ea.Pump();
        desk.RunFor(20);
        Assert.Equal(1024, desk.Ea.Lines().Count);
        Assert.Equal(76, desk.Ea.EventsLost);
    }

    [TheoryNeeding("g++")]
    [InlineData(KillMoment.Before, 0, 0)]
    [InlineData(KillMoment.After, 1, 0)]
    [InlineData(KillMoment.Half, 1, 0)]
    public void A_program_killed_at_its_trade_call_leaves_what_it_leaves(KillMoment when, int positions, int lines)
    {
        using var desk = Mt5();
        desk.Ea.Start();
        desk.Ea.Faults = new EaTerminalFaults { KillAtCall = desk.Ea.PlatformCalls + 1, KillWhen = when };
        desk.Ea.ChartEvent(1000, "buy");
        Assert.False(desk.Ea.Pump());
        Assert.Equal(EaState.Killed, desk.Ea.State);
        Assert.Equal(lines, desk.Ea.Lines().Count);
        desk.Clock.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal(positions, desk.Broker.OpenPositions.Count);
        desk.Ea.Faults = EaTerminalFaults.None;
        desk.Ea.Restart();
        Assert.Equal(EaState.Running, desk.Ea.State);
    }

    [TheoryNeeding("g++")]
    [InlineData(1, KillMoment.Before, "")]
    [InlineData(1, KillMoment.After, "")]
    [InlineData(1, KillMoment.Half, "123")]
    [InlineData(2, KillMoment.Before, "")]
    [InlineData(2, KillMoment.After, "123456")]
    [InlineData(2, KillMoment.Half, "123")]
    public void What_was_not_flushed_dies_with_the_program(int call, KillMoment when, string left)
    {
        using var desk = Mt5();
        desk.Ea.Start();
        desk.Ea.Faults = new EaTerminalFaults { KillAtCall = call, KillWhen = when };
        desk.Ea.ChartEvent(1000, "write");
        desk.Ea.Pump();
        Assert.Equal(EaState.Killed, desk.Ea.State);
        Assert.Equal(left, File.ReadAllText(Path.Combine(desk.Ea.Files, "journal.txt")));
    }

    [FactNeeding("g++")]
    public void Another_account_means_another_beginning()
    {
        using var desk = Mt5();
        desk.Ea.Start();
        using var other = Mt5();
        desk.Ea.SwitchAccount(other.Broker, 77, "Other-Server");
        desk.Ea.ChartEvent(1000, "account");
        desk.Ea.Pump();
        Assert.Equal(["deinit 6", "account 77 Other-Server"], desk.Ea.Lines());
    }

    [FactNeeding("g++")]
    public void Candles_and_ticks_come_from_what_was_quoted()
    {
        using var desk = Mt5();
        for (int i = 0; i < 10; i++)
        {
            desk.Clock.RunFor(TimeSpan.FromSeconds(20));
            desk.Quote(1.08500m + (i * 0.00010m));
        }

        desk.Ea.Start();
        desk.Ea.ChartEvent(1000, "history");
        desk.Ea.Pump();
        Assert.Equal(["candles 4 10 1.08520 1.08540", "ticks 10"], desk.Ea.Lines());
    }

    [FactNeeding("g++")]
    public void A_socket_reads_and_writes_with_the_habits_it_is_given()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        using var desk = Mt5(o => o with { Inputs = new Dictionary<string, string> { ["InpPort"] = $"{port}" } });
        desk.Ea.Start();
        desk.Ea.ChartEvent(1000, "refused");
        desk.Ea.ChartEvent(1000, "connect");
        desk.Ea.Pump();
        using var server = listener.AcceptSocket();
        desk.Ea.ChartEvent(1000, "readable");
        desk.Ea.Pump();
        desk.Ea.Faults = new EaTerminalFaults { ReadableLies = true, ShortWrite = 3, ShortRead = 2 };
        desk.Ea.ChartEvent(1000, "readable");
        desk.Ea.ChartEvent(1000, "send");
        desk.Ea.Pump();
        server.Send("hello"u8);
        desk.Ea.ChartEvent(1000, "read");
        desk.Ea.Pump();
        server.Close();
        desk.Ea.ChartEvent(1000, "read");
        desk.Ea.ChartEvent(1000, "alive");
        desk.Ea.Pump();
        Assert.Equal(["connect false 4014", "connect true 0", "readable 0", "readable 1", "send 3", "read 2", "read 2", "alive true"], desk.Ea.Lines());
        desk.Ea.ChartEvent(1000, "read");
        desk.Ea.ChartEvent(1000, "read");
        desk.Ea.ChartEvent(1000, "alive");
        desk.Ea.Pump();
        Assert.Equal(["read 1", "read -1", "alive false"], desk.Ea.Lines().TakeLast(3));
    }

    [FactNeeding("g++")]
    public async Task A_pipe_is_a_socket_of_that_name_and_a_read_waits()
    {
        using var desk = Mt4();
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(desk.Ea.Pipes, "relay")));
        listener.Listen(1);
        var server = Task.Run(async () =>
        {
            using var peer = await listener.AcceptAsync();
            byte[] bytes = new byte[4];
            int n = await peer.ReceiveAsync(bytes);
            await Task.Delay(50);
            await peer.SendAsync(Encoding.ASCII.GetBytes(n.ToString(System.Globalization.CultureInfo.InvariantCulture) + "!"));
        });
        desk.Ea.Start();
        desk.Ea.ChartEvent(1000, "pipe");
        desk.Ea.Pump();
        await server;
        Assert.Equal(["pipe 4 4!"], desk.Ea.Lines());
    }

    [FactNeeding("g++")]
    public void Winsock_of_mt4_is_there_with_windows_error_numbers()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        using var desk = Mt4(o => o with { Inputs = new Dictionary<string, string> { ["InpPort"] = $"{port}" } });
        desk.Ea.Start();
        desk.Ea.ChartEvent(1000, "winsock");
        desk.Ea.Pump();
        Assert.Equal(["winsock 0 0 true -1 10035", "sent 1 closed 0 -1 10038"], desk.Ea.Lines());
    }

    [FactNeedingTls]
    public async Task Tls_trusts_whom_it_may_and_reads_without_waiting()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        string pem = Path.GetTempFileName();
        await File.WriteAllTextAsync(pem, certificate.ExportCertificatePem());
        try
        {
            foreach (bool trusted in new[] { false, true })
            {
                using var desk = Mt5(o => o with
                {
                    Inputs = new Dictionary<string, string> { ["InpPort"] = $"{port}" },
                    TrustedCertificates = trusted ? pem : null,
                });
                var heard = new TaskCompletionSource<string>();
                var answered = new TaskCompletionSource();
                var server = Task.Run(async () =>
                {
                    using var client = await listener.AcceptTcpClientAsync();
                    await using var tls = new SslStream(client.GetStream());
                    try
                    {
                        await tls.AuthenticateAsServerAsync(certificate);
                        byte[] bytes = new byte[10];
                        heard.SetResult(Encoding.ASCII.GetString(bytes, 0, await tls.ReadAsync(bytes)));
                        await tls.WriteAsync("hello"u8.ToArray());
                        await tls.FlushAsync();
                        answered.SetResult();
                        _ = await tls.ReadAsync(bytes);
                    }
                    catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
                    {
                        heard.TrySetResult("");
                    }
                });
                desk.Ea.Start();
                desk.Ea.ChartEvent(1000, "connect");
                desk.Ea.ChartEvent(1000, "tls");
                desk.Ea.Pump();
                if (!trusted)
                {
                    Assert.Equal("tls false 5274", desk.Ea.Lines()[^1]);
                    desk.Ea.Dispose();
                    await server;
                    continue;
                }

                Assert.Equal(["connect true 0", "tls true 0", $"certificate /CN=localhost {certificate.Thumbprint}"], desk.Ea.Lines());
                desk.Ea.ChartEvent(1000, "tlsread");
                desk.Ea.ChartEvent(1000, "tlssend");
                desk.Ea.Pump();
                Assert.Equal(["tlsread 0", "tlssend 5"], desk.Ea.Lines().TakeLast(2));
                Assert.Equal("12345", await heard.Task.WaitAsync(TimeSpan.FromSeconds(10)));
                await answered.Task.WaitAsync(TimeSpan.FromSeconds(10));
                await Task.Delay(50);
                desk.Ea.ChartEvent(1000, "tlsread");
                desk.Ea.Pump();
                Assert.Equal("tlsread 5", desk.Ea.Lines()[^1]);
                desk.Ea.Dispose();
                await server;
            }
        }
        finally
        {
            File.Delete(pem);
        }
    }

    [FactNeeding("g++")]
    public async Task Under_a_real_clock_the_terminal_runs_by_itself_and_holds_nobody_up()
    {
        using var clock = new RealSimClock();
        var broker = SimBroker.Create(
            new BrokerSettings { Platform = PlatformKind.Mt5, Symbols = SimCatalogue.For(PlatformKind.Mt5, new CatalogueOptions { AlwaysOpen = true, Only = ["EURUSD"] }) },
            clock,
            new SimRandom(7));
        clock.Schedule(TimeSpan.Zero, () => broker.OnQuote(new SymbolName("EURUSD"), new Price(1.085m), new Price(1.0851m)));
        using var ea = new EaTerminal(new EaTerminalOptions { Program = Sources.Build(Sources.TestProgram("trader.mq5")) }, broker, clock);
        ea.Start();
        ea.ChartEvent(1000, "buy");
        for (int i = 0; i < 200 && !(ea.Lines().Contains("trade") && ea.Panel.Length > 0); i++)
        {
            await Task.Delay(50);
        }

        Assert.Equal("sent 1 10009", ea.Lines()[0]);
        Assert.Contains("trade", ea.Lines());
        Assert.StartsWith("timers ", ea.Panel, StringComparison.Ordinal);
        ea.Stop();
        Assert.Equal(EaState.Stopped, ea.State);
    }
}
