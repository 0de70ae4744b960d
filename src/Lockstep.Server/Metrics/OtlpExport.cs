using Lockstep.Server.Configuration;
using Lockstep.Storage;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Lockstep.Server.Metrics;

/// <summary>Section <c>telemetry.otlp</c>.</summary>
/// <param name="Endpoint">The collector.</param>
/// <param name="Grpc">gRPC; else protobuf over HTTP.</param>
/// <param name="Interval">Time between two exports.</param>
/// <param name="Authorization">Where the bearer token is; null = none.</param>
internal sealed record OtlpConfig(Uri Endpoint, bool Grpc, TimeSpan Interval, SecretReference? Authorization);

/// <summary>Sends the same metrics that <c>/metrics</c> shows to a collector. A collector that is away costs nothing but its metrics.</summary>
internal static class OtlpExport
{
    private const string MetricsPath = "/v1/metrics";

    /// <summary>Sends from now on, until it is disposed of; what was not sent yet is sent then. A <see cref="DataFolderException"/> says that the secret cannot be read.</summary>
    /// <param name="config">Where to.</param>
    /// <param name="instance">Names this installation for ever.</param>
    /// <param name="version">The program's version.</param>
    public static IDisposable Start(OtlpConfig config, Guid instance, string version)
    {
        string? token = null;
        if (config.Authorization is { } reference)
        {
            (token, string? problem) = Secrets.Read(reference, Environment.GetEnvironmentVariable, lengthMin: 1);
            if (token is null)
            {
                throw new DataFolderException($"The authorization of telemetry.otlp, {reference}, {problem}.");
            }
        }

        return Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(resource => resource.Clear().AddService("lockstep", serviceVersion: version, serviceInstanceId: instance.ToString()))
            .AddMeter([ProductMetrics.MeterName, ProductMetrics.RuntimeMeter, .. ProductMetrics.FrameworkMeters])
            .AddOtlpExporter((exporter, reader) =>
            {
                exporter.Protocol = config.Grpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
                exporter.Endpoint = config.Grpc || config.Endpoint.AbsolutePath != "/" ? config.Endpoint : new Uri(config.Endpoint, MetricsPath);
                exporter.TimeoutMilliseconds = 10_000;
                exporter.Headers = token is null ? null : $"Authorization=Bearer {token}";
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)config.Interval.TotalMilliseconds;
                reader.TemporalityPreference = MetricReaderTemporalityPreference.Cumulative;
            })
            .Build();
    }
}
