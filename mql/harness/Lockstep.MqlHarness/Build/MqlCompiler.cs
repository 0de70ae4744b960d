using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Lockstep.MqlHarness.Preprocessor;

namespace Lockstep.MqlHarness.Build;

/// <summary>What to build.</summary>
public sealed record CompileOptions
{
    /// <summary>Folder of <c>#include &lt;…&gt;</c>; null = <c>Include</c> beside the folder of the main file.</summary>
    public string? IncludeRoot { get; init; }

    /// <summary>Address and undefined-behaviour checks.</summary>
    public bool Sanitize { get; init; }

    /// <summary>Only look for errors: nothing is linked.</summary>
    public bool CheckOnly { get; init; }
}

/// <summary>What came of it.</summary>
/// <param name="Success">True when the program was built.</param>
/// <param name="Program">Path of the program, empty when there is none.</param>
/// <param name="Messages">Errors and warnings, with MQL file and line.</param>
public sealed record CompileResult(bool Success, string Program, string Messages);

/// <summary>Compiles MQL with g++. What was built is kept by the hash of everything that went into it.</summary>
public static class MqlCompiler
{
    private static readonly string[] Warnings = ["-Wall", "-Wextra", "-Wconversion", "-Wno-sign-conversion", "-Wno-unused-parameter"];

    /// <summary>Folder of the shim's sources.</summary>
    public static string ShimFolder { get; } = Source("shim");

    /// <summary>Folder of the reference tables.</summary>
    public static string TablesFolder { get; } = Source("tables");

    /// <summary>Where built programs are kept.</summary>
    public static string CacheFolder { get; } = Path.Combine(Path.GetTempPath(), "lockstep-mql-" + Environment.UserName);

    /// <summary>True when the OpenSSL headers are there: without them TLS calls fail with 5274.</summary>
    public static bool HasTls { get; } = File.Exists("/usr/include/openssl/ssl.h");

    /// <summary>Compiles a main file.</summary>
    public static CompileResult Compile(string mainFile, CompileOptions? options = null)
    {
        options ??= new CompileOptions();
        string main = Path.GetFullPath(mainFile);
        string includes = Path.GetFullPath(options.IncludeRoot ?? Path.Combine(Path.GetDirectoryName(main)!, "..", "Include"));
        Translation translation;
        try
        {
            translation = Translation.Of(main, includes);
        }
        catch (MqlException e)
        {
            return new CompileResult(false, "", e.Message);
        }

        string tables = ConstantsHeader.Of(TablesFolder, translation.Mql4);
        var flags = Flags(translation.Mql4, options.Sanitize);
        string shimHash = Hash(Directory.GetFiles(ShimFolder).Order(StringComparer.Ordinal).SelectMany(file => new[] { Path.GetFileName(file), File.ReadAllText(file) }).Append(tables).Concat(flags));
        string folder = Path.Combine(CacheFolder, shimHash);
        Directory.CreateDirectory(folder);
        WriteOnce(Path.Combine(folder, "mql_tables.hpp"), tables);

        string hash = Hash([translation.Source]);
        string source = Path.Combine(folder, hash + ".cpp");
        string program = Path.Combine(folder, hash);
        WriteOnce(source, translation.Source);
        string messages = Path.Combine(folder, hash + ".log");
        if (options.CheckOnly)
        {
            return Run([.. flags, .. Warnings, "-isystem", ShimFolder, "-isystem", folder, "-fsyntax-only", source], out string said)
                ? new CompileResult(true, "", said)
                : new CompileResult(false, "", said);
        }

        if (File.Exists(program))
        {
            return new CompileResult(true, program, File.ReadAllText(messages));
        }

        if (Runtime(folder, flags, translation.Mql4, out string runtimeSaid) is not { } runtime)
        {
            return new CompileResult(false, "", runtimeSaid);
        }

        string built = Scratch(program);
        bool ok = Run([.. flags, .. Warnings, "-isystem", ShimFolder, "-isystem", folder, source, runtime, "-o", built, .. Libraries()], out string text);
        if (!ok)
        {
            return new CompileResult(false, "", text);
        }

        File.WriteAllText(messages, text);
        File.Move(built, program, overwrite: true);
        return new CompileResult(true, program, text);
    }

    // Beside the program; a published one comes without, and finds them in the repository that it is started in.
    private static string Source(string name)
    {
        string own = Path.Combine(AppContext.BaseDirectory, name);
        for (var folder = new DirectoryInfo(Environment.CurrentDirectory); folder is not null && !Directory.Exists(own); folder = folder.Parent)
        {
            own = Path.Combine(folder.FullName, "mql", "harness", name);
        }

        return own;
    }

    /// <summary>The shim as one object file: the slow part, the same for all programs of a platform.</summary>
    private static string? Runtime(string folder, IReadOnlyList<string> flags, bool mql4, out string said)
    {
        string target = Path.Combine(folder, "runtime.o");
        said = "";
        if (File.Exists(target))
        {
            return target;
        }

        var all = new StringBuilder();
        foreach (string source in Directory.GetFiles(ShimFolder, "*.cpp").Order(StringComparer.Ordinal))
        {
            all.Append(CultureInfo.InvariantCulture, $"#include \"{source}\"\n");
        }

        string unit = Scratch(Path.Combine(folder, mql4 ? "runtime4" : "runtime5")) + ".cpp";
        File.WriteAllText(unit, all.ToString());
        string built = Scratch(target);
        if (!Run([.. flags, "-Wall", "-Wextra", "-I", ShimFolder, "-I", folder, "-c", unit, "-o", built], out said))
        {
            return null;
        }

        File.Move(built, target, overwrite: true);
        return target;
    }

    private static List<string> Flags(bool mql4, bool sanitize)
    {
        // Uninitialised locals get a pattern that hurts; a division by zero ends the program and says where, as in the terminal.
        var flags = new List<string>
        {
            "-std=c++17", "-g1", "-O1", "-fwrapv", "-ftrivial-auto-var-init=pattern", mql4 ? "-D__MQL4__" : "-D__MQL5__", "-D__MQL__",
            sanitize ? "-fsanitize=address,undefined,float-divide-by-zero" : "-fsanitize=integer-divide-by-zero,float-divide-by-zero",
            "-fno-sanitize-recover=all",
        };
        if (HasTls)
        {
            flags.Add("-DMQL_TLS");
        }

        return flags;
    }

    private static string[] Libraries() => HasTls ? ["-lssl", "-lcrypto"] : [];

    private static string Scratch(string path) => string.Create(CultureInfo.InvariantCulture, $"{path}.{Environment.ProcessId}.{Guid.NewGuid():N}");

    private static void WriteOnce(string path, string text)
    {
        if (!File.Exists(path))
        {
            string scratch = Scratch(path);
            File.WriteAllText(scratch, text);
            File.Move(scratch, path, overwrite: true);
        }
    }

    private static string Hash(IEnumerable<string> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string part in parts)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(part + "\0"));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..24];
    }

    private static bool Run(IEnumerable<string> arguments, out string said)
    {
        var start = new ProcessStartInfo("g++") { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start) ?? throw new InvalidOperationException("g++ does not start");
        var output = process.StandardOutput.ReadToEndAsync();
        said = process.StandardError.ReadToEnd() + output.Result;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
