namespace Serverless.Core.Validation;

/// <summary>A user's input cannot be accepted. Carries everything that is wrong with it, not only the first thing, so that one correction is enough.</summary>
public class ValidationException : Exception
{
    /// <summary>Refuses an input for one or more reasons.</summary>
    /// <param name="errors">At least one error.</param>
    public ValidationException(IReadOnlyList<FieldError> errors)
        : base(string.Join(Environment.NewLine, errors)) => Errors = errors;

    /// <summary>Refuses an input for one reason.</summary>
    public ValidationException(string field, string message)
        : this([new FieldError(field, message)])
    {
    }

    /// <summary>Everything that is wrong, in the order of the input.</summary>
    public IReadOnlyList<FieldError> Errors { get; }
}
