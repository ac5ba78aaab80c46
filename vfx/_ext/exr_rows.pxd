"""Rows of EXR samples: half, float and uint converted and (de)interleaved, straight-line loops only.

A file keeps a line as one run per channel; an image keeps it interleaved. Work goes in blocks of
``BLOCK`` pixels, so converted samples stay in the L1 cache between the two steps.

Half to float is exact (signalling NaNs come out quiet). Float to half rounds to nearest even and
overflows to infinity (IEEE 754-2019, 4.3.1 and 7.4), with F16C instructions where the build has
them and with the same results from integer code elsewhere.
"""

from libc.stdint cimport uint16_t, uint32_t, uint8_t
from libc.string cimport memcpy

cdef extern from *:
    """
    #include <stdint.h>
    #include <string.h>
    #ifdef __F16C__
    #include <immintrin.h>
    #endif
    static inline uint32_t vfx_half_bits_to_float_bits(uint32_t h) {
        uint32_t sign = (h & 0x8000u) << 16, rest = h & 0x7fffu, bits;
        float f;
        if (rest >= 0x7c00u) return sign | 0x7f800000u | ((rest & 0x3ffu) ? 0x400000u | (rest & 0x3ffu) << 13 : 0u);
        if (rest >= 0x400u) return sign | ((rest << 13) + 0x38000000u);
        f = (float)rest * 5.9604644775390625e-8f; /* 2**-24, the smallest half */
        memcpy(&bits, &f, 4);
        return sign | bits;
    }
    static inline uint16_t vfx_float_bits_to_half_bits(uint32_t f) {
        uint32_t sign = (f >> 16) & 0x8000u, rest = f & 0x7fffffffu;
        if (rest > 0x7f800000u) return (uint16_t)(sign | 0x7e00u | ((rest >> 13) & 0x3ffu));
        if (rest >= 0x47800000u) return (uint16_t)(sign | 0x7c00u);
        if (rest >= 0x38800000u) return (uint16_t)(sign | ((rest - 0x38000000u + 0xfffu + ((rest >> 13) & 1u)) >> 13));
        if (rest < 0x33000000u) return (uint16_t)sign;
        {
            uint32_t shift = 126u - (rest >> 23), value = (rest & 0x7fffffu) | 0x800000u;
            uint32_t half = value >> shift, left = value & ((1u << shift) - 1u), mid = 1u << (shift - 1u);
            return (uint16_t)(sign | (half + (left > mid || (left == mid && (half & 1u)))));
        }
    }
    static inline void vfx_half_to_float(const uint16_t *src, float *dst, int n) {
        int i = 0;
        uint32_t bits;
    #ifdef __AVX512F__
        for (; i + 16 <= n; i += 16)
            _mm512_storeu_ps(dst + i, _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(src + i))));
    #endif
    #ifdef __F16C__
        for (; i + 8 <= n; i += 8)
            _mm256_storeu_ps(dst + i, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(src + i))));
    #endif
        for (; i < n; i++) { bits = vfx_half_bits_to_float_bits(src[i]); memcpy(dst + i, &bits, 4); }
    }
    static inline void vfx_float_to_half(const float *src, uint16_t *dst, int n) {
        int i = 0;
        uint32_t bits;
    #ifdef __AVX512F__
        for (; i + 16 <= n; i += 16)
            _mm256_storeu_si256(
                (__m256i *)(dst + i), _mm512_cvtps_ph(_mm512_loadu_ps(src + i), _MM_FROUND_TO_NEAREST_INT));
    #endif
    #ifdef __F16C__
        for (; i + 8 <= n; i += 8)
            _mm_storeu_si128(
                (__m128i *)(dst + i), _mm256_cvtps_ph(_mm256_loadu_ps(src + i), _MM_FROUND_TO_NEAREST_INT));
    #endif
        for (; i < n; i++) { memcpy(&bits, src + i, 4); dst[i] = vfx_float_bits_to_half_bits(bits); }
    }
    /* A line of C interleaved samples; C is a constant in every copy, so the loops become shuffles. */
    #define VFX_JOIN(C, T) static inline void vfx_join_##C##_##T(T *__restrict d, const T *const *s, int n) { \\
        const T *__restrict a = s[0], *__restrict b = s[1 % C], *__restrict c = s[2 % C], *__restrict e = s[3 % C]; \\
        int i; \\
        for (i = 0; i < n; i++) { d[C * i] = a[i]; if (C > 1) { d[C * i + 1 % C] = b[i]; } \\
            if (C > 2) { d[C * i + 2 % C] = c[i]; } if (C > 3) { d[C * i + 3 % C] = e[i]; } } }
    #define VFX_TAKE(C, T) static inline void vfx_take_##C##_##T(T *__restrict d, const T *__restrict s, int n) { \\
        int i; for (i = 0; i < n; i++) d[i] = s[C * i]; }
    #define VFX_EACH(M, T) M(1, T) M(2, T) M(3, T) M(4, T)
    VFX_EACH(VFX_JOIN, uint16_t) VFX_EACH(VFX_JOIN, uint32_t) VFX_EACH(VFX_TAKE, uint16_t) VFX_EACH(VFX_TAKE, uint32_t)
    #define VFX_ROW(T) \\
    static void vfx_join_##T(T *d, const T *const *s, int count, int n) { int i, k; switch (count) { \\
        case 1: vfx_join_1_##T(d, s, n); return; case 2: vfx_join_2_##T(d, s, n); return; \\
        case 3: vfx_join_3_##T(d, s, n); return; case 4: vfx_join_4_##T(d, s, n); return; } \\
        for (k = 0; k < count; k++) for (i = 0; i < n; i++) d[(size_t)i * count + k] = s[k][i]; } \\
    static void vfx_take_##T(T *d, const uint8_t *s, ptrdiff_t step, int n) { int i; \\
        if (((uintptr_t)s | (size_t)step) % sizeof(T) == 0) switch (step / (ptrdiff_t)sizeof(T)) { \\
        case 1: vfx_take_1_##T(d, (const T *)s, n); return; case 2: vfx_take_2_##T(d, (const T *)s, n); return; \\
        case 3: vfx_take_3_##T(d, (const T *)s, n); return; case 4: vfx_take_4_##T(d, (const T *)s, n); return; } \\
        for (i = 0; i < n; i++) memcpy(d + i, s + step * i, sizeof(T)); }
    VFX_ROW(uint16_t)
    VFX_ROW(uint32_t)
    """
    void half_to_float "vfx_half_to_float"(const uint16_t *src, float *dst, int n) noexcept nogil
    void float_to_half "vfx_float_to_half"(const float *src, uint16_t *dst, int n) noexcept nogil
    void join16 "vfx_join_uint16_t"(uint16_t *dst, const uint16_t *const *src, int count, int n) noexcept nogil
    void join32 "vfx_join_uint32_t"(uint32_t *dst, const uint32_t *const *src, int count, int n) noexcept nogil
    void take16 "vfx_take_uint16_t"(uint16_t *dst, const uint8_t *src, Py_ssize_t step, int n) noexcept nogil
    void take32 "vfx_take_uint32_t"(uint32_t *dst, const uint8_t *src, Py_ssize_t step, int n) noexcept nogil

