namespace Serverless.Core.Validation;

/// <summary>Collects what is wrong with an input while it is being read.</summary>
public sealed class FieldErrors
{
    /// <summary>No more than this many errors are kept: a hostile body cannot make the answer larger than the question.</summary>
    public const int Limit = 100;

    private readonly List<FieldError> _errors = [];

    /// <summary>How many errors were added, including those beyond <see cref="Limit"/>.</summary>
    public int Count { get; private set; }

    /// <summary>Notes one error.</summary>
    public void Add(string field, string message)
    {
        if (++Count <= Limit)
        {
            _errors.Add(new FieldError(field, message));
        }
    }

    /// <summary>Notes all errors of a nested check.</summary>
    public void Add(ValidationException exception)
    {
        foreach (FieldError error in exception.Errors)
        {
            Add(error.Field, error.Message);
        }
    }

    /// <summary>Ends the reading of the input.</summary>
    /// <exception cref="ValidationException">At least one error was added.</exception>
    public void ThrowIfAny()
    {
        if (Count == 0)
        {
            return;
        }

        throw new ValidationException(Count > Limit ? [.. _errors, new FieldError("…", $"{Count - Limit} more errors")] : _errors.ToArray());
    }
}
