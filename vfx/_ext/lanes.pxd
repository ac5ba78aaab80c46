"""Sixteen float32 side by side, kept in registers whatever their width.

Sums over many terms want their accumulators in registers, which the compiler does not do for arrays. Every
operation is the same for each lane by itself, so all builds with FMA give the same bytes.

===================  ===================================================
``lanes_zero()``     sixteen zeros
``lanes_fma``        ``w`` times sixteen values of memory, plus ``a``
``lanes_add``        ``a + b``
``lanes_store``      sixteen values to memory
``lanes_quads``      four values to each of four addresses
===================  ===================================================
"""

cdef extern from *:
    """
    #include <string.h>
    #if defined(__AVX512F__)
    #include <immintrin.h>
    typedef __m512 vfx_lanes;
    #define vfx_lanes_zero() _mm512_setzero_ps()
    static inline vfx_lanes vfx_lanes_fma(float w, const float *p, vfx_lanes a) {
        return _mm512_fmadd_ps(_mm512_set1_ps(w), _mm512_loadu_ps(p), a);
    }
    static inline vfx_lanes vfx_lanes_add(vfx_lanes a, vfx_lanes b) { return _mm512_add_ps(a, b); }
    static inline void vfx_lanes_store(float *p, vfx_lanes a) { _mm512_storeu_ps(p, a); }
    static inline void vfx_lanes_quads(float *p, float *q, float *r, float *s, vfx_lanes a) {
        _mm_storeu_ps(p, _mm512_castps512_ps128(a));
        _mm_storeu_ps(q, _mm512_extractf32x4_ps(a, 1));
        _mm_storeu_ps(r, _mm512_extractf32x4_ps(a, 2));
        _mm_storeu_ps(s, _mm512_extractf32x4_ps(a, 3));
    }
    #elif defined(__AVX2__) && defined(__FMA__)
    #include <immintrin.h>
    typedef struct { __m256 low, high; } vfx_lanes;
    static inline vfx_lanes vfx_lanes_zero(void) {
        vfx_lanes r = { _mm256_setzero_ps(), _mm256_setzero_ps() };
        return r;
    }
    static inline vfx_lanes vfx_lanes_fma(float w, const float *p, vfx_lanes a) {
        __m256 all = _mm256_set1_ps(w);
        vfx_lanes r = { _mm256_fmadd_ps(all, _mm256_loadu_ps(p), a.low),
                        _mm256_fmadd_ps(all, _mm256_loadu_ps(p + 8), a.high) };
        return r;
    }
    static inline vfx_lanes vfx_lanes_add(vfx_lanes a, vfx_lanes b) {
        vfx_lanes r = { _mm256_add_ps(a.low, b.low), _mm256_add_ps(a.high, b.high) };
        return r;
    }
    static inline void vfx_lanes_store(float *p, vfx_lanes a) {
        _mm256_storeu_ps(p, a.low);
        _mm256_storeu_ps(p + 8, a.high);
    }
    static inline void vfx_lanes_quads(float *p, float *q, float *r, float *s, vfx_lanes a) {
        _mm_storeu_ps(p, _mm256_castps256_ps128(a.low));
        _mm_storeu_ps(q, _mm256_extractf128_ps(a.low, 1));
        _mm_storeu_ps(r, _mm256_castps256_ps128(a.high));
        _mm_storeu_ps(s, _mm256_extractf128_ps(a.high, 1));
    }
    #else
    #include <math.h>
    typedef struct { float f[16]; } vfx_lanes;
    static inline vfx_lanes vfx_lanes_zero(void) { vfx_lanes r = { { 0 } }; return r; }
    static inline vfx_lanes vfx_lanes_fma(float w, const float *p, vfx_lanes a) {
        for (int i = 0; i < 16; i++)
    #if defined(__ARM_FEATURE_FMA)
            a.f[i] = fmaf(w, p[i], a.f[i]);
    #else
            a.f[i] = w * p[i] + a.f[i];
    #endif
        return a;
    }
    static inline vfx_lanes vfx_lanes_add(vfx_lanes a, vfx_lanes b) {
        for (int i = 0; i < 16; i++)
            a.f[i] += b.f[i];
        return a;
    }
    static inline void vfx_lanes_store(float *p, vfx_lanes a) { memcpy(p, a.f, 64); }
    static inline void vfx_lanes_quads(float *p, float *q, float *r, float *s, vfx_lanes a) {
        memcpy(p, a.f, 16);
        memcpy(q, a.f + 4, 16);
        memcpy(r, a.f + 8, 16);
        memcpy(s, a.f + 12, 16);
    }
    #endif
    """
    ctypedef struct lanes "vfx_lanes":
        pass
    lanes lanes_zero "vfx_lanes_zero"() noexcept nogil
    lanes lanes_fma "vfx_lanes_fma"(float w, const float *p, lanes a) noexcept nogil
    lanes lanes_add "vfx_lanes_add"(lanes a, lanes b) noexcept nogil
    void lanes_store "vfx_lanes_store"(float *p, lanes a) noexcept nogil
    void lanes_quads "vfx_lanes_quads"(float *p, float *q, float *r, float *s, lanes a) noexcept nogil
