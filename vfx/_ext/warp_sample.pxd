"""Weighted means of samples around a position: the arithmetic of every warp.

A filter arrives as polynomials (``vfx/ops/_warp.py`` makes them):

``phases``  for the footprint of one pixel: the weights of all taps for the position's fraction of a sample, already
            divided by their sum. Row 2k is for fractions after k / PIECES, row 2k + 1 for this very fraction.
``curves``  the filter's own shape by distance, for wider footprints: coefficient by coefficient, so that a vector
            register holds one coefficient of 16 curves and looks them up without memory.

Pixels are four float32 in the source and in the result. Order and rounding of sums do not depend on the build.
"""

from libc.math cimport ceil, fabs, floor
from libc.string cimport memcpy

from vfx._ext.simd_math cimport fma
from vfx._ext.warp_footprint cimport REACH, Footprint
from vfx._ext.warp_positions cimport TILE_WIDTH

cdef extern from *:
    """
    #include <stddef.h>
    #if defined(__AVX2__) || defined(__AVX512F__)
    #include <immintrin.h>
    #endif

    static inline void vfx_prefetch(const void *at) {
    #if defined(__GNUC__) || defined(__clang__)
        __builtin_prefetch(at);
    #else
        (void)at;
    #endif
    }

    #if defined(__AVX2__) && defined(__FMA__)
    static inline void vfx_phase_weights(const float *phase, float t, int width, float *w) {
        const __m128 place = _mm_set1_ps(t);
        for (int j = 0; j < width; j += 4, phase += 4) {
            __m128 q = _mm_fmadd_ps(_mm_loadu_ps(phase + 3 * width), place, _mm_loadu_ps(phase + 2 * width));
            q = _mm_fmadd_ps(q, place, _mm_loadu_ps(phase + width));
            _mm_storeu_ps(w + j, _mm_fmadd_ps(q, place, _mm_loadu_ps(phase)));
        }
    }
    #else
    static inline void vfx_phase_weights(const float *phase, float t, int width, float *w) {
        for (int j = 0; j < width; j++)
            w[j] = vfx_fma(vfx_fma(vfx_fma(phase[3 * width + j], t, phase[2 * width + j]), t, phase[width + j]), t,
                           phase[j]);
    }
    #endif

    /* The filter at distances that are given in curves. */
    #if defined(__AVX512F__)
    static inline __m512 vfx_shape16(const float *table, float end, double low, double high, double step) {
        const __m512d ramp = _mm512_mul_pd(_mm512_set_pd(7, 6, 5, 4, 3, 2, 1, 0), _mm512_set1_pd(step));
        __m512 p = _mm512_insertf32x8(_mm512_castps256_ps512(
            _mm512_cvtpd_ps(_mm512_add_pd(_mm512_set1_pd(low), ramp))),
            _mm512_cvtpd_ps(_mm512_add_pd(_mm512_set1_pd(high), ramp)), 1);
        p = _mm512_andnot_ps(_mm512_set1_ps(-0.0f), p);
        __mmask16 inside = _mm512_cmp_ps_mask(p, _mm512_set1_ps(end), _CMP_LE_OQ);
        __m512i k = _mm512_cvttps_epi32(_mm512_min_ps(p, _mm512_set1_ps(31.0f)));
        __m512 t = _mm512_sub_ps(p, _mm512_cvtepi32_ps(k));
        __m512 q = _mm512_permutex2var_ps(_mm512_loadu_ps(table + 192), k, _mm512_loadu_ps(table + 208));
        for (int d = 5; d >= 0; d--)
            q = _mm512_fmadd_ps(q, t, _mm512_permutex2var_ps(_mm512_loadu_ps(table + 32 * d), k,
                                                             _mm512_loadu_ps(table + 32 * d + 16)));
        return _mm512_maskz_mov_ps(inside, q);
    }
    #else
    static inline float vfx_shape(const float *table, float end, double away) {
        float p = fabsf((float)away), near = p < 31.0f ? p : 31.0f;
        int k = (int)near;
        float t = near - (float)k, q = table[192 + k];
        for (int d = 160; d >= 0; d -= 32) q = vfx_fma(q, t, table[d + k]);
        return p <= end ? q : 0.0f;
    }
    #endif

    /* Two blocks of up to eight weights: steps from ``low`` and from ``high`` on. */
    static inline void vfx_weights(const float *table, float end, double low, double high, double step, float *w) {
    #if defined(__AVX512F__)
        _mm512_storeu_ps(w, vfx_shape16(table, end, low, high, step));
    #else
        for (int i = 0; i < 8; i++) {
            w[i] = vfx_shape(table, end, low + i * step);
            w[8 + i] = vfx_shape(table, end, high + i * step);
        }
    #endif
    }

    /* Two blocks of products of two weights, ``nlow`` and ``nhigh`` of them, added to 16 sums too. */
    static inline void vfx_products(const float *table, float end, const double *low, const double *high,
                                    const double *step, int nlow, int nhigh, float *w, float *sums) {
    #if defined(__AVX512F__)
        __mmask16 there = (__mmask16)(((1u << nlow) - 1) | ((1u << nhigh) - 1) << 8);
        __m512 q = _mm512_maskz_mul_ps(there, vfx_shape16(table, end, low[0], high[0], step[0]),
                                       vfx_shape16(table, end, low[1], high[1], step[1]));
        _mm512_storeu_ps(w, q);
        _mm512_storeu_ps(sums, _mm512_add_ps(_mm512_loadu_ps(sums), q));
    #else
        for (int i = 0; i < 8; i++) {
            w[i] = i >= nlow ? 0.0f : vfx_shape(table, end, low[0] + i * step[0])
                                      * vfx_shape(table, end, low[1] + i * step[1]);
            w[8 + i] = i >= nhigh ? 0.0f : vfx_shape(table, end, high[0] + i * step[0])
                                           * vfx_shape(table, end, high[1] + i * step[1]);
        }
        for (int i = 0; i < 16; i++) sums[i] += w[i];
    #endif
    }

    /* Adds four channels of ``n`` samples, each with a weight, to four times four sums. */
    #if defined(__AVX512F__)
    static inline void vfx_add_row(const float *s, const float *w, int n, float *sums) {
        const __m512i spread = _mm512_set_epi32(3, 3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1, 0, 0, 0, 0);
        __m512 sum = _mm512_loadu_ps(sums);
        int i;
        for (i = 0; i + 4 <= n; i += 4)
            sum = _mm512_fmadd_ps(_mm512_permutexvar_ps(spread, _mm512_castps128_ps512(_mm_loadu_ps(w + i))),
                                  _mm512_loadu_ps(s + 4 * i), sum);
        if (i < n) {
            __mmask16 rest = (__mmask16)((1u << 4 * (n - i)) - 1);
            sum = _mm512_mask3_fmadd_ps(_mm512_permutexvar_ps(spread, _mm512_castps128_ps512(_mm_loadu_ps(w + i))),
                                        _mm512_maskz_loadu_ps(rest, s + 4 * i), sum, rest);
        }
        _mm512_storeu_ps(sums, sum);
    }
    #else
    static inline void vfx_add_row(const float *s, const float *w, int n, float *sums) {
        for (int i = 0; i < n; i++)
            for (int c = 0; c < 4; c++)
                sums[i % 4 * 4 + c] = vfx_fma(w[i], s[4 * i + c], sums[i % 4 * 4 + c]);
    }
    #endif

    /* Columns of taps are summed first, then the columns: even and odd ones apart, in ascending order. */
    #if defined(__AVX512F__)
    static inline void vfx_mean_of_taps(const float *s, ptrdiff_t row, const float *wx, const float *wy, int taps,
                                        float *out) {
        const __m512i spread = _mm512_set_epi32(3, 3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1, 0, 0, 0, 0);
        __m512 fours[4], four;
        __m256 two = _mm256_setzero_ps(), half;
        int i, j;
        for (i = 0; i < taps / 4; i++) fours[i] = _mm512_setzero_ps();
        for (j = 0; j < taps; j++, s += row) {
            for (i = 0; i < taps / 4; i++)
                fours[i] = _mm512_fmadd_ps(_mm512_set1_ps(wy[j]), _mm512_loadu_ps(s + 16 * i), fours[i]);
            if (taps % 4 > 1) two = _mm256_fmadd_ps(_mm256_set1_ps(wy[j]), _mm256_loadu_ps(s + 16 * (taps / 4)), two);
        }
        half = _mm256_setzero_ps();
        for (i = 0; i < taps / 4; i++) {
            four = _mm512_mul_ps(_mm512_permutexvar_ps(spread, _mm512_castps128_ps512(_mm_loadu_ps(wx + 4 * i))),
                                 fours[i]);
            half = _mm256_add_ps(half, _mm512_castps512_ps256(four));
            half = _mm256_add_ps(half, _mm512_extractf32x8_ps(four, 1));
        }
        if (taps % 4 > 1)
            half = _mm256_add_ps(half, _mm256_mul_ps(two, _mm256_set_m128(_mm_set1_ps(wx[taps - 1]),
                                                                          _mm_set1_ps(wx[taps - 2]))));
        _mm_storeu_ps(out, _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1)));
    }
    #elif defined(__AVX2__) && defined(__FMA__)
    static inline void vfx_mean_of_taps(const float *s, ptrdiff_t row, const float *wx, const float *wy, int taps,
                                        float *out) {
        __m256 twos[8], half = _mm256_setzero_ps();
        int i, j;
        for (i = 0; i < taps / 2; i++) twos[i] = _mm256_setzero_ps();
        for (j = 0; j < taps; j++, s += row)
            for (i = 0; i < taps / 2; i++)
                twos[i] = _mm256_fmadd_ps(_mm256_set1_ps(wy[j]), _mm256_loadu_ps(s + 8 * i), twos[i]);
        for (i = 0; i < taps / 2; i++)
            half = _mm256_add_ps(half, _mm256_mul_ps(twos[i], _mm256_set_m128(_mm_set1_ps(wx[2 * i + 1]),
                                                                             _mm_set1_ps(wx[2 * i]))));
        _mm_storeu_ps(out, _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1)));
    }
    #else
    static inline void vfx_mean_of_taps(const float *s, ptrdiff_t row, const float *wx, const float *wy, int taps,
                                        float *out) {
        float sums[64], halves[8];
        int i, j;
        for (i = 0; i < 8; i++) halves[i] = 0.0f;
        for (i = 0; i < 4 * taps; i++) sums[i] = 0.0f;
        for (j = 0; j < taps; j++, s += row)
            for (i = 0; i < 4 * taps; i++) sums[i] = vfx_fma(wy[j], s[i], sums[i]);
        for (j = 0; j < taps; j++)
            for (i = 0; i < 4; i++) halves[j % 2 * 4 + i] += wx[j] * sums[4 * j + i];
        for (i = 0; i < 4; i++) out[i] = halves[i] + halves[4 + i];
    }
    #endif
    """
    void prefetch "vfx_prefetch"(const void *at) noexcept nogil
    void phase_weights "vfx_phase_weights"(const float *phase, float t, int width, float *w) noexcept nogil
    void weights "vfx_weights"(const float *table, float end, double low, double high, double step,
                               float *w) noexcept nogil
    void products "vfx_products"(const float *table, float end, const double *low, const double *high,
                                 const double *step, int nlow, int nhigh, float *w, float *sums) noexcept nogil
    void add_row "vfx_add_row"(const float *s, const float *w, int n, float *sums) noexcept nogil
    void mean_of_taps "vfx_mean_of_taps"(const float *s, Py_ssize_t row, const float *wx, const float *wy, int taps,
                                         float *out) noexcept nogil

