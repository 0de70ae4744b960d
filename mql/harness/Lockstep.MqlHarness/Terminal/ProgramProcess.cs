using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Lockstep.MqlHarness.Terminal;

/// <summary>One process of a compiled program, and the connection to it.</summary>
internal sealed class ProgramProcess : IDisposable
{
    private readonly Process _process;
    private readonly Socket _socket;
    private readonly StringBuilder _errors = new();

    public ProgramProcess(string program, TimeSpan patience)
    {
        // A path of a Unix socket has little room.
        string path = Path.Combine(Path.GetTempPath(), "ls" + Guid.NewGuid().ToString("N")[..16]);
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen(1);
        try
        {
            var start = new ProcessStartInfo(program) { RedirectStandardError = true, UseShellExecute = false };
            start.ArgumentList.Add(path);
            start.Environment["ASAN_OPTIONS"] = "detect_leaks=0";
            start.Environment["UBSAN_OPTIONS"] = "print_stacktrace=0";
            _process = Process.Start(start) ?? throw new InvalidOperationException($"{program} does not start");
            _process.ErrorDataReceived += (_, line) =>
            {
                lock (_errors)
                {
                    _errors.AppendLine(line.Data);
                }
            };
            _process.BeginErrorReadLine();
            if (!listener.Poll(patience, SelectMode.SelectRead))
            {
                _process.Kill();
                throw new InvalidOperationException($"{program} does not connect: {Errors}");
            }

            _socket = listener.Accept();
            _socket.ReceiveTimeout = (int)patience.TotalMilliseconds;
        }
        finally
        {
            File.Delete(path);
        }
    }

    public string Errors
    {
        get
        {
            lock (_errors)
            {
                return _errors.ToString();
            }
        }
    }

    public int Id => _process.Id;

    public void Send(byte[] message)
    {
        try
        {
            SendAll(BitConverter.GetBytes(message.Length));
            SendAll(message);
        }
        catch (SocketException)
        {
            // It is gone; reading says so.
        }
    }

    /// <summary>The next message, null when the process has ended.</summary>
    public byte[]? Receive()
    {
        byte[] length = new byte[4];
        if (!Fill(length))
        {
            return null;
        }

        byte[] message = new byte[BitConverter.ToInt32(length)];
        return Fill(message) ? message : null;
    }

    /// <summary>The exit code of a process that has ended (or is ended now).</summary>
    public int End()
    {
        if (!_process.WaitForExit(5000))
        {
            _process.Kill();
        }

        _process.WaitForExit();
        return _process.ExitCode;
    }

    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        _socket.Dispose();
        if (!_process.WaitForExit(2000))
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private void SendAll(byte[] bytes)
    {
        for (int at = 0; at < bytes.Length;)
        {
            at += _socket.Send(bytes, at, bytes.Length - at, SocketFlags.None);
        }
    }

    private bool Fill(byte[] bytes)
    {
        for (int at = 0; at < bytes.Length;)
        {
            int got;
            try
            {
                got = _socket.Receive(bytes, at, bytes.Length - at, SocketFlags.None);
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.TimedOut)
            {
                throw new TimeoutException($"the program does not come back from an event: {Errors}");
            }
            catch (SocketException)
            {
                return false;
            }

            if (got == 0)
            {
                return false;
            }

            at += got;
        }

        return true;
    }
}
