namespace Lockstep.Server.Rest.Document;

/// <summary>The OpenAPI document.</summary>
internal static class DocumentEndpoints
{
    private static readonly Operation Document = new("getOpenApi", "GET", "/openapi/v1.json", Scope.Read, "This document")
    {
        Topic = "Server", Replies = [new(200, typeof(object), "The OpenAPI 3.1 document of all operations.", "{\"openapi\": \"3.1.1\"}")],
    };

    /// <summary>Puts the operation up. The document is made at the first request: all operations are up by then.</summary>
    public static void Map(Routes routes)
    {
        var written = new Lazy<string>(() => OpenApiDocument.Write(routes.Catalogue));
        routes.Map(Document, _ => Results.Text(written.Value, "application/json"));
    }
}
