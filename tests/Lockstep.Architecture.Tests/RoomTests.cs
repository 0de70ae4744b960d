using System.Xml.Linq;

namespace Lockstep.Architecture.Tests;

/// <summary>Who may know whom. A room that is not listed must be put here first, on purpose.</summary>
public class RoomTests
{
    private static readonly Dictionary<string, string[]> MayKnow = new()
    {
        ["Lockstep.Domain"] = [],
        ["Lockstep.Engine"] = ["Lockstep.Domain"],
        ["Lockstep.Storage"] = ["Lockstep.Domain", "Lockstep.Engine"],
        ["Lockstep.MetaTrader"] = ["Lockstep.Domain"],
        ["Lockstep.CTrader"] = ["Lockstep.Domain"],
        // What others build on: it knows the HTTP contract and nothing else.
        ["Lockstep.Client"] = [],
        ["Lockstep.Simulator"] = ["Lockstep.CTrader", "Lockstep.Domain", "Lockstep.MetaTrader"],
        ["Lockstep.Runtime"] = ["Lockstep.Domain", "Lockstep.Engine", "Lockstep.Storage"],
        ["Lockstep.Simulation"] = ["Lockstep.CTrader", "Lockstep.Domain", "Lockstep.Engine", "Lockstep.Runtime", "Lockstep.Simulator", "Lockstep.Storage"],
        // The harness: users see the real Expert Advisors run in the demo. Nothing else of the server needs it.
        ["Lockstep.Server"] = ["Lockstep.CTrader", "Lockstep.Domain", "Lockstep.Engine", "Lockstep.MetaTrader", "Lockstep.MqlHarness", "Lockstep.Runtime", "Lockstep.Simulation", "Lockstep.Simulator", "Lockstep.Storage"],
        ["Lockstep.MqlHarness"] = ["Lockstep.Simulator"],
    };

    /// <summary>Rooms that other people's packages stay out of.</summary>
    private static readonly string[] WithoutPackages = ["Lockstep.Client", "Lockstep.Domain", "Lockstep.Engine", "Lockstep.MetaTrader", "Lockstep.Runtime", "Lockstep.Simulator", "Lockstep.Simulation", "Lockstep.MqlHarness"];

    public static TheoryData<string> Projects => new(Repository.Files("src", "*.csproj").Concat(Repository.Files("mql", "*.csproj")));

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_room_knows_only_whom_it_may(string project)
    {
        string room = Path.GetFileNameWithoutExtension(project);
        Assert.True(MayKnow.TryGetValue(room, out string[]? allowed), $"{room} is not in the table of rooms");
        Assert.Empty(Repository.References(project).Except(allowed!));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_pure_room_has_no_packages(string project)
    {
        if (WithoutPackages.Contains(Path.GetFileNameWithoutExtension(project)))
        {
            Assert.Empty(XDocument.Load(Path.Combine(Repository.Root, project)).Descendants("PackageReference"));
        }
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_room_documents_what_it_shows(string project)
    {
        Assert.Equal("true", XDocument.Parse(Repository.Read("src/Directory.Build.props")).Descendants("GenerateDocumentationFile").Single().Value);
        var own = XDocument.Load(Path.Combine(Repository.Root, project)).Descendants("GenerateDocumentationFile").ToList();
        Assert.All(own, element => Assert.Equal("true", element.Value));
        Assert.DoesNotContain("CS1591", Repository.Read(project), StringComparison.Ordinal);
    }

    [Fact]
    public void Nobody_knows_the_server_but_its_own_tests()
    {
        string[] mayKnow = ["tests/Lockstep.Server.Tests/Lockstep.Server.Tests.csproj", "tests/Lockstep.System.Tests/Lockstep.System.Tests.csproj"];
        var who = Repository.Files(".", "*.csproj").Where(project => Repository.References(project).Contains("Lockstep.Server"));
        Assert.Empty(who.Except(mayKnow));
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var listed = XDocument.Parse(Repository.Read("Lockstep.slnx")).Descendants("Project").Select(project => project.Attribute("Path")!.Value.Replace('\\', '/'));
        Assert.Equal(Repository.Files(".", "*.csproj"), listed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_project_has_a_lock_file_without_addresses()
    {
        foreach (string project in Repository.Files(".", "*.csproj"))
        {
            string path = $"{Path.GetDirectoryName(project)!.Replace('\\', '/')}/packages.lock.json";
            Assert.True(File.Exists(Path.Combine(Repository.Root, path)), $"{path} is missing: restore and commit it");
            Assert.DoesNotContain("://", Repository.Read(path), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Nothing_is_left_unfinished()
    {
        string[] marks = ["TODO", "FIXME", "HACK", "NotImplementedException"];
        var left = from path in Repository.Files("src", "*.cs")
                   from line in Repository.Read(path).Split('\n')
                   where marks.Any(mark => line.Contains(mark, StringComparison.Ordinal))
                   select $"{path}: {line.Trim()}";
        Assert.Empty(left);
    }
}
