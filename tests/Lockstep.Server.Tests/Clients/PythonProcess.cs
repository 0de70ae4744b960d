using System.Diagnostics;

namespace Lockstep.Server.Tests.Clients;

/// <summary>The system's Python, working in <c>clients/python</c>. Not one that stands before it on the PATH: the client's modules are the system's packages.</summary>
internal static class PythonProcess
{
    private const string System = "/usr/bin/python3";

    /// <summary>The client's folder.</summary>
    public static string Folder { get; } = Path.Combine(Root(), "clients", "python");

    /// <summary>Runs Python to its end; longer than three minutes is an error.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(System, arguments) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        start.Environment["PYTHONUTF8"] = "1";
        start.Environment["NO_PROXY"] = "127.0.0.1";
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, await output + await errors);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Lockstep.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"no Lockstep.slnx above {AppContext.BaseDirectory}");
    }
}
