using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;

namespace Lockstep.Server.Metrics;

/// <summary>Listens to meters and writes what they measured as a page for Prometheus.</summary>
internal sealed class MeterBook : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<Instrument, MeterSeries> _instruments = [];
    private readonly Lock _collecting = new();

    /// <summary>Listens from now on.</summary>
    /// <param name="wanted">Which meters.</param>
    public MeterBook(Func<Meter, bool> wanted)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (wanted(instrument.Meter))
            {
                listener.EnableMeasurementEvents(instrument, _instruments.GetOrAdd(instrument, static i => new MeterSeries(i)));
            }
        };
        _listener.MeasurementsCompleted = (instrument, state) => _instruments.TryRemove(new KeyValuePair<Instrument, MeterSeries>(instrument, (MeterSeries)state!));
        _listener.SetMeasurementEventCallback<byte>(static (_, value, tags, state) => ((MeterSeries)state!).Take(value, tags));
        _listener.SetMeasurementEventCallback<short>(static (_, value, tags, state) => ((MeterSeries)state!).Take(value, tags));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, state) => ((MeterSeries)state!).Take(value, tags));
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, state) => ((MeterSeries)state!).Take(value, tags));
        _listener.SetMeasurementEventCallback<float>(static (_, value, tags, state) => ((MeterSeries)state!).Take(value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, state) => ((MeterSeries)state!).Take(value, tags));
        _listener.SetMeasurementEventCallback<decimal>(static (_, value, tags, state) => ((MeterSeries)state!).Take((double)value, tags));
        _listener.Start();
    }

    /// <summary>Asks all observable instruments and writes everything, by name. An instrument that fails leaves its own lines out and no others.</summary>
    public void Write(StringBuilder page)
    {
        lock (_collecting)
        {
            foreach (var series in _instruments.Values)
            {
                series.BeginRound();
            }

            try
            {
                _listener.RecordObservableInstruments();
            }
            catch (AggregateException)
            {
                // The others were asked all the same.
            }

            foreach (var metric in _instruments.Values.GroupBy(s => s.Name).OrderBy(g => g.Key, StringComparer.Ordinal))
            {
                var first = metric.First();
                PrometheusText.Head(page, first.Name, first.Instrument.Description ?? "", first.Type);
                foreach (var series in metric.Where(s => s.Type == first.Type))
                {
                    series.Write(page);
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();
}
