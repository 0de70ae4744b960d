namespace Lockstep.Testing;

/// <summary>
/// What a test needs of the machine beyond the SDK. Where it is missing the test is skipped and says why; with LOCKSTEP_TEST_REQUIRE=all (as .ci/run sets it)
/// the test runs all the same and fails, so that a green run there means that everything ran.
/// </summary>
internal static class Requires
{
    /// <summary>The environment variable that turns skipping off.</summary>
    public const string Variable = "LOCKSTEP_TEST_REQUIRE";

    /// <summary>True when nothing may be skipped.</summary>
    public static bool Everything => Environment.GetEnvironmentVariable(Variable) == "all";

    /// <summary>Why the test must be skipped, or null when it may run. A need is <c>linux</c>, <c>root</c>, <c>OpenSSL headers</c>, a Python module by its Debian package (<c>python3-httpx</c>), or the name of a program on the PATH.</summary>
    public static string? Missing(params string[] needs) => Missing(Everything, needs);

    /// <summary>As <see cref="Missing(string[])"/>, with the variable's meaning given.</summary>
    public static string? Missing(bool everything, string[] needs)
    {
        string[] missing = [.. needs.Where(need => !Has(need))];
        return everything || missing.Length == 0 ? null : $"needs {string.Join(", ", missing)}, not to be had here";
    }

    /// <summary>The full path of a program; throws a sentence that names it when it is missing.</summary>
    public static string Program(string name) =>
        Find(name) ?? throw new InvalidOperationException($"this test needs the program {name}, and it is not on the PATH");

    private const string PythonPackage = "python3-";

    private static bool Has(string need) => need switch
    {
        "linux" => OperatingSystem.IsLinux(),
        "root" => OperatingSystem.IsLinux() && Environment.UserName == "root",
        "OpenSSL headers" => File.Exists("/usr/include/openssl/ssl.h"),
        _ when need.StartsWith(PythonPackage, StringComparison.Ordinal) => Directory.Exists(Path.Combine("/usr/lib/python3/dist-packages", need[PythonPackage.Length..])),
        _ => Find(need) is not null,
    };

    private static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(folder => new[] { Path.Combine(folder, program), Path.Combine(folder, program + ".exe") })
            .FirstOrDefault(File.Exists);
}

/// <summary>A fact that needs something of the machine: <c>[FactNeeding("g++")]</c>.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FactNeedingAttribute : FactAttribute
{
    public FactNeedingAttribute(params string[] needs)
    {
        Needs = needs;
        Skip = Requires.Missing(needs);
    }

    public IReadOnlyList<string> Needs { get; }
}
