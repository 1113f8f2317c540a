using System.Globalization;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Serverless.Core.Storage;

/// <summary>
/// Makes storage that was never reached in any of the tries the same kind of error as storage that answered with one: the clients themselves throw an
/// <see cref="AggregateException"/> then, which whoever copes with a failed request would not expect.
/// </summary>
internal sealed class OutagePolicy : HttpPipelinePolicy
{
    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        try
        {
            ProcessNext(message, pipeline);
        }
        catch (AggregateException tries)
        {
            throw Unreachable(message, tries);
        }
    }

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        try
        {
            await ProcessNextAsync(message, pipeline);
        }
        catch (AggregateException tries)
        {
            throw Unreachable(message, tries);
        }
    }

    private static RequestFailedException Unreachable(HttpMessage message, AggregateException tries) => new(
        0,
        string.Create(
            CultureInfo.InvariantCulture,
            $"Storage at {message.Request.Uri.Host} did not answer in {tries.InnerExceptions.Count} tries; the last one: {tries.InnerExceptions[^1].Message}"),
        tries);
}
