using System.CommandLine;
using System.Globalization;
using Lockstep.Domain;
using Lockstep.Server.Configuration;
using Lockstep.Server.Security;
using Lockstep.Storage;
using Lockstep.Storage.Sqlite;

namespace Lockstep.Server.Cli;

/// <summary><c>lockstep keys</c>: the keys in a data folder while no server runs on it; for who has lost his.</summary>
internal static class KeysCommand
{
    /// <summary>The command.</summary>
    public static Command Create() => new(
        "keys",
        """
        Look at and change the API keys in a data folder, while no server runs on it. A running server has /v1/keys for that.
        Exit codes: 0 = done, 1 = the data folder is in use or cannot be used, or there is no such key, 2 = wrong usage.
        """)
    {
        List(), Make(), Rotate(), Revoke(),
    };

    private static Command List()
    {
        var data = Data();
        var command = new Command("list", "List the keys. What they read is not kept.") { data };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(data), (ring, _) =>
        {
            foreach (var key in ring.All)
            {
                string what = key.Account is { } account ? $"terminals of {account}" : key.Accounts is { } accounts ? string.Join(',', accounts) : "all accounts";
                Console.WriteLine($"{key.Id}  {key.Scope.ToString().ToLowerInvariant(),-5}  {ring.StandingOf(key).ToString().ToLowerInvariant(),-7}  until {Moment(key.Expires)}  used {Moment(key.Used)}  {what}  {key.Name}");
            }

            return Task.FromResult(ExitCode.Ok);
        }));
        return command;
    }

    private static Command Make()
    {
        var data = Data();
        var name = new Option<string>("--name") { Description = "What people call it.", HelpName = "TEXT", DefaultValueFactory = _ => "made on the command line" };
        var scope = new Option<string>("--scope") { Description = "What it is good for.", HelpName = "read|trade|admin", DefaultValueFactory = _ => "admin" };
        scope.AcceptOnlyFromAmong("read", "trade", "admin");
        name.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && (token.Value.Length is < 1 or > 100 || token.Value.Any(char.IsControl)))
            {
                result.AddError("--name must be 1 to 100 characters.");
            }
        });
        var command = new Command("create", "Make a key, on all accounts. It is printed on standard output, once.") { data, name, scope };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(data), async (ring, audit) =>
        {
            var issued = await ring.IssueAsync(new ApiKey("", parsed.GetRequiredValue(name), Enum.Parse<KeyScope>(parsed.GetRequiredValue(scope), ignoreCase: true)) { Hash = default });
            await NoteAsync(audit, "createKey", issued.Key.Id);
            Console.WriteLine(issued.Text);
            return ExitCode.Ok;
        }));
        return command;
    }

    private static Command Rotate()
    {
        var (data, id) = (Data(), Id());
        var overlap = new Option<string>("--overlap") { Description = "How long the old key goes on.", HelpName = "7d", DefaultValueFactory = _ => "7d" };
        overlap.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && DurationShape.Read(token.Value) is not { Days: <= 90 })
            {
                result.AddError("--overlap must be a duration such as 0s, 12h or 7d, at most 90d.");
            }
        });
        var command = new Command("rotate", "Make a key like another one, which goes on until the overlap is over. The new one is printed on standard output, once.") { data, id, overlap };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(data), async (ring, audit) =>
        {
            if (await ring.RotateAsync(parsed.GetRequiredValue(id), DurationShape.Read(parsed.GetRequiredValue(overlap))!.Value) is not { } issued)
            {
                return await NoKeyAsync(parsed.GetRequiredValue(id));
            }

            await NoteAsync(audit, "rotateKey", issued.Key.Id);
            Console.WriteLine(issued.Text);
            return ExitCode.Ok;
        }));
        return command;
    }

    private static Command Revoke()
    {
        var (data, id) = (Data(), Id());
        var command = new Command("revoke", "Take a key back, for good.") { data, id };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(data), async (ring, audit) =>
        {
            if (await ring.RevokeAsync(parsed.GetRequiredValue(id)) is null)
            {
                return await NoKeyAsync(parsed.GetRequiredValue(id));
            }

            await NoteAsync(audit, "revokeKey", parsed.GetRequiredValue(id));
            return ExitCode.Ok;
        }));
        return command;
    }

    private static async Task<int> Run(DirectoryInfo folder, Func<KeyRing, IAuditLog, Task<int>> work)
    {
        if (!File.Exists(Path.Combine(folder.FullName, "lockstep.db")))
        {
            await Console.Error.WriteLineAsync($"lockstep: {folder.FullName} is no data folder of a server; there is no lockstep.db in it.");
            return ExitCode.Failure;
        }

        try
        {
            using var store = SqliteStore.Open(folder.FullName);
            using var ring = new KeyRing(store, TimeProvider.System);
            return await work(ring, store);
        }
        catch (Exception e) when (e is DataFolderException or JournalFailedException or KeyRingFullException)
        {
            await Console.Error.WriteLineAsync($"lockstep: {e.Message} While a server runs, its keys are changed over it: GET, POST, PATCH and DELETE /v1/keys.");
            return ExitCode.Failure;
        }
    }

    private static Task NoteAsync(IAuditLog audit, string operation, string key) =>
        audit.AuditAsync(new AuditRow { At = Timestamp.From(DateTimeOffset.UtcNow), Name = "command line", Operation = operation, Target = $"lockstep keys, key {key}", Status = StatusCodes.Status200OK });

    private static async Task<int> NoKeyAsync(string id)
    {
        await Console.Error.WriteLineAsync($"lockstep: there is no key '{id}' that this could be done with; 'lockstep keys list' shows them all.");
        return ExitCode.Failure;
    }

    private static Option<DirectoryInfo> Data() => new("--data") { Description = "The data folder.", HelpName = "DIR", Required = true };

    private static Argument<string> Id() => new("ID") { Description = "The key's id, as 'list' shows it." };

    private static string Moment(Timestamp? moment) => moment?.ToDateTimeOffset().ToString("yyyy-MM-dd'T'HH:mm'Z'", CultureInfo.InvariantCulture) ?? "-";
}
