using System.Diagnostics;
using System.Text;

namespace Lockstep.Server.Tests.Processes;

/// <summary>The command <c>lockstep</c> as a real process.</summary>
internal sealed class LockstepProcess : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly TaskCompletionSource<Uri?> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private LockstepProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Take(_output, line.Data);
        process.ErrorDataReceived += (_, line) => Take(_errors, line.Data);
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => _listening.TrySetResult(null);
    }

    /// <summary>What it wrote on standard output so far.</summary>
    public string Output => Text(_output);

    /// <summary>What it wrote on standard error so far.</summary>
    public string Errors => Text(_errors);

    /// <summary>Where <c>serve</c> listens; null when it ended before it did.</summary>
    public Task<Uri?> Listening => _listening.Task;

    public static LockstepProcess Start(params string[] arguments) => Start(new Dictionary<string, string>(), arguments);

    public static LockstepProcess Start(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        string dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } path ? path : "dotnet";
        var start = new ProcessStartInfo(dotnet) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "lockstep.dll"));
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var process = new LockstepProcess(new Process { StartInfo = start });
        process._process.Start();
        process._process.BeginOutputReadLine();
        process._process.BeginErrorReadLine();
        return process;
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        int code = await process.EndAsync(TimeSpan.FromMinutes(3));
        return (code, process.Output, process.Errors);
    }

    /// <summary>Waits for its end.</summary>
    public async Task<int> EndAsync(TimeSpan patience)
    {
        using var limit = new CancellationTokenSource(patience);
        await _process.WaitForExitAsync(limit.Token);
        _process.WaitForExit();
        return _process.ExitCode;
    }

    /// <summary>SIGKILL: nothing is ended in order.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await EndAsync(TimeSpan.FromSeconds(30));
    }

    /// <summary>SIGTERM, as a service manager or a container sends it.</summary>
    public void Terminate()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private void Take(StringBuilder text, string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (text)
        {
            text.Append(line).Append('\n');
        }

        const string Mark = "\"Url\":\"";
        int at = line.IndexOf(Mark, StringComparison.Ordinal);
        if (at >= 0)
        {
            at += Mark.Length;
            _listening.TrySetResult(new Uri(line[at..line.IndexOf('"', at)]));
        }
    }

    private static string Text(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }
}
