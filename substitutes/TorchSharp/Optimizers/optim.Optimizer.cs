using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        /// <summary>Changes parameters by their gradients.</summary>
        public abstract class Optimizer : IDisposable
        {
            protected IList<ParamGroup> _parameter_groups = [];

            private protected Optimizer()
            {
            }

            public virtual IEnumerable<ILearningRateController> ParamGroups => _parameter_groups;

            /// <summary>Changes the parameters once.</summary>
            /// <param name="closure">Computes the loss and the gradients first, where it is given.</param>
            public abstract Tensor? step(Func<Tensor>? closure = null);

            /// <summary>Zeroes the gradients in place; <see cref="nn.Module.zero_grad"/> forgets them.</summary>
            public abstract void zero_grad();

            public abstract IEnumerable<Parameter> parameters();

            public abstract void add_param_group(ParamGroup param_group);

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected abstract void Dispose(bool disposing);
        }
    }
}
