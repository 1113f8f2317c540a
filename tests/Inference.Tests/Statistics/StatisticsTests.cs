using System.Globalization;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime.Tensors;
using Serverless.Inference.Statistics;
using Serverless.Inference.Tests.Scheduling;

namespace Serverless.Inference.Tests.Statistics;

[Collection(InferenceCollection.Name)]
public sealed class StatisticsTests(InferenceApp app)
{
    private const string Request = """{"inputs":[{"name":"x","shape":[2,2],"datatype":"FP32","data":[1,2,3,4]}]}""";

    private static readonly byte[] Model = TestModels.Identity(new TestTensor("x", TensorElementType.Float, -1, 2));

    [Fact]
    public async Task Stats_AfterRequests_CountsThem()
    {
        await app.PublishAsync("stats-model", Model);
        await app.InferAsync("stats-model", Request);
        await app.InferAsync("stats-model", Request);

        foreach (var route in (string[])["v2/models/stats-model/stats", "v2/models/stats-model/versions/1/stats", "v2/models/stats"])
        {
            var all = (await GetJsonAsync(route)).GetProperty("model_stats").EnumerateArray();
            var stats = Assert.Single(all, model => model.GetProperty("name").GetString() == "stats-model");
            Assert.Equal("1", stats.GetProperty("version").GetString());
            Assert.Equal(4, stats.GetProperty("inference_count").GetInt64());
            Assert.Equal(2, stats.GetProperty("execution_count").GetInt64());
            Assert.True(stats.GetProperty("last_inference").GetInt64() > 0);
            var requests = stats.GetProperty("inference_stats");
            foreach (var name in (string[])["success", "queue", "compute_input", "compute_infer", "compute_output"])
            {
                Assert.Equal(2, requests.GetProperty(name).GetProperty("count").GetInt64());
            }

            Assert.True(requests.GetProperty("success").GetProperty("ns").GetInt64() >= requests.GetProperty("compute_infer").GetProperty("ns").GetInt64());
            Assert.Equal(0, requests.GetProperty("fail").GetProperty("count").GetInt64());
            Assert.Equal(0, requests.GetProperty("cache_hit").GetProperty("count").GetInt64());
            var batch = Assert.Single(stats.GetProperty("batch_stats").EnumerateArray());
            Assert.Equal(2, batch.GetProperty("batch_size").GetInt64());
            Assert.Equal(2, batch.GetProperty("compute_infer").GetProperty("count").GetInt64());
        }
    }

    [Fact]
    public async Task Stats_UnknownModel_Is404()
    {
        using var answer = await app.Client.GetAsync(new Uri("v2/models/nobody/stats", UriKind.Relative));

        Assert.Equal(404, (int)answer.StatusCode);
    }

    [Fact]
    public async Task Config_OfAModelWithout_StatesWhatIsInForce()
    {
        await app.PublishAsync("stats-config", Model);

        var config = await GetJsonAsync("v2/models/stats-config/config");

        Assert.Equal("stats-config", config.GetProperty("name").GetString());
        Assert.Equal(512, config.GetProperty("max_batch_size").GetInt32());
        Assert.Equal("TYPE_FP32", config.GetProperty("input")[0].GetProperty("data_type").GetString());
        Assert.Equal("KIND_CPU", config.GetProperty("instance_group")[0].GetProperty("kind").GetString());
        Assert.Equal(1, config.GetProperty("version_policy").GetProperty("latest").GetProperty("num_versions").GetInt32());
    }

    [Fact]
    public async Task Metrics_AfterRequests_AreWhatPrometheusReads()
    {
        await app.PublishAsync("stats-metrics", Model);
        await app.InferAsync("stats-metrics", Request);

        using var answer = await app.Client.GetAsync(new Uri("metrics", UriKind.Relative));
        var text = await answer.Content.ReadAsStringAsync();

        Assert.StartsWith("text/plain", answer.Content.Headers.ContentType!.ToString(), StringComparison.Ordinal);
        Assert.Contains("nv_inference_request_success{model=\"stats-metrics\",version=\"1\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("nv_inference_count{model=\"stats-metrics\",version=\"1\"} 2\n", text, StringComparison.Ordinal);
        Assert.Contains("nv_inference_request_failure{model=\"stats-metrics\",version=\"1\",reason=\"REJECTED\"} 0\n", text, StringComparison.Ordinal);
        Assert.Contains("serverless_inference_batch_rows_bucket{model=\"stats-metrics\",version=\"1\",le=\"2\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE process_resident_memory_bytes gauge\n", text, StringComparison.Ordinal);
        var names = new HashSet<string>();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                Assert.True(names.Add(line.Split(' ')[2]), $"{line} comes twice");
            }
            else if (!line.StartsWith('#'))
            {
                Assert.Matches("^[a-z_:]+(\\{([a-z]+=\"[^\"]*\",?)+\\})? [-+0-9.eE]+$", line);
                Assert.True(double.TryParse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture, out _));
            }
        }
    }

    [Fact]
    public void Read_CountsOfManyThreads_AddUp()
    {
        var statistics = new ModelStatistics("m", "1", new SteppedClock(), () => 0);

        Parallel.For(0, 10_000, i =>
        {
            statistics.Succeeded(rows: 2, queue: 10, input: 20, infer: 30 + (i % 2), output: 40);
            statistics.Executed(2 + (i % 3), 1, 2, 3);
            statistics.Failed((FailureReason)(i % 3), 5);
        });

        var counts = statistics.Read();
        Assert.Equal(20_000, counts.Inferences);
        Assert.Equal(new DurationCount(10_000, 10_000 * 10 * 100), counts.Queue);
        Assert.Equal(new DurationCount(10_000, 305_000 * 100), counts.ComputeInfer);
        Assert.Equal(10_000, counts.Fail.Count);
        Assert.Equal(10_000, counts.Rejected + counts.Cancelled + counts.Backend);
        Assert.Equal(10_000, counts.RequestHistogram.Sum());
        Assert.Equal([2, 3, 4], counts.Batches.Select(batch => batch.BatchSize));
        Assert.Equal(3334, counts.BatchHistogram[1]);
        Assert.Equal(6666, counts.BatchHistogram[2]);
    }

    private async Task<JsonElement> GetJsonAsync(string route)
    {
        using var answer = await app.Client.GetAsync(new Uri(route, UriKind.Relative));
        Assert.Equal(200, (int)answer.StatusCode);
        return await InferenceApp.JsonAsync(answer);
    }
}
