using System.Xml.Linq;

namespace Lockstep.Architecture.Tests;

/// <summary>The source tree that the tests were built from.</summary>
internal static class Repository
{
    /// <summary>The folder of the solution file.</summary>
    public static readonly string Root = FindRoot();

    /// <summary>All files under a folder of the repository that are written by people, as paths relative to the root with forward slashes.</summary>
    public static IEnumerable<string> Files(string folder, string pattern) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), pattern, SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Where(path => !path.Split('/').Any(part => part is "bin" or "obj" or "node_modules"))
            .Order(StringComparer.Ordinal);

    /// <summary>The text of a file, by its path relative to the root.</summary>
    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path)).ReplaceLineEndings("\n");

    /// <summary>The names of the projects that a project refers to.</summary>
    public static IReadOnlyList<string> References(string project) =>
        [.. XDocument.Load(Path.Combine(Root, project)).Descendants("ProjectReference").Select(reference =>
            Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')))];

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
