"""The median of 3x3 pixels in registers of 64 bytes: each element is loaded once for two rows of results.

The network is that of ``median_networks.pxd``. Sorted columns stay in registers, and those of the neighbours are the
same registers and the next ones, moved by a pixel: an instruction for pixels of 4, 8, 12 or 16 bytes.
"""

cdef extern from *:
    """
    #include <stdint.h>
    #if defined(__AVX512BW__) && defined(__AVX512DQ__)
    #include <immintrin.h>
    #define VFX_F(op, x, y) _mm512_castps_si512(op(_mm512_castsi512_ps(x), _mm512_castsi512_ps(y)))
    #define VFX_NUMBERS_MIN(x, y) VFX_F(_mm512_min_ps, x, y)
    #define VFX_NUMBERS_MAX(x, y) VFX_F(_mm512_max_ps, x, y)
    /* Keys become elements again on the way out, as rank_keys.pxd has it. */
    #define VFX_AS_IT_IS(key) (key)
    #define VFX_AS_HALF(key) _mm512_xor_si512(key, _mm512_srli_epi16(_mm512_srai_epi16(key, 15), 1))
    #define VFX_AS_FLOAT(key) _mm512_xor_si512(key, _mm512_srli_epi32(_mm512_srai_epi32(key, 31), 1))
    typedef struct { __m512i low, middle, high; } vfx_column;
    /* Of four rows at `at`, the upper three and the lower three in order; both share the order of the middle two. */
    #define VFX_SORT(MIN, MAX, at, upper, lower) do {                                                               \
        __m512i w = _mm512_loadu_si512(a + (at)), x = _mm512_loadu_si512(b + (at)), y = _mm512_loadu_si512(c + (at));  \
        __m512i z = _mm512_loadu_si512(d + (at)), l = MIN(x, y), h = MAX(x, y), v = MAX(l, w);                       \
        upper.low = MIN(l, w); upper.middle = MIN(v, h); upper.high = MAX(v, h);                                     \
        v = MAX(l, z);                                                                                              \
        lower.low = MIN(l, z); lower.middle = MIN(v, h); lower.high = MAX(v, h);                                     \
    } while (0)
    #define VFX_MIDDLE(MIN, MAX, E, p, q, r, to) do {                                                               \
        __m512i low = MAX(MAX(p.low, q.low), r.low), high = MIN(MIN(p.high, q.high), r.high);                        \
        __m512i x = MIN(p.middle, q.middle), y = MAX(p.middle, q.middle), z;                                        \
        x = MAX(x, MIN(y, r.middle));                                                                               \
        z = MIN(low, x); x = MAX(low, x);                                                                           \
        x = MAX(z, MIN(x, high));                                                                                   \
        _mm512_storeu_si512(to, E(x));                                                                              \
    } while (0)
    #define VFX_MOVED(STEP, t, s, n) do {                                                                           \
        t.low = _mm512_alignr_epi32(n.low, s.low, STEP);                                                            \
        t.middle = _mm512_alignr_epi32(n.middle, s.middle, STEP);                                                   \
        t.high = _mm512_alignr_epi32(n.high, s.high, STEP);                                                         \
    } while (0)
    /* One vector of results alone, of columns that are loaded three times. */
    #define VFX_ALONE(MIN, MAX, E, STEP, at) do {                                                                   \
        vfx_column p, q, r, s, t, u;                                                                                \
        VFX_SORT(MIN, MAX, at, p, s);                                                                               \
        VFX_SORT(MIN, MAX, (at) + 4 * STEP, q, t);                                                                  \
        VFX_SORT(MIN, MAX, (at) + 8 * STEP, r, u);                                                                  \
        VFX_MIDDLE(MIN, MAX, E, p, q, r, even + (at));                                                              \
        VFX_MIDDLE(MIN, MAX, E, s, t, u, odd + (at));                                                               \
    } while (0)
    #define VFX_IN_REGISTERS(S, MIN, MAX, E, STEP)                                                                  \
    static void vfx_in_registers_##S##STEP(char *const *rows, char *even, char *odd, Py_ssize_t n) {                 \
        const char *a = rows[0], *b = rows[1], *c = rows[2], *d = rows[3];                                          \
        Py_ssize_t at = -(intptr_t)even & 63;                                                                       \
        vfx_column p, q, r, s, t, u, next, below;                                                                   \
        if (at)                                                                                                     \
            VFX_ALONE(MIN, MAX, E, STEP, 0);                                                                        \
        VFX_SORT(MIN, MAX, at, p, s);                                                                               \
        for (; at + 128 <= n + 8 * STEP; at += 64) {                                                                \
            VFX_SORT(MIN, MAX, at + 64, next, below);                                                               \
            VFX_MOVED(STEP, q, p, next);                                                                            \
            VFX_MOVED(2 * STEP, r, p, next);                                                                        \
            VFX_MIDDLE(MIN, MAX, E, p, q, r, even + at);                                                            \
            VFX_MOVED(STEP, t, s, below);                                                                           \
            VFX_MOVED(2 * STEP, u, s, below);                                                                       \
            VFX_MIDDLE(MIN, MAX, E, s, t, u, odd + at);                                                             \
            p = next;                                                                                               \
            s = below;                                                                                              \
        }                                                                                                           \
        for (; at < n; at += 64) {                                                                                  \
            at = at + 64 <= n ? at : n - 64;                                                                        \
            VFX_ALONE(MIN, MAX, E, STEP, at);                                                                       \
        }                                                                                                           \
    }
    #define VFX_STEPS(S, MIN, MAX, E)                                                                               \
        VFX_IN_REGISTERS(S, MIN, MAX, E, 1) VFX_IN_REGISTERS(S, MIN, MAX, E, 2)                                      \
        VFX_IN_REGISTERS(S, MIN, MAX, E, 3) VFX_IN_REGISTERS(S, MIN, MAX, E, 4)                                      \
        static int vfx_registers_##S(char *const *rows, char *to, char *below, Py_ssize_t n, Py_ssize_t step) {      \
            switch (step) {                                                                                         \
            case 4: vfx_in_registers_##S##1(rows, to, below, n); return 1;                                          \
            case 8: vfx_in_registers_##S##2(rows, to, below, n); return 1;                                          \
            case 12: vfx_in_registers_##S##3(rows, to, below, n); return 1;                                         \
            case 16: vfx_in_registers_##S##4(rows, to, below, n); return 1;                                         \
            }                                                                                                       \
            return 0;                                                                                               \
        }
    VFX_STEPS(u8, _mm512_min_epu8, _mm512_max_epu8, VFX_AS_IT_IS)
    VFX_STEPS(u16, _mm512_min_epu16, _mm512_max_epu16, VFX_AS_IT_IS)
    VFX_STEPS(f16, _mm512_min_epi16, _mm512_max_epi16, VFX_AS_HALF)
    VFX_STEPS(f32, _mm512_min_epi32, _mm512_max_epi32, VFX_AS_FLOAT)
    VFX_STEPS(numbers, VFX_NUMBERS_MIN, VFX_NUMBERS_MAX, VFX_AS_IT_IS)
    static inline int vfx_median_in_registers(int format, char *const *rows, char *to, char *below, Py_ssize_t n,
                                              Py_ssize_t step) {
        if (n < 128)
            return 0;
        switch (format) {
        case 0: return vfx_registers_u8(rows, to, below, n, step);
        case 1: return vfx_registers_u16(rows, to, below, n, step);
        case 2: return vfx_registers_f16(rows, to, below, n, step);
        case 4: return vfx_registers_numbers(rows, to, below, n, step);
        }
        return vfx_registers_f32(rows, to, below, n, step);
    }
    #else
    #define vfx_median_in_registers(format, rows, to, below, n, step) 0
    #endif
    """
    # ``n`` bytes of medians of each of two rows, of four rows of elements or keys with ``n + 2 * step`` bytes each.
    # ``format`` is that of ``median_row``. False, and nothing done, where there are no such registers.
    bint median_in_registers "vfx_median_in_registers"(int format, char *const *rows, char *target, char *below,
                                                       Py_ssize_t n, Py_ssize_t step) noexcept nogil
