using System.Text;
using Lockstep.Server.Configuration;

namespace Lockstep.Server.Tests.Configuration;

/// <summary>Configurations for tests: a small good one, and ways to spoil it.</summary>
internal static class Config
{
    /// <summary>Four accounts, three links.</summary>
    public const string Good =
        """
        {
          "server": { "auth": "none" },
          "accounts": {
            "prop": { "platform": "paper", "broker": { "kind": "mt5-hedging", "symbols": ["EURUSD", "XAUUSD"] } },
            "personal": { "platform": "paper", "broker": { "kind": "mt4-fifo", "symbols": ["EURUSD", "XAUUSD"] } },
            "ctrader": { "platform": "paper", "broker": { "kind": "ctrader", "symbols": ["EURUSD", "XAUUSD"] } },
            "netting": { "platform": "paper", "broker": { "kind": "mt5-netting", "suffix": ".n", "symbols": ["EURUSD", "XAUUSD"] } }
          },
          "links": [
            { "name": "hedge", "source": "prop", "target": "personal", "kind": "hedge" },
            { "name": "copy", "source": "prop", "target": "ctrader" },
            { "name": "net", "source": "prop", "target": "netting", "symbols": { "addSuffix": ".n" } }
          ]
        }
        """;

    /// <summary>Reads a text; the environment holds KEY and KEY2 (good ones), SHORT and nothing else.</summary>
    public static ConfigResult Read(string json, string? folder = null) => ConfigReader.Read(
        Encoding.UTF8.GetBytes(json),
        folder ?? AppContext.BaseDirectory,
        name => name switch { "KEY" => "0123456789abcdef", "KEY2" => "fedcba9876543210", "SHORT" => "short", _ => null });

    /// <summary>The good one with a piece replaced, which must be there.</summary>
    public static string With(string old, string replacement)
    {
        Assert.Contains(old, Good, StringComparison.Ordinal);
        return Good.Replace(old, replacement, StringComparison.Ordinal);
    }

    /// <summary>The repository's folder.</summary>
    public static string Root
    {
        get
        {
            var folder = new DirectoryInfo(SourceFolder());
            while (!File.Exists(Path.Combine(folder.FullName, "Directory.Packages.props")))
            {
                folder = folder.Parent ?? throw new InvalidOperationException("the repository's root was not found");
            }

            return folder.FullName;
        }
    }

    private static string SourceFolder([System.Runtime.CompilerServices.CallerFilePath] string path = "") =>
        Directory.Exists(Path.GetDirectoryName(path)) ? Path.GetDirectoryName(path)! : AppContext.BaseDirectory;
}
