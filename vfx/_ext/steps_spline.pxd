"""Piecewise cubic curves, evaluated exactly, and their inverses.

A curve is columns of ``m`` floats (``m`` a multiple of 16), one entry a piece::

    0  FROM     where the piece starts; piece 0 runs up to FROM[1], the last one to infinity, unused ones have inf
    1  BASE     its value there
    2  SLOPE    3  SQUARE   4  CUBE       value = BASE + t (SLOPE + t (SQUARE + t CUBE)), t = x - FROM
    5  FIRST    the piece to look at first in each of m equal buckets between the ends of the curve

The bucket of x is a multiplication; a few comparisons with the next FROM then find the piece: no
search, no branch, no table of samples. Pieces 0 and the last are straight lines.

For the inverse FROM and BASE have changed places, and three columns follow: START, LEAST and
MOST, where Newton's method starts and stays in t.

Curves of up to 62 knots fit into registers: one to three shuffles pick the entries of a column that 8 or
16 values need. Measured on 8.4 million values (one thread, Zen 5): one shuffle 1.3 ms, loads from tables
10 to 14 ms, gathers 19 ms.
"""

from vfx._ext.simd_math cimport INFINITY, fabsf, fma, plane
from vfx._ext.tile cimport Params, Step, Tile

cdef extern from *:
    """
    #if defined(__AVX2__)
    #include <immintrin.h>
    #define VFX_ALWAYS static inline __attribute__((always_inline))
    #if defined(__AVX512F__)
    #define VFX_WIDE 16
    #define VFX_W(op) _mm512_##op
    typedef __m512 vfx_wide;
    typedef __m512i vfx_ints;
    /* The entries i of a column of 16, 32 or 64. */
    VFX_ALWAYS vfx_wide vfx_pick(const float *c, vfx_ints i, const int entries) {
        if (entries == 16) return _mm512_permutexvar_ps(i, _mm512_load_ps(c));
        vfx_wide low = _mm512_permutex2var_ps(_mm512_load_ps(c), i, _mm512_load_ps(c + 16));
        if (entries == 32) return low;
        vfx_wide high = _mm512_permutex2var_ps(_mm512_load_ps(c + 32), i, _mm512_load_ps(c + 48));
        return _mm512_mask_mov_ps(low, _mm512_test_epi32_mask(i, _mm512_set1_epi32(32)), high);
    }
    static inline vfx_ints vfx_next_if(vfx_ints i, vfx_wide x, vfx_wide from) {
        return _mm512_mask_add_epi32(i, _mm512_cmp_ps_mask(x, from, _CMP_GE_OQ), i, _mm512_set1_epi32(1));
    }
    static inline vfx_wide vfx_where(vfx_wide x, float is, float put, vfx_wide y) {
        return _mm512_mask_mov_ps(y, _mm512_cmp_ps_mask(x, _mm512_set1_ps(is), _CMP_EQ_OQ), _mm512_set1_ps(put));
    }
    #else
    #define VFX_WIDE 8
    #define VFX_W(op) _mm256_##op
    typedef __m256 vfx_wide;
    typedef __m256i vfx_ints;
    static inline vfx_wide vfx_by_bit(vfx_wide low, vfx_wide high, vfx_ints i, const int bit) {
        return _mm256_blendv_ps(low, high, _mm256_castsi256_ps(_mm256_slli_epi32(i, 31 - bit)));
    }
    static inline vfx_wide vfx_pick16(const float *c, vfx_ints i) {
        return vfx_by_bit(_mm256_permutevar8x32_ps(_mm256_load_ps(c), i),
                          _mm256_permutevar8x32_ps(_mm256_load_ps(c + 8), i), i, 3);
    }
    VFX_ALWAYS vfx_wide vfx_pick(const float *c, vfx_ints i, const int entries) {
        if (entries == 16) return vfx_pick16(c, i);
        vfx_wide low = vfx_by_bit(vfx_pick16(c, i), vfx_pick16(c + 16, i), i, 4);
        if (entries == 32) return low;
        return vfx_by_bit(low, vfx_by_bit(vfx_pick16(c + 32, i), vfx_pick16(c + 48, i), i, 4), i, 5);
    }
    static inline vfx_ints vfx_next_if(vfx_ints i, vfx_wide x, vfx_wide from) {
        return _mm256_sub_epi32(i, _mm256_castps_si256(_mm256_cmp_ps(x, from, _CMP_GE_OQ)));
    }
    static inline vfx_wide vfx_where(vfx_wide x, float is, float put, vfx_wide y) {
        return _mm256_blendv_ps(y, _mm256_set1_ps(put), _mm256_cmp_ps(x, _mm256_set1_ps(is), _CMP_EQ_OQ));
    }
    #endif
    VFX_ALWAYS void vfx_cubic_of(const float *table, float *x, int n, float low, float scale, int refine,
                                    float bottom, float top, const int m) {
        for (int i = 0; i < n; i += VFX_WIDE) {
            vfx_wide v = VFX_W(loadu_ps)(x + i), t, y;
            vfx_wide place = VFX_W(mul_ps)(VFX_W(sub_ps)(v, VFX_W(set1_ps)(low)), VFX_W(set1_ps)(scale));
            /* max takes its second operand where the first is NaN. */
            place = VFX_W(min_ps)(VFX_W(max_ps)(place, VFX_W(setzero_ps)()), VFX_W(set1_ps)(m - 1));
            vfx_ints k = VFX_W(cvttps_epi32)(vfx_pick(table + 5 * m, VFX_W(cvttps_epi32)(place), m));
            for (int j = 0; j < refine; j++)
                k = vfx_next_if(k, v, vfx_pick(table, VFX_W(add_epi32)(k, VFX_W(set1_epi32)(1)), m));
            t = VFX_W(sub_ps)(v, vfx_pick(table, k, m));
            y = VFX_W(fmadd_ps)(t, vfx_pick(table + 4 * m, k, m), vfx_pick(table + 3 * m, k, m));
            y = VFX_W(fmadd_ps)(t, y, vfx_pick(table + 2 * m, k, m));
            y = VFX_W(fmadd_ps)(t, y, vfx_pick(table + m, k, m));
            VFX_W(storeu_ps)(x + i, vfx_where(v, -INFINITY, bottom, vfx_where(v, INFINITY, top, y)));
        }
    }
    static inline int vfx_cubic(const float *table, float *x, int n, float low, float scale, int refine,
                                float bottom, float top, int entries) {
        if (entries == 16) vfx_cubic_of(table, x, n, low, scale, refine, bottom, top, 16);
        else if (entries == 32) vfx_cubic_of(table, x, n, low, scale, refine, bottom, top, 32);
        else if (entries == 64) vfx_cubic_of(table, x, n, low, scale, refine, bottom, top, 64);
        else return 0;
        return 1;
    }
    #else
    static inline int vfx_cubic(const float *table, float *x, int n, float low, float scale, int refine,
                                float bottom, float top, int entries) { return 0; }
    #endif
    """
    # A curve over n values, a multiple of 16; 0 where this build has no shuffle for so many entries.
    int cubic "vfx_cubic"(const float *table, float *x, int n, float low, float scale, int refine, float bottom,
                          float top, int entries) noexcept nogil

