"""A tile of a warp: where its pixels come from, how far they reach, and which source samples that takes."""

from libc.math cimport NAN, fabs, floor
from libc.string cimport memset

from vfx._ext.pictures cimport BLACK, CLAMP, Picture
from vfx._ext.warp_footprint cimport Footprint, REACH, footprint, is_unit, one_sided, unit_footprint
from vfx._ext.warp_positions cimport (
    LATTICE, LENS, MATRIX, TILE_HEIGHT, TILE_WIDTH, Lattice, Positions, fold, lens_row, map_row, matrix_row, nowhere,
)
from vfx._ext.warp_sample cimport WIDEST, Filter, Stretch, Weights

cdef enum:
    PIXELS = TILE_WIDTH * TILE_HEIGHT
    ONE_PIXEL = WIDEST * WIDEST # samples of the widest footprint
    EXACT_BILLIONTHS = 100      # a rotation's eigenvalues are 1 but for rounding

ctypedef struct Warp:
    Picture source
    Picture target
    Positions positions
    Filter filter
    int edge
    int samples                 # of the shutter
    double one                  # eigenvalues up to this are 1
    Footprint fixed             # of every pixel, where the matrix is affine
    bint affine

ctypedef struct Scratch:
    # What one thread works in.
    double u[LATTICE * (TILE_HEIGHT + 2)]
    double v[LATTICE * (TILE_HEIGHT + 2)]
    double w[LATTICE * (TILE_HEIGHT + 2)]
    Footprint footprints[PIXELS]
    float result[4 * PIXELS]
    float sample[4 * PIXELS]
    float line[4 * TILE_WIDTH]
    double moved_x[2 * LATTICE] # for an inverted lens
    double moved_y[2 * LATTICE]
    Stretch stretch
    Weights weights
    float patch[4 * ONE_PIXEL]

ctypedef struct Part:
    # A rectangle of a tile, and the source samples that it needs.
    int x
    int y
    int width
    int height
    Py_ssize_t left
    Py_ssize_t top
    Py_ssize_t right            # beyond the last
    Py_ssize_t bottom


cdef inline int at_pixel(int x, int y) noexcept nogil:
    """The place of a tile's pixel in the lattice."""
    return (y + 1) * LATTICE + x + 1


cdef inline void place_tile(const Warp *w, int sample, Py_ssize_t x, Py_ssize_t y, Part all, Scratch *s) noexcept nogil:
    """Positions of a tile; of LENS and MAP with the border."""
    cdef Lattice at
    cdef int j, border = w.positions.kind != MATRIX
    memset(s.moved_x, 0, sizeof(s.moved_x))
    memset(s.moved_y, 0, sizeof(s.moved_y))
    for j in range(-border, all.height + border):
        at.u = s.u + at_pixel(-border, j)
        at.v = s.v + at_pixel(-border, j)
        at.w = s.w + at_pixel(-border, j)
        if w.positions.kind == MATRIX:
            matrix_row(w.positions.numbers + 9 * sample, <double>(y + j), x, all.width, at)
        elif w.positions.kind == LENS:
            lens_row(&w.positions, <double>(y + j), x - 1, all.width + 2, at, s.moved_x, s.moved_y)
        else:
            map_row(&w.positions, y + j, x - 1, all.width + 2, at)


cdef inline Footprint matrix_footprint(const double *m, double u, double v, double w, double most) noexcept nogil:
    """The derivatives of a homogeneous position, at one."""
    return footprint((m[0] - (u + 0.5) * m[6]) / w, (m[1] - (u + 0.5) * m[7]) / w,
                     (m[3] - (v + 0.5) * m[6]) / w, (m[4] - (v + 0.5) * m[7]) / w, most, 1.0 + EXACT_BILLIONTHS * 1e-9)


cdef inline bint lattice_unit(const double *u, const double *v, double one) noexcept nogil:
    """Whether a position's neighbours are no more than a sample away."""
    return is_unit(one_sided((u - 1)[0], u[0], u[1]), one_sided((u - LATTICE)[0], u[0], u[LATTICE]),
                   one_sided((v - 1)[0], v[0], v[1]), one_sided((v - LATTICE)[0], v[0], v[LATTICE]), one)


cdef inline Footprint lattice_footprint(const double *u, const double *v, double most, double one) noexcept nogil:
    """The derivatives from a position's neighbours; those that lie nowhere count for nothing."""
    return footprint(one_sided((u - 1)[0], u[0], u[1]), one_sided((u - LATTICE)[0], u[0], u[LATTICE]),
                     one_sided((v - 1)[0], v[0], v[1]), one_sided((v - LATTICE)[0], v[0], v[LATTICE]), most, one)


