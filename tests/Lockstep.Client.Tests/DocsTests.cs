namespace Lockstep.Client.Tests;

/// <summary>The page shows the sample as it is.</summary>
public sealed class DocsTests
{
    [Fact]
    public void The_page_has_the_sample()
    {
        string root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Lockstep.slnx")))
        {
            root = Path.GetDirectoryName(root)!;
        }

        string sample = File.ReadAllText(Path.Combine(root, "samples", "Lockstep.Sample", "Program.cs")).ReplaceLineEndings("\n");
        Assert.Contains($"```csharp\n{sample}```", File.ReadAllText(Path.Combine(root, "docs", "clients", "dotnet.md")).ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }
}
