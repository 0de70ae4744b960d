using Lockstep.Domain;
using Lockstep.Server.Configuration;

namespace Lockstep.Server.Rest.Faces;

/// <summary>One request to a face, when everything was checked that can be checked without knowing what it asks for.</summary>
internal sealed class FaceCall
{
    /// <summary>The face.</summary>
    public required Face Face { get; init; }

    /// <summary>The request.</summary>
    public required HttpContext Http { get; init; }

    /// <summary>Its fields, from the body or the query.</summary>
    public required ItemReader Item { get; init; }

    /// <summary>The account; null only where the operation names none.</summary>
    public AccountConfig? Named { get; init; }

    /// <summary>The account.</summary>
    public AccountConfig Account => Named ?? throw new InvalidOperationException("The operation names no account.");

    /// <summary>The client's id of the request, made by the server when none was sent.</summary>
    public string ClientId { get; init; } = "";

    /// <summary>Ends when nobody waits for the answer any more.</summary>
    public CancellationToken Aborted => Http.RequestAborted;

    /// <summary>A field's text; null = absent. Empty text counts as absent.</summary>
    public string? Text(FaceField field) => Value(field)?.Text is { Length: > 0 } text ? text : null;

    /// <summary>A field's number; null = absent.</summary>
    public decimal? Number(FaceField field) => Value(field) is { } value ? ItemReader.Number(value) : null;

    /// <summary>A field's price; null = absent.</summary>
    public Price? Price(FaceField field) => Number(field) is { } number ? new Price(number) : null;

    /// <summary>A field's number of a position or order.</summary>
    public long Id(FaceField field) => (long)Number(field)!.Value;

    /// <summary>The symbol.</summary>
    public SymbolName Symbol => new(Text(FaceFields.Symbol)!);

    /// <summary>A field's moment; null = absent.</summary>
    public DateTimeOffset? Moment(FaceField field) => Text(field) is { } text ? MomentShape.Read(text) : null;

    private JsonItem? Value(FaceField field)
    {
        var item = Item;
        return field.Names.Select(item.Value).FirstOrDefault(v => v is not null);
    }
}
