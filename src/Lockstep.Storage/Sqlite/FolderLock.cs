using System.Globalization;

namespace Lockstep.Storage.Sqlite;

/// <summary>
/// One process per data folder. The operating system holds the lock on <c>lockstep.lock</c> and lets go of it when the process ends, however it ends;
/// <c>lockstep.pid</c> beside it says who has it (a locked file cannot be read on Windows).
/// </summary>
internal sealed class FolderLock : IDisposable
{
    private readonly FileStream _file;
    private readonly string _pidPath;

    private FolderLock(FileStream file, string pidPath)
    {
        _file = file;
        _pidPath = pidPath;
    }

    /// <summary>Makes the folder if need be and takes it, or says clearly why not.</summary>
    public static FolderLock Take(string folder)
    {
        string pidPath = Path.Combine(folder, "lockstep.pid");
        FileStream? file = null;
        try
        {
            Directory.CreateDirectory(folder);
            file = OpenLock(folder, pidPath);
            File.WriteAllText(pidPath, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return new FolderLock(file, pidPath);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            file?.Dispose();
            throw new DataFolderException(
                $"The data folder {folder} cannot be written ({e.Message.TrimEnd('.')}). Lockstep acts on nothing that it could not write down first, so it does not start. Make the folder writable, or choose another one.", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            File.Delete(_pidPath);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Only a note for people: the lock itself goes with the file below.
        }

        _file.Dispose();
    }

    private static FileStream OpenLock(string folder, string pidPath)
    {
        string path = Path.Combine(folder, "lockstep.lock");
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (IsHeld(e))
        {
            throw new DataFolderException($"The data folder {folder} is in use by another lockstep{Holder(pidPath)}. Two would trade the same accounts twice. Stop the other one, or choose another folder.", e);
        }
    }

    /// <summary>EWOULDBLOCK (11; 35 on macOS) or ERROR_SHARING_VIOLATION: someone has the lock, as against a folder that cannot be written.</summary>
    private static bool IsHeld(IOException e) => (e.HResult & 0xFFFF) is 11 or 35 or 32 && e is not (FileNotFoundException or DirectoryNotFoundException or PathTooLongException);

    private static string Holder(string pidPath)
    {
        try
        {
            return $" (process {File.ReadAllText(pidPath).Trim()})";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