cdef inline Footprint footprint_of(const Warp *w, const Scratch *s, int x, int y) noexcept nogil:
    """The footprint of a tile's pixel, where not all are of one pixel."""
    return w.fixed if w.affine else s.footprints[y * TILE_WIDTH + x]


cdef inline bint unit_lattice(const Warp *w, Part all, const Scratch *s) noexcept nogil:
    """Whether all footprints of a tile are of one pixel, by its lattice; a vector loop."""
    cdef double one = w.one
    cdef const double *u
    cdef const double *v
    cdef int i, j, wide = 0
    for j in range(all.height):
        u = s.u + at_pixel(0, j)
        v = s.v + at_pixel(0, j)
        for i in range(all.width):
            wide |= not lattice_unit(u + i, v + i, one)
        if wide:
            return False
    return True


cdef inline bint unit_matrix(const Warp *w, const double *numbers, Part all, const Scratch *s) noexcept nogil:
    """The same by a matrix, without its divisions."""
    cdef double one = w.one
    cdef double m[9]
    cdef const double *u
    cdef const double *v
    cdef const double *d
    cdef int i, j, wide = 0
    for i in range(9):
        m[i] = numbers[i]
    for j in range(all.height):
        u = s.u + at_pixel(0, j)
        v = s.v + at_pixel(0, j)
        d = s.w + at_pixel(0, j)
        for i in range(all.width):
            wide |= not is_unit(m[0] - (u[i] + 0.5) * m[6], m[1] - (u[i] + 0.5) * m[7],
                                m[3] - (v[i] + 0.5) * m[6], m[4] - (v[i] + 0.5) * m[7], one * d[i])
        if wide:
            return False
    return True


cdef inline bint reach_tile(const Warp *w, int sample, Part all, Scratch *s) noexcept nogil:
    """Footprints of a tile, unless all are of one pixel: then nothing and True."""
    cdef const double *m = w.positions.numbers + 9 * sample
    cdef bint unit = True
    cdef Footprint found
    cdef int i, j, k
    if w.filter.nearest or w.affine:
        return w.filter.nearest or w.fixed.unit
    if unit_matrix(w, m, all, s) if w.positions.kind == MATRIX else unit_lattice(w, all, s):
        return True
    for j in range(all.height):
        for i in range(all.width):
            k = at_pixel(i, j)
            if nowhere(s.u[k]) or nowhere(s.v[k]):
                found = unit_footprint()
            elif w.positions.kind == MATRIX:
                found = matrix_footprint(m, s.u[k], s.v[k], s.w[k], w.filter.most)
            else:
                found = lattice_footprint(s.u + k, s.v + k, w.filter.most, w.one)
            s.footprints[j * TILE_WIDTH + i] = found
            unit = unit and found.unit
    return unit


cdef inline bint misses(double u, double reach, Py_ssize_t n) noexcept nogil:
    """Whether nothing within ``reach`` of a position is one of ``n`` samples."""
    return u + reach < 0.0 or u - reach > <double>(n - 1)


cdef inline double near(double u, Py_ssize_t n, int edge) noexcept nogil:
    """A position with the same surroundings that is not far from the picture."""
    if edge == CLAMP:
        return min(max(u, -2.0 * REACH), <double>n + 2.0 * REACH)
    return fold(u, n, edge)


cdef inline void settle_tile(const Warp *w, Part all, bint unit, Scratch *s) noexcept nogil:
    """Brings far positions near, and marks with NaN those that see nothing."""
    cdef double rx = w.filter.taps, ry = w.filter.taps
    cdef Footprint m
    cdef int i, j, k
    for j in range(all.height):
        for i in range(all.width):
            k = at_pixel(i, j)
            if nowhere(s.u[k]) or nowhere(s.v[k]):
                s.u[k] = NAN
                continue
            if w.edge == BLACK:
                if not unit:
                    m = footprint_of(w, s, i, j)
                    rx = max(<double>w.filter.taps, w.filter.radius * (m.xx + fabs(m.xy)) + 1.0)
                    ry = max(<double>w.filter.taps, w.filter.radius * (m.yy + fabs(m.xy)) + 1.0)
                if misses(s.u[k], rx, w.source.width) or misses(s.v[k], ry, w.source.height):
                    s.u[k] = NAN
            else:
                s.u[k] = near(s.u[k], w.source.width, w.edge)
                s.v[k] = near(s.v[k], w.source.height, w.edge)


cdef inline void bound(const Warp *w, Part *p, double left, double top, double right, double bottom) noexcept nogil:
    """Samples around positions; one more than the taps of a single pixel, for a tie may count either way."""
    p.left = <Py_ssize_t>floor(left) + w.filter.first - 1
    p.top = <Py_ssize_t>floor(top) + w.filter.first - 1
    p.right = <Py_ssize_t>floor(right) + w.filter.first + w.filter.taps + 2
    p.bottom = <Py_ssize_t>floor(bottom) + w.filter.first + w.filter.taps + 2


