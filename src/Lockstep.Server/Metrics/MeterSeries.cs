using System.Diagnostics.Metrics;
using System.Text;

namespace Lockstep.Server.Metrics;

/// <summary>What was measured of one instrument, by its tags. Measuring may be done from any thread; where the tags are known it allocates nothing.</summary>
internal sealed class MeterSeries
{
    /// <summary>So many different tags are kept of an instrument; what comes beyond is left out, so that a mistake with a label cannot eat the memory.</summary>
    public const int Most = 20_000;

    private const int Near = 16;
    private static readonly double[] UsualBounds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly Dictionary<string, Series> _all = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private readonly double[] _bounds;
    private readonly bool _adds;
    private readonly bool _observed;
    private Series[] _near = [];
    private int _round;

    /// <summary>Nothing was measured yet.</summary>
    public MeterSeries(Instrument instrument)
    {
        Instrument = instrument;
        var kind = instrument.GetType().GetGenericTypeDefinition();
        _observed = instrument.IsObservable;
        IsHistogram = kind == typeof(Histogram<>);
        IsCounter = kind == typeof(Counter<>) || kind == typeof(ObservableCounter<>);
        _adds = kind == typeof(Counter<>) || kind == typeof(UpDownCounter<>);
        Name = PrometheusText.Name(instrument.Name, instrument.Unit, IsCounter);
        _bounds = IsHistogram ? [.. Bounds(instrument)] : [];
    }

    /// <summary>The instrument.</summary>
    public Instrument Instrument { get; }

    /// <summary>Its name on the page.</summary>
    public string Name { get; }

    /// <summary>It only grows.</summary>
    public bool IsCounter { get; }

    /// <summary>It counts durations or sizes in buckets.</summary>
    public bool IsHistogram { get; }

    /// <summary>The word of the format for its type.</summary>
    public string Type => IsHistogram ? "histogram" : IsCounter ? "counter" : "gauge";

    /// <summary>Observable instruments are about to be asked: what they do not name this time is gone.</summary>
    public void BeginRound() => Interlocked.Increment(ref _round);

    /// <summary>A measurement.</summary>
    public void Take(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (Find(tags) is not { } series)
        {
            return;
        }

        series.Round = Volatile.Read(ref _round);
        if (IsHistogram)
        {
            int bucket = 0;
            while (bucket < _bounds.Length && value > _bounds[bucket])
            {
                bucket++;
            }

            Interlocked.Increment(ref series.Counts![bucket]);
            Add(ref series.Value, value);
        }
        else if (_adds)
        {
            Add(ref series.Value, value);
        }
        else
        {
            Volatile.Write(ref series.Value, value);
        }
    }

    /// <summary>Puts all of it on a page, without the head.</summary>
    public void Write(StringBuilder page)
    {
        List<Series> all;
        lock (_gate)
        {
            all = [.. _all.Values.Where(s => !_observed || s.Round == _round).OrderBy(s => s.Labels, StringComparer.Ordinal)];
        }

        foreach (var series in all)
        {
            if (!IsHistogram)
            {
                PrometheusText.Sample(page, Name, series.Labels, Volatile.Read(ref series.Value));
                continue;
            }

            string before = series.Labels.Length > 0 ? series.Labels + "," : "";
            long sum = 0;
            for (int i = 0; i < _bounds.Length; i++)
            {
                sum += Volatile.Read(ref series.Counts![i]);
                PrometheusText.Sample(page, Name + "_bucket", $"{before}le=\"{PrometheusText.Number(_bounds[i])}\"", sum);
            }

            sum += Volatile.Read(ref series.Counts![^1]);
            PrometheusText.Sample(page, Name + "_bucket", before + "le=\"+Inf\"", sum);
            PrometheusText.Sample(page, Name + "_sum", series.Labels, Volatile.Read(ref series.Value));
            PrometheusText.Sample(page, Name + "_count", series.Labels, sum);
        }
    }

    /// <summary>The instrument's own bounds, which OTLP uses too; else those usual for seconds.</summary>
    private static IReadOnlyList<double> Bounds(Instrument instrument) =>
        (instrument as Histogram<double>)?.Advice?.HistogramBucketBoundaries ?? (instrument as Histogram<long>)?.Advice?.HistogramBucketBoundaries?.Select(b => (double)b).ToList() ?? (IReadOnlyList<double>)UsualBounds;

    private static void Add(ref double sum, double value)
    {
        double before;
        do
        {
            before = Volatile.Read(ref sum);
        }
        while (Interlocked.CompareExchange(ref sum, before + value, before) != before);
    }

    private Series? Find(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var series in Volatile.Read(ref _near))
        {
            if (series.Is(tags))
            {
                return series;
            }
        }

        string labels = PrometheusText.Labels(tags);
        lock (_gate)
        {
            if (_all.TryGetValue(labels, out var series) || _all.Count >= Most)
            {
                return series;
            }

            series = new Series(labels, [.. tags], IsHistogram ? new long[_bounds.Length + 1] : null);
            _all.Add(labels, series);
            if (_near.Length < Near)
            {
                Volatile.Write(ref _near, [.. _near, series]);
            }

            return series;
        }
    }

    private sealed class Series(string labels, KeyValuePair<string, object?>[] tags, long[]? counts)
    {
        public string Labels => labels;

        /// <summary>A histogram's buckets, the last without an upper end.</summary>
        public long[]? Counts => counts;

        /// <summary>The value; of a histogram the sum.</summary>
        public double Value;

        public int Round { get; set; }

        public bool Is(ReadOnlySpan<KeyValuePair<string, object?>> other)
        {
            if (other.Length != tags.Length)
            {
                return false;
            }

            for (int i = 0; i < tags.Length; i++)
            {
                if (!ReferenceEquals(tags[i].Value, other[i].Value) && !Equals(tags[i].Value, other[i].Value))
                {
                    return false;
                }

                if (tags[i].Key != other[i].Key)
                {
                    return false;
                }
            }

            return true;
        }
    }
}
