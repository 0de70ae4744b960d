using Lockstep.Domain;
using Lockstep.Simulator;

namespace Lockstep.MqlHarness.Terminal;

/// <summary>
/// A terminal with one compiled Expert Advisor in it, at a simulated broker. The EA is a process of its own; it sees what a terminal shows: a cache that is brought up to date at events and at the
/// answers to its calls, never in between.
/// <para>
/// Under a <see cref="VirtualSimClock"/> everything happens on the caller's thread: <see cref="Pump"/> delivers what is due and returns when the EA is idle. Under another clock
/// <see cref="Start"/> begins a thread that delivers events as they fall due; calls of the EA then wait for the clock without holding it up.
/// </para>
/// </summary>
public sealed partial class EaTerminal : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<EaLogLine> _log = [];
    private readonly Dictionary<string, string> _objects = new(StringComparer.Ordinal);
    private readonly ISimClock _clock;
    private readonly VirtualSimClock? _virtual;
    private readonly PriceHistory _prices = new();
    private readonly SimRandom _dice;
    private readonly bool _ownFolder;
    private readonly Timestamp _boot;
    private SimBroker _broker;
    private EaTerminalOptions _options;
    private ProgramProcess? _process;
    private Thread? _thread;
    private volatile bool _stopping;
    private TimeSpan _timer;
    private Timestamp _timerDue;
    private bool _removeAsked;
    private string _critical = "";

    /// <summary>A terminal at a broker.</summary>
    public EaTerminal(EaTerminalOptions options, SimBroker broker, ISimClock clock)
    {
        _options = options;
        _broker = broker;
        _clock = clock;
        _virtual = clock as VirtualSimClock;
        _dice = new SimRandom(options.Seed);
        _ownFolder = options.Folder is null;
        _boot = clock.Now - TimeSpan.FromHours(1);
        Folder = options.Folder ?? Path.Combine(Path.GetTempPath(), $"lockstep-ea-{Guid.NewGuid():N}");
        CreateFolders();
        Listen(broker);
    }

    /// <summary>A line was written. Raised on the thread that runs the EA.</summary>
    public event Action<EaLogLine>? Logged;

    /// <summary>The terminal's folder.</summary>
    public string Folder { get; }

    /// <summary>The EA's sandbox: <c>MQL4/Files</c> or <c>MQL5/Files</c>.</summary>
    public string Files => Path.Combine(Folder, _broker.Settings.Platform == PlatformKind.Mt4 ? "MQL4" : "MQL5", "Files");

    /// <summary>Where <c>\\.\pipe\NAME</c> is looked for, as a Unix socket of that name.</summary>
    public string Pipes => _options.Pipes ?? Path.Combine(Folder, "pipes");

    /// <summary>What goes wrong from now on.</summary>
    public EaTerminalFaults Faults { get; set; } = EaTerminalFaults.None;

    /// <summary>What became of the program.</summary>
    public EaState State { get; private set; }

    /// <summary>Of a critical error, what and where; else empty.</summary>
    public string CriticalError => _critical.Length > 0 ? _critical : State == EaState.Crashed ? _lastErrors : "";

    /// <summary>What the program wrote to its error output in its last life.</summary>
    public string ErrorOutput => _process?.Errors ?? _lastErrors;

    /// <summary>Calls of this life that touched disk, broker or network: file writes, flushes, moves, deletions, trade calls, connects and sends.</summary>
    public long PlatformCalls { get; private set; }

    /// <summary>Bytes this life wrote to MT5's sockets without TLS, as of the last event that it finished.</summary>
    public long SocketBytesSent { get; private set; }

    /// <summary>Bytes this life read from them.</summary>
    public long SocketBytesReceived { get; private set; }

    /// <summary>Bytes the other side has written to this life in all: under a virtual clock the program waits for them, as the loopback of a busy machine is late. 0 = nothing is waited for.</summary>
    public long SocketBytesExpected { get; set; }

    /// <summary>Process id, 0 when none runs.</summary>
    public int ProcessId => _process?.Id ?? 0;

    /// <summary>What Comment shows.</summary>
    public string Panel { get; private set; } = "";

    /// <summary>What OnInit returned last.</summary>
    public int InitResult { get; private set; }

    /// <summary>Period of the EA's timer; zero = none.</summary>
    public TimeSpan TimerPeriod => _timer;

    /// <summary>When the next timer event is due; null = no timer.</summary>
    public Timestamp? NextTimer => State == EaState.Running && _timer > TimeSpan.Zero ? _timerDue : null;

    /// <summary>All lines so far.</summary>
    public IReadOnlyList<EaLogLine> Log
    {
        get
        {
            lock (_gate)
            {
                return [.. _log];
            }
        }
    }

    /// <summary>Texts of the objects on the chart, by name.</summary>
    public IReadOnlyDictionary<string, string> ChartObjects
    {
        get
        {
            lock (_gate)
            {
                return new Dictionary<string, string>(_objects, StringComparer.Ordinal);
            }
        }
    }

    /// <summary>The texts of the lines of one kind.</summary>
    public IReadOnlyList<string> Lines(EaLogKind kind = EaLogKind.Print) => [.. Log.Where(line => line.Kind == kind).Select(line => line.Text)];

    /// <summary>Puts the EA on the chart: a new process, OnInit, and from then on events.</summary>
    public void Start()
    {
        if (State == EaState.Running)
        {
            throw new InvalidOperationException("the EA runs already");
        }

        _critical = "";
        _removeAsked = false;
        _stopping = false;
        _timer = TimeSpan.Zero;
        PlatformCalls = 0;
        SocketBytesSent = SocketBytesReceived = SocketBytesExpected = 0;
        OnClock(() =>
        {
            ForgetWhatWasSent();
            return 0;
        });
        _process = new ProgramProcess(_options.Program, _options.Patience);
        State = EaState.Running;
        byte[] start = OnClock(StartMessage);
        if (Exchange(start) is null)
        {
            return;
        }

        Initialise();
        if (_virtual is null && State == EaState.Running)
        {
            _thread = new Thread(Loop) { IsBackground = true, Name = "EA " + _options.Login };
            _thread.Start();
        }
    }

    /// <summary>
    /// Delivers what is due now: queued transactions, a tick, at most one timer event. Returns when the EA is idle again; false when it does not run (any more).
    /// Under a virtual clock only.
    /// </summary>
    public bool Pump()
    {
        if (_virtual is null)
        {
            throw new InvalidOperationException("under a real clock the terminal pumps by itself");
        }

        return Deliver();
    }

    /// <summary>Runs a virtual clock for a span and pumps the terminals whenever something is due for them.</summary>
    public static void RunFor(VirtualSimClock clock, TimeSpan span, params IReadOnlyList<EaTerminal> terminals)
    {
        var end = clock.Now + span;
        while (true)
        {
            foreach (var terminal in terminals)
            {
                terminal.Pump();
            }

            if (terminals.Any(t => t.HasSomethingDue()))
            {
                continue;
            }

            var next = end;
            foreach (var terminal in terminals)
            {
                next = terminal.NextTimer is { } due && due < next ? due : next;
            }

            if (clock.NextDue is { } action && action <= next)
            {
                clock.RunNext();
            }
            else if (next >= end)
            {
                clock.RunUntil(end);
                foreach (var terminal in terminals)
                {
                    terminal.Pump();
                }

                return;
            }
            else
            {
                clock.RunUntil(next);
            }
        }
    }

    /// <summary>A click on a chart object, or another event of the chart.</summary>
    public void ChartEvent(int id, string text, long l = 0, double d = 0) => Enqueue(new WireWriter().U8(6), w => w.I32(id).I64(l).Raw(BitConverter.GetBytes(d)).Text(text));

    /// <summary>Runs a script's OnStart.</summary>
    public void RunScript() => Event(7, null);

    /// <summary>Takes the EA off the chart: OnDeinit with a reason (REASON_REMOVE 1, REASON_CLOSE 9, …), then the process ends.</summary>
    public void Stop(int reason = 1)
    {
        StopThread();
        if (State == EaState.Running)
        {
            Event(1, w => w.I32(reason));
        }

        if (State == EaState.Running)
        {
            EndProcess();
            State = EaState.Stopped;
        }
    }

    /// <summary>The process dies at once, as by a power cut of the terminal; files keep what was flushed.</summary>
    public void Kill()
    {
        _process?.Kill();
        StopThread();
        if (State == EaState.Running)
        {
            EndProcess();
            State = EaState.Killed;
        }
    }

    /// <summary>Starts again, with the files as they are or with none.</summary>
    public void Restart(bool emptyFiles = false)
    {
        if (State == EaState.Running)
        {
            Stop(9);
        }

        if (emptyFiles)
        {
            Directory.Delete(Folder, recursive: true);
            CreateFolders();
        }

        Start();
    }

    /// <summary>Another account is logged in. <paramref name="told"/>: OnDeinit and OnInit run, as they do; else the EA finds another account under its feet.</summary>
    public void SwitchAccount(SimBroker broker, long login, string server, bool told = true)
    {
        if (told)
        {
            Event(1, w => w.I32(6));
        }

        Unlisten(_broker);
        _broker = broker;
        _options = _options with { Login = login, Server = server, ChartSymbol = null };
        Listen(broker);
        ForgetWhatWasSent();
        _resetAsked = true;
        if (told && State == EaState.Running)
        {
            Initialise();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        StopThread();
        EndProcess();
        Unlisten(_broker);
        if (_ownFolder && Directory.Exists(Folder))
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    private string _lastErrors = "";

    private void CreateFolders()
    {
        Directory.CreateDirectory(Files);
        Directory.CreateDirectory(Path.Combine(Folder, "Common"));
        Directory.CreateDirectory(Pipes);
    }

    private void Initialise()
    {
        InitResult = Event(0, null) ?? -1;
        if (State == EaState.Running && InitResult != 0)
        {
            Event(1, w => w.I32(8));
            EndProcess();
            State = State == EaState.Running ? EaState.Removed : State;
        }
    }

    private void EndProcess()
    {
        if (_process is { } process)
        {
            process.Dispose();
            _lastErrors = process.Errors;
            _process = null;
        }
    }

    private void StopThread()
    {
        _stopping = true;
        lock (_wake)
        {
            Monitor.PulseAll(_wake);
        }

        if (_thread is { } thread && thread != Thread.CurrentThread)
        {
            thread.Join();
        }

        _thread = null;
    }

    private T OnClock<T>(Func<T> what)
    {
        if (_virtual is not null)
        {
            return what();
        }

        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _clock.Schedule(TimeSpan.Zero, () =>
        {
            try
            {
                done.SetResult(what());
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        });
        return done.Task.GetAwaiter().GetResult();
    }

    /// <summary>Waits until <paramref name="begin"/>'s continuation was called, or for a time; everything else goes on meanwhile. False = the time was over.</summary>
    private bool Await(TimeSpan most, Action<Action> begin)
    {
        if (_virtual is { } clock)
        {
            bool done = false;
            bool over = false;
            begin(() => done = true);
            clock.Schedule(most, () => over = true);
            while (!done && !over && clock.RunNext())
            {
            }

            return done;
        }

        using var came = new ManualResetEventSlim();
        bool answered = false;
        OnClock(() =>
        {
            begin(() =>
            {
                answered = true;
                Set(came);
            });
            _clock.Schedule(most, () => Set(came));
            return 0;
        });
        came.Wait();
        return answered;

        // The later of the two comes when nobody waits any more.
        static void Set(ManualResetEventSlim came)
        {
            try
            {
                came.Set();
            }
            catch (ObjectDisposedException)
            {
            }
        }
    }
}
