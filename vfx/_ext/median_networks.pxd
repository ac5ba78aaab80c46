"""The median of 3x3 and of 5x5 pixels by sorting networks over whole vectors of keys.

The columns of the box are sorted first, once for all the boxes that share them. Then the rows of the box of sorted
columns: of 3x3 the largest of the smallest, the median of the middle ones and the smallest of the largest remain, and
the median of those three is the median of all. (That sorting rows keeps columns sorted is Knuth, The Art of Computer
Programming, vol. 3, 5.2.1.) Two rows of results share the comparison of the two rows of pixels that both look at.

Of 5x5, pixel j of sorted row i has (i + 1)(j + 1) - 1 pixels that are not larger and (5 - i)(5 - j) - 1 that are not
smaller; where either is over 12 it cannot be the median. 13 are left, and theirs is wanted. The network below sorts
rows, then the 13, without the comparisons that never swap anything or that nothing depends on; it was found by a search
over the order of the 13, all 7776 ways that sorted columns of zeros and ones can look (the zero-one principle) being
tried: 106 minima and maxima, and 18 for the columns.
"""

cdef extern from *:
    """
    #include <stdint.h>
    #define LOW(x, y) x = x < y ? x : y;
    #define HIGH(x, y) y = x < y ? y : x;
    #define BOTH(x, y) { __typeof__(x) low = x < y ? x : y; HIGH(x, y) x = low; }
    #define VFX_MEDIAN_OF_ROWS(S, T, E)                                                                              \
    static inline void vfx_sort3_##S(const T *a, const T *b, const T *c, T *__restrict p, Py_ssize_t m, Py_ssize_t n) {\
        T *__restrict q = p + m, *__restrict r = q + m;                                                             \
        for (Py_ssize_t i = 0; i < n; i++) {                                                                        \
            T x = a[i], y = b[i], z = c[i];                                                                         \
            BOTH(x, y) BOTH(y, z) BOTH(x, y)                                                                        \
            p[i] = x; q[i] = y; r[i] = z;                                                                           \
        }                                                                                                           \
    }                                                                                                               \
    static inline void vfx_sort3x2_##S(const T *a, const T *b, const T *c, const T *d, T *__restrict p,             \
                                       T *__restrict q, T *__restrict r, T *__restrict s, T *__restrict t,          \
                                       T *__restrict u, Py_ssize_t n) {                                             \
        for (Py_ssize_t i = 0; i < n; i++) {                                                                        \
            T w = a[i], x = b[i], y = c[i], z = d[i], v;                                                            \
            BOTH(x, y)                                                                                              \
            v = x;                                                                                                  \
            BOTH(v, z)                                                                                              \
            s[i] = v;                                                                                               \
            v = y;                                                                                                  \
            BOTH(z, v)                                                                                              \
            t[i] = z; u[i] = v;                                                                                     \
            BOTH(w, x) BOTH(x, y)                                                                                   \
            p[i] = w; q[i] = x; r[i] = y;                                                                           \
        }                                                                                                           \
    }                                                                                                               \
    static inline void vfx_merge3_##S(const T *a, Py_ssize_t m, T *__restrict to, Py_ssize_t n, Py_ssize_t s) {     \
        const T *b = a + m, *c = b + m;                                                                             \
        for (Py_ssize_t i = 0; i < n; i++) {                                                                        \
            T a0 = a[i], a1 = a[i + s], a2 = a[i + 2 * s], b0 = b[i], b1 = b[i + s], b2 = b[i + 2 * s];             \
            T c0 = c[i], c1 = c[i + s], c2 = c[i + 2 * s];                                                          \
            HIGH(a0, a1) HIGH(a1, a2) LOW(c0, c1) LOW(c0, c2)                                                       \
            BOTH(b0, b1) LOW(b1, b2) HIGH(b0, b1)                                                                   \
            BOTH(a2, b1) LOW(b1, c0) HIGH(a2, b1)                                                                   \
            to[i] = E(b1);                                                                                           \
        }                                                                                                           \
    }                                                                                                               \
    static inline void vfx_sort5_##S(const T *const *rows, T *__restrict to, Py_ssize_t m, Py_ssize_t n) {          \
        const T *a = rows[0], *b = rows[1], *c = rows[2], *d = rows[3], *e = rows[4];                               \
        for (Py_ssize_t i = 0; i < n; i++) {                                                                        \
            T v = a[i], w = b[i], x = c[i], y = d[i], z = e[i];                                                     \
            BOTH(v, w) BOTH(y, z) BOTH(x, z) BOTH(x, y) BOTH(w, z) BOTH(v, y) BOTH(v, x) BOTH(w, y) BOTH(w, x)      \
            to[i] = v; to[i + m] = w; to[i + 2 * m] = x; to[i + 3 * m] = y; to[i + 4 * m] = z;                      \
        }                                                                                                           \
    }                                                                                                               \
    static inline void vfx_merge5_##S(const T *a, Py_ssize_t m, T *__restrict to, Py_ssize_t n, Py_ssize_t s) {     \
        const T *b = a + m, *c = b + m, *d = c + m, *e = d + m;                                                     \
        for (Py_ssize_t i = 0; i < n; i++) {                                                                        \
            T a0 = a[i], a1 = a[i + s], a2 = a[i + 2 * s], a3 = a[i + 3 * s], a4 = a[i + 4 * s];                    \
            T b0 = b[i], b1 = b[i + s], b2 = b[i + 2 * s], b3 = b[i + 3 * s], b4 = b[i + 4 * s];                    \
            T c0 = c[i], c1 = c[i + s], c2 = c[i + 2 * s], c3 = c[i + 3 * s], c4 = c[i + 4 * s];                    \
            T d0 = d[i], d1 = d[i + s], d2 = d[i + 2 * s], d3 = d[i + 3 * s], d4 = d[i + 4 * s];                    \
            T e0 = e[i], e1 = e[i + s], e2 = e[i + 2 * s], e3 = e[i + 3 * s], e4 = e[i + 4 * s];                    \
            BOTH(a0, a1) BOTH(a3, a4) BOTH(a2, a4) HIGH(a2, a3) BOTH(a1, a4) HIGH(a0, a3) HIGH(a1, a3)              \
            BOTH(b0, b1) BOTH(b3, b4) BOTH(b2, b4) BOTH(b2, b3) BOTH(b1, b4) BOTH(b0, b3) HIGH(b0, b2)              \
            BOTH(b1, b3) HIGH(b1, b2) BOTH(c0, c1) BOTH(c3, c4) BOTH(c2, c4) BOTH(c2, c3) LOW(c1, c4)               \
            BOTH(c0, c3) HIGH(c0, c2) BOTH(c1, c3) BOTH(c1, c2) BOTH(d0, d1) BOTH(d3, d4) BOTH(d2, d4)              \
            BOTH(d2, d3) LOW(d1, d4) BOTH(d0, d3) BOTH(d0, d2) LOW(d1, d3) BOTH(d1, d2) BOTH(e0, e1)                \
            BOTH(e3, e4) BOTH(e2, e4) BOTH(e2, e3) LOW(e1, e4) BOTH(e0, e3) BOTH(e0, e2) LOW(e1, e3)                \
            LOW(e1, e2) BOTH(a3, b2) BOTH(c1, d0) BOTH(d1, a4) BOTH(d1, c2) LOW(a4, c3) BOTH(d0, e0)                \
            BOTH(a4, c2) HIGH(a3, c1) HIGH(b2, d0) BOTH(b3, e0) LOW(b4, e1) HIGH(b3, c1) BOTH(b4, d0)               \
            LOW(c2, d2) BOTH(b4, c1) BOTH(d0, e0) HIGH(c1, d1) LOW(d0, a4) LOW(e0, c2) HIGH(b4, d0)                 \
            LOW(e0, d1) HIGH(d0, e0)                                                                                \
            to[i] = E(e0);                                                                                           \
        }                                                                                                           \
    }
    /* Keys become elements again on the way out, as rank_keys.pxd has it. */
    #define VFX_SAME(key) (key)
    #define VFX_HALF(key) ((int16_t)((key) ^ (((key) >> 15) & 0x7fff)))
    #define VFX_FLOAT(key) ((key) ^ (((key) >> 31) & 0x7fffffff))
    VFX_MEDIAN_OF_ROWS(u8, uint8_t, VFX_SAME)
    VFX_MEDIAN_OF_ROWS(u16, uint16_t, VFX_SAME)
    VFX_MEDIAN_OF_ROWS(f16, int16_t, VFX_HALF)
    VFX_MEDIAN_OF_ROWS(f32, int32_t, VFX_FLOAT)
    VFX_MEDIAN_OF_ROWS(numbers, float, VFX_SAME)
    #define VFX_MEDIAN_ROW(S, T) do {                                                                               \
        const T *const *r = (const T *const *)rows;                                                                \
        T *const p = (T *)planes, *const even = (T *)to, *const odd = (T *)below;                                   \
        if (size == 5) {                                                                                           \
            vfx_sort5_##S(r, p, m, n + 4 * s);                                                                     \
            vfx_merge5_##S(p, m, even, n, s);                                                                      \
        } else if (odd) {                                                                                          \
            vfx_sort3x2_##S(r[0], r[1], r[2], r[3], p, p + m, p + 2 * m, p + 3 * m, p + 4 * m, p + 5 * m, n + 2 * s); \
            vfx_merge3_##S(p, m, even, n, s);                                                                      \
            vfx_merge3_##S(p + 3 * m, m, odd, n, s);                                                               \
        } else {                                                                                                   \
            vfx_sort3_##S(r[0], r[1], r[2], p, m, n + 2 * s);                                                      \
            vfx_merge3_##S(p, m, even, n, s);                                                                      \
        }                                                                                                          \
    } while (0)
    static inline void vfx_median_row(int format, int size, char *const *rows, char *planes, Py_ssize_t m, char *to,
                                      char *below, Py_ssize_t n, Py_ssize_t s) {
        switch (format) {
        case 0: VFX_MEDIAN_ROW(u8, uint8_t); break;
        case 1: VFX_MEDIAN_ROW(u16, uint16_t); break;
        case 2: VFX_MEDIAN_ROW(f16, int16_t); break;
        case 4: VFX_MEDIAN_ROW(numbers, float); break;
        default: VFX_MEDIAN_ROW(f32, int32_t);
        }
    }
    """
    # ``n`` medians, as elements, of ``size`` (3 or 5) rows of keys, each with ``n + (size - 1) * step`` of them. With
    # ``below``, of four rows for 3: the medians of the row below too. ``planes`` has room for 6 times ``m`` keys, ``m``
    # at least as many as a row has.
    void median_row "vfx_median_row"(int format, int size, char *const *rows, char *planes, Py_ssize_t m, char *target,
                                     char *below, Py_ssize_t n, Py_ssize_t step) noexcept nogil

cdef enum:
    NUMBERS = 4     # a format of ``median_row``: float32 as it is, none of them ``unordered``
