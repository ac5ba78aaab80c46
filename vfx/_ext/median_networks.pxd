"""The median of 3x3 and of 5x5 pixels by sorting networks over whole vectors of keys.

The columns of the box are sorted first, once for all the boxes that share them. Then the rows of the box of sorted
columns: of 3x3 the largest of the smallest, the median of the middle ones and the smallest of the largest remain, and
the median of those three is the median of all. (That sorting rows keeps columns sorted is Knuth, The Art of Computer
Programming, vol. 3, 5.2.1.)

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
    #define VFX_MEDIAN_OF_ROWS(S, T)                                                                                \
    static inline void vfx_sort3_##S(const T *a, const T *b, const T *c, T *__restrict p, Py_ssize_t m, Py_ssize_t n) {\
        T *__restrict q = p + m, *__restrict r = q + m;                                                             \
        for (Py_ssize_t i = 0; i < n; i++) {                                                                        \
            T x = a[i], y = b[i], z = c[i];                                                                         \
            BOTH(x, y) BOTH(y, z) BOTH(x, y)                                                                        \
            p[i] = x; q[i] = y; r[i] = z;                                                                           \
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
            to[i] = b1;                                                                                             \
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
            to[i] = e0;                                                                                             \
        }                                                                                                           \
    }
    VFX_MEDIAN_OF_ROWS(u8, uint8_t)
    VFX_MEDIAN_OF_ROWS(u16, uint16_t)
    VFX_MEDIAN_OF_ROWS(f16, int16_t)
    VFX_MEDIAN_OF_ROWS(f32, int32_t)
    #define VFX_MEDIAN_ROW(S, T, size, rows, planes, m, to, n, s) do {                                               \
        const T *const *r = (const T *const *)(rows);                                                              \
        if (size == 3) {                                                                                           \
            vfx_sort3_##S(r[0], r[1], r[2], (T *)planes, m, n + 2 * s);                                            \
            vfx_merge3_##S((const T *)planes, m, (T *)to, n, s);                                                   \
        } else {                                                                                                   \
            vfx_sort5_##S(r, (T *)planes, m, n + 4 * s);                                                           \
            vfx_merge5_##S((const T *)planes, m, (T *)to, n, s);                                                   \
        }                                                                                                          \
    } while (0)
    static inline void vfx_median_row(int format, int size, char *const *rows, char *planes, Py_ssize_t m, char *to,
                                      Py_ssize_t n, Py_ssize_t s) {
        switch (format) {
        case 0: VFX_MEDIAN_ROW(u8, uint8_t, size, rows, planes, m, to, n, s); break;
        case 1: VFX_MEDIAN_ROW(u16, uint16_t, size, rows, planes, m, to, n, s); break;
        case 2: VFX_MEDIAN_ROW(f16, int16_t, size, rows, planes, m, to, n, s); break;
        default: VFX_MEDIAN_ROW(f32, int32_t, size, rows, planes, m, to, n, s);
        }
    }
    """
    # ``n`` medians of ``size`` rows of keys, in any order, each with ``n + (size - 1) * step`` of them; ``planes`` has
    # room for ``size`` times ``m`` keys, ``m`` at least as many as a row has. ``size`` is 3 or 5.
    void median_row "vfx_median_row"(int format, int size, char *const *rows, char *planes, Py_ssize_t m, char *target,
                                     Py_ssize_t n, Py_ssize_t step) noexcept nogil
