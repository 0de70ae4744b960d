using System.Buffers;
using System.Threading.Channels;
using Lockstep.CTrader.Session;

namespace Lockstep.CTrader.Tests.Tls;

/// <summary>Writes down what a wire says, and holds it to its word: one call at a time, nothing after the end.</summary>
internal sealed class RecordingEnd : IOpenApiWireEnd
{
    private readonly Channel<string> _said = Channel.CreateUnbounded<string>();
    private int _inside;
    private bool _closed;

    /// <summary>What was not as it was promised.</summary>
    public string? Broken { get; private set; }

    public Action? OnConnected { get; set; }

    public Action<byte[]>? OnReceived { get; set; }

    public void Connected() => Said("connected", () => OnConnected?.Invoke());

    public void Received(ReadOnlySequence<byte> frame)
    {
        byte[] bytes = frame.ToArray();
        Said(OnReceived is null ? Convert.ToHexString(bytes) : null, () => OnReceived?.Invoke(bytes));
    }

    public void Closed(string why) => Said("closed: " + why, () => _closed = true);

    /// <summary>The next thing it heard.</summary>
    public Task<string> NextAsync() => _said.Reader.ReadAsync().AsTask().WaitAsync(TlsPeer.Patience);

    /// <summary>What it heard and nobody asked for.</summary>
    public IReadOnlyList<string> Left()
    {
        var left = new List<string>();
        while (_said.Reader.TryRead(out string? said))
        {
            left.Add(said);
        }

        return left;
    }

    private void Said(string? what, Action then)
    {
        Broken ??= Interlocked.Increment(ref _inside) != 1 ? "two calls at once" : _closed ? "a call after the end" : null;
        if (what is not null)
        {
            _said.Writer.TryWrite(what);
        }

        then();
        Interlocked.Decrement(ref _inside);
    }
}
