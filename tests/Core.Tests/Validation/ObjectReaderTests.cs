using System.Text.Json;
using Serverless.Core.Validation;

namespace Serverless.Core.Tests.Validation;

public sealed class ObjectReaderTests
{
    private readonly FieldErrors _errors = new();

    private IReadOnlyList<string> Errors => [.. Assert.Throws<ValidationException>(_errors.ThrowIfAny).Errors.Select(error => error.ToString())];

    [Fact]
    public void Reads_LegalFields_GivesTheirValuesAndFallbacks()
    {
        ObjectReader reader = Reader("""{"a": 5, "b": 0.5, "c": false, "d": "text", "e": "wednesday", "n": null}""");
        Assert.Equal(5, reader.Whole("a", 1, 5));
        Assert.Equal(0.5, reader.Number("b", Interval.RightOpen(0, 1)));
        Assert.False(reader.Boolean("c", true));
        Assert.Equal("text", reader.Text("d", "a text"));
        Assert.Equal(DayOfWeek.Wednesday, reader.Choice("e", DayOfWeek.Friday));
        Assert.Equal(7, reader.Whole("n", 1, 9, fallback: 7));
        Assert.Equal(DayOfWeek.Friday, reader.Choice("absent", DayOfWeek.Friday));
        reader.Finish();
        Assert.Equal(0, _errors.Count);
    }

    [Fact]
    public void Finish_UnknownField_SuggestsTheKnownOne()
    {
        ObjectReader reader = Reader("""{"batchsize": 5}""");
        reader.Whole("batchSize", 1, 9, fallback: 1);
        reader.Finish();
        Assert.Equal(["job.batchsize: is not a known field; did you mean \"batchSize\"?; known are batchSize"], Errors);
    }

    [Fact]
    public void Reads_WrongValues_ReportsEachWithItsRange()
    {
        ObjectReader reader = Reader("""{"a": 0, "b": 1, "c": "yes", "d": 4, "e": "wensday", "f": 1.5, "g": 1e400, "h": [1]}""");
        reader.Whole("a", 1, 5);
        reader.Number("b", Interval.RightOpen(0, 1));
        reader.Boolean("c", true);
        reader.OptionalText("d");
        reader.Choice("e", DayOfWeek.Friday);
        reader.Whole("f", 1L, 9L);
        reader.Number("g", Interval.Closed(0, 1));
        reader.Whole("h", 1, 5);
        reader.Whole("i", 1, 5);
        Assert.Equal(
            [
                "job.a: is 0; legal 1..5",
                "job.b: is 1; legal [0, 1)",
                "job.c: is \"yes\"; legal true, false",
                "job.d: is 4; a text is needed",
                "job.e: is \"wensday\"; legal sunday, monday, tuesday, wednesday, thursday, friday, saturday; did you mean \"wednesday\"?",
                "job.f: is 1.5; legal 1..9",
                "job.g: is 1e400; legal [0, 1]",
                "job.h: is an array of 1; legal 1..5",
                "job.i: is missing; a whole number of 1..5 is needed",
            ],
            Errors);
    }

    [Fact]
    public void Reads_NoObject_SaysOnlyThat()
    {
        ObjectReader reader = Reader("[]");
        reader.Whole("a", 1, 5);
        reader.Text("b", "a text");
        reader.Finish();
        Assert.Equal(["job: is an array of 0; an object is needed"], Errors);
    }

    [Fact]
    public void Reads_FieldTwice_IsReported()
    {
        ObjectReader reader = Reader("""{"a": 1, "a": 2}""");
        reader.Whole("a", 1, 5);
        Assert.Equal(["job.a: is given twice"], Errors);
    }

    [Fact]
    public void Describe_HostileText_IsCutAndFreeOfControls()
    {
        using JsonDocument document = JsonDocument.Parse($"\"\\u001b[31m{new string('x', 5000)}\"");
        string description = ObjectReader.Describe(document.RootElement);
        Assert.True(description.Length < 80);
        Assert.DoesNotContain(description, char.IsControl);
    }

    [Fact]
    public void ThrowIfAny_ThousandsOfErrors_KeepsTheFirstHundred()
    {
        for (int i = 0; i < 5000; i++)
        {
            _errors.Add($"field{i}", "is wrong");
        }

        Assert.Equal(FieldErrors.Limit + 1, Errors.Count);
        Assert.Contains("4900 more", Errors[^1], StringComparison.Ordinal);
    }

    private ObjectReader Reader(string json) => new(JsonDocument.Parse(json).RootElement, "job", _errors);
}
