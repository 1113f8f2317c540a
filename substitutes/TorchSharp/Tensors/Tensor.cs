using TorchSharp.PInvoke;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>
    /// An array of numbers on some device. Each object owns one reference to a native tensor; several may share memory (views), and several may
    /// stand for the very same tensor (<see cref="alias"/>).
    /// </summary>
    public partial class Tensor : IDisposable
    {
        private static long Total;
        private static long Peak;

        private static readonly Operator EqualOperator = new("equal");

        private nint _handle;

        internal Tensor(nint handle, bool register = true)
        {
            _handle = handle;
            var total = Interlocked.Increment(ref Total);
            if (total > Peak)
            {
                Peak = total;
            }

            if (register)
            {
                OwningDisposeScope = DisposeScopeManager.ThreadSingleton.RegisterOnCurrentDisposeScope(this);
            }
        }

        ~Tensor() => Dispose(false);

        /// <summary>Tensor objects that exist and are not disposed, on all threads. Does not count what only native code holds.</summary>
        public static long TotalCount => Total;

        public static long PeakCount => Peak;

        /// <summary>The native tensor.</summary>
        /// <exception cref="InvalidOperationException">The tensor is disposed.</exception>
        public nint Handle => _handle != 0 ? _handle : throw new InvalidOperationException("Tensor invalid -- empty handle.");

        public bool IsInvalid => _handle == 0;

        /// <summary>A name for people who debug.</summary>
        public string? name { get; set; }

        internal DisposeScope? OwningDisposeScope { get; set; }

        /// <summary>Takes over a reference to a native tensor.</summary>
        public static Tensor UnsafeCreateTensor(nint handle) => new(handle);

        /// <summary>Another object for the same native tensor.</summary>
        public Tensor alias()
        {
            var alias = new Tensor(NativeMethods.shim_tensor_alias(Handle));
            GC.KeepAlive(this);
            return alias;
        }

        /// <summary>Gives up the native tensor without releasing it.</summary>
        public nint DecoupleFromNativeHandle()
        {
            GC.SuppressFinalize(this);
            var handle = Handle;
            Interlocked.Decrement(ref Total);
            _handle = 0;
            return handle;
        }

        public Tensor MoveToOuterDisposeScope()
        {
            OwningDisposeScope?.MoveToOuter(this);
            return this;
        }

        public Tensor DetachFromDisposeScope()
        {
            OwningDisposeScope?.Detach(this);
            return this;
        }

        public Tensor MoveToOtherDisposeScope(Tensor other) => MoveToOtherDisposeScope(other.OwningDisposeScope);

        public Tensor MoveToOtherDisposeScope(DisposeScope? other)
        {
            if (OwningDisposeScope is null && other is not null)
            {
                other.Attach(this);
            }
            else
            {
                OwningDisposeScope?.MoveToOther(other, this);
            }

            return this;
        }

        public override bool Equals(object? obj) => obj is Tensor other && Equals(other);

        /// <summary>Whether both have the same shape and the same elements.</summary>
        public bool Equals(Tensor target) => target is not null && EqualOperator.CallBool(this, target);

        public override int GetHashCode() => base.GetHashCode();

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        /// <summary>Takes the native tensor out, to build a parameter from it. As in the official package, the count goes on including this object.</summary>
        internal nint MoveHandle()
        {
            var handle = _handle;
            _handle = 0;
            return handle;
        }

        protected virtual void Dispose(bool disposing)
        {
            if (_handle == 0)
            {
                return;
            }

            DisposeScopeManager.ThreadSingleton.DisposingOnCurrentScope(this);
            OwningDisposeScope?.MarkAsDisposed(this);
            Interlocked.Decrement(ref Total);
            NativeMethods.shim_tensor_release(_handle);
            _handle = 0;
        }
    }
}
