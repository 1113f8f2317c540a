namespace Serverless.Core.Validation;

/// <summary>One thing wrong with a user's input.</summary>
/// <param name="Field">Where: the path of the field as the user wrote it, such as <c>network.layers[2].kernel</c>; empty for the input as a whole.</param>
/// <param name="Message">What: the value met and what would be legal.</param>
public sealed record FieldError(string Field, string Message)
{
    /// <summary>The field and the message on one line; the message alone where the whole input is meant.</summary>
    public override string ToString() => Field.Length == 0 ? Message : $"{Field}: {Message}";
}
