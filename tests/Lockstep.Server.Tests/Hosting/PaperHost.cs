using System.Text;
using Lockstep.Server.Configuration;
using Lockstep.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lockstep.Server.Tests.Hosting;

/// <summary>A running server in this process, on a configuration's text and a data folder; without a key where the text says so.</summary>
internal sealed class PaperHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private PaperHost(Product product, WebApplication app) => (Product, _app, Http) = (product, app, new HttpClient { BaseAddress = new Uri(app.Urls.Single()) });

    public Product Product { get; }

    public HttpClient Http { get; }

    public Uri Address => Http.BaseAddress!;

    public static async Task<PaperHost> StartAsync(string folder, string text)
    {
        Assert.Null(ConfigReader.Parse(Encoding.UTF8.GetBytes(text), out var tree));
        var source = new ConfigSource(tree!, folder, _ => null, c => c with { DataFolder = Path.Combine(folder, "data") });
        var read = source.Read([]);
        Assert.True(read.Config is not null, string.Join("; ", read.Errors));
        var product = await Product.StartAsync(read.Config, NullLogger.Instance, source: source);
        await product.World.StartQuotesAsync(read.Config.Quotes);
        var app = HttpHost.Create(read.Config.Server, product, null, NullLogger.Instance, _ => { });
        await app.StartAsync();
        return new PaperHost(product, app);
    }

    public async ValueTask DisposeAsync()
    {
        await Product.StopGroupsAsync();
        await _app.StopAsync();
        await _app.DisposeAsync();
        await Product.DisposeAsync();
        Http.Dispose();
    }
}
