namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        /// <summary>Has decay rates of two moments.</summary>
        public interface IBetas
        {
            (double, double) Betas { get; set; }
        }
    }
}
