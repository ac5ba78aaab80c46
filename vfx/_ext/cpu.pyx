"""What this CPU can run, asked of the CPU itself. Used before a kernel level is chosen."""

cdef extern from *:
    """
    #if (defined(__x86_64__) || defined(__i386__)) && (defined(__GNUC__) || defined(__clang__))
    #include <cpuid.h>
    static unsigned long long vfx_xcr0(void) {
        unsigned int eax, edx;
        __asm__ volatile("xgetbv" : "=a"(eax), "=d"(edx) : "c"(0));
        return ((unsigned long long)edx << 32) | eax;
    }
    /* Bits: 1 sse4.2+popcnt (v2), 2 avx2, 4 the whole of v3, 8 avx512f, 16 the whole of v4, 32 neon. */
    static int vfx_cpu_features(void) {
        unsigned int a, b, c, d, features = 0;
        int osxsave, avx_os = 0, avx512_os = 0;
        if (!__get_cpuid(1, &a, &b, &c, &d)) return 0;
        if ((c & (1u << 20)) && (c & (1u << 23))) features |= 1;
        osxsave = (c >> 27) & 1;
        if (osxsave) {
            unsigned long long xcr0 = vfx_xcr0();
            avx_os = (xcr0 & 0x6) == 0x6;
            avx512_os = (xcr0 & 0xe6) == 0xe6;
        }
        {
            int fma = (c >> 12) & 1, movbe = (c >> 22) & 1, avx = (c >> 28) & 1, f16c = (c >> 29) & 1;
            unsigned int b7 = 0, lzcnt = 0;
            if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) b7 = b;
            if (__get_cpuid(0x80000001u, &a, &b, &c, &d)) lzcnt = (c >> 5) & 1;
            int avx2 = avx && avx_os && ((b7 >> 5) & 1);
            int bmi = ((b7 >> 3) & 1) && ((b7 >> 8) & 1);
            int f = (b7 >> 16) & 1, dq = (b7 >> 17) & 1, cd = (b7 >> 28) & 1, bw = (b7 >> 30) & 1, vl = (b7 >> 31) & 1;
            if (avx2) features |= 2;
            if (avx2 && fma && movbe && f16c && bmi && lzcnt) features |= 4;
            if (f && avx512_os) features |= 8;
            if ((features & 4) && avx512_os && f && dq && cd && bw && vl) features |= 16;
        }
        return (int)features;
    }
    #elif defined(__aarch64__) || defined(_M_ARM64) || defined(__ARM_NEON)
    static int vfx_cpu_features(void) { return 32; }
    #else
    static int vfx_cpu_features(void) { return 0; }
    #endif
    #ifdef _OPENMP
    #define VFX_HAS_OPENMP 1
    #else
    #define VFX_HAS_OPENMP 0
    #endif
    """
    int vfx_cpu_features() nogil
    int VFX_HAS_OPENMP


def features() -> int:
    """Bit set: 1 SSE4.2, 2 AVX2, 4 x86-64-v3, 8 AVX-512F, 16 x86-64-v4, 32 NEON."""
    return vfx_cpu_features()


def has_openmp() -> bool:
    """Whether the kernels were built with OpenMP."""
    return VFX_HAS_OPENMP == 1
