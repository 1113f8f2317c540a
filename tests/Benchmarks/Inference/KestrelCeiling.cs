using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Serverless.Benchmarks.Inference;

/// <summary>
/// What HTTP alone can do on this machine: Kestrel without routing reads the same request to its end and answers with the same bytes and headers as the server it stands
/// beside, kept in memory. No JSON is read, nothing is computed.
/// </summary>
internal static class KestrelCeiling
{
    /// <summary>The argument that makes this program the server.</summary>
    public const string Command = "kestrel";

    /// <summary>Serves until the process is killed.</summary>
    /// <param name="port">Where to listen.</param>
    /// <param name="answerFile">File with the body of every answer.</param>
    /// <param name="jsonLength">Value of the answer's header with the length of its JSON part.</param>
    public static Task RunAsync(int port, string answerFile, int jsonLength)
    {
        var answer = File.ReadAllBytes(answerFile);
        var length = jsonLength.ToString(CultureInfo.InvariantCulture);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, port);
        });
        var web = builder.Build();
        web.Run(context => AnswerAsync(context, answer, length));
        return web.RunAsync();
    }

    private static async Task AnswerAsync(HttpContext context, byte[] answer, string length)
    {
        var body = context.Request.BodyReader;
        while (true)
        {
            var read = await body.ReadAsync(context.RequestAborted);
            body.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                break;
            }
        }

        var response = context.Response;
        response.ContentType = "application/octet-stream";
        response.ContentLength = answer.Length;
        response.Headers[BinaryRequest.JsonLengthHeader] = length;
        await response.BodyWriter.WriteAsync(answer, context.RequestAborted);
    }
}
