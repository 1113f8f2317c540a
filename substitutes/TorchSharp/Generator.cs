using TorchSharp.PInvoke;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>A source of random numbers with its own state.</summary>
    public class Generator : IDisposable
    {
        public unsafe Generator(ulong seed = 0, Device? device = null)
        {
            this.device = device ?? CPU;
            nint handle;
            NativeMethods.Check(NativeMethods.shim_generator_new(seed, Argument.Pack(this.device.type, this.device.index), &handle));
            Handle = handle;
        }

        private Generator(nint handle)
        {
            Handle = handle;
            device = CPU;
        }

        ~Generator() => Dispose(disposing: false);

        /// <summary>The one that operators use when they are given none.</summary>
        public static unsafe Generator Default
        {
            get
            {
                nint handle;
                NativeMethods.Check(NativeMethods.shim_generator_default(&handle));
                return new Generator(handle);
            }
        }

        public nint Handle { get; private set; }

        public Device device { get; private set; }

        public unsafe Tensor get_state()
        {
            nint state;
            NativeMethods.Check(NativeMethods.shim_generator_state(Handle, &state));
            return new Tensor(state);
        }

        public void set_state(Tensor value) => NativeMethods.Check(NativeMethods.shim_generator_set_state(Handle, value.Handle));

        public Generator manual_seed(long seed)
        {
            NativeMethods.Check(NativeMethods.shim_generator_seed(Handle, seed));
            return this;
        }

        /// <summary>Seeds with the time of day and returns that seed.</summary>
        public long seed()
        {
            var seed = DateTime.UtcNow.Ticks;
            manual_seed(seed);
            return seed;
        }

        public long initial_seed() => NativeMethods.shim_generator_initial_seed(Handle);

        public void Dispose()
        {
            Dispose(disposing: true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            if (Handle != 0)
            {
                NativeMethods.shim_generator_release(Handle);
                Handle = 0;
            }
        }
    }
}
