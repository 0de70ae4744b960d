using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Lockstep.Domain;

namespace Lockstep.Architecture.Tests;

/// <summary>
/// What the compiled pure rooms really refer to. The compiler reads BannedSymbols.txt too and says it at once; it can be silenced by a pragma, and this cannot.
/// </summary>
public class PureRoomTests
{
    public static TheoryData<string> PureRooms => ["Lockstep.Domain", "Lockstep.Engine"];

    /// <summary>What the compiler itself writes: an iterator asks for the thread it is walked on.</summary>
    private static readonly string[] ByTheCompiler = ["System.Environment.get_CurrentManagedThreadId"];

    [Theory]
    [MemberData(nameof(PureRooms))]
    public void No_binary_fractions(string room)
    {
        using var file = Open(room, out var reader);
        Assert.Empty(Compiled.Signatures(file, reader).Where(of => of.Signature.Contains("Double", StringComparison.Ordinal) || of.Signature.Contains("Single", StringComparison.Ordinal))
            .Select(of => $"{of.Where}: {of.Signature}"));
    }

    [Theory]
    [MemberData(nameof(PureRooms))]
    public void No_banned_symbols(string room)
    {
        using var file = Open(room, out var reader);
        var used = Compiled.References(reader).Except(ByTheCompiler).ToList();
        Assert.NotEmpty(used);
        var banned = Bans(room);
        Assert.NotEmpty(banned);
        Assert.Empty(from name in used from ban in banned where ban.Hits(name) select $"{name}: {ban.Advice}");
    }

    [Theory]
    [MemberData(nameof(PureRooms))]
    public void The_compiler_reads_the_bans_too(string room) =>
        Assert.Contains("Microsoft.CodeAnalysis.BannedApiAnalyzers", Repository.Read($"src/{room}/packages.lock.json"), StringComparison.Ordinal);

    /// <summary>A canary: this very assembly holds what the pure rooms must not, and the same reading finds it.</summary>
    [Fact]
    public void The_reading_finds_what_is_there()
    {
        using var file = OpenFile(typeof(PureRoomTests).Assembly.Location, out var reader);
        Assert.Contains(Compiled.Signatures(file, reader), of => of.Where.EndsWith("Canary.Field", StringComparison.Ordinal) && of.Signature == "Double");
        Assert.Contains(Compiled.Signatures(file, reader), of => of.Where.EndsWith("Canary.get_Property", StringComparison.Ordinal) && of.Signature.Contains("Single", StringComparison.Ordinal));
        Assert.Contains(Compiled.Signatures(file, reader), of => of.Where.EndsWith("Canary.Local", StringComparison.Ordinal) && of.Signature.Contains("Double", StringComparison.Ordinal));
        Assert.Contains(Compiled.Signatures(file, reader), of => of.Where.EndsWith("Canary.Parameter", StringComparison.Ordinal) && of.Signature.Contains("List", StringComparison.Ordinal));
        var hits = Compiled.References(reader).Where(name => Bans("Lockstep.Engine").Any(ban => ban.Hits(name))).ToList();
        Assert.Contains("System.DateTime.get_UtcNow", hits);
        Assert.Contains("System.Guid.NewGuid", hits);
        Assert.Contains("System.IO.File", hits);
        Assert.DoesNotContain("System.DateTime.get_Year", hits);
    }

    private static PEReader Open(string room, out MetadataReader reader) =>
        OpenFile((room == "Lockstep.Domain" ? typeof(OrderKey) : typeof(Engine.Decision)).Assembly.Location, out reader);

    private static PEReader OpenFile(string path, out MetadataReader reader)
    {
        var file = new PEReader(ImmutableArray.Create(File.ReadAllBytes(path)));
        reader = file.GetMetadataReader();
        return file;
    }

    private static List<Ban> Bans(string room) =>
        [.. Repository.Read($"src/{room}/BannedSymbols.txt").Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.StartsWith("//", StringComparison.Ordinal)).Select(Ban.Parse)];

    /// <summary>One line of BannedSymbols.txt: a namespace (N:), type (T:), property (P:) or method (M:), and what to do instead.</summary>
    private sealed record Ban(char Kind, string Name, string Advice)
    {
        public static Ban Parse(string line)
        {
            Assert.Matches("^[NTPM]:[A-Za-z0-9.]+;.{15,}$", line);
            int end = line.IndexOf(';', StringComparison.Ordinal);
            return new(line[0], line[2..end], line[(end + 1)..]);
        }

        public bool Hits(string used)
        {
            int dot = Name.LastIndexOf('.');
            return Kind switch
            {
                'N' or 'T' => used == Name || used.StartsWith(Name + ".", StringComparison.Ordinal),
                'P' => used == $"{Name[..dot]}.get_{Name[(dot + 1)..]}",
                _ => used == Name,
            };
        }
    }

    /// <summary>Everything that the pure rooms must not hold, for the canary.</summary>
    public static class Canary
    {
        public const string Why = "found on purpose";

        public static readonly double Field = DateTime.UtcNow.Year;

        public static float Property => File.Exists(Why) ? 1 : 2;

        public static string Local()
        {
            double half = Field / 2;
            half += Field;
            return $"{half}{half}{Guid.NewGuid()}";
        }

        public static int Parameter(List<double> list) => list.Count;
    }
}
