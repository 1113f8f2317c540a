using System.Runtime.InteropServices;
using FsCheck;
using FsCheck.Fluent;
using Serverless.Core.Tensors;

namespace Serverless.Core.Tests.Tensors;

public class SafetensorsReaderTests
{
    // Written by the reference implementation (the Rust crate, 0.8.0-dev).
    private const string Reference =
        "YAEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJyb3VuZCI6IjMgw6kgXCJxXCIifSwic3RlcCI6eyJkdHlwZSI6Ikk2NCIsInNoYXBlIjpbXSwiZGF0YV9vZmZzZXRzIjpbMCw4XX0sImxheWVycy4wLn" +
        "dlaWdodCI6eyJkdHlwZSI6IkYzMiIsInNoYXBlIjpbMiwzXSwiZGF0YV9vZmZzZXRzIjpbOCwzMl19LCJub3RoaW5nIjp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlswLDVdLCJkYXRhX29mZnNldHMi" +
        "OlszMiwzMl19LCJoYWxmIjp7ImR0eXBlIjoiRjE2Iiwic2hhcGUiOlsyLDFdLCJkYXRhX29mZnNldHMiOlszMiwzNl19LCJwaXhlbHMiOnsiZHR5cGUiOiJVOCIsInNoYXBlIjpbM10sImRhdGFfb2" +
        "Zmc2V0cyI6WzM2LDM5XX19ICAgICAgBwAAAAAAAAAAAADAAAAAvwAAgD8AACBAAACAQAAAsEAAPADAAQID";

    private static readonly byte[] TwoTensors = TensorFiles.ToBytes(
        [new SafetensorsTensor("first", new float[] { 1, 2, 3 }), new SafetensorsTensor("second", TensorType.UInt8, [2], new byte[] { 4, 5 })],
        new Dictionary<string, string> { ["round"] = "7" });

    [Fact]
    public async Task Read_FileOfTheReferenceImplementation_GivesItsTensors()
    {
        var reader = await SafetensorsReader.OpenAsync(new ChoppyStream(Convert.FromBase64String(Reference), 1));
        Assert.Equal("3 é \"q\"", reader.Header.GetMetadata("round"));
        Assert.Equal(["step", "layers.0.weight", "nothing", "half", "pixels"], reader.Header.Entries.Select(entry => entry.Name));

        var step = new byte[8];
        await reader.ReadAsync(reader.Header.Get("step"), step);
        Assert.Equal(7, BitConverter.ToInt64(step));
        var weight = new float[6];
        await reader.ReadAsync(reader.Header.Get("layers.0.weight"), weight);
        Assert.Equal([-2, -0.5f, 1, 2.5f, 4, 5.5f], weight);
        Assert.Equal([2, 3], reader.Header.Get("layers.0.weight").Shape);
        await reader.ReadAsync(reader.Header.Get("nothing"), Memory<float>.Empty);
        var half = new byte[4];
        await reader.ReadAsync(reader.Header.Get("half"), half);
        Assert.Equal([(Half)1, (Half)(-2)], MemoryMarshal.Cast<byte, Half>(half).ToArray());
        var pixels = new byte[3];
        await reader.ReadAsync(reader.Header.Get("pixels"), pixels);
        Assert.Equal([1, 2, 3], pixels);
        await reader.CompleteAsync();
    }

