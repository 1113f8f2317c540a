using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Serverless.Optimization.Measuring;

/// <summary>The machine that measures.</summary>
internal static class Machine
{
    /// <summary>Architecture, cores, and the widest instructions there are: products of bytes are fast only where VNNI or its like is.</summary>
    public static string Description { get; } = $"{RuntimeInformation.ProcessArchitecture}, {Environment.ProcessorCount} cores{Instructions()}";

    private static string Instructions()
    {
        if (!X86Base.IsSupported)
        {
            return "";
        }

        // .NET does not tell all of it by name: CPUID leaf 7, subleaf 0 ECX bit 11 is AVX-512 VNNI, subleaf 1 EAX bit 4 is AVX VNNI.
        var wide = Avx512F.IsSupported && (X86Base.CpuId(7, 0).Ecx & (1 << 11)) != 0;
        var narrow = Avx2.IsSupported && (X86Base.CpuId(7, 1).Eax & (1 << 4)) != 0;
        return wide ? ", AVX-512 VNNI" : narrow ? ", AVX VNNI" : Avx512F.IsSupported ? ", AVX-512 without VNNI" : Avx2.IsSupported ? ", AVX2 without VNNI" : "";
    }
}
