using System.Buffers;
using Lockstep.Domain;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.Simulator;

/// <summary>
/// A MetaTrader terminal with the EA in it, over a simulated broker: it speaks contracts/ea/PROTOCOL.md through an <see cref="ITerminalRoad"/>. It owns no thread and no clock of
/// its own; everything is called on the <see cref="ISimClock"/>'s thread, so that tests move it by hand and thousands share one process.
/// </summary>
/// <remarks>
/// Like the real one it has one thread: on MT4 nothing is read, told or sent while a trade call is out. What it must not forget stands on its <see cref="TerminalDisk"/>.
/// </remarks>
public sealed partial class SimTerminal
{
    private const int MessageMax = 60_000;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? t_text;

    private readonly SimTerminalSettings _settings;
    private readonly SimBroker _broker;
    private readonly ISimClock _clock;
    private readonly ITerminalRoad _road;
    private readonly SimRandom _dice;
    private readonly bool _mt4;

    // Counts lives: whatever was begun in an earlier one finds nobody.
    private long _life;
    private bool _running;
    private long _moments;

    /// <summary>A terminal that is not started.</summary>
    public SimTerminal(SimTerminalSettings settings, SimBroker broker, ITerminalRoad road, SimRandom random, TerminalDisk? disk = null)
    {
        if (broker.Settings.Platform == PlatformKind.CTrader)
        {
            throw new ArgumentException("cTrader has no terminals with an EA", nameof(broker));
        }

        _settings = settings;
        _broker = broker;
        _clock = broker.Clock;
        _road = road;
        _dice = random;
        _mt4 = broker.Settings.Platform == PlatformKind.Mt4;
        Disk = disk ?? new TerminalDisk(random.Fork("files"));
    }

    /// <summary>The files.</summary>
    public TerminalDisk Disk { get; private set; }

    /// <summary>The broker behind it.</summary>
    public SimBroker Broker => _broker;

    /// <summary>What it is doing.</summary>
    public SimTerminalState State { get; private set; }

    /// <summary>True when it is the active terminal of its account.</summary>
    public bool IsLive => State == SimTerminalState.Live;

    /// <summary>Asked at every point at which a kill can fall; true = it dies here, as if its process was ended. Null = it lives.</summary>
    public Func<TerminalMoment, bool>? Kills { get; set; }

    /// <summary>The process ended (by <see cref="Kill"/> or <see cref="Kills"/>). On the clock's thread.</summary>
    public event Action? Died;

    /// <summary>True while the process runs.</summary>
    public bool IsRunning => _running;

    /// <summary>Starts the terminal: it looks at the account, then connects.</summary>
    public void Start()
    {
        if (_running)
        {
            return;
        }

        _running = true;
        _life++;
        _startedAt = _clock.Now;
        Wake();
        Connect();
    }

    /// <summary>Ends the process without a word: nothing that was going on is finished, the connection breaks.</summary>
    /// <param name="keepFiles">False = the files are lost as well (a new machine, a folder wiped).</param>
    public void Kill(bool keepFiles = true)
    {
        if (_running)
        {
            Die();
        }

        if (!keepFiles)
        {
            Disk = new TerminalDisk(_dice.Fork(_clock.Now.Micros));
        }
    }

    /// <summary>Closes the terminal in order: the link says goodbye.</summary>
    public void Stop()
    {
        if (_running)
        {
            _road.Close(1000, "the terminal is closed");
            Die();
        }
    }

    private void Die()
    {
        _running = false;
        _life++;
        Sleep();
        Lose(4001, "killed");
        State = SimTerminalState.Off;
        Died?.Invoke();
    }

    /// <summary>A point at which a kill can fall.</summary>
    private void Moment(TerminalStep step, bool after)
    {
        if (Kills is { } kills && kills(new TerminalMoment(++_moments, step, after)))
        {
            Die();
            throw new TerminalKilledException();
        }
    }

    /// <summary>A write to the files: there before the next thing is done.</summary>
    private void Write(TerminalStep step, Action write)
    {
        Moment(step, after: false);
        write();
        Moment(step, after: true);
    }

    /// <summary>The one way in from outside: a terminal that is killed in here leaves everything where it was.</summary>
    private void Enter(Action action)
    {
        if (!_running)
        {
            return;
        }

        try
        {
            action();
        }
        catch (TerminalKilledException)
        {
            // Die has told.
        }
    }

    private void Later(TimeSpan delay, Action action)
    {
        long life = _life;
        _clock.Schedule(delay, () =>
        {
            if (life == _life)
            {
                Enter(action);
            }
        });
    }

    /// <summary>The text of a message, valid until the next one is written.</summary>
    private static ReadOnlySpan<byte> Text(LinkMessage message)
    {
        var writer = t_text ??= new ArrayBufferWriter<byte>(4096);
        writer.ResetWrittenCount();
        LinkCodec.Write(message, writer);
        return writer.WrittenSpan;
    }
}

/// <summary>What a terminal is doing.</summary>
public enum SimTerminalState
{
    /// <summary>Not running.</summary>
    Off = 0,

    /// <summary>Waits before it connects again.</summary>
    Waiting = 1,

    /// <summary>Connects.</summary>
    Connecting = 2,

    /// <summary>Has said who it is.</summary>
    Greeting = 3,

    /// <summary>Stands by: another terminal of the account is the active one.</summary>
    Standby = 4,

    /// <summary>Active.</summary>
    Live = 5,
}