cdef enum:
    PIECES = 64                 # in a sample
    CURVES = 4                  # in a sample
    DEGREE = 6                  # of a curve
    MOST_CURVES = 32
    MOST_TAPS = 16
    WIDEST = 2 * REACH + 8

# Positions this near to the start of a piece are there, so that ties are ties.
cdef enum:
    TIE_BILLIONTHS = 100

ctypedef struct Filter:
    double radius
    double most                 # eigenvalue of a footprint
    int taps
    int first                   # of the taps, from the position's floor
    bint nearest
    double shift                # of positions before they are cut to whole samples
    const float *phases         # [2 * PIECES][4][taps], taps rounded up to a multiple of four
    const float *curves         # [7][32]
    float end                   # of the filter, in curves

ctypedef struct View:
    # Source samples in memory, four channels each.
    const float *data           # of sample (x, y)
    Py_ssize_t row              # floats from row to row
    Py_ssize_t x
    Py_ssize_t y

ctypedef struct Stretch:
    # The positions of a row of a tile, taken apart.
    Py_ssize_t at[TILE_WIDTH]   # floats from the view's first sample
    int column[TILE_WIDTH]      # rows of phases
    int line[TILE_WIDTH]
    float s[TILE_WIDTH]         # places within the pieces
    float t[TILE_WIDTH]
    Py_ssize_t ahead            # floats to what is needed a few rows later

