using Lockstep.Server.Hosting;
using Lockstep.Server.Rest;
using Microsoft.AspNetCore.HttpOverrides;

namespace Lockstep.Server.Security;

/// <summary>What stands before the operations of the HTTP API.</summary>
internal sealed class Guard
{
    private readonly GuardSettings _settings;

    /// <summary>Nobody comes yet.</summary>
    public Guard(GuardSettings settings, KeyRing ring, AccountDirectory directory, TimeProvider time)
    {
        _settings = settings;
        Ring = ring;
        Gate = new Gate(settings, ring, directory, time);
    }

    /// <summary>The keys.</summary>
    public KeyRing Ring { get; }

    /// <summary>Who may come in.</summary>
    public Gate Gate { get; }

    /// <summary>Who asks is what the configured proxies say; without any, whoever is connected. Call it before anything that looks at addresses.</summary>
    public static void BelieveProxies(IApplicationBuilder app, IReadOnlyList<string> proxies)
    {
        // Without a list the middleware would believe everybody.
        if (proxies.Count == 0)
        {
            return;
        }

        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = null };
        options.KnownIPNetworks.Clear();
        options.KnownProxies.Clear();
        foreach (string text in proxies)
        {
            options.KnownIPNetworks.Add(Networks.Read(text)!.Value);
        }

        app.UseForwardedHeaders(options);
    }

    /// <summary>Stands before all that is put up on the application.</summary>
    public void Use(IApplicationBuilder app)
    {
        if (_settings.Origins.Count > 0)
        {
            app.UseCors(policy => policy.WithOrigins([.. _settings.Origins]).AllowAnyMethod().WithExposedHeaders("Location", "Retry-After", "Idempotency-Replayed", "X-Correlation-Id")
                .WithHeaders("Authorization", "X-Api-Key", "Content-Type", "Idempotency-Key", "X-Correlation-Id").SetPreflightMaxAge(TimeSpan.FromMinutes(10)));
        }

        app.Use(next => http => Gate.InvokeAsync(http, next));
    }
}
