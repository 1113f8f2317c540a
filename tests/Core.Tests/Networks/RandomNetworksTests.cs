using FsCheck.Fluent;
using Serverless.Core.Networks;
using Serverless.Core.Networks.Layers;

namespace Serverless.Core.Tests.Networks;

/// <summary>The property tests of networks are worth what their networks contain.</summary>
public sealed class RandomNetworksTests
{
    [Fact]
    public void Cases_ManyNetworks_ContainEveryKindOfLayer()
    {
        HashSet<string> types = [];
        foreach (NetworkCase network in Gen.Sample(RandomNetworks.Cases.Generator, 1000))
        {
            Collect(network.Spec.Layers);
        }

        Assert.Equal(LayerCatalog.Types.Order(), types.Order());

        void Collect(IReadOnlyList<LayerSpec> layers)
        {
            foreach (LayerSpec layer in layers)
            {
                types.Add(layer.Type);
                Collect((layer as ResidualSpec)?.Layers ?? []);
            }
        }
    }
}