ctypedef struct Area:
    # The samples of a wide footprint, and the distance from the position to the first.
    int nx
    int ny
    double dx
    double dy

ctypedef struct Weights:
    float x[WIDEST + 16]
    float y[WIDEST + 16]
    float sums[4 * WIDEST]
    Py_ssize_t taps             # weighed so far


cdef inline void take_apart(const Filter *f, const View *view, const double *u, const double *v, int n,
                            Stretch *out) noexcept nogil:
    """Whole samples, phases and places within phases of ``n`` positions."""
    cdef double tie = 1e-9 * TIE_BILLIONTHS * PIECES
    cdef double x, y, a, b
    cdef int i, k
    for i in range(n):
        x = floor(u[i] + f.shift + 1e-9 * TIE_BILLIONTHS)
        a = (u[i] + f.shift - x) * PIECES
        k = <int>(a + tie)
        a -= k
        out.column[i] = 2 * k + (a < tie)
        out.s[i] = <float>a
        y = floor(v[i] + f.shift + 1e-9 * TIE_BILLIONTHS)
        b = (v[i] + f.shift - y) * PIECES
        k = <int>(b + tie)
        b -= k
        out.line[i] = 2 * k + (b < tie)
        out.t[i] = <float>b
        out.at[i] = (<Py_ssize_t>y + f.first - view.y) * view.row + (<Py_ssize_t>x + f.first - view.x) * 4


