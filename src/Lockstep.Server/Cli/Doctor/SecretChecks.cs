using System.Security.Cryptography.X509Certificates;
using Lockstep.Server.Configuration;
using Lockstep.Server.Security;

namespace Lockstep.Server.Cli.Doctor;

/// <summary>Certificates, and who may read what is secret.</summary>
internal static class SecretChecks
{
    private static readonly TimeSpan Soon = TimeSpan.FromDays(21);

    /// <summary>All of them.</summary>
    public static IEnumerable<Finding> Look(LockstepConfig config, string configFile, Func<string, string?> environment, DateTimeOffset now)
    {
        if (config.Server.Tls is { } tls)
        {
            var (own, problem) = Certificates.Load(tls, environment);
            yield return own is null
                ? Finding.Error("certificate", problem!, "Correct server.tls.")
                : Certificate(own.Certificate, own.Chain, now);
        }

        foreach (string file in Files(config, configFile).Where(File.Exists).Distinct())
        {
            if (!OperatingSystem.IsWindows())
            {
                yield return Mode(file, File.GetUnixFileMode(file), isSecret: file != configFile);
            }
        }
    }

    /// <summary>The certificate of HTTPS. That its key fits was seen when it was loaded.</summary>
    public static Finding Certificate(X509Certificate2 own, X509Certificate2Collection chain, DateTimeOffset now)
    {
        const string Check = "certificate";
        var end = new DateTimeOffset(own.NotAfter.ToUniversalTime());
        if (now >= end || now < own.NotBefore.ToUniversalTime())
        {
            return Finding.Error(Check, $"{own.Subject} is good from {own.NotBefore.ToUniversalTime():yyyy-MM-dd} to {end:yyyy-MM-dd} only", "Renew it, and restart.");
        }

        if (!own.Extensions.OfType<X509SubjectAlternativeNameExtension>().Any())
        {
            return Finding.Error(Check, $"{own.Subject} names no host (subject alternative name): clients take it for no server's", "Have it issued with the names that clients use.");
        }

        if (end - now < Soon)
        {
            return Finding.Warn(Check, $"{own.Subject} ends on {end:yyyy-MM-dd}", "Renew it, and restart.");
        }

        using var built = new X509Chain();
        built.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        built.ChainPolicy.DisableCertificateDownloads = true;
        built.ChainPolicy.ExtraStore.AddRange(chain);
        return built.Build(own)
            ? Finding.Ok(Check, $"{own.Subject}, until {end:yyyy-MM-dd}")
            : Finding.Warn(
                Check, $"{own.Subject} is trusted by nobody of itself: {string.Join("; ", built.ChainStatus.Select(s => s.StatusInformation.Trim()).Distinct())}",
                "Put the certificates between it and a known authority into the file after it; or, with an authority of your own, have every client trust that.");
    }

    /// <summary>Who may read, and write, a file.</summary>
    public static Finding Mode(string file, UnixFileMode mode, bool isSecret)
    {
        const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
        const UnixFileMode OthersRead = UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        string shown = Convert.ToString((int)mode & 0x1FF, 8);
        return (mode & OthersWrite) != 0 ? Finding.Error("permissions", $"{file} can be changed by other users (mode {shown})", $"chmod go-w {file}")
            : isSecret && (mode & UnixFileMode.OtherRead) != 0 ? Finding.Error("permissions", $"{file} is secret, and everybody can read it (mode {shown})", $"chmod 600 {file}")
            : isSecret && (mode & OthersRead) != 0 ? Finding.Warn("permissions", $"{file} is secret, and its group can read it (mode {shown})", $"chmod 600 {file}, unless that is on purpose.")
            : Finding.Ok("permissions", $"{file} (mode {shown})");
    }

    private static IEnumerable<string> Files(LockstepConfig config, string configFile)
    {
        yield return configFile;
        yield return Path.Combine(config.DataFolder, MasterKey.FileName);
        if (config.Server.Tls is { } tls)
        {
            yield return tls.Key ?? tls.Certificate;
        }

        SecretReference?[] named = [config.Server.ApiKey, config.Server.SharedSecret, config.Server.Tls?.Password, config.SecretKey, config.CTrader?.ClientSecret, config.Amqp?.Url];
        foreach (string file in named.Select(r => r?.File).OfType<string>())
        {
            yield return file;
        }
    }
}
