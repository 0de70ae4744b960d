using Google.Protobuf;

namespace Lockstep.CTrader.Wire;

/// <summary>One message of the Open API with its envelope.</summary>
/// <param name="PayloadType">Number of the message's kind.</param>
/// <param name="Body">The message; null when the kind is not in the table (a newer server): such a message is counted and otherwise left alone.</param>
/// <param name="ClientMsgId">Who asked; null on what the server says of its own accord.</param>
public sealed record OpenApiMessage(uint PayloadType, IMessage? Body, string? ClientMsgId);

/// <summary>Bytes that are no frame or no message of the Open API; the text says what was found, never the content.</summary>
public sealed class OpenApiFormatException : Exception
{
    /// <summary>With the reason.</summary>
    public OpenApiFormatException(string message)
        : base(message)
    {
    }

    /// <summary>With reason and cause.</summary>
    public OpenApiFormatException(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <summary>Unused.</summary>
    public OpenApiFormatException()
    {
    }
}
