using System.Text.RegularExpressions;
using Lockstep.Server.Rest;
using Lockstep.Server.Rest.Faces;

namespace Lockstep.Server.Tests.Rest.Faces;

/// <summary>docs/parity.md names every operation of the faces, and none that is not there.</summary>
public partial class ParityDocsTests(FaceHost host) : IClassFixture<FaceHost>
{
    [Fact]
    public void The_page_has_what_the_server_has()
    {
        string page = File.ReadAllText(Path.Combine(Folder(), "docs", "parity.md"));
        var named = Request().Matches(page).Select(m => m.Value).ToHashSet(StringComparer.Ordinal);
        var there = host.Operations.Where(o => o.Face && o.Topic != "cTrader").Select(o => $"{o.Method} {Short(o.Path)}").ToHashSet(StringComparer.Ordinal);
        Assert.Empty(there.Except(named));
        Assert.Empty(named.Except(there));
    }

    [Fact]
    public void Every_face_has_the_same_operations()
    {
        var faces = Face.OfPlatforms.Select(f => host.Operations.Where(o => o.Path.StartsWith(f.Prefix + "/", StringComparison.Ordinal) && o.Topic != "cTrader").Select(o => $"{o.Method} {o.Path[f.Prefix.Length..]}").Order().ToList()).ToList();
        Assert.Equal(faces[0], faces[1]);
        Assert.Equal(["DELETE /instance/{id}", "POST /onboard", "POST /onboard/{id}/complete"], faces[1].Except(faces[2]));
    }

    [Fact]
    public void Reading_changes_nothing_and_needs_no_more_than_reading()
    {
        Assert.All(host.Operations.Where(o => o.Face && o.Method == "GET"), o => Assert.True(o.Needs <= Scope.Read, o.Id));
        Assert.All(host.Operations.Where(o => o.Face && o.Needs == Scope.Read), o => Assert.False(o.Writes, o.Id));
        Assert.All(host.Operations.Where(o => o.Face && Regex.IsMatch(o.Path, "trade$|trade/(place|close|modify)|positions/(close|modify)|cancel$")), o => Assert.True(o is { Writes: true, Needs: Scope.Trade }, o.Id));
    }

    private static string Short(string path) => Face.OfPlatforms.Append(Face.ApiV1).Select(f => f.Prefix).FirstOrDefault(p => path.StartsWith(p + "/", StringComparison.Ordinal)) is { } prefix ? path[(prefix.Length + 1)..] : path[1..];

    private static string Folder()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Lockstep.slnx")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("not inside the repository");
    }

    [GeneratedRegex("(?<=[| ])(GET|POST|DELETE) [a-z][a-z_/{}-]+")]
    private static partial Regex Request();
}
