using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class utils
        {
            /// <summary>Scales the gradients, in place, such that their common norm is at most <paramref name="max_norm"/>; returns what it was.</summary>
            public static double clip_grad_norm_(IEnumerable<Parameter> tensors, double max_norm, double norm_type = 2.0)
            {
                using var scope = NewDisposeScope();
                using var frozen = no_grad();
                var gradients = new List<Tensor>();
                foreach (var parameter in tensors)
                {
                    if (parameter.grad is { } gradient)
                    {
                        gradients.Add(gradient);
                    }
                }

                if (gradients.Count == 0)
                {
                    return 0;
                }

                var norms = stack(gradients.Select(gradient => gradient.norm((float)norm_type)));
                var total = norms.norm((float)norm_type).ToScalar().ToDouble();
                var factor = max_norm / (total + 1e-6);
                if (factor < 1)
                {
                    foreach (var gradient in gradients)
                    {
                        gradient.mul_(factor);
                    }
                }

                return total;
            }

            /// <summary>Limits every element of the gradients, in place.</summary>
            public static void clip_grad_value_(IEnumerable<Parameter> tensors, double clip_value)
            {
                using var frozen = no_grad();
                foreach (var parameter in tensors)
                {
                    using var gradient = parameter.grad;
                    gradient?.clamp_(-clip_value, clip_value);
                }
            }

            /// <summary>All parameters' elements, one after the other.</summary>
            public static Tensor parameters_to_vector(IEnumerable<Parameter> tensors)
            {
                using var scope = NewDisposeScope();
                return cat(tensors.Select(tensor => tensor.view(-1)).ToArray()).MoveToOuterDisposeScope();
            }

            /// <summary>Copies consecutive elements of a vector into the parameters.</summary>
            public static void vector_to_parameters(Tensor vec, IEnumerable<Parameter> tensors)
            {
                using var scope = NewDisposeScope();
                using var frozen = no_grad();
                var offset = 0L;
                foreach (var tensor in tensors)
                {
                    var count = tensor.numel();
                    tensor.copy_(vec.narrow(0, offset, count).view_as(tensor));
                    offset += count;
                }
            }
        }
    }
}
