using Lockstep.Testing;

namespace Lockstep.Server.Tests.Clients;

/// <summary>The Python client: its own tests, and its types.</summary>
public sealed class PythonTests
{
    [FactNeeding("python3", "python3-httpx", "python3-websockets")]
    public async Task It_stands_servers_that_misbehave()
    {
        var (code, output) = await PythonProcess.RunAsync(new Dictionary<string, string>(), "-m", "unittest", "discover", "-s", "tests", "-t", ".");
        Assert.True(code == 0, output);
        Assert.Matches(@"Ran \d\d+ tests", output);
    }

    [FactNeeding("python3", "python3-httpx", "python3-websockets", "mypy")]
    public async Task Its_types_hold()
    {
        var (code, output) = await PythonProcess.RunAsync(new Dictionary<string, string>(), "-m", "mypy", "--cache-dir=/dev/null");
        Assert.True(code == 0, output);
    }
}
