using System.Text;
using System.Text.Json;

namespace Lockstep.MetaTrader.Tests.Wire;

/// <summary>The vectors of contracts/ea, read where they lie: the MQL tests read the same files.</summary>
internal static class Vectors
{
    public static string Root { get; } = FindRoot();

    public static string Contracts => Path.Combine(Root, "contracts", "ea");

    public static IReadOnlyList<Vector> Good { get; } = Read("");

    public static IReadOnlyList<Vector> Bad { get; } = Read("bad");

    private static List<Vector> Read(string folder) =>
    [
        .. Directory.GetFiles(Path.Combine(Contracts, "vectors", folder), "*.json").Order(StringComparer.Ordinal).Where(file => Path.GetFileName(file) != "digest.json").Select(file =>
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(file));
            var root = json.RootElement;
            return new Vector(
                Path.GetFileNameWithoutExtension(file),
                root.GetProperty("from").GetString()!,
                Encoding.UTF8.GetBytes(root.GetProperty("text").GetString()!),
                root.GetProperty("ok").GetBoolean(),
                !root.TryGetProperty("canonical", out var canonical) || canonical.GetBoolean(),
                root.TryGetProperty("unknown", out var unknown) && unknown.GetBoolean());
        }),
    ];

    private static string FindRoot()
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

internal sealed record Vector(string Name, string From, byte[] Text, bool Ok, bool Canonical, bool Unknown);
