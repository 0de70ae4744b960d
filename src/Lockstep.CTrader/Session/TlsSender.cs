namespace Lockstep.CTrader.Session;

/// <summary>
/// The way out of one connection, for many threads. A frame is written at once, on the caller's thread, when nothing else is being written; otherwise it is put behind what waits, and
/// the write that runs takes all of that with it at its end. Nothing waits for anything but the stream, and nobody is called from inside but the one who hears of its end.
/// </summary>
public sealed class TlsSender
{
    private const int KeptMost = 64 * 1024;
    private readonly Lock _gate = new();
    private readonly Stream _stream;
    private readonly int _waitingMost;
    private readonly Action<string> _broken;
    private byte[] _filling = new byte[1024];
    private byte[] _leaving = new byte[1024];
    private int _filled;
    private int _leaves;
    private bool _writing;
    private bool _over;
    private TaskCompletionSource? _idle;

    /// <summary>A way out that nothing took yet.</summary>
    /// <param name="stream">Where bytes go.</param>
    /// <param name="waitingMost">Bytes that may wait; one more, and the other side reads too slowly.</param>
    /// <param name="broken">Is told once, on any thread and perhaps from inside <see cref="Send"/>, why nothing goes any more. Not called after <see cref="EndAsync"/>.</param>
    public TlsSender(Stream stream, int waitingMost, Action<string> broken)
    {
        (_stream, _waitingMost, _broken) = (stream, waitingMost, broken);
    }

    /// <summary>Copies the bytes and sends them; false = nothing goes any more.</summary>
    public bool Send(ReadOnlySpan<byte> frame)
    {
        bool full;
        lock (_gate)
        {
            if (_over)
            {
                return false;
            }

            full = _over = (long)_filled + _leaves + frame.Length > _waitingMost;
            if (!full)
            {
                Put(frame);
                if (_writing)
                {
                    return true;
                }

                _writing = true;
                Swap();
            }
        }

        if (full)
        {
            _broken("the other side reads too slowly");
            return false;
        }

        _ = WriteAsync();
        return true;
    }

    /// <summary>Takes nothing more. The task ends when what waited has left, or cannot leave.</summary>
    public Task EndAsync()
    {
        lock (_gate)
        {
            _over = true;
            if (!_writing)
            {
                return Task.CompletedTask;
            }

            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _idle.Task;
        }
    }

    private async Task WriteAsync()
    {
        try
        {
            do
            {
                await _stream.WriteAsync(_leaving.AsMemory(0, _leaves)).ConfigureAwait(false);
            }
            while (More());
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException or System.Net.Sockets.SocketException)
        {
            bool tell;
            lock (_gate)
            {
                tell = !_over;
                _over = true;
                _writing = false;
                _idle?.TrySetResult();
            }

            if (tell)
            {
                _broken($"sending failed: {e.Message}");
            }
        }
    }

    private bool More()
    {
        lock (_gate)
        {
            if (_filled > 0)
            {
                Swap();
                return true;
            }

            _leaves = 0;
            _writing = false;
            _idle?.TrySetResult();
            return false;
        }
    }

    private void Put(ReadOnlySpan<byte> frame)
    {
        if (_filling.Length < _filled + frame.Length)
        {
            Array.Resize(ref _filling, Math.Max(_filled + frame.Length, _filling.Length * 2));
        }

        frame.CopyTo(_filling.AsSpan(_filled));
        _filled += frame.Length;
    }

    private void Swap()
    {
        (_leaving, _leaves, _filling, _filled) = (_filling, _filled, _leaving.Length > KeptMost ? new byte[1024] : _leaving, 0);
    }
}
