"""A row of box means of four interleaved channels, straight from the rows it is made of.

``box_quads`` adds a row to the sum of a block's first rows, adds the sum of the other block's last rows, and adds up
what lies side by side: pairs, pairs of pairs, and as many fours as the box has. With AVX-512 nothing but the result
is written; elsewhere the sums go through ``room``. Each element is added up in the same order either way.
"""

cdef extern from *:
    """
    #include <stddef.h>
    #if defined(__AVX512F__)
    #include <immintrin.h>

    static inline __attribute__((always_inline)) __m512 vfx_box_take(
            float *first, const float *row, const float *last, __m512 scale, ptrdiff_t i, ptrdiff_t n) {
        __mmask16 mask = n - i >= 16 ? 0xffff : n > i ? (__mmask16)((1u << (n - i)) - 1u) : 0;
        __m512 sum = _mm512_maskz_loadu_ps(mask, last + i);
        if (row) {
            __m512 some = _mm512_add_ps(_mm512_maskz_loadu_ps(mask, first + i),
                                        _mm512_mul_ps(_mm512_maskz_loadu_ps(mask, row + i), scale));
            _mm512_mask_storeu_ps(first + i, mask, some);
            sum = _mm512_add_ps(some, sum);
        }
        return sum;
    }
    static inline __attribute__((always_inline)) __m512 vfx_box_take_all(
            float *first, const float *row, const float *last, __m512 scale, ptrdiff_t i) {
        __m512 sum = _mm512_loadu_ps(last + i);
        if (row) {
            __m512 some = _mm512_add_ps(_mm512_loadu_ps(first + i), _mm512_mul_ps(_mm512_loadu_ps(row + i), scale));
            _mm512_storeu_ps(first + i, some);
            sum = _mm512_add_ps(some, sum);
        }
        return sum;
    }
    /* Elements 4 or 8 on from a's: of a, then of b. */
    #define VFX_ON(a, b, by) \\
        _mm512_castsi512_ps(_mm512_alignr_epi32(_mm512_castps_si512(b), _mm512_castps_si512(a), (by)))

    static inline __attribute__((always_inline)) void vfx_box_fours(
            float *out, float *first, const float *row, const float *last, float scale_one, float norm_one, int q,
            int rest, ptrdiff_t n, ptrdiff_t wide, const float *soon) {
        const __m512 scale = _mm512_set1_ps(scale_one), norm = _mm512_set1_ps(norm_one);
        __m512 fours[8], x, next, pair, next_pair, four, tail, after;
        ptrdiff_t i, k;
        int j;
        x = vfx_box_take(first, row, last, scale, 0, wide);
        next = vfx_box_take(first, row, last, scale, 16, wide);
        pair = _mm512_add_ps(x, VFX_ON(x, next, 4));
        /* Vector k of the sums is at element i = 16 k; fours[j] is that of q - j vectors before. */
        for (k = 0, i = 0; k < q; k++, i += 16) {
            after = vfx_box_take(first, row, last, scale, i + 32, wide);
            next_pair = _mm512_add_ps(next, VFX_ON(next, after, 4));
            four = _mm512_add_ps(pair, VFX_ON(pair, next_pair, 8));
            #pragma GCC unroll 8
            for (j = 0; j + 1 < q; j++) fours[j] = fours[j + 1];
            if (q) fours[q - 1] = four;
            x = next; next = after; pair = next_pair;
        }
        #define VFX_BOX_STEP(AFTER, STORE)                                              \\
            after = AFTER;                                                              \\
            next_pair = _mm512_add_ps(next, VFX_ON(next, after, 4));                    \\
            tail = rest == 3 ? _mm512_add_ps(pair, VFX_ON(x, next, 8)) : x;             \\
            if (q) {                                                                    \\
                four = fours[0];                                                        \\
                _Pragma("GCC unroll 8")                                                 \\
                for (j = 1; j < q; j++) four = _mm512_add_ps(four, fours[j]);           \\
                tail = _mm512_add_ps(four, tail);                                       \\
                _Pragma("GCC unroll 8")                                                 \\
                for (j = 0; j + 1 < q; j++) fours[j] = fours[j + 1];                    \\
                fours[q - 1] = _mm512_add_ps(pair, VFX_ON(pair, next_pair, 8));         \\
            }                                                                           \\
            _mm_prefetch((const char *)(soon + i), _MM_HINT_T0);                        \\
            STORE(_mm512_mul_ps(tail, norm));                                           \\
            x = next; next = after; pair = next_pair
        #define VFX_BOX_ALL(v) _mm512_storeu_ps(out, (v))
        #define VFX_BOX_SOME(v) _mm512_mask_storeu_ps(out, n >= 16 ? 0xffff : (__mmask16)((1u << n) - 1u), (v))
        for (; n >= 16 && i + 48 <= wide; n -= 16, out += 16, i += 16) {
            VFX_BOX_STEP(vfx_box_take_all(first, row, last, scale, i + 32), VFX_BOX_ALL);
        }
        for (; n > 0; n -= 16, out += 16, i += 16) {
            VFX_BOX_STEP(vfx_box_take(first, row, last, scale, i + 32, wide), VFX_BOX_SOME);
        }
    }
    static void vfx_box_quads(float *out, float *first, const float *row, const float *last, float scale, float norm,
                              int inner, ptrdiff_t n, float *room, float *more, const float *soon) {
        ptrdiff_t wide = n + 4 * (inner - 1);
        (void)room;
        (void)more;
        #define VFX_BOX_FOURS(Q, KEPT)                                                                        \\
            do {                                                                                              \\
                if (row)                                                                                      \\
                    vfx_box_fours(out, first, row, last, scale, norm, Q, KEPT, n, wide, soon);                \\
                else                                                                                          \\
                    vfx_box_fours(out, first, NULL, last, scale, norm, Q, KEPT, n, wide, soon);               \\
            } while (0)
        #define VFX_BOX_CASE(Q)                                                                               \\
            case 2 * Q: VFX_BOX_FOURS(Q, 1); break;                                                           \\
            case 2 * Q + 1: VFX_BOX_FOURS(Q, 3); break
        switch (inner / 2) {
            VFX_BOX_CASE(0); VFX_BOX_CASE(1); VFX_BOX_CASE(2); VFX_BOX_CASE(3);
            VFX_BOX_CASE(4); VFX_BOX_CASE(5); VFX_BOX_CASE(6); VFX_BOX_CASE(7);
        }
    }
    #else
    static void vfx_box_quads(float *__restrict out, float *__restrict first, const float *__restrict row,
                              const float *__restrict last, float scale, float norm, int inner, ptrdiff_t n,
                              float *__restrict room, float *__restrict more, const float *soon) {
        ptrdiff_t i, wide = n + 4 * (inner - 1), end = 16 * (inner / 4);
        int k;
        (void)soon;
        if (row)
            for (i = 0; i < wide; i++) {
                first[i] = first[i] + row[i] * scale;
                room[i] = first[i] + last[i];
            }
        else
            for (i = 0; i < wide; i++) room[i] = last[i];
        if (inner % 4 == 3)
            for (i = 0; i < n; i++) out[i] = (room[i + end] + room[i + end + 4]) + room[i + end + 8];
        else
            for (i = 0; i < n; i++) out[i] = room[i + end];
        if (end) {
            for (i = 0; i < n + end - 16; i++)
                more[i] = (room[i] + room[i + 4]) + (room[i + 8] + room[i + 12]);
            for (i = 0; i < n; i++) room[i] = more[i];
            for (k = 16; k < end; k += 16)
                for (i = 0; i < n; i++) room[i] = room[i] + more[i + k];
            for (i = 0; i < n; i++) out[i] = (room[i] + out[i]) * norm;
        } else
            for (i = 0; i < n; i++) out[i] = out[i] * norm;
    }
    #endif
    """
    # ``n`` elements of results; ``row`` may be NULL: ``last`` alone. ``room`` and ``more`` have place for all that is
    # read; ``soon`` is the row that will be read next, or any other as long.
    void box_quads "vfx_box_quads"(float *out, float *first, const float *row, const float *last, float scale,
                                   float norm, int inner, Py_ssize_t n, float *room, float *more,
                                   const float *soon) noexcept nogil

cdef enum:
    MOST_QUADS = 31             # pixels of a box
