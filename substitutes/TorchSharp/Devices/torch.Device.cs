using TorchSharp.PInvoke;

namespace TorchSharp;

public static partial class torch
{
    public static readonly Device CPU = new(DeviceType.CPU, -1);

    public static readonly Device META = new(DeviceType.META, -1);

    private static Device? Cuda;

    private static Device DefaultDevice = CPU;

    /// <summary>The current CUDA device.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public static Device CUDA => Cuda ??= InitializeDevice(new Device(DeviceType.CUDA, -1));

    public static Device device(string description) => InitializeDevice(new Device(description));

    public static Device device(string deviceType, int index = -1) => InitializeDevice(new Device(deviceType, index));

    public static Device device(DeviceType deviceType, int index = -1) => InitializeDevice(new Device(deviceType, index));

    public static Device device(int index) => new(DeviceType.CUDA, index);

    public static Device get_default_device() => DefaultDevice;

    public static void set_default_device(Device device) => DefaultDevice = device;

    /// <summary>Whether tensors can be put on devices of a type.</summary>
    public static bool TryInitializeDeviceType(DeviceType deviceType) => deviceType switch
    {
        DeviceType.MPS => false,
        DeviceType.CUDA => NativeMethods.shim_cuda_is_available() != 0,
        _ => true,
    };

    /// <exception cref="InvalidOperationException">Tensors cannot be put on devices of that type.</exception>
    public static void InitializeDeviceType(DeviceType deviceType)
    {
        if (!TryInitializeDeviceType(deviceType))
        {
            throw new InvalidOperationException(deviceType == DeviceType.MPS
                ? "Torch device type 'MPS' is not available on this platform."
                : $"Torch device type {deviceType} did not initialise on the current machine.");
        }
    }

    /// <summary>The device to use where the caller named one or none.</summary>
    public static Device InitializeDevice(Device? device)
    {
        device ??= DefaultDevice;
        if (device.type != DeviceType.CPU)
        {
            InitializeDeviceType(device.type);
        }

        return device;
    }

    /// <summary>The same as <c>torch.cuda.is_available()</c>.</summary>
    public static bool cuda_is_available() => cuda.is_available();
}