    [Fact]
    public void Read_AnyFileThroughASlowStream_GivesBackWhatWasWritten()
    {
        Prop.ForAll(TensorFiles.Files, ArbMap.Default.ArbFor<int>(), (file, seed) =>
        {
            var bytes = TensorFiles.ToBytes(file.Tensors, file.Metadata);
            RoundTripAsync(file.Tensors, file.Metadata, new ChoppyStream(bytes, seed), null).GetAwaiter().GetResult();
            RoundTripAsync(file.Tensors, file.Metadata, new ChoppyStream(bytes, seed), bytes.Length).GetAwaiter().GetResult();
            RoundTripAsync(file.Tensors, file.Metadata, new MemoryStream(bytes), null).GetAwaiter().GetResult();
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Read_AnyMutationOfAFile_IsReadOrRefusedAsInvalidData()
    {
        Prop.ForAll(TensorFiles.Files, ArbMap.Default.ArbFor<int>(), (file, seed) =>
        {
            var bytes = TensorFiles.ToBytes(file.Tensors, file.Metadata);
            for (var i = 0; i < 10; i++)
            {
                var mutated = Mutate(bytes, new Random(seed + i));
                Assert.True(ReadsOrRefusesAsync(new ChoppyStream(mutated, seed)).GetAwaiter().GetResult());
                Assert.True(ReadsOrRefusesAsync(new MemoryStream(mutated)).GetAwaiter().GetResult());
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public async Task Read_FileCutAnywhere_IsRefused()
    {
        for (var length = 0; length < TwoTensors.Length; length++)
        {
            var cut = TwoTensors[..length];
            await Assert.ThrowsAsync<InvalidDataException>(() => ReadAllAsync(new ChoppyStream(cut, length)));
            await Assert.ThrowsAsync<InvalidDataException>(() => ReadAllAsync(new MemoryStream(cut)));
        }
    }

    [Fact]
    public async Task Complete_BytesBehindTheLastTensor_AreRefused()
    {
        var longer = (byte[])[.. TwoTensors, 0];
        await Assert.ThrowsAsync<InvalidDataException>(() => ReadAllAsync(new ChoppyStream(longer, 1)));
        await Assert.ThrowsAsync<InvalidDataException>(() => ReadAllAsync(new MemoryStream(longer)));
    }

    [Fact]
    public async Task Open_LengthThatLies_AllocatesOnlyForWhatComes()
    {
        var file = (byte[])[.. BitConverter.GetBytes((long)SafetensorsHeader.MaxBytes), .. "{\"a\":"u8];

        // A stream that never waits keeps it on this thread, whatever other tests allocate meanwhile.
        var before = GC.GetAllocatedBytesForCurrentThread();
        await Assert.ThrowsAsync<InvalidDataException>(() => SafetensorsReader.OpenAsync(new MemoryStream(file)));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4_000_000);
    }

    [Theory]
    [InlineData(100_000_001UL)]
    [InlineData(0x8000000000000000UL)]
    [InlineData(ulong.MaxValue)]
    public async Task Open_HeaderLongerThanAllowed_IsRefused(ulong length)
    {
        var exception = await Assert.ThrowsAsync<InvalidDataException>(() => SafetensorsReader.OpenAsync(new ChoppyStream(BitConverter.GetBytes(length), 1)));
        Assert.Equal($"The safetensors header claims {length} bytes; at most 100000000 are allowed.", exception.Message);
    }

    [Fact]
    public async Task Open_HeaderLongerThanTheFileOrTheCallersLimit_IsRefused()
    {
        var file = TensorFiles.File("{}", 0);
        file[0] = 3;
        Assert.Contains("the whole file has 10", (await Assert.ThrowsAsync<InvalidDataException>(() => SafetensorsReader.OpenAsync(new MemoryStream(file)))).Message, StringComparison.Ordinal);
        Assert.Contains("at most 64 are allowed", (await Assert.ThrowsAsync<InvalidDataException>(() => SafetensorsReader.OpenAsync(new MemoryStream(TwoTensors), maxHeaderBytes: 64))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_SecondTensorOnly_PassesOverTheFirst()
    {
        foreach (var stream in new Stream[] { new ChoppyStream(TwoTensors, 3), new MemoryStream(TwoTensors) })
        {
            var reader = await SafetensorsReader.OpenAsync(stream);
            var second = new byte[2];
            await reader.ReadAsync(reader.Header.Get("second"), second);
            Assert.Equal([4, 5], second);
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await reader.ReadAsync(reader.Header.Get("first"), new float[3]));
        }
    }

    [Fact]
    public async Task Read_DestinationThatDoesNotFit_IsRefused()
    {
        var reader = await SafetensorsReader.OpenAsync(new MemoryStream(TwoTensors));
        var exception = await Assert.ThrowsAsync<InvalidDataException>(async () => await reader.ReadAsync(reader.Header.Get("first"), new float[4]));
        Assert.Equal("Tensor 'first' has 3 elements of F32; expected are 4 of F32.", exception.Message);
        await Assert.ThrowsAsync<InvalidDataException>(async () => await reader.ReadAsync(reader.Header.Get("second"), new float[2]));
        await Assert.ThrowsAsync<ArgumentException>(async () => await reader.ReadAsync(reader.Header.Get("second"), new byte[3]));
    }

    private static async Task RoundTripAsync(SafetensorsTensor[] tensors, Dictionary<string, string> metadata, Stream stream, long? length)
    {
        var reader = await SafetensorsReader.OpenAsync(stream, length);
        Assert.Equal(metadata, reader.Header.Metadata);
        Assert.Equal(tensors.Length, reader.Header.Entries.Count);
        var contents = new Dictionary<string, byte[]>();
        foreach (var entry in reader.Header.Entries)
        {
            var bytes = contents[entry.Name] = new byte[entry.Bytes];
            if (entry.Type == TensorType.Float32)
            {
                var floats = new float[entry.Elements];
                await reader.ReadAsync(entry, floats);
                MemoryMarshal.AsBytes(floats.AsSpan()).CopyTo(bytes);
            }
            else
            {
                await reader.ReadAsync(entry, bytes);
            }
        }

        await reader.CompleteAsync();
        foreach (var tensor in tensors)
        {
            var entry = reader.Header.Get(tensor.Name);
            Assert.Equal(tensor.Type, entry.Type);
            Assert.Equal(tensor.Shape, entry.Shape);
            Assert.Equal(tensor.Bytes, entry.Bytes);
            Assert.Equal(TensorFiles.ToBytes([tensor])[^(int)tensor.Bytes..], contents[tensor.Name]);
        }
    }

    private static async Task ReadAllAsync(Stream stream)
    {
        var reader = await SafetensorsReader.OpenAsync(stream);
        foreach (var entry in reader.Header.Entries)
        {
            await reader.ReadAsync(entry, new byte[entry.Bytes]);
        }

        await reader.CompleteAsync();
    }

    private static async Task<bool> ReadsOrRefusesAsync(Stream stream)
    {
        try
        {
            var reader = await SafetensorsReader.OpenAsync(stream);

            // A header without a known length may claim more data than there is memory; its reader decides what to allocate.
            foreach (var entry in reader.Header.Entries.Where(entry => entry.Bytes < 1_000_000))
            {
                await reader.ReadAsync(entry, new byte[entry.Bytes]);
            }

            await reader.CompleteAsync();
            return true;
        }
        catch (InvalidDataException)
        {
            return true;
        }
    }

    private static byte[] Mutate(byte[] bytes, Random random)
    {
        var mutated = (byte[])bytes.Clone();
        for (var edits = random.Next(1, 4); edits > 0; edits--)
        {
            var at = random.Next(mutated.Length);
            switch (random.Next(5))
            {
                case 0:
                    mutated[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    mutated[at] = (byte)random.Next(256);
                    break;
                case 2:
                    mutated[at] = (byte)"{}[]\",:0123456789-e.\\ "[random.Next(22)];
                    break;
                case 3:
                    mutated = [.. mutated[..at], .. mutated[random.Next(mutated.Length)..]];
                    break;
                default:
                    mutated = [.. mutated[..at], mutated[at], .. mutated[at..]];
                    break;
            }

            if (mutated.Length == 0)
            {
                return mutated;
            }
        }

        return mutated;
    }
}
