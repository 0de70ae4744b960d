using System.CommandLine;
using System.Text;
using Lockstep.Server.Cli;

namespace Lockstep.Server;

/// <summary>The command <c>lockstep</c>.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        var parsed = LockstepCommand.Create().Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                await Console.Error.WriteLineAsync($"lockstep: {error.Message}");
            }

            await Console.Error.WriteLineAsync("Run 'lockstep --help', or 'lockstep COMMAND --help', for what is allowed.");
            return ExitCode.BadUsage;
        }

        // Signals are each command's own affair: they end things in order, which takes as long as it takes.
        return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });
    }
}
