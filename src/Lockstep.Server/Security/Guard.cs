using Lockstep.Domain;
using Lockstep.Server.Hosting;
using Lockstep.Storage;
using Lockstep.Storage.Sqlite;
using Microsoft.AspNetCore.HttpOverrides;

namespace Lockstep.Server.Security;

/// <summary>What stands before the operations of the HTTP API.</summary>
internal sealed class Guard
{
    private static readonly TimeSpan HouseEvery = TimeSpan.FromMinutes(10);
    private readonly GuardSettings _settings;
    private readonly TimeProvider _time;

    /// <summary>Nobody comes yet.</summary>
    /// <param name="settings">What to go by.</param>
    /// <param name="ring">The keys.</param>
    /// <param name="store">Where it is written who did what, and what was answered.</param>
    /// <param name="box">Seals answers.</param>
    /// <param name="directory">The accounts.</param>
    /// <param name="time">The clock.</param>
    public Guard(GuardSettings settings, KeyRing ring, SqliteStore store, SecretBox box, AccountDirectory directory, TimeProvider time)
    {
        (_settings, _time, Ring, Log) = (settings, time, ring, store);
        Trail = new AuditTrail(store, directory, time);
        Answers = new Idempotency(store, box, time);
        Gate = new Gate(settings, ring, directory, time) { OnRefused = Trail.Refused };
    }

    /// <summary>Who did what, to be read.</summary>
    public IAuditLog Log { get; }

    /// <summary>Who did what, as it is written.</summary>
    public AuditTrail Trail { get; }

    /// <summary>Answers that are given again.</summary>
    public Idempotency Answers { get; }

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
        app.Use(next => http => Trail.InvokeAsync(http, next));
        app.Use(next => http => Answers.InvokeAsync(http, next));
    }

    /// <summary>Forgets what need not be kept, every ten minutes until the application stops; then writes what waits.</summary>
    public void KeepHouse(IHostApplicationLifetime lifetime, ILogger log)
    {
        _ = HouseAsync(log, lifetime.ApplicationStopping);
        lifetime.ApplicationStopped.Register(() => Trail.FlushAsync().GetAwaiter().GetResult());
    }

    private async Task HouseAsync(ILogger log, CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                await Ring.PruneAsync();
                await Answers.PruneAsync();
                await Log.PruneAuditAsync(Timestamp.From(_time.GetUtcNow()) - AuditTrail.Kept);
                await Task.Delay(HouseEvery, _time, stopping);
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
        catch (Exception e) when (e is JournalFailedException or ObjectDisposedException)
        {
            log.LogWarning("keys and answers are not cleared any more {Text}", e.Message);
        }
    }
}
