using System.Globalization;
using System.Net.Sockets;
using Lockstep.CTrader.Session;
using Lockstep.Domain;
using Lockstep.Simulator;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Lockstep.Server.Cli;

/// <summary>What <c>lockstep simulator ctrader</c> was asked for.</summary>
internal sealed record CTraderSimulatorOptions
{
    /// <summary>The Protobuf port; 0 = a free one.</summary>
    public int Port { get; init; } = OpenApiAddress.ProtobufPort;

    /// <summary>The Protobuf port of the live environment; null = <see cref="Port"/> serves accounts of both.</summary>
    public int? LivePort { get; init; }

    /// <summary>The JSON port; null = the usual one beside the usual Protobuf port, or a free one.</summary>
    public int? JsonPort { get; init; }

    /// <summary>HTTP port of consent page and token endpoint; 0 = a free one.</summary>
    public int OAuthPort { get; init; }

    /// <summary>Accounts.</summary>
    public int Accounts { get; init; } = 4;

    /// <summary>Seed of market, ids and chance.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Recorded quotes instead of generated ones.</summary>
    public string? Quotes { get; init; }

    /// <summary>What goes wrong.</summary>
    public FaultsFile Faults { get; init; } = FaultsFile.None;

    /// <summary>Certificate and key, PEM; null = made afresh.</summary>
    public (string Certificate, string Key)? Certificate { get; init; }

    /// <summary>Addresses beside those of this machine that the consent page may send back to.</summary>
    public IReadOnlyList<string> RedirectUris { get; init; } = [];
}

/// <summary>A simulated Open API server that runs: market, accounts, sockets, consent page.</summary>
internal sealed class CTraderSimulator : IAsyncDisposable
{
    /// <summary>The usual JSON port (guide §2).</summary>
    private const int UsualJsonPort = 5036;

    /// <summary>Ticks of the past, so that history is not empty: six hours, four a minute.</summary>
    private const int PastTicks = 6 * 60 * 4;

    private static readonly TimeSpan PastStep = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan QuoteStep = TimeSpan.FromMilliseconds(20);
    private readonly CTraderSimulatorOptions _options;
    private readonly RealSimClock _clock = new();
    private readonly QuoteRouter _router = new();
    private readonly SimOpenApi _server;
    private readonly SimCertificate _certificate;
    private readonly SimOpenApiHost _host;
    private readonly List<SimOpenApiAccount> _accounts = [];
    private DirectoryInfo? _folder;
    private WebApplication? _oauth;
    private QuotePlayer? _player;

    private CTraderSimulator(CTraderSimulatorOptions options, SimCertificate certificate)
    {
        _options = options;
        _certificate = certificate;
        _clock.Failed += e => Failed.TrySetResult(e);
        _server = new SimOpenApi(_clock, new SimRandom((ulong)options.Seed), new SimOpenApiSettings
        {
            Applications = [Application],
            RoutesByEnvironment = options.LivePort is not null,
        });
        _host = new SimOpenApiHost(_clock, _server.Connect, certificate);
    }

    /// <summary>The application that clients speak for.</summary>
    public SimOpenApiApplication Application => new("lockstep-demo", "demo-secret", _options.RedirectUris) { LoopbackRedirects = true };

    /// <summary>A fault of the simulation itself: it cannot be trusted any more.</summary>
    public TaskCompletionSource<Exception> Failed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Where it listens.</summary>
    public const string Host = "127.0.0.1";

    /// <summary>The Protobuf port.</summary>
    public int Port { get; private set; }

    /// <summary>The Protobuf port of the live environment, or the one that serves both.</summary>
    public int LivePort { get; private set; }

    /// <summary>The JSON port.</summary>
    public int JsonPort { get; private set; }

    /// <summary>The JSON port of the live environment, or the one that serves both.</summary>
    public int LiveJsonPort { get; private set; }

    /// <summary>A PEM file with what clients must trust.</summary>
    public string CertificateFile { get; private set; } = "";

    /// <summary>The consent page.</summary>
    public string AuthorizeUrl { get; private set; } = "";

    /// <summary>The token endpoint.</summary>
    public string TokenUrl { get; private set; } = "";

    /// <summary>The accounts, all of one user.</summary>
    public IReadOnlyList<SimOpenApiAccount> Accounts => _accounts;

    /// <summary>A pair for each scope.</summary>
    public IReadOnlyList<SimTokenPair> Tokens { get; private set; } = [];

