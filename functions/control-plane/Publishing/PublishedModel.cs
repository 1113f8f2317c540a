using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Serverless.Core.Models;
using Serverless.Core.Networks.Onnx;
using Serverless.Optimization;

namespace Serverless.ControlPlane.Publishing;

/// <summary>
/// A model with the report about its making inside the file. What is measured differs between two attempts to publish the same job; with the report in it the one file that
/// is kept says everything that the version's other files are made of, whoever writes them.
/// </summary>
/// <param name="Onnx">The file.</param>
/// <param name="Report">The report in it.</param>
internal sealed record PublishedModel(byte[] Onnx, OptimizationReport Report)
{
    private const string JobProperty = "job";
    private const string ReportProperty = "optimization";

    /// <summary>Puts the report into the file.</summary>
    public static PublishedModel Of(OptimizedModel optimized)
    {
        var model = ModelProto.Parser.ParseFrom(optimized.Onnx);
        var report = optimized.Report.ToJson();
        model.MetadataProps.Add(new StringStringEntryProto { Key = ReportProperty, Value = Encoding.UTF8.GetString(report) });
        return new PublishedModel(model.ToByteArray(), optimized.Report);
    }

    /// <summary>Reads a file; null where it is not what a job published.</summary>
    public static PublishedModel? TryRead(byte[] onnx, string job)
    {
        try
        {
            var properties = ModelProto.Parser.ParseFrom(onnx).MetadataProps;
            return properties.FirstOrDefault(property => property.Key == JobProperty)?.Value == job
                && properties.FirstOrDefault(property => property.Key == ReportProperty)?.Value is { } report
                ? new PublishedModel(onnx, OptimizationReport.Parse(Encoding.UTF8.GetBytes(report)))
                : null;
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or JsonException)
        {
            return null;
        }
    }
}
