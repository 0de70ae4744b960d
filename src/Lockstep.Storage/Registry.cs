namespace Lockstep.Storage;

/// <summary>Something of the configuration that was made, changed or removed over the API.</summary>
/// <param name="Kind"><c>account</c> or <c>link</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="Json">As the configuration file would have it; null = it was removed.</param>
/// <param name="Base">What the file had when this was written, as JSON; null = nothing. Where the file says something else since then, the file counts.</param>
public sealed record RegistryRow(string Kind, string Name, string? Json, string? Base);

/// <summary>Where changes of the configuration are kept that did not come from its file.</summary>
public interface IRegistryStore
{
    /// <summary>All rows, by kind and name.</summary>
    IReadOnlyList<RegistryRow> Registry();

    /// <summary>Writes one, in place of what was there. Durable when the task ends.</summary>
    Task SaveRegistryAsync(RegistryRow row);

    /// <summary>Forgets one. Durable when the task ends.</summary>
    Task DeleteRegistryAsync(string kind, string name);
}
