using System.Text.Json;
using System.Text.Json.Serialization;
using Serverless.ControlPlane.Answers;
using Serverless.ControlPlane.Datasets;
using Serverless.ControlPlane.Jobs;
using Serverless.ControlPlane.Models;
using Serverless.Core.Rounds;

namespace Serverless.ControlPlane;

/// <summary>The JSON that the control plane answers with: camelCase, without nulls.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(SubmittedJob))]
[JsonSerializable(typeof(JobList))]
[JsonSerializable(typeof(JobDetails))]
[JsonSerializable(typeof(DatasetList))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(MetricsLine))]
internal sealed partial class ControlPlaneJson : JsonSerializerContext;
