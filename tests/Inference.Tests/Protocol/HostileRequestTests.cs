using System.Globalization;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.ML.OnnxRuntime.Tensors;
using Serverless.Inference.Protocol;

namespace Serverless.Inference.Tests.Protocol;

/// <summary>Requests that lie or are broken: whatever comes, the answer is a success or the client's fault, and the server goes on.</summary>
[Collection(InferenceCollection.Name)]
public sealed class HostileRequestTests(InferenceApp app) : IAsyncLifetime
{
    private const string Model = "hostile";
    private const string TextModel = "hostile-text";
    private const string RowsModel = "hostile-rows";
    private const int AtOnce = 20;
    private const int Rounds = 500;
    private const int MemoryLeeway = 16 << 20;

    private static readonly string[] Words =
    [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "null", "true", "false", "NaN", "-1", "0", "1e999", "18446744073709551616", "9223372036854775807", "4294967296", "1.5", "\"\\ud800\"",
        "\"inputs\"", "\"name\"", "\"shape\"", "\"datatype\"", "\"data\"", "\"parameters\"", "\"binary_data_size\"", "\"outputs\"", "\"x\"", "\"FP32\"", "\"BYTES\"", "[[[[[[[[", "]]]]]]]]",
        "\"id\"", "{\"a\":", "\u0000", "\u00e9", "[1,[2]]", "{}", "[]", "[9223372036854775807,2]", "[4294967296,4294967296]", "[0,9223372036854775807]", "[-1,2]",
        "\"classification\"", "\"priority\"", "\"timeout\"", "\"binary_data\"", "\"sequence_id\"", "\"config\"", "\"file:1/../../x\"", "\"ready\"",
    ];

    private static readonly (string Route, string Json)[] Seeds =
    [
        ("models/hostile/infer", """{"id":"1","inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]},{"name":"b","shape":[1],"datatype":"BOOL","data":[true]}]}"""),
        ("models/hostile/infer", """{"inputs":[{"data":[[1,2],[3,4]],"name":"x","datatype":"FP32","shape":[2,2]},{"name":"b","shape":[1],"datatype":"BOOL","data":[false]}],"outputs":[{"name":"x_out","parameters":{"binary_data":true}}]}"""),
        ("models/hostile/versions/1/infer", """{"parameters":{"binary_data_output":true},"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":8}},{"name":"b","shape":[1],"datatype":"BOOL","parameters":{"binary_data_size":1}}]}"""),
        ("models/hostile-text/infer", """{"inputs":[{"name":"x","shape":[1,2],"datatype":"BYTES","data":["a","\u00fc"]}]}"""),
        ("models/hostile-text/infer", """{"inputs":[{"name":"x","shape":[1,2],"datatype":"BYTES","parameters":{"binary_data_size":9}}],"parameters":{"binary_data_output":true,"priority":1,"timeout":1000000}}"""),
        ("models/hostile-rows/infer", """{"inputs":[{"name":"x","shape":[1,2],"datatype":"INT64","data":[3,4]}],"outputs":[{"name":"x_out","parameters":{"classification":2}}]}"""),
        ("models/hostile-rows/infer", """{"inputs":[{"name":"x","shape":[1,2],"datatype":"INT64","parameters":{"binary_data_size":16}}]}"""),
        ("repository/index", """{"ready":true}"""),
        ("repository/models/hostile-nowhere/load", """{"parameters":{"config":"{}"}}"""),
        ("repository/models/hostile-nowhere/unload", """{"parameters":{"unload_dependents":false}}"""),
    ];

