using System.Globalization;
using System.Text.Json;

namespace Lockstep.Server.Relay;

/// <summary>Lines on standard output: plain, or one JSON object each. What passes through the relay is never written, as a hello holds a key.</summary>
internal sealed class RelayLog(TextWriter to, bool json)
{
    private readonly Lock _gate = new();

    /// <summary>One line.</summary>
    public void Write(string who, string text)
    {
        string at = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        string line = json ? JsonSerializer.Serialize(new { at, who, text }) : $"{at} {who}: {text}";
        lock (_gate)
        {
            to.WriteLine(line);
        }
    }
}
