"""Alpha of interleaved RGBA pixels, spread over their four numbers inside vector registers.

The compiler would sort the pixels into planes and back: three times as many instructions (GCC 12).
"""

cdef extern from *:
    """
    #include <math.h>
    #if defined(__SSE2__)
    #include <immintrin.h>
    #endif
    #if defined(__AVX512F__)
    #define VFX_WIDE 16
    typedef __m512 vfx_wide;
    #define vfx_wide_load(p) _mm512_loadu_ps(p)
    #define vfx_wide_store(p, x) _mm512_storeu_ps(p, x)
    #define vfx_wide_alphas(x) _mm512_permute_ps(x, 0xff)
    #define vfx_wide_left(x) _mm512_sub_ps(_mm512_set1_ps(1.0f), x)
    #define vfx_wide_fma(a, b, c) _mm512_fmadd_ps(a, b, c)
    #elif defined(__AVX2__) && defined(__FMA__)
    #define VFX_WIDE 8
    typedef __m256 vfx_wide;
    #define vfx_wide_load(p) _mm256_loadu_ps(p)
    #define vfx_wide_store(p, x) _mm256_storeu_ps(p, x)
    #define vfx_wide_alphas(x) _mm256_permute_ps(x, 0xff)
    #define vfx_wide_left(x) _mm256_sub_ps(_mm256_set1_ps(1.0f), x)
    #define vfx_wide_fma(a, b, c) _mm256_fmadd_ps(a, b, c)
    #elif defined(__SSE2__)
    #define VFX_WIDE 4
    typedef __m128 vfx_wide;
    #define vfx_wide_load(p) _mm_loadu_ps(p)
    #define vfx_wide_store(p, x) _mm_storeu_ps(p, x)
    #define vfx_wide_alphas(x) _mm_shuffle_ps(x, x, 0xff)
    #define vfx_wide_left(x) _mm_sub_ps(_mm_set1_ps(1.0f), x)
    #define vfx_wide_fma(a, b, c) _mm_add_ps(_mm_mul_ps(a, b), c)
    #endif

    static inline void vfx_repeat_alpha4(const float *pixels, float *out, int n) {
        int i = 0;
    #if defined(VFX_WIDE)
        for (; i + VFX_WIDE <= 4 * n; i += VFX_WIDE)
            vfx_wide_store(out + i, vfx_wide_alphas(vfx_wide_load(pixels + i)));
    #endif
        for (; i < 4 * n; i++) out[i] = pixels[i | 3];
    }
    static inline void vfx_over4(const float *a, const float *b, float *out, int n) {
        int i = 0;
    #if defined(VFX_WIDE)
        for (; i + VFX_WIDE <= 4 * n; i += VFX_WIDE) {
            vfx_wide top = vfx_wide_load(a + i);
            vfx_wide_store(out + i, vfx_wide_fma(vfx_wide_load(b + i), vfx_wide_left(vfx_wide_alphas(top)), top));
        }
    #endif
        for (; i < 4 * n; i++) {
    #if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
            out[i] = fmaf(b[i], 1.0f - a[i | 3], a[i]);
    #else
            out[i] = b[i] * (1.0f - a[i | 3]) + a[i];
    #endif
        }
    }
    """
    # Each pixel's alpha, four times.
    void repeat_alpha4 "vfx_repeat_alpha4"(const float *pixels, float *out, int n) noexcept nogil
    # A + B(1 - a) of ``n`` pixels.
    void over4 "vfx_over4"(const float *a, const float *b, float *out, int n) noexcept nogil
