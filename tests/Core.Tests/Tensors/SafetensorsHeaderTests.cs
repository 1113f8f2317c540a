using System.Text;
using Serverless.Core.Tensors;

namespace Serverless.Core.Tests.Tensors;

public class SafetensorsHeaderTests
{
    [Theory]
    [InlineData("", "empty")]
    [InlineData(" {}", "0x20")]
    [InlineData("[]", "0x5b")]
    [InlineData("{", "not valid JSON")]
    [InlineData("{}x", "not valid JSON")]
    [InlineData("{} {}", "not valid JSON")]
    [InlineData("{\"a\":1}", "'a' in the safetensors header is 1; it must be an object")]
    [InlineData("{\"a\":null}", "is null")]
    [InlineData("{\"a\":{}}", "Tensor 'a' lacks its dtype")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,0]}}", "lacks its shape")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[0]}}", "lacks its data_offsets")]
    [InlineData("{\"a\":{\"dtype\":\"F33\",\"shape\":[1],\"data_offsets\":[0,4]}}", "'F33'; known are BOOL, U8")]
    [InlineData("{\"a\":{\"dtype\":\"f32\",\"shape\":[1],\"data_offsets\":[0,4]}}", "'f32'")]
    [InlineData("{\"a\":{\"dtype\":7,\"shape\":[1],\"data_offsets\":[0,4]}}", "dtype of tensor 'a' is 7")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":1,\"data_offsets\":[0,4]}}", "shape of tensor 'a' is 1; it must be an array")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", "holds -1")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}}", "holds 1.5")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,4]}}", "holds 99999999999999999999")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[\"1\"],\"data_offsets\":[0,4]}}", "holds the string '1'")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}", "has 1 data_offsets")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,8]}}", "has 3 data_offsets")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", "ends at byte 0, before its beginning at 4")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", "is 8 bytes, its range 0..4 has 4")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]}}", "not a whole number of bytes")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296,0],\"data_offsets\":[0,0]}}", "not a whole number of bytes")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904],\"data_offsets\":[0,0]}}", "not a whole number of bytes")]
    [InlineData("{\"a\":{\"dtype\":\"F4\",\"shape\":[3],\"data_offsets\":[0,2]}}", "not a whole number of bytes")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[4,8]}}", "begins at byte 4, the beginning of the data is 0: the data must have no holes")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[2,6]}}", "'b' begins at byte 2, the end of tensor 'a' is 4: tensors must not overlap")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[4,8]}}", "names 'a' twice")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}", "field 'dtype' twice")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4],\"strides\":[1]}}", "unknown field 'strides'")]
    [InlineData("{\"__metadata__\":[]}", "is an array")]
    [InlineData("{\"__metadata__\":{\"round\":3}}", "Metadata 'round' of the safetensors file is 3; only strings")]
    [InlineData("{\"__metadata__\":{\"round\":\"3\",\"round\":\"4\"}}", "metadata names 'round' twice")]
    public void Parse_HostileHeader_IsRefusedWithTheEntryAndTheValue(string json, string expected)
    {
        var exception = Assert.Throws<InvalidDataException>(() => SafetensorsHeader.Parse(Encoding.UTF8.GetBytes(json)));
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_InvalidUtf8_IsRefused()
    {
        Assert.Throws<InvalidDataException>(() => SafetensorsHeader.Parse([(byte)'{', (byte)'"', 0xff, (byte)'"', (byte)':', (byte)'{', (byte)'}', (byte)'}']));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    public void Parse_DataOfAnotherLength_IsRefused(long dataBytes)
    {
        var json = "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}"u8.ToArray();
        var exception = Assert.Throws<InvalidDataException>(() => SafetensorsHeader.Parse(json, dataBytes));
        Assert.Equal($"The safetensors header describes 4 bytes of tensor data, the file has {dataBytes}.", exception.Message);
    }

    [Fact]
    public void Parse_HeaderOutOfOrder_GivesEntriesInTheOrderOfTheData()
    {
        var header = SafetensorsHeader.Parse(
            """{"b":{"dtype":"I64","shape":[],"data_offsets":[4,12]},"empty":{"dtype":"F32","shape":[0,3],"data_offsets":[4,4]},"a":{"dtype":"U8","shape":[2,2],"data_offsets":[0,4]}}   """u8, 12);
        Assert.Equal(["a", "empty", "b"], header.Entries.Select(entry => entry.Name));
        Assert.Equal([4L, 0L, 1L], header.Entries.Select(entry => entry.Elements));
        Assert.Equal(12, header.DataBytes);
    }

    [Theory]
    [InlineData("F4", 6, 3)]
    [InlineData("F6_E2M3", 4, 3)]
    [InlineData("F8_E4M3", 3, 3)]
    [InlineData("BF16", 3, 6)]
    [InlineData("C64", 3, 24)]
    public void Parse_TypesOfEverySize_CountBytesByBits(string type, int elements, int bytes)
    {
        var json = Encoding.UTF8.GetBytes($$$"""{"a":{"dtype":"{{{type}}}","shape":[{{{elements}}}],"data_offsets":[0,{{{bytes}}}]}}""");
        Assert.Equal(elements, SafetensorsHeader.Parse(json, bytes).Entries[0].Elements);
    }

    [Fact]
    public void Get_UnknownTensor_SaysWhichThereAre()
    {
        var header = SafetensorsHeader.Parse("""{"trainable":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"""u8);
        Assert.Equal("The file has no tensor 'buffers'; it has 'trainable'.", Assert.Throws<InvalidDataException>(() => header.Get("buffers")).Message);
    }
}
