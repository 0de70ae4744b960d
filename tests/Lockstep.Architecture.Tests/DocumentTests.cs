using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Architecture.Tests;

/// <summary>What can be checked of prose: names exist, links lead somewhere, packages are listed, and nothing of one machine stands in it.</summary>
public partial class DocumentTests
{
    public static TheoryData<string> Pages => new(Repository.Files(".", "*.md"));

    [Theory]
    [MemberData(nameof(Pages))]
    public void Links_lead_to_files(string page)
    {
        string folder = Path.GetDirectoryName(Path.Combine(Repository.Root, page))!;
        var broken = from link in Links().Matches(Repository.Read(page))
                     let target = link.Groups[1].Value.Split('#')[0]
                     where target.Length > 0 && !target.Contains("://", StringComparison.Ordinal) && !File.Exists(Path.Combine(folder, target)) && !Directory.Exists(Path.Combine(folder, target))
                     select target;
        Assert.Empty(broken);
    }

    [Fact]
    public void The_glossary_names_what_is_there()
    {
        var types = new[] { typeof(OrderKey).Assembly, typeof(WhyReason).Assembly }.SelectMany(assembly => assembly.GetExportedTypes()).ToLookup(type => type.Name);
        var names = from row in Repository.Read("docs/glossary.md").Split('\n')
                    where row.StartsWith("| ", StringComparison.Ordinal)
                    from name in Code().Matches(row.Split('|')[^2])
                    select name.Groups[1].Value;
        Assert.All(names, name =>
        {
            string[] parts = name.Split('.');
            Assert.True(types.Contains(parts[0]), $"no type {parts[0]}");
            Assert.True(parts.Length == 1 || types[parts[0]].Any(type => type.GetMember(parts[1], BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static).Length > 0), $"no {name}");
        });
    }

    [Fact]
    public void Every_package_is_accounted_for()
    {
        string page = Repository.Read("docs/dependencies.md");
        foreach (var package in XDocument.Parse(Repository.Read("Directory.Packages.props")).Descendants("PackageVersion"))
        {
            string row = $"| {package.Attribute("Include")!.Value} | {package.Attribute("Version")!.Value} |";
            Assert.Contains(row, page, StringComparison.Ordinal);
        }
    }

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Links();

    [GeneratedRegex("`([A-Za-z.]+)`")]
    private static partial Regex Code();
}
