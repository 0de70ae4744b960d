using Lockstep.Server.Cli;
using Lockstep.Server.Configuration;
using Lockstep.Server.Metrics;
using Lockstep.Server.Rest;
using Lockstep.Server.Rest.Document;
using Lockstep.Server.Rest.Faces;
using Lockstep.Server.Security;
using Lockstep.Server.Streams;
using Lockstep.Server.WebSockets;
using Lockstep.Storage;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Lockstep.Server.Hosting;

/// <summary>Makes what listens. Nothing is taken from the environment or from files beside the program: what counts stands in the configuration.</summary>
internal static class HttpHost
{
    /// <summary>REST API and terminals, not started. A <see cref="DataFolderException"/> says what is wrong with the certificate.</summary>
    public static WebApplication Create(ServerConfig server, Product product, string? key, ILogger log, Action<ILoggingBuilder> logs)
    {
        var app = Build(server, logs);
        Guard.BelieveProxies(app, server.Proxies);
        OpsEndpoints.Count(app, product.Metrics, log);
        Terminals(app, server, product, log);
        var box = new SecretBox(MasterKey.Open(product.Store.Folder, product.Config.SecretKey, Environment.GetEnvironmentVariable).Derive("answers"));
        var guard = new Guard(GuardSettings.Of(server, key, Environment.GetEnvironmentVariable), product.Keys, product.Store, box, product.Directory, TimeProvider.System);
        guard.KeepHouse(app.Lifetime, log);
        var routes = RestApi.Map(app, product, guard, LockstepVersion.Text);
        TerminalEndpoints.Map(routes, product);
        EaKeyEndpoints.Map(routes, product.Keys, product.Terminals);
        DealEndpoints.Map(routes, product);
        ParityFaces.Map(routes, product, key);
        RegistryEndpoints.Map(routes, product);
        OpsEndpoints.Map(routes, app, product, guard.Gate);
        new StreamEndpoint(product.Streams, log).Map(app, routes.Catalogue);
        DocumentEndpoints.Map(routes);
        return app;
    }

    private static WebApplication Build(ServerConfig server, Action<ILoggingBuilder> logs)
    {
        var certificate = server.Tls is { } tls ? Certificates.Load(tls, Environment.GetEnvironmentVariable) : default;
        if (certificate.Problem is { } problem)
        {
            throw new DataFolderException($"server.tls: {problem}");
        }

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            EaEndpoint.Configure(kestrel);
            kestrel.Listen(server.Bind, server.Port, listen =>
            {
                if (certificate.Certificate is { } own)
                {
                    // WebSockets need HTTP/1.1, and nobody here gains by another.
                    listen.Protocols = HttpProtocols.Http1;
                    listen.UseHttps(new HttpsConnectionAdapterOptions { ServerCertificate = own.Certificate, ServerCertificateChain = own.Chain });
                }
            });
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, CommandsOwn>();
        logs(builder.Logging);
        RestApi.Configure(builder, server.Limits);
        return builder.Build();
    }

    private static void Terminals(WebApplication app, ServerConfig server, Product product, ILogger log) =>
        new EaEndpoint(transport => HubLink.Connect(product.Terminals.Hub, transport), server.EaMaxTerminals, log).Map(app);

    /// <summary>A signal is heard by the command, which says in which order things end; the host's own ear would close all links at once.</summary>
    private sealed class CommandsOwn : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
