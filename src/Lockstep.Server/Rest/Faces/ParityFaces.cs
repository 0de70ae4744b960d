using Lockstep.Server.Hosting;

namespace Lockstep.Server.Rest.Faces;

/// <summary>Puts all faces up that other programs know: those of the platforms, and the REST handover.</summary>
internal static class ParityFaces
{
    /// <summary>Puts the operations up.</summary>
    public static void Map(Routes routes, Product product, string? key)
    {
        var deals = new DealsOfLate(product.Store, product.Feed);
        var desk = new FaceDesk(product, product, product, deals, (account, open) => RegistryEndpoints.SwitchAsync(product, account, open), TimeProvider.System);
        desk.Headless.Changed += (account, symbol, wanted) =>
        {
            if (wanted)
            {
                product.Watch(account, symbol);
            }
            else
            {
                product.Unwatch(account, symbol);
            }
        };
        product.Streams.Commissions = deals.Commissions;
        var faces = new FaceRoutes(routes, desk);
        CTraderEndpoints.Map(routes, faces, product, key);
        foreach (var face in Face.OfPlatforms)
        {
            FaceSessions.Map(faces, face);
            FaceTrades.Map(faces, face);
            FaceReads.Map(faces, face);
            FaceDeals.Map(faces, face);
            FaceHeadless.Map(faces, face);
        }

        foreach (var face in (IEnumerable<Face>)[Face.ApiV1, Face.Plain, .. Face.OfPlatforms])
        {
            Handover.Map(faces, face);
        }
    }
}