cdef enum:
    COLUMNS = 6
    REVERSE_COLUMNS = 9
    BLOCK = 256


ctypedef struct Curve:
    const float *table
    int entries, refine
    float low, scale, bottom, top


cdef inline Curve curve_of(const Params *p, int c, int columns) noexcept nogil:
    """The curve of channel ``c``; its table is NULL where there is none."""
    cdef Curve own
    cdef Py_ssize_t entries = <Py_ssize_t>p.f[15], first = <Py_ssize_t>p.f[c]
    own.table = NULL
    own.entries = <int>entries
    own.refine = <int>p.f[16]
    own.low, own.scale, own.bottom, own.top = p.f[3 + c], p.f[6 + c], p.f[9 + c], p.f[12 + c]
    # The table is not trusted: every index below is kept within the entries that it has.
    if (0 <= first < 3 and 16 <= entries <= p.size and entries % 16 == 0
            and (first + 1) * columns * entries <= p.size):
        own.table = p.table + first * columns * entries
    return own


cdef inline void buckets(const float *x, int *place, int n, const Curve *curve) noexcept nogil:
    cdef int i
    cdef float at, low = curve.low, scale = curve.scale, end = <float>(curve.entries - 1)
    for i in range(n):
        at = (x[i] - low) * scale
        at = at if at > <float>0.0 else <float>0.0
        place[i] = <int>(at if at < end else end)


cdef inline void pieces(const float *x, int *piece, int n, const Curve *curve) noexcept nogil:
    """The piece of each of up to BLOCK values."""
    cdef int i, j, k, last = curve.entries - 2
    cdef const float *table = curve.table
    cdef const float *first = curve.table + 5 * curve.entries
    buckets(x, piece, n, curve)
    for i in range(n):
        k = <int>first[piece[i]]
        k = k if k > 0 else 0
        k = k if k < last else last
        piece[i] = k + (x[i] >= table[k + 1])
    for j in range(1, curve.refine):
        for i in range(n):
            k = piece[i]
            k = k if k < last else last
            piece[i] = k + (x[i] >= table[k + 1])