    public async Task InitializeAsync()
    {
        if (await app.Store.TryGetConfigAsync(Model, 1) is null)
        {
            await app.PublishAsync(Model, TestModels.Identity(new TestTensor("x", TensorElementType.Float, -1, 2), new TestTensor("b", TensorElementType.Bool, 1)));
            await app.PublishAsync(TextModel, TestModels.Identity(new TestTensor("x", TensorElementType.String, -1, 2)));
            await app.PublishAsync(RowsModel, TestModels.Identity(new TestTensor("x", TensorElementType.Int64, -1, 2)));
        }
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task AnyRoute_TenThousandBrokenRequestsUnderLoad_AreNeverTheServersFaultAndHarmNobody()
    {
        using var done = new CancellationTokenSource();
        var honest = Enumerable.Range(0, 3).Select(client => Task.Run(() => AskHonestlyAsync(client, done.Token))).ToArray();

        Check(Rounds / 5);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        Check(Rounds * 4 / 5);
        var after = GC.GetTotalMemory(forceFullCollection: true);

        await done.CancelAsync();
        Assert.All(await Task.WhenAll(honest), answers => Assert.True(answers > 0));
        Assert.True(after - before < MemoryLeeway, $"{before} bytes of managed memory became {after}.");
    }

    private void Check(int rounds) =>
        Prop.ForAll(Arb.From(Requests().ArrayOf(AtOnce)), requests => Task.WhenAll(requests.Select(AssertClientsFaultAsync))).Check(Config.QuickThrowOnFailure.WithMaxTest(rounds));

    private async Task<int> AskHonestlyAsync(int client, CancellationToken done)
    {
        var answers = 0;
        for (; !done.IsCancellationRequested; answers++)
        {
            var value = (client * 1_000_000) + answers;
            var (status, body) = await app.InferAsync(RowsModel, $$"""{"inputs":[{"name":"x","shape":[1,2],"datatype":"INT64","data":[{{value}},{{-value}}]}]}""");
            Assert.Equal(200, status);
            Assert.Equal($"[{value},{-value}]", body.GetProperty("outputs")[0].GetProperty("data").GetRawText());
        }

        return answers;
    }

    private async Task AssertClientsFaultAsync(HostileRequest hostile)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"v2/{hostile.Route}", UriKind.Relative));
        request.Content = new ByteArrayContent(hostile.Body);
        if (hostile.JsonLength is not null)
        {
            request.Headers.TryAddWithoutValidation(ProtocolHeaders.JsonLength, hostile.JsonLength);
        }

        if (hostile.Coding is not null)
        {
            request.Content.Headers.ContentEncoding.Add(hostile.Coding);
            request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue(hostile.Coding));
        }

        using var answer = await app.Client.SendAsync(request);
        if ((int)answer.StatusCode is not (200 or (>= 400 and < 500)))
        {
            throw new InvalidOperationException(
                $"{answer.StatusCode} of {hostile.Route} for header {hostile.JsonLength}, coding {hostile.Coding}: {Encoding.UTF8.GetString(hostile.Body)}: {await answer.Content.ReadAsStringAsync()}");
        }
    }

    private static Gen<HostileRequest> Requests() =>
        from seed in Gen.Elements(Seeds)
        from text in Mutations(seed.Json)
        from tail in Gen.Elements(0, 0, 1, 8, 9, 9, 9, 10, 16, 16, 100)
        from filler in Gen.Elements<byte>(0, 0, 1, 255)
        from lie in Gen.Frequency((4, Gen.Constant(0)), (1, Gen.Choose(-40, 40)))
        from odd in Gen.Frequency((12, Gen.Constant((string?)null)), (1, Gen.Elements<string?>("", "-1", "1e3", "0x10", "2147483648", " 7", "0")))
        from binary in Gen.Elements(true, false)
        from coding in Gen.Frequency((6, Gen.Constant((string?)null)), (1, Gen.Elements<string?>("gzip", "deflate")))
        from damage in Gen.Frequency((3, Gen.Constant(-1)), (1, Gen.Choose(0, 200)))
        let json = Encoding.UTF8.GetBytes(text)
        let plain = (byte[])[.. json, .. Enumerable.Repeat(filler, binary ? tail : 0)]
        select new HostileRequest(
            seed.Route,
            coding is null ? plain : Damage(Compress(plain, coding), damage),
            binary ? odd ?? (json.Length + lie).ToString(CultureInfo.InvariantCulture) : null,
            coding);

    private static byte[] Compress(byte[] plain, string coding)
    {
        using var compressed = new MemoryStream();
        using (Stream stream = coding == "gzip" ? new GZipStream(compressed, CompressionLevel.Fastest, true) : new ZLibStream(compressed, CompressionLevel.Fastest, true))
        {
            stream.Write(plain);
        }

        return compressed.ToArray();
    }

    private static byte[] Damage(byte[] bytes, int place)
    {
        if (place >= 0 && bytes.Length > 0)
        {
            bytes[place % bytes.Length] ^= 0x5a;
        }

        return bytes;
    }

    private static Gen<string> Mutations(string seed) =>
        from count in Gen.Choose(0, 4)
        from places in Gen.Choose(0, 10_000).ArrayOf(count)
        from kinds in Gen.Choose(0, 4).ArrayOf(count)
        from words in Gen.Elements(Words).ArrayOf(count)
        from characters in Gen.Choose(0, 255).ArrayOf(count)
        select Mutate(seed, places, kinds, words, characters);

    private static string Mutate(string text, int[] places, int[] kinds, string[] words, int[] characters)
    {
        for (var i = 0; i < places.Length; i++)
        {
            var at = text.Length == 0 ? 0 : places[i] % text.Length;
            text = kinds[i] switch
            {
                0 => text.Insert(at, words[i]),
                1 => text[..at],
                2 => text.Remove(at, Math.Min(text.Length - at, 1 + (characters[i] % 12))),
                3 when text.Length > 0 => text.Remove(at, 1).Insert(at, ((char)characters[i]).ToString()),
                _ => Replace(text, places[i], words[i]),
            };
        }

        return text;
    }

    // Puts a word where another JSON token was, so that the result often still parses.
    private static string Replace(string text, int place, string word)
    {
        var tokens = System.Text.RegularExpressions.Regex.Matches(text, "\"[^\"]*\"|-?\\d+|true|false|\\[[^\\[\\]]*\\]");
        if (tokens.Count == 0)
        {
            return word;
        }

        var token = tokens[place % tokens.Count];
        return text.Remove(token.Index, token.Length).Insert(token.Index, word);
    }

    private sealed record HostileRequest(string Route, byte[] Body, string? JsonLength, string? Coding);
}
