using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Lockstep.Server.Tests.Processes;

/// <summary>
/// Somebody who trades by HTTP while the server is killed under his hands: each request has its id and is repeated under it until it has an end. He keeps his own book of
/// what must stand on the account.
/// </summary>
internal sealed class KillClient(string account, Random dice) : IDisposable
{
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(20) };
    private readonly SortedDictionary<long, Own> _book = [];
    private volatile Uri? _server;
    private int _number;

    private sealed record Own(string Symbol, string Side, decimal Volume);

    /// <summary>Requests that were repeated because the connection broke or the answer stayed away.</summary>
    public int Repeats { get; private set; }

    /// <summary>Requests that came to an end.</summary>
    public int Ended { get; private set; }

    /// <summary>Requests that were refused in the end.</summary>
    public int Refused { get; private set; }

    /// <summary>Where the server is now; null while it is down.</summary>
    public Uri? Server
    {
        get => _server;
        set => _server = value;
    }

    /// <summary>What must stand on the account: side, volume and symbol of each position, sorted.</summary>
    public IReadOnlyList<string> Book => [.. _book.Values.Select(o => Line(o.Symbol, o.Side, o.Volume)).Order(StringComparer.Ordinal)];

    /// <summary>One position as a line.</summary>
    public static string Line(string symbol, string side, decimal volume) => string.Create(CultureInfo.InvariantCulture, $"{side} {volume / 1.000000000m} {symbol}");

    /// <summary>Trades until told to stop; the last request is brought to its end.</summary>
    public async Task TradeAsync(Func<bool> goOn)
    {
        while (goOn())
        {
            int what = dice.Next(10);
            if (_book.Count == 0 || (what < 5 && _book.Count < 12))
            {
                await OpenAsync();
            }
            else
            {
                long position = _book.Keys.ElementAt(dice.Next(_book.Count));
                await (what < 7 ? ClosePartAsync(position) : what < 8 ? StopsAsync(position) : CloseAsync(position));
            }
        }
    }

    /// <summary>Reads something, waiting for the server to come back if it must.</summary>
    public async Task<JsonElement> GetAsync(string path)
    {
        while (true)
        {
            if (_server is { } server)
            {
                try
                {
                    using var response = await _http.GetAsync(new Uri(server, path));
                    return JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
                }
                catch (Exception e) when (e is HttpRequestException or TaskCanceledException or JsonException or IOException)
                {
                    // Killed meanwhile.
                }
            }

            await Task.Delay(20);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task OpenAsync()
    {
        string symbol = dice.Next(2) == 0 ? "EURUSD" : "GBPUSD";
        string side = dice.Next(2) == 0 ? "buy" : "sell";
        decimal volume = dice.Next(2, 200) / 100m;
        var sent = ToTheEndAsync(HttpMethod.Post, "orders", FormattableString.Invariant($"{{\"symbol\":\"{symbol}\",\"side\":\"{side}\",\"volume\":{volume}}}"));
        if (await DoneAsync(sent))
        {
            var answer = await sent;
            _book.Add(answer.GetProperty("position").GetInt64(), new Own(symbol, side, volume));
        }
    }

    private async Task ClosePartAsync(long position)
    {
        var own = _book[position];
        decimal part = Math.Floor(own.Volume * dice.Next(10, 90)) / 100m;
        if (part > 0 && part < own.Volume
            && await DoneAsync(ToTheEndAsync(HttpMethod.Post, $"positions/{position}/close", FormattableString.Invariant($"{{\"volume\":{part}}}"))))
        {
            _book[position] = own with { Volume = own.Volume - part };
        }
    }

    private async Task CloseAsync(long position)
    {
        if (await DoneAsync(ToTheEndAsync(HttpMethod.Post, $"positions/{position}/close", "{}")))
        {
            _book.Remove(position);
        }
    }

    private async Task StopsAsync(long position)
    {
        // Far away, so that the market does not close what the book says is open.
        decimal price = _book[position].Side == "buy" ? 0.5m : 2.5m;
        await DoneAsync(ToTheEndAsync(HttpMethod.Patch, $"positions/{position}", FormattableString.Invariant($"{{\"stopLoss\":{(dice.Next(3) == 0 ? "null" : price)}}}")));
    }

    private async Task<bool> DoneAsync(Task<JsonElement> request)
    {
        var answer = await request;
        bool done = answer.GetProperty("state").GetString() == "done";
        if (!done)
        {
            // Mostly: the session is not up again. Nothing happened, and the next request has a better chance a little later.
            Refused++;
            await Task.Delay(30);
        }

        return done;
    }

    /// <summary>The request's end, however often it takes: same id, same answer.</summary>
    private async Task<JsonElement> ToTheEndAsync(HttpMethod method, string path, string body)
    {
        string id = $"kill-{++_number}";
        for (int attempt = 0; ; attempt++)
        {
            if (_server is { } server)
            {
                try
                {
                    Repeats += attempt > 0 ? 1 : 0;
                    using var request = new HttpRequestMessage(method, new Uri(server, $"/v1/accounts/{account}/{path}?waitMs=2000"));
                    request.Headers.Add("Idempotency-Key", id);
                    request.Content = new StringContent(body, Encoding.UTF8, "application/json");
                    using var response = await _http.SendAsync(request);
                    var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
                    switch (response.StatusCode)
                    {
                        case HttpStatusCode.OK:
                            Ended++;
                            return answer;
                        case HttpStatusCode.UnprocessableEntity:
                            Ended++;
                            return answer.GetProperty("request");
                        case HttpStatusCode.Accepted or HttpStatusCode.ServiceUnavailable:
                            break;
                        default:
                            throw new InvalidOperationException($"{method} {path} {body}: {response.StatusCode} {answer}");
                    }
                }
                catch (Exception e) when (e is HttpRequestException or TaskCanceledException or JsonException or IOException)
                {
                    // Killed meanwhile: what became of the request is not known, so the same one is sent again.
                }
            }

            await Task.Delay(10);
        }
    }
}
