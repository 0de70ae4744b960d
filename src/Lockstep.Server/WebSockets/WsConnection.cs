using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Lockstep.MetaTrader.Session;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.Server.WebSockets;

/// <summary>
/// One WebSocket, a terminal's or a user's, framed by ourselves on the connection's own pipe (Kestrel's upgraded stream is a copy more each way). Reading: one loop; the pipe holds no
/// memory while nothing comes. Writing: frames go straight into the pipe and are flushed once for all that came meanwhile; nobody who sends ever waits.
/// </summary>
internal sealed partial class WsConnection : ITerminalTransport, IThreadPoolWorkItem
{
    /// <summary>A side that leaves more than this unread is closed.</summary>
    public const int WaitingMax = 1024 * 1024;

    /// <summary>So long the other side has to answer a close, and what was sent before it to leave.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly HttpContext _http;
    private readonly bool _encrypts;
    private readonly bool _local;
    private readonly Lock _gate = new();
    private PipeWriter? _out;
    private ArrayBufferWriter<byte>? _later;
    private TaskCompletionSource? _flushed;
    private Flushing _flushing;
    private int _leaving;
    private bool _closing;
    private bool _ended;
    private bool _tells;
    private IWsLink? _link;
    private string? _why;

    /// <summary>Not open yet: what is sent before <see cref="RunAsync"/> is refused.</summary>
    public WsConnection(HttpContext http, string remote) =>
        (_http, _encrypts, _local, Remote) = (http, http.Request.IsHttps, IPAddress.IsLoopback(http.Connection.RemoteIpAddress ?? IPAddress.None), remote);

    private enum Flushing
    {
        /// <summary>Nothing waits.</summary>
        Idle,

        /// <summary>A flush will begin; until then frames may join it.</summary>
        Due,

        /// <summary>The pipe is being flushed and must not be written to; what comes now waits beside it.</summary>
        Under,
    }

    /// <inheritdoc/>
    public string Remote { get; }

    /// <inheritdoc/>
    public bool IsPrivate => _encrypts || _local;

    /// <summary>Runs the connection to its end; the link hears of the end before this returns.</summary>
    public async Task RunAsync(IDuplexPipe pipe, IWsLink link, ILogger log)
    {
        bool open;
        lock (_gate)
        {
            open = !_closing;
            _out = open ? pipe.Output : null;
            _link = link;
        }

        if (!open)
        {
            // Closed before it stood: the server stops.
            link.Closed(_why ?? "closed by us");
            return;
        }

        link.Opened();
        string why = "the connection broke";
        try
        {
            using var frames = new WsReader(fromClient: true);
            why = await ReadAsync(pipe.Input, frames, link);
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // A connection that breaks is nothing new.
        }
#pragma warning disable CA1031 // What one link's message broke must not reach another, nor Kestrel's log with whatever it holds.
        catch (Exception error)
#pragma warning restore CA1031
        {
            log.LogError("websocket {Remote} {Error} {Stack}", Remote, error.GetType().Name, error.StackTrace);
            why = "a mistake of ours";
            Close(WsClose.TryLater, why);
        }

        Task flushed;
        lock (_gate)
        {
            _closing = true;
            why = _why ?? why;
            _flushed = _flushing == Flushing.Idle ? null : new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            flushed = _flushed?.Task ?? Task.CompletedTask;
        }

        link.Closed(why);

        // The connection is Kestrel's again once this returns: nothing of ours may touch it after that.
        if (await Task.WhenAny(flushed, Task.Delay(Patience)) != flushed)
        {
            _http.Abort();
        }

        await flushed;
        lock (_gate)
        {
            (_ended, _out) = (true, null);
        }
    }

    /// <inheritdoc/>
    public bool Send(ReadOnlySpan<byte> text) => Put(WsOpcode.Text, text, closing: false);

    /// <summary>Puts frames that were made already on their way, as <see cref="Send"/>: one encoding may go to many.</summary>
    public bool SendFrames(ReadOnlySpan<byte> frames) => Put(frames, closing: false);

    /// <summary>True when nothing that was sent still waits to leave. Else the link is told once, by <see cref="IWsLink.Drained"/>, as soon as that is so.</summary>
    public bool Ready()
    {
        lock (_gate)
        {
            _tells = _flushing != Flushing.Idle;
            return !_tells && !_closing && _out is not null;
        }
    }

