using System.Diagnostics.Metrics;
using System.Text;
using Lockstep.Runtime;
using Lockstep.Server.Metrics;

namespace Lockstep.Server.Tests.Ops;

/// <summary>What is measured stands on the page as Prometheus reads it.</summary>
public sealed class MeterBookTests : IDisposable
{
    private readonly Meter _meter = new("test");
    private readonly MeterBook _book;

    public MeterBookTests() => _book = new MeterBook(m => ReferenceEquals(m, _meter));

    [Fact]
    public void Counters_gauges_and_histograms_have_their_lines()
    {
        var counter = _meter.CreateCounter<long>("lockstep.orders.sent", "{order}", "Orders.");
        counter.Add(2, new KeyValuePair<string, object?>("platform", "mt5"));
        counter.Add(1, new KeyValuePair<string, object?>("platform", "mt4"));
        counter.Add(1, new KeyValuePair<string, object?>("platform", "mt5"));
        var waiting = _meter.CreateUpDownCounter<int>("waiting");
        waiting.Add(5);
        waiting.Add(-2);
        var size = _meter.CreateHistogram<long>("size", "By", "Sizes.", null, new InstrumentAdvice<long> { HistogramBucketBoundaries = [10, 100] });
        size.Record(10);
        size.Record(11);
        size.Record(1000);
        Assert.Equal(
            """
            # HELP lockstep_orders_sent_total Orders.
            # TYPE lockstep_orders_sent_total counter
            lockstep_orders_sent_total{platform="mt4"} 1
            lockstep_orders_sent_total{platform="mt5"} 3
            # HELP size_bytes Sizes.
            # TYPE size_bytes histogram
            size_bytes_bucket{le="10"} 1
            size_bytes_bucket{le="100"} 2
            size_bytes_bucket{le="+Inf"} 3
            size_bytes_sum 1021
            size_bytes_count 3
            # HELP waiting 
            # TYPE waiting gauge
            waiting 3

            """, Page());
    }

    [Fact]
    public void What_comes_from_outside_cannot_break_the_page()
    {
        _meter.CreateCounter<double>("odd name-1", null, "a \\ and\na line").Add(0.5, new KeyValuePair<string, object?>("a b", "x\"} 1\nevil 1\\"));
        Assert.Equal("# HELP odd_name_1_total a \\\\ and\\na line\n# TYPE odd_name_1_total counter\nodd_name_1_total{a_b=\"x\\\"} 1\\nevil 1\\\\\"} 0.5\n", Page());
    }

    [Fact]
    public void What_an_observable_instrument_does_not_name_any_more_is_gone()
    {
        string[] accounts = ["a", "b"];
        _meter.CreateObservableGauge("up", () => accounts.Select(a => new Measurement<int>(1, new KeyValuePair<string, object?>("account", a))));
        Assert.Contains("up{account=\"b\"} 1", Page(), StringComparison.Ordinal);
        accounts = ["a"];
        Assert.DoesNotContain("account=\"b\"", Page(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_instrument_that_fails_leaves_the_others()
    {
        _meter.CreateObservableGauge("broken", new Func<int>(() => throw new InvalidOperationException("on purpose")));
        _meter.CreateObservableGauge("whole", () => 7);
        Assert.Contains("whole 7\n", Page(), StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_without_end_do_not_eat_the_memory()
    {
        var counter = _meter.CreateCounter<long>("c");
        for (int i = 0; i < MeterSeries.Most + 50; i++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("n", i));
        }

        Assert.Equal(MeterSeries.Most, Page().Split('\n').Count(l => l.StartsWith("c_total{", StringComparison.Ordinal)));
    }

    [Fact]
    public void Measuring_the_way_of_a_trade_allocates_nothing()
    {
        using var metrics = new ProductMetrics();
        metrics.Measured(LatencyStage.Sent, TimeSpan.FromMilliseconds(1));
        metrics.Committed(TimeSpan.FromMilliseconds(1), 100);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            metrics.Measured(LatencyStage.Sent, TimeSpan.FromMilliseconds(1));
            metrics.Committed(TimeSpan.FromMilliseconds(1), 100);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Theory]
    [InlineData("http.server.request.duration", "s", false, "http_server_request_duration_seconds")]
    [InlineData("dotnet.gc.collections", "{collection}", true, "dotnet_gc_collections_total")]
    [InlineData("dotnet.process.cpu.time", "s", true, "dotnet_process_cpu_time_seconds_total")]
    [InlineData("kestrel.active_connections", "{connection}", false, "kestrel_active_connections")]
    [InlineData("x.seconds", "s", false, "x_seconds")]
    [InlineData("9lives", "1", false, "_lives")]
    public void Names_follow_the_conventions(string instrument, string unit, bool counter, string name) => Assert.Equal(name, PrometheusText.Name(instrument, unit, counter));

    [Fact]
    public void A_window_of_a_histogram_is_what_came_since()
    {
        var all = new LatencyHistogram();
        all.Record(TimeSpan.FromSeconds(3));
        var before = new LatencyHistogram();
        before.Add(all);
        Assert.Equal(0, all.Since(before).Count);
        all.Record(TimeSpan.FromMilliseconds(10));
        var since = all.Since(before);
        Assert.Equal(1, since.Count);
        Assert.InRange(since.Percentile(0.99).TotalMilliseconds, 10, 10.7);
    }

    public void Dispose()
    {
        _book.Dispose();
        _meter.Dispose();
    }

    private string Page()
    {
        var page = new StringBuilder();
        _book.Write(page);
        return page.ToString();
    }
}
