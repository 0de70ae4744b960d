using System.Runtime.InteropServices;
using SQLitePCL;

namespace Lockstep.Storage.Sqlite;

/// <summary>Which SQLite library does the work.</summary>
/// <param name="Library">The file it was loaded from, or <c>e_sqlite3 (bundled)</c>.</param>
/// <param name="Version">Its version: <c>3.40.1</c>.</param>
/// <param name="Warning">What the operator should know, or null.</param>
public sealed record SqliteLibrary(string Library, string Version, string? Warning);

/// <summary>
/// Chooses the native library. The package brings an old one, so the operating system's, which gets its security updates, is preferred; where there is none, or one
/// that is older than the bundled, the bundled one serves, with a warning.
/// </summary>
public static class NativeSqlite
{
    /// <summary>Version number of the bundled library; nothing older is taken.</summary>
    private const int OldestAccepted = 3_035_005;

    private static readonly Lazy<SqliteLibrary> Chosen = new(Choose);

    /// <summary>The library in use; the first call loads it.</summary>
    public static SqliteLibrary Library => Chosen.Value;

    private static string[] SystemNames =>
        OperatingSystem.IsWindows() ? ["winsqlite3.dll"]
        : OperatingSystem.IsMacOS() ? ["/usr/lib/libsqlite3.dylib", "libsqlite3.dylib"]
        : ["libsqlite3.so.0"];

    private static SqliteLibrary Choose()
    {
        nint handle = 0;
        string name = "";
        string? problem = "there is none";
        foreach (string candidate in SystemNames)
        {
            if (NativeLibrary.TryLoad(candidate, out nint loaded))
            {
                problem = Problem(candidate, loaded);
                if (problem is null)
                {
                    (handle, name) = (loaded, candidate);
                    break;
                }

                NativeLibrary.Free(loaded);
            }
        }

        if (handle != 0)
        {
            NativeLibrary.SetDllImportResolver(typeof(SQLite3Provider_e_sqlite3).Assembly, (wanted, _, _) => wanted == "e_sqlite3" ? handle : 0);
        }

        raw.SetProvider(new SQLite3Provider_e_sqlite3());
        string version = raw.sqlite3_libversion().utf8_to_string();
        return handle != 0
            ? new SqliteLibrary(name, version, null)
            : new SqliteLibrary("e_sqlite3 (bundled)", version, $"The operating system's SQLite ({string.Join(" or ", SystemNames)}) is not used: {problem}. The bundled version {version} serves instead; it gets no security updates, so install the system's library (Debian: libsqlite3-0).");
    }

    private static string? Problem(string name, nint library)
    {
        if (!NativeLibrary.TryGetExport(library, "sqlite3_libversion_number", out nint export))
        {
            return $"{name} is not SQLite";
        }

        int version = Marshal.GetDelegateForFunctionPointer<VersionNumber>(export)();
        return version < OldestAccepted ? $"{name} is version {version}, older than {OldestAccepted}" : null;
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int VersionNumber();
}
