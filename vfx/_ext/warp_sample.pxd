"""Weighted means of samples around a position: the arithmetic of every warp.

A filter arrives as cubic pieces, so that a weight costs three multiplications and its error is below 1e-8 for any
filter (``vfx/ops/_warp_filters.py`` makes them):

``phases``  for the footprint of one pixel: the weights of all taps for the position's fraction of a sample, already
            divided by their sum. Row 2k is for fractions after k / PIECES, row 2k + 1 for this very fraction.
``pieces``  the filter's own shape by distance, for wider footprints.

Pixels are four float32 in the source and in the result. Order and rounding of sums do not depend on the build.
"""

from libc.math cimport ceil, fabs, floor

from vfx._ext.simd_math cimport fma
from vfx._ext.warp_footprint cimport REACH, Footprint
from vfx._ext.warp_positions cimport TILE_WIDTH

cdef enum:
    PIECES = 64                 # in a sample
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
    const float *phases         # [2 * PIECES][4][taps]
    const float *pieces         # [pieces][4]

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

ctypedef struct Weights:
    float x[WIDEST]
    float y[WIDEST]
    float sums[4 * WIDEST]


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


cdef inline void phase_weights(const float *phase, float t, int taps, float *w) noexcept nogil:
    cdef int j
    for j in range(taps):
        w[j] = fma(fma(fma(phase[3 * taps + j], t, phase[2 * taps + j]), t, phase[taps + j]), t, phase[j])


cdef inline void mean_of_taps(const float *source, Py_ssize_t row, const float *wx, const float *wy, int taps,
                              float *out) noexcept nogil:
    """One pixel of the result: columns first, then the sums of the columns."""
    cdef float sums[4 * MOST_TAPS]
    cdef int i, j
    cdef float w = wy[0]
    for i in range(4 * taps):
        sums[i] = w * source[i]
    for j in range(1, taps):
        source += row
        w = wy[j]
        for i in range(4 * taps):
            sums[i] = fma(w, source[i], sums[i])
    for i in range(4):
        out[i] = wx[0] * sums[i]
    for j in range(1, taps):
        for i in range(4):
            out[i] = fma(wx[j], sums[4 * j + i], out[i])


cdef inline void unit_row(const Filter *f, const View *view, const Stretch *at, int n, int taps,
                          float *out) noexcept nogil:
    """``n`` pixels whose footprint is one pixel; ``taps`` is a constant where this is inlined."""
    cdef float wx[MOST_TAPS]
    cdef float wy[MOST_TAPS]
    cdef int i
    for i in range(n):
        phase_weights(f.phases + at.column[i] * 4 * taps, at.s[i], taps, wx)
        phase_weights(f.phases + at.line[i] * 4 * taps, at.t[i], taps, wy)
        mean_of_taps(view.data + at.at[i], view.row, wx, wy, taps, out + 4 * i)


cdef inline void unit_pixels(const Filter *f, const View *view, const Stretch *at, int n, float *out) noexcept nogil:
    """``unit_row``, compiled for the usual numbers of taps."""
    if f.taps == 4:
        unit_row(f, view, at, n, 4, out)
    elif f.taps == 2:
        unit_row(f, view, at, n, 2, out)
    elif f.taps == 6:
        unit_row(f, view, at, n, 6, out)
    elif f.taps == 8:
        unit_row(f, view, at, n, 8, out)
    else:
        unit_row(f, view, at, n, f.taps, out)


cdef inline float shape(const Filter *f, double away) noexcept nogil:
    """The filter at a distance in pixels."""
    cdef double place
    cdef float t
    cdef const float *c
    cdef int k
    place = (away if away < f.radius else f.radius) * PIECES
    k = <int>place
    t = <float>(place - k)
    c = f.pieces + 4 * k
    t = fma(fma(fma(c[3], t, c[2]), t, c[1]), t, c[0])
    return t if away <= f.radius + 1e-9 * TIE_BILLIONTHS else <float>0.0


