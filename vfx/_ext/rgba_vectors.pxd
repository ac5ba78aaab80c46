"""Alpha of interleaved RGBA pixels, or a mask, spread over their four numbers inside vector registers.

The compiler would sort the pixels into planes and back: three times as many instructions (GCC 12).
"""

cdef extern from *:
    """
    #include <math.h>
    #include <stdint.h>
    #if defined(__SSE4_1__)
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
    #define vfx_wide_mul(a, b) _mm512_mul_ps(a, b)
    #define vfx_wide_four(p) _mm512_broadcast_f32x4(_mm_loadu_ps(p))
    #define vfx_wide_all(v) _mm512_set1_ps(v)
    #define vfx_wide_spread(p) _mm512_permutexvar_ps(_mm512_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3), \\
        _mm512_castps128_ps512(_mm_loadu_ps(p)))
    #define vfx_wide_where(x, value, yes, no) \\
        _mm512_mask_blend_ps(_mm512_cmp_ps_mask(x, _mm512_set1_ps(value), _CMP_EQ_OQ), no, yes)
    #elif defined(__AVX2__) && defined(__FMA__)
    #define VFX_WIDE 8
    typedef __m256 vfx_wide;
    #define vfx_wide_load(p) _mm256_loadu_ps(p)
    #define vfx_wide_store(p, x) _mm256_storeu_ps(p, x)
    #define vfx_wide_alphas(x) _mm256_permute_ps(x, 0xff)
    #define vfx_wide_left(x) _mm256_sub_ps(_mm256_set1_ps(1.0f), x)
    #define vfx_wide_fma(a, b, c) _mm256_fmadd_ps(a, b, c)
    #define vfx_wide_mul(a, b) _mm256_mul_ps(a, b)
    #define vfx_wide_four(p) _mm256_broadcast_ps((const __m128 *)(p))
    #define vfx_wide_all(v) _mm256_set1_ps(v)
    #define vfx_wide_spread(p) _mm256_setr_m128(_mm_set1_ps((p)[0]), _mm_set1_ps((p)[1]))
    #define vfx_wide_where(x, value, yes, no) \\
        _mm256_blendv_ps(no, yes, _mm256_cmp_ps(x, _mm256_set1_ps(value), _CMP_EQ_OQ))
    #elif defined(__SSE4_1__)
    #define VFX_WIDE 4
    typedef __m128 vfx_wide;
    #define vfx_wide_load(p) _mm_loadu_ps(p)
    #define vfx_wide_store(p, x) _mm_storeu_ps(p, x)
    #define vfx_wide_alphas(x) _mm_shuffle_ps(x, x, 0xff)
    #define vfx_wide_left(x) _mm_sub_ps(_mm_set1_ps(1.0f), x)
    #define vfx_wide_fma(a, b, c) _mm_add_ps(_mm_mul_ps(a, b), c)
    #define vfx_wide_mul(a, b) _mm_mul_ps(a, b)
    #define vfx_wide_four(p) _mm_loadu_ps(p)
    #define vfx_wide_all(v) _mm_set1_ps(v)
    #define vfx_wide_spread(p) _mm_set1_ps((p)[0])
    #define vfx_wide_where(x, value, yes, no) _mm_blendv_ps(no, yes, _mm_cmpeq_ps(x, _mm_set1_ps(value)))
    #endif

    static inline void vfx_repeat_alpha4(const float *pixels, float *out, int n) {
        int i = 0;
    #if defined(VFX_WIDE)
        for (; i + VFX_WIDE <= 4 * n; i += VFX_WIDE)
            vfx_wide_store(out + i, vfx_wide_alphas(vfx_wide_load(pixels + i)));
    #endif
        for (; i < 4 * n; i++) out[i] = pixels[i | 3];
    }
    #if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
    #define vfx_one_fma(a, b, c) fmaf(a, b, c)
    #else
    #define vfx_one_fma(a, b, c) ((a) * (b) + (c))
    #endif

    /* Pixels before the first one that starts a whole vector of memory. Stores that cross cache lines cost 3840x2160
       pixels 14.9 ms in place of 13.1. */
    static inline int vfx_to_line(const float *out, int n) {
    #if defined(VFX_WIDE)
        uintptr_t bytes = (0 - (uintptr_t)out) & (4 * VFX_WIDE - 1);
        return (bytes & 15) == 0 && (int)(bytes / 16) < n ? (int)(bytes / 16) : 0;
    #else
        return 0;
    #endif
    }
    static inline void vfx_over4(const float *a, const float *b, float *out, int n) {
        int i = 0, first = 4 * vfx_to_line(out, n);
        for (; i < first; i++) out[i] = vfx_one_fma(b[i], 1.0f - a[i | 3], a[i]);
    #if defined(VFX_WIDE)
        for (; i + VFX_WIDE <= 4 * n; i += VFX_WIDE) {
            vfx_wide top = vfx_wide_load(a + i);
            vfx_wide_store(out + i, vfx_wide_fma(vfx_wide_load(b + i), vfx_wide_left(vfx_wide_alphas(top)), top));
        }
    #endif
        for (; i < 4 * n; i++) out[i] = vfx_one_fma(b[i], 1.0f - a[i | 3], a[i]);
    }
    static inline float vfx_led(float before, float after, float w) {
        return w == 0.0f ? before : w == 1.0f ? after : vfx_one_fma(w, after, (1.0f - w) * before);
    }
    static inline void vfx_lead_over4(const float *before, const float *after, const float *mask, const float *on,
                                      float mix, float *out, int n) {
        int i = 0, first = 4 * vfx_to_line(out, n);
        for (; i < first; i++) out[i] = vfx_led(before[i], after[i], mask[i / 4] * mix * on[i & 3]);
    #if defined(VFX_WIDE)
        for (; i + VFX_WIDE <= 4 * n; i += VFX_WIDE) {
            vfx_wide w = vfx_wide_mul(vfx_wide_mul(vfx_wide_spread(mask + i / 4), vfx_wide_all(mix)), vfx_wide_four(on));
            vfx_wide x = vfx_wide_load(before + i), y = vfx_wide_load(after + i);
            vfx_wide r = vfx_wide_fma(w, y, vfx_wide_mul(vfx_wide_left(w), x));
            vfx_wide_store(out + i, vfx_wide_where(w, 0.0f, x, vfx_wide_where(w, 1.0f, y, r)));
        }
    #endif
        for (; i < 4 * n; i++) out[i] = vfx_led(before[i], after[i], mask[i / 4] * mix * on[i & 3]);
    }
    """
    # Each pixel's alpha, four times.
    void repeat_alpha4 "vfx_repeat_alpha4"(const float *pixels, float *out, int n) noexcept nogil
    # A + B(1 - a) of ``n`` pixels.
    void over4 "vfx_over4"(const float *a, const float *b, float *out, int n) noexcept nogil
    # From ``before`` to ``after`` by a mask, a mix, and a switch for each channel; ``mask`` has a number for each pixel.
    void lead_over4 "vfx_lead_over4"(const float *before, const float *after, const float *mask, const float *on,
                                     float mix, float *out, int n) noexcept nogil
