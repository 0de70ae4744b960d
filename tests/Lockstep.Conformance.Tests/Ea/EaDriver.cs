using Lockstep.Domain;
using Lockstep.MetaTrader.Session;
using Lockstep.MqlHarness.Terminal;
using Lockstep.Simulator;

namespace Lockstep.Conformance.Tests;

/// <summary>One terminal with the real Expert Advisor, driven by the virtual clock: its events come one after another on the clock's thread, and what it wrote is with the hub when they are over.</summary>
internal sealed class EaDriver : IDisposable
{
    private static readonly TimeSpan Busy = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(100);
    private readonly VirtualSimClock _clock;
    private readonly SimBroker _broker;
    /// <summary>Environment variable: a folder where what was said and written is kept, one file a terminal. For looking into a failure.</summary>
    private const string StoryVariable = "LOCKSTEP_EA_STORY";

    private static int s_stories;
    private readonly string? _story;
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"lockstep-ea-{Guid.NewGuid():N}");
    private Timestamp _busyUntil;
    private Timestamp _due;
    private int _number;
    private bool _planned;
    private bool _inside;

    public EaDriver(VirtualSimClock clock, SimBroker broker, Func<TerminalHub?> hub, EaTerminalOptions options, Func<EaSocketLine, string>? address = null, Func<EaTerminalOptions, EaTerminalOptions>? with = null)
    {
        (_clock, _broker) = (clock, broker);
        string pipes = Path.Combine(_folder, "pipes");
        Line = broker.Settings.Platform == PlatformKind.Mt4 ? new EaPipeLine(hub, pipes) : new EaSocketLine(hub);
        if (Line is EaSocketLine socket)
        {
            socket.Address = address?.Invoke(socket);
        }

        options = with?.Invoke(options) ?? options;
        Terminal = new EaTerminal(
            options with
            {
                Folder = _folder,
                Pipes = pipes,
                Inputs = new Dictionary<string, string>(options.Inputs.Concat(Line.Inputs)),
                KeyOfComment = comment => OrderKey.TryFind(comment, out var key) ? key.Value : null,
            },
            broker,
            clock);
        Line.Written = Wake;
        broker.Changed += OnChanged;
        if (Environment.GetEnvironmentVariable(StoryVariable) is { Length: > 0 } folder)
        {
            _story = Path.Combine(folder, $"{Interlocked.Increment(ref s_stories)}-{options.Login}.txt");
            Line.Tap = text => Tell("> " + text);
            Line.TapDown = text => Tell("< " + text);
            Terminal.Logged += line => Tell($"{line.Kind}: {line.Text}");
        }
    }

    public EaTerminal Terminal { get; }

    public SimBroker Broker => _broker;

    public EaLine Line { get; }

    /// <summary>The process died by a fault, not by our hand.</summary>
    public Action? Died { get; set; }

    /// <summary>Is told the first and the last platform call of each pump that made any.</summary>
    public Action<long, long>? Pumped { get; set; }

    /// <summary>How often the EA was given its events.</summary>
    public long Pumps { get; private set; }

    public void Start()
    {
        Line.Begin();
        Terminal.Start();
        AfterEvents();
    }

    /// <summary>The process dies at once.</summary>
    public void Kill()
    {
        Terminal.Kill();
        Drain();
    }

    /// <summary>Taken off the chart.</summary>
    public void Stop()
    {
        Terminal.Stop();
        Drain();
    }

    /// <summary>Starts again with its files; or, after a loss, with none but the key, which its input brings.</summary>
    public void Restart(bool emptyFiles = false)
    {
        if (emptyFiles)
        {
            Directory.Delete(Terminal.Files, recursive: true);
            Directory.CreateDirectory(Terminal.Files);
        }

        Start();
    }

    /// <summary>Something has happened that the EA has to see to.</summary>
    public void Wake()
    {
        _busyUntil = _clock.Now + Busy;
        Plan(_clock.Now);
    }

    public void Dispose()
    {
        _broker.Changed -= OnChanged;
        Terminal.Dispose();
        Line.Dispose();
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private void Tell(string text) => File.AppendAllText(_story!, $"{_clock.Now.ToDateTimeOffset():HH:mm:ss.ffffff} {text}\n");

    private void OnChanged(SimBroker broker) => Wake();

    // A terminal that has nothing to do is looked after less often; its own timer is never overtaken.
    private void Plan(Timestamp earliest)
    {
        if (Terminal.State != EaState.Running || _inside)
        {
            return;
        }

        var due = Timestamp.Max(earliest, Terminal.NextTimer ?? _clock.Now);
        if (_planned && _due <= due)
        {
            return;
        }

        (_due, _planned) = (due, true);
        int number = ++_number;
        _clock.Schedule(due - _clock.Now, () =>
        {
            if (number == _number)
            {
                _planned = false;
                Pump();
            }
        });
    }

    private void Pump()
    {
        // A call of this EA waits, and time passes for the others.
        if (_inside || Terminal.State != EaState.Running)
        {
            return;
        }

        _inside = true;
        try
        {
            Pumps++;
            long before = Terminal.PlatformCalls;
            Terminal.SocketBytesExpected = Line.Expected;
            Terminal.Pump();
            if (Terminal.PlatformCalls > before)
            {
                Pumped?.Invoke(before + 1, Terminal.PlatformCalls);
            }
        }
        finally
        {
            _inside = false;
        }

        AfterEvents();
    }

    private void Drain() => Line.Drain(Terminal.State == EaState.Running, Terminal.SocketBytesSent, Terminal.SocketBytesReceived);

    private void AfterEvents()
    {
        Drain();
        Assert.True(Terminal.State != EaState.Crashed, Terminal.CriticalError);
        if (Terminal.State == EaState.Killed)
        {
            Died?.Invoke();
        }

        Plan(_clock.Now < _busyUntil ? _clock.Now : _clock.Now + Idle);
    }
}
