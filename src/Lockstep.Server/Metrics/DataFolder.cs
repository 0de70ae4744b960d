namespace Lockstep.Server.Metrics;

/// <summary>What the data folder takes and what room it has left.</summary>
internal static class DataFolder
{
    private static readonly string[] Parts = ["lockstep.db", "lockstep.db-wal"];

    /// <summary>The database's files and their sizes in bytes.</summary>
    public static IEnumerable<(string Name, long Bytes)> Files(string folder) =>
        Parts.Select(name => (Name: name, File: new FileInfo(Path.Combine(folder, name)))).Where(f => f.File.Exists).Select(f => (f.Name, f.File.Length)).ToList();

    /// <summary>Bytes that can still be written on the folder's disk; null = the system does not say.</summary>
    public static long? Free(string folder)
    {
        try
        {
            return new DriveInfo(folder).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
