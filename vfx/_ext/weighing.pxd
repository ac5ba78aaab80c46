"""Weighted sums of streams of float32: ``out[i]`` is the sum over k of ``weights[k] * streams[k][i]``.

Every linear filter here is made of them. Across rows the streams are rows; along a row they are the row itself,
begun a pixel later each time, so interleaved channels need no special case.

Products are added in groups of ``VFX_GROUP``: the error of a long sum then grows with the group, not with the
kernel. Each element is added up in the same order at every width of vector, so x86-64-v3 and v4 give the same bytes,
and so do streams that are cut into pieces.
"""

cdef extern from *:
    """
    #include <math.h>
    #include <stddef.h>
    #include <stdint.h>
    #if defined(__AVX512F__) || defined(__AVX2__)
    #include <immintrin.h>
    #endif
    #define VFX_GROUP 32
    #if defined(__AVX512F__)
    typedef __m512 vfx_vector;
    #define VFX_LANES 16
    #define VFX_BLOCK 8
    #define vfx_read(p) _mm512_loadu_ps(p)
    #define vfx_write(p, v) _mm512_storeu_ps((p), (v))
    #define vfx_all(w) _mm512_set1_ps(w)
    #define vfx_sum(a, b) _mm512_add_ps((a), (b))
    #define vfx_times(w, v) _mm512_mul_ps((w), (v))
    #define vfx_add_times(w, v, s) _mm512_fmadd_ps((w), (v), (s))
    #define vfx_one_add_times(w, v, s) fmaf((w), (v), (s))
    #elif defined(__AVX2__) && defined(__FMA__)
    typedef __m256 vfx_vector;
    #define VFX_LANES 8
    #define VFX_BLOCK 6
    #define vfx_read(p) _mm256_loadu_ps(p)
    #define vfx_write(p, v) _mm256_storeu_ps((p), (v))
    #define vfx_all(w) _mm256_set1_ps(w)
    #define vfx_sum(a, b) _mm256_add_ps((a), (b))
    #define vfx_times(w, v) _mm256_mul_ps((w), (v))
    #define vfx_add_times(w, v, s) _mm256_fmadd_ps((w), (v), (s))
    #define vfx_one_add_times(w, v, s) fmaf((w), (v), (s))
    #else
    #if defined(__GNUC__)
    typedef float vfx_vector __attribute__((vector_size(16)));
    typedef float vfx_loose __attribute__((vector_size(16), aligned(4), may_alias));
    #define VFX_LANES 4
    #define vfx_read(p) (*(const vfx_loose *)(p))
    #define vfx_write(p, v) (*(vfx_loose *)(p) = (v))
    #define vfx_all(w) ((vfx_vector){(w), (w), (w), (w)})
    #else
    typedef float vfx_vector;
    #define VFX_LANES 1
    #define vfx_read(p) (*(p))
    #define vfx_write(p, v) (*(p) = (v))
    #define vfx_all(w) (w)
    #endif
    #define VFX_BLOCK 6
    #define vfx_sum(a, b) ((a) + (b))
    #define vfx_times(w, v) ((w) * (v))
    #define vfx_add_times(w, v, s) ((w) * (v) + (s))
    #define vfx_one_add_times(w, v, s) ((w) * (v) + (s))
    #endif

    /* COUNT vectors from element i on; the compiler unrolls the loops over j and keeps them in registers. */
    #define VFX_WEIGH(COUNT)                                                                        \\
        do {                                                                                        \\
            vfx_vector total[COUNT], part[COUNT];                                                   \\
            int k, j, end;                                                                          \\
            for (k = 0; k < taps; k = end) {                                                        \\
                vfx_vector w = vfx_all(weights[k]);                                                 \\
                const float *s = streams[k] + i;                                                    \\
                end = taps - k < VFX_GROUP ? taps : k + VFX_GROUP;                                  \\
                for (j = 0; j < COUNT; j++) part[j] = vfx_times(w, vfx_read(s + j * VFX_LANES));    \\
                for (int m = k + 1; m < end; m++) {                                                 \\
                    w = vfx_all(weights[m]);                                                        \\
                    s = streams[m] + i;                                                             \\
                    for (j = 0; j < COUNT; j++)                                                     \\
                        part[j] = vfx_add_times(w, vfx_read(s + j * VFX_LANES), part[j]);           \\
                }                                                                                   \\
                for (j = 0; j < COUNT; j++) total[j] = k ? vfx_sum(total[j], part[j]) : part[j];    \\
            }                                                                                       \\
            for (j = 0; j < COUNT; j++) vfx_write(out + i + j * VFX_LANES, total[j]);               \\
        } while (0)

    /* How far the first stream is from the next cache line, in elements; rows lie alike, so all may then be read line
       by line. The elements before are in the first vector, which overlaps the second. */
    static inline ptrdiff_t vfx_to_line(const float *stream) {
        return (ptrdiff_t)(-(uintptr_t)stream % (4 * VFX_LANES) / 4);
    }

    static inline float vfx_one_sum(const float *const *streams, const float *weights, int taps, ptrdiff_t i) {
        float total = 0.0f;
        int end;
        for (int k = 0; k < taps; k = end) {
            float part = weights[k] * streams[k][i];
            end = taps - k < VFX_GROUP ? taps : k + VFX_GROUP;
            for (int m = k + 1; m < end; m++) part = vfx_one_add_times(weights[m], streams[m][i], part);
            total = k ? total + part : part;
        }
        return total;
    }

    static void vfx_weigh(float *out, const float *const *streams, const float *weights, int taps, ptrdiff_t n) {
        ptrdiff_t i = 0, first = vfx_to_line(streams[0]);
        if (first && n >= 4 * VFX_LANES) {
            VFX_WEIGH(1);
            i = first;
        }
        for (; i + VFX_BLOCK * VFX_LANES <= n; i += VFX_BLOCK * VFX_LANES)
            VFX_WEIGH(VFX_BLOCK);
        for (; i + VFX_LANES <= n; i += VFX_LANES)
            VFX_WEIGH(1);
        for (; i < n; i++) out[i] = vfx_one_sum(streams, weights, taps, i);
    }

    /* Several results at once from streams that they share: each stream is read once for all of them. */
    #define VFX_ROWS 4
    #if VFX_LANES == 16
    #define VFX_ROWS_BLOCK 4
    #else
    #define VFX_ROWS_BLOCK 2
    #endif
    #if defined(__GNUC__)
    #define VFX_UNROLL _Pragma("GCC unroll 4")
    #else
    #define VFX_UNROLL
    #endif
    #define VFX_WEIGH_ROWS(COUNT)                                                                   \\
        do {                                                                                        \\
            vfx_vector part[VFX_ROWS][COUNT];                                                       \\
            for (int m = 0; m < seen; m++) {                                                        \\
                vfx_vector v[COUNT];                                                                \\
                VFX_UNROLL for (int j = 0; j < COUNT; j++)                                          \\
                    v[j] = vfx_read(streams[m] + i + j * VFX_LANES);                                \\
                VFX_UNROLL for (int r = 0; r < VFX_ROWS; r++) {                                     \\
                    int k = m - starts[r];                                                          \\
                    vfx_vector w;                                                                   \\
                    if ((unsigned)k >= (unsigned)taps) continue;                                    \\
                    w = vfx_all(weights[r][k]);                                                     \\
                    if (k % VFX_GROUP == 0) {                                                       \\
                        VFX_UNROLL for (int j = 0; j < COUNT; j++) part[r][j] = vfx_times(w, v[j]); \\
                    } else {                                                                        \\
                        VFX_UNROLL for (int j = 0; j < COUNT; j++)                                  \\
                            part[r][j] = vfx_add_times(w, v[j], part[r][j]);                        \\
                    }                                                                               \\
                    if (k != taps - 1 && k % VFX_GROUP != VFX_GROUP - 1) continue;                  \\
                    VFX_UNROLL for (int j = 0; j < COUNT; j++) {                                    \\
                        float *at = outs[r] + i + j * VFX_LANES;                                    \\
                        vfx_vector total = part[r][j];                                              \\
                        if (k >= VFX_GROUP) total = vfx_sum(vfx_read(at), total);                   \\
                        vfx_write(at, total);                                                       \\
                    }                                                                               \\
                }                                                                                   \\
            }                                                                                       \\
        } while (0)

    static void vfx_weigh_rows(float *const *outs, const float *const *streams, const float *const *weights,
                               const int *starts, int rows, int taps, ptrdiff_t n) {
        ptrdiff_t i = 0, first = vfx_to_line(streams[0]);
        int seen = 0;
        if (rows < VFX_ROWS) {
            for (int r = 0; r < rows; r++) vfx_weigh(outs[r], streams + starts[r], weights[r], taps, n);
            return;
        }
        for (int r = 0; r < VFX_ROWS; r++) seen = starts[r] + taps > seen ? starts[r] + taps : seen;
        if (first && n >= 4 * VFX_LANES) {
            VFX_WEIGH_ROWS(1);
            i = first;
        }
        for (; i + VFX_ROWS_BLOCK * VFX_LANES <= n; i += VFX_ROWS_BLOCK * VFX_LANES)
            VFX_WEIGH_ROWS(VFX_ROWS_BLOCK);
        for (; i + VFX_LANES <= n; i += VFX_LANES)
            VFX_WEIGH_ROWS(1);
        for (; i < n; i++)
            for (int r = 0; r < VFX_ROWS; r++) outs[r][i] = vfx_one_sum(streams + starts[r], weights[r], taps, i);
    }
    """
    # ``out`` may be none of the streams; there is at least one tap.
    void weigh "vfx_weigh"(float *out, const float *const *streams, const float *weights, int taps,
                           Py_ssize_t n) noexcept nogil
    # ``rows`` results, up to ``ROWS``, whose first streams are ``starts``; each has its own weights.
    void weigh_rows "vfx_weigh_rows"(float *const *outs, const float *const *streams, const float *const *weights,
                                     const int *starts, int rows, int taps, Py_ssize_t n) noexcept nogil

cdef enum:
    ROWS = 4