cdef inline void unit_row(const Filter *f, const View *view, const Stretch *at, int n, int taps,
                          float *out) noexcept nogil:
    """``n`` pixels whose footprint is one pixel; ``taps`` is a constant where this is inlined."""
    cdef float wx[MOST_TAPS]
    cdef float wy[MOST_TAPS]
    cdef int i, width = (taps + 3) // 4 * 4
    for i in range(n):
        prefetch(view.data + at.at[i] + at.ahead)
        phase_weights(f.phases + at.column[i] * 4 * width, at.s[i], width, wx)
        phase_weights(f.phases + at.line[i] * 4 * width, at.t[i], width, wy)
        mean_of_taps(view.data + at.at[i], view.row, wx, wy, taps, out + 4 * i)


cdef inline void unit_pixels(const Filter *f, const View *view, const Stretch *at, int n, float *out) noexcept nogil:
    """``unit_row``, compiled for the usual numbers of taps."""
    cdef int i
    if f.nearest:
        for i in range(n):
            memcpy(out + 4 * i, view.data + at.at[i], 16)
    elif f.taps == 4:
        unit_row(f, view, at, n, 4, out)
    elif f.taps == 2:
        unit_row(f, view, at, n, 2, out)
    elif f.taps == 6:
        unit_row(f, view, at, n, 6, out)
    elif f.taps == 8:
        unit_row(f, view, at, n, 8, out)
    else:
        unit_row(f, view, at, n, f.taps, out)


cdef inline void axis_weights(const Filter *f, double inverse, double first, int n, float *w) noexcept nogil:
    """``n`` weights, divided by their sum, for distances from ``first`` on."""
    cdef double step = inverse * CURVES, even = 0.0, odd = 0.0
    cdef float scale
    cdef int i
    for i in range(0, n, 16):
        weights(f.curves, f.end, (first + i) * step, (first + i + 8) * step, step, w + i)
    w[n] = 0.0
    for i in range(0, n, 2):
        even += w[i]
        odd += w[i + 1]
    scale = <float>(1.0 / (even + odd))
    for i in range(n):
        w[i] *= scale


cdef inline void level_pixel(const Filter *f, const float *source, Py_ssize_t row, const Area *a, const Footprint *m,
                             Weights *w, float *out) noexcept nogil:
    """A footprint along rows and columns: columns first, then the sums of the columns, in float64."""
    cdef double total[4]
    cdef int i, j
    axis_weights(f, 1.0 / m.xx, a.dx, a.nx, w.x)
    axis_weights(f, 1.0 / m.yy, a.dy, a.ny, w.y)
    for i in range(4 * a.nx):
        w.sums[i] = 0.0
    for j in range(a.ny):
        for i in range(4 * a.nx):
            w.sums[i] = fma(w.y[j], source[i], w.sums[i])
        source += row
    for j in range(4):
        total[j] = 0.0
    for i in range(a.nx):
        for j in range(4):
            total[j] += w.x[i] * w.sums[4 * i + j]
    for j in range(4):
        out[j] = <float>total[j]


