using System.Security.Cryptography.X509Certificates;
using Lockstep.CTrader.OAuth;
using Lockstep.CTrader.Session;
using Lockstep.Domain;
using Lockstep.Server.Hosting;
using Lockstep.Simulator;

namespace Lockstep.Server.Demo;

/// <summary>
/// The demo's cTrader side: a simulated Open API server on a loopback port with TLS, over the account's simulated broker. The account is authorised from the start; no text of this type
/// shows a token.
/// </summary>
internal sealed class DemoOpenApi(AccountId account) : IAsyncDisposable
{
    /// <summary>The name under which the server knows the demo.</summary>
    public const string ClientId = "lockstep-demo";

    private const long Ctid = 7_070_707;
    private const string Trader = "demo trader";
    private readonly SimCertificate _certificate = SimCertificate.Generate();
    private SimOpenApiHost? _host;

    /// <summary>Starts it over the brokers of a world, and says how it is reached.</summary>
    public async Task<CTraderWorld> StartAsync(PaperWorld world)
    {
        string secret = Guid.NewGuid().ToString("N");
        var (server, tokens) = await world.OnClockAsync(() =>
        {
            var made = new SimOpenApi(
                world.Clock, new SimRandom((ulong)world.Clock.Now.Micros), new SimOpenApiSettings { Applications = [new SimOpenApiApplication(ClientId, secret, [])] });
            made.Add(new SimOpenApiAccount(Ctid, 5_050_505, IsLive: false, Trader, (CTraderBroker)world.Brokers[account]));
            return (made, made.Grants.Grant(Trader, trading: true));
        });
        _host = new SimOpenApiHost(world.Clock, server.Connect, _certificate);
        var address = new OpenApiAddress("localhost", _host.Listen(OpenApiEnvironment.Demo));
        return new CTraderWorld
        {
            Dialer = new TlsDialer(new TlsDialerOptions { Demo = address, Live = address, Trusted = [X509Certificate2.CreateFromPem(_certificate.Pem)] }),
            ClientSecret = secret,
            Given = [new CTraderGiven(account, Ctid, OpenApiEnvironment.Demo, new TokenPair(tokens.Access, tokens.Refresh, tokens.ExpiresAt - world.Clock.Now))],
        };
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        _certificate.Dispose();
    }
}