    /// <inheritdoc/>
    public void Close(int code, string reason)
    {
        lock (_gate)
        {
            if (_closing)
            {
                return;
            }

            _why ??= $"closed by us: {code} {reason}";
        }

        Span<byte> frame = stackalloc byte[WsFrames.MaxHeader + WsFrames.MaxControl];
        if (Put(frame[..WsFrames.WriteClose(frame, code, reason)], closing: true))
        {
            _ = CutOffAsync();
        }
    }

    /// <summary>The flush that is due.</summary>
    void IThreadPoolWorkItem.Execute() => Flush();

    private bool Put(WsOpcode opcode, ReadOnlySpan<byte> payload, bool closing) => Put(default, opcode, payload, closing);

    private bool Put(ReadOnlySpan<byte> frame, bool closing) => Put(frame, default, default, closing);

    /// <summary>A frame that was made already, or one to make.</summary>
    private bool Put(ReadOnlySpan<byte> made, WsOpcode opcode, ReadOnlySpan<byte> payload, bool closing)
    {
        int size = made.IsEmpty ? WsFrames.Size(payload.Length, masked: false) : made.Length;
        lock (_gate)
        {
            if (_closing || _out is not { } output)
            {
                _closing |= closing;
                return false;
            }

            // One that is larger than all that may wait goes where nothing waits.
            int waiting = _leaving + (_later?.WrittenCount ?? 0);
            if (waiting > 0 && waiting + size > WaitingMax)
            {
                _closing = true;
                _why ??= "it reads too slowly";
                _http.Abort();
                return false;
            }

            _closing = closing;
            IBufferWriter<byte> to = output;
            if (_flushing == Flushing.Under)
            {
                to = _later ??= new ArrayBufferWriter<byte>(Math.Max(size, 256));
            }
            else
            {
                _leaving += size;
            }

            if (made.IsEmpty)
            {
                WsFrames.Write(to, opcode, payload);
            }
            else
            {
                to.Write(made);
            }

            if (_flushing != Flushing.Idle)
            {
                return true;
            }

            _flushing = Flushing.Due;
        }

        if (_encrypts)
        {
            // With TLS a flush encrypts on whoever calls it; that is not the sender's work.
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
        else
        {
            Flush();
        }

        return true;
    }

    private void Flush()
    {
        try
        {
            while (Begin() is { } output)
            {
                var flush = output.FlushAsync(CancellationToken.None);
                if (!flush.IsCompletedSuccessfully)
                {
                    _ = FinishAsync(flush);
                    return;
                }

                if (!GoesOn(flush.Result))
                {
                    return;
                }
            }
        }
#pragma warning disable CA1031 // However a connection ends, its writing ends here, and the sender goes on; the read loop says why.
        catch (Exception)
#pragma warning restore CA1031
        {
            GoesOn(new FlushResult(isCanceled: false, isCompleted: true));
        }
    }

    private async Task FinishAsync(ValueTask<FlushResult> flush)
    {
        FlushResult result;
        try
        {
            result = await flush;
        }
#pragma warning disable CA1031 // As in Flush.
        catch (Exception)
#pragma warning restore CA1031
        {
            result = new FlushResult(isCanceled: false, isCompleted: true);
        }

        if (GoesOn(result))
        {
            Flush();
        }
    }

    private PipeWriter? Begin()
    {
        lock (_gate)
        {
            _flushing = _out is null ? Flushing.Idle : Flushing.Under;
            return _out;
        }
    }

    /// <summary>A flush is over; true when more came meanwhile, which lies in the pipe now.</summary>
    private bool GoesOn(FlushResult result)
    {
        if (!More(result, out bool tell))
        {
            if (tell)
            {
                _link!.Drained();
            }

            return false;
        }

        return true;
    }

    private bool More(FlushResult result, out bool tell)
    {
        lock (_gate)
        {
            tell = false;
            if (result.IsCompleted || result.IsCanceled)
            {
                (_out, _later, _closing) = (null, null, true);
            }

            _leaving = _out is null ? 0 : _later?.WrittenCount ?? 0;
            if (_leaving == 0)
            {
                _flushing = Flushing.Idle;
                _flushed?.TrySetResult();
                (tell, _tells) = (_tells && _out is not null, false);
                return false;
            }

            _out!.Write(_later!.WrittenSpan);

            // Kept while it is small: a link that is written to by several at once is so again.
            _later = _leaving > 4096 ? null : _later;
            _later?.ResetWrittenCount();
            _flushing = Flushing.Due;
            return true;
        }
    }

    /// <summary>Who does not answer a close is cut off: a half-open connection would stand for ever.</summary>
    private async Task CutOffAsync()
    {
        await Task.Delay(Patience);
        lock (_gate)
        {
            if (!_ended)
            {
                _http.Abort();
            }
        }
    }
}
