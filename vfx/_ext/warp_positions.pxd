"""Where in the source each pixel of a tile comes from.

A tile's positions are float64, in samples: sample ``i`` of the source lies at ``i``, so they are pixel coordinates
less one half. What lies nowhere (behind the camera, not a number, beyond a lens model's reach) is ``NOWHERE``.

==========  ==========================================================================================
MATRIX      a 3×3 matrix from the result's pixel coordinates to the source's
LENS        a lens model: an odd polynomial of x and y, or its inverse by Newton's iteration
MAP         two channels of a picture of the result's size
==========  ==========================================================================================

Tiles of LENS and MAP have a border of one pixel, from whose differences the footprints are found.
"""

from libc.math cimport NAN, fabs, floor, isfinite

from vfx._ext.pictures cimport MIRROR, WRAP, Picture, load_plane

cdef enum:
    MATRIX = 0
    LENS = 1
    MAP = 2
    TILE_WIDTH = 64
    TILE_HEIGHT = 32
    LATTICE = TILE_WIDTH + 2    # positions in a row of a tile with its border
    NEWTON_STEPS = 24

cdef enum:
    # Numbers of a lens: the result's and the source's middle, pixels in a unit, what x and y are multiplied by, the
    # two tangential coefficients.
    LENS_MIDDLE = 0
    LENS_SOURCE = 2
    LENS_UNIT = 4
    LENS_X = 6
    LENS_Y = 15
    LENS_TANGENT = 24
    LENS_NUMBERS = 26

ctypedef struct Positions:
    int kind
    const double *numbers       # MATRIX: 9 for each sample of the shutter; LENS: LENS_NUMBERS; MAP: scale, offset of x, y
    bint inverse                # LENS: the polynomial leads from the source to the result
    Picture map
    int channel_u
    int channel_v
    Py_ssize_t width            # of the result
    Py_ssize_t height

ctypedef struct Lattice:
    double *u
    double *v
    double *w                   # MATRIX: what the homogeneous position was divided by


cdef inline bint nowhere(double u) noexcept nogil:
    """Whether a position is none: NaN, or too far out for a whole number."""
    return not fabs(u) < 1e15


cdef inline void matrix_row(const double *m, double y, Py_ssize_t x, int n, Lattice at) noexcept nogil:
    """``n`` positions from column ``x`` of row ``y`` on."""
    cdef int i
    cdef double u = m[1] * (y + 0.5) + m[2]
    cdef double v = m[4] * (y + 0.5) + m[5]
    cdef double w = m[7] * (y + 0.5) + m[8]
    cdef double px
    if m[6] == 0.0 and m[7] == 0.0 and m[8] == 1.0:
        for i in range(n):
            px = <double>x + i + 0.5
            at.u[i] = m[0] * px + u - 0.5
            at.v[i] = m[3] * px + v - 0.5
            at.w[i] = 1.0
        return
    for i in range(n):
        px = <double>x + i + 0.5
        at.w[i] = m[6] * px + w
        at.u[i] = (m[0] * px + u) / at.w[i] - 0.5 if at.w[i] > 0.0 else NAN
        at.v[i] = (m[3] * px + v) / at.w[i] - 0.5 if at.w[i] > 0.0 else NAN


ctypedef struct Bent:
    # A point after the polynomial, and the derivatives.
    double x
    double y
    double xx
    double xy
    double yx
    double yy


cdef inline Bent bend(const double *k, double x, double y) noexcept nogil:
    """x (1 + Σ c x^2i y^2j) + 2 p1 x y + p2 (r² + 2 x²), and the same for y with p1 and p2 exchanged."""
    cdef Bent out
    cdef const double *a = k + LENS_X
    cdef const double *b = k + LENS_Y
    cdef double p1 = k[LENS_TANGENT], p2 = k[LENS_TANGENT + 1]
    cdef double s = x * x, t = y * y
    cdef double f = 1.0 + s * (a[0] + s * (a[2] + s * a[5])) + t * (a[1] + s * (a[3] + s * a[6])
                                                                 + t * (a[4] + s * a[7] + t * a[8]))
    cdef double g = 1.0 + s * (b[0] + s * (b[2] + s * b[5])) + t * (b[1] + s * (b[3] + s * b[6])
                                                                 + t * (b[4] + s * b[7] + t * b[8]))
    # By the squares s and t.
    cdef double fs = a[0] + s * (2 * a[2] + 3 * s * a[5]) + t * (a[3] + 2 * s * a[6] + t * a[7])
    cdef double ft = a[1] + s * (a[3] + s * a[6]) + t * (2 * a[4] + 2 * s * a[7] + 3 * t * a[8])
    cdef double gs = b[0] + s * (2 * b[2] + 3 * s * b[5]) + t * (b[3] + 2 * s * b[6] + t * b[7])
    cdef double gt = b[1] + s * (b[3] + s * b[6]) + t * (2 * b[4] + 2 * s * b[7] + 3 * t * b[8])
    out.x = x * f + 2 * p1 * x * y + p2 * (3 * s + t)
    out.y = y * g + 2 * p2 * x * y + p1 * (s + 3 * t)
    out.xx = f + 2 * s * fs + 2 * p1 * y + 6 * p2 * x
    out.xy = 2 * x * y * ft + 2 * p1 * x + 2 * p2 * y
    out.yx = 2 * x * y * gs + 2 * p2 * y + 2 * p1 * x
    out.yy = g + 2 * t * gt + 2 * p2 * x + 6 * p1 * y
    return out