cdef inline void slanted_block(const Filter *f, const double *inverse, const Area *a, int x, int y, int next_x,
                               int next_y, Weights *w) noexcept nogil:
    """Weights of samples from (x, y) on and from (next_x, next_y) on, eight each."""
    cdef double low[2]
    cdef double high[2]
    cdef int c
    for c in range(2):
        low[c] = inverse[c] * (a.dx + x) + inverse[c + 1] * (a.dy + y)
        high[c] = inverse[c] * (a.dx + next_x) + inverse[c + 1] * (a.dy + next_y)
    products(f.curves, f.end, low, high, inverse, max(min(a.nx - x, 8), 0),
             max(min(a.nx - next_x, 8), 0) if next_y < a.ny else 0, w.x, w.y)


cdef inline double slanted_pixel(const Filter *f, const float *source, Py_ssize_t row, const Area *a,
                                 const Footprint *m, Weights *w, float *out) noexcept nogil:
    """Any other footprint; the sum of the weights, without which there is no result."""
    cdef double scale = CURVES / (m.xx * m.yy - m.xy * m.xy), total = 0.0
    cdef double inverse[3]
    cdef double sums[16]
    cdef int i, j = 0, rows = 2 if a.nx <= 8 else 1
    inverse[0] = m.yy * scale
    inverse[1] = -m.xy * scale
    inverse[2] = m.xx * scale
    for i in range(16):
        sums[i] = 0.0
        w.sums[i] = w.y[i] = 0.0
    while j < a.ny:
        if rows == 2:
            slanted_block(f, inverse, a, 0, j, 0, j + 1, w)
            add_row(source, w.x, a.nx, w.sums)
            if j + 1 < a.ny:
                add_row(source + row, w.x + 8, a.nx, w.sums)
        else:
            for i in range(0, a.nx, 16):
                slanted_block(f, inverse, a, i, j, i + 8, j, w)
                add_row(source + 4 * i, w.x, min(a.nx - i, 16), w.sums)
        source += rows * row
        j += rows
        if j % 16 == 0 or j >= a.ny:  # float32 holds a few hundred additions
            for i in range(16):
                sums[i] += w.sums[i]
                total += w.y[i]
                w.sums[i] = w.y[i] = 0.0
    for i in range(4):
        out[i] = <float>((sums[i] + sums[i + 4] + sums[i + 8] + sums[i + 12]) / total)
    return total


cdef inline void wide_pixel(const Filter *f, const View *view, double u, double v, const Footprint *m, Weights *w,
                            float *out) noexcept nogil:
    """One pixel whose footprint is wider than a pixel."""
    cdef double ex = f.radius * (m.xx + fabs(m.xy)) + 1e-9 * TIE_BILLIONTHS
    cdef double ey = f.radius * (m.yy + fabs(m.xy)) + 1e-9 * TIE_BILLIONTHS
    cdef Py_ssize_t x = <Py_ssize_t>ceil(u - ex), y = <Py_ssize_t>ceil(v - ey)
    cdef const float *source = view.data + (y - view.y) * view.row + (x - view.x) * 4
    cdef Area a
    a.nx = <int>(<Py_ssize_t>floor(u + ex) - x) + 1
    a.ny = <int>(<Py_ssize_t>floor(v + ey) - y) + 1
    w.taps += <Py_ssize_t>a.nx * a.ny
    a.dx = <double>x - u
    a.dy = <double>y - v
    if m.xy == 0.0:
        level_pixel(f, source, view.row, &a, m, w, out)
    elif slanted_pixel(f, source, view.row, &a, m, w, out) == 0.0:
        # A narrow slanted box may hold no sample at all.
        memcpy(out, view.data + (<Py_ssize_t>floor(v + 0.5) - view.y) * view.row
               + (<Py_ssize_t>floor(u + 0.5) - view.x) * 4, 16)
