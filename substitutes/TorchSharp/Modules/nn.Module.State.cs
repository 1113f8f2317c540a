namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            /// <summary>All parameters and buffers by path: the tensors themselves, not copies.</summary>
            public virtual Dictionary<string, Tensor> state_dict(Dictionary<string, Tensor>? destination = null, string? prefix = null)
            {
                destination ??= [];
                var start = string.IsNullOrEmpty(prefix) ? "" : prefix + ".";
                foreach (var (parameterName, parameter) in named_parameters())
                {
                    destination.TryAdd(start + parameterName, parameter);
                }

                foreach (var (bufferName, buffer) in named_buffers(include_nonpersistent: false))
                {
                    destination.TryAdd(start + bufferName, buffer);
                }

                foreach (var (childName, child) in _modules)
                {
                    child.state_dict(destination, start + childName);
                }

                return destination;
            }

            /// <summary>Copies values into the parameters and buffers of the same paths.</summary>
            /// <exception cref="InvalidOperationException">Paths differ although <paramref name="strict"/>.</exception>
            public virtual (IList<string> missing_keys, IList<string> unexpected_keyes) load_state_dict(
                Dictionary<string, Tensor> source, bool strict = true, IList<string>? skip = null)
            {
                var destination = state_dict();
                var skipped = skip ?? [];
                var missing = destination.Keys.Where(key => !skipped.Contains(key) && !source.ContainsKey(key)).ToList();
                var unexpected = source.Keys.Where(key => !skipped.Contains(key) && !destination.ContainsKey(key)).ToList();
                if (strict && (missing.Count > 0 || unexpected.Count > 0))
                {
                    throw new InvalidOperationException("The loaded state_dict is not identical to the target dictionary.");
                }

                using var frozen = no_grad();
                foreach (var (key, value) in source)
                {
                    if (!skipped.Contains(key) && destination.TryGetValue(key, out var target))
                    {
                        target.copy_(value);
                    }
                }

                return (missing, unexpected);
            }
        }
    }
}
