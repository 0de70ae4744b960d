using Lockstep.Client;
using Lockstep.Client.Services;
using Lockstep.Client.Streams;

// dotnet run --project samples/Lockstep.Sample -- http://127.0.0.1:8080 KEY ACCOUNT SYMBOL
var (address, key, account, symbol) = (new Uri(args[0]), args[1], args[2], args[3]);
using var client = new LockstepClient(address, key);
foreach (var one in await client.GetAccountsAsync())
{
    Console.WriteLine($"{one.Name}: {one.Kind}, {one.State}, balance {one.Funds?.Balance} {one.Currency}");
}

// One service an account, whatever its platform; it keeps a connection and what it was told.
await using var services = new TradingServices(client);
var service = await services.ForAsync(account);
var live = new TaskCompletionSource();
using var listening = service.Listen(message =>
{
    switch (message)
    {
        case AccountSnapshot { More: false }:
            live.TrySetResult();
            break;
        case AccountEvent { Position: { } position } told:
            Console.WriteLine($"{told.Kind} {position.Side} {position.Volume} {position.Symbol}");
            break;
    }
});
await live.Task.WaitAsync(TimeSpan.FromSeconds(30));

// The id is yours: after a crash, the same id again tells what became of the order, and never makes a second one.
string id = $"sample-{Guid.NewGuid():N}";
var bought = await service.PlaceTradeAsync(new NewOrder(symbol, TradeSide.Buy, 0.1m), id);
for (int i = 0; bought.IsUnknown && i < 20; i++)
{
    await Task.Delay(TimeSpan.FromMilliseconds(500));
    bought = await client.GetRequestAsync(account, id) ?? bought;
}

if (bought.Position is not { } number)
{
    Console.WriteLine($"not bought: {bought.Outcome} {bought.Refusal} {bought.Code} {bought.Advice}");
    return 1;
}

Console.WriteLine($"bought {bought.Filled} at {bought.Price}");
var closed = await service.ClosePositionAsync(number);
var sync = await service.SyncTradeAsync(number);
Console.WriteLine($"{closed.Outcome}, {sync.Remaining} left");
return closed.IsDone ? 0 : 1;