cdef inline void unbend(const double *numbers, double *x, double *y, int n, double *moved_x,
                        double *moved_y) noexcept nogil:
    """Newton's iteration; NaN where it does not come to rest on the near side of a fold.

    It starts from how far the points of the row before were moved, and from how that changed from row to row (the
    second half of ``moved_x`` and ``moved_y``): mostly one step is enough. Both are brought up to date.
    """
    cdef double k[LENS_NUMBERS]
    cdef double tx[LATTICE]
    cdef double ty[LATTICE]
    cdef double dx, dy, det, inverse
    cdef int rest[LATTICE]
    cdef Bent p
    cdef int i, step, moving
    for i in range(LENS_NUMBERS):
        k[i] = numbers[i]
    for i in range(n):
        tx[i] = x[i]
        ty[i] = y[i]
        x[i] += moved_x[i] + moved_x[LATTICE + i]
        y[i] += moved_y[i] + moved_y[LATTICE + i]
    for step in range(NEWTON_STEPS):
        moving = 0
        for i in range(n):
            p = bend(k, x[i], y[i])
            det = p.xx * p.yy - p.xy * p.yx
            inverse = 1.0 / det
            dx = ((p.x - tx[i]) * p.yy - (p.y - ty[i]) * p.xy) * inverse
            dy = ((p.y - ty[i]) * p.xx - (p.x - tx[i]) * p.yx) * inverse
            x[i] -= dx
            y[i] -= dy
            # A step of 3e-7 leaves an error of its square.
            rest[i] = (dx * dx + dy * dy < 1e-13) & (det > 0.0) & (p.xx > 0.0)
            moving |= not dx * dx + dy * dy < 1e-13
        if not moving:
            break
    for i in range(n):
        dx = x[i] - tx[i] if rest[i] else 0.0
        dy = y[i] - ty[i] if rest[i] else 0.0
        moved_x[LATTICE + i] = dx - moved_x[i] if moved_x[i] != 0.0 else 0.0
        moved_y[LATTICE + i] = dy - moved_y[i] if moved_y[i] != 0.0 else 0.0
        moved_x[i] = dx
        moved_y[i] = dy
        x[i] = x[i] if rest[i] else NAN
        y[i] = y[i] if rest[i] else NAN


cdef inline void lens_row(const Positions *p, double y, Py_ssize_t x, int n, Lattice at, double *moved_x,
                          double *moved_y) noexcept nogil:
    """``n`` positions from column ``x`` of row ``y`` on; for ``moved_x`` and ``moved_y`` see ``unbend``."""
    cdef const double *k = p.numbers
    cdef Bent bent
    cdef int i
    for i in range(n):
        at.u[i] = (<double>x + i + 0.5 - k[LENS_MIDDLE]) / k[LENS_UNIT]
        at.v[i] = (y + 0.5 - k[LENS_MIDDLE + 1]) / k[LENS_UNIT + 1]
    if p.inverse:
        unbend(k, at.u, at.v, n, moved_x, moved_y)
    else:
        for i in range(n):
            bent = bend(k, at.u[i], at.v[i])
            at.u[i] = bent.x
            at.v[i] = bent.y
    for i in range(n):
        at.u[i] = at.u[i] * k[LENS_UNIT] + k[LENS_SOURCE] - 0.5
        at.v[i] = at.v[i] * k[LENS_UNIT + 1] + k[LENS_SOURCE + 1] - 0.5


cdef inline void map_row(const Positions *p, Py_ssize_t y, Py_ssize_t x, int n, Lattice at) noexcept nogil:
    """``n`` positions from column ``x`` of row ``y`` on; nowhere outside the map."""
    cdef float plane[LATTICE]
    cdef const double *k = p.numbers
    cdef Py_ssize_t first = max(x, <Py_ssize_t>0), last = min(x + n, p.width)
    cdef int i
    for i in range(n):
        at.u[i] = at.v[i] = NAN
    if not 0 <= y < p.height or first >= last:
        return
    load_plane(&p.map, y, first, p.channel_u, plane, last - first)
    for i in range(<int>(last - first)):
        at.u[first - x + i] = k[0] * plane[i] + k[1] - 0.5
    load_plane(&p.map, y, first, p.channel_v, plane, last - first)
    for i in range(<int>(last - first)):
        at.v[first - x + i] = k[2] * plane[i] + k[3] - 0.5


cdef inline double fold(double u, Py_ssize_t n, int edge) noexcept nogil:
    """A position near the picture that has the same surroundings as one far away, for edges that repeat it."""
    cdef double period = <double>(n if edge == WRAP else 2 * n)
    if (edge != WRAP and edge != MIRROR) or -period <= u < 2 * period:
        return u
    return u - period * floor(u / period)