cdef inline void axis_weights(const Filter *f, double inverse, double first, int n, float *w) noexcept nogil:
    """``n`` weights, divided by their sum, for distances from ``first`` on."""
    cdef double total = 0.0
    cdef float scale
    cdef int i
    for i in range(n):
        w[i] = shape(f, fabs((first + i) * inverse))
    for i in range(n):
        total += w[i]
    scale = <float>(1.0 / total)
    for i in range(n):
        w[i] *= scale


cdef inline void add_row(const float *source, const float *w, int n, float *sums) noexcept nogil:
    """Four channels of ``n`` samples, each with a weight."""
    cdef int i, c
    for i in range(n):
        for c in range(4):
            sums[4 * i + c] = fma(w[i], source[4 * i + c], sums[4 * i + c])


cdef inline double oblique_row(const Filter *f, const Footprint *inv, double dx, double dy, int n,
                               float *w) noexcept nogil:
    """Weights of a row of samples, not divided; their sum."""
    cdef double total = 0.0
    cdef int i
    for i in range(n):
        w[i] = shape(f, fabs(inv.xx * (dx + i) + inv.xy * dy)) * shape(f, fabs(inv.xy * (dx + i) + inv.yy * dy))
    for i in range(n):
        total += w[i]
    return total


cdef inline void add_up(const float *sums, int n, double scale, float *out) noexcept nogil:
    """The sum of ``n`` columns, in float64: there may be hundreds."""
    cdef double total[4]
    cdef int i, c
    for c in range(4):
        total[c] = 0.0
    for i in range(n):
        for c in range(4):
            total[c] += sums[4 * i + c]
    for c in range(4):
        out[c] = <float>(total[c] * scale)


cdef inline void wide_pixel(const Filter *f, const View *view, double u, double v, const Footprint *m, Weights *w,
                            float *out) noexcept nogil:
    """One pixel whose footprint is wider than a pixel."""
    cdef double ex = f.radius * (m.xx + fabs(m.xy)) + 1e-9 * TIE_BILLIONTHS
    cdef double ey = f.radius * (m.yy + fabs(m.xy)) + 1e-9 * TIE_BILLIONTHS
    cdef Py_ssize_t x = <Py_ssize_t>ceil(u - ex), y = <Py_ssize_t>ceil(v - ey)
    cdef int nx = <int>(<Py_ssize_t>floor(u + ex) - x) + 1, ny = <int>(<Py_ssize_t>floor(v + ey) - y) + 1
    cdef const float *source = view.data + (y - view.y) * view.row + (x - view.x) * 4
    cdef double det = m.xx * m.yy - m.xy * m.xy, total = 0.0
    cdef Footprint inv
    cdef int i, j
    for i in range(4 * nx):
        w.sums[i] = 0.0
    if m.xy == 0.0:
        axis_weights(f, 1.0 / m.xx, <double>x - u, nx, w.x)
        axis_weights(f, 1.0 / m.yy, <double>y - v, ny, w.y)
        for j in range(ny):
            for i in range(4 * nx):
                w.sums[i] = fma(w.y[j], source[i], w.sums[i])
            source += view.row
        for i in range(nx):
            for j in range(4):
                w.sums[4 * i + j] *= w.x[i]
        add_up(w.sums, nx, 1.0, out)
        return
    inv.xx = m.yy / det
    inv.yy = m.xx / det
    inv.xy = -m.xy / det
    for j in range(ny):
        total += oblique_row(f, &inv, <double>x - u, <double>(y + j) - v, nx, w.x)
        add_row(source, w.x, nx, w.sums)
        source += view.row
    if total != 0.0:
        add_up(w.sums, nx, 1.0 / total, out)
        return
    # A narrow slanted box may hold no sample at all.
    source = view.data + (<Py_ssize_t>floor(v + 0.5) - view.y) * view.row + (<Py_ssize_t>floor(u + 0.5) - view.x) * 4
    for i in range(4):
        out[i] = source[i]
