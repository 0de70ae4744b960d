namespace Lockstep.Server.Cli;

/// <summary>What the process says when it ends; part of the public interface.</summary>
internal static class ExitCode
{
    /// <summary>All went well.</summary>
    public const int Ok = 0;

    /// <summary>Something failed: a violation was found, the accounts are not in lockstep, the server could not start or go on.</summary>
    public const int Failure = 1;

    /// <summary>The command line or the configuration is wrong; nothing was done.</summary>
    public const int BadUsage = 2;
}
