using System.Globalization;
using System.Text;
using Lockstep.Domain;

namespace Lockstep.Simulation;

/// <summary>What a person reads of a world: time since its beginning, who, what. Costs nothing when nobody listens.</summary>
internal sealed class Story(Timestamp start, bool on)
{
    private readonly StringBuilder _text = new();

    /// <summary>A story that nobody listens to.</summary>
    public static readonly Story Silent = new(Timestamp.Epoch, false);

    /// <summary>True when someone listens: ask before you build a sentence.</summary>
    public bool On { get; } = on;

    /// <summary>One line.</summary>
    public void Tell(Timestamp at, string who, string what)
    {
        if (On)
        {
            var t = at - start;
            _text.Append(CultureInfo.InvariantCulture, $"{(t < TimeSpan.Zero ? "-" : "")}{t:hh\\:mm\\:ss\\.ffffff}  {who,-10} {what}\n");
        }
    }

    /// <summary>A line without time.</summary>
    public void Head(string line)
    {
        if (On)
        {
            _text.Append(line).Append('\n');
        }
    }

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();
}
