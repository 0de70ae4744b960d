using System.Buffers.Binary;
using System.IO.Pipes;

namespace Lockstep.Server.Relay;

/// <summary>Serves terminals over a named pipe: strictly one reply to one request.</summary>
internal sealed class PipeSide(string pipe, RelayTarget target, RelayLog log)
{
    private int _count;

    /// <summary>Takes in terminals, several at once, until it is stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var serving = new HashSet<Task>();
        try
        {
            while (!stop.IsCancellationRequested)
            {
                var stream = Open();
                try
                {
                    await stream.WaitForConnectionAsync(stop);
                }
                catch
                {
                    await stream.DisposeAsync();
                    throw;
                }

                serving.RemoveWhere(t => t.IsCompleted);
                serving.Add(ServeAsync(stream, stop));
            }
        }
        catch (OperationCanceledException)
        {
        }
        finally
        {
            await Task.WhenAll(serving);
        }
    }

    /// <summary>Serves one terminal to its end.</summary>
    public async Task ServeAsync(Stream stream, CancellationToken stop)
    {
        string name = $"terminal {Interlocked.Increment(ref _count)}";
        log.Write(name, "came");
        var link = new RelayLink(target, log, name, stop);
        string why;
        try
        {
            why = await ExchangeAsync(stream, link, stop);
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or ObjectDisposedException)
        {
            why = error is OperationCanceledException ? "the relay stops" : "the pipe broke";
        }

        log.Write(name, $"left: {why}");
        await stream.DisposeAsync();
        await link.EndAsync();
    }

    // Only this machine's user: a pipe of Windows could be opened over the network otherwise. On Linux it is a Unix socket; a rooted name is its path.
    private NamedPipeServerStream Open() => new(
        pipe, PipeDirection.InOut, NamedPipeServerStream.MaxAllowedServerInstances, PipeTransmissionMode.Byte, PipeOptions.Asynchronous | PipeOptions.CurrentUserOnly);

    private static async Task<string> ExchangeAsync(Stream stream, RelayLink link, CancellationToken stop)
    {
        byte[] head = new byte[4];
        byte[] body = [];
        var messages = new List<byte[]>();
        while (true)
        {
            int got = await stream.ReadAtLeastAsync(head, 4, throwOnEndOfStream: false, stop);
            if (got < 4)
            {
                return got == 0 ? "it closed the pipe" : "it left within an exchange";
            }

            uint length = BinaryPrimitives.ReadUInt32LittleEndian(head);
            if (length > Exchange.BytesMax)
            {
                return $"an exchange of {length} bytes, where at most {Exchange.BytesMax} can be";
            }

            if (body.Length < length)
            {
                body = new byte[Math.Max(4096, length)];
            }

            if (await stream.ReadAtLeastAsync(body.AsMemory(0, (int)length), (int)length, throwOnEndOfStream: false, stop) < (int)length)
            {
                return "it left within an exchange";
            }

            if (Exchange.Read(body.AsSpan(0, (int)length), messages) is { } wrong)
            {
                return wrong;
            }

            await stream.WriteAsync(link.Answer(messages), stop);
            await stream.FlushAsync(stop);
        }
    }
}
