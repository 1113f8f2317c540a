using System.Reflection;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            protected internal virtual Module _to(Device device, ScalarType dtype, bool non_blocking) => Convert(dtype, device, non_blocking);

            protected internal virtual Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking) =>
                Convert(null, new Device(deviceType, deviceIndex), non_blocking);

            protected internal virtual Module _to(ScalarType dtype, bool non_blocking) => Convert(dtype, null, non_blocking);

            // Parameters and buffers that change become new objects, which take the old ones' places in properties or fields.
            private Module Convert(ScalarType? dtype, Device? device, bool non_blocking)
            {
                if (dtype is { } type && !is_floating_point(type) && !is_complex(type))
                {
                    throw new ArgumentException($"nn.Module.to only accepts floating point or complex types, but got desired dtype={type}");
                }

                if (device is not null)
                {
                    if (device.type == DeviceType.CUDA && !torch.cuda.is_available())
                    {
                        throw new InvalidOperationException("CUDA is not available.");
                    }

                    InitializeDevice(device);
                }

                foreach (var (_, child) in named_children())
                {
                    child.Convert(dtype, device, non_blocking);
                }

                foreach (var (parameterName, parameter) in _parameters.ToArray())
                {
                    if (Converted(parameter, dtype, device, non_blocking) is { } replacement)
                    {
                        Put(parameterName, parameter, replacement);
                    }
                }

                foreach (var (bufferName, (buffer, _)) in _buffers.ToArray())
                {
                    var wanted = dtype is { } floating && (buffer.is_floating_point() || buffer.is_complex()) ? floating : buffer.dtype;
                    if (WillCopy(buffer, wanted, device))
                    {
                        Put(bufferName, buffer, buffer.to(wanted, device ?? buffer.device, non_blocking: non_blocking).DetachFromDisposeScope());
                    }
                }

                return this;
            }

            private static Parameter? Converted(Parameter parameter, ScalarType? dtype, Device? device, bool non_blocking)
            {
                using var gradient = parameter.grad;
                var wanted = dtype ?? parameter.dtype;
                if (!WillCopy(parameter, wanted, device) && (gradient is null || !WillCopy(gradient, wanted, device)))
                {
                    return null;
                }

                using var frozen = no_grad();
                var place = device ?? parameter.device;
                var converted = new Parameter(parameter.to(wanted, place, non_blocking: non_blocking), parameter.requires_grad);
                converted.DetachFromDisposeScope();
                if (gradient is not null)
                {
                    using var moved = gradient.to(wanted, place, non_blocking: non_blocking).with_requires_grad(gradient.requires_grad);
                    converted.grad = moved;
                }

                return converted;
            }

            private static bool WillCopy(Tensor tensor, ScalarType type, Device? device) =>
                tensor.dtype != type
                || (device is not null && (tensor.device_type != device.type || (device.index >= 0 && tensor.device_index != device.index)));

            private void Put(string componentName, Tensor old, Tensor replacement)
            {
                if (GetType().GetProperty(componentName, BindingFlags.Public | BindingFlags.Instance) is { CanWrite: true } property)
                {
                    property.SetValue(this, replacement);
                    return;
                }

                old.Dispose();
                if (replacement is Parameter parameter)
                {
                    ConditionallyRegisterParameter(componentName, parameter);
                }
                else
                {
                    ConditionallyRegisterBuffer(componentName, replacement, _buffers[componentName].Persistent);
                }

                Fields().FirstOrDefault(field => field.ComponentName() == componentName)?.SetValue(this, replacement);
            }
        }
    }
}
