namespace Serverless.Cli.Predictions;

/// <summary>Rows to ask a model about, as the bytes of its input.</summary>
/// <param name="Count">How many rows.</param>
/// <param name="Bytes">Their elements, row by row, little-endian in the input's element type.</param>
internal sealed record InputRows(int Count, ReadOnlyMemory<byte> Bytes);
