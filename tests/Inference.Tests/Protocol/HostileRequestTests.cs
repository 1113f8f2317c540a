using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Serverless.Inference.Tests.Protocol;

/// <summary>Requests that lie or are broken: whatever comes, the answer is a success or the client's fault, and the server goes on.</summary>
[Collection(InferenceCollection.Name)]
public sealed class HostileRequestTests(InferenceApp app) : IAsyncLifetime
{
    private const string Model = "hostile";

    private static readonly string[] Words =
    [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "null", "true", "false", "NaN", "-1", "0", "1e999", "18446744073709551616", "9223372036854775807", "1.5", "\"\\ud800\"",
        "\"inputs\"", "\"name\"", "\"shape\"", "\"datatype\"", "\"data\"", "\"parameters\"", "\"binary_data_size\"", "\"outputs\"", "\"x\"", "\"FP32\"", "[[[[[[[[", "]]]]]]]]",
        "\"id\"", "{\"a\":", "\u0000", "\u00e9", "[1,[2]]", "{}", "[]",
    ];

    private static readonly string[] Seeds =
    [
        """{"id":"1","inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]},{"name":"b","shape":[1],"datatype":"BOOL","data":[true]}]}""",
        """{"inputs":[{"data":[[1,2],[3,4]],"name":"x","datatype":"FP32","shape":[2,2]},{"name":"b","shape":[1],"datatype":"BOOL","data":[false]}],"outputs":[{"name":"x_out","parameters":{"binary_data":true}}]}""",
        """{"parameters":{"binary_data_output":true},"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":8}},{"name":"b","shape":[1],"datatype":"BOOL","parameters":{"binary_data_size":1}}]}""",
    ];

    public async Task InitializeAsync()
    {
        if (await app.Store.TryGetConfigAsync(Model, 1) is null)
        {
            await app.PublishAsync(Model, TestModels.Identity(new TestTensor("x", TensorElementType.Float, -1, 2), new TestTensor("b", TensorElementType.Bool, 1)));
        }
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Infer_BrokenRequests_AreNeverTheServersFault()
    {
        Prop.ForAll(Arb.From(Requests()), IsTheClientsFaultAsync).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));

        var (status, _) = await app.InferAsync(Model, Seeds[0]);
        Assert.Equal(200, status);
    }

    private async Task<bool> IsTheClientsFaultAsync((byte[] Body, string? Header) request)
    {
        using var answer = await app.PostAsync(Model, request.Body, request.Header);
        var status = (int)answer.StatusCode;
        return status is 200 or (>= 400 and < 500)
            ? true
            : throw new InvalidOperationException($"{status} for header {request.Header}: {Encoding.UTF8.GetString(request.Body)}");
    }

    private static Gen<(byte[] Body, string? Header)> Requests() =>
        from seed in Gen.Elements(Seeds)
        from text in Mutations(seed)
        from tail in Gen.Elements(0, 0, 1, 8, 9, 9, 9, 10, 100)
        from lie in Gen.Frequency((4, Gen.Constant(0)), (1, Gen.Choose(-40, 40)))
        from odd in Gen.Frequency((12, Gen.Constant((string?)null)), (1, Gen.Elements<string?>("", "-1", "1e3", "0x10", "2147483648", " 7", "0")))
        from binary in Gen.Elements(true, false)
        let json = Encoding.UTF8.GetBytes(text)
        select (
            (byte[])[.. json, .. new byte[binary ? tail : 0]],
            binary ? odd ?? (json.Length + lie).ToString(CultureInfo.InvariantCulture) : null);

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
}
