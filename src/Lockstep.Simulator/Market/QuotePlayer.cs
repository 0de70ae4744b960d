using Lockstep.Domain;

namespace Lockstep.Simulator;

/// <summary>Plays recorded quotes through a clock: the first at once, the others at their distance from it, divided by the speed. Reads ahead by one quote only.</summary>
public sealed class QuotePlayer : IDisposable
{
    private readonly ISimClock _clock;
    private readonly IEnumerator<QuoteTick> _quotes;
    private readonly Action<QuoteTick> _deliver;
    private readonly decimal _speed;
    private Timestamp _startedAt;
    private Timestamp _firstAt;
    private bool _stopped;

    /// <summary>A player that is not started yet; speed 1 is as recorded, 10 is ten times as fast.</summary>
    public QuotePlayer(ISimClock clock, IEnumerable<QuoteTick> quotes, Action<QuoteTick> deliver, decimal speed = 1m)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(speed);
        _clock = clock;
        _quotes = quotes.GetEnumerator();
        _deliver = deliver;
        _speed = speed;
    }

    /// <summary>The last quote was played. On the clock's thread.</summary>
    public event Action? Finished;

    /// <summary>Quotes played.</summary>
    public long Played { get; private set; }

    /// <summary>Begins.</summary>
    public void Start() => _clock.Schedule(TimeSpan.Zero, () =>
    {
        if (!_quotes.MoveNext())
        {
            Finished?.Invoke();
            return;
        }

        _startedAt = _clock.Now;
        _firstAt = _quotes.Current.At;
        Play();
    });

    /// <summary>Ends; on the clock's thread.</summary>
    public void Dispose()
    {
        _stopped = true;
        _quotes.Dispose();
    }

    private void Play()
    {
        while (!_stopped)
        {
            var due = DueAt(_quotes.Current);
            if (due > _clock.Now)
            {
                _clock.Schedule(due - _clock.Now, Play);
                return;
            }

            // The quote happens now, in the time of this world.
            _deliver(_quotes.Current with { At = _clock.Now });
            Played++;
            if (!_quotes.MoveNext())
            {
                Finished?.Invoke();
                return;
            }
        }
    }

    private Timestamp DueAt(QuoteTick tick) => new(_startedAt.Micros + (long)((tick.At.Micros - _firstAt.Micros) / _speed));
}