cdef inline bint inside(const Warp *w, const Part *p) noexcept nogil:
    """Whether all samples of a part are the picture's."""
    return p.left >= 0 and p.top >= 0 and p.right <= w.source.width and p.bottom <= w.source.height


cdef inline bint find_at_corners(const Warp *w, Part *p, const Scratch *s) noexcept nogil:
    """``find_quickly`` for positions by a matrix, which lie between those of the corners."""
    cdef int corner[4]
    cdef double left = 1e18, top = 1e18, right = -1e18, bottom = -1e18, rx = 0.0, ry = 0.0
    cdef int i
    corner[0] = at_pixel(0, 0)
    corner[1] = at_pixel(p.width - 1, 0)
    corner[2] = at_pixel(0, p.height - 1)
    corner[3] = at_pixel(p.width - 1, p.height - 1)
    for i in range(4):
        if nowhere(s.u[corner[i]]) or nowhere(s.v[corner[i]]):
            return False
        left = min(left, s.u[corner[i]])
        right = max(right, s.u[corner[i]])
        top = min(top, s.v[corner[i]])
        bottom = max(bottom, s.v[corner[i]])
    if w.affine:
        rx = w.filter.radius * (w.fixed.xx + fabs(w.fixed.xy))
        ry = w.filter.radius * (w.fixed.yy + fabs(w.fixed.xy))
    bound(w, p, left - rx, top - ry, right + rx, bottom + ry)
    return True


cdef inline void extend(const double *u, int n, double *low, double *high, int *gone) noexcept nogil:
    """Eight lowest and highest positions; a vector loop."""
    cdef double least[8]
    cdef double most[8]
    cdef int i, k, lost = 0
    for k in range(8):
        least[k] = low[k]
        most[k] = high[k]
    i = 0
    while i + 8 <= n:
        for k in range(8):
            least[k] = u[i + k] if u[i + k] < least[k] else least[k]
            most[k] = u[i + k] if u[i + k] > most[k] else most[k]
        i += 8
    for i in range(n // 8 * 8, n):
        least[0] = min(least[0], u[i])
        most[0] = max(most[0], u[i])
    for i in range(n):
        lost |= not fabs(u[i]) < 1e15
    for k in range(8):
        low[k] = least[k]
        high[k] = most[k]
    gone[0] |= lost


cdef inline bint find_quickly(const Warp *w, Part *p, const Scratch *s) noexcept nogil:
    """The samples that a tile needs; False if a position is nowhere.

    All footprints must be of one pixel, or alike.
    """
    cdef double low_u[8]
    cdef double high_u[8]
    cdef double low_v[8]
    cdef double high_v[8]
    cdef int i, j, gone = 0
    if w.positions.kind == MATRIX:
        return find_at_corners(w, p, s)
    for i in range(8):
        low_u[i] = low_v[i] = 1e18
        high_u[i] = high_v[i] = -1e18
    for j in range(p.height):
        extend(s.u + at_pixel(0, j), p.width, low_u, high_u, &gone)
        extend(s.v + at_pixel(0, j), p.width, low_v, high_v, &gone)
    if gone:
        return False
    for i in range(1, 8):
        low_u[0] = min(low_u[0], low_u[i])
        low_v[0] = min(low_v[0], low_v[i])
        high_u[0] = max(high_u[0], high_u[i])
        high_v[0] = max(high_v[0], high_v[i])
    bound(w, p, low_u[0], low_v[0], high_u[0], high_v[0])
    return True


cdef inline bint find_samples(const Warp *w, Part *p, bint unit, const Scratch *s) noexcept nogil:
    """The samples that a part needs; False where it needs none. Whether some pixels see nothing is found again later."""
    cdef double left = 1e18, top = 1e18, right = -1e18, bottom = -1e18, rx = 0.0, ry = 0.0
    cdef Footprint m
    cdef int i, j, k
    for j in range(p.y, p.y + p.height):
        for i in range(p.x, p.x + p.width):
            k = at_pixel(i, j)
            if s.u[k] != s.u[k]:
                continue
            if not unit:
                m = footprint_of(w, s, i, j)
                rx = w.filter.radius * (m.xx + fabs(m.xy))
                ry = w.filter.radius * (m.yy + fabs(m.xy))
            left = min(left, s.u[k] - rx)
            right = max(right, s.u[k] + rx)
            top = min(top, s.v[k] - ry)
            bottom = max(bottom, s.v[k] + ry)
    if left > right:
        return False
    bound(w, p, left, top, right, bottom)
    return True
