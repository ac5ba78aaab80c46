"""Weighted sums of table entries, many pixels at a time.

Nodes of 3D tables are four floats (R, G, B, unused).

A vector holds 1, 2 or 4 nodes (SSE, AVX, AVX-512); a group is 4 vectors, so 4, 8 or 16
pixels. Vector j of a group holds the pixels j, j + 4, j + 8, j + 12: then one shuffle inside
128-bit lanes spreads a pixel's weight over its node, and a 4x4 transpose inside lanes turns
the four sums into planes. Every width does the same arithmetic on every pixel.

Measured on a 33-node table at 3840x2160 (one thread, Zen 5, with load and store): a
broadcast load for every weight 20 ms, this form 17 ms.
"""

cdef extern from *:
    """
    #if defined(__SSE2__) || defined(_M_X64)
    #include <immintrin.h>
    #if defined(__AVX512F__)
    #define VFX_LANES 4
    typedef __m512 vfx_nodes;
    #define VFX_V(op) _mm512_##op##_ps
    static inline vfx_nodes vfx_nodes_at(const float *t, const int *o) {
        __m256 low = _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_load_ps(t + o[0])), _mm_load_ps(t + o[4]), 1);
        __m256 high = _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_load_ps(t + o[8])), _mm_load_ps(t + o[12]), 1);
        return _mm512_castpd_ps(_mm512_insertf64x4(_mm512_castps_pd(_mm512_castps256_ps512(low)),
                                                   _mm256_castps_pd(high), 1));
    }
    #elif defined(__AVX__)
    #define VFX_LANES 2
    typedef __m256 vfx_nodes;
    #define VFX_V(op) _mm256_##op##_ps
    static inline vfx_nodes vfx_nodes_at(const float *t, const int *o) {
        return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_load_ps(t + o[0])), _mm_load_ps(t + o[4]), 1);
    }
    #else
    #define VFX_LANES 1
    typedef __m128 vfx_nodes;
    #define VFX_V(op) _mm_##op##_ps
    static inline vfx_nodes vfx_nodes_at(const float *t, const int *o) { return _mm_load_ps(t + o[0]); }
    #endif
    #define vfx_nodes_mul VFX_V(mul)
    #if VFX_FMA
    #define vfx_nodes_fma VFX_V(fmadd)
    #else
    #define vfx_nodes_fma(v, w, sum) VFX_V(add)(VFX_V(mul)((v), (w)), (sum))
    #endif
    #define vfx_nodes_spread(w, j) VFX_V(shuffle)((w), (w), (j) * 0x55)
    #define vfx_nodes_load VFX_V(loadu)
    static inline void vfx_quads_store(const vfx_nodes *v, float *k0, float *k1, float *k2, float *k3) {
        vfx_nodes low0 = VFX_V(unpacklo)(v[0], v[1]), low1 = VFX_V(unpacklo)(v[2], v[3]);
        vfx_nodes high0 = VFX_V(unpackhi)(v[0], v[1]), high1 = VFX_V(unpackhi)(v[2], v[3]);
        VFX_V(storeu)(k0, VFX_V(shuffle)(low0, low1, 0x44));
        VFX_V(storeu)(k1, VFX_V(shuffle)(low0, low1, 0xee));
        VFX_V(storeu)(k2, VFX_V(shuffle)(high0, high1, 0x44));
        VFX_V(storeu)(k3, VFX_V(shuffle)(high0, high1, 0xee));
    }
    static inline void vfx_nodes_store(const vfx_nodes *v, float *r, float *g, float *b) {
        vfx_nodes rg0 = VFX_V(unpacklo)(v[0], v[1]), rg1 = VFX_V(unpacklo)(v[2], v[3]);
        vfx_nodes bx0 = VFX_V(unpackhi)(v[0], v[1]), bx1 = VFX_V(unpackhi)(v[2], v[3]);
        VFX_V(storeu)(r, VFX_V(shuffle)(rg0, rg1, 0x44));
        VFX_V(storeu)(g, VFX_V(shuffle)(rg0, rg1, 0xee));
        VFX_V(storeu)(b, VFX_V(shuffle)(bx0, bx1, 0x44));
    }
    #else
    #define VFX_LANES 1
    typedef struct { float v[4]; } vfx_nodes;
    static inline vfx_nodes vfx_nodes_load(const float *p) { vfx_nodes n; memcpy(&n, p, 16); return n; }
    static inline vfx_nodes vfx_nodes_at(const float *t, const int *o) { return vfx_nodes_load(t + o[0]); }
    static inline vfx_nodes vfx_nodes_spread(vfx_nodes w, int j) {
        vfx_nodes n = {{w.v[j], w.v[j], w.v[j], w.v[j]}};
        return n;
    }
    static inline vfx_nodes vfx_nodes_mul(vfx_nodes v, vfx_nodes w) {
        for (int c = 0; c < 4; c++) v.v[c] = v.v[c] * w.v[c];
        return v;
    }
    static inline vfx_nodes vfx_nodes_fma(vfx_nodes v, vfx_nodes w, vfx_nodes sum) {
        for (int c = 0; c < 4; c++) sum.v[c] = vfx_fma(v.v[c], w.v[c], sum.v[c]);
        return sum;
    }
    static inline void vfx_nodes_store(const vfx_nodes *v, float *r, float *g, float *b) {
        for (int i = 0; i < 4; i++) { r[i] = v[i].v[0]; g[i] = v[i].v[1]; b[i] = v[i].v[2]; }
    }
    static inline void vfx_quads_store(const vfx_nodes *v, float *k0, float *k1, float *k2, float *k3) {
        for (int i = 0; i < 4; i++) { k0[i] = v[i].v[0]; k1[i] = v[i].v[1]; k2[i] = v[i].v[2]; k3[i] = v[i].v[3]; }
    }
    #endif
    #define VFX_GROUP (4 * VFX_LANES)

    /* The sum over k of weights[k * stride + i] * node(offsets[k * stride + i]) for VFX_GROUP pixels from i on. */
    #define VFX_SUM_PART(j)                                                                                       \\
        v[j] = vfx_nodes_mul(vfx_nodes_at(table, offsets + i + j), vfx_nodes_spread(vfx_nodes_load(weights + i), j)); \\
        for (int k = 1; k < corners; k++)                                                                         \\
            v[j] = vfx_nodes_fma(vfx_nodes_at(table, offsets + k * stride + i + j),                               \\
                                 vfx_nodes_spread(vfx_nodes_load(weights + k * stride + i), j), v[j]);
    static inline void vfx_sum_nodes(const float *table, const int *offsets, const float *weights, int stride,
                                     int corners, int n, float *r, float *g, float *b) {
        for (int i = 0; i < n; i += VFX_GROUP) {
            vfx_nodes v[4];
            VFX_SUM_PART(0) VFX_SUM_PART(1) VFX_SUM_PART(2) VFX_SUM_PART(3)
            vfx_nodes_store(v, r + i, g + i, b + i);
        }
    }

    /* x[i] becomes the value x[i] of the way from table entry entries[i] to the next one, n a multiple of 4. */
    #if defined(__SSE2__) || defined(_M_X64)
    static inline __m128 vfx_two_pairs(const float *low, const float *high) {
        return _mm_loadh_pi(_mm_castsi128_ps(_mm_loadl_epi64((const __m128i *)low)), (const __m64 *)high);
    }
    static inline void vfx_between(const float *table, const int *entries, float *x, int n) {
        for (int i = 0; i < n; i += 4) {
            const int *k = entries + i;
            __m128 first = vfx_two_pairs(table + k[0], table + k[1]);
            __m128 second = vfx_two_pairs(table + k[2], table + k[3]);
            __m128 below = _mm_shuffle_ps(first, second, 0x88), above = _mm_shuffle_ps(first, second, 0xdd);
            __m128 rise = _mm_sub_ps(above, below), share = _mm_loadu_ps(x + i);
    #if VFX_FMA
            _mm_storeu_ps(x + i, _mm_fmadd_ps(rise, share, below));
    #else
            _mm_storeu_ps(x + i, _mm_add_ps(_mm_mul_ps(rise, share), below));
    #endif
        }
    }
    #else
    static inline void vfx_between(const float *table, const int *entries, float *x, int n) {
        for (int i = 0; i < n; i++) {
            const float *pair = table + entries[i];
            x[i] = vfx_fma(pair[1] - pair[0], x[i], pair[0]);
        }
    }
    #endif

    /* The same for dense pixels of four floats: three from x, shares and entries, the fourth of x as it is. */
    static inline void vfx_between_pixels(const float *table, const int *entries, const float *shares,
                                          const float *x, float *y, int n) {
        const unsigned *k = (const unsigned *)entries;
    #if defined(__SSE2__) || defined(_M_X64)
        const __m128 fourth = _mm_castsi128_ps(_mm_set_epi32(-1, 0, 0, 0));
        for (int i = 0; i < n; i += 4) {
            __m128 two = vfx_two_pairs(table + k[i], table + k[i + 1]);
            __m128 one = _mm_castsi128_ps(_mm_loadl_epi64((const __m128i *)(table + k[i + 2])));
            __m128 below = _mm_shuffle_ps(two, one, 0x88), above = _mm_shuffle_ps(two, one, 0xdd);
            __m128 rise = _mm_sub_ps(above, below), share = _mm_load_ps(shares + i);
    #if VFX_FMA
            __m128 v = _mm_fmadd_ps(rise, share, below);
    #else
            __m128 v = _mm_add_ps(_mm_mul_ps(rise, share), below);
    #endif
            v = _mm_or_ps(_mm_andnot_ps(fourth, v), _mm_and_ps(fourth, _mm_loadu_ps(x + i)));
            _mm_storeu_ps(y + i, v);
        }
    #else
        for (int i = 0; i < n; i += 4) {
            for (int c = 0; c < 3; c++) {
                const float *pair = table + k[i + c];
                y[i + c] = vfx_fma(pair[1] - pair[0], shares[i + c], pair[0]);
            }
            memcpy(y + i + 3, x + i + 3, 4);
        }
    #endif
    }

    static inline void vfx_pick_nodes(const float *table, const int *offsets, int n, float *r, float *g, float *b) {
        for (int i = 0; i < n; i += VFX_GROUP) {
            vfx_nodes v[4];
            for (int j = 0; j < 4; j++) v[j] = vfx_nodes_at(table, offsets + i + j);
            vfx_nodes_store(v, r + i, g + i, b + i);
        }
    }

    static inline void vfx_pick_quads(const float *table, const int *offsets, int n, float *k0, float *k1, float *k2,
                                      float *k3) {
        for (int i = 0; i < n; i += VFX_GROUP) {
            vfx_nodes v[4];
            for (int j = 0; j < 4; j++) v[j] = vfx_nodes_at(table, offsets + i + j);
            vfx_quads_store(v, k0 + i, k1 + i, k2 + i, k3 + i);
        }
    }
    """
    # out[i] is the sum over `corners` of weights[k * stride + i] * (node at offsets[k * stride + i]);
    # n is a multiple of 16, corners a constant, so that its loop unrolls.
    void sum_nodes "vfx_sum_nodes"(const float *table, const int *offsets, const float *weights, int stride,
                                   int corners, int n, float *r, float *g, float *b) noexcept nogil
    # y, which may be x, of n / 4 pixels; shares and entries hold one for each float and start on 16 bytes.
    void between_pixels "vfx_between_pixels"(const float *table, const int *entries, const float *shares,
                                             const float *x, float *y, int n) noexcept nogil
    # One 64-bit load brings both entries: two gathers took 3.2 ms for 1080p RGBA where this takes 2.2.
    void between_entries "vfx_between"(const float *table, const int *entries, float *x, int n) noexcept nogil
    void pick_nodes "vfx_pick_nodes"(const float *table, const int *offsets, int n,
                                     float *r, float *g, float *b) noexcept nogil
    # All four floats of each node.
    void pick_quads "vfx_pick_quads"(const float *table, const int *offsets, int n,
                                     float *k0, float *k1, float *k2, float *k3) noexcept nogil
