using System.Threading.Channels;

namespace Lockstep.Server.Amqp;

/// <summary>Wakes one who waits; several calls before it wakes are one.</summary>
internal sealed class Signal
{
    private readonly Channel<bool> _set = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    /// <summary>Wakes.</summary>
    public void Set() => _set.Writer.TryWrite(true);

    /// <summary>Waits.</summary>
    public async Task WaitAsync(CancellationToken cancel) => await _set.Reader.ReadAsync(cancel);
}