cdef inline void cubic_plane(float *x, int n, const Curve *curve) noexcept nogil:
    cdef int piece[BLOCK]
    cdef int i, j = 0, k, count, m = curve.entries
    cdef const float *table = curve.table
    cdef float t, v, y
    while j < n:
        count = n - j if n - j < BLOCK else BLOCK
        pieces(x + j, piece, count, curve)
        for i in range(count):
            k = piece[i]
            v = x[j + i]
            t = v - table[k]
            y = fma(t, fma(t, fma(t, table[4 * m + k], table[3 * m + k]), table[2 * m + k]), table[m + k])
            y = curve.top if v == INFINITY else y
            x[j + i] = curve.bottom if v == -INFINITY else y
        j += BLOCK


cdef inline void cubic_curves(const Tile *t, const Params *p) noexcept nogil:
    """Each channel through its curve; -1 in place of a curve's number lets it be."""
    cdef int c
    cdef Curve own
    for c in range(3):
        own = curve_of(p, c, COLUMNS)
        if t.rgb[c] == NULL or own.table == NULL:
            continue
        if not cubic(own.table, t.rgb[c], t.n, own.low, own.scale, own.refine, own.bottom, own.top, own.entries):
            cubic_plane(t.rgb[c], t.n, &own)


ctypedef struct Pieces:
    # What Newton's method needs of up to BLOCK values.
    float rise[BLOCK]
    float base[BLOCK]
    float slope[BLOCK]
    float square[BLOCK]
    float cube[BLOCK]
    float t[BLOCK]
    float least[BLOCK]
    float most[BLOCK]


cdef inline float closer(float t, float rise, float slope, float square, float cube, float least,
                         float most) noexcept nogil:
    """One of Newton's steps towards ``t (slope + t (square + t cube)) = rise``, within [least, most]."""
    cdef float over = fma(t, fma(t, fma(t, cube, square), slope), -rise)
    t = t - over / fma(t, fma(t, <float>3.0 * cube, <float>2.0 * square), slope)
    t = least if t < least else t
    return most if t > most else t


cdef inline float nearer(float t, float rise, float slope, float square, float cube, float least,
                         float most) noexcept nogil:
    """Four steps."""
    t = closer(closer(t, rise, slope, square, cube, least, most), rise, slope, square, cube, least, most)
    return closer(closer(t, rise, slope, square, cube, least, most), rise, slope, square, cube, least, most)


cdef inline void newton_block(Pieces *b, int n) noexcept nogil:
    cdef int i
    cdef float t, rise, slope, square, cube, least, most
    for i in range(n):
        rise, slope, square, cube, least, most = b.rise[i], b.slope[i], b.square[i], b.cube[i], b.least[i], b.most[i]
        t = nearer(b.t[i], rise, slope, square, cube, least, most)
        b.t[i] = nearer(t, rise, slope, square, cube, least, most)


cdef inline void cubic_reverse_plane(float *x, int n, const Curve *curve) noexcept nogil:
    cdef int piece[BLOCK]
    cdef Pieces b
    cdef int i, j = 0, k, count, m = curve.entries
    cdef const float *table = curve.table
    cdef float v, y
    while j < n:
        count = n - j if n - j < BLOCK else BLOCK
        pieces(x + j, piece, count, curve)
        for i in range(count):
            k = piece[i]
            b.rise[i] = x[j + i] - table[k]
            b.base[i] = table[m + k]
            b.slope[i] = table[2 * m + k]
            b.square[i] = table[3 * m + k]
            b.cube[i] = table[4 * m + k]
            b.t[i] = table[6 * m + k]
            b.least[i] = table[7 * m + k]
            b.most[i] = table[8 * m + k]
        newton_block(&b, count)
        for i in range(count):
            v = x[j + i]
            y = b.base[i] + b.t[i]
            y = curve.top if v == INFINITY else y
            y = curve.bottom if v == -INFINITY else y
            x[j + i] = y if v == v else v
        j += BLOCK


cdef inline void cubic_curves_reverse(const Tile *t, const Params *p) noexcept nogil:
    """Each channel back through its rising curve."""
    cdef int c
    cdef Curve own
    for c in range(3):
        own = curve_of(p, c, REVERSE_COLUMNS)
        if t.rgb[c] != NULL and own.table != NULL:
            cubic_reverse_plane(t.rgb[c], t.n, &own)


cdef inline Step find(str name) noexcept:
    """The step of that name, or NULL."""
    if name == "cubic_curves": return cubic_curves
    if name == "cubic_curves_reverse": return cubic_curves_reverse
    return NULL
