using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>
        /// Something with parameters, buffers and sub-modules. A subclass assigns them to fields and calls <see cref="RegisterComponents"/> at the end of
        /// its constructor; they are then known by the fields' names, sub-modules' by dotted paths.
        /// </summary>
        public partial class Module : IDisposable
        {
            protected string? name;

            private readonly OrderedDictionary<string, Module> _modules = [];
            private readonly OrderedDictionary<string, (Tensor Tensor, bool Persistent)> _buffers = [];
            private readonly OrderedDictionary<string, Parameter> _parameters = [];
            private bool _registered;
            private bool _training = true;
            private bool _disposed;

            protected Module(string name) => this.name = name;

            /// <summary>Whether dropout drops and batch norm learns its statistics.</summary>
            public virtual bool training => _training;

            public virtual string GetName() => name ?? GetType().Name;

            public virtual void train(bool train = true)
            {
                _training = train;
                foreach (var (_, child) in named_children())
                {
                    child.train(train);
                }
            }

            public virtual void eval() => train(false);

            /// <summary>Forgets the gradients; or zeroes them in place, where they are to stay views of something.</summary>
            public virtual void zero_grad(bool set_to_none = true)
            {
                foreach (var (_, parameter) in named_parameters())
                {
                    using var gradient = parameter.grad;
                    if (gradient is null)
                    {
                        continue;
                    }

                    if (set_to_none)
                    {
                        parameter.grad = null;
                    }
                    else
                    {
                        gradient.zero_();
                    }
                }
            }

            /// <summary>Calls a function with every sub-module, inner ones first, then with this.</summary>
            public virtual Module apply(Action<Module> fn)
            {
                foreach (var (_, child) in _modules)
                {
                    child.apply(fn);
                }

                fn(this);
                return this;
            }

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            /// <summary>Disposes parameters, buffers and sub-modules, whatever scopes they are in.</summary>
            protected virtual void Dispose(bool disposing)
            {
                if (!disposing || _disposed)
                {
                    return;
                }

                _disposed = true;
                foreach (var (_, (buffer, _)) in _buffers)
                {
                    buffer.DetachFromDisposeScope().Dispose();
                }

                foreach (var (_, parameter) in _parameters)
                {
                    parameter.DetachFromDisposeScope().Dispose();
                }

                foreach (var (_, child) in _modules)
                {
                    child.Dispose();
                }
            }
        }
    }
}