# OpenEXR's pixel types (openexr_attr.h), also the numbers of our own sample types.
cdef enum:
    UINT = 0
    HALF = 1
    FLOAT = 2

# Pixels per block: 4 channels of float samples take 8 KiB.
cdef enum:
    BLOCK = 512


cdef inline int sample_size(int kind) noexcept nogil:
    """Bytes of one sample."""
    return 2 if kind == HALF else 4


cdef inline void convert(const uint8_t *src, int source, uint8_t *dst, int target, int n) noexcept nogil:
    """At most ``BLOCK`` samples in a row, from one type to another. Uint becomes the nearest float."""
    cdef float floats[BLOCK]
    cdef uint32_t number
    cdef int i
    if source == target:
        memcpy(dst, src, n * sample_size(source))
    elif source == HALF and target == FLOAT:
        half_to_float(<const uint16_t *> src, <float *> dst, n)
    elif source == FLOAT and target == HALF:
        float_to_half(<const float *> src, <uint16_t *> dst, n)
    elif source == UINT:
        for i in range(n):
            memcpy(&number, src + 4 * i, 4)
            floats[i] = <float> number
        if target == FLOAT:
            memcpy(dst, <uint8_t *> floats, n * 4)
        else:
            float_to_half(floats, <uint16_t *> dst, n)