    /// <summary>
    /// Starts one. A port that cannot be had is an <see cref="IOException"/> or a <see cref="SocketException"/>; a certificate that cannot be used an <see cref="IOException"/>, an
    /// <see cref="ArgumentException"/> or a <see cref="System.Security.Cryptography.CryptographicException"/>.
    /// </summary>
    public static async Task<CTraderSimulator> StartAsync(CTraderSimulatorOptions options)
    {
        var certificate = options.Certificate is { } own ? SimCertificate.Load(own.Certificate, own.Key) : SimCertificate.Generate();
        var simulator = new CTraderSimulator(options, certificate);
        try
        {
            await simulator.OnClockAsync(simulator.Build);
            simulator.Listen();
            await simulator.ServeOAuthAsync();
            simulator.KeepCertificate();
            return simulator;
        }
        catch
        {
            await simulator.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_oauth is { } oauth)
        {
            await oauth.DisposeAsync();
        }

        await _host.DisposeAsync();
        await OnClockAsync(() =>
        {
            _player?.Dispose();
            _clock.Dispose();
            return "";
        });
        _certificate.Dispose();
        _folder?.Delete(recursive: true);
    }

    private string Build()
    {
        var random = new SimRandom((ulong)_options.Seed);
        var symbols = SimCatalogue.For(PlatformKind.CTrader, new CatalogueOptions { AlwaysOpen = true });
        for (int i = 0; i < _options.Accounts; i++)
        {
            // Two hedged and a netted one on demo, a hedged one on live, and so on.
            var settings = new BrokerSettings { Platform = PlatformKind.CTrader, Mode = i % 4 == 2 ? AccountMode.Netting : AccountMode.Hedging, Symbols = symbols };
            var broker = new CTraderBroker(settings, _clock, random.Fork("broker").Fork(i)) { Faults = _options.Faults.Broker };
            var account = new SimOpenApiAccount(41_000_001 + i, 5_100_001 + i, i % 4 == 3, "trader1", broker);
            _accounts.Add(account);
            _server.Add(account);
            _router.Add(broker);
        }

        StartMarket(random, symbols);
        Tokens = [_server.Grants.Grant("trader1", trading: true), _server.Grants.Grant("trader1", trading: false)];
        _server.Faults = _options.Faults.Server;
        return "";
    }

    private void StartMarket(SimRandom random, IReadOnlyList<SimSymbol> symbols)
    {
        if (_options.Quotes is { } file)
        {
            var ticks = symbols.ToDictionary(s => s.Canonical!, s => s.Spec.TickSize);

            // A recording may have more digits than these accounts quote: the spread is kept whole.
            _player = new QuotePlayer(_clock, new QuoteFile(file).Read(), tick => _router.Deliver(ticks.TryGetValue(tick.Symbol, out decimal step)
                ? tick with { Bid = Math.Floor(tick.Bid / step) * step, Ask = Math.Ceiling(tick.Ask / step) * step }
                : tick));
            _player.Start();
            return;
        }

        var market = new QuoteGenerator(random, symbols);
        for (int i = PastTicks; i > 0; i--)
        {
            var at = _clock.Now - (PastStep * i);
            foreach (string symbol in market.Symbols)
            {
                var tick = market.Next(symbol, at);
                foreach (var account in _accounts)
                {
                    _server.AddTick(account.CtidTraderAccountId, symbol, new Quote(new Price(tick.Bid), new Price(tick.Ask), at));
                }
            }
        }

        market.Run(_clock, QuoteStep, _router.Deliver);
    }

    private void Listen()
    {
        Port = _host.Listen(OpenApiEnvironment.Demo, _options.Port);
        LivePort = _options.LivePort is { } live ? _host.Listen(OpenApiEnvironment.Live, live) : Port;
        JsonPort = ListenJson();
        LiveJsonPort = _options.LivePort is null ? JsonPort : _host.Listen(OpenApiEnvironment.Live, 0, json: true);
    }

    private int ListenJson()
    {
        if (_options.JsonPort is { } port)
        {
            return _host.Listen(OpenApiEnvironment.Demo, port, json: true);
        }

        try
        {
            return _host.Listen(OpenApiEnvironment.Demo, _options.Port == OpenApiAddress.ProtobufPort ? UsualJsonPort : 0, json: true);
        }
        catch (SocketException)
        {
            // Nobody asked for this one.
            return _host.Listen(OpenApiEnvironment.Demo, 0, json: true);
        }
    }

    private async Task ServeOAuthAsync()
    {
        _oauth = CTraderSimulatorOAuth.Create(_options.OAuthPort, _server.Grants, OnClockAsync);
        await _oauth.StartAsync();
        string address = _oauth.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        (AuthorizeUrl, TokenUrl) = (address + CTraderSimulatorOAuth.ConsentPath, address + CTraderSimulatorOAuth.TokenPath);
    }

    private void KeepCertificate()
    {
        if (_options.Certificate is { } own)
        {
            CertificateFile = Path.GetFullPath(own.Certificate);
            return;
        }

        _folder = Directory.CreateTempSubdirectory("lockstep-ctrader-");
        CertificateFile = Path.Combine(_folder.FullName, string.Create(CultureInfo.InvariantCulture, $"simulator-{Port}.pem"));
        File.WriteAllText(CertificateFile, _certificate.Pem);
    }

    private Task<string> OnClockAsync(Func<string> action)
    {
        var done = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        _clock.Schedule(TimeSpan.Zero, () =>
        {
            try
            {
                done.SetResult(action());
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        });
        return done.Task;
    }
}
